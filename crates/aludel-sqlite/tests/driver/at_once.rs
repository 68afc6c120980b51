//! Batches of one cached statement, which run where they are asked to: what may wait still waits as it should.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use aludel_engine::driver::{AtOnce, Batch, Begin, Discard, Done, Driver, End, Ran, Statement, Status};
use aludel_sql::{ErrorKind, ValueRef};

use crate::support::{
    Conn, Folder, SNAPSHOT, Seen, WRITE, at_once, batch, control, driver, exec, int, memory, one, run,
    run_batch, shaped, timer, waits_for_the_disk, with_one_of_each,
};

const READ: &str = "SELECT n FROM t WHERE id = ?1";
const CHANGE: &str = "UPDATE t SET n = n + ?1 WHERE id = 1";

fn read() -> Statement<'static> {
    shaped(1, READ, &[ValueRef::Int(1)])
}

fn change() -> Statement<'static> {
    Statement { expect: Some(1), ..shaped(2, CHANGE, &[ValueRef::Int(1)]) }
}

/// A connection to a table of one row, which has both statements prepared.
async fn ready(driver: &Arc<dyn Driver>) -> Conn {
    let mut conn = driver.connect().await.unwrap();
    exec(&mut conn, "CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, n INTEGER)").await;
    exec(&mut conn, "INSERT OR REPLACE INTO t VALUES (1, 0)").await;
    warm(&mut conn).await;
    exec(&mut conn, "UPDATE t SET n = 0").await;
    conn
}

async fn warm(conn: &mut Conn) {
    run(conn, read()).await.unwrap();
    run(conn, change()).await.unwrap();
}

async fn try_at_once(conn: &mut Conn, batch: &Batch<'_>, seen: &mut Seen) -> AtOnce {
    poll_fn(|cx| Poll::Ready(conn.run_at_once(cx, batch, seen))).await
}

#[tokio::test]
async fn a_row_is_read_and_changed_in_a_transaction_of_its_own_without_a_future() {
    let folder = Folder::new();
    for driver in [memory(), folder.driver("?synchronous=NORMAL")] {
        let mut conn = ready(&driver).await;
        let mut seen = Seen::default();
        let locked = [read()];
        let ran = try_at_once(&mut conn, &batch(WRITE, &locked, End::Open), &mut seen).await;
        assert!(matches!(ran, AtOnce::Ran(Ok(Ran::Done))), "{ran:?}");
        assert_eq!((&seen.rows[0][..], conn.status()), (&[int(0)][..], Status::InTx));
        let changed = [change()];
        let ran = try_at_once(&mut conn, &batch(None, &changed, End::Commit), &mut seen).await;
        assert!(matches!(ran, AtOnce::Ran(Ok(Ran::Done))), "{ran:?}");
        assert_eq!(seen.done[1], Done { rows_affected: 1, generated_key: None });
        assert_eq!(conn.status(), Status::Idle);
        // In a transaction that nobody has begun, and in one that is its own.
        for begin in [None, WRITE] {
            let end = if begin.is_some() { End::Commit } else { End::Open };
            let ran = try_at_once(&mut conn, &batch(begin, &changed, end), &mut seen).await;
            assert!(matches!(ran, AtOnce::Ran(Ok(Ran::Done))), "{ran:?}");
            assert_eq!(conn.status(), Status::Idle);
        }
        assert_eq!(one(&mut conn, "SELECT n FROM t").await, int(3));
        // The turn was given back each time.
        exec(&mut driver.connect().await.unwrap(), "UPDATE t SET n = 7").await;
    }
}

#[tokio::test]
async fn what_is_known_to_wait_is_not_run_at_once() {
    let folder = Folder::new();
    let driver = folder.driver("?synchronous=FULL");
    let (mut conn, mut other) = (ready(&driver).await, driver.connect().await.unwrap());
    warm(&mut other).await;
    let mut seen = Seen::default();
    // The disk: the row is changed, and the commit is left to be waited for.
    let changed = [change()];
    let ran = try_at_once(&mut conn, &batch(None, &changed, End::Commit), &mut seen).await;
    assert!(matches!(ran, AtOnce::More), "{ran:?}");
    // Somebody else has the turn.
    let locked = [read()];
    for (statements, end) in [(&locked, End::Open), (&changed, End::Commit)] {
        let ran = try_at_once(&mut other, &batch(WRITE, statements, end), &mut seen).await;
        assert!(matches!(ran, AtOnce::Not), "{ran:?}");
        assert_eq!(other.status(), Status::Idle);
    }
    assert_eq!(conn.resume(&mut seen).await.unwrap(), Ran::Done);
    assert_eq!((seen.done.len(), conn.status()), (1, Status::Idle));
    assert_eq!(one(&mut other, "SELECT n FROM t").await, int(2));
    // A transaction that only reads, or has only read.
    let read_only = Some(Begin { read_only: true, ..SNAPSHOT.unwrap() });
    for begin in [SNAPSHOT, read_only] {
        control(&mut conn, begin, End::Open).await.unwrap();
        run(&mut conn, read()).await.unwrap();
        let ran = try_at_once(&mut conn, &batch(None, &changed, End::Commit), &mut seen).await;
        assert!(matches!(ran, AtOnce::Not), "{ran:?}");
        control(&mut conn, None, End::Rollback).await.unwrap();
    }
}

#[tokio::test(flavor = "current_thread")]
async fn the_lock_of_another_program_is_waited_for_with_a_timer() {
    let folder = Folder::new();
    let mut other = ready(&folder.driver("")).await;
    let driver = folder.driver("?busy_timeout=30000&synchronous=NORMAL");
    for (statement, end) in [(read(), End::Open), (change(), End::Commit)] {
        let (mut conn, mut next) = (driver.connect().await.unwrap(), driver.connect().await.unwrap());
        warm(&mut conn).await;
        control(&mut other, WRITE, End::Open).await.unwrap();
        let released = Arc::new(AtomicBool::new(false));
        let waiter = tokio::spawn({
            let released = Arc::clone(&released);
            async move {
                let ran =
                    run_batch(&mut conn, &batch(WRITE, &[statement], end), &mut Discard::default()).await;
                assert_eq!(ran.unwrap(), Ran::Done);
                assert!(released.load(Ordering::SeqCst), "the lock was free before it was released");
            }
        });
        // On the only worker: this runs because the waiter gives it back.
        for _ in 0..5 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        assert!(!waiter.is_finished());
        // The waiter keeps its turn meanwhile.
        assert!(
            tokio::time::timeout(Duration::from_millis(2), control(&mut next, WRITE, End::Open))
                .await
                .is_err()
        );
        released.store(true, Ordering::SeqCst);
        control(&mut other, None, End::Commit).await.unwrap();
        waiter.await.unwrap();
    }
    let mut hasty = folder.driver("?busy_timeout=20").connect().await.unwrap();
    warm(&mut hasty).await;
    control(&mut other, WRITE, End::Open).await.unwrap();
    let error = run(&mut hasty, change()).await.err().unwrap();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Timeout, Some("5")));
    assert_eq!(hasty.status(), Status::Idle);
}

#[tokio::test(flavor = "current_thread")]
async fn nobody_overtakes_who_waits_for_the_turn() {
    let driver = memory();
    let mut holder = ready(&driver).await;
    let mut late = driver.connect().await.unwrap();
    warm(&mut late).await;
    control(&mut holder, WRITE, End::Open).await.unwrap();
    let waiter = tokio::spawn({
        let driver = Arc::clone(&driver);
        async move { exec(&mut driver.connect().await.unwrap(), "UPDATE t SET n = 100").await }
    });
    tokio::time::sleep(Duration::from_millis(2)).await;
    control(&mut holder, None, End::Commit).await.unwrap();
    run(&mut late, change()).await.unwrap();
    waiter.await.unwrap();
    assert_eq!(one(&mut late, "SELECT n FROM t").await, int(101));
}

#[test]
fn a_commit_that_waits_for_the_disk_holds_no_worker() {
    with_one_of_each(async {
        let folder = Folder::new();
        let mut conn = ready(&folder.driver("")).await;
        let commit = async {
            run_batch(&mut conn, &batch(WRITE, &[change()], End::Commit), &mut Discard::default())
                .await
                .unwrap();
        };
        assert!(waits_for_the_disk(commit).await, "the commit has waited on the only worker");
        assert_eq!(one(&mut conn, "SELECT n FROM t").await, int(1));
    });
}

#[tokio::test(flavor = "current_thread")]
async fn in_memory_a_commit_waits_for_open_readers() {
    let driver = memory();
    let mut reader = ready(&driver).await;
    exec(&mut reader, "INSERT INTO t VALUES (2, 0)").await;
    let mut writer = driver.connect().await.unwrap();
    warm(&mut writer).await;
    let mut seen = Seen { pause_every: 1, ..Seen::default() };
    let statements = [Statement::plain("SELECT n FROM t")];
    run_batch(&mut reader, &batch(None, &statements, End::Open), &mut seen).await.unwrap();
    let writer = tokio::spawn(async move { run(&mut writer, change()).await.unwrap().done });
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert!(!writer.is_finished());
    while reader.resume(&mut seen).await.unwrap() == Ran::Paused {}
    assert_eq!(writer.await.unwrap(), [Done { rows_affected: 1, generated_key: None }]);
}

#[tokio::test]
async fn an_error_ends_the_transaction_that_the_batch_began_and_no_other() {
    let driver = memory();
    let mut conn = ready(&driver).await;
    let missed = Statement { expect: Some(1), ..shaped(3, "UPDATE t SET n = 1 WHERE id = 9", &[]) };
    let refused = shaped(4, "UPDATE t SET n = 'x' || abs(-9223372036854775808)", &[]);
    for (statement, kind) in [(missed, ErrorKind::StaleData), (refused, ErrorKind::Database)] {
        // The second time it is cached.
        for _ in 0..2 {
            for begin in [None, WRITE] {
                let one = [statement];
                let ran =
                    run_batch(&mut conn, &batch(begin, &one, End::Commit), &mut Discard::default()).await;
                let error = ran.unwrap_err();
                assert_eq!((error.kind(), error.sql()), (kind, Some(statement.sql)), "{error}");
                assert_eq!(conn.status(), Status::Idle);
            }
            control(&mut conn, WRITE, End::Open).await.unwrap();
            run(&mut conn, change()).await.unwrap();
            assert_eq!(run(&mut conn, statement).await.err().unwrap().kind(), kind);
            assert_eq!(conn.status(), Status::InTx);
            control(&mut conn, None, End::Rollback).await.unwrap();
        }
    }
    assert_eq!(one(&mut conn, "SELECT n FROM t").await, int(0));
}

#[tokio::test]
async fn what_a_commit_refuses_is_no_error_of_the_statement_before_it() {
    let folder = Folder::new();
    for driver in [memory(), folder.driver("?synchronous=FULL"), folder.driver("?synchronous=NORMAL")] {
        let mut conn = ready(&driver).await;
        exec(&mut conn, "DROP TABLE IF EXISTS u; CREATE TABLE u (id INTEGER PRIMARY KEY, t INTEGER REFERENCES t DEFERRABLE INITIALLY DEFERRED); INSERT INTO u VALUES (1, 1)").await;
        for _ in 0..2 {
            let dangles = [shaped(5, "UPDATE u SET t = 9", &[])];
            for begin in [None, WRITE] {
                let ran =
                    run_batch(&mut conn, &batch(begin, &dangles, End::Commit), &mut Discard::default()).await;
                let error = ran.unwrap_err();
                assert_eq!((error.kind(), error.sql()), (ErrorKind::ForeignKeyViolation, None), "{error}");
                assert_eq!(conn.status(), Status::Idle);
            }
        }
        assert_eq!(one(&mut conn, "SELECT t FROM u").await, int(1));
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_long_read_begins_its_transaction_once() {
    let mut conn = memory().connect().await.unwrap();
    let sum =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) SELECT sum(i) FROM n";
    // Short, and known for that; then it takes long.
    for most in [3, 3, 100_000, 100_000] {
        let mut seen = Seen::default();
        let values = [ValueRef::Int(most)];
        let long = [shaped(6, sum, &values)];
        run_batch(&mut conn, &batch(WRITE, &long, End::Open), &mut seen).await.unwrap();
        assert_eq!(seen.rows, [[int(most * (most + 1) / 2)]]);
        assert_eq!(conn.status(), Status::InTx);
        control(&mut conn, None, End::Commit).await.unwrap();
    }
}

#[tokio::test(flavor = "current_thread")]
async fn writes_in_a_loop_let_others_run() {
    let folder = Folder::new();
    for rows in [1, 2_000] {
        let mut conn = ready(&folder.driver("?synchronous=NORMAL")).await;
        exec(&mut conn, "CREATE TABLE IF NOT EXISTS many (n INTEGER)").await;
        let count =
            format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})");
        exec(&mut conn, &format!("INSERT INTO many {count} SELECT i FROM n")).await;
        let (fired, timer) = timer();
        // Would never end if it could keep the only worker.
        while !fired.load(Ordering::SeqCst) {
            run(&mut conn, shaped(7, "UPDATE many SET n = n + 1", &[])).await.unwrap();
        }
        timer.await.unwrap();
    }
}

#[test]
fn without_a_runtime_no_future_is_pending() {
    let driver = driver("sqlite::memory:");
    let mut conn = at_once(ready(&driver));
    for _ in 0..3 {
        at_once(run_batch(&mut conn, &batch(WRITE, &[read()], End::Open), &mut Discard::default())).unwrap();
        at_once(run_batch(&mut conn, &batch(None, &[change()], End::Commit), &mut Discard::default()))
            .unwrap();
    }
    assert_eq!(at_once(one(&mut conn, "SELECT n FROM t")), int(3));
}
