//! The known functions, each in the form that means the same, and any other by name.

use aludel::Operand;
use aludel::prelude::*;

use crate::check::{Sql, check, check_condition, check_expression};
use crate::models::{Anything, Document, User};

#[test]
fn counts() {
    check_expression(func::count(Document::RATING), "count(rating)");
    check_expression(func::count_distinct(Document::OWNER_ID), "count(DISTINCT owner_id)");
    check_expression(func::count_star(), "count(*)");
}

#[test]
fn a_sum_of_integers_is_an_integer() {
    check_expression(
        func::sum(Document::VIEWS),
        Sql { sqlite: "sum(views)", postgres: "CAST(sum(views) AS bigint)", mariadb: "sum(views)" },
    );
}

#[test]
fn a_sum_of_floating_point_numbers_is_one() {
    check_expression(
        func::sum(Document::RATING),
        Sql {
            sqlite: "sum(rating)",
            postgres: "CAST(sum(rating) AS double precision)",
            mariadb: "sum(rating)",
        },
    );
}

#[test]
fn an_average_has_all_its_digits() {
    check_expression(
        func::avg(Document::VIEWS),
        Sql {
            sqlite: "avg(views)",
            postgres: "CAST(avg(views) AS double precision)",
            mariadb: "avg(CAST(views AS DOUBLE))",
        },
    );
}

#[test]
fn least_and_greatest() {
    check_expression(func::min(Document::VIEWS), "min(views)");
    check_expression(func::max(Document::TITLE), "max(title)");
    check_expression(func::max(Document::CREATED_AT), "max(created_at)");
}

#[test]
fn least_and_greatest_of_what_postgres_does_not_compare_in_aggregates() {
    check(
        select((func::min(User::ACTIVE), func::max(User::ACTIVE))),
        Sql {
            sqlite: "SELECT min(users.active), max(users.active) FROM users",
            postgres: "SELECT bool_and(users.active), bool_or(users.active) FROM users",
            mariadb: "SELECT min(users.active), max(users.active) FROM users",
        },
    );
    check(
        select((func::min(Anything::A_UUID), func::max(Anything::ID))),
        Sql {
            sqlite: "SELECT min(anything.a_uuid), max(anything.id) FROM anything",
            postgres: "SELECT CAST(min(CAST(anything.a_uuid AS text)) AS uuid), CAST(max(CAST(anything.id AS text)) AS uuid) FROM anything",
            mariadb: "SELECT min(anything.a_uuid), max(anything.id) FROM anything",
        },
    );
    check(
        select(func::min(Anything::A_BLOB)),
        Sql {
            sqlite: "SELECT min(anything.a_blob) FROM anything",
            postgres: "unsupported: PostgreSQL has no least or greatest of bytes",
            mariadb: "SELECT min(anything.a_blob) FROM anything",
        },
    );
}

#[test]
fn a_length_is_in_characters() {
    check_expression(
        func::length(Document::TITLE),
        Sql { sqlite: "length(title)", postgres: "char_length(title)", mariadb: "char_length(title)" },
    );
}

#[test]
fn case_of_letters() {
    check_expression(func::lower(Document::TITLE), "lower(title)");
    check_expression(
        func::upper(Document::TITLE.concat("x")),
        Sql {
            sqlite: "upper(title || ?1)",
            postgres: "upper(title || $1)",
            mariadb: "upper(concat(title, ?))",
        },
    );
}

#[test]
fn coalesce_takes_a_value_or_an_expression() {
    check_expression(func::coalesce(Document::RATING, 0.0), "coalesce(rating, ?)");
    check_condition(func::coalesce(Document::RATING, Document::SCORE).gt(1.0), "coalesce(rating, score) > ?");
}

#[test]
fn functions_nest_and_need_no_parentheses() {
    check_condition(
        func::length(func::lower(Document::TITLE)).gt(5_i64),
        Sql {
            sqlite: "length(lower(title)) > ?1",
            postgres: "char_length(lower(title)) > $1",
            mariadb: "char_length(lower(title)) > ?",
        },
    );
}

#[test]
fn the_time_of_the_statement() {
    check_condition(
        Document::CREATED_AT.lt(func::now()),
        Sql {
            sqlite: "created_at < (strftime('%Y-%m-%d %H:%M:%f','now') || '000')",
            postgres: "created_at < statement_timestamp()",
            mariadb: "created_at < utc_timestamp(6)",
        },
    );
}

#[test]
fn any_other_function_by_its_name() {
    check_expression(
        func::call::<i64>("octet_length", [Document::TITLE.into_node()]) + 1_i64,
        "octet_length(title) + ?",
    );
    check_expression(func::call::<f64>("random", []), "random()");
}

#[test]
fn the_name_of_a_function_is_not_quoted_where_only_its_word_is_reserved() {
    // MariaDB looks for a stored function when the name of one of its own is quoted.
    check_expression(
        func::call::<String>(
            "replace",
            [Document::TITLE, Document::BODY, Document::TITLE].map(Expression::into_node),
        ),
        "replace(title, body, title)",
    );
    check_expression(
        func::call::<i64>("My func", []),
        Sql { sqlite: "\"My func\"()", postgres: "\"My func\"()", mariadb: "`My func`()" },
    );
    check_expression(
        func::call::<i64>("f(); DROP TABLE t", []),
        Sql {
            sqlite: "\"f(); DROP TABLE t\"()",
            postgres: "\"f(); DROP TABLE t\"()",
            mariadb: "`f(); DROP TABLE t`()",
        },
    );
}

#[test]
fn a_cast_that_databases_disagree_about_is_refused() {
    let refused = |cast: &str| {
        let each = |name: &str| {
            format!("unsupported: {name} has no cast from {cast} that means the same on every database")
        };
        Sql { sqlite: each("SQLite"), postgres: each("PostgreSQL"), mariadb: each("MariaDB") }
    };
    check_expression(Document::SCORE.cast::<String>(), refused("double to text"));
    check_expression(Document::TITLE.cast::<i64>(), refused("text to bigint"));
    check_expression(Document::OWNER_ID.cast::<i32>(), refused("bigint to integer"));
}

/// How often a text has another one in it.
fn occurrences(text: impl Expression, part: impl Operand<String>) -> Expr<i64> {
    func::custom(
        "occurrences",
        [text.into_node(), part.into_operand()],
        &[
            ("postgres", "((char_length({0}) - char_length(replace({0}, {1}, ''))) / char_length({1}))"),
            ("mysql", "((char_length({0}) - char_length(replace({0}, {1}, ''))) DIV char_length({1}))"),
            ("*", "((length({0}) - length(replace({0}, {1}, ''))) / length({1}))"),
        ],
    )
}

#[test]
fn an_expression_of_the_programs_own_has_a_form_for_each_dialect() {
    check_expression(
        occurrences(Document::TITLE, Document::BODY.concat("!")),
        Sql {
            sqlite: "((length(title) - length(replace(title, body || ?1, ''))) / length(body || ?1))",
            postgres: "((char_length(title) - char_length(replace(title, body || $1, ''))) / char_length(body || $1))",
            mariadb: "((char_length(title) - char_length(replace(title, concat(body, ?), ''))) DIV char_length(concat(body, ?)))",
        },
    );
    check_condition(
        occurrences(Document::TITLE, "a").gt(2) & Document::VIEWS.lt(5),
        Sql {
            sqlite: "((length(title) - length(replace(title, ?1, ''))) / length(?1)) > ?2 AND views < ?3",
            postgres: "((char_length(title) - char_length(replace(title, $1, ''))) / char_length($1)) > $2 AND views < $3",
            mariadb: "((char_length(title) - char_length(replace(title, ?, ''))) DIV char_length(?)) > ? AND views < ?",
        },
    );
}

#[test]
fn a_dialect_without_a_form_is_an_error_that_names_it() {
    let nearest =
        func::custom::<f64>("nearest", [Document::RATING.into_node()], &[("postgres", "({0} <-> 1.0)")]);
    check_expression(
        nearest,
        Sql {
            sqlite: "unsupported: SQLite has no form of `nearest`
  help: add a form for `sqlite`, or one for all others, `*`",
            postgres: "(rating <-> 1.0)",
            mariadb: "unsupported: MariaDB has no form of `nearest`
  help: add a form for `mariadb`, or one for all others, `*`",
        },
    );
}

#[test]
fn a_form_with_a_place_for_an_argument_that_is_not_given_is_refused() {
    let wrong = |form: &'static [(&'static str, &'static str)]| {
        select(func::custom::<i64>("twice", [Document::VIEWS.into_node()], form))
    };
    for form in [&[("*", "({0} + {1})")][..], &[("*", "({0} + {p})")]] {
        let error = wrong(form).to_sql(&crate::check::sqlite()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Compile);
        assert!(
            error.to_string().contains("of `twice` has a place for an argument that is not given"),
            "{error}"
        );
    }
}
