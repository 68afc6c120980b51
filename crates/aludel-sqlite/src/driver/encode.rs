//! How values become parameters: the one place that knows the text forms of dates, times, UUIDs and lists.

use std::borrow::Cow;
use std::fmt::Write as _;

use aludel_sql::decimal::Digits;
use aludel_sql::{Bind, Error, ErrorKind, Value, ValueRef};

use super::statement::{Copies, Loans, Parameter};
use crate::errors::Stop;

/// Where parameters go, one after the other.
pub(super) trait Target<'v> {
    /// Takes a value that lives as long as the statement runs.
    fn keep(&mut self, value: Parameter<'v>) -> Result<(), Stop>;

    /// Takes a value that will be gone at once.
    fn copy(&mut self, value: Parameter<'_>) -> Result<(), Stop>;
}

impl<'v> Target<'v> for Copies<'_> {
    #[inline(always)]
    fn keep(&mut self, value: Parameter<'v>) -> Result<(), Stop> {
        Ok(Copies::copy(self, value)?)
    }

    fn copy(&mut self, value: Parameter<'_>) -> Result<(), Stop> {
        Ok(Copies::copy(self, value)?)
    }
}

impl<'v> Target<'v> for Loans<'_, 'v> {
    #[inline(always)]
    fn keep(&mut self, value: Parameter<'v>) -> Result<(), Stop> {
        Ok(self.lend(value)?)
    }

    fn copy(&mut self, value: Parameter<'_>) -> Result<(), Stop> {
        Ok(Loans::copy(self, value)?)
    }
}

/// Sends one value; `at` counts parameters from 0.
///
/// The commonest values go straight to SQLite's own function for their kind, without a [`Parameter`] in memory on the way.
#[inline(always)]
pub(super) fn encode<'v>(value: ValueRef<'v>, at: usize, target: &mut impl Target<'v>) -> Result<(), Stop> {
    match value {
        ValueRef::Text(it) if !has_nul(it) => target.keep(Parameter::Text(it)),
        ValueRef::Int(it) => target.keep(Parameter::Int(it)),
        ValueRef::Null => target.keep(Parameter::Null),
        _ => encode_other(value, at, target),
    }
}

#[inline(never)]
fn encode_other<'v>(value: ValueRef<'v>, at: usize, target: &mut impl Target<'v>) -> Result<(), Stop> {
    match plain(value, at)? {
        Some(plain) => target.keep(plain),
        None => target.copy(Parameter::Text(&written(value, at)?)),
    }
}

/// Sends one value, wherever it lives.
#[inline(always)]
pub(super) fn encode_bind<'v>(bind: Bind<'v>, at: usize, target: &mut impl Target<'v>) -> Result<(), Stop> {
    match bind {
        Bind::Ref(value) => encode(value, at, target),
        Bind::Own(value) => encode_own(value, at, target),
    }
}

#[inline(never)]
fn encode_own<'v>(value: Value, at: usize, target: &mut impl Target<'v>) -> Result<(), Stop> {
    match plain(value.as_ref(), at)? {
        Some(plain) => target.copy(plain),
        None => target.copy(Parameter::Text(&written(value.as_ref(), at)?)),
    }
}

/// Returns the value as SQLite knows it, or `None` if a text must be made of it.
fn plain(value: ValueRef<'_>, at: usize) -> Result<Option<Parameter<'_>>, Error> {
    Ok(Some(match value {
        ValueRef::Null => Parameter::Null,
        ValueRef::Bool(it) => Parameter::Int(i64::from(it)),
        ValueRef::Int(it) => Parameter::Int(it),
        ValueRef::Real(it) => Parameter::Real(finite(it, at)?),
        ValueRef::Text(it) => Parameter::Text(without_nul(it, at)?),
        ValueRef::Blob(it) => Parameter::Blob(it),
        ValueRef::Decimal(_) => return Err(refused(at, "is a decimal whose scale is not known")),
        ValueRef::Refused(why) => return Err(refused(at, format!("cannot be stored: {why}"))),
        ValueRef::Wire { .. } => {
            return Err(refused(at, "holds undecoded bytes of another database")
                .help("decode the value to a Rust type before sending it to SQLite"));
        }
        ValueRef::Timestamp(_)
        | ValueRef::Date(_)
        | ValueRef::Time(_)
        | ValueRef::Uuid(_)
        | ValueRef::List(_) => {
            return Ok(None);
        }
    }))
}

/// Returns the text of a date, time, UUID or list.
fn written(value: ValueRef<'_>, at: usize) -> Result<String, Error> {
    let mut text = String::with_capacity(36);
    match value {
        ValueRef::List(elements) => {
            write_array(&mut text, elements.iter().map(Value::as_ref), at, Bytes::Refused)?
        }
        other => write_scalar(&mut text, other, at)?,
    }
    Ok(text)
}

fn write_scalar(text: &mut String, value: ValueRef<'_>, at: usize) -> Result<(), Error> {
    const DAY: i64 = 86_400_000_000;
    match value {
        ValueRef::Timestamp(micros) => {
            write_date(text, micros.div_euclid(DAY), at)?;
            text.push(' ');
            write_time(text, micros.rem_euclid(DAY));
        }
        ValueRef::Date(days) => write_date(text, i64::from(days), at)?,
        ValueRef::Time(micros) if (0..DAY).contains(&micros) => write_time(text, micros),
        ValueRef::Time(_) => return Err(refused(at, "is a time of day outside 00:00:00 to 23:59:59.999999")),
        ValueRef::Uuid(bytes) => {
            for (at, byte) in bytes.iter().enumerate() {
                if matches!(at, 4 | 6 | 8 | 10) {
                    text.push('-');
                }
                push_hex(text, *byte, b"0123456789abcdef");
            }
        }
        other => return Err(refused(at, format!("is {} where a scalar is needed", other.describe()))),
    }
    Ok(())
}

/// Writes a civil date, by Howard Hinnant's `civil_from_days`.
fn write_date(text: &mut String, days: i64, at: usize) -> Result<(), Error> {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    if !(0..=9999).contains(&year) {
        // A longer or negative year would not compare as text.
        return Err(refused(at, format!("is a date in the year {year}"))
            .help("on SQLite dates are text of fixed width; years from 0 to 9999 can be stored"));
    }
    push_digits(text, year, 4);
    text.push('-');
    push_digits(text, month, 2);
    text.push('-');
    push_digits(text, day, 2);
    Ok(())
}

fn write_time(text: &mut String, micros: i64) {
    let seconds = micros / 1_000_000;
    push_digits(text, seconds / 3600, 2);
    text.push(':');
    push_digits(text, seconds / 60 % 60, 2);
    text.push(':');
    push_digits(text, seconds % 60, 2);
    text.push('.');
    push_digits(text, micros % 1_000_000, 6);
}

fn push_digits(text: &mut String, value: i64, width: u32) {
    for power in (0..width).rev() {
        text.push(char::from(b'0' + (value / 10_i64.pow(power) % 10) as u8));
    }
}

fn push_hex(text: &mut String, byte: u8, digits: &[u8; 16]) {
    text.push(char::from(digits[usize::from(byte >> 4)]));
    text.push(char::from(digits[usize::from(byte & 15)]));
}

/// Whether bytes can stand in a JSON text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Bytes {
    /// No: nothing would turn them back.
    Refused,
    /// As upper-case hex, which the statement decodes.
    Hex,
}

/// Writes a JSON array, for `json_each`.
pub(super) fn write_array<'v>(
    json: &mut String,
    elements: impl Iterator<Item = ValueRef<'v>>,
    at: usize,
    bytes: Bytes,
) -> Result<(), Error> {
    json.push('[');
    for (position, element) in elements.enumerate() {
        if position > 0 {
            json.push(',');
        }
        write_element(json, element, at, bytes)?;
    }
    json.push(']');
    Ok(())
}

/// Writes rows as a JSON array of arrays. A decimal has all the digits of its column, and is the integer that the column would keep.
pub(crate) fn json_rows(rows: &[Value]) -> Result<String, Error> {
    let mut json = String::with_capacity(16 * rows.len() + 2);
    json.push('[');
    for (at, row) in rows.iter().enumerate() {
        json.push_str(if at == 0 { "[" } else { ",[" });
        let cells = if let Value::List(cells) = row { &cells[..] } else { &[] };
        for (column, cell) in cells.iter().enumerate() {
            json.push_str(if column == 0 { "" } else { "," });
            match cell.as_ref() {
                ValueRef::Decimal(text) => json.push_str(&scaled(text, column)?),
                cell => write_element(&mut json, cell, column, Bytes::Hex)?,
            }
        }
        json.push(']');
    }
    json.push(']');
    Ok(json)
}

/// Returns the digits of a decimal as those of an integer.
fn scaled(text: &str, at: usize) -> Result<String, Error> {
    let digits = Digits::parse(text).and_then(|it| it.scaled(it.scale()));
    digits.map(|it| it.to_string()).ok_or_else(|| refused(at, "is a decimal of too many digits"))
}

/// Writes the JSON form of one value.
pub(super) fn write_element(
    json: &mut String,
    element: ValueRef<'_>,
    at: usize,
    bytes: Bytes,
) -> Result<(), Error> {
    match element {
        ValueRef::Null => json.push_str("null"),
        ValueRef::Bool(it) => json.push(if it { '1' } else { '0' }),
        ValueRef::Int(it) => _ = write!(json, "{it}"),
        // Debug, because it always has a point or an exponent: the number stays a REAL.
        ValueRef::Real(it) => _ = write!(json, "{:?}", finite(it, at)?),
        ValueRef::Text(it) => write_string(json, without_nul(it, at)?),
        ValueRef::Blob(it) if bytes == Bytes::Hex => {
            json.push('"');
            for byte in it {
                push_hex(json, *byte, b"0123456789ABCDEF");
            }
            json.push('"');
        }
        ValueRef::Timestamp(_) | ValueRef::Date(_) | ValueRef::Time(_) | ValueRef::Uuid(_) => {
            json.push('"');
            write_scalar(json, element, at)?;
            json.push('"');
        }
        ValueRef::Refused(why) => return Err(refused(at, format!("cannot be stored: {why}"))),
        ValueRef::Decimal(_) | ValueRef::Blob(_) | ValueRef::List(_) | ValueRef::Wire { .. } => {
            return Err(refused(at, format!("is an array with {} in it", element.describe())).help(
                "arrays travel to SQLite as JSON: use integers, reals, text, dates, UUIDs and NULL in them",
            ));
        }
    }
    Ok(())
}

fn write_string(json: &mut String, text: &str) {
    json.push('"');
    let mut rest = text;
    while let Some(at) = rest.find(|it| matches!(it, '"' | '\\' | '\0'..='\x1f')) {
        json.push_str(&rest[..at]);
        let escaped = rest.as_bytes()[at];
        match escaped {
            b'"' => json.push_str("\\\""),
            b'\\' => json.push_str("\\\\"),
            control => _ = write!(json, "\\u{control:04x}"),
        }
        rest = &rest[at + 1..];
    }
    json.push_str(rest);
    json.push('"');
}

#[inline]
fn finite(value: f64, at: usize) -> Result<f64, Error> {
    if value.is_finite() { Ok(value) } else { Err(not_finite(at)) }
}

#[cold]
fn not_finite(at: usize) -> Error {
    refused(at, "is not a finite number").help(
        "SQLite stores NaN as NULL and the other databases differ on infinity; use an `Option` or a value of your own for it",
    )
}

fn without_nul(text: &str, at: usize) -> Result<&str, Error> {
    if has_nul(text) {
        return Err(refused(at, "is text with a NUL character in it")
            .help("SQLite's functions stop at it and PostgreSQL refuses it; store such data as bytes"));
    }
    Ok(text)
}

/// Looks at eight bytes at a time, the last eight overlapping those before: most texts are short, and a loop over their bytes
/// would cost more than binding them. In a long text the loop over words is vectorised, because it does not stop at the first NUL:
/// there is none.
#[inline]
fn has_nul(text: &str) -> bool {
    const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
    const TOPS: u64 = u64::from_ne_bytes([0x80; 8]);
    // Not zero if one of the bytes is: only a zero byte borrows into a top bit that was not set.
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word & TOPS;
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let Some(last) = text.as_bytes().last_chunk::<8>() else {
        return rest.contains(&0);
    };
    words
        .iter()
        .fold(zeros(u64::from_ne_bytes(*last)), |found, word| found | zeros(u64::from_ne_bytes(*word)))
        != 0
}

#[cold]
fn refused(at: usize, why: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Encode, format!("parameter {} {}", at + 1, why.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: ValueRef<'_>) -> String {
        written(value, 0).unwrap()
    }

    fn error(value: ValueRef<'_>) -> String {
        match plain(value, 0) {
            Err(error) => error,
            Ok(_) => written(value, 0).unwrap_err(),
        }
        .to_string()
    }

    #[test]
    fn dates_and_times_are_text_of_fixed_width() {
        for (value, expected) in [
            (ValueRef::Timestamp(0), "1970-01-01 00:00:00.000000"),
            (ValueRef::Timestamp(-1), "1969-12-31 23:59:59.999999"),
            (ValueRef::Timestamp(951_782_400_000_001), "2000-02-29 00:00:00.000001"),
            (ValueRef::Date(-719_528), "0000-01-01"),
            (ValueRef::Date(2_932_896), "9999-12-31"),
            (ValueRef::Time(86_399_999_999), "23:59:59.999999"),
        ] {
            assert_eq!(text(value), expected);
        }
    }

    #[test]
    fn a_date_that_would_not_compare_as_text_is_refused() {
        assert!(error(ValueRef::Date(2_932_897)).contains("parameter 1 is a date in the year 10000"));
        assert!(error(ValueRef::Date(-719_529)).contains("year -1"));
        assert!(error(ValueRef::Date(i32::MIN)).contains("year -"));
        assert!(error(ValueRef::Timestamp(i64::MAX)).contains("year 294247"));
        assert!(error(ValueRef::Timestamp(i64::MIN)).contains("year -290308"));
        assert!(error(ValueRef::Time(86_400_000_000)).contains("time of day"));
        assert!(error(ValueRef::Time(-1)).contains("time of day"));
    }

    #[test]
    fn every_day_of_four_centuries_follows_the_one_before() {
        let mut last = text(ValueRef::Date(-1));
        for day in 0..146_097 {
            let next = text(ValueRef::Date(day));
            assert!(next > last && next.len() == 10, "{last} {next}");
            last = next;
        }
        assert_eq!(last, "2369-12-31");
    }

    #[test]
    fn uuids_are_hyphenated_lower_case() {
        let bytes = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff];
        assert_eq!(text(ValueRef::Uuid(bytes)), "00010203-0405-0607-0809-aabbccddeeff");
    }

    #[test]
    fn a_list_is_json() {
        let list = [
            Value::Int(i64::MIN),
            Value::Null,
            Value::Text("a\"\\\n\u{1f600}".to_owned()),
            Value::Real(1.0),
            Value::Bool(true),
            Value::Date(0),
        ];
        assert_eq!(
            text(ValueRef::List(&list)),
            "[-9223372036854775808,null,\"a\\\"\\\\\\u000a\u{1f600}\",1.0,1,\"1970-01-01\"]"
        );
        assert!(error(ValueRef::List(&[Value::Blob(vec![1])])).contains("is an array with bytes in it"));
        assert!(error(ValueRef::List(&[Value::List(vec![])])).contains("is an array with an array in it"));
    }

    #[test]
    fn a_nul_is_found_at_every_place_of_a_text_of_any_length() {
        for length in 0..70 {
            // Bytes that a careless test for zero bytes mistakes for one: 0x01 after a borrow, 0x80 and above.
            for filler in ["\u{1}", "a", "\u{7f}", "\u{80}", "\u{10ffff}"] {
                let text = filler.repeat(length);
                assert!(!has_nul(&text), "{text:?}");
                for (at, _) in text.char_indices() {
                    let mut text = text.clone();
                    text.insert(at, '\0');
                    assert!(has_nul(&text), "{text:?}");
                }
            }
        }
        assert!(has_nul("\0"));
    }

    #[test]
    fn what_sqlite_would_change_in_silence_is_refused() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(error(ValueRef::Real(value)).contains("is not a finite number"));
            assert!(error(ValueRef::List(&[Value::Real(value)])).contains("is not a finite number"));
        }
        assert!(error(ValueRef::Text("a\0b")).contains("NUL"));
    }
}
