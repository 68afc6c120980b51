//! SELECT within other statements: as a value, as a list, as a test.

use std::borrow::Cow;

use crate::column_type::ColumnType;
use crate::composition::counted;
use crate::compound::{CompoundNode, CompoundSelect, SetOperator};
use crate::cte::{ChangeNode, Cte};
use crate::expression::Expr;
#[cfg(doc)]
use crate::expression::Expression;
use crate::node::{Node, Param};
use crate::operand::IntoValue;
use crate::select::{Select, SelectNode, SelectValue};
use crate::selection::{SelectItem, Shape, ValueItem};
use crate::subquery::Subquery;
use crate::value::Value;

/// The tree of a statement that gives rows.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum QueryNode {
    /// SELECT
    Select(Box<SelectNode>),
    /// UNION and its like
    Compound(CompoundNode),
    /// INSERT, UPDATE or DELETE with RETURNING: in WITH only.
    Change(Box<ChangeNode>),
}

impl QueryNode {
    /// Returns what is selected; of several queries what the first selects.
    pub(crate) fn items(&self) -> &[SelectItem] {
        match self {
            Self::Select(node) => &node.items,
            Self::Compound(node) => node.items(),
            Self::Change(node) => node.items(),
        }
    }

    /// Tells whether something in its rows may be NULL.
    pub(crate) fn is_nullable(&self) -> bool {
        self.items().iter().any(|item| match item {
            SelectItem::Entity { optional, .. } | SelectItem::Expression { optional, .. } => *optional,
        })
    }

    /// Tells whether it has LIMIT or OFFSET.
    pub(crate) fn is_limited(&self) -> bool {
        match self {
            Self::Select(node) => node.limit.is_some() || node.offset.is_some(),
            Self::Compound(node) => node.limit.is_some() || node.offset.is_some(),
            Self::Change(_) => false,
        }
    }

    /// Tells whether another query cannot simply follow, because a clause would seem to be of both.
    pub(crate) fn must_be_enclosed(&self) -> bool {
        match self {
            Self::Select(node) => !node.order_by.is_empty() || self.is_limited(),
            Self::Compound(_) | Self::Change(_) => true,
        }
    }
}

/// A statement that gives rows and may be part of another one: a [`Select`], or several as one. In the prelude.
///
/// Within another statement it may use the columns of the tables around it: it is *correlated*. A table that is in its own FROM
/// hides the table of the same name around it; give one of them another name with [`alias`](crate::alias).
pub trait SelectStatement: Sized {
    /// The shape of its rows.
    type Shape: Shape;

    /// Returns the tree.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel_sql::QueryNode;
    ///
    /// let old = select(Book::TITLE).filter(Book::YEAR.lt(1900));
    /// assert!(matches!(old.clone().into_query(), QueryNode::Select(_)));
    /// assert!(matches!(old.union(select(Author::NAME)).into_query(), QueryNode::Compound(_)));
    /// ```
    fn into_query(self) -> QueryNode;

    /// The statement under a name, to be in FROM of another one.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// let newest = select((Book::ID, Book::TITLE)).order_by(Book::YEAR.desc()).limit(10).subquery("newest");
    /// assert_eq!(
    ///     sql(select(newest.col(Book::TITLE)).order_by(newest.col(Book::TITLE))),
    ///     "SELECT newest.title FROM (SELECT books.id, books.title FROM books ORDER BY books.year DESC LIMIT ?1 + 0) AS newest \
    ///      ORDER BY newest.title"
    /// );
    /// ```
    ///
    /// It cannot use columns of the statement around it.
    fn subquery(self, name: impl Into<Cow<'static, str>>) -> Subquery {
        Subquery::new(name.into(), self.into_query())
    }

    /// The statement as a common table expression: written once, before the statement that has it in FROM.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// let old = select((Book::ID, Book::TITLE)).filter(Book::YEAR.lt(1900)).cte("old");
    /// assert_eq!(
    ///     sql(select(old.col(Book::TITLE))),
    ///     "WITH old AS (SELECT books.id, books.title FROM books WHERE books.year < ?1) SELECT old.title FROM old"
    /// );
    /// ```
    ///
    /// For trees and the like, see [`recursive`](Cte::recursive).
    fn cte(self, name: impl Into<Cow<'static, str>>) -> Cte<Self::Shape> {
        Cte::new(name.into(), self.into_query())
    }

    /// The one value that the statement selects, in one row at most; `None` where there is no row.
    ///
    /// Make sure that there is one row: PostgreSQL and MariaDB refuse several, SQLite takes the first.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// // For each author, the year of the last book: an `Option<i32>`.
    /// let last = select(func::max(Book::YEAR)).filter(Book::AUTHOR_ID.eq(Author::ID)).scalar_subquery();
    /// assert_eq!(
    ///     sql(select((Author::NAME, last))),
    ///     "SELECT authors.name, (SELECT max(books.year) FROM books WHERE books.author_id = authors.id) FROM authors"
    /// );
    /// ```
    fn scalar_subquery<T>(self) -> Expr<Option<T::Base>>
    where
        Self: SelectStatement<Shape = (ValueItem<T>,)>,
        T: ColumnType<Base: ColumnType<Base = T::Base>>,
    {
        Expr::new(Node::Scalar(Box::new(self.into_query())))
    }

    /// The statement that counts the rows: how many there are in all, beside a page of them. Their order and the columns are left out.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let found = select(Book).filter(Book::YEAR.lt(1900)).order_by(Book::TITLE);
    /// let (page, total) = (found.clone().limit(20).offset(40), found.count_rows());
    /// assert_eq!(sqlite(total), "SELECT count(*) FROM books WHERE books.year < ?1");
    /// # let _ = page;
    /// // Groups, distinct rows and limits are counted as they are.
    /// let years = select(Book::YEAR).distinct();
    /// assert_eq!(
    ///     sqlite(years.count_rows()),
    ///     "SELECT count(*) FROM (SELECT DISTINCT books.year FROM books) AS counted"
    /// );
    /// ```
    fn count_rows(self) -> SelectValue<i64> {
        counted(self.into_query())
    }

    /// Rows of this query and of another, each once: UNION.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// let old = select(Book::TITLE).filter(Book::YEAR.lt(1900));
    /// let short = select(Book::TITLE).filter(func::length(Book::TITLE).lt(10_i64));
    /// assert_eq!(
    ///     sql(old.union(short)),
    ///     "SELECT books.title FROM books WHERE books.year < ?1 \
    ///      UNION SELECT books.title FROM books WHERE length(books.title) < ?2"
    /// );
    /// ```
    ///
    /// Both must select the same types; the columns have the names that the first one gives them.
    fn union(self, other: impl SelectStatement<Shape = Self::Shape>) -> CompoundSelect<Self::Shape> {
        CompoundSelect::new(SetOperator::Union, self.into_query(), other.into_query())
    }

    /// Rows of this query and of another, as often as they come: UNION ALL.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // Faster than `union`, as nothing is compared: the two can have no row in common.
    /// let names = select((literal("author"), Author::NAME)).union_all(select((literal("book"), Book::TITLE)));
    /// assert_eq!(sqlite(names), "SELECT ?1, authors.name FROM authors UNION ALL SELECT ?2, books.title FROM books");
    /// ```
    fn union_all(self, other: impl SelectStatement<Shape = Self::Shape>) -> CompoundSelect<Self::Shape> {
        CompoundSelect::new(SetOperator::UnionAll, self.into_query(), other.into_query())
    }

    /// Rows that both queries have, each once: INTERSECT.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // Authors who are the title of a book.
    /// let both = select(Author::NAME).intersect(select(Book::TITLE));
    /// assert_eq!(sqlite(both), "SELECT authors.name FROM authors INTERSECT SELECT books.title FROM books");
    /// ```
    fn intersect(self, other: impl SelectStatement<Shape = Self::Shape>) -> CompoundSelect<Self::Shape> {
        CompoundSelect::new(SetOperator::Intersect, self.into_query(), other.into_query())
    }

    /// Rows that both queries have, as often as they come in both: INTERSECT ALL. SQLite has none.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let both = select(Author::NAME).intersect_all(select(Book::TITLE));
    /// assert_eq!(postgres(both.clone()), "SELECT authors.name FROM authors INTERSECT ALL SELECT books.title FROM books");
    /// assert_eq!(both.to_sql(&aludel::SqliteDialect).unwrap_err().kind(), ErrorKind::Unsupported);
    /// ```
    fn intersect_all(self, other: impl SelectStatement<Shape = Self::Shape>) -> CompoundSelect<Self::Shape> {
        CompoundSelect::new(SetOperator::IntersectAll, self.into_query(), other.into_query())
    }

    /// Rows of this query that the other does not have, each once: EXCEPT.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // Authors without a book of before 1900.
    /// let old = select(Book::AUTHOR_ID).filter(Book::YEAR.lt(1900));
    /// assert_eq!(
    ///     sqlite(select(Author::ID).except(old)),
    ///     "SELECT authors.id FROM authors EXCEPT SELECT books.author_id FROM books WHERE books.year < ?1"
    /// );
    /// ```
    fn except(self, other: impl SelectStatement<Shape = Self::Shape>) -> CompoundSelect<Self::Shape> {
        CompoundSelect::new(SetOperator::Except, self.into_query(), other.into_query())
    }

    /// Rows of this query, less as often as they come in the other: EXCEPT ALL. SQLite has none.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // Of three equal rows less one two are left; `except` would leave none.
    /// let years = select(Book::YEAR).except_all(select(Book::YEAR).filter(Book::AUTHOR_ID.eq(1)));
    /// assert_eq!(
    ///     mariadb(years),
    ///     "SELECT books.year FROM books EXCEPT ALL SELECT books.year FROM books WHERE books.author_id = ?"
    /// );
    /// ```
    fn except_all(self, other: impl SelectStatement<Shape = Self::Shape>) -> CompoundSelect<Self::Shape> {
        CompoundSelect::new(SetOperator::ExceptAll, self.into_query(), other.into_query())
    }
}

impl<S: Shape> SelectStatement for Select<S> {
    type Shape = S;

    fn into_query(self) -> QueryNode {
        QueryNode::Select(self.into_node())
    }
}

/// `EXISTS (…)`: the statement has a row.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
///
/// let old = select(Book::ID).filter(Book::AUTHOR_ID.eq(Author::ID)).filter(Book::YEAR.lt(1900));
/// assert_eq!(
///     sql(select(Author::NAME).filter(exists(old))),
///     "SELECT authors.name FROM authors \
///      WHERE EXISTS (SELECT books.id FROM books WHERE books.author_id = authors.id AND books.year < ?1)"
/// );
/// ```
pub fn exists(statement: impl SelectStatement) -> Expr<bool> {
    Expr::new(Node::Exists(Box::new(statement.into_query())))
}

/// What [`in_`](Expression::in_) looks among: values of type `T`, or a statement that selects them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no list of `{T}` values",
    label = "expected a list of `{T}` values, or a statement that selects one column of them"
)]
pub trait InOperand<T> {
    /// Makes the test for an operand.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel_sql::InOperand;
    ///
    /// /// Takes a list of years, or a statement that selects some.
    /// fn titles_of(years: impl InOperand<i32>) -> String {
    ///     sqlite(select(Book::TITLE).filter(Book::YEAR.in_(years)))
    /// }
    /// assert_eq!(
    ///     titles_of([1815, 1922]),
    ///     "SELECT books.title FROM books WHERE books.year IN (SELECT value FROM json_each(?1))"
    /// );
    /// assert_eq!(
    ///     titles_of(select(Book::YEAR).filter(Book::AUTHOR_ID.eq(1))),
    ///     "SELECT books.title FROM books WHERE books.year IN (SELECT books.year FROM books WHERE books.author_id = ?1)"
    /// );
    /// ```
    fn test(self, operand: Node, negated: bool) -> Node;
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType, I> InOperand<T> for I
where
    I: IntoIterator,
    I::Item: IntoValue<T>,
{
    fn test(self, operand: Node, negated: bool) -> Node {
        let values = self.into_iter().map(|value| value.into_value().encode().into_value()).collect();
        let list = Param::of(Value::List(values), T::SQL_TYPE);
        Node::In { operand: Box::new(operand), list, negated }
    }
}

#[diagnostic::do_not_recommend]
impl<T, U: ColumnType<Base = T>> InOperand<T> for Select<(ValueItem<U>,)> {
    fn test(self, operand: Node, negated: bool) -> Node {
        Node::InQuery { operand: Box::new(operand), query: Box::new(self.into_query()), negated }
    }
}
