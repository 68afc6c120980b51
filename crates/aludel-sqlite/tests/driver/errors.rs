//! Errors, by their meaning.

use aludel_engine::driver::{End, Status};
use aludel_sql::ErrorKind;

use crate::support::{Folder, WRITE, control, exec, fails, int, memory, one};

#[tokio::test]
async fn constraint_violations_are_sorted_by_meaning() {
    let mut conn = memory().connect().await.unwrap();
    exec(
        &mut conn,
        "CREATE TABLE p (id INTEGER PRIMARY KEY, a TEXT, b TEXT, c TEXT NOT NULL DEFAULT '', n INTEGER CONSTRAINT positive CHECK (n > 0), UNIQUE (a, b));
         CREATE TABLE w (k TEXT PRIMARY KEY) WITHOUT ROWID;
         CREATE TABLE s (i INTEGER) STRICT;
         CREATE TABLE x (k TEXT); CREATE UNIQUE INDEX ux_lower ON x (lower(k)); INSERT INTO x VALUES ('a');
         CREATE TABLE c (p_id INTEGER REFERENCES p(id));
         INSERT INTO p (id, a, b) VALUES (1, 'a', 'b');
         INSERT INTO w VALUES ('x')",
    )
    .await;
    let unique = fails(&mut conn, "INSERT INTO p (a, b) VALUES ('a', 'b')").await;
    assert_eq!(
        (unique.kind(), unique.table(), unique.column()),
        (ErrorKind::UniqueViolation, Some("p"), Some("a, b"))
    );
    assert_eq!((unique.code(), unique.sql()), (Some("2067"), Some("INSERT INTO p (a, b) VALUES ('a', 'b')")));
    let rowid = fails(&mut conn, "INSERT INTO p (id) VALUES (1)").await;
    assert_eq!(
        (rowid.kind(), rowid.column(), rowid.code()),
        (ErrorKind::UniqueViolation, Some("id"), Some("1555"))
    );
    let key = fails(&mut conn, "INSERT INTO w VALUES ('x')").await;
    assert_eq!((key.kind(), key.table()), (ErrorKind::UniqueViolation, Some("w")));
    let index = fails(&mut conn, "INSERT INTO x VALUES ('A')").await;
    assert_eq!((index.kind(), index.constraint()), (ErrorKind::UniqueViolation, Some("ux_lower")));
    let null = fails(&mut conn, "INSERT INTO p (c) VALUES (NULL)").await;
    assert_eq!(
        (null.kind(), null.table(), null.column()),
        (ErrorKind::NotNullViolation, Some("p"), Some("c"))
    );
    let check = fails(&mut conn, "INSERT INTO p (n) VALUES (0)").await;
    assert_eq!((check.kind(), check.constraint()), (ErrorKind::CheckViolation, Some("positive")));
    let strict = fails(&mut conn, "INSERT INTO s VALUES ('abc')").await;
    assert_eq!((strict.kind(), strict.column()), (ErrorKind::CheckViolation, Some("i")));
    let foreign = fails(&mut conn, "INSERT INTO c VALUES (9)").await;
    assert_eq!((foreign.kind(), foreign.code()), (ErrorKind::ForeignKeyViolation, Some("787")));
    assert_eq!(conn.status(), Status::Idle);
}

#[tokio::test]
async fn only_one_statement_is_taken_at_a_time() {
    let mut conn = memory().connect().await.unwrap();
    for sql in ["SELECT 1; SELECT 2", "CREATE TABLE t (a); DROP TABLE t", "", "-- nothing"] {
        assert_eq!(fails(&mut conn, sql).await.kind(), ErrorKind::Compile, "{sql}");
    }
    assert_eq!(one(&mut conn, "SELECT count(*) FROM sqlite_schema").await, int(0));
    assert_eq!(one(&mut conn, "SELECT 1; -- the end").await, int(1));
    assert_eq!(fails(&mut conn, "SELECT 1\0").await.kind(), ErrorKind::Encode);
}

#[tokio::test]
async fn a_missing_folder_is_named() {
    let folder = Folder::new();
    let error = folder.driver_of("no/such/test.db", "").connect().await.err().unwrap();
    let shown = error.to_string();
    assert!(shown.contains("no/such/test.db") && shown.contains("does not exist: create it"), "{shown}");
    let error = folder.driver_of("new.db", "?mode=rw").connect().await.err().unwrap().to_string();
    assert!(error.contains("`mode=rwc` creates it"), "{error}");
    std::fs::create_dir(folder.0.join("dir.db")).unwrap();
    let error = folder.driver_of("dir.db", "").connect().await.err().unwrap().to_string();
    assert!(error.contains("is a folder"), "{error}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_told_when_connecting() {
    let folder = Folder::new();
    std::fs::write(folder.0.join("test.db"), "this is certainly not a database".repeat(100)).unwrap();
    let error = folder.driver("").connect().await.err().unwrap();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Database, Some("26")));
    assert!(error.to_string().contains("is not a SQLite database"), "{error}");
}

#[tokio::test]
async fn a_damaged_file_is_an_error_with_advice() {
    let folder = Folder::new();
    let mut conn = folder.driver("").connect().await.unwrap();
    exec(&mut conn, "CREATE TABLE t (a TEXT); INSERT INTO t VALUES (hex(zeroblob(20000)))").await;
    conn.close().await;
    let path = folder.0.join("test.db");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[4096..8192].fill(0x55);
    std::fs::write(&path, bytes).unwrap();
    let mut conn = folder.driver("").connect().await.unwrap();
    let error = fails(&mut conn, "SELECT sum(length(a)) FROM t").await;
    assert!(
        error.to_string().contains("is damaged") && error.to_string().contains("integrity_check"),
        "{error}"
    );
}

#[tokio::test]
async fn a_file_opened_to_read_cannot_be_written() {
    let folder = Folder::new();
    let mut conn = folder.driver("").connect().await.unwrap();
    exec(&mut conn, "CREATE TABLE t (a); INSERT INTO t VALUES (1)").await;
    let mut reader = folder.driver("?mode=ro").connect().await.unwrap();
    assert_eq!(one(&mut reader, "SELECT a FROM t").await, int(1));
    let error = fails(&mut reader, "INSERT INTO t VALUES (2)").await;
    assert!(error.to_string().contains("`mode=ro`"), "{error}");
    assert_eq!(reader.status(), Status::Idle);
}

#[tokio::test]
async fn a_full_database_keeps_what_was_committed_and_can_be_written_later() {
    let folder = Folder::new();
    let mut conn = folder.driver("").connect().await.unwrap();
    exec(&mut conn, "CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('kept'); PRAGMA max_page_count = 10")
        .await;
    control(&mut conn, WRITE, End::Open).await.unwrap();
    let error = fails(&mut conn, "INSERT INTO t VALUES (hex(zeroblob(100000)))").await;
    assert!(error.to_string().contains("there is no room"), "{error}");
    control(&mut conn, None, End::Rollback).await.unwrap();
    assert_eq!(conn.status(), Status::Idle);
    exec(&mut conn, "PRAGMA max_page_count = 1000; INSERT INTO t VALUES (hex(zeroblob(100000)))").await;
    assert_eq!(one(&mut conn, "SELECT count(*) FROM t").await, int(2));
}

#[tokio::test]
async fn a_file_whose_name_looks_like_a_uri_is_a_file() {
    let folder = Folder::new();
    for (written, name) in
        [("a%3Fmode=memory%23x.db", "a?mode=memory#x.db"), ("file:b%3Fvfs=memdb", "file:b?vfs=memdb")]
    {
        let mut conn = folder.driver_of(written, "").connect().await.unwrap();
        exec(&mut conn, "CREATE TABLE t (a)").await;
        assert!(folder.0.join(name).exists(), "{name}");
    }
}
