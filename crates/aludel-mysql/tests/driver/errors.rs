//! What the server says, sorted by meaning.

use std::time::Duration;

use aludel_engine::driver::{Begin, End, Isolation, RawConn, Statement, Status};
use aludel_engine::{Error, ErrorKind};
use aludel_sql::{Value, ValueRef};

use super::support::*;

const TABLES: [&str; 2] = [
    "CREATE TABLE parents (id INT PRIMARY KEY, name VARCHAR(20) NOT NULL, age INT, CONSTRAINT uq_name UNIQUE (name), \
     CONSTRAINT ck_age CHECK (age >= 0)) ENGINE=InnoDB",
    "CREATE TABLE children (id INT PRIMARY KEY, parent_id INT NOT NULL, small TINYINT CHECK (small < 100), \
     CONSTRAINT fk_parent FOREIGN KEY (parent_id) REFERENCES parents (id)) ENGINE=InnoDB",
];

async fn fail(conn: &mut Box<dyn RawConn>, sql: &str, values: &[ValueRef<'_>]) -> Error {
    let error = query(conn, sql, values).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    assert_eq!(error.sql(), Some(sql));
    error
}

#[tokio::test]
async fn a_broken_constraint_is_named_and_the_value_is_not() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.with(&TABLES).await;
    let insert = "INSERT INTO parents (id, name, age) VALUES (?, ?, ?)";
    let canary = [ValueRef::Int(1), ValueRef::Text("canary' for key"), ValueRef::Int(1)];
    query(&mut conn, insert, &canary).await.unwrap();

    let error = fail(&mut conn, insert, &[ValueRef::Int(2), canary[1], ValueRef::Null]).await;
    assert_eq!(
        (error.kind(), error.constraint(), error.code()),
        (ErrorKind::UniqueViolation, Some("uq_name"), Some("1062"))
    );
    let error = fail(&mut conn, insert, &[ValueRef::Int(1), ValueRef::Text("x"), ValueRef::Null]).await;
    assert_eq!(error.constraint(), Some("PRIMARY"));

    let error = fail(&mut conn, insert, &[ValueRef::Int(3), ValueRef::Null, ValueRef::Null]).await;
    assert_eq!(
        (error.kind(), error.column(), error.code()),
        (ErrorKind::NotNullViolation, Some("name"), Some("1048"))
    );
    let error = fail(&mut conn, "INSERT INTO parents (id) VALUES (?)", &[ValueRef::Int(3)]).await;
    assert_eq!(
        (error.kind(), error.column(), error.code()),
        (ErrorKind::NotNullViolation, Some("name"), Some("1364"))
    );

    let error = fail(&mut conn, insert, &[ValueRef::Int(3), ValueRef::Text("y"), ValueRef::Int(-1)]).await;
    assert_eq!(
        (error.kind(), error.constraint(), error.table()),
        (ErrorKind::CheckViolation, Some("ck_age"), Some("parents"))
    );
    let child = "INSERT INTO children VALUES (?, ?, ?)";
    let error = fail(&mut conn, child, &[ValueRef::Int(1), ValueRef::Int(1), ValueRef::Int(100)]).await;
    assert_eq!(
        (error.kind(), error.table(), error.column()),
        (ErrorKind::CheckViolation, Some("children"), Some("small"))
    );

    let error = fail(&mut conn, child, &[ValueRef::Int(1), ValueRef::Int(99), ValueRef::Int(1)]).await;
    let foreign = (error.kind(), error.table(), error.constraint(), error.column());
    let expected = (ErrorKind::ForeignKeyViolation, Some("children"), Some("fk_parent"), Some("parent_id"));
    assert_eq!((foreign, error.code()), (expected, Some("1452")));
    query(&mut conn, child, &[ValueRef::Int(1), ValueRef::Int(1), ValueRef::Int(1)]).await.unwrap();
    let error = fail(&mut conn, "DELETE FROM parents", &[]).await;
    let foreign = (error.kind(), error.table(), error.constraint(), error.column());
    assert_eq!((foreign, error.code()), (expected, Some("1451")));
    assert_clean(&mut conn).await;
}

#[tokio::test]
async fn a_value_that_does_not_fit_is_in_no_message() {
    let Some(db) = Db::new().await else { return };
    let mut conn =
        db.with(&["CREATE TABLE t (i INT, d DATETIME, v VARCHAR(3), e ENUM('a'), n DECIMAL(4,2))"]).await;
    let canary = [ValueRef::Text("canary's at row 1")];
    for (column, code) in [("i", "1366"), ("d", "1292"), ("v", "1406"), ("e", "1265"), ("n", "1366")] {
        let error = fail(&mut conn, &format!("INSERT INTO t ({column}) VALUES (?)"), &canary).await;
        let kind = if code == "1406" { ErrorKind::CheckViolation } else { ErrorKind::Database };
        assert_eq!((error.kind(), error.code()), (kind, Some(code)), "{error}");
        assert!(error.what().contains(column), "{error}");
    }
    plain(&mut conn, "INSERT INTO t (i) VALUES (1)").await.unwrap();
    fail(&mut conn, "UPDATE t SET i = CAST(? AS SIGNED)", &canary).await;
    let error = fail(&mut conn, "SELECT ? + 9223372036854775807", &[ValueRef::Int(1)]).await;
    assert_eq!(error.code(), Some("1690"));
    assert!(!error.what().contains("9223372036854775807"), "{error}");
}

/// Two transactions that hold what the other wants; whoever fails comes back.
async fn deadlock(a: &mut Box<dyn RawConn>, b: &mut Box<dyn RawConn>) -> (Error, bool) {
    let begin = Some(Begin::default());
    let update = |id| {
        Statement::plain(
            ["UPDATE parents SET age = 1 WHERE id = 1", "UPDATE parents SET age = 1 WHERE id = 2"][id],
        )
    };
    batch(a, begin, &[update(0)], End::Open).await.unwrap();
    batch(b, begin, &[update(1)], End::Open).await.unwrap();
    let (first, second) = ([update(1)], [update(0)]);
    let (left, right) = tokio::join!(batch(a, None, &first, End::Open), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        batch(b, None, &second, End::Open).await
    });
    match (left.err(), right.err()) {
        (Some(error), None) => (error, true),
        (None, Some(error)) => (error, false),
        both => panic!("one of them must fail: {both:?}"),
    }
}

#[tokio::test]
async fn a_deadlock_is_retryable_and_its_victim_has_failed() {
    let Some(db) = Db::new().await else { return };
    let mut a = db.with(&TABLES).await;
    plain(&mut a, "INSERT INTO parents VALUES (1, 'a', 0), (2, 'b', 0)").await.unwrap();
    let mut b = db.connect().await;
    let (error, left) = deadlock(&mut a, &mut b).await;
    assert_eq!((error.kind(), error.code(), error.is_retryable()), (ErrorKind::Deadlock, Some("1213"), true));
    let (victim, winner) = if left { (&mut a, &mut b) } else { (&mut b, &mut a) };
    assert_eq!((victim.status(), winner.status()), (Status::Failed, Status::InTx));
    let refused = plain(victim, "SELECT 1").await.err().unwrap();
    assert!(refused.what().contains("deadlock"), "{refused}");
    batch(victim, None, &[], End::Rollback).await.unwrap();
    batch(winner, None, &[], End::Commit).await.unwrap();
    assert_clean(victim).await;
}

#[tokio::test]
async fn a_lock_that_takes_too_long_is_a_timeout_and_fails_the_transaction() {
    let Some(db) = Db::new().await else { return };
    let mut a = db.with(&TABLES).await;
    plain(&mut a, "INSERT INTO parents VALUES (1, 'a', 0)").await.unwrap();
    let mut b = db.connect().await;
    plain(&mut b, "SET innodb_lock_wait_timeout = 1").await.unwrap();
    let update = [Statement::plain("UPDATE parents SET age = 1")];
    batch(&mut a, Some(Begin::default()), &update, End::Open).await.unwrap();
    batch(&mut b, Some(Begin::default()), &[], End::Open).await.unwrap();
    let error = batch(&mut b, None, &update, End::Open).await.err().unwrap();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Timeout, Some("1205")));
    assert_eq!(b.status(), Status::Failed);
    batch(&mut b, None, &[], End::Rollback).await.unwrap();
    let nowait = plain(&mut b, "SELECT * FROM parents FOR UPDATE NOWAIT").await.err().unwrap();
    assert_eq!(nowait.kind(), ErrorKind::Timeout);
    assert_clean(&mut b).await;
}

#[tokio::test]
async fn a_statement_over_the_servers_time_is_a_timeout() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.with(&["SET max_statement_time = 0.05"]).await;
    let error = plain(&mut conn, "SELECT count(*) FROM seq_1_to_100000000 a JOIN seq_1_to_1000 b")
        .await
        .err()
        .unwrap();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Timeout, Some("1969")));
    plain(&mut conn, "SET max_statement_time = 0").await.unwrap();
    assert_clean(&mut conn).await;
}

#[tokio::test]
async fn serializable_transactions_run_one_after_the_other() {
    let Some(db) = Db::new().await else { return };
    let mut a = db.with(&TABLES).await;
    plain(&mut a, "INSERT INTO parents VALUES (1, 'a', 0)").await.unwrap();
    let mut b = db.connect().await;
    let begin = Some(Begin { isolation: Some(Isolation::Serializable), ..Begin::default() });
    batch(&mut a, begin, &[Statement::plain("SELECT age FROM parents")], End::Open).await.unwrap();
    plain(&mut b, "SET innodb_lock_wait_timeout = 1").await.unwrap();
    // The read holds a lock.
    let error = plain(&mut b, "UPDATE parents SET age = 5").await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[tokio::test]
async fn a_server_that_is_gone_is_disconnected_and_the_connection_broken() {
    let Some(db) = Db::new().await else { return };
    let (mut conn, mut other) = (db.connect().await, db.connect().await);
    let Value::Int(id) = one(&mut conn, "SELECT connection_id()").await else { panic!() };
    plain(&mut other, &format!("KILL CONNECTION {id}")).await.unwrap();
    eventually(
        &mut other,
        &format!("SELECT count(*) FROM information_schema.processlist WHERE id = {id}"),
        0,
    )
    .await;
    let error = plain(&mut conn, "SELECT 1").await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Disconnected);
    assert!(error.is_disconnect());
    assert_eq!(conn.status(), Status::Broken);
    assert!(conn.is_closed());
    let again = plain(&mut conn, "SELECT 1").await.err().unwrap();
    assert_eq!(again.kind(), ErrorKind::Disconnected);
    conn.close().await;
}

#[tokio::test]
async fn a_connection_lost_in_commit_leaves_the_outcome_unknown() {
    let Some(db) = Db::new().await else { return };
    let (mut conn, mut other) = (db.with(&TABLES).await, db.connect().await);
    let Value::Int(id) = one(&mut conn, "SELECT connection_id()").await else { panic!() };
    let insert = Statement::plain("INSERT INTO parents VALUES (1, 'a', 0)");
    batch(&mut conn, Some(Begin::default()), &[insert], End::Open).await.unwrap();
    plain(&mut other, &format!("KILL CONNECTION {id}")).await.unwrap();
    eventually(
        &mut other,
        &format!("SELECT count(*) FROM information_schema.processlist WHERE id = {id}"),
        0,
    )
    .await;
    let error = batch(&mut conn, None, &[], End::Commit).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::CommitOutcomeUnknown);
    assert_eq!(conn.status(), Status::Broken);
}

#[tokio::test]
async fn a_write_that_commits_by_itself_and_is_cut_off_has_an_unknown_outcome() {
    let Some(db) = Db::new().await else { return };
    let (mut conn, mut other) = (db.with(&TABLES).await, db.connect().await);
    let Value::Int(id) = one(&mut conn, "SELECT connection_id()").await else { panic!() };
    let values = [ValueRef::Int(1)];
    let insert = [prepared(1, "INSERT INTO parents SELECT ?, 'a', sleep(5)", &values)];
    let (cut, ()) = tokio::join!(batch(&mut conn, Some(Begin::default()), &insert, End::Commit), async {
        eventually(
            &mut other,
            &format!(
                "SELECT count(*) FROM information_schema.processlist WHERE id = {id} AND state = 'User sleep'"
            ),
            1,
        )
        .await;
        plain(&mut other, &format!("KILL CONNECTION {id}")).await.unwrap();
    });
    assert_eq!(cut.err().unwrap().kind(), ErrorKind::CommitOutcomeUnknown);
    assert_eq!(conn.status(), Status::Broken);
}
