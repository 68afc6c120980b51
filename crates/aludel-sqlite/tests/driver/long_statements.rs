//! Statements that take long, and hold up nobody.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aludel_engine::driver::{End, Flow, Ran, RowSink, Status};
use aludel_sql::{ErrorKind, Result, Value, ValueRef};

use crate::support::{
    Conn, SNAPSHOT, Seen, WRITE, batch, control, exec, fails, int, memory, one, run, run_batch, shaped, text,
    timer,
};

/// Notes at its first and its last row whether a timer had fired.
struct Watching {
    fired: Arc<AtomicBool>,
    rows: usize,
    at_last_row: bool,
}

impl RowSink for Watching {
    fn row(&mut self, _: usize, _: &[ValueRef<'_>]) -> Result<Flow> {
        self.rows += 1;
        self.at_last_row = self.fired.load(Ordering::SeqCst);
        Ok(Flow::More)
    }
}

async fn lets_a_timer_run(conn: &mut Conn, sql: &str) -> usize {
    let (fired, timer) = timer();
    let mut sink = Watching { fired, rows: 0, at_last_row: false };
    run_batch(conn, &batch(None, &[shaped(sql.len() as u64, sql, &[])], End::Open), &mut sink).await.unwrap();
    assert!(sink.at_last_row, "the only worker was held for the whole of `{sql}`");
    timer.await.unwrap();
    sink.rows
}

#[tokio::test(flavor = "current_thread")]
async fn a_long_scan_gives_the_worker_back_between_rows() {
    let mut conn = memory().connect().await.unwrap();
    let sql =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT i FROM n";
    assert_eq!(lets_a_timer_run(&mut conn, sql).await, 200_000);
}

#[tokio::test(flavor = "current_thread")]
async fn a_read_that_yields_no_row_in_time_goes_to_the_blocking_pool() {
    let mut conn = memory().connect().await.unwrap();
    let sum = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT sum(i) FROM n";
    for _ in 0..2 {
        assert_eq!(lets_a_timer_run(&mut conn, sum).await, 1);
    }
    let sorted = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT i, 'row ' || i, x'00ff' FROM n ORDER BY -i";
    assert_eq!(lets_a_timer_run(&mut conn, sorted).await, 100_000);
    // Its rows are the same, paused or not, and in a transaction too.
    for begin in [None, SNAPSHOT] {
        let mut seen = Seen { pause_every: 3333, columns: Some(vec![]), ..Seen::default() };
        let statements = [shaped(2, sorted, &[])];
        let mut ran =
            run_batch(&mut conn, &batch(begin, &statements, End::Rollback), &mut seen).await.unwrap();
        while ran == Ran::Paused {
            ran = conn.resume(&mut seen).await.unwrap();
        }
        assert_eq!(seen.rows.len(), 100_000);
        assert_eq!(seen.rows[99_999], [int(1), text("row 1"), Value::Blob(vec![0, 255])]);
        assert_eq!(seen.columns.unwrap()[0], "i");
        assert_eq!(conn.status(), Status::Idle);
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_long_read_inside_a_transaction_that_has_written_loses_nothing() {
    let mut conn = memory().connect().await.unwrap();
    exec(&mut conn, "CREATE TABLE t (a)").await;
    control(&mut conn, WRITE, End::Open).await.unwrap();
    exec(&mut conn, "INSERT INTO t VALUES (1)").await;
    let sum = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT sum(i) + (SELECT a FROM t) FROM n";
    lets_a_timer_run(&mut conn, sum).await;
    assert_eq!(conn.status(), Status::InTx);
    control(&mut conn, None, End::Commit).await.unwrap();
    assert_eq!(one(&mut conn, "SELECT a FROM t").await, int(1));
}

#[tokio::test(flavor = "current_thread")]
async fn many_short_statements_let_others_run() {
    let mut conn = memory().connect().await.unwrap();
    let (fired, timer) = timer();
    // Would never end if a loop of point reads could keep the only worker.
    while !fired.load(Ordering::SeqCst) {
        run(&mut conn, shaped(1, "SELECT 1", &[])).await.unwrap();
    }
    timer.await.unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn a_running_statement_can_be_cancelled() {
    let mut conn = memory().connect().await.unwrap();
    let cancel = conn.canceller();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n";
    let canceller = tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_millis(1)).await;
            cancel().await;
        }
    });
    let error = fails(&mut conn, endless).await;
    canceller.abort();
    _ = canceller.await;
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(conn.status(), Status::Idle);
    assert_eq!(one(&mut conn, "SELECT 1").await, int(1));
}

#[tokio::test(flavor = "current_thread")]
async fn the_canceller_of_a_closed_connection_does_nothing() {
    let conn = memory().connect().await.unwrap();
    let cancel = conn.canceller();
    conn.close().await;
    cancel().await;
}
