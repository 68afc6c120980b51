//! What is selected, from where, and how many rows.

use aludel::prelude::*;
use aludel::{ErrorKind, Select, Value};

use crate::check::{Sql, check, check_refused, check_values, each};
use crate::models::{Document, Line, User};

#[test]
fn an_entity_is_all_its_columns_in_the_order_of_the_fields() {
    check(select(User), "SELECT users.id, users.email, users.name, users.age, users.active FROM users");
}

#[test]
fn columns_are_selected_from_the_table_of_the_first() {
    check(select(User::EMAIL), "SELECT users.email FROM users");
    check(select((User::NAME, User::ID)), "SELECT users.name, users.id FROM users");
}

#[test]
fn a_label_names_an_expression() {
    check(
        select((Document::ID, (Document::VIEWS + 1).label("next"), Document::TITLE.label("Title"))),
        Sql {
            sqlite: "SELECT documents.id, documents.views + ?1 AS next, documents.title AS \"Title\" FROM documents",
            postgres: "SELECT documents.id, documents.views + $1 AS next, documents.title AS \"Title\" FROM documents",
            mariadb: "SELECT documents.id, documents.views + ? AS next, documents.title AS `Title` FROM documents",
        },
    );
}

#[test]
fn the_table_of_the_first_column_within_an_expression_is_from() {
    check(select(func::count(Document::ID)), "SELECT count(documents.id) FROM documents");
    check(
        select(case().when(Document::PUBLISHED, Document::TITLE).else_("draft")),
        "SELECT CASE WHEN documents.published THEN documents.title ELSE ? END FROM documents",
    );
}

#[test]
fn select_from_names_the_table() {
    check(select(func::count_star()).select_from(User), "SELECT count(*) FROM users");
}

#[test]
fn an_expression_without_columns_needs_no_from() {
    check(
        select(func::now()),
        Sql {
            sqlite: "SELECT (strftime('%Y-%m-%d %H:%M:%f','now') || '000')",
            postgres: "SELECT statement_timestamp()",
            mariadb: "SELECT utc_timestamp(6)",
        },
    );
}

#[test]
fn a_count_of_rows_needs_a_table() {
    let message = "the statement cannot be compiled: the statement has no FROM: nothing selected is a column
  help: name the table: `.select_from(Entity)`";
    check_refused(select(func::count_star()), message);
    check_refused(select(func::count_star() + 1_i64), message);
    check_refused(select(func::now()).join_on(User, User::ACTIVE), message);
}

#[test]
fn conditions_of_several_filters_must_all_hold() {
    check(
        select(User::ID)
            .filter(User::ACTIVE)
            .filter(User::AGE.gt(17).or(User::AGE.is_null()))
            .filter(User::EMAIL.eq("a@b.com")),
        "SELECT users.id FROM users WHERE users.active AND (users.age > ? OR users.age IS NULL) AND users.email = ?",
    );
}

#[test]
fn conditions_can_be_collected_and_chosen() {
    let search = |title: Option<&str>, published: bool| -> Select<_> {
        let mut conditions = vec![];
        if let Some(title) = title {
            conditions.push(Document::TITLE.eq(title));
        }
        if published {
            conditions.push(Document::PUBLISHED.eq(true));
        }
        select(Document::ID).filter(and_(conditions))
    };
    check(search(None, false), "SELECT documents.id FROM documents WHERE 1 = 1");
    check(
        search(Some("Plan"), true),
        "SELECT documents.id FROM documents WHERE documents.title = ? AND documents.published = ?",
    );
}

#[test]
fn each_row_once() {
    check(select(Document::TITLE).distinct(), "SELECT DISTINCT documents.title FROM documents");
}

#[test]
fn limit() {
    check(
        select(Document::ID).limit(5),
        Sql {
            sqlite: "SELECT documents.id FROM documents LIMIT ?1 + 0",
            postgres: "SELECT documents.id FROM documents LIMIT $1",
            mariadb: "SELECT documents.id FROM documents LIMIT ?",
        },
    );
}

#[test]
fn offset_without_limit() {
    check(
        select(Document::ID).offset(20),
        Sql {
            sqlite: "SELECT documents.id FROM documents LIMIT -1 OFFSET ?1 + 0",
            postgres: "SELECT documents.id FROM documents OFFSET $1",
            mariadb: "SELECT documents.id FROM documents LIMIT 18446744073709551615 OFFSET ?",
        },
    );
}

#[test]
fn limit_and_offset() {
    let page = select(Document::ID).offset(20).limit(10);
    check(
        page.clone(),
        Sql {
            sqlite: "SELECT documents.id FROM documents LIMIT ?1 + 0 OFFSET ?2 + 0",
            postgres: "SELECT documents.id FROM documents LIMIT $1 OFFSET $2",
            mariadb: "SELECT documents.id FROM documents LIMIT ? OFFSET ?",
        },
    );
    check_values(page, each(|_| vec![Value::Int(10), Value::Int(20)]));
}

#[test]
fn an_offset_beyond_every_table_is_the_greatest_there_is() {
    check_values(select(Document::ID).offset(u64::MAX), each(|_| vec![Value::Int(i64::MAX)]));
}

#[test]
fn rows_are_locked_for_an_update() {
    check(
        select(Document::ID).filter(Document::ID.eq(5)).limit(1).for_update(),
        Sql {
            sqlite: "unsupported: SQLite has no FOR UPDATE
  help: a writing transaction locks the whole database there: begin one, and read inside it",
            postgres: "SELECT documents.id FROM documents WHERE documents.id = $1 LIMIT $2 FOR UPDATE",
            mariadb: "SELECT documents.id FROM documents WHERE documents.id = ? LIMIT ? FOR UPDATE",
        },
    );
}

#[test]
fn clauses_come_in_the_order_of_sql_whatever_the_order_of_the_calls() {
    check(
        select((Document::OWNER_ID, func::count_star()))
            .limit(1)
            .order_by(Document::OWNER_ID)
            .having(func::count_star().gt(1_i64))
            .group_by(Document::OWNER_ID)
            .filter(User::ACTIVE)
            .join(Document::OWNER)
            .distinct(),
        Sql {
            sqlite: "SELECT DISTINCT documents.owner_id, count(*) FROM documents JOIN users ON documents.owner_id = users.id WHERE users.active GROUP BY documents.owner_id HAVING count(*) > ?1 ORDER BY documents.owner_id LIMIT ?2 + 0",
            postgres: "SELECT DISTINCT documents.owner_id, count(*) FROM documents JOIN users ON documents.owner_id = users.id WHERE users.active GROUP BY documents.owner_id HAVING count(*) > $1 ORDER BY documents.owner_id LIMIT $2",
            mariadb: "SELECT DISTINCT documents.owner_id, count(*) FROM documents JOIN users ON documents.owner_id = users.id WHERE users.active GROUP BY documents.owner_id HAVING count(*) > ? ORDER BY documents.owner_id LIMIT ?",
        },
    );
}

#[test]
fn a_column_of_a_table_that_is_not_in_from_names_the_missing_join() {
    check_refused(
        select(User::EMAIL).filter(Document::TITLE.eq("Plan")),
        "the statement cannot be compiled: `documents.title` is used, but `documents` is not in FROM (users)
  help: add `.join(User::DOCUMENTS)`",
    );
    check_refused(
        select((User::EMAIL, Document::TITLE)),
        "the statement cannot be compiled: `documents.title` is used, but `documents` is not in FROM (users)
  help: add `.join(User::DOCUMENTS)`",
    );
    check_refused(
        select((User, Document)),
        "the statement cannot be compiled: `documents.id` is used, but `documents` is not in FROM (users)
  help: add `.join(User::DOCUMENTS)`",
    );
}

#[test]
fn where_there_is_no_relation_the_foreign_key_says_how_to_join() {
    use crate::models::Tag;

    check_refused(
        select(Document::ID).order_by(Tag::LABEL),
        "the statement cannot be compiled: `tags.label` is used, but `tags` is not in FROM (documents)
  help: add `.join_on(Tag, Tag::DOCUMENT_ID.eq(Document::ID))`",
    );
    check_refused(
        select(Tag::ID).filter(Document::ID.eq(1)),
        "the statement cannot be compiled: `documents.id` is used, but `documents` is not in FROM (tags)
  help: add `.join_on(Document, Tag::DOCUMENT_ID.eq(Document::ID))`",
    );
    check_refused(
        select(User::ID).join(User::DOCUMENTS).filter(Tag::LABEL.eq("x")),
        "the statement cannot be compiled: `tags.label` is used, but `tags` is not in FROM (users, documents)
  help: add `.join_on(Tag, Tag::DOCUMENT_ID.eq(Document::ID))`",
    );
}

#[test]
fn where_nothing_ties_the_tables_together_the_condition_is_asked_for() {
    check_refused(
        select(User::ID).group_by(Line::QUANTITY),
        "the statement cannot be compiled: `order_lines.quantity` is used, but `order_lines` is not in FROM (users)
  help: add `.join_on(Line, …)` with the condition that ties the tables together",
    );
}

#[test]
fn without_any_table_the_first_one_is_asked_for() {
    check_refused(
        select(func::now()).filter(User::ACTIVE),
        "the statement cannot be compiled: `users.active` is used, but `users` is not in FROM (which is empty)
  help: name the table: `.select_from(User)`",
    );
}

#[test]
fn the_error_knows_the_table() {
    let error = select(User::EMAIL).filter(Document::ID.eq(1)).to_sql(&crate::check::sqlite()).unwrap_err();
    assert_eq!((error.kind(), error.table()), (ErrorKind::Compile, Some("documents")));
}
