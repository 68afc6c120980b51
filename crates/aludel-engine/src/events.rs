//! What an engine tells those who listen: one trait with a method for each sort of event.
//!
//! SQLAlchemy's `event.listen(engine, "checkout", …)` is a [`Listener`] here. Nothing is told to nobody: without a listener an event is
//! one branch.

mod echo;
mod notice_event;
mod pool_event;
mod slow_statements;
mod statement_event;
mod transaction_event;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

pub use echo::Echo;
pub use notice_event::NoticeEvent;
pub use pool_event::PoolEvent;
pub(crate) use slow_statements::SlowStatements;
pub use statement_event::{StatementEvent, Values};
pub use transaction_event::{TransactionEvent, TransactionStep};

/// Hears what an engine does. Every method has a body that does nothing: write those that you need.
///
/// The methods are called on the task that does the thing, and must not wait. A panic in one of them is caught and forgotten: they
/// are called in destructors too.
pub trait Listener: Send + Sync + 'static {
    /// A statement has run, or has failed.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |_| {
    /// use aludel::events::{Listener, StatementEvent};
    /// use std::sync::atomic::{AtomicU64, Ordering};
    ///
    /// static FAILED: AtomicU64 = AtomicU64::new(0);
    ///
    /// struct CountsFailures;
    ///
    /// impl Listener for CountsFailures {
    ///     fn statement(&self, event: &StatementEvent<'_>) {
    ///         if event.error.is_some() {
    ///             FAILED.fetch_add(1, Ordering::Relaxed);
    ///         }
    ///     }
    /// }
    ///
    /// let engine = Engine::builder("sqlite::memory:").listen(CountsFailures).build()?;
    /// assert!(engine.connect().await?.run_plain(&["SELECT nonsense"]).await.is_err());
    /// assert_eq!(FAILED.load(Ordering::Relaxed), 1);
    /// # Ok(()) });
    /// ```
    fn statement(&self, event: &StatementEvent<'_>) {
        let _ = event;
    }

    /// A transaction was begun or ended, or a savepoint was.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |_| {
    /// use aludel::events::{Listener, TransactionEvent};
    /// use std::sync::Mutex;
    ///
    /// static STEPS: Mutex<Vec<String>> = Mutex::new(Vec::new());
    ///
    /// struct Steps;
    ///
    /// impl Listener for Steps {
    ///     fn transaction(&self, event: &TransactionEvent<'_>) {
    ///         STEPS.lock().unwrap().push(event.step.to_string());
    ///     }
    /// }
    ///
    /// let engine = Engine::builder("sqlite::memory:").listen(Steps).build()?;
    /// let mut conn = engine.connect().await?;
    /// let mut tx = conn.begin().await?;
    /// tx.run_plain(&["CREATE TABLE shelves (id INTEGER)"]).await?;
    /// tx.rollback().await?;
    /// assert_eq!(*STEPS.lock().unwrap(), ["BEGIN", "ROLLBACK"]);
    /// # Ok(()) });
    /// ```
    fn transaction(&self, event: &TransactionEvent<'_>) {
        let _ = event;
    }

    /// The server has remarked something: PostgreSQL's notices and warnings.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # fn main() -> aludel::Result<()> {
    /// use aludel::events::{Listener, NoticeEvent};
    ///
    /// struct Warnings;
    ///
    /// impl Listener for Warnings {
    ///     fn notice(&self, event: &NoticeEvent<'_>) {
    ///         if event.severity == "WARNING" {
    ///             eprintln!("{event}"); // WARNING 25001: there is already a transaction in progress
    ///         }
    ///     }
    /// }
    ///
    /// let engine = Engine::builder("sqlite:///library.db").listen(Warnings).build()?; // SQLite has none
    /// # let _ = engine;
    /// # Ok(()) }
    /// ```
    fn notice(&self, event: &NoticeEvent<'_>) {
        let _ = event;
    }

    /// Something happened to a connection of the pool.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |_| {
    /// use aludel::events::{Listener, PoolEvent};
    /// use std::sync::Mutex;
    ///
    /// static CALLERS: Mutex<Vec<u32>> = Mutex::new(Vec::new());
    ///
    /// struct WhoBorrows;
    ///
    /// impl Listener for WhoBorrows {
    ///     fn pool(&self, event: &PoolEvent) {
    ///         if let PoolEvent::Checkout { at, .. } = event {
    ///             CALLERS.lock().unwrap().push(at.line());
    ///         }
    ///     }
    /// }
    ///
    /// let engine = Engine::builder("sqlite::memory:").listen(WhoBorrows).build()?;
    /// let line = line!() + 1;
    /// engine.connect().await?;
    /// assert_eq!(*CALLERS.lock().unwrap(), [line]);
    /// # Ok(()) });
    /// ```
    fn pool(&self, event: &PoolEvent) {
        let _ = event;
    }
}

/// The listeners of an engine.
#[derive(Clone, Default)]
pub(crate) struct Events {
    listeners: Vec<Arc<dyn Listener>>,
}

impl Events {
    pub(crate) fn add(&mut self, listener: Arc<dyn Listener>) {
        self.listeners.push(listener);
    }

    /// Tells whether anybody listens.
    pub(crate) fn are_heard(&self) -> bool {
        !self.listeners.is_empty()
    }

    pub(crate) fn statement(&self, event: &StatementEvent<'_>) {
        self.tell(|listener| listener.statement(event));
    }

    pub(crate) fn transaction(&self, event: &TransactionEvent<'_>) {
        self.tell(|listener| listener.transaction(event));
    }

    pub(crate) fn notice(&self, event: &NoticeEvent<'_>) {
        self.tell(|listener| listener.notice(event));
    }

    pub(crate) fn pool(&self, event: &PoolEvent) {
        self.tell(|listener| listener.pool(event));
    }

    fn tell(&self, what: impl Fn(&dyn Listener)) {
        for listener in &self.listeners {
            let _ = catch_unwind(AssertUnwindSafe(|| what(&**listener)));
        }
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} listeners", self.listeners.len())
    }
}
