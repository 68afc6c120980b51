//! Cursors: the sort keys of a row, sealed, so that nobody makes one of their own.

use std::fmt;

use aludel_sql::{Error, ErrorKind, Result, Value};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The secret that cursors are signed with.
///
/// ```
/// use aludel::CursorKey;
///
/// let key = CursorKey::new("32 bytes or more, from where the program keeps its secrets")?;
/// assert_eq!(format!("{key:?}"), "CursorKey(…)");
/// assert!(CursorKey::new("short").is_err());
/// # Ok::<(), aludel::Error>(())
/// ```
#[derive(Clone)]
pub struct CursorKey {
    mac: Hmac<Sha256>,
}

/// The bytes of a secret that is not guessed.
const LEAST_SECRET: usize = 32;
/// The bytes of a signature: half of what HMAC-SHA-256 gives, which is as hard to guess as it gets.
const SIGNATURE: usize = 16;
/// The first byte of a cursor, so that another form can follow.
const FORM: u8 = 1;

impl CursorKey {
    /// Takes a secret of at least 32 bytes. All processes that serve the same lists need the same one.
    ///
    /// ```
    /// use aludel::{CursorKey, ErrorKind};
    ///
    /// let key = CursorKey::new("32 bytes or more, from where the program keeps its secrets")?;
    /// println!("{key:?}"); // CursorKey(…)
    /// assert_eq!(CursorKey::new("guess me").unwrap_err().kind(), ErrorKind::Config);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Config` where it is shorter.
    pub fn new(secret: impl AsRef<[u8]>) -> Result<Self> {
        let secret = secret.as_ref();
        match Hmac::<Sha256>::new_from_slice(secret) {
            Ok(mac) if secret.len() >= LEAST_SECRET => Ok(Self { mac }),
            _ => Err(Error::new(
                ErrorKind::Config,
                format!("the secret of cursors has {} bytes, and should have {LEAST_SECRET}", secret.len()),
            )
            .help("take random bytes, `openssl rand -base64 48` for instance, and keep them with the program's other secrets")),
        }
    }

    /// Makes a cursor of the keys of a row, for a list that is in this order.
    pub(super) fn seal(&self, order: &str, keys: &[Value]) -> Result<String> {
        let mut payload = Vec::new();
        keys.iter().try_for_each(|key| write(&mut payload, key))?;
        let signature = self.signed(order, &payload).finalize().into_bytes();
        let mut cursor = vec![FORM];
        cursor.extend_from_slice(&signature[..SIGNATURE]);
        cursor.extend_from_slice(&payload);
        Ok(URL_SAFE_NO_PAD.encode(cursor))
    }

    /// Reads the keys of a cursor that was made with this secret, for a list that is in this order.
    pub(super) fn open(&self, order: &str, cursor: &str) -> Result<Vec<Value>> {
        let cursor = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| not_valid())?;
        let (form, rest) = cursor.split_first().ok_or_else(not_valid)?;
        let (signature, payload) = rest.split_at_checked(SIGNATURE).ok_or_else(not_valid)?;
        if *form != FORM || self.signed(order, payload).verify_truncated_left(signature).is_err() {
            return Err(not_valid());
        }
        let mut rest = payload;
        let mut keys = Vec::new();
        while !rest.is_empty() {
            keys.push(read(&mut rest).ok_or_else(not_valid)?);
        }
        Ok(keys)
    }

    fn signed(&self, order: &str, payload: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        mac.update(&(order.len() as u64).to_le_bytes());
        mac.update(order.as_bytes());
        mac.update(payload);
        mac
    }
}

impl fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CursorKey(…)")
    }
}

#[cold]
fn not_valid() -> Error {
    Error::new(
        ErrorKind::Validation,
        "the cursor is not valid: it was changed, or was made with another secret or for a list in another order",
    )
    .help("begin with the first page again")
}

fn write(bytes: &mut Vec<u8>, value: &Value) -> Result<()> {
    let mut long = |tag: u8, content: &[u8]| {
        bytes.push(tag);
        bytes.extend_from_slice(&(content.len() as u32).to_le_bytes());
        bytes.extend_from_slice(content);
    };
    match value {
        Value::Decimal(it) => long(b'd', it.as_bytes()),
        Value::Text(it) => long(b't', it.as_bytes()),
        Value::Blob(it) => long(b'b', it),
        Value::Uuid(it) => long(b'u', it),
        Value::Null => bytes.push(b'n'),
        Value::Bool(it) => bytes.extend([b'o', u8::from(*it)]),
        Value::Int(it) => fixed(bytes, b'i', it.to_le_bytes()),
        Value::Real(it) => fixed(bytes, b'r', it.to_bits().to_le_bytes()),
        Value::Timestamp(it) => fixed(bytes, b's', it.to_le_bytes()),
        Value::Time(it) => fixed(bytes, b'c', it.to_le_bytes()),
        Value::Date(it) => fixed(bytes, b'y', i64::from(*it).to_le_bytes()),
        Value::Secret(_) | Value::Refused(_) | Value::List(_) | Value::Placeholder(_) => {
            return Err(Error::new(ErrorKind::Unsupported, "a cursor cannot hold a value of this type")
                .help("order by columns of plain types"));
        }
    }
    Ok(())
}

fn fixed(bytes: &mut Vec<u8>, tag: u8, content: [u8; 8]) {
    bytes.push(tag);
    bytes.extend_from_slice(&content);
}

fn read(bytes: &mut &[u8]) -> Option<Value> {
    fn take<'b>(bytes: &mut &'b [u8], length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = bytes.split_at_checked(length)?;
        *bytes = rest;
        Some(taken)
    }
    fn number(bytes: &mut &[u8]) -> Option<i64> {
        Some(i64::from_le_bytes(take(bytes, 8)?.try_into().ok()?))
    }
    fn long<'b>(bytes: &mut &'b [u8]) -> Option<&'b [u8]> {
        let length = u32::from_le_bytes(take(bytes, 4)?.try_into().ok()?);
        take(bytes, length as usize)
    }
    fn text(bytes: &mut &[u8]) -> Option<String> {
        String::from_utf8(long(bytes)?.to_vec()).ok()
    }
    let tag = take(bytes, 1)?[0];
    Some(match tag {
        b'n' => Value::Null,
        b'o' => Value::Bool(take(bytes, 1)?[0] != 0),
        b'i' => Value::Int(number(bytes)?),
        b'r' => Value::Real(f64::from_bits(number(bytes)? as u64)),
        b's' => Value::Timestamp(number(bytes)?),
        b'c' => Value::Time(number(bytes)?),
        b'y' => Value::Date(i32::try_from(number(bytes)?).ok()?),
        b'd' => Value::Decimal(text(bytes)?),
        b't' => Value::Text(text(bytes)?),
        b'b' => Value::Blob(long(bytes)?.to_vec()),
        b'u' => Value::Uuid(long(bytes)?.try_into().ok()?),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(letter: u8) -> CursorKey {
        CursorKey::new([letter; 32]).unwrap()
    }

    #[test]
    fn keys_of_every_type_come_back() {
        let keys = [
            Value::Null,
            Value::Bool(true),
            Value::Int(i64::MIN),
            Value::Real(-0.5),
            Value::Decimal("-12.50".into()),
            Value::Text("ä\0'".into()),
            Value::Blob(vec![0, 255]),
            Value::Timestamp(-1),
            Value::Date(-719_162),
            Value::Time(86_399_999_999),
            Value::Uuid([7; 16]),
        ];
        let cursor = key(1).seal("a, b", &keys).unwrap();
        assert!(cursor.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it)), "{cursor}");
        assert_eq!(key(1).open("a, b", &cursor).unwrap(), keys);
    }

    #[test]
    fn a_cursor_that_was_changed_or_is_of_another_list_is_refused() {
        let cursor = key(1).seal("a", &[Value::Int(5), Value::Text("x".into())]).unwrap();
        let refused = |result: Result<Vec<Value>>| {
            assert_eq!(result.unwrap_err().kind(), ErrorKind::Validation);
        };
        refused(key(2).open("a", &cursor));
        refused(key(1).open("b", &cursor));
        for at in 0..cursor.len() {
            let mut other = cursor.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).unwrap();
            // The last letter has bits that are not used.
            if at + 1 < cursor.len() {
                refused(key(1).open("a", &other));
            }
            refused(key(1).open("a", &cursor[..at]));
        }
        for nonsense in ["", "=", "AA", "ä", "../../etc/passwd"] {
            refused(key(1).open("a", nonsense));
        }
    }
}
