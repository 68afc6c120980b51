//! Decimals of the `rust_decimal` crate: up to 28 digits.

use rust_decimal::Decimal;

use super::{ColumnType, Mismatch, Number};
use crate::sql_type::SqlType;
use crate::value::{Bind, Value, ValueRef};

impl ColumnType for Decimal {
    type Base = Self;
    const SQL_TYPE: SqlType = SqlType::Decimal;

    fn unset() -> Self {
        Decimal::ZERO
    }

    fn encode(&self) -> Bind<'_> {
        Bind::Own(Value::Decimal(self.to_string()))
    }

    fn decode(cell: ValueRef<'_>) -> Result<Self, Mismatch> {
        match cell {
            ValueRef::Decimal(digits) => Decimal::from_str_exact(digits).map_err(|_| {
                Mismatch::because("the number has more digits than a `rust_decimal::Decimal` holds")
            }),
            other => Err(Mismatch::new("a decimal number", other)),
        }
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

impl Number for Decimal {
    type Sum = Self;
}
