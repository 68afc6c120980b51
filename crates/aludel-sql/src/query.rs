//! SELECT within other statements: as a value, as a list, as a test.

use crate::column_type::ColumnType;
use crate::expression::Expr;
#[cfg(doc)]
use crate::expression::Expression;
use crate::node::{Node, Param};
use crate::operand::IntoValue;
use crate::select::{Select, SelectNode};
use crate::selection::{SelectItem, Shape, ValueItem};
use crate::value::Value;

/// The tree of a statement that gives rows.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum QueryNode {
    /// SELECT
    Select(SelectNode),
}

impl QueryNode {
    /// Tells whether the first column of its rows may be NULL.
    pub(crate) fn first_is_nullable(&self) -> bool {
        let QueryNode::Select(node) = self;
        node.items.first().is_some_and(|item| match item {
            SelectItem::Entity { optional, .. } | SelectItem::Expression { optional, .. } => *optional,
        })
    }

    /// Tells whether it has LIMIT or OFFSET.
    pub(crate) fn is_limited(&self) -> bool {
        let QueryNode::Select(node) = self;
        node.limit.is_some() || node.offset.is_some()
    }
}

/// A statement that gives rows and may be part of another one: a [`Select`]. In the prelude.
///
/// Within another statement it may use the columns of the tables around it: it is *correlated*. A table that is in its own FROM
/// hides the table of the same name around it; give one of them another name with [`alias`](crate::alias).
pub trait SelectStatement: Sized {
    /// The shape of its rows.
    type Shape: Shape;

    /// Returns the tree.
    fn into_query(self) -> QueryNode;

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
        let list = Param { value: Value::List(values), sql_type: T::SQL_TYPE };
        Node::In { operand: Box::new(operand), list, negated }
    }
}

#[diagnostic::do_not_recommend]
impl<T, U: ColumnType<Base = T>> InOperand<T> for Select<(ValueItem<U>,)> {
    fn test(self, operand: Node, negated: bool) -> Node {
        Node::InQuery { operand: Box::new(operand), query: Box::new(self.into_query()), negated }
    }
}
