//! Statements that are asked together: independent of each other, sent in one batch.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use aludel_sql::{
    CompoundSelect, Delete, FollowUp, Item, Mapped, Result, Returning, Select, Shape, Text, ToSql, TypedText,
    Update, ValueRef,
};

use crate::connection::Connection;
use crate::driver::{BoxFuture, ColumnInfo, Done, End, Flow, RowSink};
use crate::query::{Executed, Plan, RowsQuery};
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
    ///
    /// [`Connection::together`] calls it; who is generic over what is asked calls either.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// use aludel::Together;
    ///
    /// /// Asks, and says how many statements that took.
    /// async fn counted<T: Together>(conn: &mut Connection, statements: T) -> aludel::Result<(T::Answers, u64)> {
    ///     let before = conn.statement_count();
    ///     let answers = statements.ask(conn).await?;
    ///     Ok((answers, conn.statement_count() - before))
    /// }
    ///
    /// let ((users, documents), statements) = counted(conn, (select(User), select(Document))).await?;
    /// assert_eq!((users.len(), documents.len(), statements), (2, 3, 2));
    /// # Ok(()) });
    /// ```
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
    ///
    /// A type of a program's own may be asked too:
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// use aludel::Asked;
    /// use aludel_engine::Question;
    ///
    /// /// The titles of one owner.
    /// struct TitlesOf(i64);
    ///
    /// impl Asked for TitlesOf {
    ///     type Answer = Vec<String>;
    ///
    ///     fn into_question(self) -> Question<Vec<String>> {
    ///         let titles = select(Document::TITLE).filter(Document::OWNER_ID.eq(self.0)).order_by(Document::ID);
    ///         titles.scalars().into_question()
    ///     }
    /// }
    ///
    /// let (of_sam, of_ada) = conn.together((TitlesOf(1), TitlesOf(2))).await?;
    /// assert_eq!((of_sam, of_ada), (vec!["Draft".to_owned(), "Plan".to_owned()], vec!["Notes".to_owned()]));
    /// # Ok(()) });
    /// ```
    fn into_question(self) -> Question<Self::Answer>;
}

/// Says what to make of the rows of a statement that is asked together with others.
pub trait Ask: RowsQuery + Sized {
    /// Its rows, as tuples: what the statement gives by itself. Goes on with `.first()`, `.one()` or `.one_or_none()`.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let stmt = select((Document::ID, Document::TITLE)).order_by(Document::ID);
    /// let (first, user) = conn.together((stmt.rows().first(), select(User).filter(User::ID.eq(1)).scalars().one())).await?;
    /// assert_eq!(first, Some((1, "Draft".to_owned()))); // SELECT … LIMIT ?
    /// assert_eq!(user.email, "sam@example.org");
    /// # Ok(()) });
    /// ```
    fn rows(self) -> Asking<Self, Tuples> {
        Asking { query: self, marker: PhantomData }
    }

    /// The first column or entity of each row. Goes on with `.first()`, `.one()` or `.one_or_none()`.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let (titles, users) = conn.together((select(Document::TITLE).scalars(), select(User).scalars())).await?;
    /// assert_eq!(titles, ["Draft", "Plan", "Notes"]); // not (String,)
    /// assert_eq!(users[0].email, "sam@example.org");
    /// # Ok(()) });
    /// ```
    fn scalars(self) -> Asking<Self> {
        Asking { query: self, marker: PhantomData }
    }

    /// The first column or entity of the only row.
    ///
    /// Kind `NotFound` where there is no row, `MultipleFound` where there are several.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let (users, documents) = conn.together((select(func::count(User::ID)).scalar(), select(func::count(Document::ID)).scalar())).await?;
    /// assert_eq!((users, documents), (2, 3));
    /// # Ok(()) });
    /// ```
    fn scalar(self) -> Asking<Self, Firsts, One> {
        self.scalars().one()
    }
}

impl<Q: RowsQuery> Ask for Q {}

/// A statement that is going to be asked together with others, what is made of each of its rows (`W`), and which of them are wanted (`T`).
#[must_use = "hand it to `together` or to `shared`"]
pub struct Asking<Q, W = Firsts, T = All> {
    query: Q,
    marker: PhantomData<fn() -> (W, T)>,
}

/// Rows come as tuples.
#[derive(Clone, Copy, Debug)]
pub struct Tuples;

/// Rows come as their first column or entity.
#[derive(Clone, Copy, Debug)]
pub struct Firsts;

/// Which of the rows are wanted.
pub trait Take: Send + 'static {
    /// What the rows become.
    type Of<R: Send + 'static>: Send + 'static;

    /// How many rows are enough to tell.
    const MOST: Option<u32>;

    /// Makes it of the rows.
    ///
    /// ```
    /// use aludel_engine::{All, ErrorKind, First, One, OneOrNone, Take};
    ///
    /// assert_eq!(All::take(vec![1, 2])?, [1, 2]);
    /// assert_eq!(First::take(vec![1, 2])?, Some(1));
    /// assert_eq!(One::take(vec![1])?, 1);
    /// assert_eq!(OneOrNone::take(Vec::<i64>::new())?, None);
    /// assert_eq!(One::take(vec![1, 2]).unwrap_err().kind(), ErrorKind::MultipleFound);
    /// # Ok::<(), aludel_engine::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `NotFound` or `MultipleFound` where one row was asked for.
    fn take<R: Send + 'static>(rows: Vec<R>) -> Result<Self::Of<R>>;
}

/// All rows.
#[derive(Clone, Copy, Debug)]
pub struct All;

/// The first row, if there is one.
#[derive(Clone, Copy, Debug)]
pub struct First;

/// The only row.
#[derive(Clone, Copy, Debug)]
pub struct One;

/// The only row, if there is one.
#[derive(Clone, Copy, Debug)]
pub struct OneOrNone;

impl Take for All {
    type Of<R: Send + 'static> = Vec<R>;

    const MOST: Option<u32> = None;

    fn take<R: Send + 'static>(rows: Vec<R>) -> Result<Vec<R>> {
        Ok(rows)
    }
}

impl Take for First {
    type Of<R: Send + 'static> = Option<R>;

    const MOST: Option<u32> = Some(1);

    fn take<R: Send + 'static>(rows: Vec<R>) -> Result<Option<R>> {
        Ok(rows.into_iter().next())
    }
}

impl Take for One {
    type Of<R: Send + 'static> = R;

    const MOST: Option<u32> = Some(2);

    fn take<R: Send + 'static>(rows: Vec<R>) -> Result<R> {
        OneOrNone::take(rows)?.ok_or_else(none_found)
    }
}

impl Take for OneOrNone {
    type Of<R: Send + 'static> = Option<R>;

    const MOST: Option<u32> = Some(2);

    fn take<R: Send + 'static>(rows: Vec<R>) -> Result<Option<R>> {
        let mut rows = rows.into_iter();
        match (rows.next(), rows.next()) {
            (row, None) => Ok(row),
            _ => Err(several_found()),
        }
    }
}

impl<Q, W> Asking<Q, W> {
    /// The first row, if there is one.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let newest = select(Document).order_by(Document::ID.desc()).scalars().first(); // SELECT … ORDER BY documents.id DESC LIMIT ?
    /// let none = select(User).filter(User::ID.eq(7)).scalars().first();
    /// let (newest, none) = conn.together((newest, none)).await?;
    /// assert_eq!((newest.expect("there are three").title.as_str(), none.is_none()), ("Notes", true));
    /// # Ok(()) });
    /// ```
    pub fn first(self) -> Asking<Q, W, First> {
        Asking { query: self.query, marker: PhantomData }
    }

    /// The only row; kind `NotFound` where there is none, `MultipleFound` where there are several.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let by_id = |id: i64| select(User).filter(User::ID.eq(id)).scalars().one();
    /// let (sam, ada) = conn.together((by_id(1), by_id(2))).await?;
    /// assert_eq!((sam.email.as_str(), ada.email.as_str()), ("sam@example.org", "ada@example.org"));
    /// assert_eq!(conn.together((by_id(7),)).await.unwrap_err().kind(), ErrorKind::NotFound);
    /// # Ok(()) });
    /// ```
    pub fn one(self) -> Asking<Q, W, One> {
        Asking { query: self.query, marker: PhantomData }
    }

    /// The only row, if there is one; kind `MultipleFound` where there are several.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let by_name = |name: &str| select(User).filter(User::NAME.eq(name)).scalars().one_or_none();
    /// let (sam, kim) = conn.together((by_name("Sam"), by_name("Kim"))).await?;
    /// assert_eq!((sam.is_some(), kim.is_some()), (true, false));
    /// # Ok(()) });
    /// ```
    pub fn one_or_none(self) -> Asking<Q, W, OneOrNone> {
        Asking { query: self.query, marker: PhantomData }
    }
}

impl<Q, W, T> Asking<Q, W, T> {
    /// Hands the statement over.
    #[doc(hidden)]
    pub fn into_query(self) -> Q {
        self.query
    }
}

impl<Q: RowsQuery + Send, T: Take> Asked for Asking<Q, Tuples, T>
where
    <Q::Shape as Shape>::Row: 'static,
{
    type Answer = T::Of<<Q::Shape as Shape>::Row>;

    fn into_question(self) -> Question<Self::Answer> {
        let rest = <Q::Shape as Shape>::First::follow_up();
        let rest = rest.map(|it| Rest::boxed(it, <Q::Shape as Shape>::first));
        let reader = Reader {
            wants_names: false,
            read: |_, cells, rows| <Q::Shape as Shape>::read(cells).map(|it| rows.push(it)),
        };
        question::<_, T>(self.query.into_plan(), reader, rest)
    }
}

impl<Q: RowsQuery + Send, T: Take> Asked for Asking<Q, Firsts, T>
where
    FirstOf<Q>: 'static,
{
    type Answer = T::Of<FirstOf<Q>>;

    fn into_question(self) -> Question<Self::Answer> {
        let rest = FirstItem::<Q>::follow_up().map(|it| Rest::boxed(it, |value| value));
        let read = |_: &_, cells: &[ValueRef<'_>], rows: &mut Vec<_>| {
            FirstItem::<Q>::read(own_cells::<FirstItem<Q>>(cells)?).map(|it| rows.push(it))
        };
        question::<_, T>(self.query.into_plan(), Reader { wants_names: false, read }, rest)
    }
}

type FirstItem<Q> = <<Q as RowsQuery>::Shape as Shape>::First;
type FirstOf<Q> = <FirstItem<Q> as Item>::Value;

fn question<R: Send + 'static, T: Take>(
    mut plan: Plan,
    reader: Reader<R>,
    rest: Option<Box<dyn RestOfRows<R>>>,
) -> Question<T::Of<R>> {
    if let Some(most) = T::MOST {
        plan.at_most(most);
    }
    let answer = T::take;
    Question {
        plan,
        answering: Box::new(ReadRows { rows: Vec::new(), names: Arc::default(), reader, rest, answer }),
    }
}

impl<Q: fmt::Debug, W, T> fmt::Debug for Asking<Q, W, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.query.fmt(f)
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

impl<S: Shape> Asked for TypedText<S> {
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
        question::<_, All>(Plan::new(self), Reader::WITH_NAMES, None)
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
        (self.reader.read)(&self.names, cells, &mut self.rows)?;
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
    let mut end = End::Open;
    if plans.iter().any(|plan| plan.writes()) && !conn.in_transaction() && conn.options.autocommit {
        conn.begin_writing();
        end = End::Commit;
    }
    conn.run_plans(plans, end, &mut Deal::new(sinks, None)).await
}

/// Shows the rows of each statement to a sink of its own.
pub(crate) struct Deal<'s> {
    sinks: Vec<&'s mut dyn RowSink>,
    /// The rows that each statement has shown.
    seen: Vec<u64>,
    max: Option<u64>,
    /// Known from the beginning: drivers ask for each statement anew.
    wants_columns: bool,
    pub(crate) done: usize,
}

impl<'s> Deal<'s> {
    pub(crate) fn new(sinks: Vec<&'s mut dyn RowSink>, max: Option<u64>) -> Self {
        let wants_columns = sinks.iter().any(|it| it.wants_columns());
        Self { seen: vec![0; sinks.len()], sinks, max, wants_columns, done: 0 }
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
        self.wants_columns
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
