//! Typed columns and the values that stand for whole entities.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use crate::column_type::ColumnType;
use crate::expression::Expression;
use crate::mapping::{ColumnMeta, Mapped, TableMeta};
use crate::node::{ColumnNode, Node};

/// A column of entity `E` with values of type `T`: `Document::TITLE`.
///
/// It is an index and a type, nothing else; all methods are those of [`Expression`].
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
///
/// let year: Column<Book, i32> = Book::YEAR;
/// assert_eq!((year.meta().name, year.meta().nullable), ("year", false));
/// assert_eq!(sql(select(year).filter(year.gt(1900))), "SELECT books.year FROM books WHERE books.year > ?1");
/// ```
pub struct Column<E, T> {
    index: usize,
    marker: PhantomData<fn() -> (E, T)>,
}

impl<E, T> Column<E, T> {
    /// Names the column at this index of the entity's columns. For the derive.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(index: usize) -> Self {
        Self { index, marker: PhantomData }
    }

    /// Returns the index among the entity's columns.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // The order of the fields.
    /// assert_eq!((Book::ID.index(), Book::TITLE.index(), Book::YEAR.index()), (0, 1, 2));
    /// ```
    #[must_use]
    pub const fn index(self) -> usize {
        self.index
    }
}

impl<E: Mapped, T> Column<E, T> {
    /// Returns what is known about the column.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let title = Book::TITLE.meta();
    /// assert_eq!((title.name, title.sql_type), ("title", aludel::SqlType::Varchar(200)));
    /// assert!(Book::ID.meta().primary_key && User::NAME.meta().nullable);
    /// ```
    #[must_use]
    pub fn meta(self) -> &'static ColumnMeta {
        &E::TABLE.columns[self.index]
    }
}

impl<E, T> Clone for Column<E, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E, T> Copy for Column<E, T> {}

impl<E: Mapped, T> fmt::Debug for Column<E, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", E::TABLE.name, self.meta().name)
    }
}

impl<E: Mapped, T: ColumnType> Expression for Column<E, T> {
    type Type = T;

    fn into_node(self) -> Node {
        Node::Column(ColumnNode { source: Source::of(E::TABLE), column: self.index })
    }
}

/// The value `User` beside the type `User`: what `select(User)` takes.
pub struct Of<E>(PhantomData<fn() -> E>);

impl<E> Of<E> {
    /// Stands for the entity. For the derive.
    #[doc(hidden)]
    #[must_use]
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<E> Clone for Of<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Of<E> {}

impl<E: Mapped> fmt::Debug for Of<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(E::TABLE.entity)
    }
}

/// A table in FROM, under its own name or another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The table.
    pub table: &'static TableMeta,
    /// Its name in this statement, if not its own.
    pub alias: Option<Cow<'static, str>>,
}

impl Source {
    /// The table under its own name.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel_sql::{Mapped, Source};
    ///
    /// let books = Source::of(Book::TABLE);
    /// assert_eq!((books.name(), &books.alias), ("books", &None));
    /// ```
    #[must_use]
    pub const fn of(table: &'static TableMeta) -> Self {
        Self { table, alias: None }
    }

    /// Returns the name that columns of it are qualified with.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel_sql::{Mapped, Source};
    ///
    /// let books = Source { table: Book::TABLE, alias: Some("b".into()) };
    /// assert_eq!(books.name(), "b");
    /// ```
    #[must_use]
    pub fn name(&self) -> &str {
        self.alias.as_deref().unwrap_or(self.table.name)
    }
}
