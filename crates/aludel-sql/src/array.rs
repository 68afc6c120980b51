//! Arrays in expressions: PostgreSQL has them.

use crate::column_type::{ArrayElement, ColumnType};
use crate::expression::{BaseOf, Expr, Expression};
use crate::node::{Call, Function, Node, Scalar};
use crate::operand::Operand;

/// A type that is an array.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no array",
    label = "expected a column of type `Vec<…>`"
)]
pub trait ArrayType: ColumnType {
    /// The type of its elements, without `Option`.
    type Element: ColumnType;
}

impl<T: ArrayElement> ArrayType for Vec<T> {
    type Element = T::Base;
}

/// What columns and expressions of arrays can do beside the rest, on PostgreSQL. In the prelude.
// `is_within` takes the expression, as everything here does: SQL's words win over the convention for `is_`.
#[allow(clippy::wrong_self_convention)]
pub trait ArrayExpression: Expression<Type: ColumnType<Base: ArrayType>> {
    /// `element = ANY(self)`: the array has this element.
    ///
    /// ```
    /// use aludel::prelude::*;
    ///
    /// #[derive(Entity, Debug)]
    /// #[entity(table = "articles")]
    /// struct Article {
    ///     #[column(primary_key)]
    ///     id: i64,
    ///     tags: Vec<String>,
    /// }
    /// # fn main() {
    /// let news = select(Article::ID).filter(Article::TAGS.has("news"));
    /// // PostgreSQL has `$1 = ANY(articles.tags)`; elsewhere it is an error before anything is sent.
    /// assert!(news.to_sql(&aludel_sqlite::SqliteDialect).is_err());
    /// # }
    /// ```
    fn has(self, element: impl Operand<<BaseOf<Self> as ArrayType>::Element>) -> Expr<bool> {
        asked(Scalar::ArrayHas, vec![self.into_node(), element.into_operand()])
    }

    /// `self @> other`: the array has all elements of another one.
    fn has_all(self, other: impl Operand<BaseOf<Self>>) -> Expr<bool> {
        asked(Scalar::ArrayHasAll, vec![self.into_node(), other.into_operand()])
    }

    /// `self && other`: the arrays have an element in common.
    fn overlaps(self, other: impl Operand<BaseOf<Self>>) -> Expr<bool> {
        asked(Scalar::ArrayOverlaps, vec![self.into_node(), other.into_operand()])
    }

    /// `self <@ other`: the array has no element that another one does not have.
    fn contained_by(self, other: impl Operand<BaseOf<Self>>) -> Expr<bool> {
        asked(Scalar::ArrayWithin, vec![self.into_node(), other.into_operand()])
    }

    /// `cardinality(self)`: the number of elements, 0 of an empty array.
    fn cardinality(self) -> Expr<i32> {
        asked(Scalar::ArrayLength, vec![self.into_node()])
    }
}

impl<X: Expression<Type: ColumnType<Base: ArrayType>>> ArrayExpression for X {}

fn asked<T>(which: Scalar, arguments: Vec<Node>) -> Expr<T> {
    Expr::new(Node::Call(Call::new(Function::Scalar(which), arguments)))
}
