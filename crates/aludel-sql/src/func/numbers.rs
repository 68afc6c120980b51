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
///
/// ```
/// # use aludel::doc::*;
/// # aludel::__doc_player!();
/// // At most this many coins go.
/// assert_eq!(
///     on_postgres(func::least(Player::COINS, 100)),
///     "CASE WHEN num_nulls(coins, $1) = 0 THEN least(coins, $1) END"
/// );
/// assert_eq!(value(func::least(literal::<Option<i64>>(None), 100)), None);
/// // Of columns that may be NULL, PostgreSQL's own `least` would leave those out that are.
/// assert_eq!(
///     on_postgres(func::least(Player::BEST, Player::LATEST)),
///     "CASE WHEN num_nulls(best, latest) = 0 THEN least(best, latest) END"
/// );
/// ```
pub fn least<X: Expression>(x: X, y: impl Operand<BaseOf<X>>) -> Expr<X::Type> {
    scalar(Scalar::Least, vec![x.into_node(), y.into_operand()])
}

/// The number without its sign.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::__doc_player!();
/// let distance = func::abs(Player::COINS - 100);
/// assert_eq!(on_sqlite(distance), "abs(coins - ?1)");
/// assert_eq!(value(func::abs(literal::<f64>(-0.5))), 0.5);
/// ```
pub fn abs<X: Expression>(x: X) -> Expr<X::Type>
where
    BaseOf<X>: Number,
{
    scalar(Scalar::Abs, vec![x.into_node()])
}

/// -1 for a number below zero, 0 for zero, 1 above.
///
/// ```
/// # use aludel::doc::*;
/// assert_eq!(value(func::sign(literal::<i64>(-30))), -1);
/// assert_eq!(value(func::sign(literal::<i64>(0))), 0);
/// ```
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
///
/// ```
/// # use aludel::doc::*;
/// # aludel::__doc_player!();
/// assert_eq!(value(func::floor(literal::<f64>(-0.5))), -1.0);
/// assert_eq!(on_postgres(func::floor(Player::SPEED)), "floor(speed)");
/// // SQLite is built without `floor`.
/// assert_eq!(
///     on_sqlite(func::floor(Player::SPEED)),
///     "CASE WHEN abs(speed) < 9e15 THEN CAST(speed AS INTEGER) - (speed < CAST(speed AS INTEGER)) ELSE speed END"
/// );
/// ```
pub fn floor<X: Expression>(x: X) -> Expr<X::Type>
where
    BaseOf<X>: Real,
{
    scalar(Scalar::Floor, vec![x.into_node()])
}

/// The next whole number above.
///
/// ```
/// # use aludel::doc::*;
/// assert_eq!(value(func::ceil(literal::<f64>(0.25))), 1.0);
/// assert_eq!(value(func::ceil(literal::<f64>(-0.5))), 0.0);
/// ```
pub fn ceil<X: Expression>(x: X) -> Expr<X::Type>
where
    BaseOf<X>: Real,
{
    scalar(Scalar::Ceil, vec![x.into_node()])
}

/// The number without what is behind its point.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::__doc_player!();
/// assert_eq!(value(func::trunc(literal::<f64>(-2.7))), -2.0);
/// assert_eq!(on_mariadb(func::trunc(Player::SPEED)), "(truncate(speed, 0) + 0e0)");
/// ```
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
///
/// ```
/// # use aludel::doc::*;
/// assert_eq!(value(func::div_euclid(literal::<i64>(-7), 2)), Some(-4));
/// assert_eq!(value(literal::<i64>(-7).nullable() / 2), Some(-3)); // towards zero
/// assert_eq!(value(func::div_euclid(literal::<i64>(-7), 0)), None);
/// ```
pub fn div_euclid<X: Expression>(x: X, y: impl Operand<BaseOf<X>>) -> Expr<Option<BaseOf<X>>>
where
    BaseOf<X>: Integer + ColumnType<Base = BaseOf<X>>,
{
    scalar(Scalar::DivEuclid, vec![x.into_node(), y.into_operand()])
}

/// The remainder of integers that is not below zero, as `rem_euclid` in Rust; `None` for a divisor of zero.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::__doc_player!();
/// // On which of eight shelves; `%` would have numbers below zero as well.
/// assert_eq!(value(func::rem_euclid(literal::<i64>(-3), 8)), Some(5));
/// assert_eq!(
///     on_sqlite(func::rem_euclid(Player::COINS, 8)),
///     "((coins % nullif(?1, 0) + abs(?1)) % nullif(abs(?1), 0))"
/// );
/// ```
pub fn rem_euclid<X: Expression>(x: X, y: impl Operand<BaseOf<X>>) -> Expr<Option<BaseOf<X>>>
where
    BaseOf<X>: Integer + ColumnType<Base = BaseOf<X>>,
{
    scalar(Scalar::RemEuclid, vec![x.into_node(), y.into_operand()])
}

/// The quotient of two integers rounded down, as Python's `//` gives it; NULL for a divisor of zero. (`/` rounds towards zero.)
///
/// ```
/// # use aludel::doc::*;
/// assert_eq!(value(func::floor_div(literal::<i64>(-7), 2)), Some(-4));
/// assert_eq!(value(func::floor_div(literal::<i64>(7), -2)), Some(-4)); // `div_euclid` gives -3
/// assert_eq!(value(func::floor_div(literal::<i64>(7), 0)), None);
/// ```
pub fn floor_div<X: Expression>(x: X, y: impl Operand<BaseOf<X>>) -> Expr<Option<BaseOf<X>>>
where
    BaseOf<X>: Integer + ColumnType<Base = BaseOf<X>>,
{
    scalar(Scalar::FloorDiv, vec![x.into_node(), y.into_operand()])
}

/// The first to the power of the second; NULL where that is no real number (zero to a power below zero, what is below zero to a power
/// that is not whole). What is too large for a floating point number is an error of the database.
///
/// ```
/// # use {aludel::doc::*, library::Book};
/// assert_eq!(value(func::pow(literal::<f64>(2.0), 10.0)), Some(1024.0));
/// assert_eq!(value(func::pow(literal::<f64>(2.0), 0.5)), Some(2.0_f64.sqrt()));
/// assert_eq!(value(func::pow(literal::<f64>(-2.0), 0.5)), None);
/// assert_eq!(on_sqlite(func::pow(Book::YEAR.cast::<f64>(), 2.0)), "aludel_pow(CAST(year AS REAL), ?1)");
/// ```
pub fn pow<X: Expression>(x: X, y: impl Operand<BaseOf<X>>) -> Expr<Option<f64>>
where
    BaseOf<X>: Real,
{
    scalar(Scalar::Pow, vec![x.into_node(), y.into_operand()])
}

/// The bits of an integer, taken as one of 64 bits, moved to the left; those that fall out are lost, as with Rust's `<<`. NULL for a count
/// that is not 0 to 63.
///
/// ```
/// # use aludel::doc::*;
/// assert_eq!(value(func::shift_left(literal::<i64>(5), 3)), Some(40));
/// assert_eq!(value(func::shift_left(literal::<i64>(1), 63)), Some(i64::MIN));
/// assert_eq!(value(func::shift_left(literal::<i64>(1), 64)), None);
/// // Databases disagree about a count that is too large: 0, or the count modulo 64.
/// assert_eq!(
///     on_postgres(func::shift_left(literal::<i64>(5), 3)),
///     "CASE WHEN $1 BETWEEN 0 AND 63 THEN CAST($2 AS bigint) << $1 END"
/// );
/// ```
pub fn shift_left<X: Expression>(x: X, count: impl Operand<i32>) -> Expr<Option<i64>>
where
    BaseOf<X>: Integer,
{
    scalar(Scalar::ShiftLeft, vec![x.into_node(), count.into_operand()])
}

/// The bits of an integer, taken as one of 64 bits, moved to the right; what is below zero stays so, as with Rust's `>>` of an `i64`. NULL
/// for a count that is not 0 to 63.
///
/// ```
/// # use aludel::doc::*;
/// assert_eq!(value(func::shift_right(literal::<i64>(40), 3)), Some(5));
/// assert_eq!(value(func::shift_right(literal::<i64>(-1), 63)), Some(-1));
/// assert_eq!(value(func::shift_right(literal::<i64>(40), -1)), None);
/// ```
pub fn shift_right<X: Expression>(x: X, count: impl Operand<i32>) -> Expr<Option<i64>>
where
    BaseOf<X>: Integer,
{
    scalar(Scalar::ShiftRight, vec![x.into_node(), count.into_operand()])
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
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// // Those that have a flag.
    /// let flagged = func::bit_and(Player::LEVEL, 4).ne(0);
    /// assert_eq!(on_postgres(flagged.clone()), "(level & $1) <> $2");
    /// // MariaDB's result has no sign.
    /// assert_eq!(on_mariadb(flagged), "CAST(level & ? AS SIGNED) <> ?");
    /// ```
    bit_and, BitAnd;
    /// The bits that one of two integers has, or both.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// let marked = update(Player).set(Player::LEVEL, func::bit_or(Player::LEVEL, 4)).filter(Player::ID.eq(1));
    /// assert_eq!(sqlite(marked), "UPDATE players SET level = (level | ?1) WHERE id = ?2");
    /// ```
    bit_or, BitOr;
    /// The bits that one of two integers has, and not both.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// assert_eq!(value(func::bit_xor(literal::<i64>(0b1100), 0b1010)), 0b0110);
    /// // SQLite has no such operator.
    /// assert_eq!(on_sqlite(func::bit_xor(literal::<i64>(12), 10)), "((?1 | ?2) - (?1 & ?2))");
    /// ```
    bit_xor, BitXor;
}

/// The bits that an integer does not have.
///
/// ```
/// # use aludel::doc::*;
/// assert_eq!(value(func::bit_not(literal::<i64>(5))), -6);
/// // Without the cast it would be 18446744073709551610.
/// assert_eq!(on_mariadb(func::bit_not(literal::<i64>(5))), "CAST(~ ? AS SIGNED)");
/// ```
pub fn bit_not<X: Expression>(x: X) -> Expr<X::Type>
where
    BaseOf<X>: Integer,
{
    scalar(Scalar::BitNot, vec![x.into_node()])
}
