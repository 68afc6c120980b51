//! Subtotals: ROLLUP, CUBE and GROUPING SETS.

use aludel::prelude::*;

use crate::check::{Sql, check, check_refused, each, postgres, shown};
use crate::models::Document;

/// What is expected where there is one.
fn on_postgres(what: &str, sql: &str) -> Sql<String> {
    let refused = |name: &str| {
        format!(
            "unsupported: {name} has no {what}\n  \
             help: group by each level in a statement of its own, and put them together with `union_all`"
        )
    };
    Sql { sqlite: refused("SQLite"), postgres: sql.to_owned(), mariadb: refused("MariaDB") }
}

#[test]
fn rollup_goes_from_all_keys_to_none() {
    check(
        select((Document::OWNER_ID.nullable(), Document::PUBLISHED.nullable(), func::count_star()))
            .group_by(func::rollup((Document::OWNER_ID, Document::PUBLISHED))),
        on_postgres(
            "GROUP BY ROLLUP",
            "SELECT documents.owner_id, documents.published, count(*) FROM documents \
             GROUP BY ROLLUP (documents.owner_id, documents.published)",
        ),
    );
}

#[test]
fn cube_has_every_combination_and_keys_may_go_together() {
    check(
        select(func::count_star())
            .select_from(Document)
            .group_by(func::cube(Document::OWNER_ID).set((Document::PUBLISHED, Document::VIEWS))),
        on_postgres(
            "GROUP BY CUBE",
            "SELECT count(*) FROM documents GROUP BY CUBE (documents.owner_id, (documents.published, documents.views))",
        ),
    );
}

#[test]
fn grouping_sets_are_listed_beside_what_is_grouped_by_on_all_levels() {
    let sets = func::grouping_sets().set((Document::PUBLISHED, Document::VIEWS)).set(Document::VIEWS).set(());
    check(
        select((Document::OWNER_ID, Document::VIEWS.nullable(), func::count_star()))
            .group_by(Document::OWNER_ID)
            .group_by(sets),
        on_postgres(
            "GROUP BY GROUPING SETS",
            "SELECT documents.owner_id, documents.views, count(*) FROM documents \
             GROUP BY documents.owner_id, GROUPING SETS ((documents.published, documents.views), (documents.views), ())",
        ),
    );
    check_refused_on_postgres(
        select(func::count_star()).select_from(Document).group_by(func::grouping_sets()),
        "the statement cannot be compiled: GROUPING SETS has nothing to group by\n  \
         help: add what to group by: `.set(Entity::COLUMN)`, or `.set(())` for all rows",
    );
}

#[test]
fn a_row_tells_what_it_is_not_grouped_by() {
    let level = func::grouping((Document::OWNER_ID, Document::PUBLISHED));
    let totals = select((level.clone(), func::count_star()))
        .group_by(func::rollup((Document::OWNER_ID, Document::PUBLISHED)))
        .having(level.gt(0));
    let refused = |name: &str| format!("unsupported: {name} has no GROUPING");
    check(
        totals,
        Sql {
            sqlite: refused("SQLite"),
            postgres: "SELECT GROUPING(documents.owner_id, documents.published), count(*) FROM documents \
                       GROUP BY ROLLUP (documents.owner_id, documents.published) \
                       HAVING GROUPING(documents.owner_id, documents.published) > $1"
                .to_owned(),
            mariadb: refused("MariaDB"),
        },
    );
    check_refused_on_postgres(
        select(func::grouping(Document::VIEWS + 1)).group_by(func::rollup(Document::VIEWS + 1)),
        "the statement cannot be compiled: `grouping` is asked about no column\n  \
         help: put the expression into a `.subquery(…)` with a `label`, and group by the column of it",
    );
}

#[test]
fn what_is_null_in_a_subtotal_is_selected_as_an_option_and_sorted_as_null_is() {
    let by_owner = |select: aludel::Select<_>| select.group_by(func::rollup(Document::OWNER_ID));
    check_refused(
        by_owner(select((Document::OWNER_ID, func::count_star()))),
        "the statement cannot be compiled: `Document::OWNER_ID` is selected from groups that are not all grouped by it, where it may be NULL, but not as an `Option`\n  \
         help: select `Document::OWNER_ID.nullable()`",
    );
    check_refused(
        by_owner(select((Document::OWNER_ID + 1, func::count_star()))),
        "the statement cannot be compiled: an expression with `Document::OWNER_ID` is selected from groups that are not all grouped by it, where it may be NULL, but not as an `Option`\n  \
         help: put `.nullable()` behind the expression, or `coalesce` the column",
    );
    check_refused(
        select(func::lower(Document::TITLE)).group_by(func::rollup(func::lower(Document::TITLE))),
        "the statement cannot be compiled: an expression is selected from groups that are not all grouped by it, where it may be NULL, but not as an `Option`\n  \
         help: put `.nullable()` behind the expression",
    );
    // The column has no NULL: only the subtotals have.
    let sorted = select(func::count_star())
        .select_from(Document)
        .group_by(func::rollup(Document::OWNER_ID))
        .order_by(Document::OWNER_ID);
    assert_eq!(
        shown(&sorted.to_sql(&postgres()).map(|(text, _)| text)),
        "SELECT count(*) FROM documents GROUP BY ROLLUP (documents.owner_id) ORDER BY documents.owner_id NULLS FIRST"
    );
}

#[test]
fn a_column_depends_on_a_key_that_is_there_on_all_levels_only() {
    let titles = |select: aludel::Select<_>| shown(&select.to_sql(&postgres()).map(|(text, _)| text));
    assert_eq!(
        titles(
            select((Document::TITLE, func::count_star()))
                .group_by(Document::ID)
                .group_by(func::rollup(Document::VIEWS))
        ),
        "SELECT documents.title, count(*) FROM documents GROUP BY documents.id, ROLLUP (documents.views)"
    );
    let refused = titles(select((Document::TITLE, func::count_star())).group_by(func::rollup(Document::ID)));
    assert!(refused.contains("`documents.title` has many values in a group"), "{refused}");
}

#[test]
fn a_key_with_a_value_in_it_is_written_as_its_place() {
    let decade = Document::VIEWS / 10;
    check(
        select((decade.clone().nullable(), func::count_star()))
            .group_by(func::cube((decade, Document::PUBLISHED))),
        on_postgres(
            "GROUP BY CUBE",
            "SELECT documents.views / nullif($1, 0), count(*) FROM documents GROUP BY CUBE (1, documents.published)",
        ),
    );
}

/// Checks what is said where there are subtotals.
#[track_caller]
fn check_refused_on_postgres(statement: impl ToSql, expected: &str) {
    assert_eq!(each(|dialect| shown(&statement.to_sql(dialect).map(|(text, _)| text))).postgres, expected);
}
