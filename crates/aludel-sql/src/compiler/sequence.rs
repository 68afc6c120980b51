//! CREATE SEQUENCE, and the options of an identity.

use std::fmt::Write;

use super::standard::table_name;
use crate::dialect::Dialect;
use crate::error::Result;
use crate::schema::{Sequence, SequenceOptions};

/// Writes CREATE SEQUENCE; `type_name` is the type of its numbers, where the database wants to know.
///
/// ```
/// use aludel::PostgresDialect;
/// use aludel::schema::Sequence;
/// use aludel_sql::compiler::sequence;
///
/// let tickets = Sequence::new("tickets").start(1000);
/// assert_eq!(
///     sequence::create_sequence(&PostgresDialect, &tickets, Some("integer"))?,
///     "CREATE SEQUENCE tickets AS integer START WITH 1000"
/// );
/// # Ok::<(), aludel::Error>(())
/// ```
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
///
/// ```
/// use aludel::schema::SequenceOptions;
/// use aludel_sql::compiler::sequence;
///
/// let mut sql = String::new();
/// sequence::sequence_options(&mut sql, &SequenceOptions { increment: Some(2), cycle: true, ..SequenceOptions::default() });
/// assert_eq!(sql, " INCREMENT BY 2 CYCLE");
/// ```
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

/// Writes all options, those that go without saying as well: what an ALTER does not say stays as it is.
///
/// `no_cycle` and `cache` are the dialect's word for the one and its usual number for the other.
///
/// ```
/// use aludel::schema::SequenceOptions;
/// use aludel_sql::compiler::sequence;
///
/// let mut sql = "ALTER SEQUENCE tickets".to_owned();
/// sequence::all_sequence_options(&mut sql, &SequenceOptions::default(), "NO CYCLE", 1);
/// assert_eq!(
///     sql,
///     "ALTER SEQUENCE tickets INCREMENT BY 1 NO MINVALUE NO MAXVALUE START WITH 1 CACHE 1 NO CYCLE"
/// );
/// ```
pub fn all_sequence_options(sql: &mut String, options: &SequenceOptions, no_cycle: &str, cache: i64) {
    let up = options.increment.unwrap_or(1) > 0;
    let _ = write!(sql, " INCREMENT BY {}", options.increment.unwrap_or(1));
    for (word, limit) in [("MINVALUE", options.min), ("MAXVALUE", options.max)] {
        match limit {
            Some(limit) => {
                let _ = write!(sql, " {word} {limit}");
            }
            None => {
                let _ = write!(sql, " NO {word}");
            }
        }
    }
    let first = if up { options.min.unwrap_or(1) } else { options.max.unwrap_or(-1) };
    let _ = write!(
        sql,
        " START WITH {} CACHE {}",
        options.start.unwrap_or(first),
        options.cache.unwrap_or(cache)
    );
    let _ = write!(sql, " {}", if options.cycle { "CYCLE" } else { no_cycle });
}
