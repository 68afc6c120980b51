//! Connections and transactions.

use std::ops::{Deref, DerefMut};

use aludel_engine::blocking::Runner;
use aludel_engine::{
    Executed, Inspector, Notification, Query, RowsQuery, StatementOptions, Together, TransactionOptions,
};
use aludel_sql::{Insertable, Item, Mapped, Of, Result, Shape, ToSql};

use super::fetch::{Block, Fetch, RowStream};

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

macro_rules! statements {
    () => {
        /// Executes a statement: rows to fetch for a SELECT, for anything `returning` and for `text!`; for the others the rows affected.
        ///
        /// SQL written by hand whose rows nobody wants is run by `.run()`.
        pub fn execute<'c, Q: Query>(&'c mut self, query: Q) -> <Q::Run<'c> as Block>::Blocked
        where
            Q::Run<'c>: Block,
        {
            let runner = self.runner.clone();
            self.inner().execute(query).block(&runner)
        }

        /// Executes a statement whose rows are read as their first column or entity.
        ///
        /// ```
        /// # use aludel::doc::*;
        /// # aludel::doc::run_blocking(|engine| {
        /// let mut conn = engine.connect()?;
        /// let emails = conn.scalars(select(User::EMAIL).order_by(User::ID)).all()?; // SELECT users.email FROM users ORDER BY users.id
        /// assert_eq!(emails, ["sam@example.org", "ada@example.org"]);
        /// # Ok(()) });
        /// ```
        pub fn scalars<Q: RowsQuery>(
            &mut self,
            query: Q,
        ) -> Fetch<aludel_engine::Scalars<'_, <Q::Shape as Shape>::First>> {
            let runner = self.runner.clone();
            Fetch::new(self.inner().scalars(query), &runner)
        }

        /// Executes a statement and returns the first column of its only row.
        ///
        /// # Errors
        ///
        /// Kind `NotFound` where there is no row, `MultipleFound` where there are several.
        pub fn scalar<Q: RowsQuery>(
            &mut self,
            query: Q,
        ) -> Result<<<Q::Shape as Shape>::First as Item>::Value> {
            self.scalars(query).one()
        }

        /// Inserts the rows of an iterator, of which only a batch is in memory at a time: all of them or none.
        ///
        /// ```
        /// # use aludel::doc::*;
        /// # aludel::doc::run_blocking(|engine| {
        /// let users = (0..10_000).map(|n| User::builder().email(format!("{n}@example.com")));
        /// let done = engine.connect()?.insert_all(users)?; // BEGIN; INSERT INTO users (email) VALUES …; …; COMMIT
        /// assert_eq!(done.rows_affected, 10_000);
        /// # Ok(()) });
        /// ```
        ///
        /// # Errors
        ///
        /// The first error of the database.
        pub fn insert_all<E, R>(&mut self, rows: R) -> Result<Executed>
        where
            E: Mapped,
            R: IntoIterator<IntoIter: Send>,
            R::Item: Insertable<E>,
        {
            self.insert_all_with(rows, |it| it)
        }

        /// As `insert_all`, with what [`InsertAll`](aludel_engine::InsertAll) offers: `.batch_size(…)`, `.on_progress(…)`.
        ///
        /// # Errors
        ///
        /// As `insert_all`.
        pub fn insert_all_with<'s, E, R>(
            &'s mut self,
            rows: R,
            options: impl FnOnce(
                aludel_engine::InsertAll<'s, E, R::IntoIter>,
            ) -> aludel_engine::InsertAll<'s, E, R::IntoIter>,
        ) -> Result<Executed>
        where
            E: Mapped,
            R: IntoIterator<IntoIter: Send>,
            R::Item: Insertable<E>,
        {
            let runner = self.runner.clone();
            runner.run(options(self.inner().insert_all(rows)).into_future())
        }

        /// Asks the database how it would execute a statement, which is not executed.
        ///
        /// # Errors
        ///
        /// Kind `Compile` or `Unsupported` where the statement has no SQL on this database, or an error of the database.
        pub fn explain(&mut self, statement: &(impl ToSql + Sync)) -> Result<String> {
            let runner = self.runner.clone();
            runner.run(self.inner().explain(statement))
        }

        /// Executes a statement and asks the database how it has done it. What the statement changes is changed.
        ///
        /// # Errors
        ///
        /// Kind `Compile` or `Unsupported` where the statement has no SQL on this database, or the database no EXPLAIN ANALYZE; an error of
        /// the database.
        pub fn explain_analyze(&mut self, statement: &(impl ToSql + Sync)) -> Result<String> {
            let runner = self.runner.clone();
            runner.run(self.inner().explain_analyze(statement))
        }

        /// Executes statements that are independent of each other in one batch, and returns all their answers.
        ///
        /// ```
        /// # use aludel::doc::*;
        /// # aludel::doc::run_blocking(|engine| {
        /// let count = (select(func::count(User::ID)).scalar(), select(func::count(Document::ID)).scalar());
        /// assert_eq!(engine.connect()?.together(count)?, (2, 3)); // one round trip on PostgreSQL
        /// # Ok(()) });
        /// ```
        ///
        /// # Errors
        ///
        /// The first error; the statements after it have not run.
        pub fn together<T: Together>(&mut self, statements: T) -> Result<T::Answers> {
            let runner = self.runner.clone();
            runner.run(self.inner().together(statements))
        }

        /// Reads what the database has in a schema (`None`: the default one), as this connection sees it.
        ///
        /// # Errors
        ///
        /// What the database refuses.
        pub fn inspect(&mut self, schema: Option<&str>) -> Result<Inspector> {
            let runner = self.runner.clone();
            runner.run(self.inner().inspect(schema))
        }

        /// Sends a text to all connections that listen to a channel: in a transaction when it is committed.
        ///
        /// # Errors
        ///
        /// Kind `Unsupported` on databases other than PostgreSQL.
        pub fn notify(&mut self, channel: &str, payload: &str) -> Result<()> {
            let runner = self.runner.clone();
            runner.run(self.inner().notify(channel, payload))
        }

        /// Runs `COPY … FROM STDIN` and gives it these pieces of data, cut anywhere.
        ///
        /// # Errors
        ///
        /// An error of the database, after which no row of it is there; kind `Unsupported` on databases other than PostgreSQL.
        pub fn copy_in<P: Into<Vec<u8>>>(
            &mut self,
            sql: &str,
            pieces: impl IntoIterator<Item = P, IntoIter: Send>,
        ) -> Result<Executed> {
            let runner = self.runner.clone();
            runner.run(self.inner().copy_in(sql, pieces))
        }

        /// Runs `COPY … TO STDOUT` and returns its data as it arrives: an iterator.
        pub fn copy_out(&mut self, sql: &str) -> RowStream<'_, Vec<u8>> {
            let runner = self.runner.clone();
            RowStream::new(self.inner().copy_out(sql), runner)
        }

        /// Inserts rows by COPY in its binary form.
        ///
        /// # Errors
        ///
        /// An error of the database or of a value, after which no row of it is there; kind `Unsupported` on databases other than PostgreSQL.
        pub fn copy_rows<E: Mapped, R: Insertable<E>>(
            &mut self,
            entity: Of<E>,
            rows: impl IntoIterator<Item = R, IntoIter: Send>,
        ) -> Result<Executed> {
            let runner = self.runner.clone();
            runner.run(self.inner().copy_rows(entity, rows))
        }

        /// Changes how statements run for as long as what comes back is there.
        ///
        /// ```
        /// # use aludel::doc::*;
        /// # aludel::doc::run_blocking(|engine| {
        /// use std::time::Duration;
        ///
        /// let endless = text!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n");
        /// let mut conn = engine.connect()?;
        /// let stopped = conn.statement_options(|o| o.timeout(Duration::from_millis(50))).execute(endless).one();
        /// assert_eq!(stopped.unwrap_err().kind(), ErrorKind::Timeout);
        /// # Ok(()) });
        /// ```
        pub fn statement_options(
            &mut self,
            options: impl FnOnce(StatementOptions) -> StatementOptions,
        ) -> StatementOptionsGuard<'_> {
            let runner = self.runner.clone();
            StatementOptionsGuard { inner: self.inner().statement_options(options), runner }
        }

        /// Runs statements without parameters.
        ///
        /// # Errors
        ///
        /// The first error; the statements after it have not run.
        pub fn run_plain(&mut self, statements: &[&str]) -> Result<()> {
            let runner = self.runner.clone();
            runner.run(self.inner().run_plain(statements))
        }
    };
}

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
    inner: aludel_engine::StatementOptionsGuard<'c>,
    runner: Runner,
}

impl StatementOptionsGuard<'_> {
    fn inner(&mut self) -> &mut aludel_engine::Connection {
        &mut self.inner
    }

    statements!();
}

/// A transaction that can be prepared, as [`aludel::TwoPhaseTransaction`](crate::TwoPhaseTransaction).
#[must_use = "a transaction that is dropped is rolled back"]
pub struct TwoPhaseTransaction<'c> {
    inner: aludel_engine::TwoPhaseTransaction<'c>,
    runner: Runner,
}

impl TwoPhaseTransaction<'_> {
    fn inner(&mut self) -> &mut aludel_engine::Connection {
        &mut self.inner
    }

    statements!();

    /// Rolls back.
    ///
    /// ```no_run
    /// # fn example(engine: aludel::blocking::Engine) -> aludel::Result<()> {
    /// let mut conn = engine.connect()?;
    /// let mut tx = conn.begin_two_phase("order-7")?;
    /// tx.run_plain(&["INSERT INTO orders (id) VALUES (7)"])?;
    /// tx.rollback()?; // ROLLBACK: nothing is left of the name either
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Where the connection is lost; the database rolls back then by itself.
    pub fn rollback(self) -> Result<()> {
        self.runner.run(self.inner.rollback())
    }
}

impl<'c> TwoPhaseTransaction<'c> {
    /// Prepares: the database keeps what was done, whatever happens, and waits for the outcome.
    ///
    /// ```no_run
    /// # fn example(engine: aludel::blocking::Engine) -> aludel::Result<()> {
    /// let mut conn = engine.connect()?;
    /// let mut tx = conn.begin_two_phase("order-7")?;
    /// tx.run_plain(&["INSERT INTO orders (id) VALUES (7)"])?;
    /// tx.prepare()?.commit()?; // PREPARE TRANSACTION 'order-7'; COMMIT PREPARED 'order-7'
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Where the database refuses, nothing was kept.
    pub fn prepare(self) -> Result<PreparedTransaction<'c>> {
        let inner = self.runner.run(self.inner.prepare())?;
        Ok(PreparedTransaction { inner, runner: self.runner })
    }
}

/// A transaction that is prepared, as [`aludel::PreparedTransaction`](crate::PreparedTransaction). Dropped, it stays prepared.
#[must_use = "a transaction that is dropped stays prepared, and holds its locks"]
pub struct PreparedTransaction<'c> {
    inner: aludel_engine::PreparedTransaction<'c>,
    runner: Runner,
}

impl PreparedTransaction<'_> {
    /// Commits.
    ///
    /// ```no_run
    /// # fn example(engine: aludel::blocking::Engine) -> aludel::Result<()> {
    /// let mut conn = engine.connect()?;
    /// let prepared = conn.begin_two_phase("order-7")?.prepare()?;
    /// prepared.commit()?; // COMMIT PREPARED 'order-7'
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Where the connection is lost, it may still be prepared.
    pub fn commit(self) -> Result<()> {
        self.runner.run(self.inner.commit())
    }

    /// Rolls back.
    ///
    /// ```no_run
    /// # fn example(engine: aludel::blocking::Engine) -> aludel::Result<()> {
    /// let mut conn = engine.connect()?;
    /// let prepared = conn.begin_two_phase("order-7")?.prepare()?;
    /// prepared.rollback()?; // ROLLBACK PREPARED 'order-7': another database has refused
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`commit`](Self::commit).
    pub fn rollback(self) -> Result<()> {
        self.runner.run(self.inner.rollback())
    }
}

/// The notifications that arrive on a connection, as [`aludel::Notifications`](crate::Notifications).
#[must_use = "notifications wait until they are asked for"]
pub struct Notifications<'c> {
    inner: aludel_engine::Notifications<'c>,
    runner: Runner,
}

impl Notifications<'_> {
    /// Listens to one more channel.
    ///
    /// ```no_run
    /// # fn example(engine: aludel::blocking::Engine) -> aludel::Result<()> {
    /// let mut conn = engine.connect()?;
    /// let mut news = conn.listen("jobs")?; // LISTEN jobs
    /// news.listen("cache")?; // LISTEN cache
    /// let first = news.recv()?;
    /// println!("{}: {}", first.channel, first.payload);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// An error of the database.
    pub fn listen(&mut self, channel: &str) -> Result<()> {
        self.runner.run(self.inner.listen(channel))
    }

    /// Listens to a channel no more.
    ///
    /// ```no_run
    /// # fn example(engine: aludel::blocking::Engine) -> aludel::Result<()> {
    /// let mut conn = engine.connect()?;
    /// let mut jobs = conn.listen("jobs")?;
    /// jobs.unlisten("jobs")?; // UNLISTEN jobs: this worker takes no more
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// An error of the database.
    pub fn unlisten(&mut self, channel: &str) -> Result<()> {
        self.runner.run(self.inner.unlisten(channel))
    }

    /// Waits for the next notification.
    ///
    /// ```no_run
    /// # fn example(engine: aludel::blocking::Engine) -> aludel::Result<()> {
    /// let mut conn = engine.connect()?;
    /// let mut jobs = conn.listen("jobs")?;
    /// while let Ok(job) = jobs.recv() {
    ///     println!("job {}", job.payload);
    /// } // the connection has ended: look at the table, and listen on another
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Disconnected` where the connection ends.
    pub fn recv(&mut self) -> Result<Notification> {
        self.runner.run(self.inner.recv())
    }
}

/// An open transaction, as [`aludel::Transaction`](crate::Transaction). Dropping it without `commit` rolls back.
#[must_use = "a transaction that is dropped is rolled back"]
pub struct Transaction<'c> {
    inner: aludel_engine::Transaction<'c>,
    runner: Runner,
}

impl Transaction<'_> {
    fn inner(&mut self) -> &mut aludel_engine::Connection {
        &mut self.inner
    }

    statements!();

    /// Begins a nested transaction: a savepoint. It is set when its first statement is sent.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let mut conn = engine.connect()?;
    /// let mut tx = conn.begin()?;
    /// tx.execute(delete(Document).filter(Document::ID.eq(1)))?; // BEGIN; DELETE FROM documents WHERE documents.id = ?
    /// let mut nested = tx.begin_nested()?;
    /// nested.execute(delete(Document))?; // SAVEPOINT aludel_1; DELETE FROM documents
    /// nested.rollback()?; // ROLLBACK TO SAVEPOINT aludel_1
    /// tx.commit()?;
    /// assert_eq!(conn.scalar(select(func::count(Document::ID)))?, 2);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `State` where an error has ended the transaction.
    pub fn begin_nested(&mut self) -> Result<NestedTransaction<'_>> {
        let inner = self.runner.run(self.inner.begin_nested())?;
        Ok(NestedTransaction { inner, runner: self.runner.clone() })
    }

    /// Commits.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let mut conn = engine.connect()?;
    /// let mut tx = conn.begin()?;
    /// tx.execute(insert(User).values([User::builder().email("kim@example.org")]))?; // BEGIN; INSERT INTO users …
    /// tx.commit()?; // COMMIT
    /// assert_eq!(conn.scalar(select(func::count(User::ID)))?, 3);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Where the database refuses, nothing was kept; kind `CommitOutcomeUnknown` where the connection was lost before the answer
    /// came.
    pub fn commit(self) -> Result<()> {
        self.runner.run(self.inner.commit())
    }

    /// Rolls back.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let mut conn = engine.connect()?;
    /// let mut tx = conn.begin()?;
    /// tx.execute(delete(Document))?; // BEGIN; DELETE FROM documents
    /// tx.rollback()?; // ROLLBACK: as dropping it, but it says what went wrong
    /// assert_eq!(conn.scalar(select(func::count(Document::ID)))?, 3);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Where the connection is lost; the database rolls back then by itself.
    pub fn rollback(self) -> Result<()> {
        self.runner.run(self.inner.rollback())
    }
}

impl Deref for Transaction<'_> {
    type Target = aludel_engine::Connection;

    fn deref(&self) -> &aludel_engine::Connection {
        &self.inner
    }
}

/// A nested transaction, as [`aludel::NestedTransaction`](crate::NestedTransaction). Dropping it without `commit` rolls it back.
#[must_use = "a nested transaction that is dropped is rolled back"]
pub struct NestedTransaction<'t> {
    inner: aludel_engine::NestedTransaction<'t>,
    runner: Runner,
}

impl NestedTransaction<'_> {
    fn inner(&mut self) -> &mut aludel_engine::Connection {
        self.inner.deref_mut()
    }

    statements!();

    /// Begins a nested transaction in this one.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let mut conn = engine.connect()?;
    /// let mut tx = conn.begin()?;
    /// let mut order = tx.begin_nested()?;
    /// order.execute(delete(Document).filter(Document::ID.eq(1)))?; // BEGIN; SAVEPOINT aludel_1; DELETE …
    /// let mut line = order.begin_nested()?;
    /// line.execute(delete(Document).filter(Document::ID.eq(2)))?; // SAVEPOINT aludel_2; DELETE …
    /// line.rollback()?; // ROLLBACK TO SAVEPOINT aludel_2: document 2 stays
    /// order.commit()?;
    /// tx.commit()?; // RELEASE SAVEPOINT aludel_1; COMMIT
    /// assert_eq!(conn.scalar(select(func::count(Document::ID)))?, 2);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Transaction::begin_nested`].
    pub fn begin_nested(&mut self) -> Result<NestedTransaction<'_>> {
        let inner = self.runner.run(self.inner.begin_nested())?;
        Ok(NestedTransaction { inner, runner: self.runner.clone() })
    }

    /// Keeps what was done: it is now part of the transaction around it.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let mut conn = engine.connect()?;
    /// let mut tx = conn.begin()?;
    /// for email in ["kim@example.org", "sam@example.org"] {
    ///     let mut nested = tx.begin_nested()?;
    ///     if nested.execute(insert(User).values([User::builder().email(email)])).is_ok() {
    ///         nested.commit()?; // Sam was there already: that one is dropped, and rolled back
    ///     }
    /// }
    /// tx.commit()?;
    /// assert_eq!(conn.scalar(select(func::count(User::ID)))?, 3);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `State` where an error has ended the transaction: it can only be rolled back.
    pub fn commit(self) -> Result<()> {
        self.runner.run(self.inner.commit())
    }

    /// Undoes what was done since it began; the transaction around it goes on.
    ///
    /// It revives a transaction that an error has spoilt.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let mut conn = engine.connect()?;
    /// let mut tx = conn.begin()?;
    /// let mut nested = tx.begin_nested()?;
    /// assert!(nested.execute(insert(User).values([User::builder().email("sam@example.org")])).is_err());
    /// nested.rollback()?; // ROLLBACK TO SAVEPOINT aludel_1
    /// tx.execute(insert(User).values([User::builder().email("kim@example.org")]))?;
    /// tx.commit()?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `State` where the database has rolled back the whole transaction; otherwise where the connection is lost.
    pub fn rollback(self) -> Result<()> {
        self.runner.run(self.inner.rollback())
    }
}

impl Deref for NestedTransaction<'_> {
    type Target = aludel_engine::Connection;

    fn deref(&self) -> &aludel_engine::Connection {
        &self.inner
    }
}
