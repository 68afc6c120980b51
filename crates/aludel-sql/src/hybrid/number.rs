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

/// `a + b`
pub fn add<T: Add>(a: Term<T>, b: Term<T>) -> Term<T> {
    binary(T::OPERATOR, a, b)
}

/// `a - b`
pub fn sub<T: Exact>(a: Term<T>, b: Term<T>) -> Term<T> {
    binary(BinaryOp::Sub, a, b)
}

/// `a * b`
pub fn mul<T: Exact>(a: Term<T>, b: Term<T>) -> Term<T> {
    binary(BinaryOp::Mul, a, b)
}

/// `a / 3`: the divisor is a number other than zero.
pub fn div<T: Numeric>(a: Term<T>, b: Term<T>) -> Term<T> {
    binary(division::<T>(), a, b)
}

/// `a % 3`: the divisor is a number other than zero.
pub fn rem<T: Remainder>(a: Term<T>, b: Term<T>) -> Term<T> {
    binary(BinaryOp::Rem, a, b)
}

/// `-a`
pub fn neg<T: Exact>(a: Term<T>) -> Term<T> {
    Term::new(Node::Unary(UnaryOp::Negate, Box::new(a.node)))
}

fn division<T: ColumnType>() -> BinaryOp {
    if T::SQL_TYPE.is_integer() { BinaryOp::IntDiv } else { BinaryOp::Div }
}

fn binary<T, U>(op: BinaryOp, a: Term<T>, b: Term<T>) -> Term<U> {
    Term::new(Node::Binary(op, Box::new(wide(a.node)), Box::new(wide(b.node))))
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

/// `a as T`, and `T::from(a)`
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
#[allow(missing_docs)]
impl<T: Numeric> Term<T> {
    pub fn abs(self) -> Self {
        Self::call(Scalar::Abs, vec![self.node])
    }

    pub fn max(self, other: Self) -> Self {
        Self::call(Scalar::Greatest, vec![self.node, other.node])
    }

    pub fn min(self, other: Self) -> Self {
        Self::call(Scalar::Least, vec![self.node, other.node])
    }

    #[must_use]
    pub fn clamp(self, least: Self, greatest: Self) -> Self {
        self.max(least).min(greatest)
    }
}

#[allow(missing_docs)]
impl<T: Remainder> Term<T> {
    pub fn signum(self) -> Self {
        Self::call(Scalar::Sign, vec![self.node])
    }

    pub fn is_positive(self) -> Term<bool> {
        // What no number was given to is zero.
        binary(BinaryOp::Gt, self, T::unset().term())
    }

    pub fn is_negative(self) -> Term<bool> {
        // What no number was given to is zero.
        binary(BinaryOp::Lt, self, T::unset().term())
    }

    /// NULL for a divisor of zero.
    pub fn checked_div(self, divisor: Self) -> Term<Option<T>> {
        binary(division::<T>(), self, divisor)
    }

    /// NULL for a divisor of zero.
    pub fn checked_rem(self, divisor: Self) -> Term<Option<T>> {
        binary(BinaryOp::Rem, self, divisor)
    }

    /// `(a % b + abs(b)) % abs(b)`: never below zero.
    pub fn rem_euclid(self, divisor: Self) -> Self {
        let above = binary::<T, T>(BinaryOp::Add, rem(self, divisor.clone()), divisor.clone().abs());
        rem(above, divisor.abs())
    }
}

#[allow(missing_docs)]
impl<T: Float> Term<T> {
    pub fn round(self) -> Self {
        Self::call(Scalar::Round, vec![self.node])
    }

    pub fn floor(self) -> Self {
        Self::call(Scalar::Floor, vec![self.node])
    }

    pub fn ceil(self) -> Self {
        Self::call(Scalar::Ceil, vec![self.node])
    }

    pub fn trunc(self) -> Self {
        Self::call(Scalar::Trunc, vec![self.node])
    }
}
