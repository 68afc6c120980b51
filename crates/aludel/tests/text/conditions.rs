//! Comparisons, AND, OR and NOT: as few parentheses as the meaning allows.

use aludel::Value;
use aludel::prelude::*;

use crate::check::{Sql, check_condition, check_values, each};
use crate::models::Document;

#[test]
fn a_comparison_with_a_value() {
    check_condition(Document::VIEWS.eq(5), "views = ?");
    check_condition(Document::VIEWS.ne(5), "views <> ?");
    check_condition(Document::VIEWS.lt(5), "views < ?");
    check_condition(Document::VIEWS.le(5), "views <= ?");
    check_condition(Document::VIEWS.gt(5), "views > ?");
    check_condition(Document::VIEWS.ge(5), "views >= ?");
}

#[test]
fn a_comparison_with_a_column() {
    check_condition(Document::VIEWS.gt(Document::LIKES), "views > likes");
    // Nullable or not does not matter.
    check_condition(Document::SCORE.lt(Document::RATING), "score < rating");
    check_condition(Document::RATING.lt(Document::SCORE), "rating < score");
}

#[test]
fn text_is_compared_with_any_kind_of_text() {
    let title = String::from("Plan");
    check_condition(Document::TITLE.eq("Plan"), "title = ?");
    check_condition(Document::TITLE.eq(&title), "title = ?");
    check_condition(Document::TITLE.eq(title), "title = ?");
}

#[test]
fn none_is_null() {
    check_condition(Document::RATING.eq(None), "rating IS NULL");
    check_condition(Document::RATING.ne(None), "rating IS NOT NULL");
    check_condition(Document::RATING.eq(Some(1.5)), "rating = ?");
    check_condition(Document::RATING.is_distinct_from(None), "rating IS NOT NULL");
    check_condition(Document::RATING.is_not_distinct_from(None), "rating IS NULL");
}

#[test]
fn null_is_asked_for() {
    check_condition(Document::RATING.is_null(), "rating IS NULL");
    check_condition(Document::RATING.is_not_null(), "rating IS NOT NULL");
    check_condition((Document::RATING + 1.0).is_null(), "(rating + ?) IS NULL");
}

#[test]
fn a_comparison_where_null_is_a_value() {
    check_condition(
        Document::RATING.is_distinct_from(Document::SCORE),
        Sql {
            sqlite: "rating IS DISTINCT FROM score",
            postgres: "rating IS DISTINCT FROM score",
            mariadb: "NOT (rating <=> score)",
        },
    );
    check_condition(
        Document::RATING.is_not_distinct_from(1.5),
        Sql {
            sqlite: "rating IS NOT DISTINCT FROM ?1",
            postgres: "rating IS NOT DISTINCT FROM $1",
            mariadb: "rating <=> ?",
        },
    );
    check_condition(
        !Document::RATING.is_distinct_from(1.5),
        Sql {
            sqlite: "rating IS NOT DISTINCT FROM ?1",
            postgres: "rating IS NOT DISTINCT FROM $1",
            mariadb: "rating <=> ?",
        },
    );
}

#[test]
fn between_includes_both_ends() {
    check_condition(Document::VIEWS.between(1, 9), "views >= ? AND views <= ?");
    check_condition(
        Document::VIEWS.between(Document::LIKES, 9).or(Document::PUBLISHED),
        "views >= likes AND views <= ? OR published",
    );
    check_values(
        select(Document::ID).filter(Document::VIEWS.between(1, 9)),
        each(|_| vec![Value::Int(1), Value::Int(9)]),
    );
}

#[test]
fn a_boolean_column_is_a_condition() {
    check_condition(Document::PUBLISHED.eq(true), "published = ?");
    check_condition(!Document::PUBLISHED, "NOT published");
    check_condition(Document::PUBLISHED & Document::VIEWS.gt(1), "published AND views > ?");
    check_condition(Document::PUBLISHED | Document::VIEWS.gt(1), "published OR views > ?");
    check_condition(Document::PUBLISHED.and(true), "published AND ?");
}

#[test]
fn methods_operators_and_functions_are_the_same() {
    let views = || Document::VIEWS.gt(1);
    let likes = || Document::LIKES.gt(1);
    let both = "views > ? AND likes > ?";
    check_condition(views().and(likes()), both);
    check_condition(views() & likes(), both);
    check_condition(and_([views(), likes()]), both);
    let either = "views > ? OR likes > ?";
    check_condition(views().or(likes()), either);
    check_condition(views() | likes(), either);
    check_condition(or_([views(), likes()]), either);
    let not = "views <= ?";
    check_condition(!views(), not);
    check_condition(not_(views()), not);
}

#[test]
fn or_within_and_is_parenthesized() {
    let [a, b, c] = [Document::VIEWS.eq(1), Document::VIEWS.eq(2), Document::PUBLISHED.eq(true)];
    check_condition((a.clone() | b.clone()) & c.clone(), "(views = ? OR views = ?) AND published = ?");
    check_condition(c.clone() & (a.clone() | b.clone()), "published = ? AND (views = ? OR views = ?)");
    // Rust binds `&` tighter than `|`, and so does SQL.
    check_condition(a | b & c, "views = ? OR views = ? AND published = ?");
}

#[test]
fn chains_of_one_operator_need_no_parentheses() {
    let is = |views: i32| Document::VIEWS.eq(views);
    check_condition(is(1) & (is(2) & is(3)) & is(4), "views = ? AND views = ? AND views = ? AND views = ?");
    check_condition(is(1) | (is(2) | is(3)) | is(4), "views = ? OR views = ? OR views = ? OR views = ?");
}

#[test]
fn not_reaches_as_far_as_its_parentheses() {
    let published = || Document::PUBLISHED.eq(true);
    check_condition(!(published() & Document::VIEWS.eq(1)), "NOT (published = ? AND views = ?)");
    check_condition(!published() & Document::VIEWS.eq(1), "published <> ? AND views = ?");
    check_condition(
        !Document::TITLE.like("a%"),
        Sql {
            sqlite: "NOT (title GLOB ?1)",
            postgres: "NOT (title LIKE $1 ESCAPE '!')",
            mariadb: "NOT (title COLLATE utf8mb4_nopad_bin LIKE ? ESCAPE '!')",
        },
    );
}

#[test]
fn not_turns_comparisons_round() {
    check_condition(!Document::VIEWS.eq(1), "views <> ?");
    check_condition(!Document::VIEWS.ne(1), "views = ?");
    check_condition(!Document::VIEWS.lt(1), "views >= ?");
    check_condition(!Document::VIEWS.le(1), "views > ?");
    check_condition(!Document::VIEWS.gt(1), "views <= ?");
    check_condition(!Document::VIEWS.ge(1), "views < ?");
    check_condition(!Document::RATING.is_null(), "rating IS NOT NULL");
    check_condition(!Document::RATING.is_not_null(), "rating IS NULL");
    check_condition(!(!Document::PUBLISHED), "published");
    check_condition(!(!Document::VIEWS.between(1, 9)), "views >= ? AND views <= ?");
    // Who is NULL is in neither.
    check_condition(!Document::RATING.gt(1.0), "rating <= ?");
}

#[test]
fn a_comparison_of_conditions_is_parenthesized() {
    check_condition(Document::VIEWS.eq(1).eq(Document::LIKES.eq(2)), "(views = ?) = (likes = ?)");
    check_condition((!Document::PUBLISHED).is_null(), "(NOT published) IS NULL");
    check_condition((Document::PUBLISHED & Document::PUBLISHED).eq(false), "(published AND published) = ?");
}

#[test]
fn all_of_none_is_true_and_any_of_none_is_false() {
    check_condition(and_([]), "1 = 1");
    check_condition(or_([]), "1 = 0");
    check_condition(and_([]).or(Document::PUBLISHED), "1 = 1 OR published");
    check_condition(!and_([]), "NOT (1 = 1)");
    check_condition(and_([or_([Document::VIEWS.eq(1)])]).eq(true), "(views = ?) = ?");
}

#[test]
fn one_condition_in_a_list_is_that_condition() {
    check_condition(and_([Document::VIEWS.eq(1)]), "views = ?");
    check_condition(and_([or_([Document::VIEWS.eq(1), Document::VIEWS.eq(2)])]), "views = ? OR views = ?");
    check_condition(
        and_([or_([Document::VIEWS.eq(1), Document::VIEWS.eq(2)])]).and(Document::PUBLISHED),
        "(views = ? OR views = ?) AND published",
    );
}
