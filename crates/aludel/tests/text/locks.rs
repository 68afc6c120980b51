//! Locks on rows: each with the words of its dialect, or an error that names both.

use aludel::prelude::*;

use crate::check::{Sql, check, check_refused};
use crate::models::{Document, User};

const HELP: &str =
    "\n  help: a writing transaction locks the whole database there: begin one, and read inside it";

fn sqlite(words: &str) -> String {
    format!("unsupported: SQLite has no {words}{HELP}")
}

#[test]
fn rows_are_locked_against_changes() {
    let one = || select(Document::ID).filter(Document::ID.eq(5));
    check(
        one().for_share(),
        Sql {
            sqlite: sqlite("FOR SHARE"),
            postgres: "SELECT documents.id FROM documents WHERE documents.id = $1 FOR SHARE".to_owned(),
            mariadb: "SELECT documents.id FROM documents WHERE documents.id = ? LOCK IN SHARE MODE"
                .to_owned(),
        },
    );
}

#[test]
fn locked_rows_are_waited_for_skipped_or_an_error() {
    let next = || select(Document::ID).order_by(Document::ID).limit(1).for_update();
    check(
        next().skip_locked(),
        Sql {
            sqlite: sqlite("FOR UPDATE"),
            postgres:
                "SELECT documents.id FROM documents ORDER BY documents.id LIMIT $1 FOR UPDATE SKIP LOCKED"
                    .to_owned(),
            mariadb:
                "SELECT documents.id FROM documents ORDER BY documents.id LIMIT ? FOR UPDATE SKIP LOCKED"
                    .to_owned(),
        },
    );
    check(
        next().nowait(),
        Sql {
            sqlite: sqlite("FOR UPDATE"),
            postgres: "SELECT documents.id FROM documents ORDER BY documents.id LIMIT $1 FOR UPDATE NOWAIT"
                .to_owned(),
            mariadb: "SELECT documents.id FROM documents ORDER BY documents.id LIMIT ? FOR UPDATE NOWAIT"
                .to_owned(),
        },
    );
    check_refused(
        select(Document::ID).skip_locked(),
        "the statement cannot be compiled: `nowait`, `skip_locked` and `of` say how rows are locked, and none are\n  \
         help: add `.for_update()` or `.for_share()`",
    );
}

#[test]
fn rows_of_one_table_are_locked() {
    let joined = || select(Document::ID).join(Document::OWNER).for_update();
    check(
        joined().of(Document),
        Sql {
            sqlite: sqlite("FOR UPDATE"),
            postgres: "SELECT documents.id FROM documents JOIN users ON documents.owner_id = users.id FOR UPDATE OF documents"
                .to_owned(),
            mariadb: "unsupported: MariaDB has no FOR UPDATE OF\n  help: it locks the rows of all tables in FROM; lock those of one with a SELECT of its own"
                .to_owned(),
        },
    );
    let author = alias(User, "author");
    check(
        joined().of(author),
        Sql {
            sqlite: sqlite("FOR UPDATE"),
            postgres: "the statement cannot be compiled: FOR UPDATE OF `author`, which is not in FROM\n  help: join it first"
                .to_owned(),
            mariadb: "unsupported: MariaDB has no FOR UPDATE OF\n  help: it locks the rows of all tables in FROM; lock those of one with a SELECT of its own"
                .to_owned(),
        },
    );
}

#[test]
fn rows_that_may_not_be_there_are_not_locked() {
    check(
        select(User::ID).outer_join(User::DOCUMENTS).for_update(),
        Sql {
            sqlite: sqlite("FOR UPDATE"),
            postgres: "unsupported: PostgreSQL has no FOR UPDATE of the nullable side of an outer join\n  help: name the table whose rows are locked: `.of(Entity)`"
                .to_owned(),
            mariadb: "SELECT users.id FROM users LEFT JOIN documents ON users.id = documents.owner_id FOR UPDATE".to_owned(),
        },
    );
}

#[test]
fn groups_are_not_locked() {
    let refused = |words: &str| {
        format!(
            "the statement cannot be compiled: {words} locks rows of tables, and groups or distinct values are none\n  \
             help: select the keys in this statement, and lock the rows with those keys in another"
        )
    };
    let expected =
        |words: &str| Sql { sqlite: sqlite(words), postgres: refused(words), mariadb: refused(words) };
    check(select(Document::OWNER_ID).distinct().for_update(), expected("FOR UPDATE"));
    check(select(func::count(Document::ID)).for_share(), expected("FOR SHARE"));
}
