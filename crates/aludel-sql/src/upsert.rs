//! Upsert: INSERT of rows that may be there already.

use std::collections::HashSet;
use std::fmt;
use std::marker::PhantomData;

use crate::column::{Column, Source};
use crate::column_type::ColumnType;
use crate::compiler::ToSql;
use crate::dml::{Assignable, Returning};
use crate::expression::Expr;
use crate::insert::{InsertNode, InsertSource, Inserts, RefusedRows};
use crate::mapping::Mapped;
use crate::node::{ColumnNode, Node};
use crate::operand::Operand;
use crate::selection::Selectable;
use crate::structure::StatementRef;
use crate::value::Value;

/// An INSERT that is still to be told what to do with rows that are there already; made by [`on_conflict`](crate::Insert::on_conflict).
///
/// A row is there already if one has the same values in the columns of the target: the primary key, or columns that are declared
/// unique. On MariaDB and MySQL the target must be the only key that the new rows could hit: any other would be taken for it in
/// silence, so there it is an error.
#[must_use = "say `do_update` or `do_nothing`"]
pub struct OnConflict<E> {
    inserts: Inserts,
    target: Option<Vec<usize>>,
    marker: PhantomData<fn() -> E>,
}

impl<E: Mapped> OnConflict<E> {
    pub(crate) fn new(inserts: Inserts, target: Option<Vec<usize>>) -> Self {
        Self { inserts, target, marker: PhantomData }
    }

    /// Leaves rows out that are there already.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// let author = Author::builder().id(7).name("Jane Austen");
    /// // MariaDB has `ON DUPLICATE KEY UPDATE id = authors.id`; its INSERT IGNORE would ignore much more.
    /// assert_eq!(
    ///     sql(insert(Author).values([author]).on_conflict(Author::ID).do_nothing()),
    ///     "INSERT INTO authors (id, name) VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING"
    /// );
    /// ```
    pub fn do_nothing(self) -> Upsert<E> {
        self.finish(ConflictAction::Nothing)
    }

    /// Changes rows that are there already. [`excluded`] is the row that was to be inserted; a column is that of the row that is there.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// let book = Book::builder().id(1).title("Emma").year(1815).author_id(1);
    /// let upsert = insert(Book).values([book]).on_conflict(Book::ID).do_update(|row| {
    ///     row.set(Book::TITLE, excluded(Book::TITLE)).set(Book::YEAR, Book::YEAR + 1).filter(Book::YEAR.lt(excluded(Book::YEAR)))
    /// });
    /// assert_eq!(
    ///     sql(upsert),
    ///     "INSERT INTO books (id, title, year, author_id) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id) \
    ///      DO UPDATE SET title = excluded.title, year = books.year + ?5 WHERE books.year < excluded.year"
    /// );
    /// ```
    pub fn do_update(self, change: impl FnOnce(DoUpdate<E>) -> DoUpdate<E>) -> Upsert<E> {
        let empty = DoUpdate { assignments: Vec::new(), filters: Vec::new(), marker: PhantomData };
        let DoUpdate { assignments, filters, .. } = change(empty);
        self.finish(ConflictAction::Update { assignments, filters })
    }

    fn finish(self, action: ConflictAction) -> Upsert<E> {
        let Self { mut inserts, target, .. } = self;
        if let (Some(key), ConflictAction::Update { .. }) = (&target, &action)
            && some_key_twice(&inserts.nodes, key)
            && let Some(first) = inserts.nodes.first_mut()
        {
            first.refused.get_or_insert(RefusedRows::SameKey(key.clone()));
        }
        let conflict = Conflict { target, action };
        inserts.nodes.iter_mut().for_each(|node| node.conflicts.push(conflict.clone()));
        Upsert { inserts, marker: PhantomData }
    }
}

impl<E> fmt::Debug for OnConflict<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inserts.fmt(f)
    }
}

/// How a row that is there already changes.
#[must_use = "return it from the closure"]
pub struct DoUpdate<E> {
    assignments: Vec<(usize, Node)>,
    filters: Vec<Node>,
    marker: PhantomData<fn() -> E>,
}

impl<E: Mapped> DoUpdate<E> {
    /// Sets a column to a value or an expression.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let book = Book::builder().id(1).title("Emma").year(1815).author_id(1);
    /// // A column is that of the row that is there, `excluded` that of the row that was to be inserted.
    /// let upsert = insert(Book).values([book]).on_conflict(Book::ID).do_update(|row| {
    ///     row.set(Book::TITLE, Book::TITLE.concat(" / ").concat(excluded(Book::TITLE))).set(Book::YEAR, 1816)
    /// });
    /// assert_eq!(
    ///     mariadb(upsert),
    ///     "INSERT INTO books (id, title, year, author_id) VALUES (?, ?, ?, ?) \
    ///      ON DUPLICATE KEY UPDATE title = concat(concat(books.title, ?), values(title)), year = ?"
    /// );
    /// ```
    pub fn set<T: ColumnType>(mut self, column: Column<E, T>, value: impl Assignable<T>) -> Self {
        self.assignments.push((column.index(), value.into_assigned()));
        self
    }

    /// Adds conditions; a row for which one of them does not hold stays as it is.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let book = Book::builder().id(1).title("Emma").year(1815).author_id(1);
    /// // Only an older date replaces the one that is known.
    /// let upsert = insert(Book).values([book]).on_conflict(Book::ID).do_update(|row| {
    ///     row.set(Book::YEAR, excluded(Book::YEAR)).filter(excluded(Book::YEAR).lt(Book::YEAR))
    /// });
    /// assert_eq!(
    ///     postgres(upsert),
    ///     "INSERT INTO books (id, title, year, author_id) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO UPDATE \
    ///      SET year = excluded.year WHERE excluded.year < books.year"
    /// );
    /// ```
    pub fn filter(mut self, condition: impl Operand<bool>) -> Self {
        self.filters.push(condition.into_operand());
        self
    }
}

impl<E> fmt::Debug for DoUpdate<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DoUpdate")
            .field("assignments", &self.assignments)
            .field("filters", &self.filters)
            .finish()
    }
}

/// The column of the row that was to be inserted; in [`do_update`](OnConflict::do_update) only.
///
/// ```
/// # use {aludel::doc::*, library::{Author, Book}};
/// let author = Author::builder().id(7).name("Jane Austen");
/// let upsert = insert(Author).values([author]).on_conflict(Author::ID).do_update(|row| row.set(Author::NAME, excluded(Author::NAME)));
/// // MariaDB has no name for that row, but a function.
/// assert_eq!(
///     mariadb(upsert),
///     "INSERT INTO authors (id, name) VALUES (?, ?) ON DUPLICATE KEY UPDATE name = values(name)"
/// );
/// ```
pub fn excluded<E: Mapped, T: ColumnType>(column: Column<E, T>) -> Expr<T> {
    Expr::new(Node::Excluded(ColumnNode { source: Source::of(E::TABLE), column: column.index() }))
}

/// An INSERT that knows what to do with rows that are there already.
///
/// Executed, it gives no number of rows: databases do not agree about what counts.
#[must_use = "a statement does nothing until it is executed"]
pub struct Upsert<E> {
    inserts: Inserts,
    marker: PhantomData<fn() -> E>,
}

impl<E: Mapped> Upsert<E> {
    /// Gives back columns of the rows that were inserted or changed. On MariaDB that cannot be told of rows that stay as they are, so there
    /// it is an error with `do_nothing` and with conditions.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// let author = Author::builder().id(7).name("Jane Austen");
    /// let upsert = insert(Author).values([author]).on_conflict(Author::ID).do_update(|row| row.set(Author::NAME, "Jane"));
    /// assert_eq!(
    ///     sql(upsert.returning(Author)),
    ///     "INSERT INTO authors (id, name) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET name = ?3 RETURNING id, name"
    /// );
    /// ```
    pub fn returning<R: Selectable>(self, what: R) -> Returning<Inserts, R::Shape> {
        self.inserts.returning(what.into_items())
    }

    /// Says what to do with a row that hits another key. Only SQLite has several such clauses; elsewhere it is an error.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let user = User::builder().id(1).email("ada@example.org");
    /// let upsert = insert(User)
    ///     .values([user])
    ///     .on_conflict(User::EMAIL)
    ///     .do_update(|row| row.set(User::NAME, excluded(User::NAME)))
    ///     .on_conflict(User::ID)
    ///     .do_nothing();
    /// assert_eq!(
    ///     sqlite(upsert.clone()),
    ///     "INSERT INTO users (id, email) VALUES (?1, ?2) ON CONFLICT (email) DO UPDATE SET name = excluded.name \
    ///      ON CONFLICT (id) DO NOTHING"
    /// );
    /// let error = upsert.to_sql(&aludel::PostgresDialect).unwrap_err();
    /// assert_eq!(error.what(), "PostgreSQL has no upsert with several ON CONFLICT clauses");
    /// ```
    pub fn on_conflict(self, target: impl ConflictTarget<E>) -> OnConflict<E> {
        OnConflict::new(self.inserts, Some(target.into_columns()))
    }

    /// Leaves out rows that hit any other key. Behind other clauses, only SQLite has that.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let user = User::builder().id(1).email("ada@example.org");
    /// let upsert = insert(User)
    ///     .values([user])
    ///     .on_conflict(User::EMAIL)
    ///     .do_update(|row| row.set(User::NAME, excluded(User::NAME)))
    ///     .or_do_nothing();
    /// assert!(sqlite(upsert).ends_with(" ON CONFLICT (email) DO UPDATE SET name = excluded.name ON CONFLICT DO NOTHING"));
    /// ```
    pub fn or_do_nothing(self) -> Self {
        OnConflict::new(self.inserts, None).do_nothing()
    }
}

impl<E> ToSql for Upsert<E> {
    fn statement(&self) -> StatementRef<'_> {
        self.inserts.statement()
    }

    fn statements(&self) -> Vec<StatementRef<'_>> {
        self.inserts.statements()
    }
}

impl<E> Clone for Upsert<E> {
    fn clone(&self) -> Self {
        Self { inserts: self.inserts.clone(), marker: PhantomData }
    }
}

impl<E> fmt::Debug for Upsert<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inserts.fmt(f)
    }
}

/// What to do with rows that are there already.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// The columns of the key that they have; `None` for any key.
    pub target: Option<Vec<usize>>,
    /// What happens to them.
    pub action: ConflictAction,
}

/// What happens to a row that is there already.
#[derive(Clone, Debug, PartialEq)]
pub enum ConflictAction {
    /// It stays as it is.
    Nothing,
    /// It changes.
    Update {
        /// The columns that change, and to what.
        assignments: Vec<(usize, Node)>,
        /// Conditions; all must hold.
        filters: Vec<Node>,
    },
}

/// The key of an upsert: a column, or a tuple of columns.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no key of `{E}`",
    label = "expected a column of `{E}`, or a tuple of its columns"
)]
pub trait ConflictTarget<E> {
    /// Returns the indexes of the columns.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // A key of several columns is a tuple; a column that belongs to no key is refused by the database.
    /// # #[derive(Entity, Debug)]
    /// # #[entity(table = "votes")]
    /// # struct Vote { #[column(primary_key)] user_id: i64, #[column(primary_key)] book_id: i64, stars: i32 }
    /// let vote = Vote::builder().user_id(1).book_id(2).stars(5);
    /// let upsert = insert(Vote).values([vote]).on_conflict((Vote::USER_ID, Vote::BOOK_ID)).do_update(|row| row.set(Vote::STARS, excluded(Vote::STARS)));
    /// assert_eq!(
    ///     sqlite(upsert),
    ///     "INSERT INTO votes (user_id, book_id, stars) VALUES (?1, ?2, ?3) ON CONFLICT (user_id, book_id) DO UPDATE \
    ///      SET stars = excluded.stars"
    /// );
    /// ```
    fn into_columns(self) -> Vec<usize>;
}

impl<E, T> ConflictTarget<E> for Column<E, T> {
    fn into_columns(self) -> Vec<usize> {
        vec![self.index()]
    }
}

macro_rules! tuples {
    ($(($($name:ident)+))*) => {$(
        impl<E, $($name),+> ConflictTarget<E> for ($(Column<E, $name>,)+) {
            fn into_columns(self) -> Vec<usize> {
                #[allow(non_snake_case)]
                let ($($name,)+) = self;
                vec![$($name.index()),+]
            }
        }
    )*};
}

tuples! { (A) (A B) (A B C) (A B C D) (A B C D F) (A B C D F G) (A B C D F G H) (A B C D F G H I) }

/// Tells whether two rows have the same values in these columns. PostgreSQL refuses to change one row twice, others would let the order of
/// the rows decide.
fn some_key_twice(nodes: &[InsertNode], key: &[usize]) -> bool {
    let mut seen = HashSet::new();
    nodes.iter().any(|node| {
        let InsertSource::Rows(rows) = &node.source else { return false };
        let cells = key.iter().map(|column| node.columns.iter().position(|it| it == column));
        let Some(cells) = cells.collect::<Option<Vec<usize>>>() else { return false };
        rows.iter().any(|row| {
            let values = || cells.iter().map(|cell| &row[*cell].value);
            // NULL equals nothing.
            let is_null = values().any(|value| *value == Value::Null);
            !is_null && !seen.insert(values().map(|value| format!("{value:?}")).collect::<Vec<_>>())
        })
    })
}
