//! How long and how deep a statement may be.

use aludel::prelude::*;
use aludel::{Dialect, Expr};

use crate::check::{each, mariadb, postgres, shown, sqlite, told};
use crate::models::Document;

/// Any number of values, one parameter each.
fn with_parameters(count: usize) -> impl ToSql {
    select(Document::ID).filter(or_((0..count).map(|views| Document::VIEWS.eq(views as i32))))
}

#[track_caller]
fn check_limit(dialect: &dyn Dialect, limit: usize, message: &str) {
    assert!(with_parameters(limit).to_sql(dialect).is_ok());
    let found = shown(&with_parameters(limit + 1).to_sql(dialect).map(|(text, _)| text));
    assert_eq!(found, message);
}

#[test]
fn a_statement_has_as_many_parameters_as_the_database_takes() {
    check_limit(
        &sqlite(),
        32_766,
        "the statement cannot be compiled: the statement has 32767 parameters; SQLite takes at most 32766
  help: split it, or put the values into a table and join it",
    );
    check_limit(
        &postgres(),
        65_535,
        "the statement cannot be compiled: the statement has 65536 parameters; PostgreSQL takes at most 65535
  help: split it, or put the values into a table and join it",
    );
    check_limit(
        &mariadb(),
        65_535,
        "the statement cannot be compiled: the statement has 65536 parameters; MariaDB takes at most 65535
  help: split it, or put the values into a table and join it",
    );
}

#[test]
fn a_list_takes_all_the_parameters_there_are() {
    let list = |length: i64| select(Document::ID).filter(Document::ID.in_(0..length));
    assert!(list(65_535).to_sql(&mariadb()).is_ok());
    assert!(list(65_536).to_sql(&mariadb()).is_err());
    assert!(list(100_000).to_sql(&postgres()).is_ok() && list(100_000).to_sql(&sqlite()).is_ok());
}

/// Returns how deep the parentheses of a text are.
fn depth(sql: &str) -> usize {
    let mut depth = 0;
    let mut deepest = 0;
    for char in sql.chars() {
        match char {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

#[test]
fn a_long_chain_is_a_balanced_tree() {
    // SQLite reads `a OR b OR c …` as a tree as deep as it is long, and allows a depth of 1,000.
    let is = |views: i32| Document::VIEWS.eq(views);
    let chains: [Expr<bool>; 4] = [
        (1..10_000).fold(is(0), |all, views| all.or(is(views))),
        (1..10_000).fold(is(0), |all, views| all.and(is(views))),
        (1..10_000).fold(is(0), |all, views| is(views).or(all)),
        and_((0..10_000).map(is)),
    ];
    for chain in chains {
        let statement = select(Document::ID).filter(chain);
        for sql in <[String; 3]>::from(each(|dialect| statement.to_sql(dialect).unwrap().0)) {
            assert_eq!(depth(&sql), 7);
        }
    }
}

#[test]
fn an_expression_is_nested_as_deep_as_every_database_takes_it() {
    let sum = |terms: usize| {
        let sum = (1..terms).fold(Document::VIEWS + 1, |sum, _| sum + 1);
        select(Document::ID).filter(sum.gt(0))
    };
    // The comparison and the column are two levels.
    check_depth(sum(248), None);
    let message = "the statement cannot be compiled: an expression is nested more than 250 deep
  help: join many conditions with one `and_` or `or_`, and compute long sums of values in the program";
    check_depth(sum(249), Some(message));
    check_depth(sum(10_000), Some(message));
}

#[track_caller]
fn check_depth(statement: impl ToSql, expected: Option<&str>) {
    for found in <[_; 3]>::from(each(|dialect| statement.to_sql(dialect).err().map(|it| told(&it)))) {
        assert_eq!(found.as_deref(), expected);
    }
}

#[test]
fn short_chains_stay_flat() {
    let statement =
        |length: i32| select(Document::ID).filter(or_((0..length).map(|it| Document::VIEWS.eq(it))));
    assert_eq!(depth(&statement(100).to_sql(&sqlite()).unwrap().0), 0);
    assert_eq!(depth(&statement(101).to_sql(&sqlite()).unwrap().0), 1);
}

#[test]
fn many_filters_are_a_balanced_tree_too() {
    let statement = (0..10_000)
        .fold(select(Document::ID), |statement, views| statement.filter(Document::VIEWS.ne(views)));
    assert_eq!(depth(&statement.to_sql(&sqlite()).unwrap().0), 7);
}
