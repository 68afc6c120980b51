//! FULL JOIN: what it makes of columns, and where a database does not have it.

use aludel::prelude::*;

use crate::check::{Sql, check, check_refused};
use crate::hidden_rows::{Paper, Person, Word, check_scoped};
use crate::models::{Document, Tag, User};

const NONE: &str = "unsupported: MariaDB has no FULL JOIN\n  help: select the one side with `outer_join`, the rows of the other side that have no partner with `not_(exists(…))`, and both with `union_all`";

/// The same text on the two that have it.
fn on_two(text: &str) -> Sql<String> {
    let numbered = |mark| text.replace('?', mark);
    Sql { sqlite: numbered("?1"), postgres: numbered("$1"), mariadb: NONE.to_owned() }
}

#[test]
fn along_a_relation_and_on_a_condition() {
    check(
        select((User::EMAIL.nullable(), Document::TITLE.nullable())).full_join(User::DOCUMENTS),
        on_two(
            "SELECT users.email, documents.title FROM users FULL JOIN documents ON users.id = documents.owner_id",
        ),
    );
    check(
        select((optional(User), Tag::ID.nullable()))
            .full_join_on(Tag, Tag::DOCUMENT_ID.eq(User::ID).and(Tag::LABEL.ne("old"))),
        on_two(
            "SELECT users.id, users.email, users.name, users.age, users.active, tags.id FROM users FULL JOIN tags ON tags.document_id = users.id AND tags.label <> ?",
        ),
    );
}

#[test]
fn neither_side_is_sure_to_be_there() {
    check_refused(
        select((User::EMAIL, Document::TITLE.nullable())).full_join(User::DOCUMENTS),
        "the statement cannot be compiled: `User::EMAIL` is selected from an outer join, where it may be NULL, but not as an `Option`
  help: select `User::EMAIL.nullable()`",
    );
    check_refused(
        select((User::EMAIL.nullable(), Document::TITLE)).full_join(User::DOCUMENTS),
        "the statement cannot be compiled: `Document::TITLE` is selected from an outer join, where it may be NULL, but not as an `Option`
  help: select `Document::TITLE.nullable()`",
    );
    check_refused(
        select((User, optional(Document))).full_join(User::DOCUMENTS),
        "the statement cannot be compiled: `User` is selected from an outer join, where it may be missing, but not as an `Option`
  help: select `optional(User)`",
    );
    // Nor what was joined before it; what is joined behind it is.
    check_refused(
        select(Document::TITLE).select_from(User).join(User::DOCUMENTS).full_join_on(Tag, Tag::DOCUMENT_ID.eq(Document::ID)),
        "the statement cannot be compiled: `Document::TITLE` is selected from an outer join, where it may be NULL, but not as an `Option`
  help: select `Document::TITLE.nullable()`",
    );
    check(
        select(Tag::LABEL)
            .select_from(User)
            .full_join(User::DOCUMENTS)
            .join_on(Tag, Tag::DOCUMENT_ID.eq(Document::ID)),
        on_two(
            "SELECT tags.label FROM users FULL JOIN documents ON users.id = documents.owner_id JOIN tags ON tags.document_id = documents.id",
        ),
    );
}

#[test]
fn a_condition_without_an_equality_of_both_sides_is_not_everywhere() {
    let refused = "unsupported: PostgreSQL has no FULL JOIN on a condition without an equality of both sides
  help: let one condition, of several that must all hold, compare an expression of what is joined with one of what is there by `eq`";
    let older = alias(User, "older");
    for (condition, on) in [
        (older.col(User::AGE).gt(User::AGE), "older.age > users.age"),
        // One side alone, either of two, and an equality that may be NULL on both sides.
        (older.col(User::AGE).eq(30), "older.age = ?1"),
        (
            older.col(User::ID).eq(User::ID) | older.col(User::AGE).eq(User::AGE),
            "older.id = users.id OR older.age = users.age",
        ),
        (older.col(User::AGE).is_not_distinct_from(User::AGE), "older.age IS NOT DISTINCT FROM users.age"),
        ((older.col(User::ID) + User::ID).eq(User::ID), "(older.id + users.id) = users.id"),
    ] {
        check(
            select(User::ID.nullable()).full_join_on(older, condition),
            Sql {
                sqlite: format!("SELECT users.id FROM users FULL JOIN users AS older ON {on}"),
                postgres: refused.to_owned(),
                mariadb: NONE.to_owned(),
            },
        );
    }
    // Beside it, and of expressions, it is one.
    check(
        select(User::ID.nullable()).full_join_on(
            older,
            older.col(User::AGE).gt(User::AGE).and((User::ID + User::ID).eq(older.col(User::ID))),
        ),
        on_two(
            "SELECT users.id FROM users FULL JOIN users AS older ON older.age > users.age AND (users.id + users.id) = older.id",
        ),
    );
}

#[test]
fn rows_that_cannot_be_seen_are_left_out_before_it() {
    // In ON they would have no partner and stay, in WHERE the rows without one would go.
    check_scoped(
        select((Person::NAME.nullable(), Paper::TITLE.nullable())).full_join(Person::PAPERS),
        "SELECT people.name, papers.title FROM people \
         FULL JOIN (SELECT * FROM papers WHERE papers.gone IS NULL AND papers.tenant = ?1) AS papers ON people.id = papers.person_id",
    );
    let cited = alias(Paper, "cited");
    check_scoped(
        select((Paper::ID.nullable(), cited.col(Paper::ID).nullable()))
            .full_join(Paper::CITES.to(cited))
            .filter(Paper::ID.is_null()),
        "SELECT papers.id, cited.id FROM (SELECT * FROM papers WHERE papers.gone IS NULL AND papers.tenant = ?1) AS papers \
         FULL JOIN (SELECT * FROM papers AS cited WHERE cited.gone IS NULL AND cited.tenant = ?1) AS cited \
         ON papers.cites_id = cited.id WHERE papers.id IS NULL",
    );
}

#[test]
fn through_an_association_table_rows_to_which_nothing_leads_are_kept() {
    check_scoped(
        select((Word::TEXT.nullable(), Paper::TITLE.nullable())).full_join(Word::PAPERS),
        "SELECT words.text, papers.title FROM words \
         FULL JOIN ((SELECT * FROM papers WHERE papers.gone IS NULL AND papers.tenant = ?1) AS papers \
         LEFT JOIN paper_word ON paper_word.paper_id = papers.id) ON words.id = paper_word.word_id",
    );
}

#[test]
fn rows_that_may_not_be_there_are_not_locked() {
    let locked = select(User::ID.nullable()).full_join(User::DOCUMENTS).for_update().of(User);
    assert!(
        locked
            .to_sql(&crate::check::postgres())
            .unwrap_err()
            .to_string()
            .starts_with("unsupported: PostgreSQL has no FOR UPDATE of the nullable side of an outer join")
    );
}
