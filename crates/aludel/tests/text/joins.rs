//! Joins, and what an outer join makes of columns.

use aludel::prelude::*;

use crate::check::{Sql, check, check_refused};
use crate::models::{Document, Employee, Line, Order, Tag, User};

#[test]
fn along_a_relation_from_the_one_side() {
    check(
        select((User::EMAIL, Document::TITLE)).join(User::DOCUMENTS),
        "SELECT users.email, documents.title FROM users JOIN documents ON users.id = documents.owner_id",
    );
}

#[test]
fn along_a_relation_from_the_many_side() {
    check(
        select(Document::TITLE).join(Document::OWNER).filter(User::ACTIVE),
        "SELECT documents.title FROM documents JOIN users ON documents.owner_id = users.id WHERE users.active",
    );
}

#[test]
fn on_any_condition() {
    check(
        select(User::ID).join_on(Line, Line::QUANTITY.gt(User::AGE).and(Line::NUMBER.eq(1))),
        "SELECT users.id FROM users JOIN order_lines ON order_lines.quantity > users.age AND order_lines.number = ?",
    );
}

#[test]
fn one_after_the_other() {
    check(
        select((User::EMAIL, Tag::LABEL.nullable()))
            .join(User::DOCUMENTS)
            .outer_join_on(Tag, Tag::DOCUMENT_ID.eq(Document::ID)),
        "SELECT users.email, tags.label FROM users JOIN documents ON users.id = documents.owner_id LEFT JOIN tags ON tags.document_id = documents.id",
    );
}

#[test]
fn select_from_turns_the_join_round() {
    check(
        select((Document::TITLE, User::EMAIL)).select_from(User).join(User::DOCUMENTS),
        "SELECT documents.title, users.email FROM users JOIN documents ON users.id = documents.owner_id",
    );
}

#[test]
fn an_outer_join_keeps_rows_without_a_partner() {
    check(
        select((User::EMAIL, Document::TITLE.nullable())).outer_join(User::DOCUMENTS),
        "SELECT users.email, documents.title FROM users LEFT JOIN documents ON users.id = documents.owner_id",
    );
    check(
        select((User::EMAIL, optional(Tag))).outer_join_on(Tag, Tag::ID.eq(User::ID)),
        "SELECT users.email, tags.id, tags.label, tags.document_id FROM users LEFT JOIN tags ON tags.id = users.id",
    );
}

#[test]
fn a_column_of_an_outer_join_is_an_option() {
    check_refused(
        select((User::EMAIL, Document::TITLE)).outer_join(User::DOCUMENTS),
        "the statement cannot be compiled: `Document::TITLE` is selected from an outer join, where it may be NULL, but not as an `Option`
  help: select `Document::TITLE.nullable()`",
    );
    // The column itself is an option, and the partner may be missing: both are None.
    check(
        select((User::ID, Document::RATING)).outer_join(User::DOCUMENTS),
        "SELECT users.id, documents.rating FROM users LEFT JOIN documents ON users.id = documents.owner_id",
    );
}

#[test]
fn an_entity_of_an_outer_join_is_an_option() {
    check_refused(
        select((User, Document)).outer_join(User::DOCUMENTS),
        "the statement cannot be compiled: `Document` is selected from an outer join, where it may be missing, but not as an `Option`
  help: select `optional(Document)`",
    );
}

#[test]
fn an_expression_of_an_outer_join_is_an_option() {
    check_refused(
        select((User::ID, Document::VIEWS + 1)).outer_join(User::DOCUMENTS),
        "the statement cannot be compiled: an expression with `Document::VIEWS` is selected from an outer join, where it may be NULL, but not as an `Option`
  help: put `.nullable()` behind the expression, or `coalesce` the column",
    );
    check_refused(
        select((User::ID, func::lower(Document::TITLE).label("title"))).outer_join(User::DOCUMENTS),
        "the statement cannot be compiled: an expression with `Document::TITLE` is selected from an outer join, where it may be NULL, but not as an `Option`
  help: put `.nullable()` behind the expression, or `coalesce` the column",
    );
    check(
        select((
            User::ID,
            (Document::VIEWS + 1).nullable(),
            func::count(Document::ID),
            func::coalesce(Document::VIEWS, 0),
            Document::ID.is_null(),
        ))
        .outer_join(User::DOCUMENTS)
        .group_by((User::ID, Document::VIEWS, Document::ID)),
        "SELECT users.id, documents.views + ?, count(documents.id), coalesce(documents.views, ?), documents.id IS NULL FROM users LEFT JOIN documents ON users.id = documents.owner_id GROUP BY users.id, documents.views, documents.id",
    );
}

#[test]
fn a_table_is_in_from_once() {
    check_refused(
        select(User::ID).join(User::DOCUMENTS).join_on(Document, Document::ID.eq(1)),
        "the statement cannot be compiled: `documents` is in FROM twice
  help: join it once, and put both conditions into that join; or give the other one a name: `alias(Document, \"…\")`",
    );
    check_refused(
        select(Employee::NAME).join(Employee::MANAGER),
        "the statement cannot be compiled: `employees` is in FROM twice
  help: give the other one a name: `let manager = alias(Employee, \"manager\")`, and join along `Employee::MANAGER.to(manager)`",
    );
}

#[test]
fn a_relation_starts_from_a_table_that_is_there() {
    check_refused(
        select(Document::ID).join(User::DOCUMENTS),
        "the statement cannot be compiled: the join along `User::DOCUMENTS` starts from `users`, which is not in FROM (documents)
  help: join along `Document::OWNER`, or begin with `.select_from(User)`",
    );
    check_refused(
        select(Line::QUANTITY).join(User::DOCUMENTS),
        "the statement cannot be compiled: the join along `User::DOCUMENTS` starts from `users`, which is not in FROM (order_lines)
  help: join `User` before it, or begin with `.select_from(User)`",
    );
}

#[test]
fn a_table_of_a_schema_is_named_with_it_in_from_only() {
    check(
        select(Order::PLAIN).join_on(User, User::ID.eq(Order::PLAIN)),
        Sql {
            sqlite: "SELECT \"Order\".plain_1 FROM \"my shop\".\"Order\" JOIN users ON users.id = \"Order\".plain_1",
            postgres: "SELECT \"Order\".plain_1 FROM \"my shop\".\"Order\" JOIN users ON users.id = \"Order\".plain_1",
            mariadb: "SELECT `Order`.plain_1 FROM `my shop`.`Order` JOIN users ON users.id = `Order`.plain_1",
        },
    );
}
