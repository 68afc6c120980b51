//! Percentiles and the most frequent value of a group.

use aludel::prelude::*;

use crate::check::{Sql, check, check_expression, check_refused};
use crate::models::Document;

/// What is said where there are none.
fn refused(name: &str) -> String {
    format!(
        "unsupported: MariaDB has no {name} of a group\n  \
         help: number the rows of each group with `func::row_number` in a subquery, and choose among them by their number"
    )
}

#[test]
fn a_percentile_is_of_the_values_in_their_order() {
    check_expression(
        func::percentile_cont(0.5).within_group(Document::VIEWS),
        Sql {
            sqlite: "aludel_percentile_cont(views, ?1)".to_owned(),
            postgres: "percentile_cont($1) WITHIN GROUP (ORDER BY views)".to_owned(),
            mariadb: refused("percentile_cont"),
        },
    );
    check_expression(
        func::percentile_disc(0.9).within_group(Document::TITLE),
        Sql {
            sqlite: "aludel_percentile_disc(title, ?1)".to_owned(),
            postgres: "percentile_disc($1) WITHIN GROUP (ORDER BY title)".to_owned(),
            mariadb: refused("percentile_disc"),
        },
    );
}

#[test]
fn the_most_frequent_value() {
    check_expression(
        func::mode().within_group(Document::OWNER_ID),
        Sql {
            sqlite: "aludel_mode(owner_id)".to_owned(),
            postgres: "mode() WITHIN GROUP (ORDER BY owner_id)".to_owned(),
            mariadb: refused("mode"),
        },
    );
}

#[test]
fn they_are_of_some_rows_and_of_groups() {
    let popular = func::percentile_disc(0.5).within_group(Document::VIEWS).filter(Document::PUBLISHED);
    check(
        select((Document::OWNER_ID, popular)).group_by(Document::OWNER_ID),
        Sql {
            sqlite: "SELECT documents.owner_id, aludel_percentile_disc(documents.views, ?1) FILTER (WHERE documents.published) \
                     FROM documents GROUP BY documents.owner_id"
                .to_owned(),
            postgres: "SELECT documents.owner_id, percentile_disc($1) WITHIN GROUP (ORDER BY documents.views) FILTER (WHERE documents.published) \
                       FROM documents GROUP BY documents.owner_id"
                .to_owned(),
            mariadb: refused("percentile_disc"),
        },
    );
}

#[test]
fn no_database_has_them_over_a_window_of_distinct_values_or_in_another_order() {
    let median = || func::percentile_cont(0.5).within_group(Document::VIEWS);
    for wrong in [median().over(window()), median().distinct(), median().aggregate_order_by(Document::ID)] {
        check_refused(
            select(wrong),
            "the statement cannot be compiled: `over`, `distinct` or `aggregate_order_by` does not stand behind a function that takes it\n  \
             help: it follows an aggregate directly: `func::count(x).filter(…)`",
        );
    }
}
