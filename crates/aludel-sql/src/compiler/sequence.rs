//! CREATE SEQUENCE, and the options of an identity.

use std::fmt::Write;

use super::standard::table_name;
use crate::dialect::Dialect;
use crate::error::Result;
use crate::schema::{Sequence, SequenceOptions};

/// Writes CREATE SEQUENCE; `type_name` is the type of its numbers, where the database wants to know.
///
/// # Errors
///
/// Kind `Schema` for names that no database can hold.
pub fn create_sequence(
    dialect: &dyn Dialect,
    sequence: &Sequence,
    type_name: Option<&str>,
) -> Result<String> {
    let mut sql = "CREATE SEQUENCE ".to_owned();
    table_name(&mut sql, dialect, &sequence.name, sequence.schema.as_deref())?;
    if let Some(type_name) = type_name {
        let _ = write!(sql, " AS {type_name}");
    }
    sequence_options(&mut sql, &sequence.options);
    Ok(sql)
}

/// Writes ` START WITH 5 INCREMENT BY 2 …`: what differs from the usual.
pub fn sequence_options(sql: &mut String, options: &SequenceOptions) {
    let numbers = [
        ("START WITH", options.start),
        ("INCREMENT BY", options.increment),
        ("MINVALUE", options.min),
        ("MAXVALUE", options.max),
        ("CACHE", options.cache),
    ];
    for (words, number) in numbers {
        if let Some(number) = number {
            let _ = write!(sql, " {words} {number}");
        }
    }
    if options.cycle {
        sql.push_str(" CYCLE");
    }
}
