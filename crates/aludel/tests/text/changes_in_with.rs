//! INSERT, UPDATE and DELETE in WITH, whose returned rows the statement reads.

use aludel::prelude::*;

use crate::check::{Sql, check, check_refused, postgres, shown};
use crate::models::{Document, Employee, Line, Tag, User};

const SQLITE: &str = "unsupported: SQLite has no INSERT, UPDATE or DELETE within WITH
  help: execute it before the statement, in the same transaction, and bind what it gives back there";
const MARIADB: &str = "unsupported: MariaDB has no INSERT, UPDATE or DELETE within WITH
  help: execute it before the statement, in the same transaction, and bind what it gives back there";

/// Checks the text for PostgreSQL, and that the others refuse.
#[track_caller]
fn only_postgres(statement: impl ToSql, expected: &'static str) {
    check(statement, Sql { sqlite: SQLITE, postgres: expected, mariadb: MARIADB });
}

fn tag(label: &str) -> impl Insertable<Tag> {
    Tag::builder().label(label).document_id(1)
}

#[test]
fn what_is_inserted_is_read() {
    let new = insert(Tag).values([tag("a"), tag("b")]).returning((Tag::ID, Tag::DOCUMENT_ID)).cte("new_tags");
    only_postgres(
        select((Document::TITLE, new.col(Tag::ID)))
            .join_on(&new, new.col(Tag::DOCUMENT_ID).eq(Document::ID))
            .filter(new.col(Tag::ID).gt(5)),
        "WITH new_tags AS (INSERT INTO tags (label, document_id) VALUES ($1, $2), ($3, $4) RETURNING id, document_id) \
         SELECT documents.title, new_tags.id FROM documents JOIN new_tags ON new_tags.document_id = documents.id \
         WHERE new_tags.id > $5",
    );
}

#[test]
fn what_is_updated_is_read() {
    let more = (Document::VIEWS + 1).label("more");
    let seen = update(Document)
        .set(Document::VIEWS, Document::VIEWS + 1)
        .filter(Document::ID.eq(5))
        .returning((Document::ID, more.clone()))
        .cte("seen");
    only_postgres(
        select((seen.col(&more), seen.col(Document::ID))),
        "WITH seen AS (UPDATE documents SET views = views + $1 WHERE id = $2 RETURNING id, views + $3 AS more) \
         SELECT seen.more, seen.id FROM seen",
    );
}

#[test]
fn what_is_deleted_is_inserted_elsewhere() {
    let gone = delete(Document).filter(Document::VIEWS.eq(0)).returning(Document).cte("gone");
    only_postgres(
        insert(Tag).from_select(
            (Tag::LABEL, Tag::DOCUMENT_ID),
            select((gone.col(Document::TITLE), gone.col(Document::ID))),
        ),
        "WITH gone AS (DELETE FROM documents WHERE views = $1 \
         RETURNING id, title, body, owner_id, views, likes, score, rating, published, created_at) \
         INSERT INTO tags (label, document_id) SELECT gone.title, gone.id FROM gone",
    );
}

#[test]
fn an_upsert_gives_back_what_was_there_and_what_is_new() {
    let tags = insert(Tag)
        .values([tag("a")])
        .on_conflict(Tag::LABEL)
        .do_update(|row| row.set(Tag::DOCUMENT_ID, excluded(Tag::DOCUMENT_ID)))
        .returning(Tag::ID)
        .cte("upserted");
    only_postgres(
        select(tags.col(Tag::ID)),
        "WITH upserted AS (INSERT INTO tags (label, document_id) VALUES ($1, $2) ON CONFLICT (label) \
         DO UPDATE SET document_id = excluded.document_id RETURNING id) SELECT upserted.id FROM upserted",
    );
}

#[test]
fn columns_of_one_name_are_told_apart() {
    let seen = update(Document)
        .set(Document::VIEWS, 0)
        .returning((Document::ID, Document::OWNER_ID.label("id"), Document::VIEWS + 1))
        .cte("seen");
    only_postgres(
        select((seen.col(Document::ID), seen.col(Document::VIEWS + 1))),
        "WITH seen AS (UPDATE documents SET views = $1 RETURNING id, owner_id AS documents_id, views + $2 AS column_3) \
         SELECT seen.id, seen.column_3 FROM seen",
    );
}

#[test]
fn a_change_reads_what_stands_before_it() {
    let idle = select(User::ID).filter(!User::DOCUMENTS.exists()).cte("idle");
    let gone =
        delete(User).filter(User::ID.in_(select(idle.col(User::ID)))).returning(User::EMAIL).cte("gone");
    let noted = insert(Tag)
        .from_select(
            (Tag::LABEL, Tag::DOCUMENT_ID),
            select((gone.col(User::EMAIL), text!("1").expr::<i64>())),
        )
        .returning(Tag::LABEL)
        .cte("noted");
    only_postgres(
        select(noted.col(Tag::LABEL)),
        "WITH idle AS (SELECT users.id FROM users WHERE NOT EXISTS \
         (SELECT 1 FROM documents WHERE users.id = documents.owner_id)), \
         gone AS (DELETE FROM users WHERE id IN (SELECT idle.id FROM idle) RETURNING email), \
         noted AS (INSERT INTO tags (label, document_id) SELECT gone.email, 1 FROM gone RETURNING label) \
         SELECT noted.label FROM noted",
    );
}

#[test]
fn hints_stand_before_a_change_too() {
    let gone = delete(Tag).returning(Tag::ID).cte("gone").materialized();
    only_postgres(
        select(gone.col(Tag::ID)),
        "WITH gone AS MATERIALIZED (DELETE FROM tags RETURNING id) SELECT gone.id FROM gone",
    );
}

#[test]
fn a_change_whose_rows_nobody_reads_is_added() {
    let gone = delete(Tag).filter(Tag::DOCUMENT_ID.eq(1)).returning(Tag::ID).cte("gone");
    only_postgres(
        select(Document::ID).add_cte(&gone).filter(Document::ID.eq(2)),
        "WITH gone AS (DELETE FROM tags WHERE document_id = $1 RETURNING id) \
         SELECT documents.id FROM documents WHERE documents.id = $2",
    );
    // It is written once, wherever else it is.
    only_postgres(
        select(gone.col(Tag::ID)).add_cte(&gone),
        "WITH gone AS (DELETE FROM tags WHERE document_id = $1 RETURNING id) SELECT gone.id FROM gone",
    );
}

#[test]
fn a_query_is_added_on_every_database() {
    let active = select(User::ID).filter(User::ACTIVE).cte("active_users").not_materialized();
    check(
        select(Document::ID).add_cte(&active),
        Sql {
            sqlite: "WITH active_users AS NOT MATERIALIZED (SELECT users.id FROM users WHERE users.active) SELECT documents.id FROM documents",
            postgres: "WITH active_users AS NOT MATERIALIZED (SELECT users.id FROM users WHERE users.active) SELECT documents.id FROM documents",
            mariadb: "WITH active_users AS (SELECT users.id FROM users WHERE users.active) SELECT documents.id FROM documents",
        },
    );
}

/// Rows that would be dealt out to statements of few sizes are one here.
#[test]
fn any_number_of_rows_is_one_change() {
    let rows = (0..257).map(|n| Line::builder().order_no(7).number(n).quantity(1));
    let new = insert(Line).values(rows).returning(Line::NUMBER).cte("new_lines");
    let (text, values) = select(func::count_star()).select_from(&new).to_sql(&postgres()).unwrap();
    assert_eq!(values.len(), 3 * 257);
    assert!(text.ends_with("($769, $770, $771) RETURNING number) SELECT count(*) FROM new_lines"), "{text}");
}

#[test]
fn rows_that_give_other_columns_are_no_change_in_with() {
    let named = User::builder().email("a@b.com").active(true).name("A");
    let plain = User::builder().email("b@b.com").active(true);
    let refused = |new: Cte<_>| shown(&select(new.col(User::ID)).to_sql(&postgres()).map(|it| it.0));
    assert_eq!(
        refused(insert(User).values([named]).values([plain]).returning(User::ID).cte("new_users")),
        "the statement cannot be compiled: the INSERT takes 2 statements
  help: rows that give other columns, or are more than a statement takes, are sent apart; execute it by itself"
    );
    assert_eq!(
        refused(insert(User).returning(User::ID).cte("new_users")),
        "the statement cannot be compiled: the INSERT has no rows
  help: add some with `.values(…)`"
    );
}

#[test]
fn a_change_is_not_recursive() {
    let gone =
        delete(Employee).returning(Employee::ID).cte("gone").recursive(|gone| select(gone.col(Employee::ID)));
    check_refused(
        select(gone.col(Employee::ID)),
        "the statement cannot be compiled: the CTE `gone` changes rows, and cannot be recursive
  help: find the rows with a recursive query, and change those that it finds",
    );
}

#[test]
fn a_change_in_with_is_shown_and_explained() {
    let gone = delete(Tag).filter(Tag::LABEL.eq("o'clock")).returning(Tag::ID).cte("gone");
    let counted = select(func::count_star()).select_from(&gone);
    assert_eq!(
        counted.inline_sql(&postgres()).unwrap(),
        "WITH gone AS (DELETE FROM tags WHERE label = 'o''clock' RETURNING id) SELECT count(*) FROM gone"
    );
}
