//! Rows as one JSON text, for `JSON_TABLE`: the array parameter of these databases.

use std::fmt::Write as _;

use aludel_engine::driver::RowSource;
use aludel_sql::{Result, SqlType, Value, ValueRef};

use super::calendar::{Clock, Date};
use super::encode;

/// Writes rows as an array of arrays, the way `RowBinding::Json` says.
pub(super) fn text(
    rows: usize,
    (columns, types): (usize, &[SqlType]),
    cell: &dyn RowSource,
) -> Result<String> {
    let mut out = String::with_capacity(16 * rows.saturating_mul(columns).min(1 << 20) + 2);
    out.push('[');
    for row in 0..rows {
        out.push_str(if row == 0 { "[" } else { ",[" });
        for column in 0..columns {
            if column > 0 {
                out.push(',');
            }
            let bind = cell.bind(row, column);
            encode::check_decimal(bind.as_ref(), types.get(column))?;
            push(&mut out, bind.as_ref())?;
        }
        out.push(']');
    }
    out.push(']');
    Ok(out)
}

/// Writes the elements of an array parameter.
pub(crate) fn list(values: &[Value]) -> Result<String> {
    let mut out = String::with_capacity(16 * values.len() + 2);
    push(&mut out, ValueRef::List(values))?;
    Ok(out)
}

fn push(out: &mut String, value: ValueRef<'_>) -> Result<()> {
    match value {
        ValueRef::Null => out.push_str("null"),
        ValueRef::Bool(it) => out.push(if it { '1' } else { '0' }),
        // Writing to a String cannot fail.
        ValueRef::Int(it) => {
            let _ = write!(out, "{it}");
        }
        // With an exponent: the digits are the fewest that give the same number again, and 1e300 has no 300 zeros.
        ValueRef::Real(it) => {
            let _ = write!(out, "{:e}", encode::finite(it)?);
        }
        // As text: nothing reads it as floating point on the way.
        ValueRef::Decimal(it) | ValueRef::Text(it) => push_text(out, encode::without_nul(it)?),
        ValueRef::Blob(it) => {
            out.push('"');
            for byte in it {
                encode::push_hex(out, *byte, b"0123456789ABCDEF");
            }
            out.push('"');
        }
        ValueRef::Timestamp(it) => {
            let (date, clock) = encode::instant(it)?;
            out.push('"');
            push_date(out, date);
            out.push(' ');
            push_clock(out, clock);
            out.push('"');
        }
        ValueRef::Date(it) => {
            out.push('"');
            push_date(out, encode::date(it)?);
            out.push('"');
        }
        ValueRef::Time(it) => {
            out.push('"');
            push_clock(out, encode::time(it)?);
            out.push('"');
        }
        ValueRef::Uuid(it) => {
            out.push('"');
            encode::push_uuid(out, it);
            out.push('"');
        }
        ValueRef::List(it) => {
            out.push('[');
            for (at, value) in it.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                push(out, value.as_ref())?;
            }
            out.push(']');
        }
        ValueRef::Refused(why) => return Err(encode::refused(why)),
        ValueRef::Wire { .. } => return Err(encode::undecoded()),
    }
    Ok(())
}

fn push_text(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| matches!(c, '"' | '\\') || c < ' ') {
        out.push_str(&rest[..at]);
        match rest.as_bytes()[at] {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            control => {
                let _ = write!(out, "\\u{control:04x}");
            }
        }
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    out.push('"');
}

fn push_date(out: &mut String, Date { year, month, day }: Date) {
    let _ = write!(out, "{year:04}-{month:02}-{day:02}");
}

fn push_clock(out: &mut String, Clock { hour, minute, second, micros }: Clock) {
    let _ = write!(out, "{hour:02}:{minute:02}:{second:02}.{micros:06}");
}

#[cfg(test)]
mod tests {
    use aludel_sql::Bind;

    use super::*;

    fn check(value: ValueRef<'_>, json: &str) {
        let mut out = String::new();
        push(&mut out, value).unwrap();
        assert_eq!(out, json);
    }

    #[test]
    fn every_kind_of_value_has_its_json() {
        check(ValueRef::Null, "null");
        check(ValueRef::Bool(true), "1");
        check(ValueRef::Int(i64::MIN), "-9223372036854775808");
        check(ValueRef::Real(0.1), "1e-1");
        check(ValueRef::Real(-1.5e300), "-1.5e300");
        check(ValueRef::Text("é\"\\\n\u{1}😀"), "\"é\\\"\\\\\\u000a\\u0001😀\"");
        check(ValueRef::Blob(&[0, 0xAB]), "\"00AB\"");
        check(ValueRef::Timestamp(-1), "\"1969-12-31 23:59:59.999999\"");
        check(ValueRef::Date(0), "\"1970-01-01\"");
        check(ValueRef::Time(3_600_000_001), "\"01:00:00.000001\"");
        check(ValueRef::Uuid([0x11; 16]), "\"11111111-1111-1111-1111-111111111111\"");
        check(ValueRef::List(&[Value::Int(1), Value::Null, Value::Text("a".into())]), "[1,null,\"a\"]");
    }

    #[test]
    fn rows_are_an_array_of_arrays() {
        let cell = |row, column| Bind::Own(Value::Int((10 * row + column) as i64));
        assert_eq!(text(2, (2, &[]), &cell).unwrap(), "[[0,1],[10,11]]");
    }

    #[test]
    fn a_real_that_is_no_number_is_refused() {
        assert!(push(&mut String::new(), ValueRef::Real(f64::INFINITY)).is_err());
    }
}
