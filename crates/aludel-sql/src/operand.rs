//! What may stand on the other side of an operator.

use crate::column::Column;
use crate::column_type::ColumnType;
use crate::expression::{Expr, Expression};
use crate::mapping::Mapped;
use crate::node::Node;

/// Something that can stand where an expression of type `T` is expected: a value, a column or an expression, of `T` or of
/// `Option<T>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be used with a `{T}` expression",
    label = "expected a `{T}`: a value, a column or an expression"
)]
pub trait Operand<T> {
    /// What it gives: `T`, or `Option<T>` where it may be NULL.
    type Type;

    /// Returns the node of the expression tree.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel::Operand;
    ///
    /// // The books of a year, known or computed.
    /// fn of_year(year: impl Operand<i32>) -> Expr<bool> {
    ///     Book::YEAR.eq(year)
    /// }
    /// assert_eq!(on_sqlite(of_year(1815)), "year = ?1");
    /// assert_eq!(on_sqlite(of_year(None)), "year IS NULL");
    /// assert_eq!(
    ///     on_sqlite(of_year(select(func::max(Book::YEAR)).scalar_subquery())),
    ///     "year = (SELECT max(year) FROM books)"
    /// );
    /// ```
    fn into_operand(self) -> Node;
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType<Base = T>> Operand<T> for T {
    type Type = T;

    fn into_operand(self) -> Node {
        Node::param(&self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType<Base = T>> Operand<T> for Option<T> {
    type Type = Self;

    fn into_operand(self) -> Node {
        Node::param(&self)
    }
}

#[diagnostic::do_not_recommend]
impl<E: Mapped, T: ColumnType<Base = B>, B> Operand<B> for Column<E, T> {
    type Type = T;

    fn into_operand(self) -> Node {
        self.into_node()
    }
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType<Base = B>, B> Operand<B> for Expr<T> {
    type Type = T;

    fn into_operand(self) -> Node {
        self.into_node()
    }
}

#[diagnostic::do_not_recommend]
impl<X: AsRef<str> + IsText + ?Sized> Operand<String> for &X {
    type Type = String;

    fn into_operand(self) -> Node {
        Node::param(&self.as_ref().to_owned())
    }
}

/// Text that can be borrowed.
pub trait IsText {}
impl IsText for str {}
impl IsText for String {}

/// Nothing is of this type. Where a type is an operand in one way only, the compiler says at length in which, in six more lines, and
/// `do_not_recommend` is not asked; where there are two ways, it says what is missing.
enum Nothing {}

macro_rules! second_way {
    ($($operand:ty),*) => {
        $(
            #[diagnostic::do_not_recommend]
            impl Operand<Nothing> for $operand {
                type Type = Nothing;

                fn into_operand(self) -> Node {
                    unreachable!("there is nothing of this type")
                }
            }
        )*
    };
}

second_way!(&Nothing, Column<Nothing, Nothing>, Expr<Nothing>);

/// Something that can be stored in a column of type `T`: a `T`, a `&str` for text, a value without `Some` for an `Option`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored in a column of type `{T}`",
    label = "expected a value of type `{T}`"
)]
pub trait IntoValue<T> {
    /// Returns the value.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// use aludel::IntoValue;
    ///
    /// fn stored<T>(value: impl IntoValue<T>) -> T {
    ///     value.into_value()
    /// }
    /// assert_eq!(stored::<String>("Emma"), "Emma");
    /// assert_eq!(stored::<Option<String>>("Emma"), Some("Emma".to_owned()));
    /// assert_eq!(stored::<Option<i64>>(None), None);
    /// ```
    fn into_value(self) -> T;
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType> IntoValue<T> for T {
    fn into_value(self) -> T {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType<Base = T>> IntoValue<Option<T>> for T {
    fn into_value(self) -> Option<T> {
        Some(self)
    }
}

#[diagnostic::do_not_recommend]
impl IntoValue<String> for &str {
    fn into_value(self) -> String {
        self.to_owned()
    }
}

#[diagnostic::do_not_recommend]
impl IntoValue<Option<String>> for &str {
    fn into_value(self) -> Option<String> {
        Some(self.to_owned())
    }
}
