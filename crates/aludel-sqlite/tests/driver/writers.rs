//! One writer at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aludel_engine::driver::{Discard, End, Ran, Statement, Status};
use aludel_sql::{Error, ErrorKind, ValueRef};

use crate::support::{
    Conn, Folder, SNAPSHOT, Seen, WRITE, batch, control, driver, exec, fails, int, memory, one, run,
    run_batch, shaped, text, waits_for_the_disk, with, with_one_of_each,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_queue_up_and_none_sees_a_busy_database() {
    let folder = Folder::new();
    for driver in [memory(), folder.driver(""), folder.driver_of("normal.db", "?synchronous=NORMAL")] {
        let mut conn = driver.connect().await.unwrap();
        exec(&mut conn, "CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (0)").await;
        let tasks: Vec<_> = (0..16)
            .map(|_| {
                let driver = Arc::clone(&driver);
                tokio::spawn(async move {
                    let mut conn = driver.connect().await?;
                    for round in 0..20 {
                        let update = [shaped(1, "UPDATE t SET n = n + 1", &[])];
                        // With a transaction and without one.
                        let begin = if round % 2 == 0 { WRITE } else { None };
                        run_batch(&mut conn, &batch(begin, &update, End::Commit), &mut Discard::default())
                            .await?;
                        run(&mut conn, shaped(2, "SELECT n FROM t", &[])).await?;
                    }
                    Ok::<(), Error>(())
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        assert_eq!(one(&mut conn, "SELECT n FROM t").await, int(320));
    }
}

#[tokio::test(flavor = "current_thread")]
async fn the_writers_turn_is_first_come_first_served() {
    let driver = memory();
    let mut holder = driver.connect().await.unwrap();
    exec(&mut holder, "CREATE TABLE t (id INTEGER PRIMARY KEY, who INTEGER)").await;
    control(&mut holder, WRITE, End::Open).await.unwrap();
    let mut tasks = Vec::new();
    for who in 0..8_i64 {
        let driver = Arc::clone(&driver);
        tasks.push(tokio::spawn(async move {
            let mut conn = driver.connect().await.unwrap();
            run(&mut conn, with("INSERT INTO t (who) VALUES (?1)", &[ValueRef::Int(who)])).await.unwrap();
        }));
        tokio::task::yield_now().await;
    }
    control(&mut holder, None, End::Commit).await.unwrap();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(one(&mut holder, "SELECT group_concat(who, '') FROM t").await, text("01234567"));
}

#[tokio::test(flavor = "current_thread")]
async fn a_wait_for_the_turn_ends_with_an_error_that_says_who_holds_it() {
    let driver = driver("sqlite://?busy_timeout=30");
    let (mut a, mut b) = (driver.connect().await.unwrap(), driver.connect().await.unwrap());
    control(&mut a, WRITE, End::Open).await.unwrap();
    let error = control(&mut b, WRITE, End::Open).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("waited 0.03 s for the writer's turn"), "{error}");
    assert!(error.to_string().contains("other writers of this engine"), "{error}");
    assert_eq!(b.status(), Status::Idle);
    drop(a);
    control(&mut b, WRITE, End::Commit).await.unwrap();
}

/// Commits a row on a slow disk, and tells whether the commit has waited for it.
async fn commit_waits_for_the_disk(conn: &mut Conn) -> bool {
    control(conn, WRITE, End::Open).await.unwrap();
    exec(conn, "INSERT INTO t VALUES (x'00')").await;
    waits_for_the_disk(async { control(conn, None, End::Commit).await.unwrap() }).await
}

#[test]
fn a_commit_that_waits_for_the_disk_holds_no_worker() {
    with_one_of_each(async {
        let folder = Folder::new();
        let mut conn = folder.driver("").connect().await.unwrap();
        exec(&mut conn, "CREATE TABLE t (a)").await;
        for _ in 0..2 {
            assert!(commit_waits_for_the_disk(&mut conn).await);
        }
        assert_eq!(one(&mut conn, "SELECT count(*) FROM t").await, int(2));
    });
}

#[test]
fn a_commit_that_begins_the_log_anew_holds_no_worker() {
    const MORE_THAN_A_CHECKPOINT: &str = "INSERT INTO t SELECT zeroblob(4000) FROM
        (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1100) SELECT i FROM n)";
    with_one_of_each(async {
        let folder = Folder::new();
        let mut conn = folder.driver("?synchronous=normal").connect().await.unwrap();
        exec(&mut conn, "CREATE TABLE t (a)").await;
        assert!(!commit_waits_for_the_disk(&mut conn).await, "the log goes on");
        conn.close().await;
        let mut conn = folder.driver("?synchronous=normal").connect().await.unwrap();
        assert!(commit_waits_for_the_disk(&mut conn).await, "the log went with the last connection");
        assert!(!commit_waits_for_the_disk(&mut conn).await);
        exec(&mut conn, MORE_THAN_A_CHECKPOINT).await;
        tokio::task::spawn_blocking(|| ()).await.unwrap(); // behind the checkpoint
        assert!(commit_waits_for_the_disk(&mut conn).await, "the log was written back");
        assert!(!commit_waits_for_the_disk(&mut conn).await);
    });
}

#[tokio::test(flavor = "current_thread")]
async fn the_lock_of_another_program_is_waited_for_with_a_timer() {
    let folder = Folder::new();
    // Another driver on the same file knows nothing of this one's queue.
    let mut other = folder.driver("").connect().await.unwrap();
    exec(&mut other, "CREATE TABLE t (a)").await;
    control(&mut other, WRITE, End::Open).await.unwrap();
    let mut conn = folder.driver("?busy_timeout=30000").connect().await.unwrap();
    let released = Arc::new(AtomicBool::new(false));
    let waiter = tokio::spawn({
        let released = Arc::clone(&released);
        async move {
            exec(&mut conn, "INSERT INTO t VALUES (1)").await;
            assert!(released.load(Ordering::SeqCst), "the lock was free before it was released");
        }
    });
    // On the only worker: this runs because the waiter gives it back.
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert!(!waiter.is_finished());
    released.store(true, Ordering::SeqCst);
    control(&mut other, None, End::Commit).await.unwrap();
    waiter.await.unwrap();

    control(&mut other, WRITE, End::Open).await.unwrap();
    let mut hasty = folder.driver("?busy_timeout=20").connect().await.unwrap();
    let error = fails(&mut hasty, "INSERT INTO t VALUES (2)").await;
    assert_eq!((error.kind(), error.code()), (ErrorKind::Timeout, Some("5")));
    assert!(error.to_string().contains("another program"), "{error}");
    assert_eq!(hasty.status(), Status::Idle);
}

#[tokio::test(flavor = "current_thread")]
async fn a_snapshot_that_was_overtaken_is_a_retryable_error() {
    let folder = Folder::new();
    let driver = folder.driver("");
    let (mut a, mut b) = (driver.connect().await.unwrap(), driver.connect().await.unwrap());
    exec(&mut a, "CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (0)").await;
    control(&mut a, SNAPSHOT, End::Open).await.unwrap();
    assert_eq!(one(&mut a, "SELECT n FROM t").await, int(0));
    exec(&mut b, "UPDATE t SET n = 1").await;
    assert_eq!(one(&mut a, "SELECT n FROM t").await, int(0));
    let error = fails(&mut a, "UPDATE t SET n = n + 10").await;
    assert_eq!((error.kind(), error.code()), (ErrorKind::Serialization, Some("517")));
    assert!(error.is_retryable());
    // The turn is not kept by the one that failed.
    control(&mut a, None, End::Rollback).await.unwrap();
    exec(&mut b, "UPDATE t SET n = 2").await;
    // Not overtaken, it can become a writer.
    control(&mut a, SNAPSHOT, End::Open).await.unwrap();
    assert_eq!(one(&mut a, "SELECT n FROM t").await, int(2));
    exec(&mut a, "UPDATE t SET n = n + 10").await;
    control(&mut a, None, End::Commit).await.unwrap();
    assert_eq!(one(&mut b, "SELECT n FROM t").await, int(12));
}

#[tokio::test(flavor = "current_thread")]
async fn in_memory_a_reader_waits_for_the_writer() {
    let driver = memory();
    let (mut a, mut b) = (driver.connect().await.unwrap(), driver.connect().await.unwrap());
    exec(&mut a, "CREATE TABLE t (n INTEGER)").await;
    control(&mut a, WRITE, End::Open).await.unwrap();
    exec(&mut a, "INSERT INTO t VALUES (1)").await;
    let reader = tokio::spawn(async move { one(&mut b, "SELECT count(*) FROM t").await });
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert!(!reader.is_finished());
    control(&mut a, None, End::Commit).await.unwrap();
    assert_eq!(reader.await.unwrap(), int(1));
    exec(&mut a, "INSERT INTO t VALUES (2)").await;
}

#[tokio::test(flavor = "current_thread")]
async fn in_memory_a_reader_that_wants_to_write_does_not_wait_for_a_writer_who_waits_for_it() {
    let driver = memory();
    let (mut a, mut b) = (driver.connect().await.unwrap(), driver.connect().await.unwrap());
    exec(&mut a, "CREATE TABLE t (n INTEGER)").await;
    control(&mut a, SNAPSHOT, End::Open).await.unwrap();
    assert_eq!(one(&mut a, "SELECT count(*) FROM t").await, int(0));
    control(&mut b, WRITE, End::Open).await.unwrap();
    exec(&mut b, "INSERT INTO t VALUES (1)").await;
    assert_eq!(fails(&mut a, "INSERT INTO t VALUES (2)").await.kind(), ErrorKind::Serialization);
    control(&mut a, None, End::Rollback).await.unwrap();
    control(&mut b, None, End::Commit).await.unwrap();
    exec(&mut a, "INSERT INTO t VALUES (2)").await;
}

#[tokio::test(flavor = "current_thread")]
async fn in_memory_a_commit_waits_for_open_readers() {
    let driver = memory();
    let (mut a, mut b) = (driver.connect().await.unwrap(), driver.connect().await.unwrap());
    exec(&mut a, "CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1), (2)").await;
    let mut seen = Seen { pause_every: 1, ..Seen::default() };
    let statements = [Statement::plain("SELECT n FROM t")];
    assert_eq!(
        run_batch(&mut a, &batch(None, &statements, End::Open), &mut seen).await.unwrap(),
        Ran::Paused
    );
    let writer = tokio::spawn(async move {
        exec(&mut b, "INSERT INTO t VALUES (3)").await;
    });
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert!(!writer.is_finished());
    while a.resume(&mut seen).await.unwrap() == Ran::Paused {}
    assert_eq!(seen.rows.len(), 2);
    writer.await.unwrap();
    assert_eq!(one(&mut a, "SELECT count(*) FROM t").await, int(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_written_back_without_anybody_waiting_for_it() {
    let folder = Folder::new();
    let driver = folder.driver("?synchronous=NORMAL");
    let mut conn = driver.connect().await.unwrap();
    exec(&mut conn, "CREATE TABLE t (a TEXT)").await;
    for _ in 0..300 {
        exec(&mut conn, "INSERT INTO t VALUES (hex(zeroblob(20000)))").await;
    }
    let size = || std::fs::metadata(folder.0.join("test.db")).unwrap().len();
    for _ in 0..500 {
        if size() > 1_000_000 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the database file has {} bytes after 12 MB were written", size());
}
