//! Which Rust types a column can have, and how each is sent and read.

mod array;
#[cfg(feature = "bigdecimal")]
mod bigdecimal_0_4;
#[cfg(any(feature = "chrono", feature = "time"))]
mod calendar;
mod choices;
#[cfg(feature = "chrono")]
mod chrono_0_4;
mod deferred;
mod duration;
#[cfg(feature = "json")]
mod json;
mod primitives;
#[cfg(feature = "rust_decimal")]
mod rust_decimal_1;
mod sensitive;
mod temporal;
#[cfg(feature = "time")]
mod time_0_3;
#[cfg(feature = "uuid")]
mod uuid_1;

pub use array::ArrayElement;
pub use choices::{Choices, DbEnum, decode_variant};
pub use deferred::Deferred;
pub(crate) use deferred::place_holder;
#[cfg(feature = "json")]
pub use json::Json;
pub use primitives::{Divisible, Integer, Number, Real};
pub use sensitive::Sensitive;
pub use temporal::{Dated, Instant};

use crate::schema::DomainMeta;
use crate::sql_type::SqlType;
use crate::value::{Bind, ValueRef};

/// A type that a column can have.
///
/// It is implemented for `bool`, integers of 8 to 64 bits, `f32`, `f64`, `String`, `Vec<u8>`, `Duration`, and for `Option<T>` of each;
/// with the features `chrono`, `time`, `uuid`, `rust_decimal` and `bigdecimal` for the types of these crates (an instant is UTC with
/// microseconds), with `json` for `Json<T>`, on PostgreSQL for arrays, `Vec<T>`. [`DbEnum`] is derived for enums, and `ColumnType` itself for structs around one value. Implement it for
/// another type of your own by converting to and from one of these:
///
/// ```
/// use aludel_sql::{Bind, ColumnType, Mismatch, SqlType, ValueRef};
///
/// #[derive(Clone, Debug, PartialEq)]
/// struct Cents(i64);
///
/// impl ColumnType for Cents {
///     type Base = Self;
///     const SQL_TYPE: SqlType = SqlType::BigInt;
///
///     fn unset() -> Self {
///         Cents(0)
///     }
///     fn encode(&self) -> Bind<'_> {
///         self.0.encode()
///     }
///     fn decode(cell: ValueRef<'_>) -> Result<Self, Mismatch> {
///         i64::decode(cell).map(Cents)
///     }
/// }
/// assert_eq!(Cents::decode(ValueRef::Int(250)).unwrap(), Cents(250));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type a column can have",
    label = "not a column type",
    note = "implement `aludel::ColumnType` for it, or use `bool`, an integer, `String`, `Vec<u8>`, a date type, or an `Option` of one"
)]
pub trait ColumnType: Clone + Send + Sync + 'static {
    /// The type without `Option`: what expressions of this type are compared with.
    type Base: ColumnType;

    /// The SQL type of the column.
    const SQL_TYPE: SqlType;

    /// Whether the column accepts NULL.
    const NULLABLE: bool = false;

    /// The values that there are, where they are few.
    const CHOICES: Choices = Choices::Any;

    /// The domain that columns of this type have, if they have one: `#[domain(…)]`.
    const DOMAIN: Option<&'static DomainMeta> = None;

    /// Returns what a field holds until the database has given the value.
    ///
    /// ```
    /// use aludel::ColumnType;
    ///
    /// // What a new object has for a key until the database has generated one.
    /// assert_eq!((i64::unset(), Option::<i64>::unset()), (0, None));
    /// ```
    fn unset() -> Self;

    /// Returns the value as it is sent.
    ///
    /// ```
    /// use aludel::{ColumnType, ValueRef};
    ///
    /// assert_eq!("Emma".to_owned().encode().as_ref(), ValueRef::Text("Emma"));
    /// assert_eq!(None::<String>.encode().as_ref(), ValueRef::Null);
    /// ```
    fn encode(&self) -> Bind<'_>;

    /// Reads a cell.
    ///
    /// ```
    /// use aludel::{ColumnType, ValueRef};
    ///
    /// assert_eq!(i16::decode(ValueRef::Int(250)).unwrap(), 250);
    /// // 250,000 does not fit 16 bits, and is not cut.
    /// assert!(i16::decode(ValueRef::Int(250_000)).is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// [`Mismatch`] where the cell holds something else; never a wrapped, rounded or guessed value.
    fn decode(cell: ValueRef<'_>) -> Result<Self, Mismatch>;

    /// Tells whether two values are sent as the same bytes: what change detection compares.
    ///
    /// ```
    /// use aludel::ColumnType;
    ///
    /// assert!(ColumnType::same(&f64::NAN, &f64::NAN)); // nothing to write
    /// assert!(!ColumnType::same(&0.0, &-0.0)); // `==` would lose it
    /// ```
    fn same(&self, other: &Self) -> bool {
        let (a, b) = (self.encode(), other.encode());
        match (a.as_ref(), b.as_ref()) {
            (ValueRef::Real(a), ValueRef::Real(b)) => a.to_bits() == b.to_bits(),
            (a, b) => a == b,
        }
    }
}

impl<T: ColumnType<Base = T>> ColumnType for Option<T> {
    type Base = T;
    const SQL_TYPE: SqlType = T::SQL_TYPE;
    const NULLABLE: bool = true;
    const CHOICES: Choices = T::CHOICES;
    const DOMAIN: Option<&'static DomainMeta> = T::DOMAIN;

    fn unset() -> Self {
        None
    }

    fn encode(&self) -> Bind<'_> {
        match self {
            Some(value) => value.encode(),
            None => Bind::Ref(ValueRef::Null),
        }
    }

    #[inline]
    fn decode(cell: ValueRef<'_>) -> Result<Self, Mismatch> {
        match cell {
            ValueRef::Null => Ok(None),
            cell => T::decode(cell).map(Some),
        }
    }

    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Some(a), Some(b)) => a.same(b),
            (None, None) => true,
            _ => false,
        }
    }
}

/// A cell that is not what the type expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch(Box<str>);

impl Mismatch {
    /// Says that `expected` (a Rust type) cannot be read from this cell.
    ///
    /// ```
    /// use aludel::{Mismatch, ValueRef};
    ///
    /// let mismatch = Mismatch::new("an i64", ValueRef::Text("soon"));
    /// assert_eq!(mismatch.reason(), "expected an i64, found text");
    /// ```
    #[cold]
    #[must_use]
    pub fn new(expected: &str, found: ValueRef<'_>) -> Self {
        let hint =
            if found.is_null() { "; declare it as an `Option`, or select it as `.nullable()`" } else { "" };
        Self(format!("expected {expected}, found {}{hint}", found.describe()).into())
    }

    /// Says in words what is wrong with the value.
    ///
    /// ```
    /// use aludel::{Bind, ColumnType, Mismatch, SqlType, ValueRef};
    ///
    /// #[derive(Clone)]
    /// struct Percent(i64);
    ///
    /// impl ColumnType for Percent {
    ///     // …
    /// #     type Base = Self;
    /// #     const SQL_TYPE: SqlType = SqlType::BigInt;
    /// #     fn unset() -> Self { Percent(0) }
    /// #     fn encode(&self) -> Bind<'_> { self.0.encode() }
    ///     fn decode(cell: ValueRef<'_>) -> Result<Self, Mismatch> {
    ///         match i64::decode(cell)? {
    ///             it @ 0..=100 => Ok(Percent(it)),
    ///             it => Err(Mismatch::because(format!("{it} is not between 0 and 100"))),
    ///         }
    ///     }
    /// }
    /// assert_eq!(Percent::decode(ValueRef::Int(101)).err().unwrap().reason(), "101 is not between 0 and 100");
    /// ```
    #[cold]
    #[must_use]
    pub fn because(reason: impl Into<String>) -> Self {
        Self(reason.into().into())
    }

    /// Returns what is wrong.
    ///
    /// ```
    /// use aludel::{ColumnType, ValueRef};
    ///
    /// let mismatch = bool::decode(ValueRef::Null).unwrap_err();
    /// assert_eq!(
    ///     mismatch.reason(),
    ///     "expected a bool, found NULL; declare it as an `Option`, or select it as `.nullable()`"
    /// );
    /// ```
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.0
    }
}
