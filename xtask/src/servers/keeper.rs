//! The process that holds one server: prepares it, starts it, and ends it when its own standard input ends.

use std::io::Write;
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

    /// The command that runs the server in the foreground.
    fn server(&self, folder: &Folder, port: u16) -> Command;

    /// The server's version and URL, as soon as it answers.
    fn ready(&self, folder: &Folder, port: u16, password: &str) -> Option<Ready>;
}

/// Runs the keeper of one server.
pub fn run(database: Database) -> ExitCode {
    match database {
        Database::Sqlite => ExitCode::FAILURE,
        Database::Postgres => keep::<postgres::Programs>(),
        Database::Mariadb => keep::<mariadb::Programs>(),
    }
}

fn keep<P: Programs>() -> ExitCode {
    let owner = watch_owner();
    let (answer, held) = match start::<P>(&owner) {
        Ok((ready, held)) => (ready.write(), Some(held)),
        Err(failure) => (failure.to_string(), None),
    };
    // When nobody is there to read the answer, the loop below ends at once.
    let mut output = std::io::stdout();
    _ = output.write_all(format!("{answer}\0").as_bytes()).and_then(|()| output.flush());
    let Some(mut held) = held else { return ExitCode::FAILURE };
    while !owner_left(&owner) {
        if let Ok(Some(status)) = held.running.child.try_wait() {
            let title = P::DATABASE.title();
            eprintln!(
                "{title} ended by itself ({status}). The end of its log:\n{}",
                held.folder.end_of_log()
            );
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// A channel that is closed when standard input ends, that is, when the owner is gone.
fn watch_owner() -> Receiver<()> {
    let (sender, owner) = channel();
    std::thread::spawn(move || {
        _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        drop(sender);
    });
    owner
}

/// Waits a moment, and returns whether the owner is gone.
fn owner_left(owner: &Receiver<()>) -> bool {
    owner.recv_timeout(PAUSE) != Err(RecvTimeoutError::Timeout)
}

fn start<P: Programs>(owner: &Receiver<()>) -> Result<(Ready, Held)> {
    let programs = P::find()?;
    let folder = Folder::new(P::DATABASE, P::ACCOUNTS)?;
    let password = super::folder::random_name()?;
    programs.prepare(&folder, &password)?;
    // Another program can take the free port before the server does. Then the server ends, and is given another.
    for _ in 0..3 {
        let port = free_port()?;
        let mut command = programs.server(&folder, port);
        let child = folder.log_into(&mut command)?.spawn().doing(|| format!("start {command:?}"))?;
        let mut running = Running { child, signal: P::SIGNAL };
        let begin = Instant::now();
        while running.child.try_wait().doing(|| "look after the server".into())?.is_none() {
            if let Some(ready) = programs.ready(&folder, port, &password) {
                return Ok((ready, Held { running, folder }));
            }
            if begin.elapsed() > START {
                let log = folder.end_of_log();
                return Err(Failure::new(format!("no answer after {} s\n{log}", START.as_secs())));
            }
            if owner_left(owner) {
                return Err(Failure::new("nobody waits for it any more"));
            }
        }
    }
    Err(Failure::new(format!("it ended at once. The end of its log:\n{}", folder.end_of_log())))
}

/// Asks the system for a port that nobody listens on.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|it| it.local_addr());
    Ok(listener.doing(|| "find a free port on 127.0.0.1".into())?.port())
}

/// A running server and its folder. The order matters: the server ends before its folder is removed.
struct Held {
    running: Running,
    folder: Folder,
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
