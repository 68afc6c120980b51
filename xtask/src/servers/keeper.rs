//! The process that holds one server: prepares it, starts it, and ends it when its own standard input ends.
//!
//! Each byte that it reads there is a wish of a test: the server is killed without warning (`kill -9`) and started again on the same port
//! and the same data, and the answer comes again when it is ready.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, ExitCode};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use super::folder::Folder;
use super::{Ready, mariadb, postgres};
use crate::database::Database;
use crate::failure::{Doing, Failure, Result};

/// How long a server may take to answer. Generous, because the compiler has the processors at the same time.
const START: Duration = Duration::from_secs(120);
/// How long a server may take to stop before it is killed.
const STOP: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(50);

/// What differs between the servers.
pub trait Programs: Sized {
    const DATABASE: Database;

    /// The accounts to run under when we are root, the best first. The packages of the servers make them.
    const ACCOUNTS: &'static [&'static str];

    /// The signal that ends the server quickly and in good order.
    const SIGNAL: &'static str;

    /// Looks for the programs. The failure is a line that says how to get them.
    fn find() -> Result<Self>;

    /// Makes the data folder.
    fn prepare(&self, folder: &Folder, password: &str) -> Result;

    /// The command that runs the server in the foreground. `durable`: what it has committed outlives its process.
    fn server(&self, folder: &Folder, port: u16, durable: bool) -> Command;

    /// The server's version and URL, as soon as this process answers.
    fn ready(&self, folder: &Folder, process: u32, port: u16, password: &str) -> Option<Ready>;
}

/// Runs the keeper of one server.
pub fn run(database: Database, durable: bool) -> ExitCode {
    match database {
        Database::Sqlite => ExitCode::FAILURE,
        Database::Postgres => keep::<postgres::Programs>(durable),
        Database::Mariadb => keep::<mariadb::Programs>(durable),
    }
}

fn keep<P: Programs>(durable: bool) -> ExitCode {
    let owner = watch_owner();
    let mut held = match start::<P>(&owner, durable) {
        Ok((ready, held)) => {
            answer(&ready.write());
            held
        }
        Err(failure) => {
            answer(&failure.to_string());
            return ExitCode::FAILURE;
        }
    };
    loop {
        match owner.recv_timeout(PAUSE) {
            Ok(Wish::Crash) => match held.crash(&owner) {
                Ok(ready) => answer(&ready.write()),
                Err(failure) => {
                    answer(&failure.to_string());
                    return ExitCode::FAILURE;
                }
            },
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return ExitCode::SUCCESS,
        }
        if let Ok(Some(status)) = held.running.child.try_wait() {
            let title = P::DATABASE.title();
            eprintln!(
                "{title} ended by itself ({status}). The end of its log:\n{}",
                held.folder.end_of_log()
            );
            return ExitCode::FAILURE;
        }
    }
}

/// Writes an answer. Where nobody is there to read it, the owner is gone, which is found out soon.
fn answer(text: &str) {
    let mut output = std::io::stdout();
    _ = output.write_all(format!("{text}\0").as_bytes()).and_then(|()| output.flush());
}

/// What the owner wants.
#[derive(Debug, PartialEq)]
enum Wish {
    /// That the server is killed, and started again.
    Crash,
}

/// A channel that is closed when standard input ends, that is, when the owner is gone.
fn watch_owner() -> Receiver<Wish> {
    let (sender, owner) = channel();
    std::thread::spawn(move || {
        for _ in std::io::stdin().lock().bytes().map_while(std::result::Result::ok) {
            _ = sender.send(Wish::Crash);
        }
    });
    owner
}

/// Waits a moment, and returns whether the owner is gone.
fn owner_left(owner: &Receiver<Wish>) -> bool {
    owner.recv_timeout(PAUSE) == Err(RecvTimeoutError::Disconnected)
}

fn start<P: Programs>(owner: &Receiver<Wish>, durable: bool) -> Result<(Ready, Held<P>)> {
    let programs = P::find()?;
    let folder = Folder::new(P::DATABASE, P::ACCOUNTS)?;
    let password = super::folder::random_name()?;
    programs.prepare(&folder, &password)?;
    // Another program can take the free port before the server does. Then the server ends, and is given another.
    for _ in 0..3 {
        let server = Server { durable, port: free_port()?, password: password.clone() };
        if let Some((ready, running)) = server.run(&programs, &folder, owner)? {
            return Ok((ready, Held { running, folder, programs, server }));
        }
    }
    Err(Failure::new(format!("it ended at once. The end of its log:\n{}", folder.end_of_log())))
}

/// How a server is started.
struct Server {
    durable: bool,
    port: u16,
    password: String,
}

impl Server {
    /// Starts it and waits until it answers; `None` if it ends before that.
    fn run<P: Programs>(
        &self,
        programs: &P,
        folder: &Folder,
        owner: &Receiver<Wish>,
    ) -> Result<Option<(Ready, Running)>> {
        let mut command = programs.server(folder, self.port, self.durable);
        let child = folder.log_into(&mut command)?.spawn().doing(|| format!("start {command:?}"))?;
        let mut running = Running { child, signal: P::SIGNAL };
        let begin = Instant::now();
        while running.child.try_wait().doing(|| "look after the server".into())?.is_none() {
            if let Some(ready) = programs.ready(folder, running.child.id(), self.port, &self.password) {
                return Ok(Some((ready, running)));
            }
            if begin.elapsed() > START {
                let log = folder.end_of_log();
                return Err(Failure::new(format!("no answer after {} s\n{log}", START.as_secs())));
            }
            if owner_left(owner) {
                return Err(Failure::new("nobody waits for it any more"));
            }
        }
        Ok(None)
    }
}

/// Asks the system for a port that nobody listens on.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|it| it.local_addr());
    Ok(listener.doing(|| "find a free port on 127.0.0.1".into())?.port())
}

/// A running server and its folder. The order matters: the server ends before its folder is removed.
struct Held<P> {
    running: Running,
    folder: Folder,
    programs: P,
    server: Server,
}

impl<P: Programs> Held<P> {
    /// Kills the server and starts it again.
    fn crash(&mut self, owner: &Receiver<Wish>) -> Result<Ready> {
        self.running.child.kill().doing(|| "kill the server".into())?;
        self.running.child.wait().doing(|| "wait for the server's end".into())?;
        // Processes of the old server may live on for a moment, and a new one refuses to start beside them.
        let begin = Instant::now();
        while begin.elapsed() < START {
            if let Some((ready, running)) = self.server.run(&self.programs, &self.folder, owner)? {
                self.running = running;
                return Ok(ready);
            }
        }
        Err(Failure::new(format!(
            "it does not start again. The end of its log:\n{}",
            self.folder.end_of_log()
        )))
    }
}

/// A running server. Dropping it ends it.
struct Running {
    child: Child,
    signal: &'static str,
}

impl Drop for Running {
    fn drop(&mut self) {
        // A child that nobody has waited for keeps its id, so this id cannot be another process's by now.
        if let Ok(None) = self.child.try_wait() {
            // `kill` as a word of the shell is there even where the program of that name is not installed.
            let id = self.child.id().to_string();
            _ = Command::new("/bin/sh").args(["-c", "kill -s \"$0\" \"$1\"", self.signal, &id]).status();
        }
        let begin = Instant::now();
        while begin.elapsed() < STOP {
            match self.child.try_wait() {
                Ok(None) => std::thread::sleep(PAUSE),
                _ => return,
            }
        }
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
