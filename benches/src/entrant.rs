use std::io::BufReader;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use bench_harness::{Contestant, Outcome, Result, Row, protocol};

/// A contestant and the column it fills.
pub struct Entrant {
    name: &'static str,
    /// What it talks to: two versions of SQLite may meet in one table.
    version: String,
    seat: Seat,
}

enum Seat {
    Here(Box<dyn Contestant>),
    Process { child: Child, requests: Option<ChildStdin>, answers: BufReader<ChildStdout> },
}

impl Entrant {
    /// A contestant in this process.
    pub fn here(name: &'static str, version: String, contestant: Box<dyn Contestant>) -> Self {
        Entrant { name, version, seat: Seat::Here(contestant) }
    }

    /// A contestant in a process of its own, which speaks [`protocol`].
    pub fn process(name: &'static str, command: &mut Command) -> Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let requests = child.stdin.take();
        let mut answers = BufReader::new(child.stdout.take().ok_or("the process has no output")?);
        let version = protocol::greeting(&mut answers).map_err(|error| format!("{name}: {error}"))?;
        Ok(Entrant { name, version, seat: Seat::Process { child, requests, answers } })
    }

    pub fn name(&self) -> &'static str {
        self.name
    }

    pub fn version(&self) -> &str {
        &self.version
    }

    /// One sample.
    pub fn run(&mut self, row: &dyn Row, turn: u64) -> Outcome {
        match &mut self.seat {
            Seat::Here(contestant) => row.run(contestant.as_mut(), turn),
            Seat::Process { requests, answers, .. } => {
                let requests = requests.as_mut().ok_or("the process has no input")?;
                protocol::ask(requests, answers, row.key(), turn)
            }
        }
    }
}

impl Drop for Entrant {
    fn drop(&mut self) {
        if let Seat::Process { child, requests, .. } = &mut self.seat {
            // It ends when its input does.
            drop(requests.take());
            let _ = child.wait();
        }
    }
}
