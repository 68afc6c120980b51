//! Cells: the binary forms that the server sends, shown as values without copying.

use aludel_sql::{Error, ErrorKind, Result, Value, ValueRef, from_utf8};

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
    /// `char(n)`: the server fills it up with spaces, which are no part of the value.
    Padded,
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
            oid::TEXT | oid::VARCHAR | oid::NAME | oid::CHAR | oid::JSON | oid::XML | oid::UNKNOWN => {
                Self::Text
            }
            oid::BPCHAR => Self::Padded,
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
            decode(*form, bytes).map_err(|error| place(error, at))?
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
    let sent = |cell: &ValueRef<'_>| if let ValueRef::Wire { bytes, .. } = cell { bytes.len() } else { 0 };
    let mut room = numeric::Room::of(cells.iter().map(sent).sum());
    for (at, (form, cell)) in forms.iter().zip(cells).enumerate() {
        let ValueRef::Wire { bytes, .. } = cell else { continue };
        let value = match form {
            Form::Numeric => numeric::decode(bytes, &mut room).map(Value::Decimal),
            Form::Array => array::elements(bytes, &mut room).map(Value::List),
            _ => continue,
        };
        owned.push((at, value.map_err(|error| place(error, at))?));
    }
    let mut cells = cells.to_vec();
    for (at, value) in &owned {
        cells[*at] = value.as_ref();
    }
    Ok(show(&cells))
}

/// Always inlined: keys and texts are most of what there is, and go straight to where they are wanted.
#[inline(always)]
pub(super) fn decode(form: Form, bytes: &[u8]) -> Result<ValueRef<'_>> {
    match form {
        Form::Int8 => Ok(ValueRef::Int(i64::from_be_bytes(sized(bytes)?))),
        Form::Text => text(bytes),
        _ => decode_other(form, bytes),
    }
}

#[inline]
fn text(bytes: &[u8]) -> Result<ValueRef<'_>> {
    from_utf8(bytes).map(ValueRef::Text).ok_or_else(|| unfit("the server sent text that is not UTF-8"))
}

#[inline(never)]
fn decode_other(form: Form, bytes: &[u8]) -> Result<ValueRef<'_>> {
    Ok(match form {
        Form::Int8 => ValueRef::Int(i64::from_be_bytes(sized(bytes)?)),
        Form::Int4 => ValueRef::Int(i64::from(i32::from_be_bytes(sized(bytes)?))),
        Form::Int2 => ValueRef::Int(i64::from(i16::from_be_bytes(sized(bytes)?))),
        Form::Text => text(bytes)?,
        Form::Padded => {
            let end = bytes.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
            text(&bytes[..end])?
        }
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
            [1, json @ ..] => text(json)?,
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

/// Says which cell it was; whoever knows the statement knows the name of its column.
#[cold]
fn place(error: Error, cell: usize) -> Error {
    match error.kind() {
        ErrorKind::Decode => Error::of_cell(cell, error.what()),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use aludel_testing::Random;

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
        assert!(error.contains("column 1 of the row: the date is infinite"), "{error}");
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
    fn the_spaces_that_fill_a_char_up_are_no_part_of_it() {
        for (sent, read) in [("ab   ", "ab"), ("  ab", "  ab"), ("   ", ""), ("a b ", "a b"), ("", "")] {
            assert_eq!(cell(oid::BPCHAR, sent.as_bytes()).unwrap(), aludel_sql::Value::Text(read.to_owned()));
        }
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

    fn array_of(element: Oid) -> Option<Oid> {
        (0..4_000).find(|array| oid::element(*array) == Some(element))
    }

    /// One value of each form as the server sends it; what is mutated begins here.
    fn corpus() -> Vec<(Oid, Vec<u8>)> {
        let array = |element: Oid, values: &[&[u8]]| {
            let mut bytes = [1_u32, 0, element, values.len() as u32, 1].map(u32::to_be_bytes).concat();
            for value in values {
                bytes.extend((value.len() as u32).to_be_bytes());
                bytes.extend(*value);
            }
            bytes
        };
        // -1234.5 and, of one group, 10 to the 1,020th.
        let decimal = [0, 2, 0, 0, 0x40, 0, 0, 1, 0x04, 0xd2, 0x13, 0x88];
        let large = [0, 1, 0, 0xff, 0, 0, 0, 0, 0, 1];
        let mut corpus = vec![
            (oid::BOOL, vec![1]),
            (oid::INT2, vec![0xff, 0xfe]),
            (oid::INT4, vec![0, 0, 1, 0]),
            (oid::INT8, i64::MIN.to_be_bytes().to_vec()),
            (oid::OID, vec![0xff; 4]),
            (oid::FLOAT4, 1.5_f32.to_be_bytes().to_vec()),
            (oid::FLOAT8, f64::NAN.to_be_bytes().to_vec()),
            (oid::TEXT, "é€😀".into()),
            (oid::BYTEA, vec![0, 255]),
            (oid::TIMESTAMPTZ, 1_i64.to_be_bytes().to_vec()),
            (oid::TIMESTAMP, (-1_i64).to_be_bytes().to_vec()),
            (oid::DATE, 0_i32.to_be_bytes().to_vec()),
            (oid::TIME, oid::DAY_MICROS.to_be_bytes().to_vec()),
            (oid::UUID, vec![7; 16]),
            (oid::JSON, b"{}".to_vec()),
            (oid::JSONB, b"\x01[null]".to_vec()),
            (oid::NUMERIC, decimal.to_vec()),
            (oid::NUMERIC, large.to_vec()),
            (2_950_000, vec![1, 2, 3]),
        ];
        for (ty, bytes) in corpus.clone() {
            if let Some(array_of_it) = array_of(ty) {
                corpus.push((array_of_it, array(ty, &[&bytes, &bytes])));
            }
        }
        corpus
    }

    /// The values of a row, decimals and arrays among them.
    fn values(body: &[u8], types: &[Oid]) -> Result<Vec<Value>> {
        let forms: Vec<_> = types.iter().map(|ty| Form::of(*ty)).collect();
        let mut cells = vec![ValueRef::Null; forms.len()];
        row(body, &forms, &mut cells)?;
        with_owned(&forms, &cells, |cells| cells.iter().map(|it| it.to_value()).collect())
    }

    #[test]
    fn rows_that_are_cut_changed_or_of_other_types_give_values_or_errors_and_never_a_panic() {
        let corpus = corpus();
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        for _ in 0..if aludel_testing::long() { 2_000_000 } else { 40_000 } {
            let width = random.below(6);
            let mut body = (width as u16).to_be_bytes().to_vec();
            let mut types = Vec::new();
            let mut whole = true;
            for _ in 0..width {
                let (ty, mut bytes) = random.one_of(&corpus);
                // A value of another type, or of none.
                match random.below(8) {
                    0 => bytes = random.one_of(&corpus).1,
                    1 => {
                        let length = random.below(40);
                        bytes = random.bytes(length);
                    }
                    _ => {}
                }
                whole &= corpus.contains(&(ty, bytes.clone()));
                types.push(ty);
                body.extend((bytes.len() as u32).to_be_bytes());
                body.extend(bytes);
            }
            for _ in 0..random.below(3) {
                let at = random.below(body.len());
                let any = random.next() as u8;
                body[at] = random.one_of(&[0, 1, 0x7f, 0x80, 0xff, any]);
                whole = false;
            }
            if random.below(5) == 0 {
                body.truncate(random.below(body.len() + 1));
                whole = false;
            }
            match values(&body, &types) {
                Ok(values) => assert_eq!(values.len(), width),
                Err(error) => {
                    assert!(!whole, "{types:?}: {error}");
                    assert!(matches!(error.kind(), ErrorKind::Protocol | ErrorKind::Decode), "{error}");
                }
            }
        }
    }

    #[test]
    fn a_length_or_count_that_lies_takes_no_memory() {
        // Other tests may allocate meanwhile, but not as much as is claimed here.
        const SLACK: usize = 256 * 1024 * 1024;
        let before = crate::MEMORY.current_usage();
        crate::MEMORY.reset_peak_usage();
        let claims = [i32::MAX as u32, u32::MAX, 0x7fff_fff0, 0x4000_0000].map(u32::to_be_bytes);
        for (ty, bytes) in corpus() {
            for claim in claims {
                for at in 0..bytes.len().saturating_sub(3) {
                    let mut bytes = bytes.clone();
                    bytes[at..at + 4].copy_from_slice(&claim);
                    let mut body = vec![0, 1];
                    body.extend((bytes.len() as u32).to_be_bytes());
                    body.extend(bytes);
                    let _ = values(&body, &[ty]);
                    body[2..6].copy_from_slice(&claim);
                    assert_eq!(values(&body, &[ty]).unwrap_err().kind(), ErrorKind::Protocol);
                }
            }
        }
        // Ten thousand decimals of the longest sort would be more than a gigabyte.
        let mut bytes = [1_u32, 0, oid::NUMERIC, 10_000, 1].map(u32::to_be_bytes).concat();
        for _ in 0..10_000 {
            bytes.extend([0, 0, 0, 10, 0, 1, 0x7f, 0xff, 0, 0, 0, 0, 0, 1]);
        }
        let mut body = vec![0, 1];
        body.extend((bytes.len() as u32).to_be_bytes());
        body.extend(bytes);
        let array = array_of(oid::NUMERIC).unwrap();
        assert_eq!(values(&body, &[array]).unwrap_err().kind(), ErrorKind::Decode);
        let peak = crate::MEMORY.peak_usage();
        assert!(peak < before + SLACK, "{peak} bytes at once, {before} before");
    }
}
