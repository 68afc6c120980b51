//! Lengths of time: 64-bit integers that count microseconds, on every database.

use std::time::Duration;

use super::{ColumnType, Mismatch};
use crate::sql_type::SqlType;
use crate::value::{Bind, ValueRef};

/// Returns what is sent for a length of time; `None` is one that does not fit.
pub(super) fn encode_micros(micros: Option<i64>) -> Bind<'static> {
    Bind::Ref(match micros {
        Some(micros) => ValueRef::Int(micros),
        None => ValueRef::Refused("the duration is longer than 64 bits of microseconds"),
    })
}

impl ColumnType for Duration {
    type Base = Self;
    const SQL_TYPE: SqlType = SqlType::BigInt;

    fn unset() -> Self {
        Duration::ZERO
    }

    fn encode(&self) -> Bind<'_> {
        encode_micros(i64::try_from(self.as_micros()).ok())
    }

    fn decode(cell: ValueRef<'_>) -> Result<Self, Mismatch> {
        let micros = i64::decode(cell)?;
        u64::try_from(micros).map(Duration::from_micros).map_err(|_| {
            Mismatch::because(format!(
                "{micros} µs is a negative duration, which `std::time::Duration` cannot hold"
            ))
        })
    }
}
