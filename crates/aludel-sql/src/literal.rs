//! Values as expressions.

use crate::column_type::ColumnType;
use crate::expression::Expr;
use crate::node::Node;

/// A value as an expression, where there is no column to begin with.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
///
/// let kind = select((literal("author"), Author::NAME)).union(select((literal("book"), Book::TITLE)));
/// assert_eq!(sql(kind), "SELECT ?1, authors.name FROM authors UNION SELECT ?2, books.title FROM books");
/// ```
///
/// NULL is a value of an `Option`; of another type, it does not compile.
///
/// ```
/// # use aludel::doc::*;
/// let nothing: Expr<Option<i64>> = literal::<Option<i64>>(None);
/// assert_eq!(value(nothing), None);
/// ```
pub fn literal<T: ColumnType>(value: impl LiteralValue<T>) -> Expr<T> {
    Expr::new(value.into_literal())
}

/// A value that [`literal`] makes an expression of type `T` of: a `T`, or a `&str` for text.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no value of an expression of type `{T}`",
    label = "expected a value of type `{T}`",
    note = "NULL is a value of an `Option`: `literal::<Option<{T}>>(None)`"
)]
pub trait LiteralValue<T> {
    /// Returns the node of the expression tree.
    #[doc(hidden)]
    fn into_literal(self) -> Node;
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType> LiteralValue<T> for T {
    fn into_literal(self) -> Node {
        Node::param(&self)
    }
}

#[diagnostic::do_not_recommend]
impl LiteralValue<String> for &str {
    fn into_literal(self) -> Node {
        Node::param(&self.to_owned())
    }
}
