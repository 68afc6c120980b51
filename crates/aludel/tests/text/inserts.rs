//! INSERT: of rows, of what a query selects, and of rows that may be there already.

use aludel::prelude::*;

use crate::check::{Sql, check, check_refused, each, shown};
use crate::models::{Document, Line, Tag, User};

fn tag(label: &str) -> impl Insertable<Tag> {
    Tag::builder().label(label).document_id(1)
}

fn user(id: i64) -> impl Insertable<User> {
    User::builder().id(id).email("a@b.com").active(true)
}

fn line(number: i32) -> impl Insertable<Line> {
    Line::builder().order_no(7).number(number).quantity(1)
}

#[test]
fn rows_are_shown() {
    let sql = each(|dialect| shown(&insert(Tag).values([tag("a"), tag("b")]).to_sql(dialect).map(|it| it.0)));
    assert_eq!(sql.sqlite, "INSERT INTO tags (label, document_id) VALUES (?1, ?2), (?3, ?4)");
    assert_eq!(sql.postgres, "INSERT INTO tags (label, document_id) VALUES ($1, $2), ($3, $4)");
    assert_eq!(sql.mariadb, "INSERT INTO tags (label, document_id) VALUES (?, ?), (?, ?)");
}

#[test]
fn new_rows_come_back() {
    check(
        insert(Tag).values([tag("a"), tag("b")]).returning((Tag::ID, func::length(Tag::LABEL))),
        Sql {
            sqlite: "INSERT INTO tags (label, document_id) VALUES (?1, ?2), (?3, ?4) RETURNING id, length(label)",
            postgres: "INSERT INTO tags (label, document_id) VALUES ($1, $2), ($3, $4) RETURNING id, char_length(label)",
            mariadb: "INSERT INTO tags (label, document_id) VALUES (?, ?), (?, ?) RETURNING id, char_length(label)",
        },
    );
}

#[test]
fn what_is_not_one_statement_says_so() {
    let named = User::builder().email("a@b.com").active(true).name("A");
    let plain = User::builder().email("b@b.com").active(true);
    let both = insert(User).values([named]).values([plain]).returning(User::ID);
    check_refused(
        both,
        "the statement cannot be compiled: the INSERT takes 2 statements
  help: rows that give other columns, or are more than a statement takes, are sent apart; execute it by itself",
    );
    check_refused(
        insert(Tag).returning(Tag::ID),
        "the statement cannot be compiled: the INSERT has no rows
  help: add some with `.values(…)`",
    );
}

#[test]
fn what_a_query_selects_is_inserted() {
    check(
        insert(Tag).from_select(
            (Tag::LABEL, Tag::DOCUMENT_ID),
            select((Document::TITLE, Document::ID)).filter(Document::VIEWS.gt(9)),
        ),
        "INSERT INTO tags (label, document_id) SELECT documents.title, documents.id FROM documents WHERE documents.views > ?",
    );
    check(
        insert(User)
            .from_select(User::NAME, select(Document::TITLE).union(select(Tag::LABEL)))
            .returning(User::ID),
        "INSERT INTO users (name) SELECT documents.title FROM documents UNION SELECT tags.label FROM tags RETURNING id",
    );
}

#[test]
fn a_query_with_ctes_is_inserted() {
    let popular = select((Document::ID, Document::TITLE)).filter(Document::VIEWS.gt(9)).cte("popular");
    let rows = select((popular.col(Document::TITLE), popular.col(Document::ID)));
    check(
        insert(Tag).from_select((Tag::LABEL, Tag::DOCUMENT_ID), rows),
        Sql {
            sqlite: "WITH popular AS (SELECT documents.id, documents.title FROM documents WHERE documents.views > ?1) INSERT INTO tags (label, document_id) SELECT popular.title, popular.id FROM popular",
            postgres: "WITH popular AS (SELECT documents.id, documents.title FROM documents WHERE documents.views > $1) INSERT INTO tags (label, document_id) SELECT popular.title, popular.id FROM popular",
            mariadb: "INSERT INTO tags (label, document_id) WITH popular AS (SELECT documents.id, documents.title FROM documents WHERE documents.views > ?) SELECT popular.title, popular.id FROM popular",
        },
    );
}

#[test]
fn a_row_that_is_there_changes() {
    check(
        insert(Tag)
            .values([tag("a"), tag("b")])
            .on_conflict(Tag::LABEL)
            .do_update(|row| row.set(Tag::DOCUMENT_ID, excluded(Tag::DOCUMENT_ID))),
        Sql {
            sqlite: "INSERT INTO tags (label, document_id) VALUES (?1, ?2), (?3, ?4) ON CONFLICT (label) DO UPDATE SET document_id = excluded.document_id",
            postgres: "INSERT INTO tags (label, document_id) VALUES ($1, $2), ($3, $4) ON CONFLICT (label) DO UPDATE SET document_id = excluded.document_id",
            mariadb: "INSERT INTO tags (label, document_id) VALUES (?, ?), (?, ?) ON DUPLICATE KEY UPDATE document_id = values(document_id)",
        },
    );
}

#[test]
fn the_row_that_is_there_can_be_read() {
    check(
        insert(Line).values([line(1)]).on_conflict((Line::ORDER_NO, Line::NUMBER)).do_update(|row| {
            row.set(Line::QUANTITY, Line::QUANTITY + excluded(Line::QUANTITY)).set(Line::NOTE, "more")
        }),
        Sql {
            sqlite: "INSERT INTO order_lines (order_no, number, quantity) VALUES (?1, ?2, ?3) ON CONFLICT (order_no, number) DO UPDATE SET quantity = order_lines.quantity + excluded.quantity, note = ?4",
            postgres: "INSERT INTO order_lines (order_no, number, quantity) VALUES ($1, $2, $3) ON CONFLICT (order_no, number) DO UPDATE SET quantity = order_lines.quantity + excluded.quantity, note = $4",
            mariadb: "INSERT INTO order_lines (order_no, number, quantity) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE quantity = order_lines.quantity + values(quantity), note = ?",
        },
    );
}

#[test]
fn a_condition_lets_rows_be() {
    let newer = || {
        insert(Line).values([line(1)]).on_conflict((Line::ORDER_NO, Line::NUMBER)).do_update(|row| {
            row.set(Line::QUANTITY, excluded(Line::QUANTITY))
                .set(Line::NOTE, "more")
                .filter(Line::QUANTITY.lt(excluded(Line::QUANTITY)))
        })
    };
    check(
        newer(),
        Sql {
            sqlite: "INSERT INTO order_lines (order_no, number, quantity) VALUES (?1, ?2, ?3) ON CONFLICT (order_no, number) DO UPDATE SET quantity = excluded.quantity, note = ?4 WHERE order_lines.quantity < excluded.quantity",
            postgres: "INSERT INTO order_lines (order_no, number, quantity) VALUES ($1, $2, $3) ON CONFLICT (order_no, number) DO UPDATE SET quantity = excluded.quantity, note = $4 WHERE order_lines.quantity < excluded.quantity",
            // The column that the condition reads changes last.
            mariadb: "INSERT INTO order_lines (order_no, number, quantity) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE \
                      note = CASE WHEN order_lines.quantity < values(quantity) THEN ? ELSE order_lines.note END, \
                      quantity = CASE WHEN order_lines.quantity < values(quantity) THEN values(quantity) ELSE order_lines.quantity END",
        },
    );
    let mariadb = crate::check::mariadb();
    assert_eq!(
        shown(&newer().returning(Line::NOTE).to_sql(&mariadb).map(|it| it.0)),
        "unsupported: MariaDB has no RETURNING of an upsert that leaves rows as they are
  help: select the rows by their key afterwards"
    );
}

#[test]
fn a_row_that_is_there_is_left_out() {
    check(
        insert(Tag).values([tag("a")]).on_conflict(Tag::LABEL).do_nothing(),
        Sql {
            sqlite: "INSERT INTO tags (label, document_id) VALUES (?1, ?2) ON CONFLICT (label) DO NOTHING",
            postgres: "INSERT INTO tags (label, document_id) VALUES ($1, $2) ON CONFLICT (label) DO NOTHING",
            mariadb: "INSERT INTO tags (label, document_id) VALUES (?, ?) ON DUPLICATE KEY UPDATE id = tags.id",
        },
    );
    check(
        insert(User).values([user(1)]).or_do_nothing(),
        Sql {
            sqlite: "INSERT INTO users (id, email, active) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            postgres: "INSERT INTO users (id, email, active) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            mariadb: "INSERT INTO users (id, email, active) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE id = users.id",
        },
    );
}

#[test]
fn a_query_is_upserted() {
    check(
        insert(Tag)
            .from_select((Tag::LABEL, Tag::DOCUMENT_ID), select((Document::TITLE, Document::ID)))
            .on_conflict(Tag::LABEL)
            .do_nothing(),
        Sql {
            sqlite: "INSERT INTO tags (label, document_id) SELECT * FROM (SELECT documents.title, documents.id FROM documents) AS selected WHERE true ON CONFLICT (label) DO NOTHING",
            postgres: "INSERT INTO tags (label, document_id) SELECT documents.title, documents.id FROM documents ON CONFLICT (label) DO NOTHING",
            mariadb: "INSERT INTO tags (label, document_id) SELECT documents.title, documents.id FROM documents ON DUPLICATE KEY UPDATE id = tags.id",
        },
    );
}

#[test]
fn another_key_that_could_be_hit_is_refused_where_it_would_be_taken_for_the_target() {
    check(
        insert(User).values([user(1)]).on_conflict(User::EMAIL).do_update(|row| row.set(User::NAME, "A")),
        Sql {
            sqlite: "INSERT INTO users (id, email, active) VALUES (?1, ?2, ?3) ON CONFLICT (email) DO UPDATE SET name = ?4",
            postgres: "INSERT INTO users (id, email, active) VALUES ($1, $2, $3) ON CONFLICT (email) DO UPDATE SET name = $4",
            mariadb:
                "unsupported: MariaDB has no upsert by one key where another one can be hit: `id` of `users`
  help: a row that hits that key would be changed in silence; select the row first, and insert or update it",
        },
    );
}

#[test]
fn the_target_is_a_key() {
    check_refused(
        insert(Tag).values([tag("a")]).on_conflict((Tag::LABEL, Tag::DOCUMENT_ID)).do_nothing(),
        "the statement cannot be compiled: ON CONFLICT needs a unique key, and `label`, `document_id` of `tags` is none
  help: declare it: `#[column(unique)]`, or `#[entity(unique(a, b))]` for several columns",
    );
}

#[test]
fn no_row_changes_twice() {
    check_refused(
        insert(Tag).values([tag("a"), tag("b"), tag("a")]).on_conflict(Tag::LABEL).do_update(|row| row.set(Tag::DOCUMENT_ID, 1)),
        "the statement cannot be compiled: two rows of the upsert have the same `label`: it would change one row twice
  help: leave one of them out",
    );
}

#[test]
fn excluded_belongs_to_an_upsert() {
    check_refused(
        update(Tag).set(Tag::LABEL, excluded(Tag::LABEL)),
        "the statement cannot be compiled: `excluded(Tag::LABEL)` is used outside of an upsert
  help: it is the row that `insert(…).on_conflict(…).do_update(…)` was to insert",
    );
    check_refused(
        insert(Tag).values([tag("a")]).on_conflict(Tag::LABEL).do_update(|row| row),
        "the statement cannot be compiled: the upsert of `tags` sets nothing
  help: add `.set(Column, value)`",
    );
}
