//! How one statement runs, on top of how those of its engine, connection and transaction do.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use crate::connection::Connection;

/// How statements run: how long one may take, how many rows it may fetch, how many a stream reads ahead, and what marks it in logs.
///
/// An engine and a connection have them ([`ExecutionOptions`](crate::ExecutionOptions)), a transaction
/// ([`TransactionOptions::statements`](crate::TransactionOptions::statements)), and one statement or a few
/// ([`Connection::statement_options`]): the inner layer overrides the outer.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run_engine(async |engine| {
/// use std::time::Duration;
///
/// let engine = engine.with_options(|o| o.timeout(Duration::from_secs(5)).max_rows(1_000));
/// let mut conn = engine.connect().await?;
/// conn.scalars(select(Document)).all().await?; // in five seconds, or not at all
///
/// // A report may take longer, and has more rows.
/// let mut patient = conn.statement_options(|o| o.timeout(Duration::from_secs(600)).max_rows(1_000_000));
/// patient.scalars(select(Document)).all().await?;
/// # Ok(()) });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct StatementOptions {
    pub(crate) timeout: Option<Duration>,
    pub(crate) fetch_size: Option<u32>,
    pub(crate) max_rows: Option<u64>,
    pub(crate) logging_token: Option<&'static str>,
}

impl StatementOptions {
    /// Stops what takes longer than this: an error of kind `Timeout`.
    ///
    /// | | how it is stopped |
    /// |---|---|
    /// | PostgreSQL | a cancel request; a transaction can then only be rolled back, to a savepoint too |
    /// | MariaDB, MySQL | KILL QUERY over another connection; a transaction goes on |
    /// | SQLite | between two instructions of its virtual machine; a statement that writes takes its transaction with it |
    ///
    /// Statements that travel together ([`together`](Connection::together), the rows of an `insert_all`, a flush of a session) have the time
    /// together; of a stream each piece of rows has it anew. Waiting for a lock counts. Waiting for a connection of the pool does not, nor do
    /// COPY and a COMMIT that is sent by itself. A server that does not answer the request to stop either has two more seconds for that; then
    /// the connection is given up, and what was written outside of a transaction may have been kept.
    ///
    /// [`Duration::MAX`] is no bound, where an outer layer has one.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// use std::time::Duration;
    ///
    /// let endless = text!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n");
    /// let mut hasty = conn.statement_options(|o| o.timeout(Duration::from_millis(50)));
    /// assert_eq!(hasty.execute(endless).one().await.unwrap_err().kind(), ErrorKind::Timeout);
    /// assert_eq!(hasty.scalar(select(func::count(User::ID))).await?, 2); // the connection is as good as before
    /// # Ok(()) });
    /// ```
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// How many rows a stream reads ahead at most (default 256), and at least 1. Of rows with long texts or bytes it reads fewer: a
    /// megabyte of them is enough.
    ///
    /// Servers send rows as fast as they are taken; those of PostgreSQL and MariaDB that wait are in the buffers of the socket.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let mut frugal = conn.statement_options(|o| o.fetch_size(1)); // large rows, of which the first will do
    /// let mut documents = frugal.scalars(select(Document).order_by(Document::ID)).stream();
    /// assert_eq!(documents.next().await?.map(|it| it.title).as_deref(), Some("Draft"));
    /// # Ok(()) });
    /// ```
    pub fn fetch_size(mut self, rows: u32) -> Self {
        self.fetch_size = Some(rows.max(1));
        self
    }

    /// Makes it an error to fetch more rows than this into memory at once. A stream has no such bound.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let mut careful = conn.statement_options(|o| o.max_rows(2));
    /// let error = careful.scalars(select(Document)).all().await.unwrap_err(); // there are three
    /// assert_eq!(error.kind(), ErrorKind::TooManyRows);
    /// # Ok(()) });
    /// ```
    pub fn max_rows(mut self, rows: u64) -> Self {
        self.max_rows = Some(rows);
        self
    }

    /// Marks what is logged: which part of a program a statement comes from. It stands before the lines of
    /// [`echo`](crate::EngineBuilder::echo), and in the events and spans that listeners and `tracing` get. SQLAlchemy's `logging_token`.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |_| {
    /// use aludel::events::Echo;
    ///
    /// let (lines, told) = std::sync::mpsc::channel();
    /// let echo = Echo::to(move |line| lines.send(line.to_owned()).unwrap());
    /// let engine = Engine::builder("sqlite::memory:").listen(echo).build()?;
    ///
    /// let mut conn = engine.connect().await?;
    /// conn.statement_options(|o| o.logging_token("import")).execute(text!("SELECT 1")).await?;
    /// conn.execute(text!("SELECT 2")).await?;
    /// assert!(told.recv().unwrap().starts_with("[import] SELECT 1 1 row"));
    /// assert!(told.recv().unwrap().starts_with("SELECT 2 1 row"));
    /// # Ok(()) });
    /// ```
    pub fn logging_token(mut self, token: &'static str) -> Self {
        self.logging_token = Some(token);
        self
    }
}

/// A connection whose statements run with other options; as before when it is dropped. Made by [`Connection::statement_options`].
#[must_use = "the options count for as long as this is there"]
#[derive(Debug)]
pub struct StatementOptionsGuard<'c> {
    conn: &'c mut Connection,
    before: StatementOptions,
}

impl Connection {
    /// Changes how statements run for as long as what comes back is there: for one statement, mostly. SQLAlchemy's `execution_options` of a
    /// statement.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// use std::time::Duration;
    ///
    /// let titles = select(Document::TITLE).order_by(Document::ID);
    /// let titles = conn.statement_options(|o| o.timeout(Duration::from_secs(1))).scalars(titles).all().await?;
    /// assert_eq!(titles, ["Draft", "Plan", "Notes"]);
    /// # Ok(()) });
    /// ```
    ///
    /// In a transaction too: `tx.statement_options(…)`.
    pub fn statement_options(
        &mut self,
        options: impl FnOnce(StatementOptions) -> StatementOptions,
    ) -> StatementOptionsGuard<'_> {
        let before = *self.options.for_statements();
        self.set_statement_options(options(before));
        StatementOptionsGuard { conn: self, before }
    }

    /// Says how statements run from now on. For the session.
    #[doc(hidden)]
    pub fn set_statement_options(&mut self, options: StatementOptions) {
        self.options.transaction.statements = options;
    }
}

impl Drop for StatementOptionsGuard<'_> {
    fn drop(&mut self) {
        self.conn.set_statement_options(self.before);
    }
}

impl Deref for StatementOptionsGuard<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.conn
    }
}

impl DerefMut for StatementOptionsGuard<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        self.conn
    }
}
