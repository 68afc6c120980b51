//! Aliases: a table under a name of its own, so that it can be in FROM more than once.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use crate::column::{Of, Source};
use crate::expression::Expr;
use crate::hybrid::ColumnOf;
use crate::mapping::{Mapped, Relation, RelationMeta};

/// Gives an entity another name in FROM: `let boss = alias(Employee, "boss")`.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
///
/// // Pairs of books by one author.
/// let other = alias(Book, "other");
/// let pairs = select((Book::TITLE, other.col(Book::TITLE)))
///     .join_on(other, other.col(Book::AUTHOR_ID).eq(Book::AUTHOR_ID).and(other.col(Book::ID).gt(Book::ID)));
/// assert_eq!(
///     sql(pairs),
///     "SELECT books.title, other.title FROM books \
///      JOIN books AS other ON other.author_id = books.author_id AND other.id > books.id"
/// );
/// ```
pub const fn alias<E: Mapped>(entity: Of<E>, name: &'static str) -> Alias<E> {
    let _ = entity;
    Alias { name, marker: PhantomData }
}

/// An entity under another name in FROM; made by [`alias`].
///
/// It stands wherever the entity does: `select(boss)`, `optional(boss)`, `.join_on(boss, …)`, `.select_from(boss)`.
#[must_use = "an alias does nothing until it is part of a statement"]
pub struct Alias<E> {
    name: &'static str,
    marker: PhantomData<fn() -> E>,
}

impl<E: Mapped> Alias<E> {
    /// The column of the table under this name: `boss.col(Employee::NAME)`.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// let b = alias(Book, "b");
    /// assert_eq!(sql(select(b.col(Book::TITLE))), "SELECT b.title FROM books AS b");
    /// ```
    ///
    /// A hybrid is one as well: `boss.col(Employee::FULL_NAME)`.
    pub fn col<C: ColumnOf<E>>(self, column: C) -> Expr<C::Type> {
        Expr::new(column.in_source(self.source()))
    }

    /// The relation as it starts from the table under this name: `.join(boss.rel(Employee::REPORTS))`.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// let b = alias(Book, "b");
    /// assert_eq!(
    ///     sql(select(b.col(Book::TITLE)).join(b.rel(Book::AUTHOR))),
    ///     "SELECT b.title FROM books AS b JOIN authors ON b.author_id = authors.id"
    /// );
    /// ```
    pub fn rel<T: Mapped, K>(self, relation: Relation<E, T, K>) -> AliasedRelation<E, T, K> {
        AliasedRelation { from: Some(self), relation, to: None }
    }

    pub(crate) fn source(self) -> Source {
        Source { table: E::TABLE, alias: Some(Cow::Borrowed(self.name)) }
    }
}

impl<E> Clone for Alias<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Alias<E> {}

impl<E: Mapped> fmt::Debug for Alias<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} AS {}", E::TABLE.entity, self.name)
    }
}

impl<E, T: Mapped, K> Relation<E, T, K> {
    /// The relation as it leads to a table under another name: `.join(Employee::MANAGER.to(boss))`.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// let writer = alias(Author, "writer");
    /// assert_eq!(
    ///     sql(select((Book::TITLE, writer.col(Author::NAME))).join(Book::AUTHOR.to(writer))),
    ///     "SELECT books.title, writer.name FROM books JOIN authors AS writer ON books.author_id = writer.id"
    /// );
    /// ```
    pub const fn to(self, target: Alias<T>) -> AliasedRelation<E, T, K> {
        AliasedRelation { from: None, relation: self, to: Some(target) }
    }
}

/// A relation from, to or between tables under other names.
#[must_use = "a relation does nothing until it is part of a statement"]
pub struct AliasedRelation<E, T, K> {
    from: Option<Alias<E>>,
    relation: Relation<E, T, K>,
    to: Option<Alias<T>>,
}

impl<E, T: Mapped, K> AliasedRelation<E, T, K> {
    /// Returns the relation itself.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let path = alias(Book, "b").rel(Book::AUTHOR);
    /// assert_eq!(path.relation().meta().name, "author");
    /// ```
    #[must_use]
    pub const fn relation(self) -> Relation<E, T, K> {
        self.relation
    }

    /// The relation as it leads to a table under another name as well; as [`Relation::to`].
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // Both ends have names of their own.
    /// let (b, writer) = (alias(Book, "b"), alias(Author, "writer"));
    /// assert_eq!(
    ///     sqlite(select((b.col(Book::TITLE), writer.col(Author::NAME))).join(b.rel(Book::AUTHOR).to(writer))),
    ///     "SELECT b.title, writer.name FROM books AS b JOIN authors AS writer ON b.author_id = writer.id"
    /// );
    /// ```
    pub const fn to(self, target: Alias<T>) -> Self {
        Self { to: Some(target), ..self }
    }
}

impl<E, T, K> Clone for AliasedRelation<E, T, K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E, T, K> Copy for AliasedRelation<E, T, K> {}

impl<E: Mapped, T: Mapped, K> fmt::Debug for AliasedRelation<E, T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} ({:?} -> {:?})", self.relation, self.from, self.to)
    }
}

/// A relation to join along: `User::DOCUMENTS`, `Employee::MANAGER.to(boss)`, `boss.rel(Employee::REPORTS)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a relation to join along",
    label = "expected a relation: `User::DOCUMENTS`",
    note = "to join a table on a condition, use `join_on(Entity, condition)`"
)]
pub trait JoinPath {
    /// Returns the table that it starts from, the relation, and the table that it leads to.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel_sql::JoinPath;
    ///
    /// let writer = alias(Author, "writer");
    /// let (from, relation, to) = Book::AUTHOR.to(writer).into_path();
    /// assert_eq!((from.name(), relation.name, to.name()), ("books", "author", "writer"));
    /// ```
    fn into_path(self) -> (Source, &'static RelationMeta, Source);
}

impl<E: Mapped, T: Mapped, K> JoinPath for Relation<E, T, K> {
    fn into_path(self) -> (Source, &'static RelationMeta, Source) {
        (Source::of(E::TABLE), self.meta(), Source::of(T::TABLE))
    }
}

impl<E: Mapped, T: Mapped, K> JoinPath for AliasedRelation<E, T, K> {
    fn into_path(self) -> (Source, &'static RelationMeta, Source) {
        (
            self.from.map_or(Source::of(E::TABLE), Alias::source),
            self.relation.meta(),
            self.to.map_or(Source::of(T::TABLE), Alias::source),
        )
    }
}
