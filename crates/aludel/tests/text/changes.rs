//! UPDATE, DELETE and RETURNING.

use aludel::prelude::*;

use crate::check::{Sql, check, check_refused};
use crate::models::{Document, Employee, Order, Tag, User};

#[test]
fn columns_are_set_to_values() {
    check(
        update(Document).filter(Document::ID.eq(5)).set(Document::TITLE, "Final").set(Document::RATING, 4.5),
        "UPDATE documents SET title = ?, rating = ? WHERE id = ?",
    );
}

#[test]
fn a_column_is_set_to_null() {
    check(update(Document).set(Document::RATING, None), "UPDATE documents SET rating = ?");
}

#[test]
fn a_column_is_set_to_an_expression_of_the_row_as_it_was() {
    check(
        update(Document).set(Document::VIEWS, Document::VIEWS + 1).set(Document::RATING, Document::SCORE),
        "UPDATE documents SET views = views + ?, rating = score",
    );
}

#[test]
fn without_a_filter_all_rows_change() {
    check(update(User).set(User::ACTIVE, false), "UPDATE users SET active = ?");
    check(delete(User), "DELETE FROM users");
}

#[test]
fn conditions_of_several_filters_must_all_hold() {
    check(
        update(User)
            .filter(User::ID.gt(5).or(User::AGE.is_null()))
            .filter(User::ACTIVE)
            .set(User::ACTIVE, false),
        "UPDATE users SET active = ? WHERE (id > ? OR age IS NULL) AND active",
    );
    check(
        delete(User).filter(User::ID.gt(5)).filter(User::ACTIVE),
        "DELETE FROM users WHERE id > ? AND active",
    );
}

#[test]
fn a_change_that_is_kept_can_be_finished_in_several_ways() {
    let inactive = update(User).set(User::ACTIVE, false);
    check(inactive.clone().filter(User::ID.eq(1)), "UPDATE users SET active = ? WHERE id = ?");
    check(inactive, "UPDATE users SET active = ?");

    let old = delete(User).filter(User::ID.lt(5));
    check(old.clone().filter(User::ACTIVE), "DELETE FROM users WHERE id < ? AND active");
    check(old, "DELETE FROM users WHERE id < ?");

    let copies = insert(Tag).from_select((Tag::LABEL, Tag::DOCUMENT_ID), select((User::EMAIL, User::ID)));
    check(copies.clone(), "INSERT INTO tags (label, document_id) SELECT users.email, users.id FROM users");
    let upsert = copies.or_do_nothing();
    check_same(&upsert, &upsert.clone());
    let returning = upsert.returning(Tag::ID);
    check_same(&returning, &returning.clone());
}

fn check_same(one: &impl ToSql, other: &impl ToSql) {
    let sql = |it: &dyn ToSql| it.to_sql(&aludel::SqliteDialect).unwrap();
    assert_eq!(sql(one), sql(other));
}

#[test]
fn assignments_are_ordered_where_they_see_what_was_written_before_them() {
    check(
        update(Document).set(Document::VIEWS, Document::VIEWS + 1).set(Document::LIKES, Document::VIEWS),
        Sql {
            sqlite: "UPDATE documents SET views = views + ?1, likes = views",
            postgres: "UPDATE documents SET views = views + $1, likes = views",
            mariadb: "UPDATE documents SET likes = views, views = views + ?",
        },
    );
}

#[test]
fn assignments_that_no_order_makes_right_are_refused() {
    check(
        update(Document).set(Document::VIEWS, Document::LIKES).set(Document::LIKES, Document::VIEWS),
        Sql {
            sqlite: "UPDATE documents SET views = likes, likes = views",
            postgres: "UPDATE documents SET views = likes, likes = views",
            mariadb: "unsupported: MariaDB has no UPDATE whose assignments read each other's columns
  help: assignments run from left to right there and see what was written before them; use two statements",
        },
    );
}

#[test]
fn the_values_follow_their_assignments() {
    use crate::check::check_values;
    use aludel::Value::{Int, Text};

    let statement = update(Document)
        .set(Document::VIEWS, Document::LIKES * 3)
        .set(Document::LIKES, 7)
        .filter(Document::TITLE.eq("x"));
    let in_order = || vec![Int(3), Int(7), Text("x".to_owned())];
    check_values(statement, Sql { sqlite: in_order(), postgres: in_order(), mariadb: in_order() });
    let turned = update(Document)
        .set(Document::LIKES, 7)
        .set(Document::VIEWS, Document::LIKES * 3)
        .filter(Document::TITLE.eq("x"));
    let as_given = || vec![Int(7), Int(3), Text("x".to_owned())];
    check_values(turned, Sql { sqlite: as_given(), postgres: as_given(), mariadb: in_order() });
}

#[test]
fn an_update_sets_something() {
    check_refused(
        update(Document).filter(Document::ID.eq(5)),
        "the statement cannot be compiled: the UPDATE of `documents` sets nothing
  help: add `.set(Column, value)`",
    );
}

#[test]
fn an_update_sets_a_column_once() {
    check_refused(
        update(Document).set(Document::VIEWS, 1).set(Document::TITLE, "x").set(Document::VIEWS, 2),
        "the statement cannot be compiled: the UPDATE of `documents` sets `views` twice
  help: databases disagree about which value wins; leave one of them out",
    );
}

#[test]
fn a_change_uses_columns_of_its_own_table() {
    check_refused(
        update(Document).set(Document::RATING, 0.0).filter(User::ACTIVE),
        "the statement cannot be compiled: `users.active` is used, but `users` is not in FROM (documents)
  help: an UPDATE or DELETE may only use columns of its own table",
    );
    check_refused(
        delete(Document).filter(User::ACTIVE),
        "the statement cannot be compiled: `users.active` is used, but `users` is not in FROM (documents)
  help: an UPDATE or DELETE may only use columns of its own table",
    );
}

#[test]
fn rows_are_deleted() {
    check(delete(Document).filter(Document::OWNER_ID.eq(1)), "DELETE FROM documents WHERE owner_id = ?");
}

#[test]
fn changed_rows_are_given_back() {
    check(
        update(Document)
            .filter(Document::ID.eq(5))
            .set(Document::TITLE, "Final")
            .returning((Document::ID, (Document::VIEWS + 1).label("next"))),
        Sql {
            sqlite: "UPDATE documents SET title = ?1 WHERE id = ?2 RETURNING id, views + ?3 AS next",
            postgres: "UPDATE documents SET title = $1 WHERE id = $2 RETURNING id, views + $3 AS next",
            mariadb: "unsupported: MariaDB has no UPDATE … RETURNING
  help: read the rows with a SELECT in the same transaction",
        },
    );
    check(
        update(User).set(User::ACTIVE, true).returning(User),
        Sql {
            sqlite: "UPDATE users SET active = ?1 RETURNING id, email, name, age, active",
            postgres: "UPDATE users SET active = $1 RETURNING id, email, name, age, active",
            mariadb: "unsupported: MariaDB has no UPDATE … RETURNING
  help: read the rows with a SELECT in the same transaction",
        },
    );
}

#[test]
fn deleted_rows_are_given_back() {
    check(
        delete(Document).filter(Document::ID.eq(5)).returning(Document::TITLE),
        "DELETE FROM documents WHERE id = ? RETURNING title",
    );
}

#[test]
fn a_table_of_a_schema_is_named_with_it() {
    check(
        update(Order).set(Order::PLAIN, Order::ID).filter(Order::NAIVE),
        Sql {
            sqlite: "UPDATE \"my shop\".\"Order\" SET plain_1 = \"select\" WHERE \"naïve\"",
            postgres: "UPDATE \"my shop\".\"Order\" SET plain_1 = \"select\" WHERE \"naïve\"",
            mariadb: "UPDATE `my shop`.`Order` SET plain_1 = `select` WHERE `naïve`",
        },
    );
    check(
        delete(Order),
        Sql {
            sqlite: "DELETE FROM \"my shop\".\"Order\"",
            postgres: "DELETE FROM \"my shop\".\"Order\"",
            mariadb: "DELETE FROM `my shop`.`Order`",
        },
    );
}

#[test]
fn tables_are_joined_to_an_update() {
    let stmt =
        || update(Document).join(Document::OWNER).set(Document::TITLE, User::EMAIL).filter(User::AGE.gt(30));
    check(
        stmt(),
        Sql {
            sqlite: "UPDATE documents SET title = users.email FROM users WHERE documents.owner_id = users.id AND users.age > ?1",
            postgres: "UPDATE documents SET title = users.email FROM users WHERE documents.owner_id = users.id AND users.age > $1",
            mariadb: "UPDATE documents JOIN users ON documents.owner_id = users.id SET documents.title = users.email WHERE users.age > ?",
        },
    );
    check(
        stmt().join_on(Tag, Tag::DOCUMENT_ID.eq(Document::ID)).returning(Document::ID),
        Sql {
            sqlite: "UPDATE documents SET title = users.email FROM users, tags \
                     WHERE documents.owner_id = users.id AND tags.document_id = documents.id AND users.age > ?1 RETURNING documents.id",
            postgres: "UPDATE documents SET title = users.email FROM users, tags \
                       WHERE documents.owner_id = users.id AND tags.document_id = documents.id AND users.age > $1 RETURNING documents.id",
            mariadb: "unsupported: MariaDB has no UPDATE … RETURNING\n  help: read the rows with a SELECT in the same transaction",
        },
    );
}

#[test]
fn tables_are_joined_to_a_delete() {
    check(
        delete(Document).join(Document::OWNER).filter(User::ACTIVE.eq(false)),
        Sql {
            sqlite: "DELETE FROM documents WHERE EXISTS (SELECT 1 FROM users WHERE documents.owner_id = users.id AND users.active = ?1)",
            postgres: "DELETE FROM documents USING users WHERE documents.owner_id = users.id AND users.active = $1",
            mariadb: "DELETE documents FROM documents JOIN users ON documents.owner_id = users.id WHERE users.active = ?",
        },
    );
}

#[test]
fn a_table_that_is_joined_to_itself_needs_another_name() {
    check_refused(
        update(Employee).join(Employee::MANAGER).set(Employee::NAME, "x"),
        "the statement cannot be compiled: `employees` is joined to a table of the same name\n  \
         help: give one of them another name: `alias(Entity, \"…\")`",
    );
}
