//! Queries in FROM: subqueries and common table expressions.

use aludel::prelude::*;
use rust_decimal::Decimal;

use crate::check::{Sql, check, check_refused};
use crate::models::{Document, Employee, User};

#[test]
fn a_query_has_a_name() {
    let popular = select((Document::ID, Document::TITLE)).filter(Document::VIEWS.gt(100)).subquery("popular");
    check(
        select(popular.col(Document::TITLE)).filter(popular.col(Document::ID).lt(9)),
        "SELECT popular.title FROM (SELECT documents.id, documents.title FROM documents WHERE documents.views > ?) AS popular WHERE popular.id < ?",
    );
}

#[test]
fn a_query_is_joined() {
    let views = func::sum(Document::VIEWS).label("views");
    let totals = select((Document::OWNER_ID, views.clone())).group_by(Document::OWNER_ID).subquery("totals");
    check(
        select((User::EMAIL, totals.col(&views)))
            .join_on(&totals, totals.col(Document::OWNER_ID).eq(User::ID))
            .filter(totals.named::<Option<i64>>("views").gt(10)),
        Sql {
            sqlite: "SELECT users.email, totals.views FROM users JOIN (SELECT documents.owner_id, sum(documents.views) AS views FROM documents GROUP BY documents.owner_id) AS totals ON totals.owner_id = users.id WHERE totals.views > ?1",
            postgres: "SELECT users.email, totals.views FROM users JOIN (SELECT documents.owner_id, CAST(sum(documents.views) AS bigint) AS views FROM documents GROUP BY documents.owner_id) AS totals ON totals.owner_id = users.id WHERE totals.views > $1",
            mariadb: "SELECT users.email, totals.views FROM users JOIN (SELECT documents.owner_id, sum(documents.views) AS views FROM documents GROUP BY documents.owner_id) AS totals ON totals.owner_id = users.id WHERE totals.views > ?",
        },
    );
}

#[test]
fn a_query_joined_on_the_outside_gives_options() {
    let recent = select((Document::OWNER_ID, Document::TITLE)).subquery("recent");
    let on = || recent.col(Document::OWNER_ID).eq(User::ID);
    check(
        select((User::EMAIL, recent.col(Document::TITLE).nullable())).outer_join_on(&recent, on()),
        "SELECT users.email, recent.title FROM users LEFT JOIN (SELECT documents.owner_id, documents.title FROM documents) AS recent ON recent.owner_id = users.id",
    );
    check_refused(
        select((User::EMAIL, recent.col(Document::TITLE))).outer_join_on(&recent, on()),
        "the statement cannot be compiled: `recent.named(\"title\")` is selected from an outer join, where it may be NULL, but not as an `Option`
  help: select `recent.named(\"title\").nullable()`",
    );
}

#[test]
fn a_column_that_may_be_null_in_the_query_is_an_option_outside() {
    let titles =
        select((User::ID, Document::TITLE.nullable())).outer_join(User::DOCUMENTS).subquery("titles");
    check_refused(
        select(titles.col(Document::TITLE)),
        "the statement cannot be compiled: `titles.named(\"title\")` may be NULL in the query that it comes from, but not as an `Option`
  help: select `titles.named(\"title\").nullable()`",
    );
    check(
        select(titles.col(Document::TITLE.nullable())),
        "SELECT titles.title FROM (SELECT users.id, documents.title FROM users LEFT JOIN documents ON users.id = documents.owner_id) AS titles",
    );
}

#[test]
fn columns_of_the_same_name_get_other_names() {
    let both = select((User, Document::ID, Document::VIEWS + 1)).join(User::DOCUMENTS).subquery("both_");
    check(
        select((both.col(User::ID), both.col(Document::ID), both.col(Document::VIEWS + 1))),
        "SELECT both_.id, both_.documents_id, both_.column_7 FROM (SELECT users.id, users.email, users.name, users.age, users.active, documents.id AS documents_id, documents.views + ? AS column_7 FROM users JOIN documents ON users.id = documents.owner_id) AS both_",
    );
}

#[test]
fn a_query_of_a_query() {
    let inner = select((Document::OWNER_ID, Document::VIEWS.label("hits"))).subquery("inner_");
    let outer = select((inner.col(Document::OWNER_ID), func::max(inner.named::<i32>("hits")).label("most")))
        .group_by(inner.col(Document::OWNER_ID))
        .subquery("outer_");
    check(
        select(outer.named::<Option<i32>>("most")),
        "SELECT outer_.most FROM (SELECT inner_.owner_id, max(inner_.hits) AS most FROM (SELECT documents.owner_id, documents.views AS hits FROM documents) AS inner_ GROUP BY inner_.owner_id) AS outer_",
    );
}

#[test]
fn a_column_that_the_query_does_not_have_is_named() {
    let ids = select((Document::ID, Document::VIEWS.label("hits"))).subquery("ids");
    check_refused(
        select(ids.col(Document::TITLE)),
        "the statement cannot be compiled: `ids` has no column `title`
  help: it has `id`, `hits`; select it there, or give it a `label`",
    );
    check_refused(
        select(ids.named::<i64>("views")),
        "the statement cannot be compiled: `ids` has no column `views`
  help: it has `id`, `hits`; select it there, or give it a `label`",
    );
}

#[test]
fn a_query_that_is_not_in_from_is_named() {
    let ids = select(Document::ID).subquery("ids");
    check_refused(
        select(User::ID).filter(ids.col(Document::ID).eq(1)),
        "the statement cannot be compiled: `ids.id` is used, but `ids` is not in FROM (users)
  help: add `.join_on(&ids, …)`, or `.select_from(&ids)`",
    );
}

#[test]
fn a_query_in_from_does_not_see_the_tables_beside_it() {
    let own = select(Document::ID).filter(Document::OWNER_ID.eq(User::ID)).subquery("own");
    check_refused(
        select(User::ID).join_on(&own, own.col(Document::ID).eq(1)),
        "unsupported: `users.id` is of a statement around a query in FROM, which cannot see it
  help: join the table in that query, or compare the column outside of it",
    );
}

#[test]
fn a_column_of_a_query_is_grouped_like_any_other() {
    let hits = select((Document::OWNER_ID, Document::VIEWS.label("hits"))).subquery("hits");
    check_refused(
        select((hits.col(Document::OWNER_ID), hits.named::<i32>("hits"))).group_by(hits.col(Document::OWNER_ID)),
        "the statement cannot be compiled: `hits.hits` has many values in a group: it is neither grouped by nor within an aggregate
  help: add it to `.group_by`, or choose one value with `func::min` or `func::max`",
    );
}

#[test]
fn a_cte_is_written_once_before_the_statement() {
    let active = select((User::ID, User::EMAIL)).filter(User::ACTIVE).cte("active_users");
    check(
        select(active.col(User::EMAIL)).filter(active.col(User::ID).gt(1)).filter(
            active.col(User::ID).in_(
                select(Document::OWNER_ID).join_on(&active, active.col(User::ID).eq(Document::OWNER_ID)),
            ),
        ),
        "WITH active_users AS (SELECT users.id, users.email FROM users WHERE users.active) \
         SELECT active_users.email FROM active_users WHERE active_users.id > ? AND active_users.id IN \
         (SELECT documents.owner_id FROM documents JOIN active_users ON active_users.id = documents.owner_id)",
    );
}

#[test]
fn ctes_come_behind_those_that_they_use() {
    let active = select(User::ID).filter(User::AGE.gt(18)).cte("adults");
    let theirs = select((Document::ID, Document::VIEWS))
        .join_on(&active, active.col(User::ID).eq(Document::OWNER_ID))
        .filter(Document::VIEWS.gt(5))
        .cte("theirs");
    check(
        select(func::max(theirs.col(Document::VIEWS))).filter(theirs.col(Document::ID).gt(7)),
        "WITH adults AS (SELECT users.id FROM users WHERE users.age > ?), \
         theirs AS (SELECT documents.id, documents.views FROM documents JOIN adults ON adults.id = documents.owner_id WHERE documents.views > ?) \
         SELECT max(theirs.views) FROM theirs WHERE theirs.id > ?",
    );
}

#[test]
fn a_cte_finds_its_rows_from_those_found_before() {
    let depth = || text!("1").expr::<i64>().label("depth");
    let report = alias(Employee, "report");
    let tree = select((Employee::ID, Employee::NAME, depth()))
        .filter(Employee::MANAGER_ID.is_null())
        .cte("tree")
        .recursive(|tree| {
            select((report.col(Employee::ID), report.col(Employee::NAME), tree.named::<i64>("depth") + 1))
                .join_on(tree, tree.col(Employee::ID).eq(report.col(Employee::MANAGER_ID)))
        });
    check(
        select((tree.col(Employee::NAME), tree.col(&depth()))),
        Sql {
            sqlite: "WITH RECURSIVE tree AS (SELECT employees.id AS id, employees.name AS name, 1 AS depth FROM employees WHERE employees.manager_id IS NULL \
                     UNION ALL SELECT report.id, report.name, tree.depth + ?1 FROM employees AS report JOIN tree ON tree.id = report.manager_id) \
                     SELECT tree.name, tree.depth FROM tree",
            postgres: "WITH RECURSIVE tree AS (SELECT employees.id AS id, CAST(employees.name AS text) AS name, CAST(1 AS bigint) AS depth FROM employees WHERE employees.manager_id IS NULL \
                       UNION ALL SELECT report.id, report.name, tree.depth + $1 FROM employees AS report JOIN tree ON tree.id = report.manager_id) \
                       SELECT tree.name, tree.depth FROM tree",
            mariadb: "WITH RECURSIVE tree AS (SELECT employees.id AS id, CAST(employees.name AS CHAR(16383)) AS name, CAST(1 AS SIGNED) AS depth FROM employees WHERE employees.manager_id IS NULL \
                      UNION ALL SELECT report.id, report.name, tree.depth + ? FROM employees AS report JOIN tree ON tree.id = report.manager_id) \
                      SELECT tree.name, tree.depth FROM tree",
        },
    );
}

#[derive(Entity)]
#[entity(table = "items")]
struct Item {
    #[column(primary_key)]
    id: i64,
    #[column(precision = 10, scale = 2)]
    price: Decimal,
}

/// SQLite would take a tenth for a hundredth, MariaDB would round.
#[test]
fn the_decimals_of_a_recursive_query_keep_their_scale() {
    let prices = |next: fn(Expr<Decimal>) -> Expr<Decimal>| {
        let prices =
            select(Item::PRICE.label("price")).cte("prices").recursive(|it| select(next(it.named("price"))));
        select(prices.named::<Decimal>("price"))
    };
    check(
        prices(|price| price + Decimal::ONE),
        Sql {
            sqlite: "WITH RECURSIVE prices AS (SELECT items.price AS price FROM items UNION ALL SELECT prices.price + ?1 FROM prices) SELECT prices.price FROM prices",
            postgres: "WITH RECURSIVE prices AS (SELECT CAST(items.price AS numeric) AS price FROM items UNION ALL SELECT prices.price + $1 FROM prices) SELECT prices.price FROM prices",
            mariadb: "WITH RECURSIVE prices AS (SELECT items.price AS price FROM items UNION ALL SELECT prices.price + CAST(? AS DECIMAL(65, 0)) FROM prices) SELECT prices.price FROM prices",
        },
    );
    let refused = |name: &str| {
        format!(
            "unsupported: {name} has no recursive query whose decimals get other numbers of digits behind the point\n  \
             help: they have as many as those of its first rows: begin with a column of that `scale`"
        )
    };
    check(
        prices(|price| price * Decimal::new(5, 1)),
        Sql {
            sqlite: refused("SQLite"),
            postgres: "WITH RECURSIVE prices AS (SELECT CAST(items.price AS numeric) AS price FROM items UNION ALL SELECT prices.price * $1 FROM prices) SELECT prices.price FROM prices".to_owned(),
            mariadb: refused("MariaDB"),
        },
    );
}

#[test]
fn a_cte_under_two_names() {
    let ages = select((User::ID, User::AGE)).cte("ages");
    let other = ages.alias("other");
    check(
        select((ages.col(User::ID), other.col(User::ID)))
            .join_on(&other, other.col(User::AGE).gt(ages.col(User::AGE))),
        "WITH ages AS (SELECT users.id, users.age FROM users) SELECT ages.id, other.id FROM ages JOIN ages AS other ON other.age > ages.age",
    );
}

#[test]
fn a_query_under_two_names() {
    let popular = select((Document::ID, Document::VIEWS)).filter(Document::VIEWS.gt(9)).subquery("popular");
    let more = popular.alias("more");
    let pairs = || {
        select((popular.col(Document::ID), more.col(Document::ID)))
            .join_on(&more, more.col(Document::VIEWS).gt(popular.col(Document::VIEWS)))
    };
    check(
        pairs(),
        "SELECT popular.id, more.id FROM (SELECT documents.id, documents.views FROM documents WHERE documents.views > ?) AS popular \
         JOIN (SELECT documents.id, documents.views FROM documents WHERE documents.views > ?) AS more ON more.views > popular.views",
    );
    check_refused(
        pairs().join_on(&popular, popular.col(Document::ID).gt(0)),
        "the statement cannot be compiled: `popular` is in FROM twice
  help: give one of them another name",
    );
}

#[test]
fn hints_go_where_they_are_known() {
    let ids = select(User::ID).cte("ids").materialized();
    check(
        select(ids.col(User::ID)),
        Sql {
            sqlite: "WITH ids AS MATERIALIZED (SELECT users.id FROM users) SELECT ids.id FROM ids",
            postgres: "WITH ids AS MATERIALIZED (SELECT users.id FROM users) SELECT ids.id FROM ids",
            mariadb: "WITH ids AS (SELECT users.id FROM users) SELECT ids.id FROM ids",
        },
    );
}

#[test]
fn changes_take_ctes() {
    let idle = select(User::ID).filter(!User::DOCUMENTS.exists()).cte("idle");
    check(
        delete(User).filter(User::ID.in_(select(idle.col(User::ID)))),
        Sql {
            sqlite: "WITH idle AS (SELECT users.id FROM users WHERE NOT EXISTS (SELECT 1 FROM documents WHERE users.id = documents.owner_id)) DELETE FROM users WHERE id IN (SELECT idle.id FROM idle)",
            postgres: "WITH idle AS (SELECT users.id FROM users WHERE NOT EXISTS (SELECT 1 FROM documents WHERE users.id = documents.owner_id)) DELETE FROM users WHERE id IN (SELECT idle.id FROM idle)",
            mariadb: "unsupported: MariaDB has no WITH before UPDATE or DELETE
  help: use `.subquery(…)` instead of `.cte(…)`, or select the keys first",
        },
    );
}

#[test]
fn names_of_ctes_are_their_own() {
    let (one, two) = (select(User::ID).cte("ids"), select(Document::ID).cte("ids"));
    check_refused(
        select(one.col(User::ID)).filter(one.col(User::ID).in_(select(two.col(Document::ID)))),
        "the statement cannot be compiled: two CTEs of the statement are named `ids`
  help: give one of them another name, or use the same one twice",
    );
    let users = select(User::ID).cte("users");
    check_refused(
        select(users.col(User::ID)),
        "the statement cannot be compiled: the CTE `users` hides the table of the same name, which the statement uses too
  help: give the CTE another name",
    );
}

#[test]
fn the_first_rows_of_each_group_stand_behind_the_ctes() {
    use aludel_sql::{Expression, LimitPer};
    let old = select(User::ID).filter(User::AGE.gt(60)).cte("ranked");
    let mut stmt = select(Document::ID)
        .filter(Document::OWNER_ID.in_(select(old.col(User::ID))))
        .order_by(Document::VIEWS);
    stmt.node_mut().limit_per = Some(LimitPer::new(vec![Document::OWNER_ID.into_node()], 3));
    check(
        stmt,
        "WITH ranked AS (SELECT users.id FROM users WHERE users.age > ?), \
         ranked_rows (c1, place) AS (SELECT documents.id, row_number() OVER (PARTITION BY documents.owner_id ORDER BY documents.views) \
         FROM documents WHERE documents.owner_id IN (SELECT ranked.id FROM ranked)) \
         SELECT c1 FROM ranked_rows WHERE place <= ? ORDER BY place",
    );
}
