//! Dates and times of chrono.
//!
//! An instant is stored as UTC with microseconds. SQLite has no type for it: there it is text of exactly 26 characters,
//! `YYYY-MM-DD HH:MM:SS.ffffff`, which compares and sorts as the instants do.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Timelike, Utc};

use super::duration::encode_micros;
use super::{ColumnType, Mismatch, calendar};
use crate::sql_type::SqlType;
use crate::value::{Bind, ValueRef};

const MICROS: i64 = 1_000_000;

/// Makes the date so many days after 1970-01-01.
fn date(days: i32) -> Option<NaiveDate> {
    days.checked_add(NaiveDate::default().num_days_from_ce()).and_then(NaiveDate::from_num_days_from_ce_opt)
}

/// Makes the time of day so many microseconds after midnight.
fn time(micros: i64) -> Option<NaiveTime> {
    let seconds = u32::try_from(micros.div_euclid(MICROS)).ok()?;
    let nanos = u32::try_from(micros.rem_euclid(MICROS)).ok()? * 1_000;
    NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanos)
}

impl ColumnType for DateTime<Utc> {
    type Base = Self;
    const SQL_TYPE: SqlType = SqlType::Timestamp;

    fn unset() -> Self {
        DateTime::UNIX_EPOCH
    }

    fn encode(&self) -> Bind<'_> {
        Bind::Ref(ValueRef::Timestamp(self.timestamp_micros()))
    }

    fn decode(cell: ValueRef<'_>) -> Result<Self, Mismatch> {
        match cell {
            ValueRef::Timestamp(micros) => DateTime::from_timestamp_micros(micros).ok_or_else(|| {
                Mismatch::because(format!("{micros} µs since 1970 is outside of what chrono can hold"))
            }),
            ValueRef::Text(text) => {
                calendar::parse_timestamp(text).and_then(DateTime::from_timestamp_micros).ok_or_else(|| {
                    Mismatch::because(
                        "expected a timestamp such as `2026-01-31 12:00:00.000000`, found other text",
                    )
                })
            }
            other => Err(Mismatch::new("a timestamp", other)),
        }
    }
}

impl ColumnType for NaiveDate {
    type Base = Self;
    const SQL_TYPE: SqlType = SqlType::Date;

    fn unset() -> Self {
        NaiveDate::default()
    }

    fn encode(&self) -> Bind<'_> {
        Bind::Ref(ValueRef::Date(self.num_days_from_ce() - NaiveDate::default().num_days_from_ce()))
    }

    fn decode(cell: ValueRef<'_>) -> Result<Self, Mismatch> {
        match cell {
            ValueRef::Date(days) => date(days).ok_or_else(|| {
                Mismatch::because(format!("{days} days since 1970 is outside of what chrono can hold"))
            }),
            ValueRef::Text(text) => calendar::parse_date(text)
                .and_then(date)
                .ok_or_else(|| Mismatch::because("expected a date such as `2026-01-31`, found other text")),
            other => Err(Mismatch::new("a date", other)),
        }
    }
}

impl ColumnType for NaiveTime {
    type Base = Self;
    const SQL_TYPE: SqlType = SqlType::Time;

    fn unset() -> Self {
        NaiveTime::MIN
    }

    fn encode(&self) -> Bind<'_> {
        // A leap second is kept by chrono as a nanosecond part of a second and more; databases have none.
        let micros = i64::from(self.nanosecond() / 1_000).min(MICROS - 1);
        Bind::Ref(ValueRef::Time(i64::from(self.num_seconds_from_midnight()) * MICROS + micros))
    }

    fn decode(cell: ValueRef<'_>) -> Result<Self, Mismatch> {
        match cell {
            ValueRef::Time(micros) => time(micros)
                .ok_or_else(|| Mismatch::because(format!("{micros} µs since midnight is not a time of day"))),
            ValueRef::Text(text) => calendar::parse_time(text).and_then(time).ok_or_else(|| {
                Mismatch::because("expected a time of day such as `12:00:00.000000`, found other text")
            }),
            other => Err(Mismatch::new("a time of day", other)),
        }
    }
}

impl ColumnType for TimeDelta {
    type Base = Self;
    const SQL_TYPE: SqlType = SqlType::BigInt;

    fn unset() -> Self {
        TimeDelta::zero()
    }

    fn encode(&self) -> Bind<'_> {
        encode_micros(self.num_microseconds())
    }

    fn decode(cell: ValueRef<'_>) -> Result<Self, Mismatch> {
        i64::decode(cell).map(TimeDelta::microseconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_survives_as_microseconds_and_as_the_text_of_sqlite() {
        let at = DateTime::from_timestamp_micros(1_767_225_599_123_456).unwrap();
        let Bind::Ref(sent) = at.encode() else { panic!("borrowed") };
        assert_eq!(DateTime::<Utc>::decode(sent).unwrap(), at);
        assert_eq!(DateTime::<Utc>::decode(ValueRef::Text("2025-12-31 23:59:59.123456")).unwrap(), at);
    }

    #[test]
    fn a_text_with_more_than_microseconds_or_a_leap_second_is_refused_and_not_rounded() {
        for text in ["2026-01-31 12:00:00.1234567", "2026-12-31 23:59:60", "2026-02-29 00:00:00"] {
            assert!(DateTime::<Utc>::decode(ValueRef::Text(text)).is_err(), "{text}");
        }
        assert!(NaiveTime::decode(ValueRef::Text("12:00:00.1234567")).is_err());
        assert!(NaiveDate::decode(ValueRef::Text("+12026-01-31")).is_err());
    }

    #[test]
    fn a_date_before_1970_survives() {
        let date = NaiveDate::from_ymd_opt(1969, 12, 31).unwrap();
        assert_eq!(date.encode().as_ref(), ValueRef::Date(-1));
        assert_eq!(NaiveDate::decode(ValueRef::Date(-1)).unwrap(), date);
    }
}
