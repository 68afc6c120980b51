//! Arithmetic, concatenation and CASE.

use aludel::prelude::*;

use crate::check::{Sql, check, check_expression};
use crate::models::Document;

#[test]
fn integers() {
    check_expression(Document::VIEWS + 1, "views + ?");
    check_expression(Document::VIEWS - Document::LIKES, "views - likes");
    check_expression(Document::VIEWS * 2, "views * ?");
    check_expression(-Document::VIEWS, "- views");
    check_expression(-(Document::VIEWS + 1), "- (views + ?)");
}

#[test]
fn division_of_integers_truncates_and_by_zero_is_null() {
    check_expression(
        Document::VIEWS / 10,
        Sql {
            sqlite: "views / nullif(?1, 0)",
            postgres: "views / nullif($1, 0)",
            mariadb: "views DIV nullif(?, 0)",
        },
    );
    check_expression(
        Document::VIEWS / (Document::LIKES - 1),
        Sql {
            sqlite: "views / nullif(likes - ?1, 0)",
            postgres: "views / nullif(likes - $1, 0)",
            mariadb: "views DIV nullif(likes - ?, 0)",
        },
    );
    check_expression(Document::VIEWS % 10, "views % nullif(?, 0)");
}

#[test]
fn floating_point_numbers() {
    check_expression(Document::SCORE + 1.5, "score + ?");
    check_expression(Document::SCORE - Document::RATING, "score - rating");
    check_expression(Document::RATING * 0.5, "rating * ?");
    // SQLite may hold an integer where a floating point number was meant.
    check_expression(
        Document::SCORE / Document::RATING,
        Sql {
            sqlite: "CAST(score AS REAL) / nullif(rating, 0)",
            postgres: "score / nullif(rating, 0)",
            mariadb: "score / nullif(rating, 0)",
        },
    );
}

#[test]
fn operations_are_parenthesized_whatever_their_precedence() {
    check_expression((Document::VIEWS + 1) * 2, "(views + ?) * ?");
    check_expression(Document::VIEWS + (Document::LIKES * 2), "views + (likes * ?)");
    check_expression(Document::VIEWS + Document::LIKES * 2 - 3, "(views + (likes * ?)) - ?");
    check_expression(
        Document::VIEWS / 2 / 3,
        Sql {
            sqlite: "(views / nullif(?1, 0)) / nullif(?2, 0)",
            postgres: "(views / nullif($1, 0)) / nullif($2, 0)",
            mariadb: "(views DIV nullif(?, 0)) DIV nullif(?, 0)",
        },
    );
    check_expression((Document::VIEWS + 1).gt(Document::LIKES * 2), "(views + ?) > (likes * ?)");
}

#[test]
fn a_negative_value_is_bound_like_any_other() {
    check_expression(Document::VIEWS - -1, "views - ?");
}

#[test]
fn text_is_concatenated() {
    check_expression(
        Document::TITLE.concat(": ").concat(Document::BODY),
        Sql {
            sqlite: "(title || ?1) || body",
            postgres: "(title || $1) || body",
            mariadb: "concat(concat(title, ?), body)",
        },
    );
}

#[test]
fn case_with_branches_of_values_columns_and_expressions() {
    check_expression(
        case().when(Document::VIEWS.gt(100), "hot").when(Document::PUBLISHED, Document::TITLE).else_("draft"),
        "CASE WHEN views > ? THEN ? WHEN published THEN title ELSE ? END",
    );
    check_expression(
        case().when(Document::PUBLISHED, Document::VIEWS + 1).end(),
        "CASE WHEN published THEN views + ? END",
    );
    check_expression(
        case().when(Document::PUBLISHED, 1).else_(0) + 1,
        "CASE WHEN published THEN ? ELSE ? END + ?",
    );
}

#[test]
fn case_orders_rows() {
    check(
        select(Document::ID).order_by(case().when(Document::PUBLISHED, 1).else_(0).desc()),
        "SELECT documents.id FROM documents ORDER BY CASE WHEN documents.published THEN ? ELSE ? END DESC",
    );
}
