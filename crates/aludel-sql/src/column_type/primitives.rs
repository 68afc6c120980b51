//! The column types of Rust's own library.

use super::{ColumnType, Mismatch};
use crate::sql_type::SqlType;
use crate::value::{Bind, ValueRef};

/// A column type that can be calculated with.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a number",
    label = "arithmetic and sums need an integer or floating point column"
)]
pub trait Number: ColumnType {
    /// What `sum` of it gives, where there is a row.
    type Sum: ColumnType<Base = Self::Sum>;
}

/// A number that `/` works on. Decimals are none: every database gives their quotient another number of digits.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be divided in SQL",
    label = "`/` needs integers or floating point numbers",
    note = "of decimals, each database gives the quotient another number of digits; divide in the program"
)]
pub trait Divisible: Number {}

/// A whole number: what `%` works on. Of floating point numbers every database has another remainder, or none.
///
/// ```compile_fail,E0277
/// # use {aludel::prelude::*, library::Book};
/// # let score: Expr<f64> = func::coalesce(func::avg(Book::YEAR), 0.0);
/// let remainder = score % 2.0; // `f64` is not an integer
/// ```
#[diagnostic::on_unimplemented(message = "`{Self}` is not an integer", label = "`%` needs an integer column")]
pub trait Integer: Number {}

/// A floating point number: what is rounded.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a floating point number",
    label = "expected a floating point number"
)]
pub trait Real: Number {}

impl Real for f64 {}

macro_rules! integer {
    ($($ty:ty => $sql:ident, $name:literal;)*) => {$(
        impl ColumnType for $ty {
            type Base = Self;
            const SQL_TYPE: SqlType = SqlType::$sql;

            fn unset() -> Self {
                0
            }

            #[inline]
            fn encode(&self) -> Bind<'_> {
                Bind::Ref(ValueRef::Int(i64::from(*self)))
            }

            #[inline]
            fn decode(cell: ValueRef<'_>) -> Result<Self, Mismatch> {
                match cell {
                    ValueRef::Int(it) => Self::try_from(it).map_err(|_| too_large(it, $name)),
                    other => read_decimal(other, $name),
                }
            }

            #[inline]
            fn same(&self, other: &Self) -> bool {
                self == other
            }
        }

        impl Number for $ty {
            type Sum = i64;
        }

        impl Divisible for $ty {}

        impl Integer for $ty {}
    )*};
}

#[cold]
fn too_large(it: impl std::fmt::Display, name: &str) -> Mismatch {
    Mismatch::because(format!("{it} does not fit {name}"))
}

/// Some databases sum integers up to a decimal.
#[cold]
fn read_decimal<T: std::str::FromStr>(cell: ValueRef<'_>, name: &str) -> Result<T, Mismatch> {
    let ValueRef::Decimal(it) = cell else { return Err(Mismatch::new(name, cell)) };
    it.parse().map_err(|_| Mismatch::because(format!("expected {name}, found the decimal number {it}")))
}

integer! {
    i8 => SmallInt, "an i8";
    u8 => SmallInt, "a u8";
    u16 => Integer, "a u16";
    i16 => SmallInt, "an i16";
    i32 => Integer, "an i32";
    i64 => BigInt, "an i64";
    u32 => BigInt, "a u32";
}

impl ColumnType for u64 {
    type Base = Self;
    const SQL_TYPE: SqlType = SqlType::BigInt;

    fn unset() -> Self {
        0
    }

    #[inline]
    fn encode(&self) -> Bind<'_> {
        match i64::try_from(*self) {
            Ok(it) => Bind::Ref(ValueRef::Int(it)),
            Err(_) => Bind::Ref(ValueRef::Refused(
                "a u64 above 9223372036854775807 has no column type on all databases",
            )),
        }
    }

    #[inline]
    fn decode(cell: ValueRef<'_>) -> Result<Self, Mismatch> {
        let it = i64::decode(cell)?;
        Self::try_from(it).map_err(|_| too_large(it, "a u64"))
    }

    #[inline]
    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

impl Number for u64 {
    type Sum = i64;
}

impl Divisible for u64 {}

impl Integer for u64 {}

impl ColumnType for bool {
    type Base = Self;
    const SQL_TYPE: SqlType = SqlType::Boolean;

    fn unset() -> Self {
        false
    }

    #[inline]
    fn encode(&self) -> Bind<'_> {
        Bind::Ref(ValueRef::Bool(*self))
    }

    #[inline]
    fn decode(cell: ValueRef<'_>) -> Result<Self, Mismatch> {
        match cell {
            ValueRef::Bool(it) => Ok(it),
            ValueRef::Int(0) => Ok(false),
            ValueRef::Int(1) => Ok(true),
            other => Err(no_bool(other)),
        }
    }
}

#[cold]
fn no_bool(cell: ValueRef<'_>) -> Mismatch {
    match cell {
        ValueRef::Int(it) => Mismatch::because(format!("expected a bool, found the integer {it}")),
        other => Mismatch::new("a bool", other),
    }
}

impl ColumnType for f64 {
    type Base = Self;
    const SQL_TYPE: SqlType = SqlType::Double;

    fn unset() -> Self {
        0.0
    }

    #[inline]
    fn encode(&self) -> Bind<'_> {
        Bind::Ref(ValueRef::Real(*self))
    }

    #[inline]
    fn decode(cell: ValueRef<'_>) -> Result<Self, Mismatch> {
        match cell {
            ValueRef::Real(it) => Ok(it),
            // SQLite keeps a whole number as an integer; beyond 2^53 it is not the same number any more.
            ValueRef::Int(it) if it.unsigned_abs() <= 1 << 53 => Ok(it as f64),
            other => Err(Mismatch::new("an f64", other)),
        }
    }
}

impl Number for f64 {
    type Sum = f64;
}

impl Divisible for f64 {}

impl ColumnType for f32 {
    type Base = Self;
    const SQL_TYPE: SqlType = SqlType::Float;

    fn unset() -> Self {
        0.0
    }

    #[inline]
    fn encode(&self) -> Bind<'_> {
        Bind::Ref(ValueRef::Real(f64::from(*self)))
    }

    #[inline]
    fn decode(cell: ValueRef<'_>) -> Result<Self, Mismatch> {
        let wide = f64::decode(cell)?;
        let narrow = wide as f32;
        if narrow.is_finite() == wide.is_finite() {
            Ok(narrow)
        } else {
            Err(too_large(format_args!("{wide:e}"), "an f32"))
        }
    }
}

impl Number for f32 {
    type Sum = f64;
}

impl Divisible for f32 {}

impl ColumnType for String {
    type Base = Self;
    const SQL_TYPE: SqlType = SqlType::Text;

    fn unset() -> Self {
        String::new()
    }

    #[inline]
    fn encode(&self) -> Bind<'_> {
        Bind::Ref(ValueRef::Text(self))
    }

    #[inline]
    fn decode(cell: ValueRef<'_>) -> Result<Self, Mismatch> {
        match cell {
            ValueRef::Text(it) | ValueRef::Decimal(it) => Ok(it.to_owned()),
            other => Err(Mismatch::new("text", other)),
        }
    }

    #[inline]
    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

impl ColumnType for Vec<u8> {
    type Base = Self;
    const SQL_TYPE: SqlType = SqlType::Bytes;

    fn unset() -> Self {
        Vec::new()
    }

    #[inline]
    fn encode(&self) -> Bind<'_> {
        Bind::Ref(ValueRef::Blob(self))
    }

    #[inline]
    fn decode(cell: ValueRef<'_>) -> Result<Self, Mismatch> {
        match cell {
            ValueRef::Blob(it) => Ok(it.to_vec()),
            other => Err(Mismatch::new("bytes", other)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_out_of_range_is_refused_not_wrapped() {
        assert_eq!(i16::decode(ValueRef::Int(40_000)).unwrap_err().reason(), "40000 does not fit an i16");
        assert_eq!(u32::decode(ValueRef::Int(-1)).unwrap_err().reason(), "-1 does not fit a u32");
    }

    #[test]
    fn a_real_is_never_read_as_an_integer() {
        // SQLite answers an overflowing integer sum with a REAL.
        assert_eq!(
            i64::decode(ValueRef::Real(9.2e18)).unwrap_err().reason(),
            "expected an i64, found a floating point number"
        );
    }

    #[test]
    fn null_in_a_plain_field_names_the_cure() {
        assert_eq!(
            String::decode(ValueRef::Null).unwrap_err().reason(),
            "expected text, found NULL; declare it as an `Option`, or select it as `.nullable()`"
        );
    }

    #[test]
    fn a_boolean_is_zero_or_one() {
        assert!(bool::decode(ValueRef::Int(1)).unwrap());
        assert!(bool::decode(ValueRef::Int(2)).is_err());
    }

    #[test]
    fn negative_zero_is_a_change() {
        assert!(!0.0_f64.same(&-0.0));
        assert!(f64::NAN.same(&f64::NAN));
    }
}
