//! The functions that the dialect writes into queries.
//!
//! They have names of our own and cannot be used in a schema: other programs could not open such a file.

mod ordered_sets;

use std::error::Error;
use std::sync::Arc;

use regex_lite::Regex;
use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{Value, ValueRef};

/// Defines them on a connection.
pub(super) fn define(connection: &Connection) -> rusqlite::Result<()> {
    let flags =
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    // For ILIKE.
    connection
        .create_scalar_function("aludel_fold", 1, flags, |context| of_text(context, crate::dialect::fold))?;
    // As Rust's `to_lowercase` and `to_uppercase`: SQLite's own know ASCII only.
    connection
        .create_scalar_function("aludel_lower", 1, flags, |context| of_text(context, str::to_lowercase))?;
    connection
        .create_scalar_function("aludel_upper", 1, flags, |context| of_text(context, str::to_uppercase))?;
    connection.create_scalar_function("aludel_regexp", 2, flags, regexp)?;
    // The library that is built in has no mathematics.
    connection.create_scalar_function("aludel_pow", 2, flags, power)?;
    ordered_sets::define(connection, flags)?;
    // For `chars().rev()` in a hybrid.
    connection.create_scalar_function("aludel_reverse", 1, flags, |context| {
        of_text(context, |text| text.chars().rev().collect())
    })
}

/// Tells whether a regular expression, the first argument, matches somewhere in a text. It is read once for a statement.
fn regexp(context: &Context<'_>) -> rusqlite::Result<Value> {
    let text = match context.get_raw(1) {
        ValueRef::Text(text) => {
            std::str::from_utf8(text).map_err(|error| rusqlite::Error::UserFunctionError(error.into()))?
        }
        _ => return Ok(Value::Null),
    };
    let regex: Arc<Regex> = context
        .get_or_create_aux(0, |pattern| -> Result<Regex, Box<dyn Error + Send + Sync>> {
            Ok(Regex::new(pattern.as_str()?)?)
        })?;
    Ok(Value::Integer(i64::from(regex.is_match(text))))
}

/// The first argument to the power of the second: NULL where that is no real number, an error where it is too large.
fn power(context: &Context<'_>) -> rusqlite::Result<Value> {
    let number = |at| match context.get_raw(at) {
        ValueRef::Integer(it) => Some(it as f64),
        ValueRef::Real(it) => Some(it),
        _ => None,
    };
    let (Some(base), Some(exponent)) = (number(0), number(1)) else { return Ok(Value::Null) };
    let power = base.powf(exponent);
    if power.is_nan() || (base == 0.0 && exponent < 0.0) {
        return Ok(Value::Null);
    }
    if power.is_infinite() {
        return Err(rusqlite::Error::UserFunctionError("the power is too large for a number".into()));
    }
    Ok(Value::Real(power))
}

/// Maps text; whatever else is in the column stays what it is.
fn of_text(context: &Context<'_>, map: fn(&str) -> String) -> rusqlite::Result<Value> {
    match context.get_raw(0) {
        ValueRef::Text(text) => {
            let text = std::str::from_utf8(text)
                .map_err(|error| rusqlite::Error::UserFunctionError(error.into()))?;
            Ok(Value::Text(map(text)))
        }
        other => Ok(Value::try_from(other)?),
    }
}
