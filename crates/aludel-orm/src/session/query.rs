//! Queries of a session: rows become objects, each row one object.

mod change;
mod chunks;
mod item;
mod plan;
mod rows;
mod shape;
mod stream;
mod synchronize;
mod text;

use aludel_engine::driver::{End, Flow, RowSink};
use aludel_engine::{BoundSelect, Connection, Plan, RowsQuery};
use aludel_sql::{
    CompoundSelect, Expr, FollowUp, Mapped, Result, Returning, Select, SelectNode, Shape, ToSql, TypedText,
    Value, ValueRef,
};

pub use change::Change;
pub use chunks::Chunks;
pub use item::{SessionItem, Tracked, Tracker};
pub(super) use rows::{Reads, cells_of};
pub use rows::{Rows, Scalars};
pub use shape::SessionShape;
pub use text::UntypedRows;
pub(crate) use text::access_of;

use super::Session;
pub(crate) use super::arena::Populate;
pub use plan::IntoSessionPlan;

pub(crate) use plan::{Access, Changes, SessionPlan, Tracking};
pub(super) use synchronize::{age_behind, age_gone_along, returned, unload_relations};

impl Session {
    /// Executes a statement that selects entities; each row of the database is one object of the session.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// // SELECT … FROM documents WHERE documents.owner_id = ?
    /// let docs: Vec<Obj<Document>> = session.scalars(select(Document).filter(Document::OWNER_ID.eq(1))).all().await?;
    /// for doc in docs {
    ///     session[doc].body.push_str(" (seen)"); // changes are sent by the next flush or commit
    /// }
    /// # Ok(()) });
    /// ```
    pub fn scalars<Q>(&mut self, query: Q) -> Scalars<'_, <Q::Shape as Shape>::First>
    where
        Q: RowsQuery + IntoSessionPlan,
        <Q::Shape as Shape>::First: SessionItem,
    {
        Scalars::new(self, query.into_session_plan())
    }

    /// Executes a statement: rows for a SELECT, [`Executed`](aludel_engine::Executed) for INSERT, UPDATE and DELETE, rows read by
    /// name for `text!`.
    ///
    /// UPDATE and DELETE keep the objects right that are loaded, as SQLAlchemy's `synchronize_session = "fetch"` does: changed ones have the
    /// new values afterwards (what the program changed and did not flush stays), deleted ones are deleted, and leave loaded collections.
    /// The keys of the rows come back by RETURNING, or where the database has none, by a SELECT before. All objects of the entity age as
    /// well, so that the next query also shows what triggers have done. `.synchronize_session(false)` leaves it at that.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// // SELECT users.id, …, documents.title FROM users JOIN documents ON …
    /// let stmt = select((User, Document::TITLE)).join(User::DOCUMENTS);
    /// for (user, title) in session.execute(stmt).all().await? {
    ///     println!("{title} by {}", session[user].email);
    /// }
    ///
    /// // UPDATE documents SET title = ? WHERE documents.owner_id = ?
    /// let done = session.execute(update(Document).filter(Document::OWNER_ID.eq(1)).set(Document::TITLE, "Final")).await?;
    /// assert_eq!(done.rows_affected, 2);
    ///
    /// let doc = session.get_one::<Document>(3).await?;
    /// session.execute(update(Document).set(Document::TITLE, "Old")).await?; // UPDATE … RETURNING id; SELECT id, title …
    /// assert_eq!(session[doc].title, "Old");
    /// # Ok(()) });
    /// ```
    pub fn execute<Q: SessionQuery>(&mut self, query: Q) -> Q::Run<'_> {
        query.run_in(self)
    }

    /// Executes a statement and returns the first column of its only row.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let documents = session.scalar(select(func::count(Document::ID))).await?; // SELECT count(documents.id) FROM documents
    /// assert_eq!(documents, 3);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `NotFound` where there is no row, `MultipleFound` where there are several.
    pub async fn scalar<Q: RowsQuery + IntoSessionPlan>(
        &mut self,
        query: Q,
    ) -> Result<<<Q::Shape as Shape>::First as SessionItem>::Tracked>
    where
        <Q::Shape as Shape>::First: SessionItem,
    {
        self.scalars(query).one().await
    }

    /// Asks the database how it would execute a statement, which is not executed; see
    /// [`Connection::explain`](aludel_engine::Connection::explain). Pending changes are flushed first, as before any query.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let plan = session.explain(&select(Document).filter(Document::ID.eq(1))).await?;
    /// assert!(plan.contains("SEARCH documents USING INTEGER PRIMARY KEY"));
    /// # Ok(()) });
    /// ```
    ///
    /// The statement is explained as it is: what loaders add to it, and ask for after it, is not part of the answer.
    ///
    /// # Errors
    ///
    /// Kind `Compile` or `Unsupported` where the statement has no SQL on this database, or an error of the database.
    pub async fn explain(&mut self, statement: &(impl ToSql + Sync)) -> Result<String> {
        self.before_query().await?;
        self.begin(Access::Reads);
        let (connection, ..) = self.parts();
        connection.explain(statement).await
    }

    /// Executes a statement and asks the database how it has done it; see
    /// [`Connection::explain_analyze`](aludel_engine::Connection::explain_analyze). What it changes is part of the session's transaction;
    /// loaded objects do not follow.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let refused = session.explain_analyze(&select(Document).filter(Document::ID.eq(1))).await.unwrap_err();
    /// assert_eq!(refused.kind(), ErrorKind::Unsupported); // SQLite has none; PostgreSQL, MariaDB and MySQL have
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Compile` or `Unsupported` where the statement has no SQL on this database, or the database no EXPLAIN ANALYZE; an error of the
    /// database.
    pub async fn explain_analyze(&mut self, statement: &(impl ToSql + Sync)) -> Result<String> {
        self.before_query().await?;
        self.begin(Access::Writes);
        let (connection, ..) = self.parts();
        connection.explain_analyze(statement).await
    }

    /// Makes ready for a query: pending changes are flushed, and there is a connection.
    pub(crate) async fn before_query(&mut self) -> Result<()> {
        self.before_queries(1).await
    }

    /// Makes ready for so many queries that go together.
    pub(crate) async fn before_queries(&mut self, statements: u64) -> Result<()> {
        self.check_usable()?;
        if self.options.autoflush && !self.arenas.are_untouched() {
            // In a box: a query's future has no room for what most of them do not need.
            Box::pin(super::flush::flush(self, End::Open)).await?;
        }
        self.ensure_connection().await?;
        self.count_statements(statements)
    }

    /// Reads what makes values whole after their rows.
    pub(crate) async fn follow_up<'v, V: 'v>(
        &mut self,
        mut follow_up: Box<dyn FollowUp<V>>,
        values: impl Iterator<Item = &'v mut V>,
    ) -> Result<()> {
        loop {
            let statements = follow_up.statements()?;
            if statements.is_empty() {
                break;
            }
            self.count_statements(statements.len() as u64)?;
            let (connection, ..) = self.parts();
            connection.run_selects(&statements, &mut |nth, cells| follow_up.row(nth, cells)).await?;
        }
        values.enumerate().try_for_each(|(row, value)| follow_up.fill(row, value))
    }

    /// Runs a query whose rows become objects.
    pub(crate) async fn track<T: Send>(
        &mut self,
        plan: &Plan,
        tracking: Tracking,
        mut read: impl FnMut(&mut Tracker<'_>, &[ValueRef<'_>]) -> Result<T> + Send,
    ) -> Result<Vec<T>> {
        self.before_queries(1).await?;
        let read = |_, tracker: &mut Tracker<'_>, cells: &[ValueRef<'_>]| read(tracker, cells).map(Some);
        let (connection, mut sink) = self.begin_tracking(tracking, read);
        connection.run_plan(plan, &mut sink).await?;
        let TrackSink { tracker: Tracker { met, .. }, rows, .. } = sink;
        self.tracked(plan, tracking, met);
        Ok(rows)
    }

    /// As [`track`](Self::track), with statements beside it in the same batch. `read` is shown their rows too, with the number of the
    /// statement, and makes nothing of them.
    pub(crate) async fn track_beside<T: Send>(
        &mut self,
        plan: &Plan,
        beside: &[SelectNode],
        tracking: Tracking,
        read: impl FnMut(usize, &mut Tracker<'_>, &[ValueRef<'_>]) -> Result<Option<T>> + Send,
    ) -> Result<Vec<T>> {
        self.before_queries(1 + beside.len() as u64).await?;
        let (connection, mut sink) = self.begin_tracking(tracking, read);
        connection.run_plan_beside(plan, beside, &mut sink).await?;
        let TrackSink { tracker: Tracker { met, .. }, rows, .. } = sink;
        self.tracked(plan, tracking, met);
        Ok(rows)
    }

    /// The connection for a statement whose rows become objects, and what takes them.
    fn begin_tracking<T, F>(
        &mut self,
        tracking: Tracking,
        read: F,
    ) -> (&mut Connection, TrackSink<'_, T, F>) {
        let Tracking { populate, access, changes } = tracking;
        self.begin(access);
        let (connection, arenas, _) = self.parts();
        if populate == Populate::Existing {
            arenas.begin_populating();
        }
        let met = changes.map(|_| Vec::new());
        (connection, TrackSink { tracker: Tracker::new(arenas, populate, met), rows: Vec::new(), read })
    }

    /// Such a statement has run, and its rows have met these objects.
    fn tracked(&mut self, plan: &Plan, tracking: Tracking, met: Option<Vec<(usize, u32)>>) {
        if let Some(changes) = tracking.changes {
            synchronize::returned(&mut self.arenas, changes, met.unwrap_or_default());
        }
        if tracking.access == Access::Writes {
            self.arenas.age(&plan.changed_in_with());
        }
    }

    /// Runs statements that are independent of each other in one batch and shows their rows, with the number of the statement. Nothing is
    /// flushed before: for loaders, which have done that, and for the flush itself.
    pub(crate) async fn track_batch(
        &mut self,
        statements: &[SelectNode],
        populate: Populate,
        row: &mut (dyn FnMut(usize, &mut Tracker<'_>, &[ValueRef<'_>]) -> Result<()> + Send),
    ) -> Result<()> {
        self.ensure_connection().await?;
        self.count_statements(statements.len() as u64)?;
        let (connection, arenas, _) = self.parts();
        let mut tracker = Tracker::new(arenas, populate, None);
        connection.run_selects(statements, &mut |nth, cells| row(nth, &mut tracker, cells)).await
    }
}

/// A statement that [`Session::execute`] takes.
pub trait SessionQuery {
    /// What executing it gives: something to await, or rows to fetch.
    type Run<'s>;

    /// Executes it.
    ///
    /// A type of a program's own may be a statement too:
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// use aludel_orm::{Change, SessionQuery};
    ///
    /// /// Gives all that one owns to another.
    /// struct HandOver {
    ///     from: i64,
    ///     to: i64,
    /// }
    ///
    /// impl SessionQuery for HandOver {
    ///     type Run<'s> = Change<'s>;
    ///
    ///     fn run_in(self, session: &mut Session) -> Change<'_> {
    ///         let Self { from, to } = self;
    ///         update(Document).filter(Document::OWNER_ID.eq(from)).set(Document::OWNER_ID, to).run_in(session)
    ///     }
    /// }
    ///
    /// let doc = session.get_one::<Document>(1).await?;
    /// session.execute(HandOver { from: 1, to: 2 }).await?; // UPDATE documents SET owner_id = ? WHERE documents.owner_id = ?
    /// assert_eq!(session[doc].owner_id, 2); // the object that is loaded follows
    /// # Ok(()) });
    /// ```
    fn run_in(self, session: &mut Session) -> Self::Run<'_>;
}

impl<S: SessionShape> SessionQuery for Select<S> {
    type Run<'s> = Rows<'s, S>;

    fn run_in(self, session: &mut Session) -> Rows<'_, S> {
        Rows::new(session, self.into_session_plan())
    }
}

impl<S: SessionShape> SessionQuery for BoundSelect<S> {
    type Run<'s> = Rows<'s, S>;

    fn run_in(self, session: &mut Session) -> Rows<'_, S> {
        Rows::new(session, self.into_session_plan())
    }
}

impl<S: SessionShape> SessionQuery for CompoundSelect<S> {
    type Run<'s> = Rows<'s, S>;

    fn run_in(self, session: &mut Session) -> Rows<'_, S> {
        Rows::new(session, self.into_session_plan())
    }
}

impl<S: SessionShape> SessionQuery for TypedText<S> {
    type Run<'s> = Rows<'s, S>;

    fn run_in(self, session: &mut Session) -> Rows<'_, S> {
        Rows::new(session, self.into_session_plan())
    }
}

impl<Q: ToSql + Send + Sync + std::fmt::Debug + 'static, S: SessionShape> SessionQuery for Returning<Q, S> {
    type Run<'s> = Rows<'s, S>;

    fn run_in(self, session: &mut Session) -> Rows<'_, S> {
        Rows::new(session, self.into_session_plan())
    }
}

/// Reads rows into the session.
struct TrackSink<'s, T, F> {
    tracker: Tracker<'s>,
    rows: Vec<T>,
    read: F,
}

impl<T: Send, F> RowSink for TrackSink<'_, T, F>
where
    F: FnMut(usize, &mut Tracker<'_>, &[ValueRef<'_>]) -> Result<Option<T>> + Send,
{
    #[inline]
    fn row(&mut self, statement: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        if let Some(row) = (self.read)(statement, &mut self.tracker, cells)? {
            self.rows.push(row);
        }
        Ok(Flow::More)
    }
}

/// Builds `a = ? AND b = ?`.
pub(super) fn node_of_columns<E: Mapped>(columns: &[usize], values: Vec<Value>) -> Expr<bool> {
    Expr::all_columns_equal(E::TABLE, columns.iter().copied().zip(values))
}

/// Locks the rows of a SELECT, where the database can lock rows.
pub(super) fn locked<S: Shape>(session: &Session, select: Select<S>, lock: bool) -> Select<S> {
    let lock = lock && session.engine.dialect().features().for_update;
    if lock { select.for_update() } else { select }
}
