//! Parameters: values in the binary forms that the server reads, each checked against its type before anything is sent.

use aludel_sql::decimal::{self, Digits};
use aludel_sql::{Error, ErrorKind, Result, SqlType, ValueRef};
use bytes::{BufMut, BytesMut};

use super::numeric;
use super::oid::{self, Oid};

/// The server reads no message that is longer.
pub(super) const LONGEST_MESSAGE: usize = 0x3fff_ffff - 1;
/// The count of a Bind's parameters has 16 bits.
pub(super) const MOST_PARAMETERS: usize = 65_535;

/// Returns the type that a value is sent as, where `ty` is the type that the statement says.
pub(super) fn oid_of(ty: SqlType, value: ValueRef<'_>) -> Result<Oid> {
    let (scalar, array) = oids(ty)?;
    Ok(match value {
        ValueRef::List(_) if !matches!(ty, SqlType::Array(_)) => array,
        ValueRef::Wire { ty, .. } => ty,
        _ => scalar,
    })
}

/// Returns the type and its array.
pub(super) fn oids(ty: SqlType) -> Result<(Oid, Oid)> {
    oid::of(ty).ok_or_else(|| {
        Error::new(ErrorKind::Unsupported, format!("PostgreSQL: the type {ty:?} cannot be bound"))
    })
}

/// Writes one parameter: its length and its bytes.
#[inline(always)]
pub(super) fn parameter(out: &mut BytesMut, ty: SqlType, value: ValueRef<'_>) -> Result<()> {
    // Most parameters are keys.
    let (SqlType::BigInt, ValueRef::Int(it)) = (ty, value) else { return rarer_parameter(out, ty, value) };
    let mut bytes = [0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0];
    bytes[4..].copy_from_slice(&it.to_be_bytes());
    out.extend_from_slice(&bytes);
    Ok(())
}

#[inline(never)]
fn rarer_parameter(out: &mut BytesMut, ty: SqlType, value: ValueRef<'_>) -> Result<()> {
    match (ty, value) {
        (SqlType::Array(ty), ValueRef::List(elements)) => {
            array(out, *ty, elements.len(), |at, out| element(out, *ty, elements[at].as_ref()))
        }
        (_, ValueRef::List(elements)) => {
            array(out, ty, elements.len(), |at, out| element(out, ty, elements[at].as_ref()))
        }
        // Its own type is the parameter's, see `oid_of`.
        (_, ValueRef::Wire { bytes, .. }) => sized(out, bytes),
        (ty, value) => element(out, ty, value),
    }
}

/// Writes an array parameter of one dimension whose elements `write` appends with their lengths.
pub(super) fn array(
    out: &mut BytesMut,
    ty: SqlType,
    len: usize,
    mut write: impl FnMut(usize, &mut BytesMut) -> Result<()>,
) -> Result<()> {
    let count =
        i32::try_from(len).map_err(|_| unfit("the array has more elements than PostgreSQL can count"))?;
    let start = out.len();
    out.put_i32(0);
    // An array without elements has no dimension.
    out.put_i32(i32::from(len > 0));
    // "May hold NULL": the server looks for itself.
    out.put_i32(1);
    out.put_u32(oids(ty)?.0);
    if len > 0 {
        out.put_i32(count);
        out.put_i32(1);
    }
    for at in 0..len {
        write(at, out).map_err(|error| at_place(&error, "element", at))?;
        if out.len() - start > LONGEST_MESSAGE {
            return Err(too_long());
        }
    }
    let length = (out.len() - start - 4) as u32;
    out[start..start + 4].copy_from_slice(&length.to_be_bytes());
    Ok(())
}

/// Writes one value: its length and its bytes.
#[inline]
pub(super) fn element(out: &mut BytesMut, ty: SqlType, value: ValueRef<'_>) -> Result<()> {
    match (ty, value) {
        (_, ValueRef::Null) => out.put_i32(-1),
        (SqlType::BigInt, ValueRef::Int(it)) => fixed(out, it.to_be_bytes()),
        (SqlType::Integer, ValueRef::Int(it)) => match i32::try_from(it) {
            Ok(it) => fixed(out, it.to_be_bytes()),
            Err(_) => return Err(unfit("the integer does not fit `integer`, which has 32 bits")),
        },
        (SqlType::SmallInt, ValueRef::Int(it)) => match i16::try_from(it) {
            Ok(it) => fixed(out, it.to_be_bytes()),
            Err(_) => return Err(unfit("the integer does not fit `smallint`, which has 16 bits")),
        },
        (SqlType::Text | SqlType::Varchar(_), ValueRef::Text(text)) => {
            if text.as_bytes().contains(&0) {
                return Err(unfit("the text holds a NUL character, which PostgreSQL cannot store"));
            }
            sized(out, text.as_bytes())?;
        }
        (SqlType::Json, ValueRef::Text(text)) => {
            // The first byte is the version of the form.
            out.put_u32(text.len() as u32 + 1);
            out.put_u8(1);
            out.put_slice(text.as_bytes());
        }
        (SqlType::Array(_), ValueRef::List(_)) => parameter(out, ty, value)?,
        (SqlType::Bytes, ValueRef::Blob(bytes)) => sized(out, bytes)?,
        (SqlType::Boolean, ValueRef::Bool(it)) => fixed(out, [u8::from(it)]),
        (SqlType::Double | SqlType::Float, ValueRef::Real(it)) if !it.is_finite() => {
            return Err(unfit("the number is NaN or infinite, which not every database can store"));
        }
        (SqlType::Double, ValueRef::Real(it)) => fixed(out, it.to_be_bytes()),
        (SqlType::Float, ValueRef::Real(it)) => {
            let narrow = it as f32;
            if narrow.is_infinite() {
                return Err(unfit("the number does not fit `real`, which has 32 bits"));
            }
            fixed(out, narrow.to_be_bytes());
        }
        (SqlType::Timestamp, ValueRef::Timestamp(micros)) => match micros.checked_sub(oid::EPOCH_MICROS) {
            Some(micros) if micros != i64::MIN => fixed(out, micros.to_be_bytes()),
            _ => return Err(unfit("the timestamp is earlier than PostgreSQL can store")),
        },
        (SqlType::Date, ValueRef::Date(days)) => match days.checked_sub(oid::EPOCH_DAYS) {
            Some(days) if days != i32::MIN => fixed(out, days.to_be_bytes()),
            _ => return Err(unfit("the date is earlier than PostgreSQL can store")),
        },
        (SqlType::Time, ValueRef::Time(micros)) => match micros {
            0..=oid::DAY_MICROS => fixed(out, micros.to_be_bytes()),
            _ => return Err(unfit("the time of day is not between 00:00 and 24:00")),
        },
        (SqlType::Uuid, ValueRef::Uuid(it)) => fixed(out, it),
        (SqlType::Numeric(precision, scale), ValueRef::Decimal(text)) => {
            numeric::encode(out, decimal::check(text, precision, scale)?)?;
        }
        (SqlType::Decimal, ValueRef::Decimal(text)) => match Digits::parse(text) {
            Some(digits) => numeric::encode(out, digits)?,
            None => return Err(unfit("the decimal is not written in plain digits")),
        },
        (ty, ValueRef::Wire { ty: oid, bytes }) if oids(ty)?.0 == oid => sized(out, bytes)?,
        (_, ValueRef::Refused(why)) => return Err(Error::new(ErrorKind::Encode, why.to_owned())),
        (_, ValueRef::List(_)) => return Err(unfit("an array holds another array")),
        (ty, value) => return Err(mismatch(ty, value)),
    }
    Ok(())
}

#[inline]
fn fixed<const N: usize>(out: &mut BytesMut, bytes: [u8; N]) {
    out.put_u32(N as u32);
    out.put_slice(&bytes);
}

#[inline]
fn sized(out: &mut BytesMut, bytes: &[u8]) -> Result<()> {
    // Checked before it is copied: the message as a whole is checked again when it is complete.
    if bytes.len() > LONGEST_MESSAGE {
        return Err(too_long());
    }
    out.put_u32(bytes.len() as u32);
    out.put_slice(bytes);
    Ok(())
}

#[cold]
pub(super) fn too_long() -> Error {
    unfit("the statement with its values is longer than 1 GiB, the most that PostgreSQL reads at once")
        .help("send fewer rows at a time, or store large values in parts")
}

/// The value itself is not told: errors hold no values.
#[cold]
fn unfit(what: &'static str) -> Error {
    Error::new(ErrorKind::Encode, what)
}

#[cold]
fn mismatch(ty: SqlType, value: ValueRef<'_>) -> Error {
    Error::new(ErrorKind::Encode, format!("{} cannot be bound as {ty:?}", value.describe()))
}

/// Says where the value stands; counted from 1, like `$1`.
#[cold]
pub(super) fn at_place(error: &Error, place: &str, index: usize) -> Error {
    let located = Error::new(error.kind(), format!("{place} {}: {}", index + 1, error.what()));
    match error.advice() {
        Some(help) => located.help(help.to_owned()),
        None => located,
    }
}

#[cfg(test)]
mod tests {
    use aludel_sql::Value;

    use super::*;

    fn encoded(ty: SqlType, value: &Value) -> Result<Vec<u8>> {
        let mut out = BytesMut::new();
        parameter(&mut out, ty, value.as_ref())?;
        Ok(out.to_vec())
    }

    fn refused(ty: SqlType, value: Value) -> String {
        let error = encoded(ty, &value).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Encode);
        error.to_string()
    }

    #[test]
    fn integers_that_do_not_fit_are_refused_and_not_shown() {
        for (ty, fits, not) in [
            (SqlType::SmallInt, i64::from(i16::MAX), i64::from(i16::MAX) + 1),
            (SqlType::SmallInt, i64::from(i16::MIN), i64::from(i16::MIN) - 1),
            (SqlType::Integer, i64::from(i32::MAX), i64::from(i32::MAX) + 1),
            (SqlType::Integer, i64::from(i32::MIN), i64::from(i32::MIN) - 1),
        ] {
            assert!(encoded(ty, &Value::Int(fits)).is_ok());
            assert!(!refused(ty, Value::Int(not)).contains(&not.to_string()));
        }
    }

    #[test]
    fn what_postgresql_cannot_store_is_refused() {
        assert!(refused(SqlType::Text, Value::Text("a\0b".into())).contains("NUL"));
        assert!(refused(SqlType::Double, Value::Real(f64::NAN)).contains("NaN"));
        assert!(refused(SqlType::Float, Value::Real(1e300)).contains("does not fit"));
        assert!(refused(SqlType::Timestamp, Value::Timestamp(i64::MIN)).contains("earlier"));
        assert!(refused(SqlType::Date, Value::Date(i32::MIN)).contains("earlier"));
        assert!(refused(SqlType::Date, Value::Date(i32::MIN + oid::EPOCH_DAYS)).contains("earlier"));
        assert!(refused(SqlType::Time, Value::Time(oid::DAY_MICROS + 1)).contains("time of day"));
    }

    #[test]
    fn a_value_of_another_type_is_refused() {
        assert!(
            refused(SqlType::Uuid, Value::Text("x".into()))
                .starts_with("a value cannot be sent: text cannot be bound as Uuid\n")
        );
        assert!(refused(SqlType::Integer, Value::List(vec![Value::List(vec![])])).contains("another array"));
    }

    #[test]
    fn an_error_inside_an_array_names_the_element() {
        let list = Value::List(vec![Value::Int(1), Value::Null, Value::Int(70_000)]);
        assert!(refused(SqlType::SmallInt, list).contains("element 3: the integer does not fit"));
    }

    #[test]
    fn an_empty_array_has_no_dimension() {
        assert_eq!(
            encoded(SqlType::BigInt, &Value::List(vec![])).unwrap(),
            [0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 20]
        );
    }
}
