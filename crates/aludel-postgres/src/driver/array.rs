//! Arrays: elements with their lengths, behind the number of dimensions.

use aludel_sql::{Error, ErrorKind, Result, Value, ValueRef};

use super::decode::{Form, decode, unfit};
use super::message::{Body, wrong};
use super::numeric::{self, Room};

/// Reads the elements of an array of one dimension, wherever it begins to count.
pub(super) fn elements(bytes: &[u8], room: &mut Room) -> Result<Vec<Value>> {
    let mut body = Body(bytes);
    let dimensions = body.i32()?;
    let _has_nulls = body.i32()?;
    let form = Form::of(body.u32()?);
    if dimensions == 0 {
        body.end()?;
        return Ok(Vec::new());
    }
    if dimensions != 1 {
        return Err(unfit("the array has several dimensions"));
    }
    let count = body.i32()?;
    let _first = body.i32()?;
    // An element has four bytes at least, so a count that lies cannot make this large.
    let mut values = Vec::with_capacity((count.max(0) as usize).min(bytes.len() / 4));
    for at in 0..count {
        let length = body.i32()?;
        if length == -1 {
            values.push(Value::Null);
            continue;
        }
        // A negative length wraps to more than any message holds.
        let element = body.bytes(length as u32 as usize)?;
        values.push(value(form, element, room).map_err(|error| at_element(&error, at))?);
    }
    body.end()?;
    Ok(values)
}

fn value(form: Form, bytes: &[u8], room: &mut Room) -> Result<Value> {
    match form {
        Form::Numeric => numeric::decode(bytes, room).map(Value::Decimal),
        Form::Array => Err(wrong("an array is made of arrays")),
        form => match decode(form, bytes)? {
            ValueRef::Wire { .. } => Err(unfit("the array is of a type that the driver does not decode")),
            value => Ok(value.to_value()),
        },
    }
}

#[cold]
fn at_element(error: &Error, at: i32) -> Error {
    if error.kind() == ErrorKind::Protocol {
        return wrong("an element of an array is not what its type says");
    }
    Error::new(error.kind(), format!("element {}: {}", at + 1, error.what()))
}

#[cfg(test)]
mod tests {
    use aludel_sql::SqlType;
    use bytes::BytesMut;

    use super::super::encode;
    use super::*;

    fn elements(bytes: &[u8]) -> Result<Vec<Value>> {
        super::elements(bytes, &mut Room::of(bytes.len()))
    }

    fn sent(ty: &'static SqlType, values: &[Value]) -> Vec<u8> {
        let mut out = BytesMut::new();
        encode::parameter(&mut out, SqlType::Array(ty), ValueRef::List(values)).unwrap();
        out[4..].to_vec()
    }

    #[test]
    fn elements_come_back_as_they_were_sent() {
        let texts = [Value::Text("a".into()), Value::Null, Value::Text(String::new())];
        assert_eq!(elements(&sent(&SqlType::Text, &texts)).unwrap(), texts);
        let numbers = [Value::Int(i64::MIN), Value::Int(7)];
        assert_eq!(elements(&sent(&SqlType::BigInt, &numbers)).unwrap(), numbers);
        assert_eq!(elements(&sent(&SqlType::BigInt, &[])).unwrap(), []);
    }

    #[test]
    fn an_array_of_several_dimensions_is_a_decode_error() {
        let mut bytes = sent(&SqlType::BigInt, &[Value::Int(7)]);
        bytes[3] = 2;
        assert_eq!(elements(&bytes).unwrap_err().kind(), ErrorKind::Decode);
    }

    #[test]
    fn an_array_that_is_cut_or_counts_too_many_is_a_protocol_error() {
        let whole = sent(&SqlType::BigInt, &[Value::Int(7), Value::Null]);
        for end in 0..whole.len() {
            assert_eq!(elements(&whole[..end]).unwrap_err().kind(), ErrorKind::Protocol, "{end}");
        }
        let mut lies = whole;
        lies[12..16].copy_from_slice(&i32::MAX.to_be_bytes());
        assert_eq!(elements(&lies).unwrap_err().kind(), ErrorKind::Protocol);
    }
}
