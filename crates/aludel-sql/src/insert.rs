//! INSERT: of rows, and of what a query selects.

use std::fmt;
use std::marker::PhantomData;
use std::sync::OnceLock;

use crate::column::{Column, Of};
use crate::column_type::ColumnType;
use crate::compiler::ToSql;
use crate::dml::Returning;
use crate::mapping::{ColumnSet, Mapped, TableMeta};
use crate::node::Param;
use crate::query::{QueryNode, SelectStatement};
use crate::rows::RowCounts;
use crate::selection::{SelectItem, Selectable, ValueItem};
use crate::structure::StatementRef;
use crate::upsert::{Conflict, ConflictTarget, OnConflict};

/// A row to insert: an object, and which of its columns are given.
#[derive(Debug)]
pub struct NewRow<E> {
    /// The object; columns that are not given hold placeholders.
    pub object: E,
    /// The columns that are given.
    pub given: ColumnSet,
    /// The relation, if any, that was given as an object: only a session can resolve it.
    pub needs_session: Option<&'static str>,
}

/// Something that `insert(…).values` takes: a finished builder, or a type that derives `Insertable`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be inserted as a `{E}`",
    label = "expected `{E}::builder()` with all required columns"
)]
pub trait Insertable<E: Mapped> {
    /// Returns the row.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel::Insertable;
    ///
    /// let row = Author::builder().name("Jane Austen").into_new_row();
    /// assert_eq!(row.object.name, "Jane Austen");
    /// // The key is not given: the database makes it.
    /// assert!(row.given.contains(Author::NAME.index()) && !row.given.contains(Author::ID.index()));
    /// ```
    fn into_new_row(self) -> NewRow<E>;
}

impl<E: Mapped, D: Drafted<E, New: IntoRow<E>>> Insertable<E> for D {
    fn into_new_row(self) -> NewRow<E> {
        self.finish().into_row()
    }
}

/// What the derives implement for a draft of an `E`: with it, the draft is [`Insertable`], and a session takes it.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a new nor an existing `{E}`",
    label = "expected an `Obj<{E}>` or `{E}::builder()` with all required columns"
)]
pub trait Drafted<E> {
    /// The object.
    type New;

    /// Returns the object, finished.
    fn finish(self) -> Self::New;
}

/// A struct as it is. Only a session takes it: which of its columns are given is not known here.
impl<E: Mapped> Drafted<E> for E {
    type New = Self;

    fn finish(self) -> Self {
        self
    }
}

/// A finished object that can be inserted without a session.
#[doc(hidden)]
pub trait IntoRow<E> {
    /// Returns the row.
    fn into_row(self) -> NewRow<E>;
}

/// Begins an INSERT: `insert(User).values([User::builder().email("a@b.com")])`.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// let books = insert(Book).values([
///     Book::builder().title("Emma").year(1815).author_id(1),
///     Book::builder().title("Persuasion").year(1817).author_id(1),
/// ]);
/// let (sql, values) = books.to_sql(&aludel_sqlite::SqliteDialect)?;
/// assert_eq!(sql, "INSERT INTO books (title, year, author_id) VALUES (?1, ?2, ?3), (?4, ?5, ?6)");
/// assert_eq!(values.len(), 6);
/// # Ok::<(), aludel::Error>(())
/// ```
pub fn insert<E: Mapped>(entity: Of<E>) -> Insert<E> {
    let _ = entity;
    Insert { rows: Vec::new(), inserts: OnceLock::new() }
}

/// An INSERT of rows of entity `E`.
///
/// Rows that give the same columns go in one batch; a column that a row leaves out gets its default.
#[derive(Debug)]
#[must_use = "a statement does nothing until it is executed"]
pub struct Insert<E> {
    rows: Vec<NewRow<E>>,
    inserts: OnceLock<Inserts>,
}

impl<E: Mapped> Insert<E> {
    /// Adds rows. Of those that give the same columns one statement takes many.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let authors = ["Jane Austen", "James Joyce"].map(|name| Author::builder().name(name));
    /// let (text, _) = insert(Author).values(authors).to_sql(&aludel::SqliteDialect)?;
    /// assert_eq!(text, "INSERT INTO authors (name) VALUES (?1), (?2)");
    /// # Ok::<(), Error>(())
    /// ```
    pub fn values<R: Insertable<E>>(mut self, rows: impl IntoIterator<Item = R>) -> Self {
        self.rows.extend(rows.into_iter().map(Insertable::into_new_row));
        self.inserts.take();
        self
    }

    /// Inserts what a query selects into these columns, in their order.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// let second = insert(Book).from_select(
    ///     (Book::TITLE, Book::YEAR, Book::AUTHOR_ID),
    ///     select((Book::TITLE.concat(" II"), Book::YEAR + 1, Book::AUTHOR_ID)),
    /// );
    /// assert_eq!(
    ///     sql(second),
    ///     "INSERT INTO books (title, year, author_id) \
    ///      SELECT books.title || ?1, books.year + ?2, books.author_id FROM books"
    /// );
    /// ```
    ///
    /// Rows of [`values`](Self::values) are not part of it.
    pub fn from_select<C, Q>(self, columns: C, query: Q) -> InsertFrom<E>
    where
        C: InsertColumns<E, Q::Shape>,
        Q: SelectStatement,
    {
        let node = InsertNode {
            table: E::TABLE,
            columns: columns.into_columns(),
            source: InsertSource::Query(Box::new(query.into_query())),
            refused: None,
            conflicts: Vec::new(),
            returning: Vec::new(),
        };
        InsertFrom { inserts: Inserts { nodes: vec![node] }, marker: PhantomData }
    }

    /// Says what to do with a row whose key is there already; see [`OnConflict`].
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// let author = Author::builder().id(7).name("Jane Austen");
    /// let upsert = insert(Author).values([author]).on_conflict(Author::ID).do_update(|row| row.set(Author::NAME, excluded(Author::NAME)));
    /// assert_eq!(
    ///     sql(upsert),
    ///     "INSERT INTO authors (id, name) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET name = excluded.name"
    /// );
    /// ```
    pub fn on_conflict(self, target: impl ConflictTarget<E>) -> OnConflict<E> {
        OnConflict::new(self.inserts(), Some(target.into_columns()))
    }

    /// Says what to do with a row of which any key is there already: leave it out.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// let author = Author::builder().id(7).name("Jane Austen");
    /// assert_eq!(
    ///     sql(insert(Author).values([author]).or_do_nothing()),
    ///     "INSERT INTO authors (id, name) VALUES (?1, ?2) ON CONFLICT DO NOTHING"
    /// );
    /// ```
    pub fn or_do_nothing(self) -> crate::Upsert<E> {
        OnConflict::new(self.inserts(), None).do_nothing()
    }

    /// Gives back columns of the new rows, in the order in which the rows were given. MySQL cannot: there it is an error.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// let books = insert(Book).values([Book::builder().title("Emma").year(1815).author_id(1)]);
    /// assert_eq!(
    ///     sql(books.returning((Book::ID, Book::TITLE))),
    ///     "INSERT INTO books (title, year, author_id) VALUES (?1, ?2, ?3) RETURNING id, title"
    /// );
    /// ```
    pub fn returning<R: Selectable>(self, what: R) -> Returning<Inserts, R::Shape> {
        self.inserts().returning(what.into_items())
    }

    /// Returns the rows.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let rows = insert(Author).values([Author::builder().name("Jane Austen")]).into_rows();
    /// assert_eq!(rows[0].object.name, "Jane Austen");
    /// ```
    #[must_use]
    pub fn into_rows(self) -> Vec<NewRow<E>> {
        self.rows
    }

    fn inserts(self) -> Inserts {
        let Self { rows, inserts } = self;
        inserts.into_inner().unwrap_or_else(|| Inserts::of_rows(&rows))
    }
}

/// One row has a key, the other none: that is two statements, which have no text as one.
///
/// ```
/// # use {aludel::doc::*, library::{Author, Book}};
/// let rows = insert(Author).values([Author::builder().name("A")]).values([Author::builder().id(7).name("B")]);
/// assert_eq!(rows.statements().len(), 2);
/// assert_eq!(rows.to_sql(&aludel::PostgresDialect).unwrap_err().kind(), ErrorKind::Compile);
/// ```
impl<E: Mapped> ToSql for Insert<E> {
    fn statement(&self) -> StatementRef<'_> {
        self.shown().statement()
    }

    fn statements(&self) -> Vec<StatementRef<'_>> {
        self.shown().statements()
    }
}

impl<E: Mapped> Insert<E> {
    /// The statements, made when somebody asks: rows that are only executed go to the driver as they are.
    fn shown(&self) -> &Inserts {
        self.inserts.get_or_init(|| Inserts::of_rows(&self.rows))
    }
}

/// An INSERT of what a query selects; made by [`from_select`](Insert::from_select).
#[must_use = "a statement does nothing until it is executed"]
pub struct InsertFrom<E> {
    inserts: Inserts,
    marker: PhantomData<fn() -> E>,
}

impl<E: Mapped> InsertFrom<E> {
    /// Says what to do with a row whose key is there already; as [`Insert::on_conflict`].
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // Copies of all books under the keys of their authors; what is there already gives way.
    /// let copies = insert(Author).from_select((Author::ID, Author::NAME), select((Book::ID, Book::TITLE)));
    /// let copies = copies.on_conflict(Author::ID).do_update(|row| row.set(Author::NAME, excluded(Author::NAME)));
    /// // Without the condition, SQLite would take the ON for that of a join.
    /// assert_eq!(
    ///     sqlite(copies),
    ///     "INSERT INTO authors (id, name) SELECT * FROM (SELECT books.id, books.title FROM books) AS selected \
    ///      WHERE true ON CONFLICT (id) DO UPDATE SET name = excluded.name"
    /// );
    /// ```
    pub fn on_conflict(self, target: impl ConflictTarget<E>) -> OnConflict<E> {
        OnConflict::new(self.inserts, Some(target.into_columns()))
    }

    /// Leaves out rows of which any key is there already; as [`Insert::or_do_nothing`].
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let names = insert(Author).from_select((Author::ID, Author::NAME), select((Book::ID, Book::TITLE)));
    /// assert_eq!(
    ///     postgres(names.or_do_nothing()),
    ///     "INSERT INTO authors (id, name) SELECT books.id, books.title FROM books ON CONFLICT DO NOTHING"
    /// );
    /// ```
    pub fn or_do_nothing(self) -> crate::Upsert<E> {
        OnConflict::new(self.inserts, None).do_nothing()
    }

    /// Gives back columns of the new rows, in whatever order the database has them; as [`Insert::returning`].
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let names = insert(Author).from_select(Author::NAME, select(Book::TITLE).distinct());
    /// assert_eq!(
    ///     postgres(names.returning(Author::ID)),
    ///     "INSERT INTO authors (name) SELECT DISTINCT books.title FROM books RETURNING id"
    /// );
    /// ```
    pub fn returning<R: Selectable>(self, what: R) -> Returning<Inserts, R::Shape> {
        self.inserts.returning(what.into_items())
    }
}

impl<E> ToSql for InsertFrom<E> {
    fn statement(&self) -> StatementRef<'_> {
        self.inserts.statement()
    }
}

impl<E> Clone for InsertFrom<E> {
    fn clone(&self) -> Self {
        Self { inserts: self.inserts.clone(), marker: PhantomData }
    }
}

impl<E> fmt::Debug for InsertFrom<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inserts.fmt(f)
    }
}

/// The tree of an INSERT.
#[derive(Clone, Debug, PartialEq)]
pub struct InsertNode {
    /// The table.
    pub table: &'static TableMeta,
    /// The columns that are given.
    pub columns: Vec<usize>,
    /// Where the rows come from.
    pub source: InsertSource,
    /// What is wrong with the rows, if anything.
    pub refused: Option<RefusedRows>,
    /// What to do with rows that are there already, a clause for each key.
    pub conflicts: Vec<Conflict>,
    /// RETURNING.
    pub returning: Vec<SelectItem>,
}

/// What is wrong with rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefusedRows {
    /// One gives this relation as an object, which only a session can resolve.
    NeedSession(&'static str),
    /// Two have the same values in these columns, so that an upsert would change one row twice.
    SameKey(Vec<usize>),
}

/// Where the rows of an INSERT come from.
#[derive(Clone, Debug, PartialEq)]
pub enum InsertSource {
    /// Values to bind, a list for each row.
    Rows(Vec<Vec<Param>>),
    /// A query.
    Query(Box<QueryNode>),
}

/// An INSERT as the statements that it takes: one after the other for rows that give other columns, and for more rows than one
/// statement can have.
#[derive(Clone, Debug)]
pub struct Inserts {
    pub(crate) nodes: Vec<InsertNode>,
}

/// A statement has as many rows as one of these: few rows are one statement, and there are few texts.
const ROWS: RowCounts =
    RowCounts::Classes(&[100, 50, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);

/// Every database takes as many parameters.
const MAX_PARAMETERS: usize = 30_000;

impl Inserts {
    fn of_rows<E: Mapped>(rows: &[NewRow<E>]) -> Self {
        let mut nodes = Vec::new();
        for run in rows.chunk_by(|a, b| a.given == b.given) {
            let mut rest = run;
            while !rest.is_empty() {
                let width = rest[0].given.len();
                // A row without a column is `DEFAULT VALUES`, which stands alone.
                let rows = if width == 0 { 1 } else { ROWS.next(rest.len(), width, MAX_PARAMETERS) };
                let (now, later) = rest.split_at(rows);
                nodes.push(node_of_rows(now));
                rest = later;
            }
        }
        Self { nodes }
    }

    pub(crate) fn returning<S>(mut self, items: Vec<SelectItem>) -> Returning<Self, S> {
        self.nodes.iter_mut().for_each(|node| node.returning.clone_from(&items));
        Returning::new(self)
    }
}

fn node_of_rows<E: Mapped>(rows: &[NewRow<E>]) -> InsertNode {
    let columns: Vec<usize> = rows.first().map(|row| row.given.iter().collect()).unwrap_or_default();
    let param = |row: &NewRow<E>, column: usize| Param {
        value: row.object.field(column).encode().into_value(),
        sql_type: E::TABLE.columns[column].sql_type,
    };
    let values = rows.iter().map(|row| columns.iter().map(|column| param(row, *column)).collect());
    InsertNode {
        table: E::TABLE,
        source: InsertSource::Rows(values.collect()),
        refused: rows.iter().find_map(|row| row.needs_session).map(RefusedRows::NeedSession),
        columns,
        conflicts: Vec::new(),
        returning: Vec::new(),
    }
}

impl ToSql for Inserts {
    fn statement(&self) -> StatementRef<'_> {
        match &*self.nodes {
            [only] => StatementRef::Insert(only),
            several => StatementRef::Inserts(several),
        }
    }

    fn statements(&self) -> Vec<StatementRef<'_>> {
        self.nodes.iter().map(StatementRef::Insert).collect()
    }
}

/// Columns that take the rows of a query of shape `S`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot take the rows of this query",
    label = "expected a column of `{E}`, or a tuple of them, for each value of a row `{S}`"
)]
pub trait InsertColumns<E, S> {
    /// Returns their indexes.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // The types must agree, one by one; a value fits a column that has it as an `Option`.
    /// let profiles = insert(Profile).from_select((Profile::BIO, Profile::USER_ID), select((User::EMAIL, User::ID)));
    /// assert_eq!(
    ///     sqlite(profiles),
    ///     "INSERT INTO profiles (bio, user_id) SELECT users.email, users.id FROM users"
    /// );
    /// ```
    fn into_columns(self) -> Vec<usize>;
}

/// A value that a column of type `T` can store: of the same type, or what the column has as an `Option`.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` cannot be stored in a column of type `{T}`",
    label = "expected a value of type `{T}`"
)]
pub trait Fits<T> {}

impl<T: ColumnType> Fits<T> for T {}

impl<T: ColumnType<Base = T>> Fits<Option<T>> for T {}

impl<E: Mapped, T: ColumnType, U: ColumnType + Fits<T>> InsertColumns<E, (ValueItem<U>,)> for Column<E, T> {
    fn into_columns(self) -> Vec<usize> {
        vec![self.index()]
    }
}

macro_rules! tuples {
    ($(($($column:ident $value:ident)+))*) => {$(
        impl<E: Mapped, $($column: ColumnType, $value: ColumnType + Fits<$column>),+>
            InsertColumns<E, ($(ValueItem<$value>,)+)> for ($(Column<E, $column>,)+)
        {
            fn into_columns(self) -> Vec<usize> {
                #[allow(non_snake_case)]
                let ($($column,)+) = self;
                vec![$($column.index()),+]
            }
        }
    )*};
}

tuples! {
    (A A1)
    (A A1 B B1)
    (A A1 B B1 C C1)
    (A A1 B B1 C C1 D D1)
    (A A1 B B1 C C1 D D1 F F1)
    (A A1 B B1 C C1 D D1 F F1 G G1)
    (A A1 B B1 C C1 D D1 F F1 G G1 H H1)
    (A A1 B B1 C C1 D D1 F F1 G G1 H H1 I I1)
    (A A1 B B1 C C1 D D1 F F1 G G1 H H1 I I1 J J1)
    (A A1 B B1 C C1 D D1 F F1 G G1 H H1 I I1 J J1 K K1)
    (A A1 B B1 C C1 D D1 F F1 G G1 H H1 I I1 J J1 K K1 L L1)
    (A A1 B B1 C C1 D D1 F F1 G G1 H H1 I I1 J J1 K K1 L L1 M M1)
    (A A1 B B1 C C1 D D1 F F1 G G1 H H1 I I1 J J1 K K1 L L1 M M1 N N1)
    (A A1 B B1 C C1 D D1 F F1 G G1 H H1 I I1 J J1 K K1 L L1 M M1 N N1 O O1)
    (A A1 B B1 C C1 D D1 F F1 G G1 H H1 I I1 J J1 K K1 L L1 M M1 N N1 O O1 P P1)
    (A A1 B B1 C C1 D D1 F F1 G G1 H H1 I I1 J J1 K K1 L L1 M M1 N N1 O O1 P P1 Q Q1)
}
