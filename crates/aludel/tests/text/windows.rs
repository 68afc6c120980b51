//! Windows, and what else stands behind an aggregate.

use aludel::prelude::*;
use chrono::TimeDelta;

use crate::check::{Sql, check, check_expression, check_refused};
use crate::models::{Document, User};

#[test]
fn a_function_over_all_rows() {
    check_expression(func::count_star().over(window()), "count(*) OVER ()");
}

#[test]
fn a_window_has_partitions_and_an_order() {
    let newest = window().partition_by(Document::OWNER_ID).order_by((Document::VIEWS.desc(), Document::ID));
    check_expression(
        func::row_number().over(newest),
        "row_number() OVER (PARTITION BY owner_id ORDER BY views DESC, id)",
    );
    check_expression(
        func::rank().over(window().partition_by((Document::OWNER_ID, Document::PUBLISHED))),
        "rank() OVER (PARTITION BY owner_id, published)",
    );
}

#[test]
fn null_is_least_within_a_window_too() {
    check_expression(
        func::dense_rank().over(window().order_by(Document::RATING)),
        Sql {
            sqlite: "dense_rank() OVER (ORDER BY rating)",
            postgres: "dense_rank() OVER (ORDER BY rating NULLS FIRST)",
            mariadb: "dense_rank() OVER (ORDER BY rating)",
        },
    );
    check_expression(
        func::dense_rank().over(window().order_by(Document::RATING.asc().nulls_last())),
        Sql {
            sqlite: "dense_rank() OVER (ORDER BY rating NULLS LAST)",
            postgres: "dense_rank() OVER (ORDER BY rating)",
            mariadb: "dense_rank() OVER (ORDER BY rating IS NULL, rating)",
        },
    );
}

#[test]
fn functions_that_look_at_other_rows() {
    let by_id = || window().order_by(Document::ID);
    // MariaDB's own have ten digits.
    check_expression(
        func::percent_rank().over(by_id()),
        Sql {
            sqlite: "percent_rank() OVER (ORDER BY id)",
            postgres: "percent_rank() OVER (ORDER BY id)",
            mariadb: "coalesce((rank() OVER (ORDER BY id) - 1) / nullif(CAST(count(*) OVER () - 1 AS DOUBLE), 0), 0e0)",
        },
    );
    check_expression(
        func::cume_dist().over(by_id()),
        Sql {
            sqlite: "cume_dist() OVER (ORDER BY id)",
            postgres: "cume_dist() OVER (ORDER BY id)",
            mariadb: "(count(*) OVER (ORDER BY id) / CAST(count(*) OVER () AS DOUBLE))",
        },
    );
    check_expression(func::ntile(4).over(by_id()), "ntile(4) OVER (ORDER BY id)");
    check_expression(
        func::first_value(Document::VIEWS).over(by_id()),
        "first_value(views) OVER (ORDER BY id)",
    );
    check_expression(func::last_value(Document::VIEWS).over(by_id()), "last_value(views) OVER (ORDER BY id)");
    check_expression(
        func::nth_value(Document::VIEWS, 2).over(by_id()),
        "nth_value(views, 2) OVER (ORDER BY id)",
    );
    check_expression(func::lag(Document::VIEWS, 1).over(by_id()), "lag(views, 1) OVER (ORDER BY id)");
    check_expression(func::lead(Document::VIEWS, 3).over(by_id()), "lead(views, 3) OVER (ORDER BY id)");
}

#[test]
fn a_neighbour_that_is_not_there_has_a_value() {
    let by_id = || window().partition_by(Document::OWNER_ID).order_by(Document::ID);
    check_expression(
        func::lag_or(Document::VIEWS, 2, 0).over(by_id()),
        Sql {
            sqlite: "lag(views, 2, ?1) OVER (PARTITION BY owner_id ORDER BY id)",
            postgres: "lag(views, 2, $1) OVER (PARTITION BY owner_id ORDER BY id)",
            mariadb: "CASE WHEN row_number() OVER (PARTITION BY owner_id ORDER BY id) <= 2 THEN ? \
                      ELSE lag(views, 2) OVER (PARTITION BY owner_id ORDER BY id) END",
        },
    );
    check_expression(
        func::lead_or(Document::VIEWS, 1, 0).over(by_id()),
        Sql {
            sqlite: "lead(views, 1, ?1) OVER (PARTITION BY owner_id ORDER BY id)",
            postgres: "lead(views, 1, $1) OVER (PARTITION BY owner_id ORDER BY id)",
            mariadb: "CASE WHEN row_number() OVER (PARTITION BY owner_id ORDER BY id) > count(*) OVER (PARTITION BY owner_id) - 1 \
                      THEN ? ELSE lead(views, 1) OVER (PARTITION BY owner_id ORDER BY id) END",
        },
    );
}

#[test]
fn a_frame_of_rows() {
    let by_id = || window().order_by(Document::ID);
    let count = |window| func::count_star().over(window);
    check_expression(
        count(by_id().rows(-2..=1)),
        "count(*) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING)",
    );
    check_expression(
        count(by_id().rows(-2..0)),
        "count(*) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING)",
    );
    check_expression(
        count(by_id().rows(..=0)),
        "count(*) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)",
    );
    check_expression(
        count(by_id().rows(..)),
        "count(*) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)",
    );
}

#[test]
fn a_frame_of_values() {
    let sum = |window| func::count_star().over(window);
    check_expression(
        sum(window().order_by(Document::VIEWS).range(-10..=0)),
        "count(*) OVER (ORDER BY views RANGE BETWEEN 10 PRECEDING AND CURRENT ROW)",
    );
    check_expression(
        sum(window().order_by(Document::SCORE).range(-0.5..=0.5)),
        "count(*) OVER (ORDER BY score RANGE BETWEEN 0.5 PRECEDING AND 0.5 FOLLOWING)",
    );
    check_expression(
        sum(window().order_by(Document::CREATED_AT).range(-TimeDelta::days(1)..=TimeDelta::zero())),
        Sql {
            sqlite: "unsupported: SQLite has no RANGE of a time span in a window\n  help: order by `func::unix_micros(…)`, and give the range in microseconds",
            postgres: "count(*) OVER (ORDER BY created_at RANGE BETWEEN INTERVAL '86400000000 microseconds' PRECEDING AND CURRENT ROW)",
            mariadb: "unsupported: MariaDB has no RANGE of a time span in a window\n  help: order by `func::unix_micros(…)`, and give the range in microseconds",
        },
    );
    check_refused(
        select(sum(window().range(-1..=1))).select_from(Document),
        "the statement cannot be compiled: the frame of a window needs one key in ORDER BY\n  help: add `.order_by(…)` to the window, or count `.rows(…)`",
    );
}

#[test]
fn groups_and_exclusions_are_not_everywhere() {
    check_expression(
        func::count_star().over(window().order_by(Document::VIEWS).groups(-1..=1)),
        Sql {
            sqlite: "count(*) OVER (ORDER BY views GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING)",
            postgres: "count(*) OVER (ORDER BY views GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING)",
            mariadb: "unsupported: MariaDB has no GROUPS in a window\n  help: number the groups with `func::dense_rank` in a subquery, and use `range`",
        },
    );
    check_expression(
        func::count_star().over(window().order_by(Document::VIEWS).exclude_current_row()),
        Sql {
            sqlite: "count(*) OVER (ORDER BY views RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW)",
            postgres: "count(*) OVER (ORDER BY views RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW)",
            mariadb: "unsupported: MariaDB has no EXCLUDE in a window",
        },
    );
}

#[test]
fn aggregates_keep_their_types_over_a_window() {
    check_expression(
        func::sum(Document::VIEWS).over(window()),
        Sql {
            sqlite: "sum(views) OVER ()",
            postgres: "CAST(sum(views) OVER () AS bigint)",
            mariadb: "sum(views) OVER ()",
        },
    );
    check_expression(
        func::avg(Document::VIEWS).over(window()),
        Sql {
            sqlite: "avg(views) OVER ()",
            postgres: "CAST(avg(views) OVER () AS double precision)",
            mariadb: "avg(CAST(views AS DOUBLE)) OVER ()",
        },
    );
}

#[test]
fn a_window_of_groups_sees_what_is_grouped() {
    let share = func::sum(func::coalesce(func::sum(Document::VIEWS), 0_i64)).over(window());
    check(
        select((Document::OWNER_ID, share)).group_by(Document::OWNER_ID),
        Sql {
            sqlite: "SELECT documents.owner_id, sum(coalesce(sum(documents.views), ?1)) OVER () FROM documents GROUP BY documents.owner_id",
            postgres: "SELECT documents.owner_id, CAST(sum(coalesce(CAST(sum(documents.views) AS bigint), $1)) OVER () AS bigint) FROM documents GROUP BY documents.owner_id",
            mariadb: "SELECT documents.owner_id, sum(coalesce(sum(documents.views), ?)) OVER () FROM documents GROUP BY documents.owner_id",
        },
    );
    check_refused(
        select((Document::OWNER_ID, func::row_number().over(window().order_by(Document::TITLE))))
            .group_by(Document::OWNER_ID),
        "the statement cannot be compiled: `documents.title` has many values in a group: it is neither grouped by nor within an aggregate\n  \
         help: add `Document::TITLE` to `.group_by`, or choose one value with `func::min` or `func::max`",
    );
}

#[test]
fn groups_that_windows_look_at_stay_in_order() {
    // MariaDB leaves the order out where its key is a grouped column with an index.
    check(
        select((Document::OWNER_ID, func::rank().over(window().order_by(func::count_star()))))
            .group_by(Document::OWNER_ID)
            .order_by(Document::OWNER_ID.desc()),
        Sql {
            sqlite: "SELECT documents.owner_id, rank() OVER (ORDER BY count(*)) FROM documents GROUP BY documents.owner_id ORDER BY documents.owner_id DESC",
            postgres: "SELECT documents.owner_id, rank() OVER (ORDER BY count(*)) FROM documents GROUP BY documents.owner_id ORDER BY documents.owner_id DESC",
            mariadb: "SELECT documents.owner_id, rank() OVER (ORDER BY count(*)) FROM documents GROUP BY documents.owner_id ORDER BY coalesce(documents.owner_id) DESC",
        },
    );
}

#[test]
fn a_window_is_needed_and_comes_late() {
    check_refused(
        select(func::row_number()).select_from(Document),
        "the statement cannot be compiled: `row_number` looks at a window, and has none\n  help: add `.over(window().order_by(…))`",
    );
    check_refused(
        select(Document::ID).filter(func::row_number().over(window()).le(3_i64)),
        "the statement cannot be compiled: windows are computed behind WHERE, which has one\n  \
         help: select it with a `label` in a `.subquery(…)`, and filter or group that one",
    );
    check_refused(
        select(func::count(Document::VIEWS).distinct().over(window())),
        "unsupported: no database has DISTINCT together with OVER\n  help: select the distinct values in a subquery first",
    );
    check_refused(
        select((Document::VIEWS + 1).over(window())),
        "the statement cannot be compiled: `over` does not stand behind a function that takes it\n  \
         help: it follows an aggregate directly: `func::count(x).filter(…)`",
    );
}

#[test]
fn an_aggregate_of_some_rows() {
    check_expression(
        func::count_star().filter(Document::PUBLISHED),
        Sql {
            sqlite: "count(*) FILTER (WHERE published)",
            postgres: "count(*) FILTER (WHERE published)",
            mariadb: "count(CASE WHEN published THEN 1 END)",
        },
    );
    check_expression(
        func::sum(Document::SCORE).filter(Document::VIEWS.gt(5)).filter(Document::PUBLISHED),
        Sql {
            sqlite: "sum(score) FILTER (WHERE views > ?1 AND published)",
            postgres: "CAST(sum(score) FILTER (WHERE views > $1 AND published) AS double precision)",
            mariadb: "sum(CASE WHEN views > ? AND published THEN score END)",
        },
    );
    check_expression(
        func::avg(Document::VIEWS).filter(Document::PUBLISHED).over(window()),
        Sql {
            sqlite: "avg(views) FILTER (WHERE published) OVER ()",
            postgres: "CAST(avg(views) FILTER (WHERE published) OVER () AS double precision)",
            mariadb: "avg(CAST(CASE WHEN published THEN views END AS DOUBLE)) OVER ()",
        },
    );
}

#[test]
fn an_aggregate_of_each_value_once() {
    check_expression(func::count(Document::VIEWS).distinct(), "count(DISTINCT views)");
    check_expression(
        func::avg(Document::VIEWS).distinct(),
        Sql {
            sqlite: "avg(DISTINCT views)",
            postgres: "CAST(avg(DISTINCT views) AS double precision)",
            mariadb: "avg(DISTINCT CAST(views AS DOUBLE))",
        },
    );
}

#[test]
fn text_of_many_rows() {
    check_expression(
        func::string_agg(Document::TITLE, "'; ").aggregate_order_by((Document::VIEWS.desc(), Document::ID)),
        Sql {
            sqlite: "string_agg(title, '''; ' ORDER BY views DESC, id)",
            postgres: "string_agg(title, '''; ' ORDER BY views DESC, id)",
            mariadb: "group_concat(title ORDER BY views DESC, id SEPARATOR '''; ')",
        },
    );
    check_expression(
        func::string_agg(Document::TITLE, ",").distinct().filter(Document::PUBLISHED),
        Sql {
            sqlite: "group_concat(DISTINCT title) FILTER (WHERE published)",
            postgres: "string_agg(DISTINCT title, ',') FILTER (WHERE published)",
            mariadb: "group_concat(DISTINCT CASE WHEN published THEN title END SEPARATOR ',')",
        },
    );
    check_expression(
        func::string_agg(Document::TITLE, "; ").distinct(),
        Sql {
            sqlite: "unsupported: SQLite has no DISTINCT together with a separator\n  help: use the separator `,`, or select the distinct values in a subquery first",
            postgres: "string_agg(DISTINCT title, '; ')",
            mariadb: "group_concat(DISTINCT title SEPARATOR '; ')",
        },
    );
}

#[test]
fn all_or_any_are_true() {
    check(
        select((func::bool_and(User::ACTIVE), func::bool_or(User::ACTIVE).over(window())))
            .group_by(User::ACTIVE),
        Sql {
            sqlite: "SELECT min(users.active), max(users.active) OVER () FROM users GROUP BY users.active",
            postgres: "SELECT bool_and(users.active), bool_or(users.active) OVER () FROM users GROUP BY users.active",
            mariadb: "SELECT min(users.active), max(users.active) OVER () FROM users GROUP BY users.active",
        },
    );
}
