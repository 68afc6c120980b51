//! A server of a test's own, which it may kill.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::Database;

/// A server that nobody else uses; dropped, it ends, and its data is removed.
///
/// `cargo xtask` keeps it, in a process whose standard input is a pipe from us: however the test ends, the server ends too.
#[derive(Debug)]
pub struct PrivateServer {
    keeper: Child,
    answers: BufReader<ChildStdout>,
    /// Where an administrator reaches it. The same after a crash.
    pub url: String,
}

impl PrivateServer {
    /// Starts a server that keeps what it has committed; `None`, after saying that the test is skipped, where `cargo xtask` has not said how.
    ///
    /// # Panics
    ///
    /// Panics where the server does not start.
    #[must_use]
    pub fn start(database: Database) -> Option<Self> {
        let Some(keeper) = std::env::var_os("ALUDEL_TEST_KEEPER") else {
            println!("skipped: ALUDEL_TEST_KEEPER is not set; `cargo xtask test` sets it");
            return None;
        };
        let mut keeper = Command::new(keeper)
            .args(["keep", database.name(), "durable"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the keeper of the server starts");
        let mut answers = BufReader::new(keeper.stdout.take().expect("the pipe is ours"));
        let url = ready(&mut answers);
        Some(Self { keeper, answers, url })
    }

    /// Kills the server without warning, and starts it again.
    ///
    /// # Panics
    ///
    /// Panics where it does not come back.
    pub fn crash(&mut self) {
        let input = self.keeper.stdin.as_mut().expect("the pipe is ours");
        input.write_all(b"k").and_then(|()| input.flush()).expect("the keeper is there");
        ready(&mut self.answers);
    }
}

/// Reads what the keeper says, and returns the URL.
fn ready(answers: &mut BufReader<ChildStdout>) -> String {
    let mut answer = Vec::new();
    // The keeper holds the pipe open, so an answer ends with a NUL and not with the stream.
    answers.read_until(0, &mut answer).expect("the pipe can be read");
    let answer = String::from_utf8_lossy(&answer);
    match answer.strip_prefix("ready\n").and_then(|it| it.trim_end_matches('\0').lines().nth(1)) {
        Some(url) => url.to_owned(),
        None => panic!("the server did not start: {answer}"),
    }
}

impl Drop for PrivateServer {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}
