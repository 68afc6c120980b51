//! Dropped futures, abandoned streams, and stopping a statement from elsewhere.

use std::time::Duration;

use aludel_engine::ErrorKind;
use aludel_engine::driver::{Batch, Begin, Discard, End, Ran, RawConn, Statement, Status};
use aludel_sql::Value;

use super::support::*;

const TABLE: [&str; 2] = [
    "CREATE TABLE t (id INT PRIMARY KEY, n INT) ENGINE=InnoDB",
    "INSERT INTO t SELECT seq, 0 FROM seq_1_to_10",
];

/// Begins a batch and drops it after some time.
async fn drop_after(conn: &mut Box<dyn RawConn>, begin: Option<Begin>, sql: &str, millis: u64) {
    let statements = [Statement::plain(sql)];
    let batch = Batch { begin, statements: &statements, end: End::Open };
    let mut sink = Discard::default();
    let run = conn.run(&batch, &mut sink);
    assert!(tokio::time::timeout(Duration::from_millis(millis), run).await.is_err(), "it was to be dropped");
}

async fn id(conn: &mut Box<dyn RawConn>) -> i64 {
    match one(conn, "SELECT connection_id()").await {
        Value::Int(id) => id,
        other => panic!("{other:?}"),
    }
}

fn living(id: i64) -> String {
    format!("SELECT count(*) FROM information_schema.processlist WHERE id = {id}")
}

#[tokio::test]
async fn a_dropped_future_leaves_the_connection_in_flight() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.connect().await;
    drop_after(&mut conn, None, "SELECT 'answer', sleep(0.2)", 50).await;
    assert_eq!(conn.status(), Status::InFlight);
    // The answer to the dropped statement never reaches another: none is accepted, then or later.
    for _ in 0..2 {
        let error = plain(&mut conn, "SELECT 1").await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::State);
        assert_eq!(conn.status(), Status::InFlight);
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

#[tokio::test]
async fn a_future_dropped_after_any_number_of_polls_is_seen() {
    let Some(db) = Db::new().await else { return };
    let mut finished = 0;
    for polls in 1..40 {
        let mut conn = db.connect().await;
        let statements =
            [prepared(1, "SELECT seq FROM seq_1_to_3", &[]), prepared(2, "SELECT 'x' FROM dual", &[])];
        let batch = Batch { begin: Some(Begin::default()), statements: &statements, end: End::Commit };
        let mut sink = Discard::default();
        let mut run = conn.run(&batch, &mut sink);
        let mut done = false;
        for _ in 0..polls {
            done = std::future::poll_fn(|cx| std::task::Poll::Ready(run.as_mut().poll(cx).is_ready())).await;
            if done {
                break;
            }
            tokio::task::yield_now().await;
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        drop(run);
        assert_eq!(conn.status(), if done { Status::Idle } else { Status::InFlight }, "after {polls} polls");
        if done {
            finished += 1;
            assert_clean(&mut conn).await;
        }
    }
    assert!(finished > 0, "the batch never came to its end");
}

#[tokio::test]
async fn a_batch_dropped_with_locks_lets_go_of_them_at_once() {
    let Some(db) = Db::new().await else { return };
    let (mut conn, mut other) = (db.with(&TABLE).await, db.connect().await);
    plain(&mut other, "SET innodb_lock_wait_timeout = 10").await.unwrap();
    drop_after(&mut conn, Some(Begin::default()), "UPDATE t SET n = n + 1 + sleep(3)", 100).await;
    assert_eq!(conn.status(), Status::InFlight);
    drop(conn);
    // The dropped statement would hold its locks for longer than this one may wait.
    plain(&mut other, "UPDATE t SET n = 5").await.unwrap();
    assert_eq!(one(&mut other, "SELECT sum(n) FROM t").await, Value::Decimal("50".into()));
}

#[tokio::test]
async fn an_abandoned_stream_is_closed_and_not_read_to_its_end() {
    let Some(db) = Db::new().await else { return };
    let (mut conn, mut other) = (db.connect().await, db.connect().await);
    let id = id(&mut conn).await;
    let mut keep = Keep { pause_every: 10, ..Keep::default() };
    // Some gigabytes, were anybody to read them.
    let statements =
        [Statement::plain("SELECT a.seq, repeat('x', 1000) FROM seq_1_to_1000000 a JOIN seq_1_to_1000 b")];
    assert_eq!(run_into(&mut conn, None, &statements, End::Open, &mut keep).await.unwrap(), Ran::Paused);
    assert_eq!((conn.status(), keep.rows.len()), (Status::InFlight, 10));
    assert_eq!(plain(&mut conn, "SELECT 1").await.err().unwrap().kind(), ErrorKind::State);
    drop(conn);
    eventually(&mut other, &living(id), 0).await;
}

#[tokio::test]
async fn a_paused_stream_can_be_closed() {
    let Some(db) = Db::new().await else { return };
    let (mut conn, mut other) = (db.connect().await, db.connect().await);
    let id = id(&mut conn).await;
    let mut keep = Keep { pause_every: 1, ..Keep::default() };
    let statements = [Statement::plain("SELECT seq FROM seq_1_to_1000000000")];
    run_into(&mut conn, None, &statements, End::Open, &mut keep).await.unwrap();
    tokio::time::timeout(Duration::from_secs(1), conn.close()).await.unwrap();
    eventually(&mut other, &living(id), 0).await;
}

#[tokio::test]
async fn a_connection_dropped_within_a_transaction_rolls_back() {
    let Some(db) = Db::new().await else { return };
    let (mut conn, mut other) = (db.with(&TABLE).await, db.connect().await);
    batch(&mut conn, Some(Begin::default()), &[Statement::plain("UPDATE t SET n = 9")], End::Open)
        .await
        .unwrap();
    drop(conn);
    plain(&mut other, "UPDATE t SET n = n + 1").await.unwrap();
    assert_eq!(one(&mut other, "SELECT sum(n) FROM t").await, Value::Decimal("10".into()));
}

#[tokio::test]
async fn a_canceller_stops_the_statement_and_the_connection_stays() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.with(&TABLE).await;
    let cancel = conn.canceller();
    let (stopped, ()) = tokio::join!(plain(&mut conn, "UPDATE t SET n = 1 + sleep(5)"), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        cancel().await;
    });
    let error = stopped.err().unwrap();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Timeout, Some("1317")));
    assert_clean(&mut conn).await;
    assert_eq!(one(&mut conn, "SELECT sum(n) FROM t").await, Value::Decimal("0".into()));
    // In a transaction it has failed; while idle there is nothing to stop.
    batch(&mut conn, Some(Begin::default()), &[], End::Open).await.unwrap();
    let (stopped, ()) = tokio::join!(plain(&mut conn, "UPDATE t SET n = 1 + sleep(5)"), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        cancel().await;
    });
    assert!(stopped.is_err());
    assert_eq!(conn.status(), Status::Failed);
    batch(&mut conn, None, &[], End::Rollback).await.unwrap();
    cancel().await;
    assert_clean(&mut conn).await;
}

#[tokio::test]
async fn a_canceller_stops_a_stream() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.connect().await;
    let mut keep = Keep { pause_every: 10, ..Keep::default() };
    let statements = [Statement::plain("SELECT a.seq FROM seq_1_to_1000000 a JOIN seq_1_to_1000 b")];
    run_into(&mut conn, None, &statements, End::Open, &mut keep).await.unwrap();
    conn.canceller()().await;
    keep.pause_every = 0;
    // What was on the way is still shown.
    let error = conn.resume(&mut keep).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Timeout, Some("1317")));
    assert_clean(&mut conn).await;
}
