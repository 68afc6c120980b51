//! Statements that a session asks together: independent of each other, sent in one batch.

use aludel_engine::driver::{BoxFuture, ColumnInfo, Done, End, Flow, RowSink};
use aludel_engine::{Asking, BoundSelect, Executed, Firsts, Plan, Row, RowsQuery, Take, Tuples};
use aludel_sql::{
    CompoundSelect, Delete, Result, Returning, Select, Shape, TableMeta, Text, ToSql, TypedText, Update,
    ValueRef,
};

use super::query::{
    Access, Changes, IntoSessionPlan, Populate, Reads, SessionItem, SessionPlan, SessionShape, Tracked,
    Tracker, access_of, cells_of, returned,
};
use super::{Session, arenas::Arenas};
use crate::entity::Entity;
use crate::loading::{Eager, Work, run};

impl Session {
    /// Executes statements that are independent of each other in one batch, and returns all their answers: one round trip on
    /// PostgreSQL. What their loaders ask for goes together as well, level by level.
    ///
    /// A statement gives what `execute` and `all` would give: rows as tuples, or [`Executed`]. `.scalars()` asks for the first column
    /// or entity of each row, `.scalar()` for that of the only row; `.first()`, `.one()` and `.one_or_none()` go on from there. A tuple of
    /// statements gives a tuple of answers, a `Vec` of statements a `Vec` of answers. Objects that an UPDATE or DELETE among them may have
    /// changed age: the next query that meets them reads them anew.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let (users, newest, count) = session
    ///     .together((
    ///         select(User).options(selectinload(User::DOCUMENTS)).scalars(), // SELECT … FROM users
    ///         select(Document).order_by(Document::ID.desc()).scalars().first(), // SELECT … FROM documents …
    ///         select(func::count(Document::ID)).scalar(),                    // SELECT count(documents.id) FROM documents
    ///     ))
    ///     .await?; // and then: SELECT … FROM documents WHERE documents.owner_id IN (…)
    /// assert_eq!(session.view(users[0]).documents()?.count(), 2);
    /// assert_eq!(newest.map(|it| session[it].title.as_str()), Some("Notes"));
    /// assert_eq!(count, 3);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// The first error; the statements after it have not run. Kind `NotFound` or `MultipleFound` for a statement that was asked for one
    /// row, after all have run.
    pub async fn together<T: SessionTogether>(&mut self, statements: T) -> Result<T::Answers> {
        statements.ask_in(self).await
    }
}

/// Statements that [`Session::together`] takes.
pub trait SessionTogether: Send {
    /// What they give.
    type Answers;

    /// Asks them.
    #[doc(hidden)]
    fn ask_in<'s>(self, session: &'s mut Session) -> BoxFuture<'s, Result<Self::Answers>>
    where
        Self: 's;
}

/// A statement that a session asks together with others.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be asked together with other statements",
    note = "a select, an update, a delete, a `text!`, or one of these with `.scalars()`, `.scalar()` or `.rows()`"
)]
pub trait SessionAsked: Send {
    /// What it gives.
    type Answer: Send + 'static;

    /// Hands the statement over.
    #[doc(hidden)]
    fn into_session_question(self) -> Result<SessionQuestion<Self::Answer>>;
}

/// A statement that was handed over, and what takes its rows.
#[doc(hidden)]
pub struct SessionQuestion<A> {
    plan: Plan,
    access: Access,
    answering: Box<dyn Answering<A>>,
}

/// Takes the rows of one statement and makes an answer of them.
trait Answering<A>: TakeRows {
    /// Reads what makes the rows whole, and fills relations. Returns what is to be loaded next.
    fn complete<'a>(&'a mut self, session: &'a mut Session) -> BoxFuture<'a, Result<Vec<Work>>>;

    /// Makes the answer.
    fn answer(self: Box<Self>) -> Result<A>;
}

/// Takes the rows of one statement.
trait TakeRows: Send {
    fn row(&mut self, arenas: &mut Arenas, cells: &[ValueRef<'_>]) -> Result<()>;

    fn columns(&mut self, columns: &[ColumnInfo<'_>]) {
        let _ = columns;
    }

    fn done(&mut self, done: Done) {
        let _ = done;
    }

    fn wants_columns(&self) -> bool {
        false
    }
}

impl<Q, T: Take> SessionAsked for Asking<Q, Tuples, T>
where
    Q: RowsQuery<Shape: SessionShape> + IntoSessionPlan + Send,
    <Q::Shape as SessionShape>::TrackedRow: 'static,
{
    type Answer = T::Of<<Q::Shape as SessionShape>::TrackedRow>;

    fn into_session_question(self) -> Result<SessionQuestion<Self::Answer>> {
        question::<_, _, T>(
            self.into_query(),
            Reads {
                items: usize::MAX,
                width: Q::Shape::width(),
                track: <Q::Shape as SessionShape>::track,
                handles: <Q::Shape as SessionShape>::handles,
                first: <Q::Shape as SessionShape>::first_tracked,
                follow_up: <Q::Shape as Shape>::First::follow_up_tracked(),
            },
        )
    }
}

impl<Q, T: Take> SessionAsked for Asking<Q, Firsts, T>
where
    Q: RowsQuery + IntoSessionPlan + Send,
    <Q::Shape as Shape>::First: SessionItem<Tracked: 'static>,
{
    type Answer = T::Of<<<Q::Shape as Shape>::First as SessionItem>::Tracked>;

    fn into_session_question(self) -> Result<SessionQuestion<Self::Answer>> {
        question::<_, _, T>(
            self.into_query(),
            Reads {
                items: 1,
                width: <<Q::Shape as Shape>::First as aludel_sql::Item>::width(),
                track: <<Q::Shape as Shape>::First as SessionItem>::track,
                handles: |it, to| to.push(<<Q::Shape as Shape>::First as SessionItem>::handle(it)),
                first: |it| it,
                follow_up: <Q::Shape as Shape>::First::follow_up_tracked(),
            },
        )
    }
}

/// Functions for rows whose types are known.
type How<R, V> =
    Reads<R, V, fn(&mut Tracker<'_>, &[ValueRef<'_>]) -> Result<R>, fn(&R, &mut Vec<Option<Tracked>>)>;

fn question<R: Send + 'static, V: Send + 'static, T: Take>(
    query: impl IntoSessionPlan,
    how: How<R, V>,
) -> Result<SessionQuestion<T::Of<R>>> {
    let mut plan = query.into_session_plan();
    if let Some(most) = T::MOST {
        plan.at_most(most);
    }
    let SessionPlan { mut plan, options, tracking } = plan;
    let eager = Eager::attach(&mut plan, &options, how.items)?;
    let in_with = if tracking.access == Access::Writes { plan.changed_in_with() } else { Vec::new() };
    let answering = TrackRows {
        how,
        in_with,
        eager,
        populate: tracking.populate,
        changes: tracking.changes,
        rows: Vec::new(),
        take: T::take,
    };
    Ok(SessionQuestion { plan, access: tracking.access, answering: Box::new(answering) })
}

struct TrackRows<R, V, A> {
    how: How<R, V>,
    eager: Option<Eager>,
    populate: Populate,
    changes: Option<Changes>,
    /// The tables whose rows change by what stands in WITH.
    in_with: Vec<&'static TableMeta>,
    rows: Vec<R>,
    take: fn(Vec<R>) -> Result<A>,
}

impl<R: Send, V: Send, A> TakeRows for TrackRows<R, V, A> {
    fn row(&mut self, arenas: &mut Arenas, cells: &[ValueRef<'_>]) -> Result<()> {
        let mine = cells_of(self.how.width, cells)?;
        if let Some(follow_up) = &mut self.how.follow_up {
            follow_up.note(mine)?;
        }
        let met = self.changes.map(|_| Vec::new());
        let mut tracker = Tracker::new(arenas, self.populate, met);
        let row = (self.how.track)(&mut tracker, mine)?;
        if let Some(eager) = self.eager.as_mut().filter(|it| it.reads_rows()) {
            eager.row(&mut tracker, &row, self.how.handles, cells)?;
        }
        let Tracker { arenas, met, .. } = tracker;
        if let (Some(changes), Some(met)) = (self.changes, met) {
            returned(arenas, changes, met);
        }
        self.rows.push(row);
        Ok(())
    }
}

impl<R: Send, V: Send, A> Answering<A> for TrackRows<R, V, A> {
    fn complete<'a>(&'a mut self, session: &'a mut Session) -> BoxFuture<'a, Result<Vec<Work>>> {
        Box::pin(async move {
            let Self { how, eager, in_with, rows, .. } = self;
            session.arenas.age(in_with);
            if let Some(follow_up) = how.follow_up.take() {
                session.follow_up(follow_up, rows.iter_mut().map(how.first)).await?;
            }
            let Some(eager) = eager.take() else { return Ok(Vec::new()) };
            Ok(eager.finish(session, rows, how.handles))
        })
    }

    fn answer(self: Box<Self>) -> Result<A> {
        (self.take)(self.rows)
    }
}

macro_rules! rows {
    ($([$($generics:tt)*] $statement:ty;)*) => {$(
        impl<$($generics)*> SessionAsked for $statement
        where
            S::TrackedRow: 'static,
        {
            type Answer = Vec<S::TrackedRow>;

            fn into_session_question(self) -> Result<SessionQuestion<Self::Answer>> {
                aludel_engine::Ask::rows(self).into_session_question()
            }
        }
    )*};
}

rows! {
    [S: SessionShape] Select<S>;
    [S: SessionShape] BoundSelect<S>;
    [S: SessionShape] CompoundSelect<S>;
    [S: SessionShape] TypedText<S>;
    [Q: ToSql + Send + Sync + std::fmt::Debug + 'static, S: SessionShape] Returning<Q, S>;
}

impl SessionAsked for Text {
    type Answer = Vec<Row>;

    fn into_session_question(self) -> Result<SessionQuestion<Vec<Row>>> {
        let access = access_of(&self);
        Ok(SessionQuestion { plan: Plan::of(self), access, answering: Box::new(UntypedRows::default()) })
    }
}

#[derive(Default)]
struct UntypedRows {
    names: std::sync::Arc<[String]>,
    rows: Vec<Row>,
}

impl TakeRows for UntypedRows {
    fn row(&mut self, _: &mut Arenas, cells: &[ValueRef<'_>]) -> Result<()> {
        self.rows.push(Row::of(&self.names, cells));
        Ok(())
    }

    fn columns(&mut self, columns: &[ColumnInfo<'_>]) {
        self.names = columns.iter().map(|it| it.name.to_owned()).collect();
    }

    fn wants_columns(&self) -> bool {
        true
    }
}

impl Answering<Vec<Row>> for UntypedRows {
    fn complete<'a>(&'a mut self, _: &'a mut Session) -> BoxFuture<'a, Result<Vec<Work>>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    fn answer(self: Box<Self>) -> Result<Vec<Row>> {
        Ok(self.rows)
    }
}

macro_rules! changes {
    ($($statement:ident),*) => {$(
        impl<E: Entity> SessionAsked for $statement<E> {
            type Answer = Executed;

            fn into_session_question(self) -> Result<SessionQuestion<Executed>> {
                let in_with = self.statement().changed_in_with();
                let answering = Changed { rows: 0, in_with, age: |session| {
                    let index = session.arenas.index_of::<E>();
                    // What the statement did to rows that are loaded, the session cannot know.
                    session.arenas.at_mut(index).age(None);
                } };
                Ok(SessionQuestion { plan: Plan::of(self), access: Access::Writes, answering: Box::new(answering) })
            }
        }
    )*};
}

changes!(Update, Delete);

struct Changed {
    rows: u64,
    /// The tables whose rows change by what stands in WITH.
    in_with: Vec<&'static TableMeta>,
    age: fn(&mut Session),
}

impl TakeRows for Changed {
    fn row(&mut self, _: &mut Arenas, _: &[ValueRef<'_>]) -> Result<()> {
        Ok(())
    }

    fn done(&mut self, done: Done) {
        self.rows += done.rows_affected;
    }
}

impl Answering<Executed> for Changed {
    fn complete<'a>(&'a mut self, session: &'a mut Session) -> BoxFuture<'a, Result<Vec<Work>>> {
        (self.age)(session);
        session.arenas.age(&self.in_with);
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    fn answer(self: Box<Self>) -> Result<Executed> {
        Ok(Executed { rows_affected: self.rows })
    }
}

/// Sends the statements in one batch and deals their rows out.
async fn ask(
    session: &mut Session,
    plans: Vec<(&Plan, Access)>,
    mut takers: Vec<&mut dyn TakeRows>,
) -> Result<()> {
    if plans.is_empty() {
        return Ok(());
    }
    session.before_queries(plans.len() as u64).await?;
    plans.iter().for_each(|(_, access)| session.begin(*access));
    let (connection, arenas, _) = session.parts();
    let plans: Vec<&Plan> = plans.into_iter().map(|(plan, _)| plan).collect();
    let mut sink = Deal { arenas, takers: &mut takers };
    connection.run_plans(&plans, End::Open, &mut sink).await
}

/// Shows the rows of each statement to the one who takes them.
struct Deal<'s, 't> {
    arenas: &'s mut Arenas,
    takers: &'s mut [&'t mut dyn TakeRows],
}

impl RowSink for Deal<'_, '_> {
    fn columns(&mut self, statement: usize, columns: &[ColumnInfo<'_>]) -> Result<()> {
        let taker = &mut self.takers[statement];
        if taker.wants_columns() {
            taker.columns(columns);
        }
        Ok(())
    }

    fn row(&mut self, statement: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        self.takers[statement].row(self.arenas, cells)?;
        Ok(Flow::More)
    }

    fn done(&mut self, statement: usize, done: Done) {
        self.takers[statement].done(done);
    }

    fn wants_columns(&self) -> bool {
        self.takers.iter().any(|it| it.wants_columns())
    }
}

impl<A> SessionQuestion<A> {
    fn parts(&mut self) -> ((&Plan, Access), &mut dyn TakeRows) {
        ((&self.plan, self.access), &mut *self.answering)
    }
}

impl<T: SessionAsked> SessionTogether for Vec<T> {
    type Answers = Vec<T::Answer>;

    fn ask_in<'s>(self, session: &'s mut Session) -> BoxFuture<'s, Result<Self::Answers>>
    where
        Self: 's,
    {
        Box::pin(async move {
            let mut questions = self.into_iter().map(T::into_session_question).collect::<Result<Vec<_>>>()?;
            let (plans, takers) = questions.iter_mut().map(SessionQuestion::parts).unzip();
            ask(session, plans, takers).await?;
            let mut work = Vec::new();
            for question in &mut questions {
                work.extend(question.answering.complete(session).await?);
            }
            run(session, work, Populate::default()).await?;
            questions.into_iter().map(|it| it.answering.answer()).collect()
        })
    }
}

macro_rules! together {
    ($(($($name:ident)+))*) => {$(
        impl<$($name: SessionAsked),+> SessionTogether for ($($name,)+) {
            type Answers = ($($name::Answer,)+);

            #[allow(non_snake_case)]
            fn ask_in<'s>(self, session: &'s mut Session) -> BoxFuture<'s, Result<Self::Answers>>
            where
                Self: 's,
            {
                let ($($name,)+) = self;
                Box::pin(async move {
                    $(let mut $name = $name.into_session_question()?;)+
                    let (plans, takers) = [$($name.parts()),+].into_iter().unzip();
                    ask(session, plans, takers).await?;
                    let mut work = Vec::new();
                    $(work.extend($name.answering.complete(session).await?);)+
                    run(session, work, Populate::default()).await?;
                    Ok(($($name.answering.answer()?,)+))
                })
            }
        }
    )*};
}

together! {
    (A)
    (A B)
    (A B C)
    (A B C D)
    (A B C D E)
    (A B C D E F)
    (A B C D E F G)
    (A B C D E F G H)
    (A B C D E F G H I)
    (A B C D E F G H I J)
    (A B C D E F G H I J K)
    (A B C D E F G H I J K L)
}
