//! Dates and times of the `time` crate. An instant is stored as UTC with microseconds, and read as UTC.

use time::{Date, Duration, OffsetDateTime, Time};

use super::calendar::{DAY, parse_date, parse_time, parse_timestamp};
use super::duration::encode_micros;
use super::{ColumnType, Mismatch};
use crate::sql_type::SqlType;
use crate::value::{Bind, ValueRef};

/// The Julian day of 1970-01-01.
const EPOCH_JULIAN_DAY: i32 = 2_440_588;

impl ColumnType for OffsetDateTime {
    type Base = Self;
    const SQL_TYPE: SqlType = SqlType::Timestamp;

    fn unset() -> Self {
        OffsetDateTime::UNIX_EPOCH
    }

    fn encode(&self) -> Bind<'_> {
        // Rounded down, as the microsecond that an instant lies in; all years that `time` has fit 64 bits.
        let micros = self.unix_timestamp_nanos().div_euclid(1_000) as i64;
        Bind::Ref(ValueRef::Timestamp(micros))
    }

    fn decode(cell: ValueRef<'_>) -> Result<Self, Mismatch> {
        let micros = match cell {
            ValueRef::Timestamp(micros) => micros,
            ValueRef::Text(text) => parse_timestamp(text).ok_or_else(|| {
                Mismatch::because(
                    "expected a timestamp such as `2026-01-31 12:00:00.000000`, found other text",
                )
            })?,
            other => return Err(Mismatch::new("a timestamp", other)),
        };
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000).map_err(|_| {
            Mismatch::because(format!("{micros} µs since 1970 is outside of what `time` can hold"))
        })
    }
}

impl ColumnType for Date {
    type Base = Self;
    const SQL_TYPE: SqlType = SqlType::Date;

    fn unset() -> Self {
        OffsetDateTime::UNIX_EPOCH.date()
    }

    fn encode(&self) -> Bind<'_> {
        Bind::Ref(ValueRef::Date(self.to_julian_day() - EPOCH_JULIAN_DAY))
    }

    fn decode(cell: ValueRef<'_>) -> Result<Self, Mismatch> {
        let days = match cell {
            ValueRef::Date(days) => days,
            ValueRef::Text(text) => parse_date(text)
                .ok_or_else(|| Mismatch::because("expected a date such as `2026-01-31`, found other text"))?,
            other => return Err(Mismatch::new("a date", other)),
        };
        days.checked_add(EPOCH_JULIAN_DAY).and_then(|it| Date::from_julian_day(it).ok()).ok_or_else(|| {
            Mismatch::because(format!("{days} days since 1970 is outside of what `time` can hold"))
        })
    }
}

impl ColumnType for Time {
    type Base = Self;
    const SQL_TYPE: SqlType = SqlType::Time;

    fn unset() -> Self {
        Time::MIDNIGHT
    }

    fn encode(&self) -> Bind<'_> {
        let (hour, minute, second, micros) = self.as_hms_micro();
        let seconds = (i64::from(hour) * 60 + i64::from(minute)) * 60 + i64::from(second);
        Bind::Ref(ValueRef::Time(seconds * 1_000_000 + i64::from(micros)))
    }

    fn decode(cell: ValueRef<'_>) -> Result<Self, Mismatch> {
        let micros = match cell {
            ValueRef::Time(micros) => micros,
            ValueRef::Text(text) => parse_time(text).ok_or_else(|| {
                Mismatch::because("expected a time of day such as `12:00:00.000000`, found other text")
            })?,
            other => return Err(Mismatch::new("a time of day", other)),
        };
        if !(0..DAY).contains(&micros) {
            return Err(Mismatch::because(format!("{micros} µs since midnight is not a time of day")));
        }
        Ok(Time::MIDNIGHT + Duration::microseconds(micros))
    }
}

impl ColumnType for Duration {
    type Base = Self;
    const SQL_TYPE: SqlType = SqlType::BigInt;

    fn unset() -> Self {
        Duration::ZERO
    }

    fn encode(&self) -> Bind<'_> {
        encode_micros(i64::try_from(self.whole_microseconds()).ok())
    }

    fn decode(cell: ValueRef<'_>) -> Result<Self, Mismatch> {
        i64::decode(cell).map(Duration::microseconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_the_same_instant_in_utc() {
        let at = OffsetDateTime::from_unix_timestamp_nanos(-1_500).unwrap();
        assert_eq!(at.encode().as_ref(), ValueRef::Timestamp(-2));
        let text = ValueRef::Text("1969-12-31 23:59:59.999998");
        assert_eq!(OffsetDateTime::decode(text).unwrap().unix_timestamp_nanos(), -2_000);
    }

    #[test]
    fn every_day_has_its_number() {
        for (text, days) in
            [("1970-01-01", 0), ("1969-12-31", -1), ("2000-02-29", 11_016), ("0000-01-01", -719_528)]
        {
            let date = Date::decode(ValueRef::Text(text)).unwrap();
            assert_eq!(date.encode().as_ref(), ValueRef::Date(days), "{text}");
        }
    }

    #[test]
    fn what_is_on_no_calendar_is_refused() {
        for text in ["2026-02-30", "2026-13-01", "2026-1-01", "26-01-01", "2026-01-01x", ""] {
            assert!(Date::decode(ValueRef::Text(text)).is_err(), "{text}");
        }
        for text in ["24:00:00.000000", "12:60:00", "12:00", "12:00:00.1234567"] {
            assert!(Time::decode(ValueRef::Text(text)).is_err(), "{text}");
        }
        assert_eq!(Time::decode(ValueRef::Text("01:02:03.5")).unwrap().as_hms_micro(), (1, 2, 3, 500_000));
    }
}
