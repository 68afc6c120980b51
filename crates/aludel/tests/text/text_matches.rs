//! LIKE and its relatives: case matters unless it is said, and nothing is escaped by accident.

use aludel::Value;
use aludel::prelude::*;

use crate::check::{Sql, check_condition, check_values};
use crate::models::Document;

#[test]
fn like_minds_case_on_every_dialect() {
    check_condition(
        Document::TITLE.like("Plan%"),
        Sql {
            sqlite: "title GLOB ?1",
            postgres: "title LIKE $1 ESCAPE '!'",
            mariadb: "title COLLATE utf8mb4_nopad_bin LIKE ? ESCAPE '!'",
        },
    );
}

#[test]
fn a_pattern_is_sent_in_the_form_of_the_dialect_with_nothing_escaped() {
    let sent = |pattern: &str| vec![Value::Text(pattern.to_owned())];
    check_values(
        select(Document::ID).filter(Document::TITLE.like("100% of a_b! [c]*?\\")),
        Sql {
            sqlite: sent("100* of a?b! [[]c][*][?]\\"),
            postgres: sent("100% of a_b!! [c]*?\\"),
            mariadb: sent("100% of a_b!! [c]*?\\"),
        },
    );
    check_values(
        select(Document::ID).filter(Document::TITLE.ilike("Ä_%!")),
        Sql { sqlite: sent("ä?*!"), postgres: sent("Ä_%!!"), mariadb: sent("Ä_%!!") },
    );
}

#[test]
fn ilike_does_not_mind_case() {
    check_condition(
        Document::TITLE.ilike("plan%"),
        Sql {
            sqlite: "aludel_fold(title) GLOB ?1",
            postgres: "title ILIKE $1 ESCAPE '!'",
            mariadb: "lower(title) COLLATE utf8mb4_nopad_bin LIKE lower(?) ESCAPE '!'",
        },
    );
}

#[test]
fn text_within_text_whatever_its_case() {
    check_condition(
        Document::TITLE.icontains("plan"),
        Sql {
            sqlite: "instr(aludel_fold(title), aludel_fold(?1)) > 0",
            postgres: "strpos(lower(title), lower($1)) > 0",
            mariadb: "instr(lower(title) COLLATE utf8mb4_nopad_bin, lower(?)) > 0",
        },
    );
    check_condition(
        Document::TITLE.istarts_with(Document::BODY),
        Sql {
            sqlite: "substr(aludel_fold(title), 1, length(aludel_fold(body))) = aludel_fold(body)",
            postgres: "starts_with(lower(title), lower(body))",
            mariadb: "left(lower(title), char_length(lower(body))) COLLATE utf8mb4_nopad_bin = lower(body)",
        },
    );
    check_condition(
        Document::TITLE.iends_with("Plan"),
        Sql {
            sqlite: "substr(aludel_fold(title), length(aludel_fold(title)) - length(aludel_fold(?1)) + 1) = aludel_fold(?1)",
            postgres: "right(lower(title), char_length(lower($1))) = lower($1)",
            mariadb: "right(lower(title), char_length(lower(?))) COLLATE utf8mb4_nopad_bin = lower(?)",
        },
    );
}

#[test]
fn a_pattern_that_is_computed() {
    check_condition(
        Document::BODY.like(Document::TITLE),
        Sql {
            sqlite: "unsupported: SQLite has no LIKE with a pattern that is not a value
  help: bind the pattern as a value, or use `contains`, `starts_with` or `ends_with`",
            postgres: "body LIKE title ESCAPE ''",
            mariadb: "body COLLATE utf8mb4_nopad_bin LIKE replace(title, '!', '!!') ESCAPE '!'",
        },
    );
    check_condition(
        Document::BODY.ilike(Document::TITLE.concat("%")),
        Sql {
            sqlite: "unsupported: SQLite has no LIKE with a pattern that is not a value
  help: bind the pattern as a value, or use `contains`, `starts_with` or `ends_with`",
            postgres: "body ILIKE (title || $1) ESCAPE ''",
            mariadb: "lower(body) COLLATE utf8mb4_nopad_bin LIKE lower(replace(concat(title, ?), '!', '!!')) ESCAPE '!'",
        },
    );
}

#[test]
fn a_regular_expression_is_written_for_each_dialect() {
    check_condition(
        Document::TITLE.regexp_match("^Plan [a-z]+$"),
        Sql {
            sqlite: "aludel_regexp(?1, title)",
            postgres: "title ~ $1",
            mariadb: "title COLLATE utf8mb4_nopad_bin REGEXP ?",
        },
    );
    let sent = |pattern: &str| vec![Value::Text(pattern.to_owned())];
    check_values(
        select(Document::ID).filter(Document::TITLE.regexp_match("(?i)^(a|\\d)*?.$")),
        Sql {
            sqlite: sent("(?s)^(?:[Aa]|[0-9])*.$"),
            postgres: sent("(?s)^(?:[Aa]|[0-9])*.$"),
            mariadb: sent("(?s)^(?:[Aa]|[0-9])*.\\z"),
        },
    );
}

#[test]
fn contains() {
    check_condition(
        Document::TITLE.contains("100%"),
        Sql {
            sqlite: "instr(title, ?1) > 0",
            postgres: "strpos(title, $1) > 0",
            mariadb: "instr(title COLLATE utf8mb4_nopad_bin, ?) > 0",
        },
    );
    check_condition(
        Document::BODY.concat("!").contains(Document::TITLE),
        Sql {
            sqlite: "instr(body || ?1, title) > 0",
            postgres: "strpos(body || $1, title) > 0",
            mariadb: "instr((concat(body, ?)) COLLATE utf8mb4_nopad_bin, title) > 0",
        },
    );
}

#[test]
fn starts_with() {
    check_condition(
        Document::TITLE.starts_with("Plan"),
        Sql {
            sqlite: "substr(title, 1, length(?1)) = ?1",
            postgres: "starts_with(title, $1)",
            mariadb: "left(title, char_length(?)) COLLATE utf8mb4_nopad_bin = ?",
        },
    );
    check_condition(
        !Document::BODY.starts_with(Document::TITLE.concat(":")),
        Sql {
            sqlite: "NOT (substr(body, 1, length(title || ?1)) = (title || ?1))",
            postgres: "NOT (starts_with(body, title || $1))",
            mariadb: "NOT (left(body, char_length(concat(title, ?))) COLLATE utf8mb4_nopad_bin = (concat(title, ?)))",
        },
    );
}

#[test]
fn ends_with() {
    check_condition(
        Document::TITLE.ends_with("!"),
        Sql {
            sqlite: "substr(title, length(title) - length(?1) + 1) = ?1",
            postgres: "right(title, char_length($1)) = $1",
            mariadb: "right(title, char_length(?)) COLLATE utf8mb4_nopad_bin = ?",
        },
    );
}

#[test]
fn a_text_that_is_used_twice_is_sent_once_where_placeholders_have_numbers() {
    let sent = |times| vec![Value::Text("Plan".to_owned()); times];
    check_values(
        select(Document::ID).filter(Document::TITLE.ends_with("Plan")),
        Sql { sqlite: sent(1), postgres: sent(1), mariadb: sent(2) },
    );
}
