//! GROUP BY and HAVING.

use aludel::Value;
use aludel::prelude::*;

use crate::check::{Sql, check, check_refused, check_values};
use crate::models::{Document, User};

#[test]
fn rows_are_grouped_by_a_column() {
    check(
        select((User::EMAIL, func::count(Document::ID).label("documents")))
            .join(User::DOCUMENTS)
            .filter(User::NAME.eq("Sam"))
            .group_by(User::EMAIL)
            .having(func::count(Document::ID).gt(2_i64))
            .order_by(desc("documents")),
        "SELECT users.email, count(documents.id) AS documents FROM users JOIN documents ON users.id = documents.owner_id WHERE users.name = ? GROUP BY users.email HAVING count(documents.id) > ? ORDER BY documents DESC",
    );
}

#[test]
fn rows_are_grouped_by_several() {
    let all = "SELECT documents.owner_id, documents.published, count(*) FROM documents GROUP BY documents.owner_id, documents.published";
    let counted = || select((Document::OWNER_ID, Document::PUBLISHED, func::count_star()));
    check(counted().group_by((Document::OWNER_ID, Document::PUBLISHED)), all);
    check(counted().group_by(Document::OWNER_ID).group_by(Document::PUBLISHED), all);
}

#[test]
fn several_conditions_on_groups_must_all_hold() {
    check(
        select(Document::OWNER_ID)
            .group_by(Document::OWNER_ID)
            .having(func::count_star().gt(1_i64).or(func::max(Document::VIEWS).gt(9)))
            .having(func::min(Document::VIEWS).ge(1)),
        "SELECT documents.owner_id FROM documents GROUP BY documents.owner_id HAVING (count(*) > ? OR max(documents.views) > ?) AND min(documents.views) >= ?",
    );
}

#[test]
fn rows_are_grouped_by_an_expression() {
    check(
        select(func::count_star()).select_from(Document).group_by(func::lower(Document::TITLE)),
        "SELECT count(*) FROM documents GROUP BY lower(documents.title)",
    );
}

#[test]
fn an_expression_that_is_selected_is_grouped_by_its_place() {
    check(
        select((func::lower(Document::TITLE), func::count_star())).group_by(func::lower(Document::TITLE)),
        "SELECT lower(documents.title), count(*) FROM documents GROUP BY 1",
    );
    // To PostgreSQL and MariaDB two parameters are two values: `views / $1` is not known to be grouped by `views / $2`.
    let statement = || {
        let decade = || Document::VIEWS - Document::VIEWS % 10;
        select((Document::OWNER_ID, decade().label("decade"), func::count_star()))
            .group_by((Document::OWNER_ID, decade()))
            .order_by(decade().desc())
    };
    check(
        statement(),
        Sql {
            sqlite: "SELECT documents.owner_id, documents.views - (documents.views % nullif(?1, 0)) AS decade, count(*) FROM documents GROUP BY documents.owner_id, 2 ORDER BY 2 DESC",
            postgres: "SELECT documents.owner_id, documents.views - (documents.views % nullif($1, 0)) AS decade, count(*) FROM documents GROUP BY documents.owner_id, 2 ORDER BY 2 DESC NULLS LAST",
            mariadb: "SELECT documents.owner_id, documents.views - (documents.views % nullif(?, 0)) AS decade, count(*) FROM documents GROUP BY documents.owner_id, 2 ORDER BY 2 DESC",
        },
    );
    let ten = || vec![Value::Int(10)];
    check_values(statement(), Sql { sqlite: ten(), postgres: ten(), mariadb: ten() });
}

#[test]
fn a_key_within_an_expression_is_the_key() {
    let rest = || func::coalesce(Document::VIEWS % 10, 0);
    check(
        select((rest() + 1, func::count_star()))
            .group_by(rest())
            .having(rest().gt(5))
            .order_by(rest().desc()),
        Sql {
            sqlite: "SELECT coalesce(documents.views % nullif(?1, 0), ?2) + ?3, count(*) FROM documents GROUP BY coalesce(documents.views % nullif(?1, 0), ?2) HAVING coalesce(documents.views % nullif(?1, 0), ?2) > ?4 ORDER BY coalesce(documents.views % nullif(?1, 0), ?2) DESC",
            postgres: "SELECT coalesce(documents.views % nullif($1, 0), $2) + $3, count(*) FROM documents GROUP BY coalesce(documents.views % nullif($1, 0), $2) HAVING coalesce(documents.views % nullif($1, 0), $2) > $4 ORDER BY coalesce(documents.views % nullif($1, 0), $2) DESC",
            // It looks for columns only; all rows of a group have the same value.
            mariadb: "SELECT min(coalesce(documents.views % nullif(?, 0), ?)) + ?, count(*) FROM documents GROUP BY coalesce(documents.views % nullif(?, 0), ?) HAVING min(coalesce(documents.views % nullif(?, 0), ?)) > ? ORDER BY min(coalesce(documents.views % nullif(?, 0), ?)) DESC",
        },
    );
    // With another value it is another expression, though the text would be the same.
    check_refused(
        select((rest() + 1, func::count_star())).group_by(func::coalesce(Document::VIEWS % 10, 1)),
        "the statement cannot be compiled: `documents.views` has many values in a group: it is neither grouped by nor within an aggregate
  help: add `Document::VIEWS` to `.group_by`, or choose one value with `func::min` or `func::max`",
    );
}

#[test]
fn a_value_alone_is_no_place() {
    check(
        select(func::count_star())
            .select_from(Document)
            .group_by(literal::<i32>(2))
            .order_by(literal::<i32>(2)),
        Sql {
            sqlite: "SELECT count(*) FROM documents GROUP BY ?1 ORDER BY ?2",
            postgres: "SELECT count(*) FROM documents GROUP BY $1 ORDER BY $2",
            mariadb: "SELECT count(*) FROM documents GROUP BY coalesce(?) ORDER BY coalesce(?)",
        },
    );
}

#[test]
fn another_value_is_another_expression() {
    check(
        select((func::coalesce(Document::RATING, 0.0), func::count_star()))
            .group_by((func::coalesce(Document::RATING, 0.0), func::coalesce(Document::RATING, 1.0))),
        "SELECT coalesce(documents.rating, ?), count(*) FROM documents GROUP BY 1, coalesce(documents.rating, ?)",
    );
}

#[test]
fn a_place_cannot_be_asked_where_null_goes_on_mariadb() {
    let order = || (User::AGE + 1).asc().nulls_last();
    check(
        select((User::AGE + 1).label("next")).distinct().order_by(order()),
        Sql {
            sqlite: "SELECT DISTINCT users.age + ?1 AS next FROM users ORDER BY 1 NULLS LAST",
            postgres: "SELECT DISTINCT users.age + $1 AS next FROM users ORDER BY 1",
            mariadb: "unsupported: MariaDB has no NULLS FIRST or LAST for an expression of a grouped or distinct SELECT
  help: select it with a `label`, and order by the label",
        },
    );
    check(
        select((User::AGE + 1).label("next")).distinct().order_by(asc("next").nulls_last()),
        Sql {
            sqlite: "SELECT DISTINCT users.age + ?1 AS next FROM users ORDER BY next NULLS LAST",
            postgres: "SELECT DISTINCT users.age + $1 AS next FROM users ORDER BY next",
            mariadb: "SELECT DISTINCT users.age + ? AS next FROM users ORDER BY (users.age + ?) IS NULL, next",
        },
    );
}

#[test]
fn a_place_counts_the_columns_of_entities() {
    check(
        select((User, (User::AGE + 1).label("next"), func::count(Document::ID)))
            .join(User::DOCUMENTS)
            .group_by((User::ID, User::AGE + 1)),
        Sql {
            sqlite: "SELECT users.id, users.email, users.name, users.age, users.active, users.age + ?1 AS next, count(documents.id) FROM users JOIN documents ON users.id = documents.owner_id GROUP BY users.id, 6",
            postgres: "SELECT users.id, users.email, users.name, users.age, users.active, users.age + $1 AS next, count(documents.id) FROM users JOIN documents ON users.id = documents.owner_id GROUP BY users.id, 6",
            mariadb: "SELECT users.id, users.email, users.name, users.age, users.active, users.age + ? AS next, count(documents.id) FROM users JOIN documents ON users.id = documents.owner_id GROUP BY users.id, 6, users.email, users.name, users.age, users.active",
        },
    );
}

#[test]
fn what_depends_on_a_grouped_key_may_be_selected() {
    // PostgreSQL sees by itself that the key decides the other columns, and SQLite does not ask; MariaDB wants them said.
    check(
        select((User::EMAIL, func::count(Document::ID)))
            .outer_join(User::DOCUMENTS)
            .group_by(User::ID)
            .order_by(User::NAME),
        Sql {
            sqlite: "SELECT users.email, count(documents.id) FROM users LEFT JOIN documents ON users.id = documents.owner_id GROUP BY users.id ORDER BY users.name",
            postgres: "SELECT users.email, count(documents.id) FROM users LEFT JOIN documents ON users.id = documents.owner_id GROUP BY users.id ORDER BY users.name NULLS FIRST",
            mariadb: "SELECT users.email, count(documents.id) FROM users LEFT JOIN documents ON users.id = documents.owner_id GROUP BY users.id, users.email, users.name ORDER BY users.name",
        },
    );
}

#[test]
fn a_column_that_has_many_values_in_a_group_is_refused() {
    check_refused(
        select((Document::OWNER_ID, Document::TITLE)).group_by(Document::OWNER_ID),
        "the statement cannot be compiled: `documents.title` has many values in a group: it is neither grouped by nor within an aggregate
  help: add `Document::TITLE` to `.group_by`, or choose one value with `func::min` or `func::max`",
    );
    check_refused(
        select((Document::OWNER_ID, func::count_star())),
        "the statement cannot be compiled: `documents.owner_id` has many values in a group: it is neither grouped by nor within an aggregate
  help: add `Document::OWNER_ID` to `.group_by`, or choose one value with `func::min` or `func::max`",
    );
    check_refused(
        select((User, func::count(Document::ID))).join(User::DOCUMENTS).group_by(User::EMAIL),
        "the statement cannot be compiled: `users.id` has many values in a group: it is neither grouped by nor within an aggregate
  help: add `User::ID` to `.group_by`, or choose one value with `func::min` or `func::max`",
    );
    check_refused(
        select(Document::OWNER_ID).group_by(Document::OWNER_ID).order_by(Document::VIEWS),
        "the statement cannot be compiled: `documents.views` has many values in a group: it is neither grouped by nor within an aggregate
  help: add `Document::VIEWS` to `.group_by`, or choose one value with `func::min` or `func::max`",
    );
    check_refused(
        select(Document::OWNER_ID).group_by(Document::OWNER_ID).having(Document::VIEWS.gt(1)),
        "the statement cannot be compiled: `documents.views` has many values in a group: it is neither grouped by nor within an aggregate
  help: add `Document::VIEWS` to `.group_by`, or choose one value with `func::min` or `func::max`",
    );
}

#[test]
fn an_aggregate_over_all_rows_needs_no_group() {
    check(
        select((func::count(Document::ID), func::sum(Document::VIEWS))),
        Sql {
            sqlite: "SELECT count(documents.id), sum(documents.views) FROM documents",
            postgres: "SELECT count(documents.id), CAST(sum(documents.views) AS bigint) FROM documents",
            mariadb: "SELECT count(documents.id), sum(documents.views) FROM documents",
        },
    );
}
