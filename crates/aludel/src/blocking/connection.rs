//! Connections.

use std::ops::Deref;

use aludel_engine::TransactionOptions;
use aludel_engine::blocking::Runner;
use aludel_sql::Result;

use super::notifications::Notifications;
use super::statements::statements;
use super::transaction::Transaction;
use super::two_phase::TwoPhaseTransaction;

/// A connection of the pool, as [`aludel::Connection`](crate::Connection), with calls that wait.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run_blocking(|engine| {
/// let mut conn = engine.connect()?;
/// let done = conn.execute(update(Document).filter(Document::ID.eq(1)).set(Document::TITLE, "Final"))?;
/// assert_eq!(done.rows_affected, 1); // UPDATE documents SET title = ? WHERE documents.id = ?
///
/// // SELECT documents.id, documents.title FROM documents ORDER BY documents.id
/// let rows: Vec<(i64, String)> = conn.execute(select((Document::ID, Document::TITLE)).order_by(Document::ID)).all()?;
/// assert_eq!(rows[0], (1, "Final".to_owned()));
/// # Ok(()) });
/// ```
pub struct Connection {
    /// There until it is given back.
    inner: Option<aludel_engine::Connection>,
    runner: Runner,
}

const GIVEN_BACK: &str = "only what consumes the connection gives it back";

impl Connection {
    pub(super) fn new(inner: aludel_engine::Connection, runner: Runner) -> Self {
        Self { inner: Some(inner), runner }
    }

    fn inner(&mut self) -> &mut aludel_engine::Connection {
        self.inner.as_mut().expect(GIVEN_BACK)
    }

    statements!();

    /// Begins a transaction; dropping it without `commit` rolls back.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let mut conn = engine.connect()?;
    /// let mut tx = conn.begin()?;
    /// tx.execute(delete(Document))?; // BEGIN; DELETE FROM documents
    /// drop(tx); // ROLLBACK
    /// assert_eq!(conn.scalar(select(func::count(Document::ID)))?, 3);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `State` where a transaction is open already.
    pub fn begin(&mut self) -> Result<Transaction<'_>> {
        self.begin_with(|options| options)
    }

    /// Begins a transaction with options, on top of those of the connection.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let mut conn = engine.connect()?;
    /// // Two queries that see the same state, in a transaction that keeps no writer waiting.
    /// let mut tx = conn.begin_with(|o| o.isolation(Isolation::Snapshot).read_only(true))?;
    /// let (users, documents) = (tx.scalar(select(func::count(User::ID)))?, tx.scalar(select(func::count(Document::ID)))?);
    /// assert_eq!((users, documents), (2, 3));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `State` where a transaction is open already, or the options contradict each other.
    pub fn begin_with(
        &mut self,
        options: impl FnOnce(TransactionOptions) -> TransactionOptions,
    ) -> Result<Transaction<'_>> {
        let runner = self.runner.clone();
        let inner = runner.run(self.inner().begin_with(options))?;
        Ok(Transaction { inner, runner })
    }

    /// Changes how statements and transactions run on this connection, until it is given back.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let mut conn = engine.connect()?.with_options(|o| o.max_rows(2));
    /// let error = conn.scalars(select(Document)).all().unwrap_err(); // there are three
    /// assert_eq!(error.kind(), ErrorKind::TooManyRows);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_options(
        mut self,
        options: impl FnOnce(aludel_engine::ExecutionOptions) -> aludel_engine::ExecutionOptions,
    ) -> Self {
        self.inner = self.inner.take().map(|inner| inner.with_options(options));
        self
    }

    /// Commits what was done since the last commit, on a connection without autocommit.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let mut conn = engine.connect()?.with_options(|o| o.autocommit(false));
    /// conn.execute(delete(Document).filter(Document::ID.eq(1)))?; // BEGIN; DELETE FROM documents WHERE documents.id = ?
    /// conn.execute(delete(Document).filter(Document::ID.eq(2)))?; // DELETE FROM documents WHERE documents.id = ?
    /// conn.commit()?; // COMMIT
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Transaction::commit`].
    pub fn commit(&mut self) -> Result<()> {
        let runner = self.runner.clone();
        runner.run(self.inner().commit())
    }

    /// Rolls back what was done since the last commit, on a connection without autocommit.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let mut conn = engine.connect()?.with_options(|o| o.autocommit(false));
    /// conn.execute(delete(Document))?; // BEGIN; DELETE FROM documents
    /// conn.rollback()?; // ROLLBACK
    /// assert_eq!(conn.scalar(select(func::count(Document::ID)))?, 3);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Transaction::rollback`].
    pub fn rollback(&mut self) -> Result<()> {
        let runner = self.runner.clone();
        runner.run(self.inner().rollback())
    }

    /// Listens to a channel, and waits for what other connections send to it. The connection is not lent again afterwards.
    ///
    /// ```no_run
    /// # fn example(engine: aludel::blocking::Engine) -> aludel::Result<()> {
    /// let mut conn = engine.connect()?;
    /// let mut jobs = conn.listen("jobs")?; // LISTEN jobs
    /// loop {
    ///     println!("job {}", jobs.recv()?.payload); // this thread sleeps until somebody sends one
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` on databases other than PostgreSQL, kind `State` in a transaction.
    pub fn listen(&mut self, channel: &str) -> Result<Notifications<'_>> {
        let runner = self.runner.clone();
        let inner = runner.run(self.inner().listen(channel))?;
        Ok(Notifications { inner, runner })
    }

    /// Begins a transaction that can be prepared; dropped before that, it is rolled back.
    ///
    /// ```no_run
    /// # fn example(orders: aludel::blocking::Engine, stock: aludel::blocking::Engine) -> aludel::Result<()> {
    /// let (mut orders, mut stock) = (orders.connect()?, stock.connect()?);
    /// let (mut ordered, mut taken) = (orders.begin_two_phase("order-7")?, stock.begin_two_phase("order-7-stock")?);
    /// ordered.run_plain(&["INSERT INTO orders (id) VALUES (7)"])?;
    /// taken.run_plain(&["UPDATE stock SET pieces = pieces - 1"])?;
    /// let (ordered, taken) = (ordered.prepare()?, taken.prepare()?); // neither can fail any more
    /// ordered.commit()?;
    /// taken.commit()?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` on SQLite, kind `State` where a transaction is open already.
    pub fn begin_two_phase(&mut self, name: &str) -> Result<TwoPhaseTransaction<'_>> {
        let runner = self.runner.clone();
        let inner = runner.run(self.inner().begin_two_phase(name))?;
        Ok(TwoPhaseTransaction { inner, runner })
    }

    /// Commits a transaction that was prepared, maybe by a program that is gone.
    ///
    /// ```no_run
    /// # fn example(engine: aludel::blocking::Engine) -> aludel::Result<()> {
    /// engine.connect()?.commit_prepared("order-7")?; // COMMIT PREPARED 'order-7'; on MariaDB and MySQL XA COMMIT 'order-7'
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// An error of the database where no such transaction is prepared.
    pub fn commit_prepared(&mut self, name: &str) -> Result<()> {
        let runner = self.runner.clone();
        runner.run(self.inner().commit_prepared(name))
    }

    /// Rolls back a transaction that was prepared, maybe by a program that is gone.
    ///
    /// ```no_run
    /// # fn example(engine: aludel::blocking::Engine) -> aludel::Result<()> {
    /// engine.connect()?.rollback_prepared("order-7")?; // ROLLBACK PREPARED 'order-7'; on MariaDB and MySQL XA ROLLBACK 'order-7'
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// An error of the database where no such transaction is prepared.
    pub fn rollback_prepared(&mut self, name: &str) -> Result<()> {
        let runner = self.runner.clone();
        runner.run(self.inner().rollback_prepared(name))
    }

    /// Returns the names of the transactions that are prepared and wait for their outcome.
    ///
    /// ```no_run
    /// # fn example(engine: aludel::blocking::Engine, was_decided: impl Fn(&str) -> bool) -> aludel::Result<()> {
    /// let mut conn = engine.connect()?; // the program has crashed, and begins again
    /// for name in conn.recover_two_phase()? {
    ///     if was_decided(&name) { conn.commit_prepared(&name)? } else { conn.rollback_prepared(&name)? }
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` on SQLite.
    pub fn recover_two_phase(&mut self) -> Result<Vec<String>> {
        let runner = self.runner.clone();
        runner.run(self.inner().recover_two_phase())
    }

    /// Gives the connection back, rolling back what is still open: the same as dropping it.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let mut conn = engine.connect()?;
    /// conn.scalars(select(User)).all()?;
    /// conn.release();
    /// assert_eq!(engine.status().in_use, 0);
    /// # Ok(()) });
    /// ```
    pub fn release(self) {}
}

/// What needs no waiting: status, options, the count of statements.
impl Deref for Connection {
    type Target = aludel_engine::Connection;

    fn deref(&self) -> &aludel_engine::Connection {
        self.inner.as_ref().expect(GIVEN_BACK)
    }
}

/// A connection is clean, or closed, when this is over.
impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(inner) = self.inner.take() {
            if std::thread::panicking() {
                self.runner.within(|| drop(inner));
                return;
            }
            // Nothing in it fails.
            let _ = self.runner.run(async {
                inner.release().await;
                Ok(())
            });
        }
    }
}

/// A connection whose statements run with other options, as [`aludel::StatementOptionsGuard`](crate::StatementOptionsGuard).
#[must_use = "the options count for as long as this is there"]
pub struct StatementOptionsGuard<'c> {
    pub(super) inner: aludel_engine::StatementOptionsGuard<'c>,
    pub(super) runner: Runner,
}

impl StatementOptionsGuard<'_> {
    fn inner(&mut self) -> &mut aludel_engine::Connection {
        &mut self.inner
    }

    statements!();
}
