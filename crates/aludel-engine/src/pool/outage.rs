//! What keeps a server that comes back from being overrun: while it cannot be reached, one borrower at a time tries.

use std::sync::PoisonError;
use std::time::Duration;

use aludel_sql::{Error, ErrorKind, Result};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::blocking::runtime;
use crate::jitter::jitter;
use crate::sync::{Mutex, MutexGuard};

/// The pause after the second failure in a row; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// When so many connections could be opened at once, the outage is forgotten.
const ENOUGH: usize = 64;

/// The gate before `Driver::connect`.
///
/// Usually it stands open. A connect that fails because the server cannot be reached closes it: from then on one borrower tries at a
/// time, after a pause that grows with each failure and is never twice the same, and its failure is the answer to all who have waited for it.
/// Its success lets two try at once, then four, until the gate stands open again. Nothing is retried in secret: each borrower learns of
/// the failure, and decides.
#[derive(Debug)]
pub(super) struct Outage {
    state: Mutex<State>,
    /// An attempt is over.
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// `None`: the gate stands open.
    gate: Option<Gate>,
    /// Counts failures; never reset.
    failed: u64,
}

#[derive(Debug)]
struct Gate {
    /// Tells it from a gate that was there before.
    serial: u64,
    /// How many may try at once.
    width: usize,
    trying: usize,
    /// Failures in a row.
    failures: u32,
    not_before: Instant,
    last: Failure,
}

/// What is told to those who did not try themselves.
#[derive(Clone, Debug)]
struct Failure {
    what: String,
    help: Option<String>,
    doing: Option<String>,
}

/// The right to open a connection now. Dropped without a word, the attempt was given up.
pub(super) struct Attempt<'a> {
    outage: &'a Outage,
    /// It occupies one of the places of the gate with this number.
    gated: Option<u64>,
}

impl Outage {
    pub(super) fn new() -> Self {
        Self { state: Mutex::default(), changed: Notify::new() }
    }

    /// Waits until the caller may try.
    ///
    /// # Errors
    ///
    /// The error of another borrower's attempt that was waited for.
    pub(super) async fn attempt(&self) -> Result<Attempt<'_>> {
        // Without a runtime there is no timer, and no driver that needs a server.
        if runtime().is_none() {
            return Ok(Attempt { outage: self, gated: None });
        }
        let before = self.lock().failed;
        loop {
            let changed = self.changed.notified();
            let wait_until = {
                let mut state = self.lock();
                let failed = state.failed != before;
                let Some(gate) = &mut state.gate else { return Ok(Attempt { outage: self, gated: None }) };
                if failed {
                    return Err(gate.last.error(gate.failures));
                }
                if gate.trying >= gate.width {
                    None
                } else if gate.not_before <= Instant::now() {
                    gate.trying += 1;
                    return Ok(Attempt { outage: self, gated: Some(gate.serial) });
                } else {
                    Some(gate.not_before)
                }
            };
            match wait_until {
                None => changed.await,
                Some(until) => {
                    let _ = tokio::time::timeout_at(until, changed).await;
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gate {
    fn leave(&mut self, gated: Option<u64>) {
        self.trying -= usize::from(gated == Some(self.serial));
    }
}

impl Attempt<'_> {
    /// The server has answered.
    pub(super) fn succeeded(mut self) {
        let mut state = self.outage.lock();
        if let Some(gate) = &mut state.gate {
            gate.leave(self.gated.take());
            gate.failures = 0;
            gate.not_before = Instant::now();
            gate.width *= 2;
            if gate.width >= ENOUGH {
                state.gate = None;
            }
        }
        self.gated = None;
        drop(state);
        self.outage.changed.notify_waiters();
    }

    /// The server could not be reached.
    pub(super) fn failed(mut self, error: &Error) {
        let now = Instant::now();
        let last = Failure::of(error);
        let mut state = self.outage.lock();
        match &mut state.gate {
            // Of many that were under way when the gate closed, one counts.
            Some(_) if self.gated.is_none() => return,
            Some(gate) => {
                gate.leave(self.gated.take());
                gate.failures += 1;
                gate.width = 1;
                gate.not_before = now + pause(gate.failures);
                gate.last = last;
            }
            None => {
                // One failure is no outage yet: the next may try at once.
                let serial = state.failed;
                state.gate = Some(Gate { serial, width: 1, trying: 0, failures: 1, not_before: now, last });
            }
        }
        state.failed += 1;
        drop(state);
        self.outage.changed.notify_waiters();
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if self.gated.is_some() {
            if let Some(gate) = &mut self.outage.lock().gate {
                gate.leave(self.gated);
            }
            self.outage.changed.notify_waiters();
        }
    }
}

impl Failure {
    fn of(error: &Error) -> Self {
        Self {
            what: error.what().to_owned(),
            help: error.advice().map(str::to_owned),
            doing: error.context().map(str::to_owned),
        }
    }

    #[cold]
    fn error(&self, failures: u32) -> Error {
        let times = if failures == 1 { "once".to_owned() } else { format!("{failures} times in a row") };
        let mut error = Error::new(ErrorKind::Disconnected, format!("{} (tried {times})", self.what));
        if let Some(doing) = &self.doing {
            error = error.doing(doing.clone());
        }
        match &self.help {
            Some(help) => error.help(help.clone()),
            None => error,
        }
    }
}

fn pause(failures: u32) -> Duration {
    let doublings = failures.saturating_sub(2).min(16);
    jitter(FIRST_PAUSE.saturating_mul(1 << doublings).min(LONGEST_PAUSE))
}
