//! Common table expressions: queries that are written once, before the statement, under a name.

mod change;

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::column_type::ColumnType;
use crate::expression::Expr;
use crate::from::{FromClause, FromItem};
use crate::query::{QueryNode, SelectStatement};
use crate::selection::Shape;
use crate::subquery::{Body, Derived, OutputOf};

pub use change::ChangeNode;

/// A query with a name that the statement can have in FROM any number of times; made by [`cte`](SelectStatement::cte).
#[must_use = "a CTE does nothing until it is part of a statement"]
pub struct Cte<S> {
    derived: Arc<Derived>,
    marker: PhantomData<fn() -> S>,
}

/// A common table expression, as the compiler sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct CteNode {
    /// Its name.
    pub name: Cow<'static, str>,
    /// Its query; of a recursive one the rows that it starts with.
    pub query: QueryNode,
    /// The query that finds more rows from those found before, and whether each row is kept once only.
    pub recursive: Option<(QueryNode, Duplicates)>,
    /// Whether the database has to compute it apart, or must not.
    pub materialized: Option<bool>,
}

/// What becomes of rows that were found before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duplicates {
    /// They are found again.
    Keep,
    /// They are dropped.
    Drop,
}

impl<S: Shape> Cte<S> {
    pub(crate) fn new(name: Cow<'static, str>, query: QueryNode) -> Self {
        Self::of(CteNode { name, query, recursive: None, materialized: None })
    }

    fn of(node: CteNode) -> Self {
        let (name, columns) = (node.name.clone(), node.query.columns());
        let derived = Arc::new(Derived { name, columns, body: Body::Cte(Arc::new(node)) });
        Self { derived, marker: PhantomData }
    }

    /// Adds rows that are found from those found before, until no more are found: `WITH RECURSIVE … UNION ALL …`.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// // Each book with the next one of its author, and the one after that, and so on.
    /// let later = alias(Book, "later");
    /// let chain = select((Book::ID, Book::YEAR)).filter(Book::ID.eq(1)).cte("chain").recursive(|chain| {
    ///     select((later.col(Book::ID), later.col(Book::YEAR)))
    ///         .join_on(chain, later.col(Book::YEAR).gt(chain.col(Book::YEAR)))
    /// });
    /// assert_eq!(
    ///     sql(select(chain.col(Book::ID))),
    ///     "WITH RECURSIVE chain AS (SELECT books.id AS id, books.year AS year FROM books WHERE books.id = ?1 \
    ///      UNION ALL SELECT later.id, later.year FROM books AS later JOIN chain ON later.year > chain.year) \
    ///      SELECT chain.id FROM chain"
    /// );
    /// ```
    ///
    /// A row that is found again is followed again: where the rows lead in circles, use
    /// [`recursive_distinct`](Self::recursive_distinct).
    pub fn recursive<Q: SelectStatement<Shape = S>>(self, more: impl FnOnce(&Self) -> Q) -> Self {
        self.with_recursive(more, Duplicates::Keep)
    }

    /// As [`recursive`](Self::recursive), but a row that was found before is dropped, so that circles end: `UNION`.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // Authors tied by books of the same year, and by those of theirs, and so on: the ties lead in circles.
    /// let (start, next) = (alias(Book, "start"), alias(Book, "next"));
    /// let tied = select(Author::ID).filter(Author::ID.eq(1)).cte("tied").recursive_distinct(|tied| {
    ///     select(next.col(Book::AUTHOR_ID))
    ///         .select_from(tied)
    ///         .join_on(start, start.col(Book::AUTHOR_ID).eq(tied.col(Author::ID)))
    ///         .join_on(next, next.col(Book::YEAR).eq(start.col(Book::YEAR)))
    /// });
    /// assert_eq!(
    ///     sqlite(select(tied.col(Author::ID))),
    ///     "WITH RECURSIVE tied AS (SELECT authors.id AS id FROM authors WHERE authors.id = ?1 UNION \
    ///      SELECT next.author_id FROM tied JOIN books AS start ON start.author_id = tied.id \
    ///      JOIN books AS next ON next.year = start.year) SELECT tied.id FROM tied"
    /// );
    /// ```
    pub fn recursive_distinct<Q: SelectStatement<Shape = S>>(self, more: impl FnOnce(&Self) -> Q) -> Self {
        self.with_recursive(more, Duplicates::Drop)
    }

    fn with_recursive<Q: SelectStatement<Shape = S>>(
        self,
        more: impl FnOnce(&Self) -> Q,
        duplicates: Duplicates,
    ) -> Self {
        let Derived { name, columns, .. } = &*self.derived;
        let itself =
            Derived { name: name.clone(), columns: columns.clone(), body: Body::Itself(name.clone()) };
        let itself = Self { derived: Arc::new(itself), marker: PhantomData };
        let more = more(&itself).into_query();
        self.change(|node| node.recursive = Some((more, duplicates)))
    }

    /// Asks the database to compute the rows once, apart from the statement. PostgreSQL and SQLite do; for MariaDB it is left out, as it changes
    /// no row.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let old = select((Book::ID, Book::TITLE)).filter(Book::YEAR.lt(1900)).cte("old").materialized();
    /// assert_eq!(
    ///     postgres(select(old.col(Book::TITLE))),
    ///     "WITH old AS MATERIALIZED (SELECT books.id, books.title FROM books WHERE books.year < $1) SELECT old.title \
    ///      FROM old"
    /// );
    /// ```
    pub fn materialized(self) -> Self {
        self.change(|node| node.materialized = Some(true))
    }

    /// Asks the database to treat the query as a part of the statement: for MariaDB it is left out.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let old = select((Book::ID, Book::TITLE)).filter(Book::YEAR.lt(1900)).cte("old").not_materialized();
    /// let query = select(old.col(Book::TITLE)).filter(old.col(Book::ID).eq(5));
    /// assert_eq!(
    ///     sqlite(query.clone()),
    ///     "WITH old AS NOT MATERIALIZED (SELECT books.id, books.title FROM books WHERE books.year < ?1) \
    ///      SELECT old.title FROM old WHERE old.id = ?2"
    /// );
    /// assert_eq!(
    ///     mariadb(query),
    ///     "WITH old AS (SELECT books.id, books.title FROM books WHERE books.year < ?) SELECT old.title FROM old \
    ///      WHERE old.id = ?"
    /// );
    /// ```
    pub fn not_materialized(self) -> Self {
        self.change(|node| node.materialized = Some(false))
    }

    fn change(self, change: impl FnOnce(&mut CteNode)) -> Self {
        let Some(node) = self.node() else { return self };
        let mut node = CteNode::clone(node);
        change(&mut node);
        Self::of(node)
    }

    /// The same CTE under another name in FROM, so that it can be there twice.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// let old = select((Book::ID, Book::YEAR)).filter(Book::YEAR.lt(1900)).cte("old");
    /// let older = old.alias("older");
    /// assert_eq!(
    ///     sql(select((old.col(Book::ID), older.col(Book::ID))).join_on(&older, older.col(Book::YEAR).lt(old.col(Book::YEAR)))),
    ///     "WITH old AS (SELECT books.id, books.year FROM books WHERE books.year < ?1) \
    ///      SELECT old.id, older.id FROM old JOIN old AS older ON older.year < old.year"
    /// );
    /// ```
    pub fn alias(&self, name: impl Into<Cow<'static, str>>) -> Self {
        let Derived { columns, body, .. } = &*self.derived;
        let derived = Derived { name: name.into(), columns: columns.clone(), body: body.clone() };
        Self { derived: Arc::new(derived), marker: PhantomData }
    }

    /// The column of this query that was selected as `what`: a column, an expression, something with a label.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let books = func::count_star().label("books");
    /// let counts = select((Book::AUTHOR_ID, books.clone())).group_by(Book::AUTHOR_ID).cte("counts");
    /// // By the column, by what has a label; something that was not selected is an error when the statement is compiled.
    /// assert_eq!(
    ///     sqlite(select((counts.col(Book::AUTHOR_ID), counts.col(&books)))),
    ///     "WITH counts AS (SELECT books.author_id, count(*) AS books FROM books GROUP BY books.author_id) \
    ///      SELECT counts.author_id, counts.books FROM counts"
    /// );
    /// assert!(select(counts.col(Book::YEAR)).to_sql(&aludel::SqliteDialect).is_err());
    /// ```
    pub fn col<C: OutputOf>(&self, what: C) -> Expr<C::Type> {
        self.derived.col(what)
    }

    /// The column of this name, with values of type `T`; you answer for the type.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let counts = select((Book::AUTHOR_ID, func::count_star().label("books"))).group_by(Book::AUTHOR_ID).cte("counts");
    /// assert_eq!(
    ///     sqlite(select(func::max(counts.named::<i64>("books")))),
    ///     "WITH counts AS (SELECT books.author_id, count(*) AS books FROM books GROUP BY books.author_id) \
    ///      SELECT max(counts.books) FROM counts"
    /// );
    /// ```
    pub fn named<T: ColumnType>(&self, name: impl Into<Cow<'static, str>>) -> Expr<T> {
        self.derived.named(name.into())
    }
}

impl<S> Cte<S> {
    /// Returns the tree, unless it is the CTE within its own query.
    pub(crate) fn node(&self) -> Option<&Arc<CteNode>> {
        match &self.derived.body {
            Body::Cte(node) => Some(node),
            Body::Subquery(_) | Body::Values(_) | Body::Itself(_) => None,
        }
    }
}

impl<S> Clone for Cte<S> {
    fn clone(&self) -> Self {
        Self { derived: Arc::clone(&self.derived), marker: PhantomData }
    }
}

impl<S> fmt::Debug for Cte<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.derived.fmt(f)
    }
}

impl<S> FromClause for Cte<S> {
    fn into_from(self) -> FromItem {
        FromItem::Query(self.derived)
    }
}

impl<S> FromClause for &Cte<S> {
    fn into_from(self) -> FromItem {
        self.clone().into_from()
    }
}
