//! What the server refuses, and what the client refuses before.

use aludel_engine::driver::{End, RawConn, Statement, Status};
use aludel_postgres::DatabaseError;
use aludel_sql::ErrorKind;

use super::support::{Scratch, execute, number, run, transact, try_execute};

#[tokio::test]
async fn violations_are_sorted_by_meaning_and_name_what_they_violate() {
    let Some(db) = Scratch::new("violations").await else { return };
    let mut conn = db.connect().await;
    execute(&mut conn, "CREATE TABLE p (id int PRIMARY KEY)").await;
    execute(&mut conn, "CREATE TABLE c (id int NOT NULL, p int CONSTRAINT to_p REFERENCES p, n int CONSTRAINT positive CHECK (n > 0))").await;
    execute(&mut conn, "INSERT INTO p VALUES (1)").await;
    for (sql, kind, code, table, constraint, column) in [
        ("INSERT INTO p VALUES (1)", ErrorKind::UniqueViolation, "23505", "p", Some("p_pkey"), None),
        ("INSERT INTO c VALUES (1, 2)", ErrorKind::ForeignKeyViolation, "23503", "c", Some("to_p"), None),
        ("INSERT INTO c VALUES (NULL)", ErrorKind::NotNullViolation, "23502", "c", None, Some("id")),
        ("INSERT INTO c VALUES (1, 1, 0)", ErrorKind::CheckViolation, "23514", "c", Some("positive"), None),
    ] {
        let error = try_execute(&mut conn, sql).await.err().unwrap();
        assert_eq!((error.kind(), error.code(), error.table()), (kind, Some(code), Some(table)));
        assert_eq!((error.constraint(), error.column(), error.sql()), (constraint, column, Some(sql)));
        assert_eq!(conn.status(), Status::Idle);
    }
}

#[tokio::test]
async fn the_values_of_a_row_are_in_the_detail_and_nowhere_else() {
    let Some(db) = Scratch::new("detail").await else { return };
    let mut conn = db.connect().await;
    execute(&mut conn, "CREATE TABLE t (email text UNIQUE)").await;
    let values = [aludel_sql::ValueRef::Text("canary@example.com")];
    let insert =
        super::support::prepared(1, "INSERT INTO t VALUES ($1)", &[aludel_sql::SqlType::Text], &values);
    let error = transact(&mut conn, &[insert, insert]).await.err().unwrap();
    assert!(!format!("{error} {error:?}").contains("canary"));
    let source = std::error::Error::source(&error).unwrap().downcast_ref::<DatabaseError>().unwrap();
    assert!(source.detail().unwrap().contains("canary@example.com"));

    let cast = super::support::prepared(2, "SELECT $1::text::int", &[aludel_sql::SqlType::Text], &values);
    let error = run(&mut conn, None, &[cast], End::Open).await.err().unwrap();
    assert_eq!(error.code(), Some("22P02"));
    assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
}

#[tokio::test]
async fn a_wrong_name_comes_with_the_servers_advice() {
    let Some(db) = Scratch::new("advice").await else { return };
    let mut conn = db.connect().await;
    execute(&mut conn, "CREATE TABLE t (title text)").await;
    let error = try_execute(&mut conn, "SELECT titel FROM t").await.err().unwrap();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Database, Some("42703")));
    assert_eq!(error.advice(), Some("Perhaps you meant to reference the column \"t.title\"."));
    let source = std::error::Error::source(&error).unwrap().downcast_ref::<DatabaseError>().unwrap();
    assert_eq!(source.position(), Some(8));
}

#[tokio::test]
async fn a_lock_that_is_not_given_is_a_timeout() {
    let Some(db) = Scratch::new("lock").await else { return };
    let (mut conn, mut other) = (db.connect().await, db.connect().await);
    execute(&mut conn, "CREATE TABLE t (id int)").await;
    run(&mut other, Some(Default::default()), &[Statement::plain("LOCK TABLE t")], End::Open).await.unwrap();
    let lock = [Statement::plain("LOCK TABLE t NOWAIT")];
    let error = run(&mut conn, Some(Default::default()), &lock, End::Open).await.err().unwrap();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Timeout, Some("55P03")));
    execute(&mut conn, "SET statement_timeout = 50").await;
    let error = try_execute(&mut conn, "SELECT * FROM t").await.err().unwrap();
    assert_eq!(
        (error.kind(), error.code(), conn.status()),
        (ErrorKind::Timeout, Some("57014"), Status::Idle)
    );
}

#[tokio::test]
async fn serialization_failures_and_deadlocks_are_retryable() {
    let Some(db) = Scratch::new("retryable").await else { return };
    let (mut conn, mut other) = (db.connect().await, db.connect().await);
    execute(&mut conn, "CREATE TABLE t AS SELECT g AS id, 0 AS n FROM generate_series(1, 2) g").await;
    let snapshot = aludel_engine::driver::Begin {
        isolation: Some(aludel_engine::driver::Isolation::Snapshot),
        ..Default::default()
    };
    run(&mut conn, Some(snapshot), &[Statement::plain("SELECT * FROM t")], End::Open).await.unwrap();
    execute(&mut other, "UPDATE t SET n = 1").await;
    let error =
        run(&mut conn, None, &[Statement::plain("UPDATE t SET n = 2")], End::Commit).await.err().unwrap();
    assert_eq!(
        (error.kind(), error.is_retryable(), conn.status()),
        (ErrorKind::Serialization, true, Status::Idle)
    );

    let update = |id| format!("UPDATE t SET n = 3 WHERE id = {id}");
    let (one, two) = (update(1), update(2));
    run(&mut conn, Some(Default::default()), &[Statement::plain(&one)], End::Open).await.unwrap();
    run(&mut other, Some(Default::default()), &[Statement::plain(&two)], End::Open).await.unwrap();
    let (two, one) = ([Statement::plain(&two)], [Statement::plain(&one)]);
    let (a, b) =
        tokio::join!(run(&mut conn, None, &two, End::Commit), run(&mut other, None, &one, End::Commit));
    let error = a.err().or(b.err()).unwrap();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Deadlock, true));
    assert_eq!((conn.status(), other.status()), (Status::Idle, Status::Idle));
}

#[tokio::test]
async fn copy_without_its_data_is_refused_and_the_connection_goes_on() {
    let Some(db) = Scratch::new("copy").await else { return };
    let mut conn = db.connect().await;
    execute(&mut conn, "CREATE TABLE t (id int)").await;
    let copy = Statement::plain("COPY t FROM STDIN");
    let insert = Statement::plain("INSERT INTO t VALUES (1)");
    for begin in [None, Some(Default::default())] {
        let error = run(&mut conn, begin, &[insert, copy], End::Open).await.err().unwrap();
        assert_eq!(
            (error.kind(), error.sql(), conn.status()),
            (ErrorKind::Unsupported, Some("COPY t FROM STDIN"), Status::Idle)
        );
    }
    // With something behind it, the server takes that for data and closes. Nothing is kept either.
    for statements in [&[copy][..], &[insert, copy], &[insert, copy, insert]] {
        let mut conn = db.connect().await;
        let error = transact(&mut conn, statements).await.err().unwrap();
        assert_eq!(
            (error.kind(), error.sql(), conn.status()),
            (ErrorKind::Unsupported, Some("COPY t FROM STDIN"), Status::Broken)
        );
    }
    assert_eq!(number(&mut conn, "SELECT count(*) FROM t").await, 0);
}
