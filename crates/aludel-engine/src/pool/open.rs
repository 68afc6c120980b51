//! An open connection, and what the pool itself says to it.

use std::time::Duration;

use aludel_sql::{Error, Result};
use tokio::runtime::Id;
use tokio::time::Instant;

use crate::blocking::runtime;
use crate::driver::{Batch, Discard, End, RawConn, Statement, Status};
use crate::pool::limit;

/// A connection and what the pool remembers of it. It is lent in a box: whoever borrows it moves it many times.
pub(super) struct Open {
    pub(super) raw: Box<dyn RawConn>,
    pub(super) opened: Instant,
    pub(super) last_used: Instant,
    /// The pool's generation when the connection was asked for.
    pub(super) generation: u64,
    /// Tells it from the others of the pool.
    pub(super) number: u64,
    /// The runtime that it was opened on, if it cannot live on another.
    runtime: Option<Id>,
    /// The engine's hook for new connections has not seen it, or not since its session was reset.
    pub(super) is_new: bool,
    pub(super) loan: Loan,
}

/// What became of a connection since it was lent.
#[derive(Default)]
pub(super) struct Loan {
    /// The borrower has had the connection in hands.
    pub(super) used: bool,
    /// The borrower says that the connection is not to be lent again, and why.
    pub(super) condemned: Option<&'static str>,
    /// The session was reset after the borrower had it.
    pub(super) reset: bool,
}

impl Open {
    pub(super) fn new(raw: Box<dyn RawConn>, generation: u64, number: u64) -> Self {
        let now = Instant::now();
        let runtime = if raw.needs_its_runtime() { current_runtime() } else { None };
        Self {
            raw,
            opened: now,
            last_used: now,
            generation,
            number,
            runtime,
            is_new: true,
            loan: Loan::default(),
        }
    }

    /// Tells whether the connection was opened on another runtime than this one, which may be shut down.
    pub(super) fn is_of_another_runtime(&self) -> bool {
        self.runtime.is_some() && self.runtime != current_runtime()
    }

    /// Tells whether the connection has reached the age at which it is replaced.
    pub(super) fn is_expired(&self, recycle: Option<Duration>, now: impl FnOnce() -> Instant) -> bool {
        recycle.is_some_and(|age| now().saturating_duration_since(self.opened) >= age)
    }

    /// Asks the server whether it is there; whatever is not a clean answer in time means no.
    pub(super) async fn ping(&mut self) -> bool {
        let statements = [Statement::plain("SELECT 1")];
        let batch = Batch { begin: None, statements: &statements, end: End::Open };
        let mut sink = Discard::default();
        let answer = limit::within(limit::PING, self.raw.run(&batch, &mut sink)).await;
        self.last_used = Instant::now();
        matches!(answer, Some(Ok(_))) && self.raw.status() == Status::Idle
    }

    /// Rolls the open transaction back.
    pub(super) async fn roll_back(&mut self) -> Result<()> {
        let batch = Batch { begin: None, statements: &[], end: End::Rollback };
        self.raw
            .run(&batch, &mut Discard::default())
            .await
            .map(drop)
            .map_err(|error: Error| error.doing("rolling back a transaction whose connection was given back"))
    }

    /// Brings the session back to what it was when the connection was opened.
    pub(super) async fn reset(&mut self) -> Result<()> {
        self.raw.reset().await.map_err(|error| error.doing("resetting a connection that was given back"))?;
        self.is_new = true;
        Ok(())
    }

    /// Closes the connection without waiting.
    ///
    /// One poll is enough for most drivers to hand the good-bye to the operating system, which spares the server's log a line
    /// about a client that vanished. If it is not, the connection is closed without one.
    pub(super) fn farewell(self) {
        let mut closing = self.raw.close();
        let _ = limit::poll_once(closing.as_mut());
    }
}

fn current_runtime() -> Option<Id> {
    runtime().map(|runtime| runtime.id())
}
