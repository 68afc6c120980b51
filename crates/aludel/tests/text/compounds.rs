//! Several queries as one: UNION, INTERSECT, EXCEPT.

use aludel::prelude::*;
use aludel::{CompoundSelect, Select};
use aludel_sql::ValueItem;

use crate::check::{Sql, check, check_refused};
use crate::models::{Document, Tag, User};

fn emails() -> Select<(ValueItem<String>,)> {
    select(User::EMAIL).filter(User::AGE.gt(30))
}

fn titles() -> Select<(ValueItem<String>,)> {
    select(Document::TITLE).filter(Document::VIEWS.lt(5))
}

fn labels() -> Select<(ValueItem<String>,)> {
    select(Tag::LABEL)
}

#[test]
fn each_operator_has_its_words() {
    type Combine = fn(
        Select<(ValueItem<String>,)>,
        Select<(ValueItem<String>,)>,
    ) -> CompoundSelect<(ValueItem<String>,)>;
    let operators: [(Combine, &str); 4] = [
        (|a, b| a.union(b), "UNION"),
        (|a, b| a.union_all(b), "UNION ALL"),
        (|a, b| a.intersect(b), "INTERSECT"),
        (|a, b| a.except(b), "EXCEPT"),
    ];
    for (combine, word) in operators {
        check(
            combine(emails(), titles()),
            &*format!(
                "SELECT users.email FROM users WHERE users.age > ? {word} SELECT documents.title FROM documents WHERE documents.views < ?"
            ),
        );
    }
}

#[test]
fn duplicates_are_counted_where_the_database_counts_them() {
    let both = "SELECT users.email FROM users WHERE users.age > ? {} SELECT tags.label FROM tags";
    let sql = |word: &str, mark: &str| both.replace("{}", word).replace('?', mark);
    check(
        emails().intersect_all(labels()),
        Sql {
            sqlite: "unsupported: SQLite has no INTERSECT ALL".to_owned(),
            postgres: sql("INTERSECT ALL", "$1"),
            mariadb: sql("INTERSECT ALL", "?"),
        },
    );
    check(
        emails().except_all(labels()),
        Sql {
            sqlite: "unsupported: SQLite has no EXCEPT ALL".to_owned(),
            postgres: sql("EXCEPT ALL", "$1"),
            mariadb: sql("EXCEPT ALL", "?"),
        },
    );
}

#[test]
fn one_operator_goes_on() {
    check(
        emails().union(titles()).union(labels()),
        "SELECT users.email FROM users WHERE users.age > ? UNION SELECT documents.title FROM documents WHERE documents.views < ? UNION SELECT tags.label FROM tags",
    );
}

#[test]
fn operators_are_applied_in_the_order_of_the_calls() {
    check(
        emails().union(titles()).intersect(labels()),
        Sql {
            sqlite: "SELECT * FROM (SELECT users.email FROM users WHERE users.age > ?1 UNION SELECT documents.title FROM documents WHERE documents.views < ?2) AS part INTERSECT SELECT tags.label FROM tags",
            postgres: "(SELECT users.email FROM users WHERE users.age > $1 UNION SELECT documents.title FROM documents WHERE documents.views < $2) INTERSECT SELECT tags.label FROM tags",
            mariadb: "(SELECT users.email FROM users WHERE users.age > ? UNION SELECT documents.title FROM documents WHERE documents.views < ?) INTERSECT SELECT tags.label FROM tags",
        },
    );
    check(
        labels().except(emails().except(labels())),
        Sql {
            sqlite: "SELECT tags.label FROM tags EXCEPT SELECT * FROM (SELECT users.email FROM users WHERE users.age > ?1 EXCEPT SELECT tags.label FROM tags) AS part",
            postgres: "SELECT tags.label FROM tags EXCEPT (SELECT users.email FROM users WHERE users.age > $1 EXCEPT SELECT tags.label FROM tags)",
            mariadb: "SELECT tags.label FROM tags EXCEPT (SELECT users.email FROM users WHERE users.age > ? EXCEPT SELECT tags.label FROM tags)",
        },
    );
}

#[test]
fn order_and_limit_are_of_the_whole() {
    check(
        labels().union_all(titles()).order_by(Tag::LABEL.desc()).limit(5).offset(2),
        Sql {
            sqlite: "SELECT tags.label FROM tags UNION ALL SELECT documents.title FROM documents WHERE documents.views < ?1 ORDER BY label DESC LIMIT ?2 + 0 OFFSET ?3 + 0",
            postgres: "SELECT tags.label FROM tags UNION ALL SELECT documents.title FROM documents WHERE documents.views < $1 ORDER BY label DESC LIMIT $2 OFFSET $3",
            mariadb: "SELECT tags.label FROM tags UNION ALL SELECT documents.title FROM documents WHERE documents.views < ? ORDER BY label DESC LIMIT ? OFFSET ?",
        },
    );
}

#[test]
fn a_query_within_keeps_its_own_order_and_limit() {
    check(
        labels().order_by(Tag::ID.desc()).limit(1).union_all(labels().order_by(Tag::ID).limit(1)),
        Sql {
            sqlite: "SELECT * FROM (SELECT tags.label FROM tags ORDER BY tags.id DESC LIMIT ?1 + 0) AS part UNION ALL SELECT * FROM (SELECT tags.label FROM tags ORDER BY tags.id LIMIT ?2 + 0) AS part",
            postgres: "(SELECT tags.label FROM tags ORDER BY tags.id DESC LIMIT $1) UNION ALL (SELECT tags.label FROM tags ORDER BY tags.id LIMIT $2)",
            mariadb: "(SELECT tags.label FROM tags ORDER BY tags.id DESC LIMIT ?) UNION ALL (SELECT tags.label FROM tags ORDER BY tags.id LIMIT ?)",
        },
    );
}

#[test]
fn the_order_is_by_expressions_and_labels_of_the_first_query() {
    let lengths = select((func::length(User::EMAIL), User::AGE.label("years")));
    let others = select((func::length(Document::TITLE), Document::LIKES.nullable()));
    check(
        lengths.union(others).order_by((func::length(User::EMAIL), desc("years"))),
        Sql {
            sqlite: "SELECT length(users.email) AS column_1, users.age AS years FROM users UNION SELECT length(documents.title), documents.likes FROM documents ORDER BY column_1, years DESC",
            // Of an optional column NULL is the least value.
            postgres: "SELECT char_length(users.email) AS column_1, users.age AS years FROM users UNION SELECT char_length(documents.title), documents.likes FROM documents ORDER BY column_1, years DESC NULLS LAST",
            mariadb: "SELECT char_length(users.email) AS column_1, users.age AS years FROM users UNION SELECT char_length(documents.title), documents.likes FROM documents ORDER BY column_1, years DESC",
        },
    );
}

#[test]
fn the_order_is_by_what_is_there() {
    check_refused(
        labels().union(titles()).order_by(Document::ID),
        "the statement cannot be compiled: a key of ORDER BY is not in the rows of the UNION
  help: order by what the first query selects, or by a label that it gives",
    );
}

#[test]
fn they_stand_where_a_query_does() {
    let words = labels().union(titles());
    check(
        select(User::ID).filter(User::EMAIL.in_(words.clone())).filter(exists(words.clone())),
        "SELECT users.id FROM users WHERE users.email IN (SELECT tags.label FROM tags UNION SELECT documents.title FROM documents WHERE documents.views < ?) \
         AND EXISTS (SELECT tags.label FROM tags UNION SELECT documents.title FROM documents WHERE documents.views < ?)",
    );
    let words = words.subquery("words");
    check(
        select(func::count(words.col(Tag::LABEL))),
        "SELECT count(words.label) FROM (SELECT tags.label FROM tags UNION SELECT documents.title FROM documents WHERE documents.views < ?) AS words",
    );
}

#[test]
fn entities_are_combined() {
    check(
        select(Tag).filter(Tag::ID.lt(3)).union(select(Tag).filter(Tag::ID.gt(7))).order_by(Tag::LABEL),
        "SELECT tags.id, tags.label, tags.document_id FROM tags WHERE tags.id < ? UNION SELECT tags.id, tags.label, tags.document_id FROM tags WHERE tags.id > ? ORDER BY label",
    );
}
