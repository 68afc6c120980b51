//! How statements and transactions run: for an engine, a connection, one transaction or one statement. The inner layer overrides the outer.

use std::time::Duration;

use aludel_sql::{Error, ErrorKind, Result};

use crate::driver::{Begin, Isolation};
use crate::statement_options::StatementOptions;

/// How the statements and transactions of an engine or a connection run.
///
/// Nothing of it is a setting of the server's session: isolation and access travel with each BEGIN, so that the next
/// borrower of the connection finds nothing of them.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run_engine(async |engine| {
/// use aludel::Isolation;
///
/// let reports = engine.with_options(|o| o.isolation(Isolation::Snapshot).read_only(true)); // the same pool
/// let mut conn = reports.connect().await?;
/// let mut tx = conn.begin().await?; // both queries see the same state, and keep no writer waiting
/// let users = tx.scalar(select(func::count(User::ID))).await?;
/// let documents = tx.scalar(select(func::count(Document::ID))).await?;
/// assert_eq!((users, documents), (2, 3));
/// # Ok(()) });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct ExecutionOptions {
    pub(crate) transaction: TransactionOptions,
    pub(crate) autocommit: bool,
}

impl Default for ExecutionOptions {
    fn default() -> Self {
        Self { transaction: TransactionOptions::default(), autocommit: true }
    }
}

impl ExecutionOptions {
    /// What transactions see of others; without it the database's usual one.
    ///
    /// A statement outside of a transaction gets one of its own around it.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let exact = engine.with_options(|o| o.isolation(Isolation::Serializable));
    /// exact.connect().await?.execute(delete(Profile)).await?; // BEGIN ISOLATION LEVEL SERIALIZABLE; DELETE FROM profiles; COMMIT
    /// # Ok(()) });
    /// ```
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.transaction.isolation = Some(isolation);
        self
    }

    /// Whether nothing may be written (default: no).
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let mut conn = engine.with_options(|o| o.read_only(true)).connect().await?;
    /// assert_eq!(conn.scalar(select(func::count(User::ID))).await?, 2);
    /// let refused = conn.execute(delete(User)).await.unwrap_err();
    /// assert_eq!(refused.kind(), ErrorKind::ReadOnly);
    /// # Ok(()) });
    /// ```
    pub fn read_only(mut self, on: bool) -> Self {
        self.transaction.read_only = on;
        self
    }

    /// Whether a `Serializable` transaction that only reads waits for a moment from which on it cannot fail (default: no).
    /// PostgreSQL: `DEFERRABLE`; on SQLite such a transaction never fails anyway.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let reports = engine.with_options(|o| o.isolation(Isolation::Serializable).read_only(true).deferrable(true));
    /// let mut conn = reports.connect().await?;
    /// conn.scalars(select(User)).all().await?; // BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE; SELECT …; COMMIT
    /// # Ok(()) });
    /// ```
    pub fn deferrable(mut self, on: bool) -> Self {
        self.transaction.deferrable = on;
        self
    }

    /// Whether a statement outside of a transaction is kept at once (default: yes). Without it the first statement begins a
    /// transaction, and [`Connection::commit`](crate::Connection::commit) keeps what was done: "commit as you go".
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let mut conn = engine.with_options(|o| o.autocommit(false)).connect().await?;
    /// conn.execute(delete(Profile)).await?; // BEGIN; DELETE FROM profiles
    /// drop(conn); // never committed: ROLLBACK
    /// assert_eq!(engine.connect().await?.scalar(select(func::count(Profile::ID))).await?, 1);
    /// # Ok(()) });
    /// ```
    pub fn autocommit(mut self, on: bool) -> Self {
        self.autocommit = on;
        self
    }

    /// Tells whether transactions are as the database has them by itself.
    ///
    /// ```
    /// use aludel_engine::{ExecutionOptions, Isolation};
    ///
    /// let options = ExecutionOptions::default();
    /// assert!(options.is_usual_transaction() && options.max_rows(10).is_usual_transaction());
    /// assert!(!options.isolation(Isolation::Snapshot).is_usual_transaction()); // a statement alone needs a BEGIN before it
    /// ```
    #[must_use]
    pub fn is_usual_transaction(&self) -> bool {
        self.transaction.is_usual()
    }

    /// Makes it an error to fetch more rows than this into memory at once. A stream has no such bound.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let mut conn = engine.with_options(|o| o.max_rows(2)).connect().await?;
    /// let error = conn.scalars(select(Document)).all().await.unwrap_err(); // there are three
    /// assert_eq!(error.kind(), ErrorKind::TooManyRows);
    /// # Ok(()) });
    /// ```
    pub fn max_rows(self, rows: u64) -> Self {
        self.statements(|it| it.max_rows(rows))
    }

    /// Stops what takes longer than this: an error of kind `Timeout`. See [`StatementOptions::timeout`].
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// use std::time::Duration;
    ///
    /// // What serves requests: nobody waits longer for an answer.
    /// let engine = engine.with_options(|o| o.timeout(Duration::from_secs(5)));
    /// let users = engine.connect().await?.scalar(select(func::count(User::ID))).await?;
    /// assert_eq!(users, 2);
    /// # Ok(()) });
    /// ```
    pub fn timeout(self, limit: Duration) -> Self {
        self.statements(|it| it.timeout(limit))
    }

    /// How many rows a stream reads ahead at most (default 256). See [`StatementOptions::fetch_size`].
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let mut conn = engine.with_options(|o| o.fetch_size(10_000)).connect().await?;
    /// let mut titles = conn.scalars(select(Document::TITLE)).stream();
    /// assert!(titles.next().await?.is_some());
    /// # Ok(()) });
    /// ```
    pub fn fetch_size(self, rows: u32) -> Self {
        self.statements(|it| it.fetch_size(rows))
    }

    /// Marks what is logged. See [`StatementOptions::logging_token`].
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let nightly = engine.with_options(|o| o.logging_token("nightly")); // the same pool, under another name in the log
    /// nightly.connect().await?.execute(text!("SELECT 1")).await?; // [nightly] SELECT 1 1 row, 0.021 ms
    /// # Ok(()) });
    /// ```
    pub fn logging_token(self, token: &'static str) -> Self {
        self.statements(|it| it.logging_token(token))
    }

    /// How statements run: [`timeout`](Self::timeout), [`fetch_size`](Self::fetch_size), [`max_rows`](Self::max_rows) and
    /// [`logging_token`](Self::logging_token), for who has them as a value.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aludel_engine::{ExecutionOptions, StatementOptions};
    ///
    /// let patient = StatementOptions::default().timeout(Duration::from_secs(600));
    /// let options = ExecutionOptions::default().statements(|_| patient);
    /// assert_eq!(options, ExecutionOptions::default().timeout(Duration::from_secs(600)));
    /// ```
    pub fn statements(mut self, options: impl FnOnce(StatementOptions) -> StatementOptions) -> Self {
        self.transaction = self.transaction.statements(options);
        self
    }

    pub(crate) fn for_statements(&self) -> &StatementOptions {
        &self.transaction.statements
    }
}

/// How one transaction runs.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run_core(async |conn| {
/// use aludel::Isolation;
///
/// let tx = conn.begin_with(|o| o.isolation(Isolation::Serializable)).await?; // BEGIN ISOLATION LEVEL SERIALIZABLE
/// tx.rollback().await?;
/// # Ok(()) });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct TransactionOptions {
    isolation: Option<Isolation>,
    read_only: bool,
    deferrable: bool,
    /// Those of its statements.
    pub(crate) statements: StatementOptions,
}

impl TransactionOptions {
    /// What the transaction sees of others.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let mut tx = conn.begin_with(|o| o.isolation(Isolation::Snapshot)).await?;
    /// let before = tx.scalar(select(func::count(User::ID))).await?; // BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT …
    /// // Whatever others commit meanwhile:
    /// assert_eq!(tx.scalar(select(func::count(User::ID))).await?, before);
    /// # Ok(()) });
    /// ```
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.isolation = Some(isolation);
        self
    }

    /// Whether nothing may be written.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let mut tx = conn.begin_with(|o| o.read_only(true)).await?;
    /// assert_eq!(tx.execute(delete(User)).await.unwrap_err().kind(), ErrorKind::ReadOnly);
    /// # Ok(()) });
    /// ```
    pub fn read_only(mut self, on: bool) -> Self {
        self.read_only = on;
        self
    }

    /// As [`ExecutionOptions::deferrable`].
    ///
    /// Only where it is [`read_only`](Self::read_only) and `Serializable`; otherwise the transaction does not begin:
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let error = conn.begin_with(|o| o.deferrable(true)).await.unwrap_err();
    /// assert_eq!(error.advice(), Some("add `.isolation(Isolation::Serializable).read_only(true)`"));
    /// # Ok(()) });
    /// ```
    pub fn deferrable(mut self, on: bool) -> Self {
        self.deferrable = on;
        self
    }

    /// How its statements run: see [`StatementOptions`].
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// use std::time::Duration;
    ///
    /// let mut tx = conn.begin_with(|o| o.statements(|it| it.timeout(Duration::from_secs(60)))).await?;
    /// tx.execute(delete(Profile)).await?; // may take a minute; behind the transaction it is as before
    /// tx.commit().await?;
    /// # Ok(()) });
    /// ```
    pub fn statements(mut self, options: impl FnOnce(StatementOptions) -> StatementOptions) -> Self {
        self.statements = options(self.statements);
        self
    }

    /// Tells whether a transaction is as the database has it by itself.
    pub(crate) fn is_usual(self) -> bool {
        let Self { isolation, read_only, deferrable, statements: _ } = self;
        isolation.is_none() && !read_only && !deferrable
    }

    /// Returns how the transaction begins.
    ///
    /// # Errors
    ///
    /// Kind `State` where the options contradict each other.
    pub(crate) fn begin(self) -> Result<Begin> {
        let Self { isolation, read_only, deferrable, statements: _ } = self;
        if deferrable && !(read_only && isolation == Some(Isolation::Serializable)) {
            return Err(Error::new(
                ErrorKind::State,
                "only a transaction that reads, serializably, can be deferrable",
            )
            .help("add `.isolation(Isolation::Serializable).read_only(true)`"));
        }
        // A snapshot is there to read for long beside the writers: it takes the writer's turn when it writes.
        let write = !read_only && isolation != Some(Isolation::Snapshot);
        Ok(Begin { write, isolation, read_only, deferrable })
    }
}
