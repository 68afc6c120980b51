//! One value of a row, as a cell.

use aludel_sql::{Error, ErrorKind, Result, ValueRef, from_utf8};
use mysql_async::consts::ColumnType;
use mysql_async::{Column, Value as Wire};

use super::calendar::{self, Clock, Date};

/// The number of the character set "binary": bytes, not text.
const BINARY: u16 = 63;

/// How the values of a column become cells. Known from the column's definition, so it is found once for a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    Decimal,
    Float,
    Double,
    Bit,
    Text,
    Blob,
    Timestamp,
    Date,
    /// With the number of digits after the second.
    Time {
        digits: u8,
    },
}

impl Kind {
    /// Looks at a column's definition.
    ///
    /// # Errors
    ///
    /// Kind `Protocol` for a type that no server sends: `mysql_async` would panic at its first row.
    pub fn of(column: &Column) -> Result<Self> {
        use ColumnType as C;
        Ok(match column.column_type() {
            C::MYSQL_TYPE_TINY
            | C::MYSQL_TYPE_SHORT
            | C::MYSQL_TYPE_INT24
            | C::MYSQL_TYPE_LONG
            | C::MYSQL_TYPE_LONGLONG
            | C::MYSQL_TYPE_YEAR => Self::Integer,
            C::MYSQL_TYPE_DECIMAL | C::MYSQL_TYPE_NEWDECIMAL => Self::Decimal,
            C::MYSQL_TYPE_FLOAT => Self::Float,
            C::MYSQL_TYPE_DOUBLE => Self::Double,
            C::MYSQL_TYPE_BIT => Self::Bit,
            C::MYSQL_TYPE_TIMESTAMP | C::MYSQL_TYPE_DATETIME => Self::Timestamp,
            C::MYSQL_TYPE_DATE | C::MYSQL_TYPE_NEWDATE => Self::Date,
            C::MYSQL_TYPE_TIME => Self::Time { digits: column.decimals().min(6) },
            // MySQL declares its JSON binary, though it is always utf8mb4.
            C::MYSQL_TYPE_JSON => Self::Text,
            C::MYSQL_TYPE_GEOMETRY | C::MYSQL_TYPE_VECTOR | C::MYSQL_TYPE_NULL => Self::Blob,
            C::MYSQL_TYPE_STRING
            | C::MYSQL_TYPE_VAR_STRING
            | C::MYSQL_TYPE_VARCHAR
            | C::MYSQL_TYPE_TINY_BLOB
            | C::MYSQL_TYPE_BLOB
            | C::MYSQL_TYPE_MEDIUM_BLOB
            | C::MYSQL_TYPE_LONG_BLOB
            | C::MYSQL_TYPE_ENUM
            | C::MYSQL_TYPE_SET => {
                if column.character_set() == BINARY {
                    Self::Blob
                } else {
                    Self::Text
                }
            }
            other => {
                return Err(Error::new(
                    ErrorKind::Protocol,
                    format!("the server sent a column of the type {other:?}, which is not for clients"),
                ));
            }
        })
    }

    /// Decodes a value, which came in the binary protocol or as text.
    ///
    /// # Errors
    ///
    /// Why the value is no cell.
    pub fn cell(self, value: &Wire) -> Result<ValueRef<'_>, Misfit> {
        Ok(match (self, value) {
            (_, Wire::NULL) => ValueRef::Null,
            (Self::Integer, Wire::Int(it)) => ValueRef::Int(*it),
            (Self::Integer, Wire::UInt(it)) => ValueRef::Int(i64::try_from(*it).map_err(|_| Misfit::Range)?),
            (Self::Integer, Wire::Bytes(it)) => integer(it)?,
            (Self::Decimal, Wire::Bytes(it)) => ValueRef::Decimal(ascii(it)?),
            (Self::Float, Wire::Float(it)) => ValueRef::Real(f64::from(*it)),
            // Read as what it is: read as a double, 0.1 would be another number than in the binary protocol.
            (Self::Float, Wire::Bytes(it)) => {
                ValueRef::Real(f64::from(ascii(it)?.parse::<f32>().map_err(|_| Misfit::Malformed)?))
            }
            (Self::Double, Wire::Double(it)) => ValueRef::Real(*it),
            (Self::Double, Wire::Bytes(it)) => {
                ValueRef::Real(ascii(it)?.parse().map_err(|_| Misfit::Malformed)?)
            }
            (Self::Bit, Wire::Bytes(it)) => bits(it)?,
            (Self::Text, Wire::Bytes(it)) => ValueRef::Text(from_utf8(it).ok_or(Misfit::Utf8)?),
            (Self::Blob, Wire::Bytes(it)) => ValueRef::Blob(it),
            (Self::Timestamp, Wire::Date(year, month, day, hour, minute, second, micros)) => {
                let date = Date { year: *year, month: *month, day: *day };
                let clock = Clock { hour: *hour, minute: *minute, second: *second, micros: *micros };
                ValueRef::Timestamp(calendar::join(date, clock).ok_or(Misfit::Date)?)
            }
            (Self::Timestamp, Wire::Bytes(it)) => {
                let (date, clock) = it.split_at_checked(10).ok_or(Misfit::Malformed)?;
                let clock = clock.strip_prefix(b" ").ok_or(Misfit::Malformed)?;
                let (hours, clock) = read_clock(clock)?;
                let clock = Clock { hour: u8::try_from(hours).map_err(|_| Misfit::Malformed)?, ..clock };
                ValueRef::Timestamp(calendar::join(read_date(date)?, clock).ok_or(Misfit::Date)?)
            }
            (Self::Date, Wire::Date(year, month, day, ..)) => {
                ValueRef::Date(Date { year: *year, month: *month, day: *day }.days().ok_or(Misfit::Date)?)
            }
            (Self::Date, Wire::Bytes(it)) => ValueRef::Date(read_date(it)?.days().ok_or(Misfit::Date)?),
            (Self::Time { .. }, Wire::Time(..)) => {
                ValueRef::Time(time_of_day(value).ok_or(Misfit::LongTime)?)
            }
            (Self::Time { .. }, Wire::Bytes(it)) => {
                let text = ascii(it)?;
                let (hours, clock) = read_clock(it.strip_prefix(b"-").unwrap_or(it))?;
                match u8::try_from(hours).ok().and_then(|hour| Clock { hour, ..clock }.micros()) {
                    Some(micros) if !text.starts_with('-') => ValueRef::Time(micros),
                    _ => ValueRef::Text(text),
                }
            }
            _ => return Err(Misfit::Malformed),
        })
    }
}

/// Why a value is no cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misfit {
    /// An unsigned integer beyond 63 bits.
    Range,
    /// Not UTF-8.
    Utf8,
    /// A date with a month or day of zero, or that is on no calendar.
    Date,
    /// A TIME outside a day, in the binary protocol: it has a text, but no bytes to borrow that from.
    LongTime,
    /// Not what the column's type says.
    Malformed,
}

impl Misfit {
    /// Makes the error, which names the column and not the value.
    #[cold]
    pub fn error(self, column: &Column) -> Error {
        let name = column.name_str().into_owned();
        let (kind, why, help) = match self {
            Self::Range => (
                ErrorKind::Decode,
                "is an unsigned integer above 9223372036854775807",
                Some("select it as text: `CAST(… AS CHAR)`"),
            ),
            Self::Utf8 => (
                ErrorKind::Decode,
                "is text that is not UTF-8",
                Some("select it as bytes: `CAST(… AS BINARY)`"),
            ),
            Self::Date => (
                ErrorKind::Decode,
                "is a date that is on no calendar, such as 0000-00-00",
                Some("store NULL in its place, or select it as text: `CAST(… AS CHAR)`"),
            ),
            Self::LongTime | Self::Malformed => (ErrorKind::Protocol, "is not what its type says", None),
        };
        let error = Error::new(kind, format!("the value of column `{name}` {why}")).with_column(name);
        match help {
            Some(help) => error.help(help),
            None => error,
        }
    }
}

/// Returns the microseconds of a TIME that lies within a day.
fn time_of_day(value: &Wire) -> Option<i64> {
    match value {
        Wire::Time(false, 0, hour, minute, second, micros) => {
            Clock { hour: *hour, minute: *minute, second: *second, micros: *micros }.micros()
        }
        _ => None,
    }
}

/// Writes a TIME outside a day as the text protocol does, or returns `None` for one that lies within.
pub(super) fn long_time(value: &Wire, digits: u8) -> Option<String> {
    let Wire::Time(negative, days, hours, minutes, seconds, micros) = value else { return None };
    if time_of_day(value).is_some() {
        return None;
    }
    let sign = if *negative { "-" } else { "" };
    let hours = u64::from(*days) * 24 + u64::from(*hours);
    let mut text = format!("{sign}{hours:02}:{minutes:02}:{seconds:02}");
    if digits > 0 {
        text.push('.');
        text.extend(format!("{micros:06}").chars().take(usize::from(digits)));
    }
    Some(text)
}

fn ascii(bytes: &[u8]) -> Result<&str, Misfit> {
    std::str::from_utf8(bytes).map_err(|_| Misfit::Malformed)
}

fn integer(bytes: &[u8]) -> Result<ValueRef<'_>, Misfit> {
    let text = ascii(bytes)?;
    match text.parse() {
        Ok(it) => Ok(ValueRef::Int(it)),
        Err(_) if text.parse::<u64>().is_ok() => Err(Misfit::Range),
        Err(_) => Err(Misfit::Malformed),
    }
}

fn bits(bytes: &[u8]) -> Result<ValueRef<'_>, Misfit> {
    if bytes.len() > 8 {
        return Err(Misfit::Malformed);
    }
    let value = bytes.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
    i64::try_from(value).map(ValueRef::Int).map_err(|_| Misfit::Range)
}

fn digits(bytes: &[u8]) -> Result<u32, Misfit> {
    if bytes.is_empty() || bytes.len() > 6 {
        return Err(Misfit::Malformed);
    }
    bytes.iter().try_fold(0, |number, byte| match byte {
        b'0'..=b'9' => Ok(number * 10 + u32::from(byte - b'0')),
        _ => Err(Misfit::Malformed),
    })
}

/// Reads `YYYY-MM-DD`.
fn read_date(bytes: &[u8]) -> Result<Date, Misfit> {
    match bytes {
        [year @ .., b'-', m1, m2, b'-', d1, d2] if year.len() == 4 => Ok(Date {
            year: digits(year)? as u16,
            month: digits(&[*m1, *m2])? as u8,
            day: digits(&[*d1, *d2])? as u8,
        }),
        _ => Err(Misfit::Malformed),
    }
}

/// Reads `H…H:MM:SS` with up to six more digits; the hours, which may be many, stand beside the clock.
fn read_clock(bytes: &[u8]) -> Result<(u32, Clock), Misfit> {
    let (clock, micros) = match bytes.iter().position(|byte| *byte == b'.') {
        None => (bytes, 0),
        Some(at) => {
            let fraction = &bytes[at + 1..];
            (&bytes[..at], digits(fraction)? * 10_u32.pow(6 - fraction.len() as u32))
        }
    };
    match clock {
        [hours @ .., b':', m1, m2, b':', s1, s2] => {
            let (minute, second) = (digits(&[*m1, *m2])? as u8, digits(&[*s1, *s2])? as u8);
            Ok((digits(hours)?, Clock { hour: 0, minute, second, micros }))
        }
        _ => Err(Misfit::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both protocols give the same cell.
    fn check(kind: Kind, binary: Wire, text: &str, cell: Result<ValueRef<'_>, Misfit>) {
        assert_eq!(kind.cell(&binary), cell, "binary");
        assert_eq!(kind.cell(&Wire::Bytes(text.into())), cell, "text");
    }

    #[test]
    fn numbers_are_the_same_in_both_protocols() {
        check(Kind::Integer, Wire::Int(-5), "-5", Ok(ValueRef::Int(-5)));
        check(Kind::Integer, Wire::UInt(u64::MAX), "18446744073709551615", Err(Misfit::Range));
        check(Kind::Float, Wire::Float(0.1), "0.1", Ok(ValueRef::Real(f64::from(0.1_f32))));
        check(Kind::Double, Wire::Double(0.1), "0.1", Ok(ValueRef::Real(0.1)));
        check(Kind::Double, Wire::Double(1e300), "1e300", Ok(ValueRef::Real(1e300)));
    }

    #[test]
    fn a_decimal_keeps_its_digits() {
        for text in ["-12", "9223372036854775808", "12.50"] {
            assert_eq!(Kind::Decimal.cell(&Wire::Bytes(text.into())), Ok(ValueRef::Decimal(text)));
        }
    }

    #[test]
    fn dates_and_times_are_the_same_in_both_protocols() {
        let at = calendar::join(
            Date { year: 2024, month: 2, day: 29 },
            Clock { hour: 23, minute: 59, second: 58, micros: 120_000 },
        );
        let instant = Ok(ValueRef::Timestamp(at.unwrap()));
        check(
            Kind::Timestamp,
            Wire::Date(2024, 2, 29, 23, 59, 58, 120_000),
            "2024-02-29 23:59:58.12",
            instant,
        );
        check(Kind::Date, Wire::Date(1970, 1, 2, 0, 0, 0, 0), "1970-01-02", Ok(ValueRef::Date(1)));
        check(Kind::Date, Wire::Date(0, 0, 0, 0, 0, 0, 0), "0000-00-00", Err(Misfit::Date));
        check(Kind::Timestamp, Wire::Date(0, 0, 0, 0, 0, 0, 0), "0000-00-00 00:00:00", Err(Misfit::Date));
        let time = Kind::Time { digits: 6 };
        check(time, Wire::Time(false, 0, 1, 2, 3, 4), "01:02:03.000004", Ok(ValueRef::Time(3_723_000_004)));
    }

    #[test]
    fn a_time_outside_a_day_is_the_same_text_in_both_protocols() {
        for (binary, digits, text) in [
            (Wire::Time(true, 34, 22, 59, 59, 0), 0, "-838:59:59"),
            (Wire::Time(false, 1, 0, 0, 0, 500_000), 2, "24:00:00.50"),
            (Wire::Time(true, 0, 0, 0, 1, 1), 6, "-00:00:01.000001"),
        ] {
            assert_eq!(Kind::Time { digits }.cell(&binary), Err(Misfit::LongTime));
            assert_eq!(long_time(&binary, digits).as_deref(), Some(text));
            assert_eq!(Kind::Time { digits }.cell(&Wire::Bytes(text.into())), Ok(ValueRef::Text(text)));
        }
        assert_eq!(long_time(&Wire::Time(false, 0, 23, 0, 0, 0), 0), None);
    }

    const KINDS: [Kind; 10] = [
        Kind::Integer,
        Kind::Decimal,
        Kind::Float,
        Kind::Double,
        Kind::Bit,
        Kind::Text,
        Kind::Blob,
        Kind::Timestamp,
        Kind::Date,
        Kind::Time { digits: 6 },
    ];

    #[test]
    fn bytes_that_are_no_text_are_errors() {
        for kind in KINDS.into_iter().filter(|it| *it != Kind::Blob) {
            assert!(kind.cell(&Wire::Bytes(vec![0xff; 9])).is_err(), "{kind:?}");
        }
    }

    /// What servers write in the text protocol, and what they hardly do; what is mutated begins here.
    const CORPUS: [&[u8]; 16] = [
        b"",
        b"-",
        b"-12",
        b"18446744073709551615",
        b"12.50",
        b"1e308",
        b"inf",
        b"::",
        b"1:1:1",
        b"-838:59:59.999999",
        b"99999999999:00:00",
        b"2024-02-29",
        b"2024-02-29 23:59:58.120000",
        b"0000-00-00 00:00:00",
        "\u{1f600}é".as_bytes(),
        b"\x01\xff",
    ];

    #[test]
    fn a_value_of_any_kind_and_form_is_a_cell_or_an_error_and_never_a_panic() {
        let mut random = aludel_testing::Random(0x9e37_79b9_7f4a_7c15);
        for _ in 0..if aludel_testing::long() { 2_000_000 } else { 100_000 } {
            let number = random.next() >> random.below(64);
            let [a, b, c, d, e, ..] = number.to_be_bytes();
            let micros = number as u32;
            let value = match random.below(9) {
                0 => Wire::NULL,
                1 => Wire::Int(number as i64),
                2 => Wire::UInt(number),
                3 => Wire::Float(f32::from_bits(micros)),
                4 => Wire::Double(f64::from_bits(number)),
                5 => Wire::Date(number as u16, a, b, c, d, e, micros),
                6 => Wire::Time(a % 2 == 1, micros, b, c, d, random.next() as u32),
                _ => {
                    let mut bytes = random.one_of(&CORPUS).to_vec();
                    for _ in 0..random.below(3).min(bytes.len()) {
                        let at = random.below(bytes.len());
                        bytes[at] = random.one_of(&[b'0', b'9', b'-', b':', b'.', b' ', 0xff, a]);
                    }
                    bytes.truncate(random.below(40));
                    Wire::Bytes(bytes)
                }
            };
            let digits = a % 7;
            for kind in KINDS {
                match kind.cell(&value) {
                    Ok(ValueRef::Time(micros)) => assert!((0..calendar::DAY).contains(&micros)),
                    Ok(_) => {}
                    Err(Misfit::LongTime) => assert!(long_time(&value, digits).is_some(), "{value:?}"),
                    Err(_) => {}
                }
            }
        }
    }
}
