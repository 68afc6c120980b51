//! Arrays: columns of several values, on PostgreSQL.

use super::{ColumnType, Mismatch};
use crate::sql_type::SqlType;
use crate::value::{Bind, Value, ValueRef};

/// A type that an array column can be made of: `Vec<String>`, `Vec<Option<i64>>`.
///
/// `u8` is none, because a `Vec<u8>` is bytes. Implement it for a type of your own to have arrays of it.
#[diagnostic::on_unimplemented(
    message = "a `Vec<{Self}>` is not a type a column can have",
    label = "not a type that arrays are made of",
    note = "implement `aludel::ArrayElement` for `{Self}` if it is a column type, or use `Json<Vec<{Self}>>`"
)]
pub trait ArrayElement: ColumnType {}

impl ArrayElement for bool {}
impl ArrayElement for i16 {}
impl ArrayElement for i32 {}
impl ArrayElement for i64 {}
impl ArrayElement for f32 {}
impl ArrayElement for f64 {}
impl ArrayElement for String {}
impl ArrayElement for Vec<u8> {}
#[cfg(feature = "uuid")]
impl ArrayElement for uuid::Uuid {}
#[cfg(feature = "chrono")]
impl ArrayElement for chrono::DateTime<chrono::Utc> {}
#[cfg(feature = "chrono")]
impl ArrayElement for chrono::NaiveDate {}
#[cfg(feature = "rust_decimal")]
impl ArrayElement for rust_decimal::Decimal {}
#[cfg(feature = "bigdecimal")]
impl ArrayElement for bigdecimal::BigDecimal {}
impl<T: ArrayElement<Base = T>> ArrayElement for Option<T> {}

impl<T: ArrayElement> ColumnType for Vec<T> {
    type Base = Self;
    const SQL_TYPE: SqlType = SqlType::Array(&T::SQL_TYPE);

    fn unset() -> Self {
        Vec::new()
    }

    fn encode(&self) -> Bind<'_> {
        Bind::Own(Value::List(self.iter().map(|element| element.encode().into_value()).collect()))
    }

    fn decode(cell: ValueRef<'_>) -> Result<Self, Mismatch> {
        let ValueRef::List(elements) = cell else { return Err(Mismatch::new("an array", cell)) };
        let element = |(at, value): (usize, &Value)| {
            T::decode(value.as_ref())
                .map_err(|error| Mismatch::because(format!("element {}: {}", at + 1, error.reason())))
        };
        elements.iter().enumerate().map(element).collect()
    }

    fn same(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().zip(other).all(|(a, b)| a.same(b))
    }
}
