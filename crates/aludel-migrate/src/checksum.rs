//! Checksums of what a revision means: line endings, white space, comments and the order of keys are no part of it.

use std::fmt::Write;

use aludel_sql::{Error, ErrorKind, Result};
use sha2::{Digest, Sha256};
use toml::de::{DeTable, DeValue};

use crate::script::canonical_sql;

/// Returns the checksum of a `revision.toml` and of SQL files, `(name, text)`.
///
/// The message, the labels and what `lint` lets pass are for people, and may change.
///
/// ```
/// use aludel_migrate::checksum;
///
/// let sum = |toml: &str| checksum(toml, [("up.sqlite.sql", "CREATE TABLE a (b);")]).unwrap();
/// let first = sum("id = \"ab12\"\nparents = []\nmessage = \"one\"\n");
/// assert_eq!(first, sum("parents=[]\r\nid='ab12' # the first\r\nmessage = \"first\"\r\n"));
/// assert_ne!(first, sum("id = \"ab12\"\nparents = [\"ab11\"]\nmessage = \"one\"\n"));
/// ```
///
/// # Errors
///
/// Kind `Migration` where the first is not TOML.
pub fn checksum<'a>(revision: &str, scripts: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<String> {
    let mut table = DeTable::parse(revision)
        .map_err(|error| Error::new(ErrorKind::Migration, error.message().to_owned()))?
        .into_inner();
    for name in ["allow", "labels", "message"] {
        table.remove(name);
    }
    let mut canonical = String::new();
    write_table(&mut canonical, &table);
    for (name, text) in scripts {
        let sql = canonical_sql(text);
        let _ = write!(canonical, "\n{name} {} {sql}", sql.len());
    }
    Ok(digest(&canonical))
}

/// Returns the SHA-256 of a text, in hexadecimal digits.
pub fn digest(text: &str) -> String {
    let mut out = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// Writes a table with its keys in order. The form must never change: databases hold checksums of it.
fn write_table(out: &mut String, table: &DeTable<'_>) {
    let mut pairs: Vec<_> = table.iter().map(|(key, value)| (key.get_ref(), value.get_ref())).collect();
    pairs.sort_by_key(|(key, _)| *key);
    out.push('{');
    for (key, value) in pairs {
        let _ = write!(out, "{key:?}:");
        write_value(out, value);
        out.push(',');
    }
    out.push('}');
}

fn write_value(out: &mut String, value: &DeValue<'_>) {
    match value {
        DeValue::Table(table) => write_table(out, table),
        DeValue::Array(items) => {
            out.push('[');
            for item in items {
                write_value(out, item.get_ref());
                out.push(',');
            }
            out.push(']');
        }
        // The line ending of a text is that of the file.
        DeValue::String(text) => {
            let _ = write!(out, "{:?}", text.replace("\r\n", "\n"));
        }
        DeValue::Integer(number) => {
            let value = i64::from_str_radix(number.as_str(), number.radix());
            let _ = write!(out, "{}", value.map_or_else(|_| number.to_string(), |it| it.to_string()));
        }
        other => {
            let _ = match other {
                DeValue::Boolean(value) => write!(out, "{value}"),
                DeValue::Float(number) => write!(out, "{number}"),
                DeValue::Datetime(value) => write!(out, "{value}"),
                _ => Ok(()),
            };
        }
    }
}
