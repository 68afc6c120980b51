//! A listener that writes lines.

use super::{Listener, NoticeEvent, PoolEvent, StatementEvent, TransactionEvent};

/// Writes what an engine does, a line an event: what [`echo`](crate::EngineBuilder::echo) does on standard error.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run_engine(async |_| {
/// use aludel::events::Echo;
/// use std::sync::mpsc;
///
/// let (lines, echoed) = mpsc::channel();
/// let echo = Echo::to(move |line| lines.send(line.to_owned()).unwrap());
/// let engine = Engine::builder("sqlite::memory:").listen(echo).build()?;
/// engine.ping().await?;
/// assert!(echoed.recv().unwrap().starts_with("SELECT 1 ")); // SELECT 1 1 row, 0.021 ms
/// # Ok(()) });
/// ```
pub struct Echo {
    write: Box<dyn Fn(&str) + Send + Sync>,
    statements: bool,
    pool: bool,
}

impl Echo {
    /// Hands each line to a function.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |_| {
    /// use aludel::events::Echo;
    /// use std::time::Instant;
    ///
    /// let started = Instant::now();
    /// let echo = Echo::to(move |line| println!("{:>8.3?} {line}", started.elapsed()));
    /// let engine = Engine::builder("sqlite::memory:").listen(echo).build()?;
    /// engine.ping().await?; // prints ` 1.243ms SELECT 1 1 row, 0.021 ms`
    /// # Ok(()) });
    /// ```
    pub fn to(write: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { write: Box::new(write), statements: true, pool: false }
    }

    pub(crate) fn on_stderr(name: String, statements: bool, pool: bool) -> Self {
        Self { statements, pool, ..Self::to(move |line| eprintln!("{name}: {line}")) }
    }

    /// Writes the events of the pool too.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |_| {
    /// use aludel::events::Echo;
    /// use std::sync::mpsc;
    ///
    /// let (lines, echoed) = mpsc::channel();
    /// let echo = Echo::to(move |line| lines.send(line.to_owned()).unwrap()).with_pool();
    /// let engine = Engine::builder("sqlite::memory:").listen(echo).build()?;
    /// engine.ping().await?;
    /// let begins: Vec<_> = echoed.try_iter().map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect();
    /// assert_eq!(begins, ["pool: Connect", "pool: Checkout", "SELECT 1", "pool: Checkin"]);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_pool(mut self) -> Self {
        self.pool = true;
        self
    }
}

impl Listener for Echo {
    fn statement(&self, event: &StatementEvent<'_>) {
        if self.statements {
            (self.write)(&event.to_string());
        }
    }

    fn transaction(&self, event: &TransactionEvent<'_>) {
        if self.statements {
            (self.write)(&event.to_string());
        }
    }

    fn notice(&self, event: &NoticeEvent<'_>) {
        if self.statements {
            (self.write)(&event.to_string());
        }
    }

    fn pool(&self, event: &PoolEvent) {
        if self.pool {
            (self.write)(&format!("pool: {event:?}"));
        }
    }
}
