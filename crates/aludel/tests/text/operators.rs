//! Arithmetic, bits, concatenation, CASE, and operators that only one database has.

use aludel::prelude::*;

use crate::check::{Sql, check, check_condition, check_expression, check_refused};
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

#[test]
fn a_quotient_is_rounded_down() {
    let form = |divided: &str, n: &str| {
        format!(
            "(views {divided} nullif({n}, 0) - CASE WHEN views % nullif({n}, 0) <> 0 AND (views < 0) <> ({n} < 0) THEN 1 ELSE 0 END)"
        )
    };
    check_expression(
        func::floor_div(Document::VIEWS, 10),
        Sql { sqlite: form("/", "?1"), postgres: form("/", "$1"), mariadb: form("DIV", "?") },
    );
}

#[test]
fn a_power_is_null_where_there_is_no_real_number() {
    let guarded = |whole: &str, power: &str| {
        format!(
            "CASE WHEN score > 0 OR (score = 0 AND rating >= 0) OR (score < 0 AND rating = {whole}) THEN {power}(score, rating) END"
        )
    };
    check_expression(
        func::pow(Document::SCORE, Document::RATING),
        Sql {
            sqlite: "aludel_pow(score, rating)".to_owned(),
            postgres: guarded("trunc(rating)", "power"),
            mariadb: guarded("truncate(rating, 0)", "pow"),
        },
    );
}

#[test]
fn bits_are_moved_by_0_to_63_places() {
    check_expression(
        func::shift_left(Document::VIEWS, Document::LIKES),
        Sql {
            sqlite: "CASE WHEN likes BETWEEN 0 AND 63 THEN views << likes END",
            postgres: "CASE WHEN likes BETWEEN 0 AND 63 THEN CAST(views AS bigint) << likes END",
            mariadb: "CASE WHEN likes BETWEEN 0 AND 63 THEN CAST(views << likes AS SIGNED) END",
        },
    );
    check_expression(
        func::shift_right(Document::VIEWS, Document::LIKES),
        Sql {
            sqlite: "CASE WHEN likes BETWEEN 0 AND 63 THEN views >> likes END",
            postgres: "CASE WHEN likes BETWEEN 0 AND 63 THEN CAST(views AS bigint) >> likes END",
            mariadb: "CASE WHEN likes BETWEEN 0 AND 63 THEN CAST((views >> likes) \
                      | CASE WHEN views < 0 AND likes > 0 THEN ~(18446744073709551615 >> likes) ELSE 0 END AS SIGNED) END",
        },
    );
}

#[test]
fn both_ends_of_a_range_may_be_the_lower_one() {
    check_condition(
        Document::VIEWS.between_symmetric(Document::LIKES, 5) & Document::PUBLISHED,
        "(views >= likes AND views <= ? OR views >= ? AND views <= likes) AND published",
    );
}

#[test]
fn an_operator_of_one_database_is_written_as_it_is() {
    check_condition(Document::TITLE.op::<f64>("<->", literal("x")).lt(0.5), "(title <-> ?) < ?");
    check_expression(
        (Document::VIEWS + 1).op::<i64>("#", Document::LIKES * 2) + 1,
        "((views + ?) # (likes * ?)) + ?",
    );
    check_condition(Document::TITLE.op::<bool>("SOUNDS LIKE", Document::BODY), "(title SOUNDS LIKE body)");
    for operator in ["", "= 1 OR", "--", "*/*", "'", "a;b", ")"] {
        check_refused(
            select(Document::TITLE.op::<bool>(operator, Document::BODY)),
            &format!(
                "the statement cannot be compiled: `{operator}` is no operator\n  \
                 help: an operator is made of signs (`<->`) or of words (`SOUNDS LIKE`); for anything else there is `func::custom`"
            ),
        );
    }
}

#[test]
fn another_type_is_no_other_sql() {
    check_condition(Document::VIEWS.type_coerce::<i64>().gt(3_000_000_000_i64), "views > ?");
    check_expression(Document::BODY.type_coerce::<Option<String>>(), "body");
}
