//! Pausing, cancelling, dropping.

use std::time::{Duration, Instant};

use aludel_engine::driver::{End, Flow, Ran, RawConn, RowSink, Statement, Status};
use aludel_sql::{Error, ErrorKind, Result, Value, ValueRef};

use super::support::{Scratch, execute, number, query, run, run_into, try_execute};

/// Adds up integers and pauses now and then.
struct Sum {
    rows: u64,
    sum: i64,
    every: u64,
}

impl RowSink for Sum {
    fn row(&mut self, _: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        let ValueRef::Int(it) = cells[0] else { panic!("{cells:?}") };
        self.rows += 1;
        self.sum += it;
        Ok(if self.rows.is_multiple_of(self.every) { Flow::Pause } else { Flow::More })
    }
}

#[tokio::test]
async fn a_million_rows_are_read_in_pieces() {
    let Some(db) = Scratch::new("million").await else { return };
    let mut conn = db.connect().await;
    let mut sink = Sum { rows: 0, sum: 0, every: 256 };
    let statements = [Statement::plain("SELECT g, 'some text of a row' FROM generate_series(1, 1000000) g")];
    let mut ran = run_into(&mut conn, None, &statements, End::Open, &mut sink).await.unwrap();
    let mut pauses = 0;
    while ran == Ran::Paused {
        assert_eq!(conn.status(), Status::InFlight);
        pauses += 1;
        ran = conn.resume(&mut sink).await.unwrap();
    }
    assert_eq!((sink.rows, sink.sum, pauses), (1_000_000, 500_000_500_000, 3_906));
    assert_eq!(conn.status(), Status::Idle);
    assert_eq!(conn.resume(&mut sink).await.unwrap_err().kind(), ErrorKind::State);
}

#[tokio::test]
async fn a_pause_holds_the_server_back() {
    let Some(db) = Scratch::new("pressure").await else { return };
    let (mut conn, mut other) = (db.connect().await, db.connect().await);
    let pid = number(&mut conn, "SELECT pg_backend_pid()").await;
    let mut sink = Sum { rows: 0, sum: 0, every: 10 };
    let statements = [Statement::plain("SELECT g, repeat('x', 1000) FROM generate_series(1, 200000) g")];
    assert_eq!(run_into(&mut conn, None, &statements, End::Open, &mut sink).await.unwrap(), Ran::Paused);
    let waiting =
        format!("SELECT count(*) FROM pg_stat_activity WHERE pid = {pid} AND wait_event = 'ClientWrite'");
    let begin = Instant::now();
    while number(&mut other, &waiting).await == 0 {
        assert!(begin.elapsed() < Duration::from_secs(30), "the server goes on writing");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(
        run_into(&mut conn, None, &statements, End::Open, &mut sink).await.unwrap_err().kind(),
        ErrorKind::State
    );
}

#[tokio::test]
async fn an_error_after_a_pause_names_its_statement() {
    let Some(db) = Scratch::new("late_error").await else { return };
    let mut conn = db.connect().await;
    let mut sink = Sum { rows: 0, sum: 0, every: 1 };
    let sql = "SELECT 100 / (100 - g), repeat('x', 1000) FROM generate_series(1, 200) g";
    let statements = [Statement::plain(sql)];
    let mut ran = run_into(&mut conn, None, &statements, End::Open, &mut sink).await;
    while let Ok(Ran::Paused) = ran {
        ran = conn.resume(&mut sink).await;
    }
    let error = ran.unwrap_err();
    assert_eq!((error.code(), error.sql()), (Some("22012"), Some(sql)));
    assert_eq!((sink.rows, conn.status()), (99, Status::Idle));
}

#[tokio::test]
async fn a_sink_that_refuses_a_row_leaves_a_clean_connection() {
    struct Picky;
    impl RowSink for Picky {
        fn row(&mut self, _: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
            match cells[0] {
                ValueRef::Int(500) => Err(Error::new(ErrorKind::Decode, "not this one")),
                _ => Ok(Flow::More),
            }
        }
    }
    let Some(db) = Scratch::new("picky").await else { return };
    let mut conn = db.connect().await;
    let statements = [Statement::plain("SELECT g FROM generate_series(1, 100000) g")];
    for (begin, end) in
        [(None, End::Open), (Some(Default::default()), End::Open), (Some(Default::default()), End::Commit)]
    {
        let error = run_into(&mut conn, begin, &statements, end, &mut Picky).await.unwrap_err();
        assert_eq!((error.kind(), error.what()), (ErrorKind::Decode, "not this one"));
        assert_eq!(
            error.advice().is_some_and(|it| it.contains("was committed all the same")),
            end == End::Commit
        );
        assert_eq!(conn.status(), Status::Idle);
    }
}

#[tokio::test]
async fn a_running_statement_can_be_cancelled() {
    let Some(db) = Scratch::new("cancel").await else { return };
    let mut conn = db.connect().await;
    let cancel = conn.canceller();
    let begin = Instant::now();
    let (result, ()) = tokio::join!(try_execute(&mut conn, "SELECT pg_sleep(60)"), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        cancel().await;
    });
    let error = result.err().unwrap();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Timeout, Some("57014")));
    assert!(begin.elapsed() < Duration::from_secs(30));
    assert_eq!(conn.status(), Status::Idle);
    assert_eq!(query(&mut conn, "SELECT 1").await, [[Value::Int(1)]]);
}

#[tokio::test]
async fn a_dropped_future_leaves_the_connection_in_flight() {
    let Some(db) = Scratch::new("drop").await else { return };
    let mut conn = db.connect().await;
    let dropped =
        tokio::time::timeout(Duration::from_millis(100), try_execute(&mut conn, "SELECT pg_sleep(60)")).await;
    assert!(dropped.is_err());
    assert_eq!(conn.status(), Status::InFlight);
    let error = try_execute(&mut conn, "SELECT 2").await.err().unwrap();
    assert_eq!(
        error.kind(),
        ErrorKind::State,
        "the answer to the first statement is not given to the second"
    );
    assert!(!conn.is_closed());
    conn.canceller()().await;
    Box::new(conn).close().await;
}

#[tokio::test]
async fn a_future_that_was_never_polled_has_sent_nothing() {
    let Some(db) = Scratch::new("unpolled").await else { return };
    let mut conn = db.connect().await;
    drop(try_execute(&mut conn, "SELECT 1"));
    assert_eq!(conn.status(), Status::Idle);
    assert_eq!(query(&mut conn, "SELECT 2").await, [[Value::Int(2)]]);
}

#[tokio::test]
async fn a_terminated_backend_is_a_lost_connection() {
    let Some(db) = Scratch::new("terminated").await else { return };
    let (mut conn, mut other) = (db.connect().await, db.connect().await);
    let pid = number(&mut conn, "SELECT pg_backend_pid()").await;
    let sleep = [Statement::plain("SELECT pg_sleep(60)")];
    let (result, ()) = tokio::join!(run(&mut conn, Some(Default::default()), &sleep, End::Commit), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        execute(&mut other, &format!("SELECT pg_terminate_backend({pid})")).await;
    });
    let error = result.err().unwrap();
    // The server said so before it came to the COMMIT.
    assert_eq!(
        (error.kind(), error.code(), error.sql()),
        (ErrorKind::Disconnected, Some("57P01"), Some("SELECT pg_sleep(60)"))
    );
    assert_eq!(conn.status(), Status::Broken);
    assert!(conn.is_closed());
    assert_eq!(try_execute(&mut conn, "SELECT 1").await.err().unwrap().kind(), ErrorKind::Disconnected);
}

#[tokio::test]
async fn an_idle_connection_that_was_closed_is_noticed() {
    let Some(db) = Scratch::new("idle").await else { return };
    let (mut conn, mut other) = (db.connect().await, db.connect().await);
    let pid = number(&mut conn, "SELECT pg_backend_pid()").await;
    assert!(!conn.is_closed());
    execute(&mut other, &format!("SELECT pg_terminate_backend({pid})")).await;
    let begin = Instant::now();
    while !conn.is_closed() {
        assert!(begin.elapsed() < Duration::from_secs(30));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(conn.status(), Status::Broken);
}

#[tokio::test]
async fn notifications_are_kept_until_they_are_taken() {
    let Some(db) = Scratch::new("notify").await else { return };
    let (mut conn, mut other) = (db.connect().await, db.connect().await);
    execute(&mut conn, "LISTEN news").await;
    execute(&mut other, "NOTIFY news, 'first'").await;
    execute(&mut other, "NOTIFY news").await;
    let begin = Instant::now();
    let mut payloads = Vec::new();
    while payloads.len() < 2 {
        assert!(begin.elapsed() < Duration::from_secs(30));
        tokio::time::sleep(Duration::from_millis(5)).await;
        assert!(!conn.is_closed());
        payloads.extend(std::iter::from_fn(|| conn.take_notification()).map(|it| (it.channel, it.payload)));
    }
    assert_eq!(payloads, [("news".to_owned(), "first".to_owned()), ("news".to_owned(), String::new())]);
    execute(&mut conn, "DO $$ BEGIN RAISE NOTICE 'hello'; END $$").await;
    let notice = conn.take_notice().unwrap();
    assert_eq!((&*notice.severity, &*notice.code, &*notice.message), ("NOTICE", "00000", "hello"));
    assert_eq!(conn.take_notice(), None);
}
