//! A TCP proxy that does harm at a chosen point of a conversation.
//!
//! It stands between a client and a server on this machine and splits what passes into the messages of the protocol, so that a
//! rule can say "the connection is cut behind the third message to the server" and try every message in turn.

mod message;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::Database;
use message::Splitter;

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the client.
    ToServer,
    /// From the server.
    ToClient,
}

/// What happens to the message that a fault hits, and to its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harm {
    /// It does not arrive, and both sides find the connection closed.
    Cut,
    /// It arrives, and then both sides find the connection closed.
    CutBehind,
    /// So many bytes of it arrive, and then both sides find the connection closed.
    Truncate(usize),
    /// Neither it nor anything after it arrives, either way, and the connection stays open: the peer has vanished.
    Vanish,
    /// It arrives when [`Proxy::release`] is called.
    Stall,
    /// It arrives twice.
    Duplicate,
    /// It arrives with some bits changed, the choice of which depends on the seed; then the connection is closed.
    Mutate(u64),
}

/// A harm and when it is done: once, to the message before which so many have passed this way.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// Which messages count.
    pub way: Way,
    /// How many of them pass first, over all connections.
    pub after: usize,
    /// What is done to the next one.
    pub harm: Harm,
}

/// The proxy; dropped, it closes all its connections.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    server: String,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    database: Database,
    state: Mutex<State>,
    /// Counts releases of what is stalled.
    released: watch::Sender<usize>,
    /// A fault was done.
    done: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct State {
    fault: Option<Fault>,
    /// Messages since the fault was told.
    passed: [usize; 2],
    /// Bytes since the proxy was made.
    bytes: [u64; 2],
    connections: usize,
    /// Since the proxy was made.
    round_trips: u64,
}

impl Proxy {
    /// Starts a proxy before the server of this URL.
    ///
    /// # Panics
    ///
    /// Panics where the system gives no port, or the URL has no host and port.
    pub async fn start(database: Database, server: &str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("there is a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let shared = Arc::new(Shared {
            database,
            state: Mutex::default(),
            released: watch::Sender::new(0),
            done: watch::Sender::new(false),
        });
        let (_, target, _) = split_url(server);
        let accepting = tokio::spawn(accept(listener, target.to_owned(), Arc::clone(&shared)));
        Self { address, server: server.to_owned(), shared, accepting }
    }

    /// Returns the URL of the server, by way of the proxy.
    #[must_use]
    pub fn url(&self) -> String {
        let (before, _, behind) = split_url(&self.server);
        format!("{before}{}{behind}", self.address)
    }

    /// Says what is going to happen, instead of what was said before. Messages are counted from now on.
    pub fn inject(&self, fault: Fault) {
        let mut state = self.shared.state();
        state.fault = Some(fault);
        state.passed = [0; 2];
        self.shared.done.send_replace(false);
    }

    /// Takes back what was said, if it has not happened yet. Tells whether it has.
    #[must_use]
    pub fn heal(&self) -> bool {
        self.shared.state().fault = None;
        self.is_done()
    }

    /// Tells whether the fault was done.
    #[must_use]
    pub fn is_done(&self) -> bool {
        *self.shared.done.borrow()
    }

    /// Waits until the fault was done.
    pub async fn done(&self) {
        // The sender lives as long as the proxy.
        let _ = self.shared.done.subscribe().wait_for(|done| *done).await;
    }

    /// Lets go of what is stalled.
    pub fn release(&self) {
        self.shared.released.send_modify(|it| *it += 1);
    }

    /// Returns how many messages have passed since the last fault was told.
    #[must_use]
    pub fn messages(&self, way: Way) -> usize {
        self.shared.state().passed[way as usize]
    }

    /// Returns how many bytes have passed.
    #[must_use]
    pub fn bytes(&self, way: Way) -> u64 {
        self.shared.state().bytes[way as usize]
    }

    /// Returns how often a client has spoken after the server had: how often it had to wait, connecting included.
    #[must_use]
    pub fn round_trips(&self) -> u64 {
        self.shared.state().round_trips
    }

    /// Returns how many connections were made.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.state().connections
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Splits a URL into what is before its host and port, these, and what is behind.
fn split_url(url: &str) -> (&str, &str, &str) {
    let start = url.find("://").map_or(0, |it| it + 3);
    let end = url[start..].find(['/', '?']).map_or(url.len(), |it| start + it);
    let host = url[start..end].rfind('@').map_or(start, |it| start + it + 1);
    (&url[..host], &url[host..end], &url[end..])
}

async fn accept(listener: TcpListener, server: String, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        shared.state().connections += 1;
        connections.spawn(connection(client, server.clone(), Arc::clone(&shared)));
        while connections.try_join_next().is_some() {}
    }
}

/// Passes on what both sides say until one of them, or a fault, ends it.
async fn connection(client: TcpStream, server: String, shared: Arc<Shared>) {
    let Ok(server) = TcpStream::connect(server).await else { return };
    // The messages are counted, so none may wait for another.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (vanished, answered) = (watch::Sender::new(false), AtomicBool::new(true));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let pump = |way| Pump {
        way,
        splitter: Splitter::new(shared.database, way),
        shared: &shared,
        vanished: &vanished,
        answered: &answered,
    };
    tokio::select! {
        _ = pump(Way::ToServer).run(from_client, to_server) => {}
        _ = pump(Way::ToClient).run(from_server, to_client) => {}
    }
}

/// One way of one connection.
struct Pump<'a> {
    way: Way,
    splitter: Splitter,
    shared: &'a Shared,
    vanished: &'a watch::Sender<bool>,
    /// The server was the last to speak.
    answered: &'a AtomicBool,
}

impl Pump<'_> {
    async fn run(mut self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) -> std::io::Result<()> {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let n = from.read(&mut buffer).await?;
            if n == 0 {
                return Ok(());
            }
            self.splitter.push(&buffer[..n]);
            while let Some(mut message) = self.splitter.next_message() {
                let harm = self.shared.pass(self.way, message.len());
                if self.answered.swap(self.way == Way::ToClient, Ordering::SeqCst)
                    && self.way == Way::ToServer
                {
                    self.shared.state().round_trips += 1;
                }
                if harm == Some(Harm::Vanish) {
                    self.vanished.send_replace(true);
                }
                if harm.is_some() {
                    // Before the message: whoever is told of it may still stop what comes after.
                    self.shared.done.send_replace(true);
                }
                if *self.vanished.borrow() {
                    std::future::pending::<()>().await;
                }
                match harm {
                    Some(Harm::Truncate(bytes)) => message.truncate(bytes),
                    Some(Harm::Cut) => message.clear(),
                    Some(Harm::Duplicate) => message.extend_from_within(..),
                    Some(Harm::Mutate(seed)) => mutate(&mut message, seed),
                    Some(Harm::Stall) => {
                        // The sender lives as long as the proxy.
                        let _ = self.shared.released.subscribe().changed().await;
                    }
                    Some(Harm::CutBehind | Harm::Vanish) | None => {}
                }
                to.write_all(&message).await?;
                if !matches!(harm, None | Some(Harm::Duplicate | Harm::Stall)) {
                    return Ok(());
                }
            }
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics with the lock")
    }

    /// Counts a message, and returns what is to be done to it.
    fn pass(&self, way: Way, bytes: usize) -> Option<Harm> {
        let mut state = self.state();
        state.bytes[way as usize] += bytes as u64;
        let passed = state.passed[way as usize];
        state.passed[way as usize] += 1;
        let hit = state.fault.filter(|it| it.way == way && it.after == passed)?;
        state.fault = None;
        Some(hit.harm)
    }
}

/// Changes one bit in thirty or so, at least one.
fn mutate(message: &mut [u8], seed: u64) {
    let mut random = seed.wrapping_mul(2).wrapping_add(1);
    let mut next = || {
        // Xorshift: any spread will do, as long as a seed gives the same one again.
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random
    };
    for _ in 0..1 + message.len() / 4 {
        if let Some(at) = (next() as usize).checked_rem(message.len()) {
            message[at] ^= 1 << (next() % 8);
        }
    }
}
