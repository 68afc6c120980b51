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
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # #[derive(Entity)] #[entity(table = "articles")] struct Article { #[column(primary_key)] id: i64, tags: Vec<String> }
    /// let both = Article::TAGS.has_all(vec!["news".to_owned(), "sport".to_owned()]);
    /// assert_eq!(on_postgres(both), "(tags @> $1)");
    /// ```
    fn has_all(self, other: impl Operand<BaseOf<Self>>) -> Expr<bool> {
        asked(Scalar::ArrayHasAll, vec![self.into_node(), other.into_operand()])
    }

    /// `self && other`: the arrays have an element in common.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # #[derive(Entity)] #[entity(table = "articles")] struct Article { #[column(primary_key)] id: i64, tags: Vec<String>, topics: Vec<String> }
    /// // The other array may be a column as well.
    /// assert_eq!(on_postgres(Article::TAGS.overlaps(Article::TOPICS)), "(tags && topics)");
    /// ```
    fn overlaps(self, other: impl Operand<BaseOf<Self>>) -> Expr<bool> {
        asked(Scalar::ArrayOverlaps, vec![self.into_node(), other.into_operand()])
    }

    /// `self <@ other`: the array has no element that another one does not have.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # #[derive(Entity)] #[entity(table = "articles")] struct Article { #[column(primary_key)] id: i64, tags: Vec<String> }
    /// // No tag but these; an article without tags is among them.
    /// let allowed = Article::TAGS.contained_by(vec!["news".to_owned(), "sport".to_owned()]);
    /// assert_eq!(on_postgres(allowed), "(tags <@ $1)");
    /// ```
    fn contained_by(self, other: impl Operand<BaseOf<Self>>) -> Expr<bool> {
        asked(Scalar::ArrayWithin, vec![self.into_node(), other.into_operand()])
    }

    /// `cardinality(self)`: the number of elements, 0 of an empty array.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # #[derive(Entity)] #[entity(table = "articles")] struct Article { #[column(primary_key)] id: i64, tags: Vec<String> }
    /// // PostgreSQL's own `array_length` of an empty array is NULL.
    /// assert_eq!(on_postgres(Article::TAGS.cardinality().eq(0)), "cardinality(tags) = $1");
    /// ```
    fn cardinality(self) -> Expr<i32> {
        asked(Scalar::ArrayLength, vec![self.into_node()])
    }
}

impl<X: Expression<Type: ColumnType<Base: ArrayType>>> ArrayExpression for X {}

fn asked<T>(which: Scalar, arguments: Vec<Node>) -> Expr<T> {
    Expr::new(Node::Call(Call::new(Function::Scalar(which), arguments)))
}
