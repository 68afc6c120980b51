//! Values on their way to the server.

use aludel_engine::driver::{Params, RowBinding, RowSource, Statement};
use aludel_sql::{Bind, Error, ErrorKind, Result, SqlType, Value, ValueRef, decimal};
use mysql_async::Value as Wire;

use super::calendar::{self, Clock, Date};
use super::json_rows;

/// The protocol counts parameters in 16 bits.
const MOST_PARAMETERS: usize = 65_535;

/// The digits that a decimal may have, and how many of them behind the point.
const MOST_DIGITS: usize = 65;
const MOST_BEHIND: u16 = 38;

/// From this length of all values together, each goes in packets of its own.
const LONGEST_PAYLOAD: usize = 0xFF_FFFF;

/// Makes the values of a statement that runs once.
pub(super) fn parameters(statement: &Statement<'_>) -> Result<Vec<Wire>> {
    match statement.params {
        Params::One(values) => {
            check_count(values.len())?;
            let types = statement.types.iter().map(Some).chain(std::iter::repeat(None));
            let value = |(value, sql_type): (&ValueRef<'_>, Option<&SqlType>)| {
                check_decimal(*value, sql_type)?;
                borrowed(*value)
            };
            values.iter().zip(types).map(value).collect()
        }
        Params::Rows { binding: RowBinding::Values, rows, columns, cell } => {
            check_count(rows.saturating_mul(columns))?;
            let mut wires = Vec::with_capacity(rows * columns);
            for row in 0..rows {
                for column in 0..columns {
                    wires.push(bound(cell.bind(row, column), statement.types.get(column))?);
                }
            }
            Ok(wires)
        }
        Params::Rows { binding: RowBinding::Json, rows, columns, cell } => {
            Ok(vec![Wire::Bytes(json_rows::text(rows, (columns, statement.types), cell)?.into_bytes())])
        }
        Params::Rows { binding: RowBinding::Each, .. } => {
            Err(Error::new(ErrorKind::State, "rows that are bound one by one were asked for all together"))
        }
        Params::Rows { .. } => {
            Err(Error::new(ErrorKind::Unsupported, "array parameters do not exist on MariaDB and MySQL")
                .help("bind the rows as JSON, as VALUES or one by one"))
        }
    }
}

/// Makes the values of one row of [`RowBinding::Each`].
pub(super) fn row(row: usize, columns: usize, types: &[SqlType], cell: &dyn RowSource) -> Result<Vec<Wire>> {
    check_count(columns)?;
    (0..columns).map(|column| bound(cell.bind(row, column), types.get(column))).collect()
}

/// Refuses a decimal that the server would round, with a note that nobody reads.
pub(super) fn check_decimal(value: ValueRef<'_>, sql_type: Option<&SqlType>) -> Result<()> {
    if let (ValueRef::Decimal(text), Some(SqlType::Numeric(precision, scale))) = (value, sql_type) {
        let digits = decimal::check(text, *precision, *scale)?;
        if digits.whole.len() + usize::from(*scale) > MOST_DIGITS || *scale > MOST_BEHIND {
            return Err(Error::new(
                ErrorKind::Encode,
                format!(
                    "MariaDB and MySQL keep {MOST_DIGITS} digits of a decimal, {MOST_BEHIND} of them behind the point"
                ),
            ));
        }
    }
    Ok(())
}

fn check_count(count: usize) -> Result<()> {
    if count <= MOST_PARAMETERS {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Encode,
        format!("a statement can have {MOST_PARAMETERS} parameters, and this one has {count}"),
    )
    .help("send fewer rows at a time, or bind them as JSON"))
}

/// Refuses what is longer than the server accepts: it would close the connection without a word about the reason.
pub(super) fn check_length(values: &[Wire], max_allowed_packet: usize) -> Result<()> {
    let lengths = values.iter().map(|value| value.bin_len() as usize);
    let length = 11 + values.len().div_ceil(8) + 2 * values.len() + lengths.sum::<usize>();
    let longest = if length <= LONGEST_PAYLOAD {
        length
    } else {
        // Then each text goes alone, in pieces, and the server puts it together up to the same limit.
        values
            .iter()
            .map(|value| if let Wire::Bytes(it) = value { it.len() + 7 } else { 0 })
            .max()
            .unwrap_or(0)
    };
    check_packet(longest, max_allowed_packet)
}

/// Refuses a packet that is longer than the server accepts.
pub(super) fn check_packet(length: usize, max_allowed_packet: usize) -> Result<()> {
    if length < max_allowed_packet {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Encode,
        format!(
            "{length} bytes are more than the server accepts at once (its setting `max_allowed_packet` is \
             {max_allowed_packet})"
        ),
    )
    .help("send fewer rows at a time, or raise `max_allowed_packet` on the server"))
}

fn bound(bind: Bind<'_>, sql_type: Option<&SqlType>) -> Result<Wire> {
    check_decimal(bind.as_ref(), sql_type)?;
    match bind {
        // These are ours already: moved, not copied.
        Bind::Own(Value::Text(text)) => {
            without_nul(&text)?;
            Ok(Wire::Bytes(text.into_bytes()))
        }
        Bind::Own(Value::Blob(bytes)) => Ok(Wire::Bytes(bytes)),
        Bind::Own(value) => borrowed(value.as_ref()),
        Bind::Ref(value) => borrowed(value),
    }
}

/// The server would take NUL inside of text, but PostgreSQL does not and SQLite's functions stop at it: one meaning everywhere.
pub(super) fn without_nul(text: &str) -> Result<&str> {
    if text.as_bytes().contains(&0) {
        return Err(Error::new(ErrorKind::Encode, "a text contains NUL")
            .help("send bytes that are not text as `Vec<u8>`, or take the NUL out"));
    }
    Ok(text)
}

fn borrowed(value: ValueRef<'_>) -> Result<Wire> {
    Ok(match value {
        ValueRef::Null => Wire::NULL,
        ValueRef::Bool(it) => Wire::Int(i64::from(it)),
        ValueRef::Int(it) => Wire::Int(it),
        ValueRef::Real(it) => Wire::Double(finite(it)?),
        ValueRef::Text(it) => Wire::Bytes(without_nul(it)?.as_bytes().to_vec()),
        ValueRef::Decimal(it) => Wire::Bytes(it.as_bytes().to_vec()),
        ValueRef::Blob(it) => Wire::Bytes(it.to_vec()),
        ValueRef::Refused(why) => return Err(refused(why)),
        ValueRef::Timestamp(it) => {
            let (Date { year, month, day }, Clock { hour, minute, second, micros }) = instant(it)?;
            Wire::Date(year, month, day, hour, minute, second, micros)
        }
        ValueRef::Date(it) => {
            let Date { year, month, day } = date(it)?;
            Wire::Date(year, month, day, 0, 0, 0, 0)
        }
        ValueRef::Time(it) => {
            let Clock { hour, minute, second, micros } = time(it)?;
            Wire::Time(false, 0, hour, minute, second, micros)
        }
        ValueRef::Uuid(it) => {
            let mut text = String::with_capacity(36);
            push_uuid(&mut text, it);
            Wire::Bytes(text.into_bytes())
        }
        ValueRef::List(it) => Wire::Bytes(json_rows::list(it)?.into_bytes()),
        ValueRef::Wire { .. } => return Err(undecoded()),
    })
}

/// Refuses what neither server can hold.
pub(super) fn finite(value: f64) -> Result<f64> {
    if value.is_finite() {
        return Ok(value);
    }
    Err(Error::new(ErrorKind::Encode, "NaN and the infinities cannot be stored on MariaDB and MySQL")
        .help("store NULL in their place"))
}

/// Splits an instant, if the servers can hold it.
pub(super) fn instant(value: i64) -> Result<(Date, Clock)> {
    calendar::split(value).ok_or_else(out_of_years)
}

/// Splits a date, if the servers can hold it.
pub(super) fn date(value: i32) -> Result<Date> {
    Date::from_days(i64::from(value)).ok_or_else(out_of_years)
}

/// Splits a time of day, if it is one.
pub(super) fn time(value: i64) -> Result<Clock> {
    Clock::from_micros(value)
        .ok_or_else(|| Error::new(ErrorKind::Encode, "a time of day is not between midnight and midnight"))
}

#[cold]
fn out_of_years() -> Error {
    Error::new(ErrorKind::Encode, "a date is outside the years 0 to 9999, which MariaDB and MySQL can hold")
}

#[cold]
pub(super) fn refused(why: &str) -> Error {
    Error::new(ErrorKind::Encode, why.to_owned())
}

#[cold]
pub(super) fn undecoded() -> Error {
    Error::new(ErrorKind::Encode, "undecoded bytes of another database cannot be sent to MariaDB and MySQL")
}

/// Writes a UUID in the form that has hyphens.
pub(super) fn push_uuid(out: &mut String, uuid: [u8; 16]) {
    for (at, byte) in uuid.into_iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        push_hex(out, byte, b"0123456789abcdef");
    }
}

/// Writes a byte as two digits.
pub(super) fn push_hex(out: &mut String, byte: u8, digits: &[u8; 16]) {
    out.push(char::from(digits[usize::from(byte >> 4)]));
    out.push(char::from(digits[usize::from(byte & 15)]));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_servers_cannot_hold_is_refused_before_it_is_sent() {
        for value in [
            ValueRef::Real(f64::NAN),
            ValueRef::Real(f64::NEG_INFINITY),
            ValueRef::Timestamp(i64::MAX),
            ValueRef::Date(i32::MAX),
            ValueRef::Time(calendar::DAY),
            ValueRef::Time(-1),
            ValueRef::Wire { ty: 1, bytes: b"" },
        ] {
            assert_eq!(borrowed(value).unwrap_err().kind(), ErrorKind::Encode, "{value:?}");
        }
    }

    #[test]
    fn a_uuid_is_sent_as_its_text() {
        let bytes = std::array::from_fn(|at| at as u8 * 17);
        assert_eq!(
            borrowed(ValueRef::Uuid(bytes)).unwrap(),
            Wire::Bytes(b"00112233-4455-6677-8899-aabbccddeeff".to_vec())
        );
    }

    #[test]
    fn a_packet_that_the_server_would_refuse_is_refused_here_and_the_setting_named() {
        let long = [Wire::Bytes(vec![0; 2_000])];
        assert!(check_length(&long, 4_096).is_ok());
        let error = check_length(&long, 1_024).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Encode);
        assert!(error.to_string().contains("`max_allowed_packet` is 1024"), "{error}");
        // Values that go in packets of their own are measured one by one.
        let two = [Wire::Bytes(vec![0; 10 << 20]), Wire::Bytes(vec![0; 10 << 20])];
        assert!(check_length(&two, 16 << 20).is_ok());
        assert!(check_length(&two, 10 << 20).is_err());
    }
}
