//! Cells: the binary forms that the server sends, shown as values without copying.

use aludel_sql::{Error, ErrorKind, Result, Value, ValueRef};

use super::message::{Body, wrong};
use super::oid::{self, Oid};
use super::{array, numeric};

/// How the bytes of a column are read, decided once for each prepared statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Bool,
    Int2,
    Int4,
    Int8,
    Oid,
    Float4,
    Float8,
    Text,
    Bytes,
    Timestamp,
    Date,
    Time,
    Uuid,
    Jsonb,
    /// Shown as they are until [`with_owned`].
    Numeric,
    /// Likewise.
    Array,
    /// Not for the driver to say: the column's own type decodes it.
    Wire(Oid),
}

impl Form {
    pub fn of(ty: Oid) -> Self {
        match ty {
            oid::BOOL => Self::Bool,
            oid::INT2 => Self::Int2,
            oid::INT4 => Self::Int4,
            oid::INT8 => Self::Int8,
            oid::OID => Self::Oid,
            oid::FLOAT4 => Self::Float4,
            oid::FLOAT8 => Self::Float8,
            oid::TEXT
            | oid::VARCHAR
            | oid::BPCHAR
            | oid::NAME
            | oid::CHAR
            | oid::JSON
            | oid::XML
            | oid::UNKNOWN => Self::Text,
            oid::BYTEA => Self::Bytes,
            oid::TIMESTAMPTZ | oid::TIMESTAMP => Self::Timestamp,
            oid::DATE => Self::Date,
            oid::TIME => Self::Time,
            oid::UUID => Self::Uuid,
            oid::JSONB => Self::Jsonb,
            oid::NUMERIC => Self::Numeric,
            array if oid::element(array).is_some() => Self::Array,
            other => Self::Wire(other),
        }
    }
}

/// Lays the cells of one DataRow out in `cells`, of which there is one for each column.
///
/// # Errors
///
/// Kind `Protocol` where the bytes are not a row of these columns, kind `Decode` where a value is fine on the wire and has no
/// counterpart in Rust.
#[inline]
pub(super) fn row<'a>(body: &'a [u8], forms: &[Form], cells: &mut [ValueRef<'a>]) -> Result<()> {
    let mut body = Body(body);
    if usize::from(body.u16()?) != forms.len() {
        return Err(wrong("a row has another number of cells than its statement has columns"));
    }
    for (at, (form, cell)) in forms.iter().zip(cells).enumerate() {
        let length = body.i32()?;
        *cell = if length == -1 {
            ValueRef::Null
        } else {
            // A negative length wraps to more than any message holds.
            let bytes = body.bytes(length as u32 as usize)?;
            decode(*form, bytes).map_err(|error| name(error, at))?
        };
    }
    body.end()
}

/// Shows a row with decimals and arrays, whose values must live somewhere.
///
/// # Errors
///
/// As [`row`], and whatever `show` says.
pub(super) fn with_owned<T>(
    forms: &[Form],
    cells: &[ValueRef<'_>],
    show: impl FnOnce(&[ValueRef<'_>]) -> T,
) -> Result<T> {
    let mut owned = Vec::new();
    for (at, (form, cell)) in forms.iter().zip(cells).enumerate() {
        let ValueRef::Wire { bytes, .. } = cell else { continue };
        let value = match form {
            Form::Numeric => numeric::decode(bytes).map(Value::Decimal),
            Form::Array => array::elements(bytes).map(Value::List),
            _ => continue,
        };
        owned.push((at, value.map_err(|error| name(error, at))?));
    }
    let mut cells = cells.to_vec();
    for (at, value) in &owned {
        cells[*at] = value.as_ref();
    }
    Ok(show(&cells))
}

#[inline]
pub(super) fn decode(form: Form, bytes: &[u8]) -> Result<ValueRef<'_>> {
    Ok(match form {
        Form::Int8 => ValueRef::Int(i64::from_be_bytes(sized(bytes)?)),
        Form::Int4 => ValueRef::Int(i64::from(i32::from_be_bytes(sized(bytes)?))),
        Form::Int2 => ValueRef::Int(i64::from(i16::from_be_bytes(sized(bytes)?))),
        Form::Text => match std::str::from_utf8(bytes) {
            Ok(text) => ValueRef::Text(text),
            Err(_) => return Err(unfit("the server sent text that is not UTF-8")),
        },
        Form::Bool => match bytes {
            [0] => ValueRef::Bool(false),
            [1] => ValueRef::Bool(true),
            _ => return Err(wrong("a boolean is neither 0 nor 1")),
        },
        Form::Oid => ValueRef::Int(i64::from(u32::from_be_bytes(sized(bytes)?))),
        Form::Float8 => ValueRef::Real(f64::from_be_bytes(sized(bytes)?)),
        Form::Float4 => ValueRef::Real(f64::from(f32::from_be_bytes(sized(bytes)?))),
        Form::Bytes => ValueRef::Blob(bytes),
        Form::Timestamp => match i64::from_be_bytes(sized(bytes)?) {
            i64::MIN | i64::MAX => return Err(unfit("the timestamp is infinite")),
            // PostgreSQL counts from 2000: its last thirty years, from 294247 on, are too late for a count from 1970.
            micros => match micros.checked_add(oid::EPOCH_MICROS) {
                Some(micros) => ValueRef::Timestamp(micros),
                None => {
                    return Err(unfit(
                        "the timestamp is later than 64 bits of microseconds since 1970 reach",
                    ));
                }
            },
        },
        Form::Date => match i32::from_be_bytes(sized(bytes)?) {
            i32::MIN | i32::MAX => return Err(unfit("the date is infinite")),
            days => match days.checked_add(oid::EPOCH_DAYS) {
                Some(days) => ValueRef::Date(days),
                None => return Err(wrong("a date is out of range")),
            },
        },
        Form::Time => match i64::from_be_bytes(sized(bytes)?) {
            micros @ 0..=oid::DAY_MICROS => ValueRef::Time(micros),
            _ => return Err(wrong("a time of day is out of range")),
        },
        Form::Uuid => ValueRef::Uuid(sized(bytes)?),
        Form::Jsonb => match bytes {
            [1, text @ ..] => decode(Form::Text, text)?,
            _ => return Err(wrong("a JSON document is in an unknown form")),
        },
        Form::Numeric | Form::Array => ValueRef::Wire { ty: 0, bytes },
        Form::Wire(ty) => ValueRef::Wire { ty, bytes },
    })
}

#[inline]
fn sized<const N: usize>(bytes: &[u8]) -> Result<[u8; N]> {
    bytes.try_into().map_err(|_| wrong("a value has another length than its type"))
}

#[cold]
pub(super) fn unfit(what: &'static str) -> Error {
    Error::new(ErrorKind::Decode, what)
}

/// Says which column it was; the columns of a result are counted from 1, as SQL does.
#[cold]
fn name(error: Error, column: usize) -> Error {
    error.doing(format!("reading column {} of a row", column + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(ty: Oid, bytes: &[u8]) -> Result<aludel_sql::Value> {
        let mut body = vec![0, 1];
        body.extend((bytes.len() as u32).to_be_bytes());
        body.extend(bytes);
        let mut cells = [ValueRef::Null];
        row(&body, &[Form::of(ty)], &mut cells)?;
        Ok(cells[0].to_value())
    }

    fn kind(ty: Oid, bytes: &[u8]) -> ErrorKind {
        cell(ty, bytes).unwrap_err().kind()
    }

    #[test]
    fn a_value_of_the_wrong_length_is_a_protocol_error() {
        let fixed = [
            oid::BOOL,
            oid::INT2,
            oid::INT4,
            oid::INT8,
            oid::OID,
            oid::FLOAT4,
            oid::FLOAT8,
            oid::TIMESTAMP,
            oid::DATE,
            oid::TIME,
            oid::UUID,
        ];
        for ty in fixed {
            assert_eq!(kind(ty, &[]), ErrorKind::Protocol, "{ty}");
            assert_eq!(kind(ty, &[0; 17]), ErrorKind::Protocol, "{ty}");
        }
    }

    #[test]
    fn infinities_of_time_are_decode_errors_that_name_the_column() {
        assert_eq!(kind(oid::TIMESTAMPTZ, &i64::MAX.to_be_bytes()), ErrorKind::Decode);
        assert_eq!(kind(oid::DATE, &i32::MIN.to_be_bytes()), ErrorKind::Decode);
        let error = cell(oid::DATE, &i32::MAX.to_be_bytes()).unwrap_err().to_string();
        assert!(error.contains("the date is infinite") && error.contains("column 1"), "{error}");
    }

    #[test]
    fn values_that_cannot_be_are_errors() {
        assert_eq!(kind(oid::TIMESTAMPTZ, &(i64::MAX - 1).to_be_bytes()), ErrorKind::Decode);
        assert_eq!(kind(oid::DATE, &(i32::MAX - 1).to_be_bytes()), ErrorKind::Protocol);
        assert_eq!(kind(oid::TIME, &(-1_i64).to_be_bytes()), ErrorKind::Protocol);
        assert_eq!(kind(oid::BOOL, &[2]), ErrorKind::Protocol);
    }

    #[test]
    fn text_that_is_not_utf8_is_a_decode_error() {
        assert_eq!(kind(oid::VARCHAR, b"caf\xe9"), ErrorKind::Decode);
    }

    #[test]
    fn a_row_of_another_width_is_a_protocol_error() {
        let mut cells = [ValueRef::Null; 2];
        for body in [
            &[0, 1, 0xff, 0xff, 0xff, 0xff][..],
            &[0, 2, 0xff, 0xff, 0xff, 0xff],
            &[0],
            &[0, 2, 0x80, 0, 0, 0, 0, 0, 0, 0],
        ] {
            let error = row(body, &[Form::Int4, Form::Int4], &mut cells).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Protocol);
        }
    }

    #[test]
    fn random_rows_give_values_or_errors_and_never_a_panic() {
        let forms = [
            Form::Bool,
            Form::Int2,
            Form::Int4,
            Form::Int8,
            Form::Oid,
            Form::Float4,
            Form::Float8,
            Form::Text,
            Form::Bytes,
            Form::Timestamp,
            Form::Date,
            Form::Time,
            Form::Uuid,
            Form::Wire(1700),
        ];
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        let mut random = move || {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed
        };
        for _ in 0..if aludel_testing::long() { 2_000_000 } else { 50_000 } {
            let width = random() as usize % forms.len();
            let columns: Vec<Form> = (0..width).map(|_| forms[random() as usize % forms.len()]).collect();
            let mut body = (width as u16).to_be_bytes().to_vec();
            for _ in 0..width {
                let length = [0_u64, 1, 2, 4, 8, 16, random() % 20][random() as usize % 7];
                body.extend((length as u32).to_be_bytes());
                body.extend((0..length).map(|_| random() as u8));
            }
            if random().is_multiple_of(3) && !body.is_empty() {
                let at = random() as usize % body.len();
                body[at] = random() as u8;
            }
            if random().is_multiple_of(5) {
                body.truncate(random() as usize % (body.len() + 1));
            }
            let mut cells = vec![ValueRef::Null; width];
            if let Err(error) = row(&body, &columns, &mut cells) {
                assert!(matches!(error.kind(), ErrorKind::Protocol | ErrorKind::Decode), "{error}");
            }
        }
    }
}
