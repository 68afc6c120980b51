//! Functions of numbers, and of any two values.

use super::scalar;
use crate::column_type::{ColumnType, Integer, Number, Real};
use crate::expression::{BaseOf, Expr, Expression};
use crate::node::Scalar;
use crate::operand::Operand;

/// `nullif(x, y)`: NULL where they are equal, else `x`.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
///
/// assert_eq!(sql(select(func::nullif(Book::TITLE, "untitled"))), "SELECT nullif(books.title, ?1) FROM books");
/// ```
pub fn nullif<X: Expression>(x: X, y: impl Operand<BaseOf<X>>) -> Expr<Option<BaseOf<X>>>
where
    BaseOf<X>: ColumnType<Base = BaseOf<X>>,
{
    scalar(Scalar::NullIf, vec![x.into_node(), y.into_operand()])
}

/// The greater of two values; NULL if either is.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
///
/// // PostgreSQL and MariaDB have `greatest`; PostgreSQL's own would leave NULL out.
/// assert_eq!(sql(select(func::greatest(Book::YEAR, 1900))), "SELECT max(books.year, ?1) FROM books");
/// ```
pub fn greatest<X: Expression>(x: X, y: impl Operand<BaseOf<X>>) -> Expr<X::Type> {
    scalar(Scalar::Greatest, vec![x.into_node(), y.into_operand()])
}

/// The lesser of two values; NULL if either is.
pub fn least<X: Expression>(x: X, y: impl Operand<BaseOf<X>>) -> Expr<X::Type> {
    scalar(Scalar::Least, vec![x.into_node(), y.into_operand()])
}

/// The number without its sign.
pub fn abs<X: Expression>(x: X) -> Expr<X::Type>
where
    BaseOf<X>: Number,
{
    scalar(Scalar::Abs, vec![x.into_node()])
}

/// -1 for a number below zero, 0 for zero, 1 above.
pub fn sign<X: Expression>(x: X) -> Expr<i32>
where
    BaseOf<X>: Integer,
{
    scalar(Scalar::Sign, vec![x.into_node()])
}

/// The nearest whole number; a half goes away from zero, as in Rust.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
///
/// // The `round` of PostgreSQL and MariaDB would make 2 of 2.5.
/// let years = func::coalesce(func::avg(Book::YEAR), 0.0);
/// assert!(sql(select(func::round(years))).starts_with("SELECT CASE WHEN abs("));
/// ```
pub fn round<X: Expression>(x: X) -> Expr<X::Type>
where
    BaseOf<X>: Real,
{
    scalar(Scalar::Round, vec![x.into_node()])
}

/// The next whole number below.
pub fn floor<X: Expression>(x: X) -> Expr<X::Type>
where
    BaseOf<X>: Real,
{
    scalar(Scalar::Floor, vec![x.into_node()])
}

/// The next whole number above.
pub fn ceil<X: Expression>(x: X) -> Expr<X::Type>
where
    BaseOf<X>: Real,
{
    scalar(Scalar::Ceil, vec![x.into_node()])
}

/// The number without what is behind its point.
pub fn trunc<X: Expression>(x: X) -> Expr<X::Type>
where
    BaseOf<X>: Real,
{
    scalar(Scalar::Trunc, vec![x.into_node()])
}

/// The quotient of integers as a floating point number; `None` for a divisor of zero. `/` of integers truncates.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
///
/// let centuries = func::true_div(Book::YEAR, 100);
/// assert_eq!(sql(select(centuries)), "SELECT (CAST(books.year AS REAL) / nullif(?1, 0)) FROM books");
/// ```
pub fn true_div<X: Expression>(x: X, y: impl Operand<BaseOf<X>>) -> Expr<Option<f64>>
where
    BaseOf<X>: Integer,
{
    scalar(Scalar::TrueDiv, vec![x.into_node(), y.into_operand()])
}

/// The quotient of integers whose remainder is not below zero, as `div_euclid` in Rust; `None` for a divisor of zero.
pub fn div_euclid<X: Expression>(x: X, y: impl Operand<BaseOf<X>>) -> Expr<Option<BaseOf<X>>>
where
    BaseOf<X>: Integer + ColumnType<Base = BaseOf<X>>,
{
    scalar(Scalar::DivEuclid, vec![x.into_node(), y.into_operand()])
}

/// The remainder of integers that is not below zero, as `rem_euclid` in Rust; `None` for a divisor of zero.
pub fn rem_euclid<X: Expression>(x: X, y: impl Operand<BaseOf<X>>) -> Expr<Option<BaseOf<X>>>
where
    BaseOf<X>: Integer + ColumnType<Base = BaseOf<X>>,
{
    scalar(Scalar::RemEuclid, vec![x.into_node(), y.into_operand()])
}

macro_rules! bits {
    ($($(#[$doc:meta])* $name:ident, $scalar:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name<X: Expression>(x: X, y: impl Operand<BaseOf<X>>) -> Expr<X::Type>
        where
            BaseOf<X>: Integer,
        {
            scalar(Scalar::$scalar, vec![x.into_node(), y.into_operand()])
        }
    )*};
}

bits! {
    /// The bits that both integers have.
    bit_and, BitAnd;
    /// The bits that one of two integers has, or both.
    bit_or, BitOr;
    /// The bits that one of two integers has, and not both.
    bit_xor, BitXor;
}

/// The bits that an integer does not have.
pub fn bit_not<X: Expression>(x: X) -> Expr<X::Type>
where
    BaseOf<X>: Integer,
{
    scalar(Scalar::BitNot, vec![x.into_node()])
}
