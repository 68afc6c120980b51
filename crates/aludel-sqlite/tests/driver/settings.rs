//! What every connection is set to.

use aludel_sql::ErrorKind;

use crate::support::{Folder, exec, fails, int, memory, one, text};

#[tokio::test]
async fn foreign_keys_are_enforced() {
    let folder = Folder::new();
    for driver in [memory(), folder.driver("")] {
        let mut conn = driver.connect().await.unwrap();
        assert_eq!(one(&mut conn, "PRAGMA foreign_keys").await, int(1));
        exec(&mut conn, "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p_id REFERENCES p(id))")
            .await;
        assert_eq!(fails(&mut conn, "INSERT INTO c VALUES (7)").await.kind(), ErrorKind::ForeignKeyViolation);
    }
}

#[tokio::test]
async fn a_misspelt_column_in_double_quotes_is_an_error_and_not_a_string() {
    let mut conn = memory().connect().await.unwrap();
    exec(&mut conn, "CREATE TABLE t (name TEXT)").await;
    let error = fails(&mut conn, "SELECT * FROM t WHERE \"nmae\" = 'nmae'").await;
    assert_eq!((error.kind(), error.column()), (ErrorKind::Database, Some("nmae")));
    fails(&mut conn, "CREATE INDEX i ON t (\"nmae\")").await;
}

#[tokio::test]
async fn files_are_in_wal_mode_and_commits_wait_for_the_disk_unless_told() {
    let folder = Folder::new();
    for (options, level) in [("", 2), ("?synchronous=NORMAL", 1)] {
        let mut conn = folder.driver(options).connect().await.unwrap();
        assert_eq!(one(&mut conn, "PRAGMA journal_mode").await, text("wal"));
        assert_eq!(one(&mut conn, "PRAGMA synchronous").await, int(level));
    }
}

#[tokio::test]
async fn the_schema_cannot_be_rewritten_by_hand() {
    let mut conn = memory().connect().await.unwrap();
    exec(&mut conn, "CREATE TABLE t (a); PRAGMA writable_schema = ON").await;
    assert_eq!(fails(&mut conn, "DELETE FROM sqlite_schema").await.kind(), ErrorKind::Database);
}

#[tokio::test]
async fn a_database_in_memory_is_one_for_all_connections_of_a_driver_and_of_no_other() {
    let driver = memory();
    let mut a = driver.connect().await.unwrap();
    exec(&mut a, "CREATE TABLE t (id INTEGER); INSERT INTO t VALUES (1)").await;
    a.close().await;
    // Nobody is connected now.
    let mut b = driver.connect().await.unwrap();
    assert_eq!(one(&mut b, "SELECT id FROM t").await, int(1));
    let mut other = memory().connect().await.unwrap();
    assert_eq!(fails(&mut other, "SELECT id FROM t").await.table(), Some("t"));
}
