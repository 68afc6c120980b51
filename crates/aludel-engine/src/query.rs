//! Statements that a connection executes: what they are, and what comes back.

use std::future::{IntoFuture, poll_fn};
use std::task::{Context, Poll};

use aludel_sql::{
    CompoundSelect, Criterion, Delete, Insert, InsertFrom, Mapped, Result, Returning, Select, SelectNode,
    Shape, StatementRef, TableMeta, Text, ToSql, TypedText, Update, Upsert, Value,
};

use crate::connection::Connection;
use crate::driver::{BoxFuture, Discard, End, RowSink};
use crate::engine::Engine;
use crate::prepared::{Prepared, prepare_within};
use crate::prepared_select::{Bound, KnownStatement};
use crate::result::{Bounded, Rows, UntypedRows};
use crate::run::Sent;

/// A statement that was handed over to be executed.
#[derive(Debug)]
pub struct Plan(Kind);

#[derive(Debug)]
enum Kind {
    /// Handed over in the box that it was built in.
    Select(Box<SelectNode>),
    Prepared(Bound),
    Other(Box<dyn OwnedStatement>),
}

pub(crate) trait OwnedStatement: ToSql + Send + Sync + std::fmt::Debug {
    /// Changes the statement so that at most this many rows come, if it gives rows and has no limit of its own.
    fn at_most(&mut self, rows: u32);
    /// Tells whether the statement may change something.
    fn writes(&self) -> bool;
}

impl Plan {
    pub(crate) fn new(statement: impl OwnedStatement + 'static) -> Self {
        Self(Kind::Other(Box::new(statement)))
    }

    /// Takes a statement that gives no typed rows. For the session.
    #[doc(hidden)]
    #[allow(private_bounds)]
    pub fn of(statement: impl OwnedStatement + 'static) -> Self {
        Self::new(statement)
    }

    #[doc(hidden)]
    #[must_use]
    pub fn writes(&self) -> bool {
        match &self.0 {
            Kind::Select(node) => StatementRef::Select(node).changes_in_with(),
            Kind::Prepared(bound) => bound.writes(),
            Kind::Other(it) => it.writes(),
        }
    }

    /// The tree of a SELECT; that of a prepared one has placeholders for its values.
    #[doc(hidden)]
    #[must_use]
    pub fn tree(&self) -> Option<&SelectNode> {
        match &self.0 {
            Kind::Select(node) => Some(node),
            Kind::Prepared(bound) => Some(bound.tree()),
            Kind::Other(_) => None,
        }
    }

    pub(crate) fn of_prepared(bound: Bound) -> Self {
        Self(Kind::Prepared(bound))
    }

    /// Returns the statement, if it is one that the engine has prepared before, and whose values are sent as they are.
    #[inline]
    pub(crate) fn known(&self, engine: &Engine) -> Option<KnownStatement<'_>> {
        match &self.0 {
            Kind::Prepared(bound) => bound.known(engine),
            Kind::Select(_) | Kind::Other(_) => None,
        }
    }

    /// Compiles the statement, or finds it in the cache.
    pub(crate) fn prepare<'a>(&'a self, engine: &Engine, scopes: &'a [Criterion]) -> Result<Prepared<'a>> {
        match &self.0 {
            Kind::Select(node) => prepare_within(engine, scopes, StatementRef::Select(node)),
            Kind::Prepared(bound) => bound.prepare(engine, scopes),
            Kind::Other(it) => prepare_within(engine, scopes, it.statement()),
        }
    }

    /// Returns the tables whose rows change by what stands in WITH. For the session.
    #[doc(hidden)]
    #[must_use]
    pub fn changed_in_with(&self) -> Vec<&'static TableMeta> {
        match &self.0 {
            Kind::Select(node) => StatementRef::Select(node).changed_in_with(),
            Kind::Prepared(bound) => StatementRef::Select(bound.tree()).changed_in_with(),
            Kind::Other(it) => it.statement().changed_in_with(),
        }
    }

    /// Returns the tree, if it is a SELECT.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// use aludel_engine::RowsQuery;
    ///
    /// let plan = select(Document).limit(10).into_plan();
    /// assert!(plan.as_select().is_some_and(|node| node.limit.is_some()));
    /// let plan = update(Document).set(Document::BODY, "").returning(Document::ID).into_plan();
    /// assert!(plan.as_select().is_none());
    /// # let _ = conn;
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn as_select(&self) -> Option<&SelectNode> {
        match &self.0 {
            Kind::Select(node) => Some(node),
            Kind::Prepared(_) | Kind::Other(_) => None,
        }
    }

    /// Returns the statement, unless it is of those that are always sent alone.
    fn of_many(&self) -> Option<&dyn OwnedStatement> {
        match &self.0 {
            Kind::Other(it) if !matches!(it.statement(), StatementRef::Select(_) | StatementRef::Text(_)) => {
                Some(&**it)
            }
            _ => None,
        }
    }

    /// Changes the statement so that at most this many rows come, if it is a SELECT without a limit of its own.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// use aludel_engine::RowsQuery;
    /// use aludel_engine::driver::Discard;
    ///
    /// let mut plan = select(Document).into_plan();
    /// plan.at_most(2);
    /// conn.run_plan(&plan, &mut Discard::default()).await?; // SELECT … FROM documents LIMIT ?
    /// let mut bounded = select(Document).limit(1).into_plan();
    /// bounded.at_most(2); // it keeps its own limit
    /// # let _ = bounded;
    /// # Ok(()) });
    /// ```
    pub fn at_most(&mut self, rows: u32) {
        match &mut self.0 {
            Kind::Select(node) => node.limit_if_none(rows),
            Kind::Prepared(bound) => bound.at_most(rows),
            Kind::Other(it) => it.at_most(rows),
        }
    }

    /// Tells whether its own LIMIT keeps a second row from coming, whatever the tables hold.
    pub(crate) fn is_limited_to_one(&self) -> bool {
        match &self.0 {
            Kind::Select(node) => limits_to_one(node),
            Kind::Prepared(bound) => bound.is_limited_to_one(),
            Kind::Other(_) => false,
        }
    }

    /// Lends the tree, to be added to, if it is a SELECT.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// use aludel_engine::RowsQuery;
    ///
    /// let mut plan = select(Document).filter(Document::ID.eq(1)).into_plan();
    /// if let Some(node) = plan.select_mut() {
    ///     node.filters.clear();
    /// }
    /// assert!(plan.as_select().is_some_and(|node| node.filters.is_empty()));
    /// # let _ = conn;
    /// # Ok(()) });
    /// ```
    pub fn select_mut(&mut self) -> Option<&mut SelectNode> {
        match &mut self.0 {
            Kind::Select(node) => Some(node),
            Kind::Prepared(_) | Kind::Other(_) => None,
        }
    }
}

pub(crate) fn limits_to_one(node: &SelectNode) -> bool {
    node.limit.as_ref().is_some_and(|limit| limit.value == Value::Int(1)) && !node.with_ties
}

impl<S: Shape> OwnedStatement for CompoundSelect<S> {
    fn at_most(&mut self, rows: u32) {
        self.limit_if_none(rows);
    }

    fn writes(&self) -> bool {
        self.statement().changes_in_with()
    }
}

impl<Q: ToSql + Send + Sync + std::fmt::Debug, S: Shape> OwnedStatement for Returning<Q, S>
where
    Returning<Q, S>: ToSql,
{
    fn at_most(&mut self, _: u32) {}

    fn writes(&self) -> bool {
        true
    }
}

impl OwnedStatement for Text {
    fn at_most(&mut self, _: u32) {}

    /// SQL of which nothing is known but how it begins.
    fn writes(&self) -> bool {
        let begin = self.node().pieces.first().map_or("", |it| it.trim_start());
        !begin.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("SELECT"))
    }
}

impl<S: 'static> OwnedStatement for TypedText<S> {
    fn at_most(&mut self, _: u32) {}

    fn writes(&self) -> bool {
        self.text().writes()
    }
}

impl<E: Mapped> OwnedStatement for Update<E> {
    fn at_most(&mut self, _: u32) {}

    fn writes(&self) -> bool {
        true
    }
}

impl<E: Mapped> OwnedStatement for Delete<E> {
    fn at_most(&mut self, _: u32) {}

    fn writes(&self) -> bool {
        true
    }
}

impl<E: Mapped> From<Update<E>> for Plan {
    fn from(statement: Update<E>) -> Self {
        Self::new(statement)
    }
}

impl<E: Mapped> From<Delete<E>> for Plan {
    fn from(statement: Delete<E>) -> Self {
        Self::new(statement)
    }
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

/// A statement that changes rows and is about to run; await it. It gives how many it changed, where that can be told.
#[must_use = "futures do nothing unless you `.await` them"]
pub struct Change<'c, T = Executed>(BoxFuture<'c, Result<T>>);

impl<'c> Change<'c> {
    fn of<Q: ToSql + Send + Sync + 'c>(conn: &'c mut Connection, query: Q) -> Self {
        Self(Box::pin(async move {
            let mut sink = Discard::default();
            conn.run_statements(&query.statements(), &mut sink).await?;
            Ok(Executed { rows_affected: sink.rows_affected })
        }))
    }
}

impl<'c, T> IntoFuture for Change<'c, T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'c, Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        self.0
    }
}

/// A statement that [`Connection::execute`] takes.
pub trait Query {
    /// What executing it gives: something to await, or rows to fetch.
    type Run<'c>;

    /// Executes it.
    ///
    /// A type of a program's own may be a statement too:
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// use aludel_engine::{Change, Query};
    ///
    /// /// Takes a document off its owner's shelf.
    /// struct Archive(i64);
    ///
    /// impl Query for Archive {
    ///     type Run<'c> = Change<'c>;
    ///
    ///     fn run_on(self, conn: &mut Connection) -> Change<'_> {
    ///         update(Document).filter(Document::ID.eq(self.0)).set(Document::TITLE, "Archived").run_on(conn)
    ///     }
    /// }
    ///
    /// assert_eq!(conn.execute(Archive(1)).await?.rows_affected, 1); // UPDATE documents SET title = ? WHERE documents.id = ?
    /// # Ok(()) });
    /// ```
    fn run_on(self, conn: &mut Connection) -> Self::Run<'_>;
}

/// A statement whose rows have a type.
pub trait RowsQuery {
    /// The shape of its rows.
    type Shape: Shape;

    /// Hands the statement over.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// use aludel_engine::{Plan, RowsQuery};
    ///
    /// /// A query that gives a hundred rows at most.
    /// struct Bounded<Q>(Q);
    ///
    /// impl<Q: RowsQuery> RowsQuery for Bounded<Q> {
    ///     type Shape = Q::Shape;
    ///
    ///     fn into_plan(self) -> Plan {
    ///         let mut plan = self.0.into_plan();
    ///         plan.at_most(100);
    ///         plan
    ///     }
    /// }
    ///
    /// assert_eq!(conn.scalars(Bounded(select(Document))).all().await?.len(), 3); // SELECT … FROM documents LIMIT ?
    /// # Ok(()) });
    /// ```
    fn into_plan(self) -> Plan;
}

impl<S: Shape> RowsQuery for Select<S> {
    type Shape = S;

    fn into_plan(self) -> Plan {
        Plan(Kind::Select(self.into_node()))
    }
}

impl<S: Shape> RowsQuery for CompoundSelect<S> {
    type Shape = S;

    fn into_plan(self) -> Plan {
        Plan::new(self)
    }
}

impl<S: Shape> RowsQuery for TypedText<S> {
    type Shape = S;

    fn into_plan(self) -> Plan {
        Plan::new(self)
    }
}

impl<Q: ToSql + Send + Sync + std::fmt::Debug + 'static, S: Shape> RowsQuery for Returning<Q, S> {
    type Shape = S;

    fn into_plan(self) -> Plan {
        Plan::new(self)
    }
}

impl<S: Shape> Query for Select<S> {
    type Run<'c> = Rows<'c, S>;

    fn run_on(self, conn: &mut Connection) -> Rows<'_, S> {
        Rows::new(conn, self.into_plan())
    }
}

impl<S: Shape> Query for CompoundSelect<S> {
    type Run<'c> = Rows<'c, S>;

    fn run_on(self, conn: &mut Connection) -> Rows<'_, S> {
        Rows::new(conn, self.into_plan())
    }
}

impl<S: Shape> Query for TypedText<S> {
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

impl<E: Mapped> Query for InsertFrom<E> {
    type Run<'c> = Change<'c>;

    fn run_on(self, conn: &mut Connection) -> Change<'_> {
        Change::of(conn, self)
    }
}

impl<E: Mapped> Query for Upsert<E> {
    type Run<'c> = Change<'c, ()>;

    fn run_on(self, conn: &mut Connection) -> Change<'_, ()> {
        let change = Change::of(conn, self);
        Change(Box::pin(async move { change.await.map(|_| ()) }))
    }
}

impl Query for Text {
    type Run<'c> = UntypedRows<'c>;

    fn run_on(self, conn: &mut Connection) -> UntypedRows<'_> {
        UntypedRows::new(conn, Plan::new(self))
    }
}

impl Connection {
    /// Compiles a statement, or finds it in the cache, and shows its rows to `sink`, as many as the options allow.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// use aludel_engine::RowsQuery;
    /// use aludel_engine::driver::{Flow, RowSink};
    /// use aludel::ValueRef;
    ///
    /// /// Counts the bytes of texts without keeping one.
    /// #[derive(Default)]
    /// struct Bytes(usize);
    ///
    /// impl RowSink for Bytes {
    ///     fn row(&mut self, _: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
    ///         self.0 += cells.iter().map(|it| if let ValueRef::Text(text) = it { text.len() } else { 0 }).sum::<usize>();
    ///         Ok(Flow::More)
    ///     }
    /// }
    ///
    /// let mut sink = Bytes::default();
    /// conn.run_plan(&select(Document::TITLE).into_plan(), &mut sink).await?; // SELECT documents.title FROM documents
    /// assert_eq!(sink.0, "DraftPlanNotes".len());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Compile`, `Unsupported` or `Encode`, or an error of the database. Kind `TooManyRows` where there are more than
    /// [`max_rows`](crate::ExecutionOptions::max_rows).
    pub fn run_plan<'r>(
        &'r mut self,
        plan: &'r Plan,
        sink: &'r mut dyn RowSink,
    ) -> impl Future<Output = Result<()>> + Send + 'r {
        self.run_plan_within(self.options.for_statements().max_rows, plan, sink)
    }

    /// As `run_plan`, however many rows there are.
    ///
    /// # Errors
    ///
    /// As `run_plan`, but for `TooManyRows`.
    #[doc(hidden)]
    pub fn run_plan_unbounded<'r>(
        &'r mut self,
        plan: &'r Plan,
        sink: &'r mut dyn RowSink,
    ) -> impl Future<Output = Result<()>> + Send + 'r {
        self.run_plan_within(None, plan, sink)
    }

    #[allow(clippy::manual_async_fn)] // That would keep the arguments twice, and each statement's future has this one in it.
    fn run_plan_within<'r>(
        &'r mut self,
        max_rows: Option<u64>,
        plan: &'r Plan,
        sink: &'r mut dyn RowSink,
    ) -> impl Future<Output = Result<()>> + Send + 'r {
        async move {
            let mut bounded;
            let sink: &mut dyn RowSink = match max_rows {
                None => sink,
                Some(max) => {
                    bounded = Bounded { sink, max, seen: 0 };
                    &mut bounded
                }
            };
            let mut sent = None;
            let ran = poll_fn(|cx| match sent {
                None => self.run_plan_at_once(cx, &mut sent, plan, sink),
                Some(ref mut sent) => self.go_on_running(cx, sent, sink),
            });
            match ran.await {
                Some(ran) => ran,
                None => Box::pin(self.run_plan_on(sent, plan, sink)).await,
            }
        }
    }

    /// Runs a statement as far as the driver can where it is asked to. `None`: the rest is for [`run_plan_on`](Self::run_plan_on), which may be
    /// all of it. Pending, it is for [`go_on_running`](Self::go_on_running).
    ///
    /// The statement that is sent lives no longer than this call: the driver has what it needs of it, and who has to run the rest makes it anew.
    fn run_plan_at_once(
        &mut self,
        cx: &mut Context<'_>,
        sent: &mut Option<Sent>,
        plan: &Plan,
        sink: &mut dyn RowSink,
    ) -> Poll<Option<Result<()>>> {
        let status = self.status();
        if !self.is_ready(status) || plan.of_many().is_some() || !self.conn.raw().runs_at_once() {
            return Poll::Ready(None);
        }
        if let Some(known) = plan.known(self.engine()) {
            let values = known.values();
            return self.send_at_once(cx, sent, status, &[known.statement(&values)], End::Open, sink);
        }
        let scopes = self.engine().shared_scopes();
        match plan.prepare(self.engine(), scopes.as_deref().unwrap_or_default()) {
            Ok(prepared) => {
                let values = prepared.values();
                self.send_at_once(cx, sent, status, &[prepared.statement(&values)], End::Open, sink)
            }
            Err(error) => Poll::Ready(Some(Err(error))),
        }
    }

    /// Runs what [`run_plan_at_once`](Self::run_plan_at_once) has left.
    async fn run_plan_on(&mut self, sent: Option<Sent>, plan: &Plan, sink: &mut dyn RowSink) -> Result<()> {
        if let Some(statement) = plan.of_many() {
            return self.run_statements(&statement.statements(), sink).await;
        }
        let scopes = self.engine().shared_scopes();
        let prepared = plan.prepare(self.engine(), scopes.as_deref().unwrap_or_default())?;
        let values = prepared.values();
        let statements = [prepared.statement(&values)];
        match sent {
            None => self.run(&statements, End::Open, sink).await,
            sent => self.run_on(sent, &statements, End::Open, sink).await,
        }
    }

    /// Runs statements as one batch: all of them, or none.
    pub(crate) async fn run_statements(
        &mut self,
        statements: &[StatementRef<'_>],
        sink: &mut dyn RowSink,
    ) -> Result<()> {
        if statements.is_empty() {
            return Ok(());
        }
        let own_transaction = statements.len() > 1 && !self.in_transaction() && self.options.autocommit;
        if own_transaction {
            self.begin_writing();
        }
        let end = if own_transaction { End::Commit } else { End::Open };
        let ran = self.run_batch(statements, end, sink).await;
        if ran.is_err() && own_transaction && self.in_transaction() {
            self.end(End::Rollback).await?;
        }
        ran
    }
}
