//! SQL with its values in it, for people.

use aludel::prelude::*;
use aludel::{Dialect, Sensitive};
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::check::{Sql, compare, each};
use crate::models::{Anything, Document, User};

#[track_caller]
fn check_inline(statement: impl ToSql, expected: Sql) {
    let found =
        each(|dialect: &dyn Dialect| statement.inline_sql(dialect).expect("the statement makes sense"));
    compare(&found, &expected.map(str::to_owned));
}

#[track_caller]
fn everywhere(statement: impl ToSql, expected: &'static str) {
    check_inline(statement, Sql { sqlite: expected, postgres: expected, mariadb: expected });
}

#[test]
fn values_stand_where_they_go() {
    everywhere(
        select(User::ID)
            .filter(User::EMAIL.eq("o'neill@example.org").and(User::AGE.ge(30)).and(User::ACTIVE.eq(true))),
        "SELECT users.id FROM users WHERE users.email = 'o''neill@example.org' AND users.age >= 30 AND users.active = TRUE",
    );
    everywhere(
        update(Document).set(Document::SCORE, 0.5).set(Document::BODY, "").filter(Document::ID.eq(-1)),
        "UPDATE documents SET score = 0.5, body = '' WHERE id = -1",
    );
}

#[test]
fn each_type_has_its_literal() {
    let at: DateTime<Utc> = "2024-02-29T12:34:56.000007Z".parse().unwrap();
    let day: NaiveDate = "1969-07-20".parse().unwrap();
    everywhere(
        update(Anything)
            .set(Anything::AN_INSTANT, at)
            .set(Anything::A_DATE, day)
            .set(Anything::A_TIME, chrono::NaiveTime::MIN)
            .set(Anything::A_BLOB, vec![0_u8, 255])
            .set(Anything::A_UUID, Uuid::from_u128(1))
            .set(Anything::A_TEXT, None),
        "UPDATE anything SET an_instant = '2024-02-29 12:34:56.000007', a_date = '1969-07-20', a_time = '00:00:00.000000', \
         a_blob = X'00FF', a_uuid = '00000000-0000-0000-0000-000000000001', a_text = NULL",
    );
}

#[test]
fn a_list_is_written_out() {
    check_inline(
        select(Document::ID).filter(Document::VIEWS.in_([1, 2, 3])).limit(5),
        Sql {
            sqlite: "SELECT documents.id FROM documents WHERE documents.views IN (SELECT value FROM json_each(json_array(1, 2, 3))) LIMIT 5 + 0",
            postgres: "SELECT documents.id FROM documents WHERE documents.views = ANY(ARRAY[1, 2, 3]) LIMIT 5",
            mariadb: "SELECT documents.id FROM documents WHERE documents.views IN (1, 2, 3) LIMIT 5",
        },
    );
}

#[test]
fn a_secret_is_not_shown() {
    let secret = Sensitive::new("hunter2".to_owned());
    let stmt = text!("SELECT :word", word = secret);
    everywhere(stmt, "SELECT '…'");
}
