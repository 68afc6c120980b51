//! Futures that are dropped on the way.

use std::time::Duration;

use aludel_engine::driver::{Discard, End, Params, Ran, RowBinding, Statement, Status};
use aludel_sql::{Bind, ErrorKind, ValueRef};

use crate::support::{
    COUNT_TO_1000, Folder, Seen, WRITE, batch, control, exec, fails, int, memory, one, poll_then_drop, run,
    run_batch, with,
};

#[tokio::test(flavor = "current_thread")]
async fn a_dropped_future_leaves_the_connection_in_flight_and_nothing_half_done() {
    let folder = Folder::new();
    for driver in [memory(), folder.driver("")] {
        let mut check = driver.connect().await.unwrap();
        exec(&mut check, "CREATE TABLE t (n INTEGER); CREATE TABLE u (n INTEGER)").await;
        for polls in 1..60 {
            let mut conn = driver.connect().await.unwrap();
            let cell = |row: usize, _: usize| Bind::Ref(ValueRef::Int(row as i64));
            let bound = |binding, rows, sql| Statement {
                params: Params::Rows { binding, rows, columns: 1, cell: &cell },
                ..with(sql, &[])
            };
            // Together, in the blocking pool, or one by one, where it is awaited.
            let many = |sql| bound(RowBinding::Json, 501, sql);
            let each = |sql| bound(RowBinding::Each, 400, sql);
            let statements = [
                many("INSERT INTO t SELECT value->>0 FROM json_each(?1)"),
                Statement::plain(COUNT_TO_1000),
                Statement::plain(
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000) SELECT i FROM n",
                ),
                each("INSERT INTO u VALUES (?1)"),
                many("INSERT INTO u SELECT value->>0 FROM json_each(?1)"),
            ];
            let mut sink = Seen::default();
            let ran = poll_then_drop(
                polls,
                run_batch(&mut conn, &batch(WRITE, &statements, End::Commit), &mut sink),
            )
            .await;
            match &ran {
                Some(ran) => assert_eq!((*ran.as_ref().unwrap(), conn.status()), (Ran::Done, Status::Idle)),
                None => {
                    assert_eq!(conn.status(), Status::InFlight);
                    assert_eq!(fails(&mut conn, "SELECT 1").await.kind(), ErrorKind::State);
                }
            }
            drop(conn);
            // Nobody holds the lock, and both tables have the same number of wholes.
            let counts = "SELECT (SELECT count(*) FROM t) / 501.0, (SELECT count(*) FROM u) / 901.0";
            exec(&mut check, "INSERT INTO t SELECT 0 WHERE 0").await;
            let row = run(&mut check, Statement::plain(counts)).await.unwrap().rows.remove(0);
            assert_eq!(row[0], row[1]);
            if ran.is_some() && polls > 1 {
                break;
            }
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_future_dropped_between_rows_holds_no_lock_even_before_its_connection_is_dropped() {
    let driver = memory();
    let (mut a, mut b) = (driver.connect().await.unwrap(), driver.connect().await.unwrap());
    exec(&mut a, "CREATE TABLE t (n INTEGER)").await;
    let sql =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000) SELECT i FROM n";
    let statements = [Statement::plain("INSERT INTO t VALUES (1)"), Statement::plain(sql)];
    let dropped = poll_then_drop(
        2,
        run_batch(&mut a, &batch(WRITE, &statements, End::Commit), &mut Discard::default()),
    )
    .await;
    assert!(dropped.is_none());
    assert_eq!(a.status(), Status::InFlight);
    exec(&mut b, "INSERT INTO t VALUES (2)").await;
    assert_eq!(one(&mut b, "SELECT sum(n) FROM t").await, int(2));
}

#[tokio::test(flavor = "current_thread")]
async fn a_read_in_the_blocking_pool_is_stopped_when_its_future_is_dropped() {
    let folder = Folder::new();
    let driver = folder.driver("");
    let mut conn = driver.connect().await.unwrap();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n";
    let dropped =
        tokio::time::timeout(Duration::from_millis(20), run(&mut conn, Statement::plain(endless))).await;
    assert!(dropped.is_err());
    assert_eq!(conn.status(), Status::InFlight);
    // The runtime's end would wait for the job for ever.
}

#[tokio::test(flavor = "current_thread")]
async fn a_waiter_that_gives_up_passes_its_place_on() {
    let driver = memory();
    let (mut a, mut b, mut c) =
        (driver.connect().await.unwrap(), driver.connect().await.unwrap(), driver.connect().await.unwrap());
    exec(&mut a, "CREATE TABLE t (n INTEGER)").await;
    control(&mut a, WRITE, End::Open).await.unwrap();
    assert!(poll_then_drop(1, run(&mut b, Statement::plain("INSERT INTO t VALUES (1)"))).await.is_none());
    let waiter = tokio::spawn(async move { exec(&mut c, "INSERT INTO t VALUES (2)").await });
    tokio::task::yield_now().await;
    control(&mut a, None, End::Commit).await.unwrap();
    waiter.await.unwrap();
    assert_eq!(one(&mut a, "SELECT sum(n) FROM t").await, int(2));
}
