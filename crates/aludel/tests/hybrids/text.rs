//! What hybrids look like in SQL.

use aludel::prelude::*;
use aludel::{MySqlDialect, PostgresDialect, SqliteDialect};

use crate::models::Sample;

fn conditions(condition: impl Expression<Type = bool>) -> [String; 3] {
    let stmt = select(Sample::ID).filter(Expression::and(condition, true));
    let dialects: [&dyn aludel::Dialect; 3] = [&SqliteDialect, &PostgresDialect, &MySqlDialect::default()];
    dialects.map(|it| {
        let (text, _) = stmt.to_sql(it).unwrap();
        let (_, condition) = text.split_once("WHERE ").unwrap();
        condition.rsplit_once(" AND ").unwrap().0.replace("samples.", "")
    })
}

#[test]
fn a_length_counts_characters() {
    assert_eq!(
        conditions(Sample::IS_LONG),
        ["length(name) > ?1", "char_length(name) > $1", "char_length(name) > ?"]
    );
}

#[test]
fn a_test_of_an_option_leaves_the_column_bare_for_the_index() {
    assert_eq!(conditions(Sample::ABOVE_LIMIT(3))[0], "maybe IS NOT NULL AND maybe > ?1");
}

#[test]
fn none_is_less_than_every_some() {
    assert_eq!(conditions(Sample::LESS_OPTION)[1], "other IS NOT NULL AND (maybe IS NULL OR maybe < other)");
}

#[test]
fn text_is_ordered_by_code_point() {
    assert_eq!(
        conditions(Sample::BEFORE_TEXT),
        [
            "(name COLLATE BINARY) < code",
            "(name COLLATE \"C\") < code",
            "(name COLLATE utf8mb4_nopad_bin) < code"
        ]
    );
}

#[test]
fn options_are_equal_with_null_as_a_value() {
    assert_eq!(
        conditions(Sample::EQUAL_OPTIONS),
        ["maybe IS NOT DISTINCT FROM other", "maybe IS NOT DISTINCT FROM other", "maybe <=> other"]
    );
}
