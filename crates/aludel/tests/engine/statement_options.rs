//! Rules of how single statements run: their time, the rows that they fetch, and those that are read ahead.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aludel::driver::{Batch, BoxFuture, Flow, Ran, RawConn, RowSink, Status};
use aludel::prelude::*;
use aludel::{Result, StatementOptions, ValueRef};

use crate::models::*;
use aludel_suite::{Between, Db, on_each_database, refused};
use aludel_testing::proxy::{Fault, Harm, Proxy, Way};

const SHORT: Duration = Duration::from_millis(50);

fn hasty(options: StatementOptions) -> StatementOptions {
    options.timeout(SHORT)
}

/// A read that takes longer than anybody waits.
fn endless(db: &Db) -> aludel::Text {
    text_unchecked(db.pick(
        "SELECT max(i) AS it FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n)",
        "SELECT pg_sleep(600)::text AS it",
        "SELECT count(*) AS it FROM seq_1_to_1000000 a, seq_1_to_1000000 b",
    ))
}

/// A write that takes longer than anybody waits.
fn endless_write(db: &Db) -> aludel::Text {
    text_unchecked(db.pick(
        "INSERT INTO accounts (owner, balance)
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT 'x' || i, i FROM n",
        "INSERT INTO accounts (owner, balance) SELECT i::text, i FROM generate_series(1, 9) i, pg_sleep(600)",
        "INSERT INTO accounts (owner, balance) SELECT concat('x', seq), seq FROM seq_1_to_1000000000",
    ))
}

fn stopped<T>(ran: Result<T>) {
    let error = refused(ran, ErrorKind::Timeout);
    assert!(error.to_string().contains("stopped after 0.05 s, its timeout"), "{error}");
    assert!(error.sql().is_some(), "{error}");
}

async fn seven(conn: &mut Connection) -> Result<i32> {
    conn.execute(text!("SELECT 7 AS n")).one().await?.get("n")
}

/// Notes how many rows were read before each pause.
struct Pieces(Arc<Mutex<Vec<usize>>>);

impl Between for Pieces {
    fn run<'a>(
        &'a mut self,
        raw: &'a mut dyn RawConn,
        batch: &'a Batch<'a>,
        sink: &'a mut dyn RowSink,
    ) -> BoxFuture<'a, Result<Ran>> {
        Box::pin(async move {
            let mut counting = Counting { sink, rows: 0 };
            let ran = raw.run(batch, &mut counting).await;
            self.0.lock().unwrap().push(counting.rows);
            ran
        })
    }

    fn resume<'a>(
        &'a mut self,
        raw: &'a mut dyn RawConn,
        sink: &'a mut dyn RowSink,
    ) -> BoxFuture<'a, Result<Ran>> {
        Box::pin(async move {
            let mut counting = Counting { sink, rows: 0 };
            let ran = raw.resume(&mut counting).await;
            self.0.lock().unwrap().push(counting.rows);
            ran
        })
    }
}

struct Counting<'s> {
    sink: &'s mut dyn RowSink,
    rows: usize,
}

impl RowSink for Counting<'_> {
    fn row(&mut self, statement: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        self.rows += 1;
        self.sink.row(statement, cells)
    }
}

on_each_database! {
    async fn a_statement_over_its_timeout_is_stopped_and_the_connection_goes_on(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        stopped(conn.statement_options(hasty).execute(endless(&db)).all().await);
        assert_eq!((seven(&mut conn).await?, conn.status()), (7, Status::Idle));
        // Those that travel together have the time together.
        let mut both = conn.statement_options(hasty);
        stopped(both.together((select(Account::OWNER), endless(&db))).await);
        assert_eq!(both.scalars(select(Account::OWNER)).all().await?.len(), 2);
    }

    async fn a_timeout_is_that_of_the_engine_the_connection_the_transaction_or_the_statement(db: Db) {
        let engine = db.engine.with_options(|o| o.timeout(SHORT));
        stopped(engine.connect().await?.execute(endless(&db)).all().await);
        stopped(engine.shared().ask(endless(&db)).await);
        let mut conn = db.engine.connect().await?.with_options(|o| o.timeout(SHORT));
        stopped(conn.execute(endless(&db)).all().await);

        let mut conn = db.engine.connect().await?;
        let mut tx = conn.begin_with(|o| o.statements(hasty)).await?;
        stopped(tx.execute(endless(&db)).all().await);
        tx.rollback().await?;
        let mut tx = conn.begin().await?;
        stopped(tx.statement_options(hasty).execute(endless(&db)).all().await);
        drop(tx);
        assert_eq!(seven(&mut conn).await?, 7);

        let mut session = engine.session();
        stopped(session.execute(endless(&db)).await);
        session.rollback().await?;
        let mut session = db.session();
        stopped(session.statement_options(hasty).execute(endless(&db)).await);
        session.rollback().await?;
    }

    async fn the_inner_layer_overrides_the_outer_and_is_forgotten_with_it(db: Db) {
        let slow = || text_unchecked(db.pick(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200000) SELECT max(i) AS it FROM n",
            "SELECT pg_sleep(0.2)::text AS it",
            "SELECT count(*) AS it FROM seq_1_to_2000 a, seq_1_to_2000 b",
        ));
        let engine = db.engine.with_options(|o| o.timeout(SHORT));
        let mut conn = engine.connect().await?;
        let mut patient = conn.statement_options(|o| o.timeout(Duration::MAX));
        assert_eq!(patient.execute(slow()).all().await?.len(), 1);
        drop(patient);
        stopped(conn.execute(endless(&db)).all().await);
        let mut tx = conn.begin_with(|o| o.statements(|it| it.timeout(Duration::MAX).max_rows(1))).await?;
        assert_eq!(tx.execute(slow()).all().await?.len(), 1);
        tx.commit().await?;
        stopped(conn.execute(endless(&db)).all().await);
        assert_eq!(conn.execute(text_unchecked("SELECT 1 AS n UNION ALL SELECT 2 AS n")).all().await?.len(), 2);

        let mut session = engine.session();
        let mut patient = session.statement_options(|o| o.timeout(Duration::MAX));
        patient.execute(slow()).await?;
        drop(patient);
        stopped(session.execute(endless(&db)).await);
    }

    async fn a_write_over_its_timeout_changes_nothing(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        stopped(conn.statement_options(hasty).execute(endless_write(&db)).await);
        assert_eq!(conn.status(), Status::Idle);
        let mut tx = conn.begin_with(|o| o.statements(hasty)).await?;
        tx.execute(open("kim")).await?;
        stopped(tx.execute(endless_write(&db)).await);
        tx.rollback().await?;
        conn.execute(open("lou")).await?;
        assert_eq!(owners(&db).await?, "ada bob lou");
    }

    async fn waiting_for_a_lock_counts(db: Db) {
        bank(&db).await?;
        let pay = || update(Account).filter(Account::ID.eq(1)).set(Account::BALANCE, 0);
        let mut holder = db.engine.connect().await?;
        let mut held = holder.begin().await?;
        held.execute(pay()).await?;
        for engine in [db.engine.clone(), db.other()] {
            let mut conn = engine.connect().await?;
            stopped(conn.statement_options(hasty).execute(pay()).await);
            assert_eq!(seven(&mut conn).await?, 7);
        }
        held.commit().await?;
        assert_eq!(db.other().connect().await?.execute(pay()).await?.rows_affected, 1);
    }

    async fn a_stream_whose_next_rows_take_too_long_is_stopped_behind_those_that_came(db: Db) {
        let rows = text_unchecked(db.pick(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS n FROM n WHERE i <= 3",
            "SELECT i::text AS n, repeat('x', 10000) FROM generate_series(1, 3) i UNION ALL SELECT pg_sleep(600)::text, ''",
            "SELECT seq AS n, repeat('x', 10000) AS x FROM seq_1_to_3
             UNION ALL SELECT count(*), '' FROM seq_1_to_1000000 a, seq_1_to_1000000 b",
        ));
        let mut conn = db.engine.connect().await?;
        let mut hasty = conn.statement_options(|o| hasty(o).fetch_size(1));
        let mut stream = hasty.execute(rows).stream();
        assert!(stream.next().await?.is_some());
        let mut ended = stream.next().await;
        while let Ok(Some(_)) = ended {
            ended = stream.next().await;
        }
        stopped(ended);
        drop(stream);
        assert_eq!(seven(&mut hasty).await?, 7);
    }

    async fn a_stream_reads_as_many_rows_ahead_as_it_is_told(db: Db) {
        let pieces = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&pieces);
        let engine = db.builder_with(move || Ok(Pieces(Arc::clone(&noted)))).build()?;
        let rows = || text_unchecked(db.pick(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 300) SELECT i AS n FROM n",
            "SELECT i AS n FROM generate_series(1, 300) i",
            "SELECT seq AS n FROM seq_1_to_300",
        ));
        let mut conn = engine.connect().await?;
        for (fetch_size, expected) in [(None, vec![256, 44]), (Some(100), vec![100, 100, 100, 0]), (Some(0), vec![1; 300])] {
            pieces.lock().unwrap().clear();
            let mut conn = conn.statement_options(|o| fetch_size.map_or(o, |rows| o.fetch_size(rows)));
            let mut stream = conn.execute(rows()).stream();
            let mut n = 0;
            while stream.next().await?.is_some() {
                n += 1;
            }
            let read = pieces.lock().unwrap().clone();
            assert_eq!(n, 300);
            assert_eq!(read.iter().sum::<usize>(), 300);
            assert_eq!(read[..expected.len().min(3)], expected[..expected.len().min(3)], "{fetch_size:?}");
        }
    }

    /// P6. A server that answers neither the statement nor the request to stop it holds nobody up.
    #[except(sqlite, "it has no network")]
    async fn a_server_that_does_not_stop_is_given_up_and_a_commit_among_it_has_an_unknown_outcome(db: Db) {
        bank(&db).await?;
        for commits in [false, true] {
            let proxy = Proxy::start(db.database, &db.url).await;
            let engine = Engine::builder(&proxy.url()).pool_size(1).max_overflow(0).with_options(|o| o.timeout(SHORT)).build()?;
            let mut session = engine.session();
            let ada = session.get_one::<Account>(1).await?;
            proxy.inject(Fault { way: Way::ToClient, after: 0, harm: Harm::Stall });
            let (outcome, kind) = if commits {
                session[ada].balance = 0;
                (session.commit().await, ErrorKind::CommitOutcomeUnknown)
            } else {
                (session.scalar(select(func::count(Account::ID))).await.map(drop), ErrorKind::Timeout)
            };
            let error = refused(outcome, kind);
            assert!(error.to_string().contains("no answer after 0.05 s"), "{error}");
            drop(session);
            assert!(proxy.heal());
            assert_eq!(engine.connect().await?.scalar(select(func::count(Account::ID))).await?, 2);
            assert_eq!(engine.status().in_use, 0);
        }
    }

    /// On SQLite the rows come while the statement runs, and it is undone.
    async fn a_write_whose_rows_are_refused_is_undone_or_says_that_it_is_kept(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?.with_options(|o| o.max_rows(1));
        let deleted = delete(Account).filter(Account::ID.gt(0)).returning(Account::ID);
        let error = refused(conn.execute(deleted.clone()).all().await, ErrorKind::TooManyRows);
        assert_eq!(error.context().is_some_and(|it| it.contains("committed")), db.pick(false, true, true), "{error}");
        assert_eq!(owners(&db).await?, db.pick("ada bob", "", ""));

        let engine = db.engine.with_options(|o| o.max_rows(1));
        db.run("DELETE FROM accounts").await?;
        db.run("INSERT INTO accounts (owner, balance) VALUES ('kim', 0), ('lou', 0)").await?;
        let mut conn = engine.connect().await?;
        let mut tx = conn.begin().await?;
        tx.execute(open("max")).await?;
        let error = refused(tx.execute(deleted).all().await, ErrorKind::TooManyRows);
        assert!(error.context().is_none(), "{error}");
        tx.rollback().await?;
        assert_eq!(owners(&db).await?, "kim lou");
    }
}
