//! A table under several names.

use aludel::prelude::*;

use crate::check::{check, check_refused};
use crate::models::{Document, Employee, User};

#[test]
fn an_aliased_entity_is_all_its_columns() {
    check(
        select(alias(Employee, "boss")),
        "SELECT boss.id, boss.name, boss.manager_id FROM employees AS boss",
    );
}

#[test]
fn a_self_join_does_not_clash() {
    let boss = alias(Employee, "boss");
    check(
        select((Employee::NAME, boss.col(Employee::NAME))).join(Employee::MANAGER.to(boss)),
        "SELECT employees.name, boss.name FROM employees JOIN employees AS boss ON employees.manager_id = boss.id",
    );
    check(
        select((Employee, optional(boss))).outer_join(Employee::MANAGER.to(boss)),
        "SELECT employees.id, employees.name, employees.manager_id, boss.id, boss.name, boss.manager_id FROM employees LEFT JOIN employees AS boss ON employees.manager_id = boss.id",
    );
}

#[test]
fn a_relation_starts_from_an_alias() {
    let (a, b) = (alias(Employee, "a"), alias(Employee, "b"));
    check(
        select(b.col(Employee::NAME)).select_from(a).join(a.rel(Employee::REPORTS).to(b)),
        "SELECT b.name FROM employees AS a JOIN employees AS b ON a.id = b.manager_id",
    );
    let writer = alias(User, "writer");
    check(
        select(writer.col(User::EMAIL)).join(writer.rel(User::DOCUMENTS)).filter(Document::PUBLISHED),
        "SELECT writer.email FROM users AS writer JOIN documents ON writer.id = documents.owner_id WHERE documents.published",
    );
}

#[test]
fn a_name_that_is_a_word_of_sql_is_quoted() {
    let order = alias(Employee, "order");
    check(
        select(order.col(Employee::NAME)),
        crate::check::Sql {
            sqlite: "SELECT \"order\".name FROM employees AS \"order\"",
            postgres: "SELECT \"order\".name FROM employees AS \"order\"",
            mariadb: "SELECT `order`.name FROM employees AS `order`",
        },
    );
}

#[test]
fn a_name_is_in_from_once() {
    let boss = alias(Employee, "boss");
    check_refused(
        select(Employee::NAME).join(Employee::MANAGER.to(boss)).join(Employee::REPORTS.to(boss)),
        "the statement cannot be compiled: `boss` is in FROM twice
  help: give the other one a name: `let manager = alias(Employee, \"manager\")`, and join along `Employee::MANAGER.to(manager)`",
    );
    check_refused(
        select(User::ID).join(User::DOCUMENTS.to(alias(Document, "users"))),
        "the statement cannot be compiled: `users` is in FROM twice
  help: join it once, and put both conditions into that join; or give the other one a name: `alias(Document, \"…\")`",
    );
}

#[test]
fn a_column_of_an_alias_that_is_not_there_names_the_join() {
    let boss = alias(Employee, "boss");
    check_refused(
        select(Employee::NAME).filter(boss.col(Employee::NAME).eq("Ada")),
        "the statement cannot be compiled: `boss.name` is used, but `boss` is not in FROM (employees)
  help: add `.join(Employee::MANAGER.to(boss))`",
    );
    check_refused(
        select(boss.col(Employee::ID)).filter(Employee::NAME.eq("Ada")),
        "the statement cannot be compiled: `employees.name` is used, but `employees` is not in FROM (boss)
  help: it is there under another name: use `boss.col(Employee::NAME)`",
    );
    let writer = alias(User, "writer");
    check_refused(
        select(writer.col(User::ID)).filter(Document::PUBLISHED),
        "the statement cannot be compiled: `documents.published` is used, but `documents` is not in FROM (writer)
  help: add `.join(writer.rel(User::DOCUMENTS))`",
    );
}

#[test]
fn a_column_of_an_outer_joined_alias_is_an_option() {
    let boss = alias(Employee, "boss");
    check_refused(
        select((Employee::NAME, boss.col(Employee::NAME))).outer_join(Employee::MANAGER.to(boss)),
        "the statement cannot be compiled: `boss.col(Employee::NAME)` is selected from an outer join, where it may be NULL, but not as an `Option`
  help: select `boss.col(Employee::NAME).nullable()`",
    );
    check_refused(
        select((Employee::NAME, boss)).outer_join(Employee::MANAGER.to(boss)),
        "the statement cannot be compiled: `boss` is selected from an outer join, where it may be missing, but not as an `Option`
  help: select `optional(boss)`",
    );
}
