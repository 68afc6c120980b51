//! Values that nobody else has, for rows that must let go of theirs before they get new ones, or are deleted.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use aludel_sql::{ColumnSet, SqlType, TableMeta, Value, is_referred_to};

/// Returns the column of these that takes a value for a while, and the value: NULL where it can be, else something that nobody has
/// thought of. `None` where a type has no such values.
pub(super) fn park(table: &TableMeta, columns: ColumnSet) -> Option<(usize, Value)> {
    if let Some(column) = nullable(table, columns) {
        return Some((column, Value::Null));
    }
    // A foreign key cannot refer to just anything.
    let mut free = columns.iter().filter(|column| {
        let is_part = table.foreign_keys.iter().any(|key| key.columns.contains(column));
        table.columns[*column].foreign_key.is_none() && !is_part
    });
    free.find_map(|column| Some((column, unheard_of(table.columns[column].sql_type)?)))
}

/// Returns a column of these that can be NULL for a while. What refers to it may follow each change, and nothing that follows to NULL
/// comes back.
pub(super) fn nullable(table: &TableMeta, columns: ColumnSet) -> Option<usize> {
    columns.iter().find(|column| table.columns[*column].nullable && !is_referred_to(table, *column))
}

/// Counts what was thought of, from somewhere that nobody else begins at.
static NEXT: LazyLock<AtomicU64> =
    LazyLock::new(|| AtomicU64::new(RandomState::new().build_hasher().finish()));

fn unheard_of(sql_type: SqlType) -> Option<Value> {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let above = |least: i64, count: u64| Some(Value::Int(least + (number % count) as i64));
    match sql_type {
        SqlType::SmallInt => above(i16::MIN.into(), 1 << 14),
        SqlType::Integer => above(i32::MIN.into(), 1 << 30),
        SqlType::BigInt => above(i64::MIN, 1 << 62),
        SqlType::Text => Some(Value::Text(text(number, 13))),
        // Short texts are words that people chose: a few letters are not unheard of.
        SqlType::Varchar(length) if length >= 6 => Some(Value::Text(text(number, length.min(13)))),
        _ => None,
    }
}

/// Letters and digits, the ones that change most often first; no upper case, which some collations do not tell from lower case.
fn text(mut number: u64, length: u32) -> String {
    let digit = |_| {
        let digit = char::from_digit((number % 36) as u32, 36);
        number /= 36;
        digit.unwrap_or_default()
    };
    (0..length).map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_values_are_the_same() {
        for sql_type in [SqlType::SmallInt, SqlType::BigInt, SqlType::Text, SqlType::Varchar(6)] {
            let values: Vec<Value> = (0..100).filter_map(|_| unheard_of(sql_type)).collect();
            assert!(values.iter().enumerate().all(|(at, it)| !values[..at].contains(it)), "{sql_type}");
        }
        assert_eq!(unheard_of(SqlType::Varchar(2)), None);
    }
}
