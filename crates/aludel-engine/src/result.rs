//! The rows of a statement: as tuples, as their first column, or by name.

use std::marker::PhantomData;
use std::sync::Arc;

use aludel_sql::{ColumnType, Error, ErrorKind, Item, Result, Shape, Value, ValueRef};

use crate::connection::Connection;
use crate::driver::{BoxFuture, ColumnInfo, Discard, Done, Flow, RowSink};
use crate::query::{Executed, Plan};
use crate::stream::{Reader, RowStream};

/// What is kept of the rows of a statement.
trait Keep<T>: Send {
    /// Takes a row, if it is wanted, and says whether there may be others.
    fn keep(&mut self, row: impl FnOnce() -> Result<T>) -> Result<Flow>;
}

impl<T: Send> Keep<T> for Vec<T> {
    #[inline]
    fn keep(&mut self, row: impl FnOnce() -> Result<T>) -> Result<Flow> {
        self.push(row()?);
        Ok(Flow::More)
    }
}

/// The first row, and whether there was another. It needs no memory of its own.
struct FirstRow<T> {
    row: Option<T>,
    others: bool,
    /// What to say of the first row: the statement may give one at most.
    flow: Flow,
}

impl<T> FirstRow<T> {
    fn of(plan: &Plan) -> Self {
        let flow = if plan.is_limited_to_one() { Flow::Enough } else { Flow::More };
        Self { row: None, others: false, flow }
    }
}

impl<T: Send> Keep<T> for FirstRow<T> {
    fn keep(&mut self, row: impl FnOnce() -> Result<T>) -> Result<Flow> {
        match self.row {
            None => self.row = Some(row()?),
            Some(_) => self.others = true,
        }
        Ok(self.flow)
    }
}

impl<T> FirstRow<T> {
    /// Returns the row, which must be the only one.
    fn one(self) -> Result<T> {
        match self.row {
            _ if self.others => Err(several_found()),
            Some(row) => Ok(row),
            None => Err(none_found()),
        }
    }

    /// Returns the row, if it is the only one.
    fn only(self) -> Result<Option<T>> {
        if self.others { Err(several_found()) } else { Ok(self.row) }
    }
}

/// A sink that is a function of the cells of a row.
pub(crate) struct EachRow<F>(pub(crate) F);

impl<F: FnMut(&[ValueRef<'_>]) -> Result<Flow> + Send> RowSink for EachRow<F> {
    #[inline]
    fn row(&mut self, _: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        (self.0)(cells)
    }
}

/// A sink that refuses more rows than may be fetched at once.
pub(crate) struct Bounded<'s> {
    pub(crate) sink: &'s mut dyn RowSink,
    pub(crate) max: u64,
    pub(crate) seen: u64,
}

impl RowSink for Bounded<'_> {
    fn columns(&mut self, statement: usize, columns: &[ColumnInfo<'_>]) -> Result<()> {
        self.sink.columns(statement, columns)
    }

    fn row(&mut self, statement: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        self.seen += 1;
        if self.seen > self.max {
            return Err(too_many(self.max));
        }
        self.sink.row(statement, cells)
    }

    fn done(&mut self, statement: usize, done: Done) {
        self.sink.done(statement, done);
    }

    fn wants_columns(&self) -> bool {
        self.sink.wants_columns()
    }
}

#[cold]
pub(crate) fn too_many(max: u64) -> Error {
    Error::new(ErrorKind::TooManyRows, format!("the statement gives more than {max} rows"))
        .help("read them with `stream`, add a `limit`, or raise `max_rows`")
}

macro_rules! fetch {
    ($row:ty) => {
        /// Fetches all rows.
        ///
        /// # Errors
        ///
        /// An error of the database, or of kind `Decode`.
        pub async fn all(mut self) -> Result<Vec<$row>> {
            let mut rows = Vec::new();
            self.fetch(&mut rows).await?;
            Ok(rows)
        }

        /// Fetches the first row, if there is one.
        ///
        /// # Errors
        ///
        /// An error of the database, or of kind `Decode`.
        pub async fn first(mut self) -> Result<Option<$row>> {
            self.plan.at_most(1);
            let mut keep = FirstRow::of(&self.plan);
            self.fetch(&mut keep).await?;
            Ok(keep.row)
        }

        /// Fetches the only row.
        ///
        /// # Errors
        ///
        /// Kind `NotFound` where there is none, `MultipleFound` where there are several; an error of the database, or of kind
        /// `Decode`.
        pub async fn one(mut self) -> Result<$row> {
            self.plan.at_most(2);
            let mut keep = FirstRow::of(&self.plan);
            self.fetch(&mut keep).await?;
            keep.one()
        }

        /// Fetches the only row, if there is one.
        ///
        /// # Errors
        ///
        /// Kind `MultipleFound` where there are several; an error of the database, or of kind `Decode`.
        pub async fn one_or_none(mut self) -> Result<Option<$row>> {
            self.plan.at_most(2);
            let mut keep = FirstRow::of(&self.plan);
            self.fetch(&mut keep).await?;
            keep.only()
        }
    };
}

/// The rows of a statement, as tuples.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run_core(async |conn| {
/// let stmt = select((User::ID, User::NAME)).order_by(User::ID);
/// let all: Vec<(i64, Option<String>)> = conn.execute(stmt).all().await?; // SELECT users.id, users.name FROM users ORDER BY …
/// assert_eq!(all, [(1, Some("Sam".to_owned())), (2, None)]);
///
/// let (id, name) = conn.execute(select((User::ID, User::NAME)).filter(User::ID.eq(1))).one().await?;
/// assert_eq!((id, name.as_deref()), (1, Some("Sam")));
/// # Ok(()) });
/// ```
#[must_use = "fetch the rows with `all`, `first`, `one`, `one_or_none` or `stream`"]
#[derive(Debug)]
pub struct Rows<'c, S> {
    conn: &'c mut Connection,
    plan: Plan,
    marker: PhantomData<fn() -> S>,
}

impl<'c, S: Shape> Rows<'c, S> {
    #[doc(hidden)]
    pub fn new(conn: &'c mut Connection, plan: Plan) -> Self {
        Self { conn, plan, marker: PhantomData }
    }

    fetch!(S::Row);

    /// Returns the rows one after the other, without holding all of them in memory.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let mut users = conn.execute(select((User::ID, User::EMAIL))).stream(); // SELECT users.id, users.email FROM users
    /// while let Some((id, email)) = users.next().await? {
    ///     println!("{id} {email}");
    /// }
    /// # Ok(()) });
    /// ```
    ///
    /// A projection with collections cannot be streamed: the connection is busy with its rows. Then the first row is an error of kind
    /// `Unsupported`. `max_rows` does not count here.
    pub fn stream(self) -> RowStream<'c, S::Row> {
        let read =
            Reader { wants_names: false, read: |_, cells, rows| S::read(cells).map(|it| rows.push(it)) };
        RowStream::of_whole_rows::<S::First>(self.conn, self.plan, read)
    }

    async fn fetch(&mut self, keep: &mut impl Keep<S::Row>) -> Result<()> {
        if let Some(follow_up) = S::First::follow_up() {
            let whole = self.conn.collect_whole(&self.plan, follow_up, S::read, S::first);
            return Box::pin(whole).await?.into_iter().try_for_each(|row| keep.keep(|| Ok(row)).map(drop));
        }
        let mut sink = EachRow(|cells: &[ValueRef<'_>]| keep.keep(|| S::read(cells)));
        self.conn.run_plan(&self.plan, &mut sink).await
    }
}

/// The rows of a statement, as their first column or entity.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run_core(async |conn| {
/// let by_title = |title: &str| select(Document).filter(Document::TITLE.eq(title));
/// let draft = conn.scalars(by_title("Draft")).one().await?; // an error if there is none, or another
/// assert_eq!(draft.body, "A first attempt.");
///
/// let essay = conn.scalars(by_title("Essay")).one_or_none().await?; // an error if there is another
/// assert!(essay.is_none());
///
/// let any = conn.scalars(select(Document::TITLE)).first().await?; // SELECT documents.title FROM documents LIMIT 1
/// assert_eq!(any.as_deref(), Some("Draft"));
/// # Ok(()) });
/// ```
#[must_use = "fetch the rows with `all`, `first`, `one`, `one_or_none` or `stream`"]
#[derive(Debug)]
pub struct Scalars<'c, I> {
    conn: &'c mut Connection,
    plan: Plan,
    marker: PhantomData<fn() -> I>,
}

impl<'c, I: Item> Scalars<'c, I> {
    #[doc(hidden)]
    pub fn new(conn: &'c mut Connection, plan: Plan) -> Self {
        Self { conn, plan, marker: PhantomData }
    }

    fetch!(I::Value);

    /// Returns the values one after the other, without holding all of them in memory.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let mut titles = conn.scalars(select(Document::TITLE)).stream(); // SELECT documents.title FROM documents
    /// while let Some(title) = titles.next().await? {
    ///     println!("{title}");
    /// }
    /// # Ok(()) });
    /// ```
    ///
    /// As [`Rows::stream`].
    pub fn stream(self) -> RowStream<'c, I::Value> {
        let read = |_: &_, cells: &[ValueRef<'_>], rows: &mut Vec<_>| {
            I::read(own_cells::<I>(cells)?).map(|it| rows.push(it))
        };
        let read = Reader { wants_names: false, read };
        RowStream::of_whole_rows::<I>(self.conn, self.plan, read)
    }

    async fn fetch(&mut self, keep: &mut impl Keep<I::Value>) -> Result<()> {
        let read = |cells: &[ValueRef<'_>]| I::read(own_cells::<I>(cells)?);
        if let Some(follow_up) = I::follow_up() {
            let whole = self.conn.collect_whole(&self.plan, follow_up, read, |value| value);
            return Box::pin(whole).await?.into_iter().try_for_each(|row| keep.keep(|| Ok(row)).map(drop));
        }
        let mut sink = EachRow(|cells: &[ValueRef<'_>]| keep.keep(|| read(cells)));
        self.conn.run_plan(&self.plan, &mut sink).await
    }
}

/// Takes the cells of the first item of a row.
#[inline]
pub(crate) fn own_cells<'a, 'v, I: Item>(cells: &'a [ValueRef<'v>]) -> Result<&'a [ValueRef<'v>]> {
    let width = I::width();
    cells.get(..width).ok_or_else(|| {
        Error::new(ErrorKind::Decode, format!("the row has {} columns, {width} are read", cells.len()))
    })
}

/// The rows of SQL written by hand, read by name. Awaited as it is, it runs and gives the number of rows that were changed.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run_core(async |conn| {
/// let rows = conn.execute(text!("SELECT title, length(body) AS size FROM documents")).all().await?;
/// assert_eq!(rows[0].get::<i64>("size")?, 16);
///
/// let done = conn.execute(text!("UPDATE documents SET body = '' WHERE owner_id = :owner", owner = 1)).await?;
/// assert_eq!(done.rows_affected, 2);
/// # Ok(()) });
/// ```
#[must_use = "await it, or fetch the rows with `all`, `first`, `one`, `one_or_none` or `stream`"]
#[derive(Debug)]
pub struct UntypedRows<'c> {
    conn: &'c mut Connection,
    plan: Plan,
}

impl<'c> UntypedRows<'c> {
    pub(crate) fn new(conn: &'c mut Connection, plan: Plan) -> Self {
        Self { conn, plan }
    }

    fetch!(Row);

    /// Returns the rows one after the other, without holding all of them in memory.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let mut rows = conn.execute(text!("SELECT title, length(body) AS size FROM documents")).stream();
    /// while let Some(row) = rows.next().await? {
    ///     println!("{}: {}", row.get::<String>("title")?, row.get::<i64>("size")?);
    /// }
    /// # Ok(()) });
    /// ```
    pub fn stream(self) -> RowStream<'c, Row> {
        RowStream::new(self.conn, self.plan, Reader::WITH_NAMES)
    }

    async fn fetch(&mut self, keep: &mut impl Keep<Row>) -> Result<()> {
        let mut sink = CollectUntyped { names: Arc::default(), rows: keep };
        self.conn.run_plan(&self.plan, &mut sink).await
    }
}

impl<'c> IntoFuture for UntypedRows<'c> {
    type Output = Result<Executed>;
    type IntoFuture = BoxFuture<'c, Result<Executed>>;

    /// Runs SQL whose rows nobody wants.
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut sink = Discard::default();
            self.conn.run_plan_unbounded(&self.plan, &mut sink).await?;
            Ok(Executed { rows_affected: sink.rows_affected })
        })
    }
}

/// A row of SQL written by hand.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run_core(async |conn| {
/// let row = conn.execute(text!("SELECT title, owner_id FROM documents WHERE id = :id", id = 1)).one().await?;
/// let title: String = row.get("title")?;
/// assert_eq!(title, "Draft");
/// # Ok(()) });
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    names: Arc<[String]>,
    values: Vec<Value>,
}

impl Row {
    #[doc(hidden)]
    #[must_use]
    pub fn of(names: &Arc<[String]>, cells: &[ValueRef<'_>]) -> Self {
        let values = cells.iter().map(|cell| cell.to_value()).collect();
        Self { names: Arc::clone(names), values }
    }

    /// Reads a column by name.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let row = conn.execute(text!("SELECT email, name FROM users WHERE id = 2")).one().await?;
    /// assert_eq!(row.get::<String>("email")?, "ada@example.org");
    /// assert_eq!(row.get::<Option<String>>("name")?, None); // an `Option` where NULL may come
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Decode` where there is no such column, several have the name, or the value does not fit `T`.
    pub fn get<T: ColumnType>(&self, name: &str) -> Result<T> {
        let mut found = (0..self.names.len()).filter(|at| self.names[*at] == name);
        match (found.next(), found.count()) {
            (Some(at), 0) => self.at(at),
            (found, others) => Err(self.not_one(name, others + usize::from(found.is_some()))),
        }
    }

    #[cold]
    fn not_one(&self, name: &str, columns: usize) -> Error {
        if columns == 0 {
            return Error::new(ErrorKind::Decode, format!("the row has no column `{name}`"))
                .help(format!("its columns are {}", self.names.join(", ")));
        }
        Error::new(ErrorKind::Decode, format!("{columns} columns are named `{name}`"))
            .with_column(name)
            .help("give each a name of its own with AS, or read them by their places: `row.at(0)`")
    }

    /// Reads a column by its place, counted from 0.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let row = conn.execute(text!("SELECT count(*), max(id) FROM documents")).one().await?;
    /// assert_eq!((row.at::<i64>(0)?, row.at::<i64>(1)?), (3, 3)); // columns without a name of their own
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Decode` where there is no such column or its value does not fit `T`.
    pub fn at<T: ColumnType>(&self, at: usize) -> Result<T> {
        let (Some(value), Some(name)) = (self.values.get(at), self.names.get(at)) else {
            return Err(Error::new(ErrorKind::Decode, format!("the row has {} columns", self.values.len())));
        };
        T::decode(value.as_ref()).map_err(|mismatch| {
            Error::new(ErrorKind::Decode, format!("column `{name}`: {}", mismatch.reason())).with_column(name)
        })
    }

    /// Returns the names of the columns.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let row = conn.execute(text!("SELECT id, email FROM users WHERE id = 1")).one().await?;
    /// assert_eq!(row.names(), ["id", "email"]);
    /// assert_eq!(row.values().len(), 2);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the row as a JSON object: the names of the columns with their values.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let row = conn.execute(text!("SELECT id, email, name FROM users WHERE id = 2")).one().await?;
    /// # #[cfg(feature = "json")]
    /// assert_eq!(row.to_json().to_string(), r#"{"email":"ada@example.org","id":2,"name":null}"#);
    /// # Ok(()) });
    /// ```
    #[cfg(feature = "json")]
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let cells = self.names.iter().zip(&self.values);
        cells.map(|(name, value)| (name.clone(), value.to_json())).collect()
    }

    /// Returns the values of the columns.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let row = conn.execute(text!("SELECT id, name FROM users WHERE id = 2")).one().await?;
    /// assert_eq!(row.values(), [aludel::Value::Int(2), aludel::Value::Null]);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn values(&self) -> &[Value] {
        &self.values
    }
}

struct CollectUntyped<'k, K> {
    names: Arc<[String]>,
    rows: &'k mut K,
}

impl<K: Keep<Row>> RowSink for CollectUntyped<'_, K> {
    fn wants_columns(&self) -> bool {
        true
    }

    fn columns(&mut self, _: usize, columns: &[ColumnInfo<'_>]) -> Result<()> {
        self.names = columns.iter().map(|it| it.name.to_owned()).collect();
        Ok(())
    }

    fn row(&mut self, _: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        self.rows.keep(|| Ok(Row::of(&self.names, cells)))
    }
}

/// Makes the error of a missing row.
///
/// For layers that fetch rows in their own way, so that the error is the same everywhere.
///
/// ```
/// use aludel_engine::{ErrorKind, none_found};
///
/// let only = |rows: Vec<i64>| rows.into_iter().next().ok_or_else(none_found);
/// assert_eq!(only(vec![]).unwrap_err().kind(), ErrorKind::NotFound);
/// ```
#[cold]
pub fn none_found() -> Error {
    Error::new(ErrorKind::NotFound, "one row was asked for and there is none")
        .help("use `one_or_none` or `first` where there may be none")
}

/// Makes the error of too many rows.
///
/// ```
/// use aludel_engine::{ErrorKind, none_found, several_found};
///
/// let only = |rows: &[i64]| match *rows {
///     [row] => Ok(row),
///     [] => Err(none_found()),
///     _ => Err(several_found()),
/// };
/// assert_eq!(only(&[1, 2]).unwrap_err().kind(), ErrorKind::MultipleFound);
/// ```
#[cold]
pub fn several_found() -> Error {
    Error::new(ErrorKind::MultipleFound, "one row was asked for and there are several")
        .help("use `first` for any of them, or filter further")
}
