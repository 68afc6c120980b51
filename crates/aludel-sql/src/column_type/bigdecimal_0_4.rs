//! Decimals of the `bigdecimal` crate: any number of digits.

use bigdecimal::BigDecimal;

use super::{ColumnType, Mismatch, Number};
use crate::sql_type::SqlType;
use crate::value::{Bind, Value, ValueRef};

/// No database has as many zeros before or behind the point. Written out, a number with a larger exponent would only fill memory.
const MOST_ZEROS: u64 = 200_000;

impl ColumnType for BigDecimal {
    type Base = Self;
    const SQL_TYPE: SqlType = SqlType::Decimal;

    fn unset() -> Self {
        BigDecimal::default()
    }

    fn encode(&self) -> Bind<'_> {
        let exponent = self.fractional_digit_count();
        // In scientific notation it is refused before it is sent.
        let plain = exponent.unsigned_abs() <= MOST_ZEROS;
        Bind::Own(Value::Decimal(if plain { self.to_plain_string() } else { self.to_scientific_notation() }))
    }

    fn decode(cell: ValueRef<'_>) -> Result<Self, Mismatch> {
        match cell {
            ValueRef::Decimal(digits) => {
                digits.parse().map_err(|_| Mismatch::because("expected a decimal number, found other text"))
            }
            other => Err(Mismatch::new("a decimal number", other)),
        }
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

impl Number for BigDecimal {
    type Sum = Self;
}
