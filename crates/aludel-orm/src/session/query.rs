//! Queries of a session: rows become objects, each row one object.

use std::any::{Any, TypeId};
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::sync::Arc;

use aludel_engine::driver::{BoxFuture, End, Flow, RowSink};
use aludel_engine::{Executed, Plan, Query, Row, RowsQuery, none_found, several_found};
use aludel_sql::{
    ColumnType, Delete, EntityItem, Error, ErrorKind, Expr, FollowUp, Insert, Item, Mapped, OptionalItem,
    Result, Returning, Select, Shape, Text, ToSql, Update, Value, ValueItem, ValueRef,
};

use super::Session;
use super::arenas::Arenas;
use crate::entity::Entity;
use crate::obj::{Obj, RawObj};
use crate::projection::{Projection, ProjectionItem};
use crate::selectinload::LoaderOption;

/// One thing selected in a session: entities become handles.
pub trait SessionItem: Item {
    /// What its cells become in a session.
    type Tracked: Send;

    /// Reads its cells into the session.
    #[doc(hidden)]
    fn track(tracker: &mut Tracker<'_>, cells: &[ValueRef<'_>]) -> Result<Self::Tracked>;

    /// Returns the handle of an entity, for loaders.
    #[doc(hidden)]
    fn handle(tracked: &Self::Tracked) -> Option<Tracked> {
        let _ = tracked;
        None
    }

    /// Returns what reads the rest of the values after all rows.
    #[doc(hidden)]
    fn follow_up_tracked() -> Option<Box<dyn FollowUp<Self::Tracked>>> {
        None
    }
}

/// An object of a row and its entity, for loaders.
#[doc(hidden)]
pub type Tracked = (TypeId, RawObj);

/// What reads rows into a session.
#[doc(hidden)]
pub struct Tracker<'s> {
    arenas: &'s mut Arenas,
    overwrite: bool,
}

impl<E: Entity> SessionItem for EntityItem<E> {
    type Tracked = Obj<E>;

    #[inline]
    fn track(tracker: &mut Tracker<'_>, cells: &[ValueRef<'_>]) -> Result<Obj<E>> {
        let index = tracker.arenas.index_of::<E>();
        let slot = tracker.arenas.typed::<E>(index).load(cells, tracker.overwrite)?;
        Ok(tracker.arenas.handle(index, slot))
    }

    fn handle(tracked: &Obj<E>) -> Option<Tracked> {
        Some((TypeId::of::<E>(), tracked.raw))
    }
}

impl<E: Entity> SessionItem for OptionalItem<E> {
    type Tracked = Option<Obj<E>>;

    fn track(tracker: &mut Tracker<'_>, cells: &[ValueRef<'_>]) -> Result<Option<Obj<E>>> {
        if E::TABLE.primary_key().all(|column| cells[column].is_null()) {
            return Ok(None);
        }
        EntityItem::<E>::track(tracker, cells).map(Some)
    }

    fn handle(tracked: &Option<Obj<E>>) -> Option<Tracked> {
        tracked.map(|it| (TypeId::of::<E>(), it.raw))
    }
}

impl<T: ColumnType> SessionItem for ValueItem<T> {
    type Tracked = T;

    fn track(_: &mut Tracker<'_>, cells: &[ValueRef<'_>]) -> Result<T> {
        Self::read(cells)
    }
}

impl<P: Projection> SessionItem for ProjectionItem<P> {
    type Tracked = P;

    fn track(_: &mut Tracker<'_>, cells: &[ValueRef<'_>]) -> Result<P> {
        Self::read(cells)
    }

    fn follow_up_tracked() -> Option<Box<dyn FollowUp<P>>> {
        Self::follow_up()
    }
}

/// The items of a row in a session: always a tuple.
pub trait SessionShape: Shape<First: SessionItem> {
    /// The row in a session: a tuple.
    type TrackedRow: Send;

    /// Lends the first value of a row.
    #[doc(hidden)]
    fn first_tracked(row: &mut Self::TrackedRow) -> &mut <Self::First as SessionItem>::Tracked;

    /// Reads a row into the session.
    #[doc(hidden)]
    fn track(tracker: &mut Tracker<'_>, cells: &[ValueRef<'_>]) -> Result<Self::TrackedRow>;

    /// Returns the handles of the entities in a row, for loaders.
    #[doc(hidden)]
    fn handles(row: &Self::TrackedRow) -> Vec<Option<Tracked>>;
}

macro_rules! session_shapes {
    ($(($($name:ident $at:tt)+))*) => {$(
        impl<$($name: SessionItem),+> SessionShape for ($($name,)+)
        where
            ($($name,)+): Shape<First = A>,
        {
            fn first_tracked(row: &mut Self::TrackedRow) -> &mut A::Tracked {
                &mut row.0
            }

            type TrackedRow = ($($name::Tracked,)+);

            fn track(tracker: &mut Tracker<'_>, cells: &[ValueRef<'_>]) -> Result<Self::TrackedRow> {
                let wanted = Self::width();
                if cells.len() != wanted {
                    return Err(wrong_width(cells.len(), wanted));
                }
                let mut rest = cells;
                Ok(($({
                    let (mine, others) = rest.split_at($name::width());
                    rest = others;
                    let _ = rest;
                    $name::track(tracker, mine)?
                },)+))
            }

            fn handles(row: &Self::TrackedRow) -> Vec<Option<Tracked>> {
                vec![$($name::handle(&row.$at),)+]
            }
        }
    )*};
}

session_shapes! {
    (A 0)
    (A 0 B 1)
    (A 0 B 1 C 2)
    (A 0 B 1 C 2 D 3)
    (A 0 B 1 C 2 D 3 E 4)
    (A 0 B 1 C 2 D 3 E 4 F 5)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 N 13)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 N 13 O 14)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 N 13 O 14 P 15)
}

#[cold]
fn wrong_width(found: usize, wanted: usize) -> Error {
    Error::new(ErrorKind::Decode, format!("the row has {found} columns, {wanted} are read"))
}

/// A statement for a session, with its loader options.
#[doc(hidden)]
pub struct SessionPlan {
    plan: Plan,
    options: Vec<Arc<dyn Any + Send + Sync>>,
}

/// A statement whose rows a session reads.
#[doc(hidden)]
pub trait IntoSessionPlan {
    /// Hands the statement over.
    fn into_session_plan(self) -> SessionPlan;
}

impl<S: Shape> IntoSessionPlan for Select<S> {
    fn into_session_plan(self) -> SessionPlan {
        let options = self.option_list().to_vec();
        SessionPlan { plan: self.into_plan(), options }
    }
}

impl<Q: ToSql + Send + Sync + std::fmt::Debug + 'static, S: Shape> IntoSessionPlan for Returning<Q, S> {
    fn into_session_plan(self) -> SessionPlan {
        SessionPlan { plan: self.into_plan(), options: Vec::new() }
    }
}

macro_rules! fetch {
    ($row:ty) => {
        /// Fetches all rows.
        ///
        /// # Errors
        ///
        /// An error of the database, or of kind `Decode`; what the pending changes that are flushed first run into.
        pub async fn all(self) -> Result<Vec<$row>> {
            self.fetch().await
        }

        /// Fetches the first row, if there is one.
        ///
        /// # Errors
        ///
        /// As [`all`](Self::all).
        pub async fn first(mut self) -> Result<Option<$row>> {
            self.plan.plan.at_most(1);
            Ok(self.fetch().await?.into_iter().next())
        }

        /// Fetches the only row.
        ///
        /// # Errors
        ///
        /// Kind `NotFound` where there is none, `MultipleFound` where there are several; otherwise as [`all`](Self::all).
        pub async fn one(self) -> Result<$row> {
            self.one_or_none().await?.ok_or_else(none_found)
        }

        /// Fetches the only row, if there is one.
        ///
        /// # Errors
        ///
        /// Kind `MultipleFound` where there are several; otherwise as [`all`](Self::all).
        pub async fn one_or_none(mut self) -> Result<Option<$row>> {
            self.plan.plan.at_most(2);
            let mut rows = self.fetch().await?.into_iter();
            match (rows.next(), rows.next()) {
                (row, None) => Ok(row),
                _ => Err(several_found()),
            }
        }

        /// Overwrites objects that are here already with what the database says, but for those with changes that were not
        /// flushed.
        pub fn populate_existing(mut self) -> Self {
            self.overwrite = true;
            self
        }
    };
}

/// The rows of a statement in a session, as tuples.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run(async |session| {
/// let stmt = select((User, func::count(Document::ID))).join(User::DOCUMENTS).group_by(User::ID);
/// for (user, documents) in session.execute(stmt).all().await? {
///     println!("{} owns {documents}", session[user].email); // entities are handles, values are values
/// }
/// # Ok(()) });
/// ```
#[must_use = "fetch the rows with `all`, `first`, `one` or `one_or_none`"]
pub struct Rows<'s, S> {
    session: &'s mut Session,
    plan: SessionPlan,
    overwrite: bool,
    marker: PhantomData<fn() -> S>,
}

impl<S: SessionShape> Rows<'_, S> {
    fetch!(S::TrackedRow);

    async fn fetch(self) -> Result<Vec<S::TrackedRow>> {
        let Self { session, plan, overwrite, .. } = self;
        let mut follow_up = S::First::follow_up_tracked();
        let read = |tracker: &mut Tracker<'_>, cells: &[ValueRef<'_>]| {
            if let Some(follow_up) = &mut follow_up {
                follow_up.note(cells)?;
            }
            S::track(tracker, cells)
        };
        let mut rows = session.track(&plan.plan, overwrite, read).await?;
        if let Some(follow_up) = follow_up {
            session.follow_up(follow_up, rows.iter_mut().map(S::first_tracked)).await?;
        }
        if !plan.options.is_empty() {
            let handles = rows.iter().flat_map(|row| S::handles(row).into_iter().flatten()).collect();
            run_loaders(session, &plan.options, handles).await?;
        }
        Ok(rows)
    }
}

/// The rows of a statement in a session, as their first column or entity.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run(async |session| {
/// let sam = session.scalars(select(User).filter(User::NAME.eq("Sam"))).one().await?; // an error if there is none, or another
/// let kim = session.scalars(select(User).filter(User::NAME.eq("Kim"))).one_or_none().await?;
/// assert_eq!(session[sam].email, "sam@example.org");
/// assert!(kim.is_none());
/// # Ok(()) });
/// ```
#[must_use = "fetch the rows with `all`, `first`, `one` or `one_or_none`"]
pub struct Scalars<'s, I> {
    session: &'s mut Session,
    plan: SessionPlan,
    overwrite: bool,
    marker: PhantomData<fn() -> I>,
}

impl<'s, I: SessionItem> Scalars<'s, I> {
    pub(super) fn new(session: &'s mut Session, plan: SessionPlan) -> Self {
        Self { session, plan, overwrite: false, marker: PhantomData }
    }

    fetch!(I::Tracked);

    async fn fetch(self) -> Result<Vec<I::Tracked>> {
        let Self { session, plan, overwrite, .. } = self;
        let width = I::width();
        let mut follow_up = I::follow_up_tracked();
        let read = |tracker: &mut Tracker<'_>, cells: &[ValueRef<'_>]| match cells.get(..width) {
            Some(mine) => {
                if let Some(follow_up) = &mut follow_up {
                    follow_up.note(mine)?;
                }
                I::track(tracker, mine)
            }
            None => Err(wrong_width(cells.len(), width)),
        };
        let mut rows = session.track(&plan.plan, overwrite, read).await?;
        if let Some(follow_up) = follow_up {
            session.follow_up(follow_up, rows.iter_mut()).await?;
        }
        if !plan.options.is_empty() {
            let handles = rows.iter().filter_map(I::handle).collect();
            run_loaders(session, &plan.options, handles).await?;
        }
        Ok(rows)
    }
}

impl<'s, E: Entity> Scalars<'s, EntityItem<E>> {
    /// Fetches all objects and lends them to be changed: each once, in the order of the query.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let stmt = select(Document).filter(Document::OWNER_ID.eq(1));
    /// for doc in session.scalars(stmt).all_mut().await? {
    ///     doc.title.push('!');
    /// }
    /// session.commit().await?; // one UPDATE of two titles
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As [`all`](Self::all).
    pub async fn all_mut(self) -> Result<Vec<&'s mut E>> {
        let Self { session, plan, overwrite, marker } = self;
        let objects = Scalars { session: &mut *session, plan, overwrite, marker }.fetch().await?;
        let slots: Vec<u32> = objects.into_iter().map(|it: Obj<E>| it.raw.slot).collect();
        Ok(session.arenas.of::<E>().all_mut(&slots))
    }
}

async fn run_loaders(
    session: &mut Session,
    options: &[Arc<dyn Any + Send + Sync>],
    handles: Vec<Tracked>,
) -> Result<()> {
    for option in options {
        let Some(loader) = option.downcast_ref::<LoaderOption>() else { continue };
        let parents: Vec<RawObj> =
            handles.iter().filter(|(entity, _)| *entity == loader.parent()).map(|(_, raw)| *raw).collect();
        if !parents.is_empty() {
            loader.load(session, &parents).await?;
        }
    }
    Ok(())
}

/// Reads rows into the session.
struct TrackSink<'s, T, F> {
    tracker: Tracker<'s>,
    rows: Vec<T>,
    read: F,
}

impl<T: Send, F> RowSink for TrackSink<'_, T, F>
where
    F: FnMut(&mut Tracker<'_>, &[ValueRef<'_>]) -> Result<T> + Send,
{
    #[inline]
    fn row(&mut self, _: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        self.rows.push((self.read)(&mut self.tracker, cells)?);
        Ok(Flow::More)
    }
}

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
    /// Statements that change rows do not look at the objects of the session: those age, and the next query that meets them
    /// reads them anew.
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

    /// Makes ready for a query: pending changes are flushed, and there is a connection.
    pub(crate) async fn before_query(&mut self) -> Result<()> {
        self.check_usable()?;
        if self.options.autoflush {
            super::flush::flush(self, End::Open).await?;
        }
        self.ensure_connection().await?;
        self.count_statements(1)
    }

    /// Reads what makes values whole after their rows.
    async fn follow_up<'v, V: 'v>(
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

    pub(crate) async fn track<T: Send>(
        &mut self,
        plan: &Plan,
        overwrite: bool,
        read: impl FnMut(&mut Tracker<'_>, &[ValueRef<'_>]) -> Result<T> + Send,
    ) -> Result<Vec<T>> {
        self.before_query().await?;
        let (connection, arenas, _) = self.parts();
        let mut sink = TrackSink { tracker: Tracker { arenas, overwrite }, rows: Vec::new(), read };
        connection.run_plan(plan, &mut sink).await?;
        Ok(sink.rows)
    }
}

/// A statement that changes rows and is about to run; await it.
#[must_use = "futures do nothing unless you `.await` them"]
pub struct Change<'s>(BoxFuture<'s, Result<Executed>>);

impl<'s> IntoFuture for Change<'s> {
    type Output = Result<Executed>;
    type IntoFuture = BoxFuture<'s, Result<Executed>>;

    fn into_future(self) -> Self::IntoFuture {
        self.0
    }
}

/// SQL written by hand, about to run in a session. Awaited as it is, it runs and gives the number of rows that were changed.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run(async |session| {
/// let row = session.execute(text!("SELECT max(id) AS last FROM documents")).one().await?;
/// assert_eq!(row.get::<i64>("last")?, 3);
/// # Ok(()) });
/// ```
#[must_use = "await it, or fetch the rows with `all`, `first`, `one` or `one_or_none`"]
pub struct UntypedRows<'s> {
    session: &'s mut Session,
    text: Text,
}

macro_rules! untyped {
    ($($(#[$doc:meta])* $name:ident -> $row:ty;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        ///
        /// An error of the database, or the wrong number of rows.
        pub async fn $name(self) -> Result<$row> {
            self.session.before_query().await?;
            let (connection, ..) = self.session.parts();
            connection.execute(self.text).$name().await
        }
    )*};
}

impl UntypedRows<'_> {
    untyped! {
        /// Fetches all rows.
        all -> Vec<Row>;
        /// Fetches the first row, if there is one.
        first -> Option<Row>;
        /// Fetches the only row.
        one -> Row;
        /// Fetches the only row, if there is one.
        one_or_none -> Option<Row>;
    }
}

impl<'s> IntoFuture for UntypedRows<'s> {
    type Output = Result<Executed>;
    type IntoFuture = BoxFuture<'s, Result<Executed>>;

    /// Runs SQL whose rows nobody wants, inside the session's transaction.
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            self.session.before_query().await?;
            let (connection, ..) = self.session.parts();
            connection.begin_writing();
            connection.execute(self.text).await
        })
    }
}

/// A statement that [`Session::execute`] takes.
pub trait SessionQuery {
    /// What executing it gives: something to await, or rows to fetch.
    type Run<'s>;

    /// Executes it.
    fn run_in(self, session: &mut Session) -> Self::Run<'_>;
}

impl<S: SessionShape> SessionQuery for Select<S> {
    type Run<'s> = Rows<'s, S>;

    fn run_in(self, session: &mut Session) -> Rows<'_, S> {
        Rows { session, plan: self.into_session_plan(), overwrite: false, marker: PhantomData }
    }
}

impl<Q: ToSql + Send + Sync + std::fmt::Debug + 'static, S: SessionShape> SessionQuery for Returning<Q, S> {
    type Run<'s> = Rows<'s, S>;

    fn run_in(self, session: &mut Session) -> Rows<'_, S> {
        Rows { session, plan: self.into_session_plan(), overwrite: true, marker: PhantomData }
    }
}

impl SessionQuery for Text {
    type Run<'s> = UntypedRows<'s>;

    fn run_in(self, session: &mut Session) -> UntypedRows<'_> {
        UntypedRows { session, text: self }
    }
}

macro_rules! changes {
    ($($statement:ident),*) => {$(
        impl<E: Entity> SessionQuery for $statement<E> {
            type Run<'s> = Change<'s>;

            fn run_in(self, session: &mut Session) -> Change<'_> {
                Change(Box::pin(change::<E, _>(session, self)))
            }
        }
    )*};
}

changes!(Insert, Update, Delete);

/// Runs a statement that changes rows of an entity inside the session's transaction.
async fn change<E: Entity, Q>(session: &mut Session, query: Q) -> Result<Executed>
where
    Q: for<'c> Query<Run<'c> = aludel_engine::Change<'c>>,
{
    session.before_query().await?;
    let index = session.arenas.index_of::<E>();
    let (connection, arenas, _) = session.parts();
    connection.begin_writing();
    let executed = connection.execute(query).await?;
    // What the statement did to rows that are loaded, the session cannot know.
    arenas.at_mut(index).age(None);
    Ok(executed)
}

/// Builds `a = ? AND b = ?`.
pub(super) fn node_of_columns<E: Mapped>(columns: &[usize], values: Vec<Value>) -> Expr<bool> {
    Expr::all_columns_equal(E::TABLE, columns.iter().copied().zip(values))
}
