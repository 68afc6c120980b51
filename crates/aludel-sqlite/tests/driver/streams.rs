//! Rows that are taken one by one.

use aludel_engine::driver::{Discard, Done, End, Flow, Ran, RowSink, Statement, Status};
use aludel_sql::{Error, ErrorKind, Result, ValueRef};

use crate::support::{
    COUNT_TO_1000, Folder, SNAPSHOT, Seen, WRITE, batch, exec, int, memory, one, run_batch, shaped,
};

#[tokio::test]
async fn a_sink_can_pause_and_go_on() {
    let folder = Folder::new();
    for driver in [memory(), folder.driver("")] {
        let mut conn = driver.connect().await.unwrap();
        for pause_every in [1, 7, 256, 1000, 5000] {
            let mut seen = Seen { pause_every, ..Seen::default() };
            let statements = [shaped(1, COUNT_TO_1000, &[])];
            let mut ran =
                run_batch(&mut conn, &batch(None, &statements, End::Open), &mut seen).await.unwrap();
            let mut pauses = 0;
            while ran == Ran::Paused {
                assert_eq!(conn.status(), Status::InFlight);
                assert_eq!(seen.rows.len() % pause_every, 0);
                assert!(seen.done.is_empty());
                pauses += 1;
                ran = conn.resume(&mut seen).await.unwrap();
            }
            assert_eq!(pauses, 1000 / pause_every);
            assert_eq!(seen.rows, (1..=1000).map(|i| vec![int(i)]).collect::<Vec<_>>());
            assert_eq!(seen.done.len(), 1);
            assert_eq!(conn.status(), Status::Idle);
        }
        assert_eq!(conn.resume(&mut Seen::default()).await.unwrap_err().kind(), ErrorKind::State);
    }
}

#[tokio::test]
async fn a_stream_ends_its_batch_after_the_last_row() {
    let mut conn = memory().connect().await.unwrap();
    let mut seen = Seen { pause_every: 400, ..Seen::default() };
    let statements = [shaped(1, COUNT_TO_1000, &[])];
    assert_eq!(
        run_batch(&mut conn, &batch(SNAPSHOT, &statements, End::Commit), &mut seen).await.unwrap(),
        Ran::Paused
    );
    assert_eq!(conn.resume(&mut seen).await.unwrap(), Ran::Paused);
    assert_eq!(conn.resume(&mut seen).await.unwrap(), Ran::Done);
    assert_eq!((seen.rows.len(), conn.status()), (1000, Status::Idle));
    run_batch(&mut conn, &batch(SNAPSHOT, &statements, End::Open), &mut Discard::default()).await.unwrap();
    assert_eq!(conn.status(), Status::InTx);
}

#[tokio::test]
async fn an_abandoned_stream_leaves_the_mark_and_no_lock() {
    let driver = memory();
    let mut conn = driver.connect().await.unwrap();
    exec(&mut conn, "CREATE TABLE t (a); INSERT INTO t VALUES (1), (2), (3)").await;
    let mut seen = Seen { pause_every: 1, ..Seen::default() };
    let statements = [Statement::plain("SELECT a FROM t")];
    run_batch(&mut conn, &batch(None, &statements, End::Open), &mut seen).await.unwrap();
    assert_eq!(conn.status(), Status::InFlight);
    // The next batch lets go of it.
    exec(&mut conn, "INSERT INTO t VALUES (4)").await;
    assert_eq!(conn.status(), Status::Idle);
    run_batch(&mut conn, &batch(None, &statements, End::Open), &mut seen).await.unwrap();
    drop(conn);
    let mut other = driver.connect().await.unwrap();
    exec(&mut other, "DELETE FROM t").await;
}

#[tokio::test]
async fn a_write_that_is_paused_is_committed_and_holds_no_lock() {
    let driver = memory();
    let (mut a, mut b) = (driver.connect().await.unwrap(), driver.connect().await.unwrap());
    exec(&mut a, "CREATE TABLE t (id INTEGER PRIMARY KEY)").await;
    let mut seen = Seen { pause_every: 2, ..Seen::default() };
    let statements = [Statement::plain("INSERT INTO t VALUES (1), (2), (3), (4), (5) RETURNING id")];
    assert_eq!(
        run_batch(&mut a, &batch(WRITE, &statements, End::Commit), &mut seen).await.unwrap(),
        Ran::Paused
    );
    assert_eq!(seen.rows.len(), 2);
    exec(&mut b, "INSERT INTO t VALUES (6)").await;
    while a.resume(&mut seen).await.unwrap() == Ran::Paused {}
    assert_eq!(seen.rows.len(), 5);
    assert_eq!(seen.done, [Done { rows_affected: 5, generated_key: Some(5) }]);
    assert_eq!(a.status(), Status::Idle);
}

#[tokio::test]
async fn a_sink_that_has_enough_ends_a_read_and_no_write() {
    #[derive(Default)]
    struct First {
        rows: usize,
        done: Vec<Done>,
    }
    impl RowSink for First {
        fn row(&mut self, _: usize, _: &[ValueRef<'_>]) -> Result<Flow> {
            self.rows += 1;
            Ok(Flow::Enough)
        }

        fn done(&mut self, _: usize, done: Done) {
            self.done.push(done);
        }
    }
    let mut conn = memory().connect().await.unwrap();
    exec(&mut conn, "CREATE TABLE t (id INTEGER PRIMARY KEY)").await;
    // Prepared the first time, answered at once the second.
    for _ in 0..2 {
        let mut first = First::default();
        let statements = [shaped(1, COUNT_TO_1000, &[])];
        run_batch(&mut conn, &batch(None, &statements, End::Open), &mut first).await.unwrap();
        assert_eq!((first.rows, first.done.len(), conn.status()), (1, 1, Status::Idle));
    }
    let mut first = First::default();
    let statements = [Statement::plain("INSERT INTO t VALUES (1), (2), (3) RETURNING id")];
    run_batch(&mut conn, &batch(None, &statements, End::Open), &mut first).await.unwrap();
    assert_eq!(first.done, [Done { rows_affected: 3, generated_key: Some(3) }]);
    assert_eq!(one(&mut conn, "SELECT count(*) FROM t").await, int(3));
}

#[tokio::test]
async fn a_sink_that_fails_ends_the_statement() {
    struct Fails(usize);
    impl RowSink for Fails {
        fn row(&mut self, _: usize, _: &[ValueRef<'_>]) -> Result<Flow> {
            self.0 -= 1;
            if self.0 == 0 { Err(Error::new(ErrorKind::Decode, "too much")) } else { Ok(Flow::More) }
        }
    }
    let mut conn = memory().connect().await.unwrap();
    exec(&mut conn, "CREATE TABLE t (id INTEGER PRIMARY KEY)").await;
    for sql in [COUNT_TO_1000, "INSERT INTO t VALUES (1), (2), (3) RETURNING id"] {
        let error = conn
            .run(&batch(None, &[shaped(1 + sql.len() as u64, sql, &[])], End::Open), &mut Fails(2))
            .await
            .unwrap_err();
        assert_eq!((error.kind(), error.what()), (ErrorKind::Decode, "too much"));
        assert_eq!(conn.status(), Status::Idle);
    }
    assert_eq!(one(&mut conn, "SELECT count(*) FROM t").await, int(0));
}
