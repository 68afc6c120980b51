//! What can be in FROM: tables, and queries under a name.

use std::sync::Arc;

use crate::alias::Alias;
use crate::column::{Of, Source};
use crate::mapping::Mapped;
use crate::subquery::Derived;

/// What is in FROM.
#[derive(Clone, Debug, PartialEq)]
pub enum FromItem {
    /// A table, under its own name or another.
    Table(Source),
    /// A subquery or a common table expression.
    Query(Arc<Derived>),
}

impl FromItem {
    /// Returns the name that columns of it are qualified with.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel_sql::FromClause;
    ///
    /// assert_eq!(Book.into_from().name(), "books");
    /// assert_eq!(alias(Book, "b").into_from().name(), "b");
    /// assert_eq!(select(Book::ID).subquery("ids").into_from().name(), "ids");
    /// ```
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Table(source) => source.name(),
            Self::Query(query) => &query.name,
        }
    }

    /// Borrows what it is.
    pub(crate) fn as_ref(&self) -> FromRef<'_> {
        match self {
            Self::Table(source) => FromRef::Table(source),
            Self::Query(query) => FromRef::Query(query),
        }
    }

    /// Returns the table, if it is one.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel_sql::FromClause;
    ///
    /// assert_eq!(alias(Book, "b").into_from().table().unwrap().table.name, "books");
    /// assert!(select(Book::ID).subquery("ids").into_from().table().is_none());
    /// ```
    #[must_use]
    pub fn table(&self) -> Option<&Source> {
        match self {
            Self::Table(source) => Some(source),
            Self::Query(_) => None,
        }
    }
}

/// What is in FROM, borrowed.
#[derive(Clone, Copy)]
pub(crate) enum FromRef<'a> {
    /// As [`FromItem::Table`].
    Table(&'a Source),
    /// As [`FromItem::Query`].
    Query(&'a Arc<Derived>),
}

impl FromRef<'_> {
    pub(crate) fn to_item(self) -> FromItem {
        match self {
            Self::Table(source) => FromItem::Table(source.clone()),
            Self::Query(query) => FromItem::Query(Arc::clone(query)),
        }
    }
}

impl From<Source> for FromItem {
    fn from(source: Source) -> Self {
        Self::Table(source)
    }
}

/// Something that can be in FROM: an entity, an alias of one, a subquery, a common table expression.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be in FROM",
    label = "expected an entity, an alias of one, a subquery or a CTE"
)]
pub trait FromClause {
    /// Returns it for the compiler.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel_sql::FromClause;
    ///
    /// /// Counts the rows of anything that can be in FROM.
    /// fn count(of: impl FromClause) -> String {
    ///     sqlite(select(func::count_star()).select_from(of))
    /// }
    /// assert_eq!(count(Book), "SELECT count(*) FROM books");
    /// assert_eq!(
    ///     count(select(Book::YEAR).distinct().subquery("years")),
    ///     "SELECT count(*) FROM (SELECT DISTINCT books.year FROM books) AS years"
    /// );
    /// ```
    fn into_from(self) -> FromItem;
}

/// An entity in FROM, under its own name or another: `User`, `alias(User, "u")`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an entity in FROM",
    label = "expected an entity or an alias of one"
)]
pub trait EntityClause: FromClause {
    /// The entity.
    type Entity: Mapped;

    /// Returns its table for the compiler.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel_sql::EntityClause;
    ///
    /// assert_eq!(Book.into_source().name(), "books");
    /// assert_eq!(alias(Book, "b").into_source().alias.as_deref(), Some("b"));
    /// ```
    fn into_source(self) -> Source;
}

impl<E: Mapped> FromClause for Of<E> {
    fn into_from(self) -> FromItem {
        self.into_source().into()
    }
}

impl<E: Mapped> EntityClause for Of<E> {
    type Entity = E;

    fn into_source(self) -> Source {
        Source::of(E::TABLE)
    }
}

impl<E: Mapped> FromClause for Alias<E> {
    fn into_from(self) -> FromItem {
        self.into_source().into()
    }
}

impl<E: Mapped> EntityClause for Alias<E> {
    type Entity = E;

    fn into_source(self) -> Source {
        self.source()
    }
}
