//! A connection: values in, values out, no tracking.

use std::future::IntoFuture;
use std::sync::Arc;

use aludel_sql::{
    Bind, Delete, Insert, Item, Mapped, Result, Returning, Select, Shape, StatementRef, Structure, Text,
    ToSql, Update, ValueRef,
};

use crate::driver::{Batch, Begin, BoxFuture, Discard, End, Params, Ran, RowSink, Statement, Status};
use crate::engine::Engine;
use crate::pool::PooledConn;
use crate::result::{Collect, Rows, Scalars, UntypedRows};
use crate::texts::CachedStatement;
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
    conn: PooledConn,
    engine: Engine,
    begin: Option<Begin>,
    statements: u64,
}

impl Connection {
    pub(crate) fn new(engine: Engine, conn: PooledConn) -> Self {
        Self { conn, engine, begin: None, statements: 0 }
    }

    /// Executes a statement.
    ///
    /// What comes back depends on the statement: rows for a SELECT and for anything `returning`, [`Executed`] for the
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
        self.begin_with(Begin { write: true, ..Begin::default() }).await
    }

    /// Begins a transaction with options.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// use aludel::driver::Begin;
    ///
    /// // Two queries that see the same state, in a transaction that keeps no writer waiting.
    /// let mut tx = conn.begin_with(Begin { read_only: true, ..Begin::default() }).await?;
    /// let users = tx.scalar(select(func::count(User::ID))).await?;
    /// let documents = tx.scalar(select(func::count(Document::ID))).await?;
    /// assert_eq!((users, documents), (2, 3));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `State` where a transaction is open already.
    pub async fn begin_with(&mut self, begin: Begin) -> Result<Transaction<'_>> {
        Transaction::begin(self, begin).await
    }

    /// Returns the engine.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Returns what the connection is known to be doing.
    #[must_use]
    pub fn status(&self) -> Status {
        self.conn.status()
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
    pub async fn release(self) {
        self.conn.release().await;
    }

    /// Lets the next batch begin a transaction.
    pub fn begin_with_next(&mut self, begin: Begin) {
        self.begin = Some(begin);
    }

    /// Lets the next batch begin a writing transaction, if none is open.
    pub fn begin_writing(&mut self) {
        if !self.in_transaction() {
            self.begin_with_next(Begin { write: true, ..Begin::default() });
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
        self.begin.is_some() || matches!(self.conn.status(), Status::InTx | Status::Failed)
    }

    /// Runs statements as one batch and shows their rows to `sink`.
    ///
    /// # Errors
    ///
    /// The first error; the statements after it have not run.
    pub async fn run(
        &mut self,
        statements: &[Statement<'_>],
        end: End,
        sink: &mut dyn RowSink,
    ) -> Result<()> {
        let begin = match (self.begin.take(), self.conn.status()) {
            (Some(begin), Status::Idle) => Some(begin),
            _ => None,
        };
        // Nothing was begun, so there is nothing to end.
        if statements.is_empty() && (begin.is_some() || self.conn.status() == Status::Idle) {
            return Ok(());
        }
        self.statements += statements.len() as u64;
        self.trace(statements, begin.is_some(), end);
        let batch = Batch { begin, statements, end };
        match self.conn.raw().run(&batch, sink).await {
            Ok(Ran::Done | Ran::Paused) => Ok(()),
            Err(error) => {
                self.conn.failed(&error);
                Err(error)
            }
        }
    }

    /// Runs statements without parameters.
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

    /// Ends the open transaction.
    pub(crate) async fn end(&mut self, end: End) -> Result<()> {
        self.begin = None;
        if self.conn.status() == Status::Idle {
            return Ok(());
        }
        self.run(&[], end, &mut Discard::default()).await
    }

    /// Compiles a statement, or finds it in the cache, and shows its rows to `sink`.
    ///
    /// # Errors
    ///
    /// Kind `Compile`, `Unsupported` or `Encode`, or an error of the database.
    pub async fn run_plan(&mut self, plan: &Plan, sink: &mut dyn RowSink) -> Result<()> {
        let engine = self.engine.clone();
        let (cached, binds) = prepare(&engine, plan.0.statement())?;
        let values: Vec<ValueRef<'_>> = binds.iter().map(Bind::as_ref).collect();
        self.run(&[cached.statement(&values)], End::Open, sink).await
    }

    fn trace(&self, statements: &[Statement<'_>], begins: bool, end: End) {
        let echo = self.engine.echo();
        if !echo && !tracing::enabled!(target: "aludel::sql", tracing::Level::DEBUG) {
            return;
        }
        let print = |sql: &str, params: &Params<'_>| {
            tracing::debug!(target: "aludel::sql", sql, ?params);
            if echo {
                match params {
                    Params::One([]) => eprintln!("aludel: {sql}"),
                    params => eprintln!("aludel: {sql} [{params:?}]"),
                }
            }
        };
        if begins {
            print("BEGIN", &Params::One(&[]));
        }
        for statement in statements {
            print(statement.sql, &statement.params);
        }
        match end {
            End::Open => {}
            End::Commit => print("COMMIT", &Params::One(&[])),
            End::Rollback => print("ROLLBACK", &Params::One(&[])),
        }
    }
}

/// Compiles a statement for an engine, or finds it in the cache, and picks its values.
///
/// # Errors
///
/// Kind `Compile`, `Unsupported` or `Encode`.
pub fn prepare<'a>(
    engine: &Engine,
    statement: StatementRef<'a>,
) -> Result<(Arc<CachedStatement>, Vec<Bind<'a>>)> {
    let structure = Structure::of(statement, engine.dialect().features().array_parameters);
    let cached = engine.texts().statement(statement, &structure, engine.dialect())?;
    let binds = cached.compiled.bind(&structure.params)?;
    Ok((cached, binds))
}

impl CachedStatement {
    /// Makes the statement with these values.
    #[must_use]
    pub fn statement<'a>(&'a self, values: &'a [ValueRef<'a>]) -> Statement<'a> {
        Statement {
            shape: Some(self.shape),
            sql: &self.compiled.text,
            types: &self.types,
            params: Params::One(values),
            expect: None,
            find_keys: None,
        }
    }
}

/// A statement that was handed over to be executed.
#[derive(Debug)]
pub struct Plan(Box<dyn OwnedStatement>);

trait OwnedStatement: ToSql + Send + Sync + std::fmt::Debug {
    /// Changes the statement so that at most this many rows come, if it is a SELECT without a limit of its own.
    fn at_most(&mut self, rows: u32);
}

impl Plan {
    /// Changes the statement so that at most this many rows come, if it is a SELECT without a limit of its own.
    pub fn at_most(&mut self, rows: u32) {
        self.0.at_most(rows);
    }
}

impl<S: Shape> OwnedStatement for Select<S> {
    fn at_most(&mut self, rows: u32) {
        self.limit_if_none(rows);
    }
}

impl<Q: ToSql + Send + Sync + std::fmt::Debug, S: Shape> OwnedStatement for Returning<Q, S>
where
    Returning<Q, S>: ToSql,
{
    fn at_most(&mut self, _: u32) {}
}

impl OwnedStatement for Text {
    fn at_most(&mut self, _: u32) {}
}

/// How many rows a statement changed.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run_core(async |conn| {
/// let done = conn.execute(delete(Document).filter(Document::TITLE.eq("Draft"))).await?;
/// assert_eq!(done.rows_affected, 1); // DELETE FROM documents WHERE documents.title = ?
/// # Ok(()) });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Executed {
    /// Rows inserted, deleted, or matched by an UPDATE.
    pub rows_affected: u64,
}

/// A statement that changes rows and is about to run; await it.
#[must_use = "futures do nothing unless you `.await` them"]
pub struct Change<'c>(BoxFuture<'c, Result<Executed>>);

impl<'c> Change<'c> {
    fn of<Q: ToSql + Send + Sync + 'c>(conn: &'c mut Connection, query: Q) -> Self {
        Self(Box::pin(async move {
            let engine = conn.engine.clone();
            let (cached, binds) = prepare(&engine, query.statement())?;
            let values: Vec<ValueRef<'_>> = binds.iter().map(Bind::as_ref).collect();
            let mut sink = Discard::default();
            conn.run(&[cached.statement(&values)], End::Open, &mut sink).await?;
            Ok(Executed { rows_affected: sink.rows_affected })
        }))
    }
}

impl<'c> IntoFuture for Change<'c> {
    type Output = Result<Executed>;
    type IntoFuture = BoxFuture<'c, Result<Executed>>;

    fn into_future(self) -> Self::IntoFuture {
        self.0
    }
}

/// A statement that [`Connection::execute`] takes.
pub trait Query {
    /// What executing it gives: something to await, or rows to fetch.
    type Run<'c>;

    /// Executes it.
    fn run_on(self, conn: &mut Connection) -> Self::Run<'_>;
}

/// A statement whose rows have a type.
pub trait RowsQuery {
    /// The shape of its rows.
    type Shape: Shape;

    /// Hands the statement over.
    fn into_plan(self) -> Plan;
}

impl<S: Shape> RowsQuery for Select<S> {
    type Shape = S;

    fn into_plan(self) -> Plan {
        Plan(Box::new(self))
    }
}

impl<Q: ToSql + Send + Sync + std::fmt::Debug + 'static, S: Shape> RowsQuery for Returning<Q, S> {
    type Shape = S;

    fn into_plan(self) -> Plan {
        Plan(Box::new(self))
    }
}

impl<S: Shape> Query for Select<S> {
    type Run<'c> = Rows<'c, S>;

    fn run_on(self, conn: &mut Connection) -> Rows<'_, S> {
        Rows::new(conn, self.into_plan())
    }
}

impl<Q: ToSql + Send + Sync + std::fmt::Debug + 'static, S: Shape> Query for Returning<Q, S> {
    type Run<'c> = Rows<'c, S>;

    fn run_on(self, conn: &mut Connection) -> Rows<'_, S> {
        Rows::new(conn, self.into_plan())
    }
}

impl<E: Mapped> Query for Update<E> {
    type Run<'c> = Change<'c>;

    fn run_on(self, conn: &mut Connection) -> Change<'_> {
        Change::of(conn, self)
    }
}

impl<E: Mapped> Query for Delete<E> {
    type Run<'c> = Change<'c>;

    fn run_on(self, conn: &mut Connection) -> Change<'_> {
        Change::of(conn, self)
    }
}

impl<E: Mapped> Query for Insert<E> {
    type Run<'c> = Change<'c>;

    fn run_on(self, conn: &mut Connection) -> Change<'_> {
        Change(Box::pin(crate::bulk::insert(conn, self.into_rows())))
    }
}

impl Query for Text {
    type Run<'c> = UntypedRows<'c>;

    fn run_on(self, conn: &mut Connection) -> UntypedRows<'_> {
        UntypedRows::new(conn, Plan(Box::new(self)))
    }
}

impl Connection {
    /// Runs a statement and collects what `read` makes of each row.
    pub(crate) async fn collect<T: Send>(
        &mut self,
        plan: &Plan,
        read: impl FnMut(&[ValueRef<'_>]) -> Result<T> + Send,
    ) -> Result<Vec<T>> {
        let mut sink = Collect { rows: Vec::new(), read };
        self.run_plan(plan, &mut sink).await?;
        Ok(sink.rows)
    }
}
