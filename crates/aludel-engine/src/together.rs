//! Statements that are asked together: independent of each other, sent in one batch.

use std::fmt;
use std::sync::Arc;

use aludel_sql::{
    Bind, CompoundSelect, Delete, FollowUp, Item, Mapped, Result, Returning, Select, Shape, Text, ToSql,
    Update, ValueRef,
};

use crate::connection::Connection;
use crate::driver::{BoxFuture, ColumnInfo, Done, End, Flow, RowSink, Statement};
use crate::query::{Executed, Plan, RowsQuery, prepare};
use crate::result::{Row, none_found, own_cells, several_found, too_many};
use crate::stream::Reader;

impl Connection {
    /// Executes statements that are independent of each other in one batch, and returns all their answers: one round trip on
    /// PostgreSQL.
    ///
    /// A statement gives what `execute` and `all` would give: rows as tuples, or [`Executed`]. Its methods of [`Ask`] say otherwise:
    /// `.scalars()` for the first column or entity of each row, `.scalar()` for that of the only row. A tuple of statements gives a
    /// tuple of answers, a `Vec` of statements a `Vec` of answers.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let by_id = select(Document).filter(Document::ID.eq(1));
    /// let (document, users, count) = conn
    ///     .together((
    ///         by_id.scalars().one_or_none(),                 // SELECT … FROM documents WHERE documents.id = ?
    ///         select((User::ID, User::EMAIL)),               // SELECT users.id, users.email FROM users
    ///         select(func::count(Document::ID)).scalar(),    // SELECT count(documents.id) FROM documents
    ///     ))
    ///     .await?;
    /// assert_eq!(document.expect("it is there").title, "Draft");
    /// assert_eq!((users.len(), count), (2, 3));
    ///
    /// let titles = [1, 3].map(|id| select(Document::TITLE).filter(Document::ID.eq(id)).scalar()).into_iter().collect::<Vec<_>>();
    /// assert_eq!(conn.together(titles).await?, ["Draft", "Notes"]);
    /// # Ok(()) });
    /// ```
    ///
    /// Statements that write are kept all or not at all: outside of a transaction there is one around them.
    ///
    /// # Errors
    ///
    /// The first error; the statements after it have not run. Kind `NotFound` or `MultipleFound` for a statement that was asked for one
    /// row, after all have run.
    pub fn together<'c, T: Together + 'c>(&'c mut self, statements: T) -> BoxFuture<'c, Result<T::Answers>> {
        statements.ask(self)
    }
}

/// Statements that [`Connection::together`] takes.
pub trait Together: Send {
    /// What they give.
    type Answers;

    /// Asks them.
    fn ask<'c>(self, conn: &'c mut Connection) -> BoxFuture<'c, Result<Self::Answers>>
    where
        Self: 'c;
}

/// A statement that is asked together with others.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be asked together with other statements",
    note = "a select, an update, a delete, a `text!`, or one of these with `.scalars()`, `.scalar()` or `.rows()`"
)]
pub trait Asked: Send {
    /// What it gives.
    type Answer: Send + 'static;

    /// Hands the statement over.
    fn into_question(self) -> Question<Self::Answer>;
}

/// Says what to make of the rows of a statement that is asked together with others.
pub trait Ask: RowsQuery + Sized {
    /// Its rows, as tuples: what the statement gives by itself. Goes on with `.first()`, `.one()` or `.one_or_none()`.
    fn rows(self) -> Asking<<Self::Shape as Shape>::Row> {
        let reader = Reader { wants_names: false, read: |_, cells| Self::Shape::read(cells) };
        let follow_up = <Self::Shape as Shape>::First::follow_up();
        Asking::new(self.into_plan(), reader, follow_up.map(|it| Rest::boxed(it, Self::Shape::first)))
    }

    /// The first column or entity of each row. Goes on with `.first()`, `.one()` or `.one_or_none()`.
    fn scalars(self) -> Asking<FirstOf<Self>> {
        let read =
            |_: &_, cells: &[ValueRef<'_>]| FirstItem::<Self>::read(own_cells::<FirstItem<Self>>(cells)?);
        let follow_up = FirstItem::<Self>::follow_up();
        Asking::new(
            self.into_plan(),
            Reader { wants_names: false, read },
            follow_up.map(|it| Rest::boxed(it, |value| value)),
        )
    }

    /// The first column or entity of the only row.
    fn scalar(self) -> Asking<FirstOf<Self>, FirstOf<Self>> {
        self.scalars().one()
    }
}

type FirstItem<Q> = <<Q as RowsQuery>::Shape as Shape>::First;
type FirstOf<Q> = <FirstItem<Q> as Item>::Value;

impl<Q: RowsQuery> Ask for Q {}

/// A statement whose rows `R` are going to be an answer `A`.
#[must_use = "hand it to `together` or to `shared`"]
pub struct Asking<R, A = Vec<R>> {
    plan: Plan,
    rows: Vec<R>,
    names: Arc<[String]>,
    reader: Reader<R>,
    rest: Option<Box<dyn RestOfRows<R>>>,
    answer: fn(Vec<R>) -> Result<A>,
}

impl<R> Asking<R> {
    fn new(plan: Plan, reader: Reader<R>, rest: Option<Box<dyn RestOfRows<R>>>) -> Self {
        Self { plan, rows: Vec::new(), names: Arc::default(), reader, rest, answer: Ok }
    }

    /// The first row, if there is one.
    pub fn first(self) -> Asking<R, Option<R>> {
        self.at_most(1, |rows| Ok(rows.into_iter().next()))
    }

    /// The only row; kind `NotFound` where there is none, `MultipleFound` where there are several.
    pub fn one(self) -> Asking<R, R> {
        self.at_most(2, |rows| only(rows)?.ok_or_else(none_found))
    }

    /// The only row, if there is one; kind `MultipleFound` where there are several.
    pub fn one_or_none(self) -> Asking<R, Option<R>> {
        self.at_most(2, only)
    }

    fn at_most<A>(mut self, rows: u32, answer: fn(Vec<R>) -> Result<A>) -> Asking<R, A> {
        self.plan.at_most(rows);
        let Self { plan, rows, names, reader, rest, .. } = self;
        Asking { plan, rows, names, reader, rest, answer }
    }
}

fn only<R>(rows: Vec<R>) -> Result<Option<R>> {
    let mut rows = rows.into_iter();
    match (rows.next(), rows.next()) {
        (row, None) => Ok(row),
        _ => Err(several_found()),
    }
}

impl<R: Send + 'static, A: Send + 'static> Asked for Asking<R, A> {
    type Answer = A;

    fn into_question(self) -> Question<A> {
        let Self { plan, rows, names, reader, rest, answer } = self;
        Question { plan, answering: Box::new(ReadRows { rows, names, reader, rest, answer }) }
    }
}

impl<R, A> fmt::Debug for Asking<R, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asking").field("plan", &self.plan).finish_non_exhaustive()
    }
}

impl<S: Shape> Asked for Select<S> {
    type Answer = Vec<S::Row>;

    fn into_question(self) -> Question<Self::Answer> {
        self.rows().into_question()
    }
}

impl<S: Shape> Asked for CompoundSelect<S> {
    type Answer = Vec<S::Row>;

    fn into_question(self) -> Question<Self::Answer> {
        self.rows().into_question()
    }
}

impl<Q: ToSql + Send + Sync + fmt::Debug + 'static, S: Shape> Asked for Returning<Q, S> {
    type Answer = Vec<S::Row>;

    fn into_question(self) -> Question<Self::Answer> {
        self.rows().into_question()
    }
}

impl Asked for Text {
    type Answer = Vec<Row>;

    fn into_question(self) -> Question<Vec<Row>> {
        let reader = Reader { wants_names: true, read: |names, cells| Ok(Row::of(names, cells)) };
        Asking::new(Plan::new(self), reader, None).into_question()
    }
}

impl<E: Mapped> Asked for Update<E> {
    type Answer = Executed;

    fn into_question(self) -> Question<Executed> {
        Question { plan: Plan::new(self), answering: Box::new(CountRows::default()) }
    }
}

impl<E: Mapped> Asked for Delete<E> {
    type Answer = Executed;

    fn into_question(self) -> Question<Executed> {
        Question { plan: Plan::new(self), answering: Box::new(CountRows::default()) }
    }
}

impl<A: Send + 'static> Asked for Question<A> {
    type Answer = A;

    fn into_question(self) -> Self {
        self
    }
}

/// A statement that was handed over, and what takes its rows.
pub struct Question<A> {
    pub(crate) plan: Plan,
    pub(crate) answering: Box<dyn Answering<A>>,
}

impl<A> fmt::Debug for Question<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.plan.fmt(f)
    }
}

/// Takes the rows of one statement and makes an answer of them.
pub(crate) trait Answering<A>: RowSink {
    /// Tells whether the rows are whole as they come: `complete` has nothing to do.
    fn is_whole(&self) -> bool {
        true
    }

    /// Reads what makes the rows whole.
    fn complete<'a>(&'a mut self, conn: &'a mut Connection) -> BoxFuture<'a, Result<()>> {
        let _ = conn;
        Box::pin(std::future::ready(Ok(())))
    }

    /// Forgets the rows of a batch that was lost.
    fn restart(&mut self) {}

    /// Makes the answer.
    fn answer(self: Box<Self>) -> Result<A>;
}

struct ReadRows<R, A> {
    rows: Vec<R>,
    names: Arc<[String]>,
    reader: Reader<R>,
    rest: Option<Box<dyn RestOfRows<R>>>,
    answer: fn(Vec<R>) -> Result<A>,
}

impl<R: Send, A> RowSink for ReadRows<R, A> {
    fn columns(&mut self, _: usize, columns: &[ColumnInfo<'_>]) -> Result<()> {
        self.names = columns.iter().map(|it| it.name.to_owned()).collect();
        Ok(())
    }

    fn row(&mut self, _: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        if let Some(rest) = &mut self.rest {
            rest.note(cells)?;
        }
        self.rows.push((self.reader.read)(&self.names, cells)?);
        Ok(Flow::More)
    }

    fn wants_columns(&self) -> bool {
        self.reader.wants_names
    }
}

impl<R: Send, A> Answering<A> for ReadRows<R, A> {
    fn is_whole(&self) -> bool {
        self.rest.is_none()
    }

    fn complete<'a>(&'a mut self, conn: &'a mut Connection) -> BoxFuture<'a, Result<()>> {
        match self.rest.take() {
            Some(rest) => rest.read(conn, &mut self.rows),
            None => Box::pin(std::future::ready(Ok(()))),
        }
    }

    fn restart(&mut self) {
        self.rows.clear();
    }

    fn answer(self: Box<Self>) -> Result<A> {
        (self.answer)(self.rows)
    }
}

#[derive(Default)]
struct CountRows(u64);

impl RowSink for CountRows {
    fn row(&mut self, _: usize, _: &[ValueRef<'_>]) -> Result<Flow> {
        Ok(Flow::More)
    }

    fn done(&mut self, _: usize, done: Done) {
        self.0 += done.rows_affected;
    }
}

impl Answering<Executed> for CountRows {
    fn answer(self: Box<Self>) -> Result<Executed> {
        Ok(Executed { rows_affected: self.0 })
    }
}

/// Reads what makes rows whole after them, whatever a row is made of.
trait RestOfRows<R>: Send {
    fn note(&mut self, cells: &[ValueRef<'_>]) -> Result<()>;
    fn read<'a>(self: Box<Self>, conn: &'a mut Connection, rows: &'a mut [R]) -> BoxFuture<'a, Result<()>>
    where
        Self: 'a;
}

/// What makes the first value of each row whole.
struct Rest<R, V> {
    follow_up: Box<dyn FollowUp<V>>,
    first: fn(&mut R) -> &mut V,
}

impl<R: Send + 'static, V: Send + 'static> Rest<R, V> {
    fn boxed(follow_up: Box<dyn FollowUp<V>>, first: fn(&mut R) -> &mut V) -> Box<dyn RestOfRows<R>> {
        Box::new(Self { follow_up, first })
    }
}

impl<R: Send, V: Send> RestOfRows<R> for Rest<R, V> {
    fn note(&mut self, cells: &[ValueRef<'_>]) -> Result<()> {
        self.follow_up.note(cells)
    }

    fn read<'a>(self: Box<Self>, conn: &'a mut Connection, rows: &'a mut [R]) -> BoxFuture<'a, Result<()>>
    where
        Self: 'a,
    {
        let Self { follow_up, first } = *self;
        Box::pin(async move { conn.follow_up(follow_up, rows.iter_mut().map(first)).await })
    }
}

/// Sends statements in one batch and deals their rows out.
async fn ask(conn: &mut Connection, plans: &[&Plan], sinks: Vec<&mut dyn RowSink>) -> Result<()> {
    let engine = conn.engine().clone();
    let prepared = plans.iter().map(|plan| prepare(&engine, plan.statement())).collect::<Result<Vec<_>>>()?;
    let values: Vec<Vec<ValueRef<'_>>> =
        prepared.iter().map(|(_, binds)| binds.iter().map(Bind::as_ref).collect()).collect();
    let statements: Vec<Statement<'_>> =
        prepared.iter().zip(&values).map(|((text, _), values)| text.statement(values)).collect();
    let mut end = End::Open;
    if plans.iter().any(|plan| plan.writes()) && !conn.in_transaction() && conn.options.autocommit {
        conn.begin_writing();
        end = End::Commit;
    }
    conn.run(&statements, end, &mut Deal::new(sinks, conn.options.max_rows)).await
}

/// Shows the rows of each statement to a sink of its own.
pub(crate) struct Deal<'s> {
    sinks: Vec<&'s mut dyn RowSink>,
    /// The rows that each statement has shown.
    seen: Vec<u64>,
    max: Option<u64>,
    pub(crate) done: usize,
}

impl<'s> Deal<'s> {
    pub(crate) fn new(sinks: Vec<&'s mut dyn RowSink>, max: Option<u64>) -> Self {
        Self { seen: vec![0; sinks.len()], sinks, max, done: 0 }
    }
}

impl RowSink for Deal<'_> {
    fn columns(&mut self, statement: usize, columns: &[ColumnInfo<'_>]) -> Result<()> {
        let sink = &mut self.sinks[statement];
        if sink.wants_columns() { sink.columns(0, columns) } else { Ok(()) }
    }

    fn row(&mut self, statement: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        self.seen[statement] += 1;
        if let Some(max) = self.max
            && self.seen[statement] > max
        {
            return Err(too_many(max));
        }
        self.sinks[statement].row(0, cells)
    }

    fn done(&mut self, statement: usize, done: Done) {
        self.sinks[statement].done(0, done);
        self.done = statement + 1;
    }

    fn wants_columns(&self) -> bool {
        self.sinks.iter().any(|sink| sink.wants_columns())
    }
}

impl<T: Asked> Together for Vec<T> {
    type Answers = Vec<T::Answer>;

    fn ask<'c>(self, conn: &'c mut Connection) -> BoxFuture<'c, Result<Self::Answers>>
    where
        Self: 'c,
    {
        let mut questions: Vec<Question<T::Answer>> = self.into_iter().map(T::into_question).collect();
        Box::pin(async move {
            let (plans, sinks) =
                questions.iter_mut().map(|it| (&it.plan, &mut *it.answering as &mut dyn RowSink)).unzip();
            let (plans, sinks): (Vec<&Plan>, Vec<&mut dyn RowSink>) = (plans, sinks);
            ask(conn, &plans, sinks).await?;
            for question in &mut questions {
                question.answering.complete(conn).await?;
            }
            questions.into_iter().map(|it| it.answering.answer()).collect()
        })
    }
}

macro_rules! together {
    ($(($($name:ident)+))*) => {$(
        impl<$($name: Asked),+> Together for ($($name,)+) {
            type Answers = ($($name::Answer,)+);

            #[allow(non_snake_case)]
            fn ask<'c>(self, conn: &'c mut Connection) -> BoxFuture<'c, Result<Self::Answers>>
            where
                Self: 'c,
            {
                let ($($name,)+) = self;
                $(let mut $name = $name.into_question();)+
                Box::pin(async move {
                    ask(conn, &[$(&$name.plan),+], vec![$(&mut *$name.answering as &mut dyn RowSink),+]).await?;
                    $($name.answering.complete(conn).await?;)+
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
