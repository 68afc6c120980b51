//! SQL written by hand.

use aludel::Value;
use aludel::prelude::*;

use crate::check::{Sql, check, check_condition, check_expression, check_values};
use crate::models::Document;

#[test]
fn a_name_becomes_a_bound_value() {
    check(
        text!("SELECT title FROM books WHERE year > :year AND lang = :lang", lang = "fr", year = 2010),
        "SELECT title FROM books WHERE year > ? AND lang = ?",
    );
}

#[test]
fn the_values_are_in_the_order_of_the_text() {
    let statement = || text!("SELECT :b, :a, :b", a = 1_i64, b = "two");
    check(statement(), "SELECT ?, ?, ?");
    let values = || vec![Value::Text("two".to_owned()), Value::Int(1), Value::Text("two".to_owned())];
    check_values(statement(), Sql { sqlite: values(), postgres: values(), mariadb: values() });
}

#[test]
fn quotes_hide_names() {
    check(
        text!(r#"SELECT ':a', 'it''s :a', ":a", `:a`, ':a' || :a"#, a = 1_i64),
        r#"SELECT ':a', 'it''s :a', ":a", `:a`, ':a' || ?"#,
    );
}

#[test]
fn comments_hide_names() {
    check(
        text!("SELECT 1 -- :a isn't\n, :a /* :a isn't */ - -:a", a = 1_i64),
        "SELECT 1 -- :a isn't\n, ? /* :a isn't */ - -?",
    );
}

#[test]
fn casts_and_slices_are_not_names() {
    check(
        text!("SELECT x::text, y[1:2], :a::int, t.b::c", a = 1_i64),
        "SELECT x::text, y[1:2], ?::int, t.b::c",
    );
}

#[test]
fn names_have_letters_digits_and_underscores() {
    check(text!("SELECT :_a1+:b2, 'é':c", _a1 = 1_i64, b2 = 2_i64, c = 3_i64), "SELECT ?+?, 'é'?");
}

#[test]
fn text_at_run_time_is_taken_as_it_is() {
    check(text_unchecked(format!("SELECT {}", 1 + 1)), "SELECT 2");
    let statement = text_unchecked("SELECT ':a', :a");
    assert_eq!(statement.to_sql(&crate::check::sqlite()).unwrap(), ("SELECT ':a', :a".to_owned(), vec![]));
}

#[test]
fn text_is_an_expression_and_parenthesized_where_it_might_fall_apart() {
    check_condition(text!("a OR b").expr::<bool>(), "a OR b");
    check_condition(Document::PUBLISHED & text!("a OR b").expr::<bool>(), "published AND (a OR b)");
    check_condition(text!("a = :a", a = 1_i64).expr::<bool>().eq(true), "(a = ?) = ?");
    check_condition(!text!("a").expr::<bool>(), "NOT (a)");
    check_expression(func::coalesce(text!("a, b").expr::<Option<i64>>(), 1_i64), "coalesce(a, b, ?)");
    check_expression(text!("a").expr::<i64>() + 1_i64, "(a) + ?");
}
