//! A connection: values in, values out, no tracking.

use aludel_sql::{Item, Result, Shape};

use crate::driver::{Begin, Discard, End, Statement, Status};
use crate::engine::Engine;
use crate::execution_options::{ExecutionOptions, TransactionOptions};
use crate::inspector::Inspector;
use crate::pool::PooledConn;
use crate::query::{Query, RowsQuery};
use crate::result::Scalars;
use crate::run::Paused;
use crate::savepoint::Savepoints;
use crate::transaction::Transaction;

/// A connection of the pool. It belongs to one task and goes back when it is dropped; a transaction that is still open is
/// rolled back before anyone else gets it.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run_core(async |conn| {
/// // SELECT documents.id, documents.title FROM documents
/// let rows: Vec<(i64, String)> = conn.execute(select((Document::ID, Document::TITLE))).all().await?;
/// assert_eq!(rows[0], (1, "Draft".to_owned()));
///
/// // SELECT documents.id, … FROM documents
/// let docs: Vec<Document> = conn.scalars(select(Document)).all().await?;
/// assert_eq!(docs[0].title, "Draft"); // a plain value: changing it changes no row
/// # Ok(()) });
/// ```
#[derive(Debug)]
pub struct Connection {
    pub(crate) conn: PooledConn,
    engine: Engine,
    /// How the next batch begins a transaction.
    pub(crate) begin: Option<Begin>,
    /// How the open transaction began, if it was told to stay open until it is told to end.
    pub(crate) begun: Option<Begin>,
    pub(crate) savepoints: Savepoints,
    /// What has ended the open transaction, which is good for nothing but a rollback.
    pub(crate) failure: Option<Box<str>>,
    /// The connection was lost during a COMMIT: nobody knows whether that took effect.
    pub(crate) undecided: bool,
    /// A transaction was dropped without an end: it is rolled back before anything else.
    pub(crate) abandoned: bool,
    /// The name, as SQL has it, of an open transaction that only words of its own can end.
    pub(crate) two_phase: Option<Box<str>>,
    /// A stream has not come to its end.
    pub(crate) paused: Option<Paused>,
    pub(crate) statements: u64,
    pub(crate) options: ExecutionOptions,
}

impl Connection {
    pub(crate) fn new(engine: Engine, conn: PooledConn) -> Self {
        let options = engine.options();
        Self {
            conn,
            engine,
            begin: None,
            begun: None,
            savepoints: Savepoints::default(),
            failure: None,
            undecided: false,
            abandoned: false,
            two_phase: None,
            paused: None,
            statements: 0,
            options,
        }
    }

    /// Executes a statement.
    ///
    /// What comes back depends on the statement: rows for a SELECT and for anything `returning`, [`Executed`](crate::Executed) for the
    /// others, rows read by name for [`text!`](aludel_sql::text!).
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// // SELECT users.email, users.name FROM users
    /// for (email, name) in conn.execute(select((User::EMAIL, User::NAME))).all().await? {
    ///     println!("{email} {}", name.as_deref().unwrap_or("?"));
    /// }
    ///
    /// // UPDATE documents SET title = ? WHERE documents.owner_id = ?
    /// let done = conn.execute(update(Document).filter(Document::OWNER_ID.eq(1)).set(Document::TITLE, "Final")).await?;
    /// assert_eq!(done.rows_affected, 2);
    ///
    /// let row = conn.execute(text!("SELECT count(*) AS n FROM documents WHERE title = :title", title = "Final")).one().await?;
    /// assert_eq!(row.get::<i64>("n")?, 2);
    /// # Ok(()) });
    /// ```
    pub fn execute<Q: Query>(&mut self, query: Q) -> Q::Run<'_> {
        query.run_on(self)
    }

    /// Executes a statement whose rows are read as their first column or entity.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// // SELECT users.email FROM users ORDER BY users.id
    /// let emails: Vec<String> = conn.scalars(select(User::EMAIL).order_by(User::ID)).all().await?;
    /// assert_eq!(emails, ["sam@example.org", "ada@example.org"]);
    /// # Ok(()) });
    /// ```
    pub fn scalars<Q: RowsQuery>(&mut self, query: Q) -> Scalars<'_, <Q::Shape as Shape>::First> {
        Scalars::new(self, query.into_plan())
    }

    /// Executes a statement and returns the first column of its only row.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let users = conn.scalar(select(func::count(User::ID))).await?; // SELECT count(users.id) FROM users
    /// assert_eq!(users, 2);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `NotFound` where there is no row, `MultipleFound` where there are several.
    pub async fn scalar<Q: RowsQuery>(
        &mut self,
        query: Q,
    ) -> Result<<<Q::Shape as Shape>::First as Item>::Value> {
        self.scalars(query).one().await
    }

    /// Begins a transaction. BEGIN travels with its first statement; dropping it without `commit` rolls back.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let mut tx = conn.begin().await?; // nothing is sent yet
    /// tx.execute(delete(Document).filter(Document::OWNER_ID.eq(1))).await?; // BEGIN; DELETE FROM documents WHERE …
    /// tx.commit().await?; // COMMIT
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `State` where a transaction is open already.
    pub async fn begin(&mut self) -> Result<Transaction<'_>> {
        self.begin_with(|options| options).await
    }

    /// Begins a transaction with options, on top of those of the connection.
    ///
    /// | | PostgreSQL | MariaDB, MySQL | SQLite |
    /// |---|---|---|---|
    /// | `ReadCommitted` | `READ COMMITTED` | its usual one, which Aludel sets | as `Serializable` |
    /// | `Snapshot` | `REPEATABLE READ` | `REPEATABLE READ`, `WITH CONSISTENT SNAPSHOT`, conflicts detected | `BEGIN`: takes the writer's turn at its first write |
    /// | `Serializable` | `SERIALIZABLE` | `SERIALIZABLE` | `BEGIN IMMEDIATE` |
    /// | `read_only` | `READ ONLY` | `READ ONLY` | `BEGIN`; the driver refuses to write |
    ///
    /// A write that conflicts with another transaction is an error that [`is_retryable`](aludel_sql::Error::is_retryable).
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// // Two queries that see the same state, in a transaction that keeps no writer waiting.
    /// let mut tx = conn.begin_with(|o| o.isolation(Isolation::Snapshot).read_only(true)).await?;
    /// let users = tx.scalar(select(func::count(User::ID))).await?;
    /// let documents = tx.scalar(select(func::count(Document::ID))).await?;
    /// assert_eq!((users, documents), (2, 3));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `State` where a transaction is open already, or the options contradict each other.
    pub async fn begin_with(
        &mut self,
        options: impl FnOnce(TransactionOptions) -> TransactionOptions,
    ) -> Result<Transaction<'_>> {
        let options = options(self.options.transaction);
        Transaction::begin(self, options).await
    }

    /// Changes how statements and transactions run on this connection, until it is given back.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let mut conn = engine.connect().await?.with_options(|o| o.autocommit(false));
    /// conn.execute(delete(Document).filter(Document::ID.eq(1))).await?; // BEGIN; DELETE FROM documents …
    /// conn.execute(delete(Document).filter(Document::ID.eq(2))).await?; // DELETE FROM documents …
    /// conn.commit().await?; // COMMIT
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_options(mut self, options: impl FnOnce(ExecutionOptions) -> ExecutionOptions) -> Self {
        self.options = options(self.options);
        self
    }

    /// Commits what was done since the last commit, on a connection without autocommit.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let mut conn = engine.connect().await?.with_options(|o| o.autocommit(false));
    /// conn.execute(update(Document).filter(Document::ID.eq(1)).set(Document::TITLE, "Final")).await?; // BEGIN; UPDATE documents …
    /// conn.commit().await?; // COMMIT
    /// conn.commit().await?; // nothing: there is nothing to commit
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Transaction::commit`].
    pub async fn commit(&mut self) -> Result<()> {
        self.settle().await?;
        self.end(End::Commit).await
    }

    /// Rolls back what was done since the last commit, on a connection without autocommit.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let mut conn = engine.connect().await?.with_options(|o| o.autocommit(false));
    /// conn.execute(delete(Document)).await?; // BEGIN; DELETE FROM documents
    /// conn.rollback().await?; // ROLLBACK
    /// assert_eq!(conn.scalar(select(func::count(Document::ID))).await?, 3); // BEGIN; SELECT count(documents.id) FROM documents
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Transaction::rollback`].
    pub async fn rollback(&mut self) -> Result<()> {
        self.forget_rest().await?;
        self.settle().await?;
        self.end(End::Rollback).await
    }

    /// Reads what the database has in a schema (`None`: the default one), as this connection sees it: within its transaction, and with its temporary
    /// tables.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// conn.run_plain(&["CREATE TEMPORARY TABLE basket (id INTEGER)"]).await?;
    /// assert_eq!(conn.inspect(Some("temp")).await?.table_names(), ["basket"]);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// What the database refuses; kind `Unsupported` for a database whose dialect says not how.
    pub async fn inspect(&mut self, schema: Option<&str>) -> Result<Inspector> {
        Inspector::read(self, schema).await
    }

    /// Returns the engine.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let stmt = select(User::EMAIL).filter(User::ID.eq(1));
    /// let (sql, _values) = stmt.to_sql(conn.engine().dialect())?; // what this connection would send
    /// assert_eq!(sql, "SELECT users.email FROM users WHERE users.id = ?1");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Goes on with another engine on the same pool, and returns the one it had.
    pub(crate) fn replace_engine(&mut self, engine: Engine) -> Engine {
        std::mem::replace(&mut self.engine, engine)
    }

    /// Returns what the connection is known to be doing.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// use aludel::driver::Status;
    ///
    /// let mut tx = conn.begin().await?;
    /// assert_eq!(tx.status(), Status::Idle); // BEGIN travels with the first statement
    /// tx.scalar(select(func::count(User::ID))).await?;
    /// assert_eq!(tx.status(), Status::InTx);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn status(&self) -> Status {
        self.conn.status()
    }

    /// Tells whether nothing is open or under way.
    pub(crate) fn is_clean(&self) -> bool {
        self.conn.status() == Status::Idle && !self.abandoned
    }

    /// Returns how many statements were sent, not counting BEGIN, COMMIT and their like.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let before = conn.statement_count();
    /// conn.scalars(select(User)).all().await?;
    /// assert_eq!(conn.statement_count() - before, 1);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn statement_count(&self) -> u64 {
        self.statements
    }

    /// Says that this connection must not be lent again: it is closed when it is given back. For whoever changes settings of its session.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let mut conn = engine.connect().await?;
    /// conn.invalidate();
    /// conn.run_plain(&["PRAGMA cache_size = 100000"]).await?; // for this task alone
    /// # Ok(()) });
    /// ```
    pub fn invalidate(&mut self) {
        self.conn.invalidate();
    }

    /// Gives the connection back, rolling back where it is awaited whatever is still open.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let mut conn = engine.connect().await?;
    /// conn.scalars(select(User)).all().await?;
    /// conn.release().await; // the next borrower need not wait for a rollback
    /// assert_eq!(engine.status().in_use, 0);
    /// # Ok(()) });
    /// ```
    #[inline]
    pub fn release(self) -> impl Future<Output = ()> + Send + use<> {
        // The rest of it, which is large, does not go into the future.
        let Self { conn, .. } = self;
        conn.release()
    }

    /// Lets the next batch begin a transaction.
    ///
    /// Unlike [`begin`](Self::begin) it gives no guard: for layers that keep books of their own. Whoever calls it sends COMMIT or ROLLBACK.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// use aludel::driver::{Begin, Discard, End, Statement};
    ///
    /// conn.begin_with_next(Begin { write: true, ..Begin::default() });
    /// let statements = [Statement::plain("DELETE FROM profiles"), Statement::plain("DELETE FROM documents")];
    /// conn.run(&statements, End::Commit, &mut Discard::default()).await?; // BEGIN; DELETE …; DELETE …; COMMIT, in one batch
    /// assert!(!conn.in_transaction());
    /// # Ok(()) });
    /// ```
    pub fn begin_with_next(&mut self, begin: Begin) {
        self.begin = Some(begin);
    }

    /// Lets the next batch begin a writing transaction, if none is open.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// use aludel::driver::{Discard, End};
    ///
    /// conn.begin_writing();
    /// assert!(conn.in_transaction());
    /// conn.execute(delete(Document).filter(Document::ID.eq(1))).await?; // BEGIN IMMEDIATE; DELETE FROM documents WHERE …
    /// conn.begin_writing(); // nothing: it is open already
    /// conn.run(&[], End::Commit, &mut Discard::default()).await?; // COMMIT
    /// # Ok(()) });
    /// ```
    pub fn begin_writing(&mut self) {
        if !self.in_transaction() {
            let begin = self.options.transaction.begin().unwrap_or_default();
            self.begin_with_next(Begin { write: !begin.read_only, ..begin });
        }
    }

    /// Tells whether a transaction is open, or begins with the next statement.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// assert!(!conn.in_transaction());
    /// let tx = conn.begin().await?;
    /// assert!(tx.in_transaction());
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn in_transaction(&self) -> bool {
        !self.abandoned
            && (self.begin.is_some()
                || self.failure.is_some()
                || self.paused.as_ref().is_some_and(|paused| paused.in_transaction)
                || matches!(self.conn.status(), Status::InTx | Status::Failed))
    }

    /// Runs statements without parameters, as [`run`](Self::run) does.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// conn.run_plain(&["CREATE INDEX by_title ON documents (title)", "ANALYZE"]).await?; // one round trip
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// The first error; the statements after it have not run.
    pub async fn run_plain(&mut self, statements: &[&str]) -> Result<()> {
        let statements: Vec<_> = statements.iter().map(|sql| Statement::plain(sql)).collect();
        self.run(&statements, End::Open, &mut Discard::default()).await
    }
}
