//! Numbers. Where Rust would panic because a number does not fit its type, the database refuses it or goes on with a wider one;
//! it never wraps.

use super::literal::LENGTH;
use super::{Literal, Scalar, Term, converted};
use crate::column_type::ColumnType;
use crate::node::{BinaryOp, Call, Function, Node, UnaryOp};
use crate::sql_type::SqlType;

/// A number with an arithmetic that is the same in SQL.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be calculated with in a hybrid",
    label = "no arithmetic that is the same in SQL",
    note = "`i16`, `i32`, `i64` and `f64` have one; cast the others: `as i64`"
)]
pub trait Numeric: ColumnType {}

/// A type with division and remainder without a fraction.
#[diagnostic::on_unimplemented(
    message = "the remainder of `{Self}` is not the same in SQL as in Rust",
    label = "not an integer with a sign"
)]
pub trait Remainder: Numeric + Literal<Type = Self> {}

/// A type with a fraction that is cut or rounded.
#[diagnostic::on_unimplemented(message = "`{Self}` has no fraction to round", label = "expected an `f64`")]
pub trait Float: Numeric {}

/// A type that `+` of a hybrid takes: a number, or text.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be added in a hybrid",
    label = "no arithmetic that is the same in SQL",
    note = "`i16`, `i32`, `i64`, `f64`, decimals and text have one; cast the others: `as i64`"
)]
pub trait Add: Sized {
    /// The operator.
    const OPERATOR: BinaryOp;
}

/// A type that `-` and `*` of a hybrid take.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be calculated with in a hybrid",
    label = "no arithmetic that is the same in SQL",
    note = "`i16`, `i32`, `i64`, `f64` and decimals have one; cast the others: `as i64`"
)]
pub trait Exact: Sized {}

macro_rules! numeric {
    ($($ty:ty),*) => {$(
        impl Numeric for $ty {}
        impl Add for $ty {
            const OPERATOR: BinaryOp = BinaryOp::Add;
        }
        impl Exact for $ty {}
    )*};
}

numeric!(i16, i32, i64, f64);

impl Remainder for i16 {}
impl Remainder for i32 {}
impl Remainder for i64 {}
impl Float for f64 {}

#[cfg(feature = "rust_decimal")]
impl Add for rust_decimal::Decimal {
    const OPERATOR: BinaryOp = BinaryOp::Add;
}
#[cfg(feature = "rust_decimal")]
impl Exact for rust_decimal::Decimal {}
#[cfg(feature = "bigdecimal")]
impl Add for bigdecimal::BigDecimal {
    const OPERATOR: BinaryOp = BinaryOp::Add;
}
#[cfg(feature = "bigdecimal")]
impl Exact for bigdecimal::BigDecimal {}

impl Add for String {
    const OPERATOR: BinaryOp = BinaryOp::Concat;
}

/// `a + b`: of numbers the sum, of text one behind the other.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::__doc_player!();
/// #[hybrid]
/// impl Player {
///     fn paid(&self, price: i64) -> i64 {
///         self.coins + price
///     }
///     fn title(&self) -> String {
///         "Sir ".to_owned() + &self.name
///     }
/// }
/// assert_eq!(on_sqlite(Player::PAID(5)), "coins + ?1");
/// assert_eq!(on_mariadb(Player::TITLE), "concat(?, name)");
/// ```
pub fn add<T: Add>(a: Term<T>, b: Term<T>) -> Term<T> {
    binary(T::OPERATOR, a, b)
}

/// `a - b`
///
/// ```
/// # use aludel::doc::*;
/// # aludel::__doc_player!();
/// #[hybrid]
/// impl Player {
///     fn missing(&self, price: i64) -> i64 {
///         (price - self.coins).max(0)
///     }
/// }
/// assert_eq!(on_sqlite(Player::MISSING(50)), "max(?1 - coins, ?2)");
/// ```
pub fn sub<T: Exact>(a: Term<T>, b: Term<T>) -> Term<T> {
    binary(BinaryOp::Sub, a, b)
}

/// `a * b`
///
/// ```
/// # use aludel::doc::*;
/// # aludel::__doc_player!();
/// #[hybrid]
/// impl Player {
///     fn distance(&self, hours: f64) -> f64 {
///         self.speed * hours
///     }
/// }
/// assert_eq!(on_sqlite(Player::DISTANCE(1.5)), "speed * ?1");
/// ```
pub fn mul<T: Exact>(a: Term<T>, b: Term<T>) -> Term<T> {
    binary(BinaryOp::Mul, a, b)
}

/// `a / 3`: the divisor is a number other than zero. Integers are divided towards zero.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::__doc_player!();
/// #[hybrid]
/// impl Player {
///     fn gold(&self) -> i64 {
///         self.coins / 100
///     }
///     fn half_speed(&self) -> f64 {
///         self.speed / 2.0
///     }
/// }
/// // The `/` of MariaDB makes decimals of integers.
/// assert_eq!(on_mariadb(Player::GOLD), "coins DIV nullif(?, 0)");
/// assert_eq!(on_mariadb(Player::HALF_SPEED), "speed / nullif(?, 0)");
/// ```
pub fn div<T: Numeric>(a: Term<T>, b: Term<T>) -> Term<T> {
    binary(division::<T>(), a, b)
}

/// `a % 3`: the divisor is a number other than zero. The remainder has the sign of `a`.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::__doc_player!();
/// #[hybrid]
/// impl Player {
///     fn is_odd(&self) -> bool {
///         self.coins % 2 != 0
///     }
/// }
/// assert_eq!(on_sqlite(Player::IS_ODD), "(coins % nullif(?1, 0)) <> ?2");
/// assert!(Player { coins: -3, ..Player::default() }.is_odd());
/// ```
pub fn rem<T: Remainder>(a: Term<T>, b: Term<T>) -> Term<T> {
    binary(BinaryOp::Rem, a, b)
}

/// `-a`
///
/// ```
/// # use aludel::doc::*;
/// # aludel::__doc_player!();
/// #[hybrid]
/// impl Player {
///     fn debt(&self) -> i64 {
///         -self.coins
///     }
/// }
/// assert_eq!(on_sqlite(Player::DEBT), "- coins");
/// ```
pub fn neg<T: Exact>(a: Term<T>) -> Term<T> {
    Term::new(Node::Unary(UnaryOp::Negate, Box::new(a.node)))
}

fn division<T: ColumnType>() -> BinaryOp {
    if T::SQL_TYPE.is_integer() { BinaryOp::IntDiv } else { BinaryOp::Div }
}

fn binary<T, U>(op: BinaryOp, a: Term<T>, b: Term<T>) -> Term<U> {
    Term::new(Node::binary(op, wide(a.node), wide(b.node)))
}

/// A length has 32 bits on some databases, and 64 in Rust.
fn wide(node: Node) -> Node {
    match &node {
        Node::Call(Call { function: Function::Length | Function::Scalar(Scalar::OctetLength), .. }) => {
            converted(node, LENGTH, SqlType::BigInt)
        }
        _ => node,
    }
}

/// A type that can be cast to another without loss, or as floating point numbers lose it in Rust.
#[diagnostic::on_unimplemented(
    message = "`{Self} as {T}` is not the same in SQL as in Rust",
    label = "cannot be cast to `{T}` in a hybrid"
)]
pub trait Cast<T> {
    /// The types in SQL, before and after.
    #[doc(hidden)]
    const TYPES: (SqlType, SqlType);
}

/// `a as T`, and `T::from(a)`: to a wider integer, or to a floating point number.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::__doc_player!();
/// #[hybrid]
/// impl Player {
///     fn points(&self) -> i64 {
///         i64::from(self.level) * 1000 + self.active as i64
///     }
///     fn coins_per_level(&self) -> f64 {
///         self.coins as f64 / 10.0
///     }
/// }
/// assert_eq!(on_sqlite(Player::POINTS), "(CAST(level AS INTEGER) * ?1) + CAST(active AS INTEGER)");
/// assert_eq!(on_postgres(Player::COINS_PER_LEVEL), "CAST(coins AS double precision) / nullif($1, 0)");
/// ```
pub fn cast<A: Cast<T>, T>(a: Term<A>) -> Term<T> {
    let (from, to) = A::TYPES;
    Term::new(converted(a.node, from, to))
}

macro_rules! casts {
    ($($to:ty: $($from:ty),*;)*) => {$($(
        #[diagnostic::do_not_recommend]
        impl Cast<$to> for $from {
            const TYPES: (SqlType, SqlType) = (<$from>::SQL_TYPE, <$to>::SQL_TYPE);
        }
    )*)*};
}

casts! {
    i32: i8, u8, i16, u16, i32;
    i64: bool, i8, u8, i16, u16, i32, u32, i64;
    f64: i8, u8, i16, u16, i32, u32, i64, f64;
}

#[diagnostic::do_not_recommend]
impl Cast<i64> for usize {
    const TYPES: (SqlType, SqlType) = (LENGTH, SqlType::BigInt);
}

/// As the methods of numbers of the same names.
impl<T: Numeric> Term<T> {
    /// `self.coins.abs()`
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn distance_from_goal(&self) -> i64 {
    ///         (self.coins - 100).abs()
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::DISTANCE_FROM_GOAL), "abs(coins - ?1)");
    /// assert_eq!(Player { coins: 70, ..Player::default() }.distance_from_goal(), 30);
    /// ```
    pub fn abs(self) -> Self {
        Self::call(Scalar::Abs, vec![self.node])
    }

    /// `self.level.max(1)`
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn shown_level(&self) -> i32 {
    ///         self.level.max(1)
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::SHOWN_LEVEL), "max(level, ?1)");
    /// assert_eq!(on_mariadb(Player::SHOWN_LEVEL), "greatest(level, ?)");
    /// ```
    pub fn max(self, other: Self) -> Self {
        Self::call(Scalar::Greatest, vec![self.node, other.node])
    }

    /// `self.coins.min(100)`
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn stake(&self) -> i64 {
    ///         self.coins.min(100)
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::STAKE), "min(coins, ?1)");
    /// ```
    pub fn min(self, other: Self) -> Self {
        Self::call(Scalar::Least, vec![self.node, other.node])
    }

    /// `self.level.clamp(1, 10)`
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn stars(&self) -> i32 {
    ///         self.level.clamp(1, 5)
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::STARS), "min(max(level, ?1), ?2)");
    /// assert_eq!(Player { level: 9, ..Player::default() }.stars(), 5);
    /// ```
    #[must_use]
    pub fn clamp(self, least: Self, greatest: Self) -> Self {
        self.max(least).min(greatest)
    }
}

impl<T: Remainder> Term<T> {
    /// `self.coins.signum()`: -1, 0 or 1.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn balance_sign(&self) -> i64 {
    ///         self.coins.signum()
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::BALANCE_SIGN), "sign(coins)");
    /// assert_eq!(Player { coins: -7, ..Player::default() }.balance_sign(), -1);
    /// ```
    pub fn signum(self) -> Self {
        Self::call(Scalar::Sign, vec![self.node])
    }

    /// `self.coins.is_positive()`: zero is not.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn has_coins(&self) -> bool {
    ///         self.coins.is_positive()
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::HAS_COINS), "coins > ?1");
    /// assert!(!Player::default().has_coins());
    /// ```
    pub fn is_positive(self) -> Term<bool> {
        // What no number was given to is zero.
        binary(BinaryOp::Gt, self, T::unset().term())
    }

    /// `self.coins.is_negative()`: zero is not.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn is_in_debt(&self) -> bool {
    ///         self.coins.is_negative()
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::IS_IN_DEBT), "coins < ?1");
    /// ```
    pub fn is_negative(self) -> Term<bool> {
        // What no number was given to is zero.
        binary(BinaryOp::Lt, self, T::unset().term())
    }

    /// `self.coins.checked_div(n)`: NULL for a divisor of zero.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn coins_per_try(&self, tries: i64) -> Option<i64> {
    ///         self.coins.checked_div(tries)
    ///     }
    /// }
    /// // PostgreSQL would refuse a division by zero.
    /// assert_eq!(on_postgres(Player::COINS_PER_TRY(0)), "coins / nullif($1, 0)");
    /// assert_eq!(Player::default().coins_per_try(0), None);
    /// ```
    pub fn checked_div(self, divisor: Self) -> Term<Option<T>> {
        binary(division::<T>(), self, divisor)
    }

    /// `self.coins.checked_rem(n)`: NULL for a divisor of zero.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn rest(&self, share: i64) -> i64 {
    ///         self.coins.checked_rem(share).unwrap_or(self.coins)
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::REST(0)), "coalesce(coins % nullif(?1, 0), coins)");
    /// assert_eq!(Player { coins: 7, ..Player::default() }.rest(0), 7);
    /// ```
    pub fn checked_rem(self, divisor: Self) -> Term<Option<T>> {
        binary(BinaryOp::Rem, self, divisor)
    }

    /// `self.coins.rem_euclid(8)`: never below zero.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn shelf(&self) -> i64 {
    ///         self.coins.rem_euclid(8)
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::SHELF), "((coins % nullif(?1, 0)) + abs(?2)) % nullif(abs(?3), 0)");
    /// assert_eq!(Player { coins: -3, ..Player::default() }.shelf(), 5);
    /// ```
    pub fn rem_euclid(self, divisor: Self) -> Self {
        let above = binary::<T, T>(BinaryOp::Add, rem(self, divisor.clone()), divisor.clone().abs());
        rem(above, divisor.abs())
    }
}

impl<T: Float> Term<T> {
    /// `self.speed.round()`: a half goes away from zero, as in Rust.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn shown_speed(&self) -> f64 {
    ///         self.speed.round()
    ///     }
    /// }
    /// // PostgreSQL's own would make 2 of 2.5.
    /// assert_eq!(
    ///     on_postgres(Player::SHOWN_SPEED),
    ///     "(trunc(speed) + (CASE WHEN abs(speed - trunc(speed)) >= 0.5 THEN sign(speed) ELSE 0 END))"
    /// );
    /// assert_eq!(Player { speed: 2.5, ..Player::default() }.shown_speed(), 3.0);
    /// ```
    pub fn round(self) -> Self {
        Self::call(Scalar::Round, vec![self.node])
    }

    /// `self.speed.floor()`: the next whole number below.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn whole_speed(&self) -> f64 {
    ///         self.speed.floor()
    ///     }
    /// }
    /// assert_eq!(on_postgres(Player::WHOLE_SPEED), "floor(speed)");
    /// assert_eq!(Player { speed: -0.5, ..Player::default() }.whole_speed(), -1.0);
    /// ```
    pub fn floor(self) -> Self {
        Self::call(Scalar::Floor, vec![self.node])
    }

    /// `self.speed.ceil()`: the next whole number above.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn fare(&self) -> f64 {
    ///         (self.speed * 0.25).ceil()
    ///     }
    /// }
    /// assert_eq!(on_mariadb(Player::FARE), "(ceil(speed * ?) + 0e0)");
    /// ```
    pub fn ceil(self) -> Self {
        Self::call(Scalar::Ceil, vec![self.node])
    }

    /// `self.speed.trunc()`: without what is behind the point.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn plain_speed(&self) -> f64 {
    ///         self.speed.trunc()
    ///     }
    /// }
    /// assert_eq!(on_mariadb(Player::PLAIN_SPEED), "(truncate(speed, 0) + 0e0)");
    /// assert_eq!(Player { speed: -2.7, ..Player::default() }.plain_speed(), -2.0);
    /// ```
    pub fn trunc(self) -> Self {
        Self::call(Scalar::Trunc, vec![self.node])
    }
}
