//! The n-th call of the driver fails, for n = 1, 2, 3 … until all goes well: SQLite's anomaly loop.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use aludel::driver::{
    Batch, BoxFuture, Canceller, CopySource, Discard, Driver, End, Notice, Notification, Ran, RawConn,
    RowSink, Status,
};
use aludel::prelude::*;
use aludel::{Backend, Dialect, Result, Url};

use crate::models::*;
use crate::units_of_work::{by_connection, by_session, was_whole};
use aludel_suite::{Database, Db, on_each_database};

/// How the call fails.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Failure {
    /// The connection is lost before anything has arrived.
    Before,
    /// All was done, and the connection is lost before the answer has arrived.
    After,
    /// The database has chosen the transaction as the victim of a deadlock.
    Deadlock,
}

/// Counts the calls of all its connections, and lets one of them fail.
#[derive(Debug)]
struct Plan {
    call: AtomicUsize,
    fails: usize,
    how: Failure,
}

impl Plan {
    fn fails_now(&self) -> bool {
        self.call.fetch_add(1, Ordering::Relaxed) == self.fails
    }

    fn has_failed(&self) -> bool {
        self.call.load(Ordering::Relaxed) > self.fails
    }
}

/// A backend whose driver fails as planned.
#[derive(Debug)]
struct Failing {
    real: &'static dyn Backend,
    plan: Arc<Plan>,
}

impl Backend for Failing {
    fn schemes(&self) -> &'static [&'static str] {
        self.real.schemes()
    }

    fn open(&self, url: &Url) -> Result<(Arc<dyn Driver>, Arc<dyn Dialect>)> {
        let (driver, dialect) = self.real.open(url)?;
        Ok((Arc::new(FailingDriver { driver, plan: Arc::clone(&self.plan) }), dialect))
    }
}

#[derive(Debug)]
struct FailingDriver {
    driver: Arc<dyn Driver>,
    plan: Arc<Plan>,
}

impl Driver for FailingDriver {
    fn connect(&self) -> BoxFuture<'_, Result<Box<dyn RawConn>>> {
        Box::pin(async move {
            if self.plan.fails_now() {
                return Err(lost());
            }
            let raw = self.driver.connect().await?;
            Ok(Box::new(FailingConn { raw, plan: Arc::clone(&self.plan), broken: false }) as Box<dyn RawConn>)
        })
    }
}

struct FailingConn {
    raw: Box<dyn RawConn>,
    plan: Arc<Plan>,
    broken: bool,
}

fn lost() -> Error {
    Error::new(ErrorKind::Disconnected, "lost on purpose")
}

impl FailingConn {
    /// What becomes of a batch that is not sent; `None`: it is to be sent.
    async fn fails(&mut self, fails: bool) -> Option<Error> {
        match self.plan.how {
            _ if self.broken => Some(lost()),
            Failure::Before if fails => {
                self.broken = true;
                Some(lost())
            }
            Failure::Deadlock if fails => {
                let rollback = Batch { begin: None, statements: &[], end: End::Rollback };
                if self.raw.status() != Status::Idle
                    && self.raw.run(&rollback, &mut Discard::default()).await.is_err()
                {
                    self.broken = true;
                }
                Some(Error::new(ErrorKind::Deadlock, "a deadlock on purpose"))
            }
            _ => None,
        }
    }

    /// What becomes of the answer.
    fn answered(&mut self, fails: bool, end: End, ran: Result<Ran>) -> Result<Ran> {
        if !fails || self.plan.how != Failure::After || ran.is_err() {
            return ran;
        }
        self.broken = true;
        match end {
            End::Commit => Err(lost().with_kind(ErrorKind::CommitOutcomeUnknown)),
            _ => Err(lost()),
        }
    }
}

impl RawConn for FailingConn {
    fn run<'a>(&'a mut self, batch: &'a Batch<'a>, sink: &'a mut dyn RowSink) -> BoxFuture<'a, Result<Ran>> {
        Box::pin(async move {
            let fails = self.plan.fails_now();
            if let Some(error) = self.fails(fails).await {
                return Err(error);
            }
            let ran = self.raw.run(batch, sink).await;
            self.answered(fails, batch.end, ran)
        })
    }

    fn resume<'a>(&'a mut self, sink: &'a mut dyn RowSink) -> BoxFuture<'a, Result<Ran>> {
        Box::pin(async move {
            let fails = self.plan.fails_now();
            if fails {
                self.broken = true;
                return Err(lost());
            }
            self.raw.resume(sink).await
        })
    }

    fn give_up(&mut self) -> bool {
        self.raw.give_up()
    }

    fn status(&self) -> Status {
        if self.broken { Status::Broken } else { self.raw.status() }
    }

    fn is_closed(&mut self) -> bool {
        self.broken || self.raw.is_closed()
    }

    fn canceller(&self) -> Canceller {
        self.raw.canceller()
    }

    fn reset(&mut self) -> BoxFuture<'_, Result<()>> {
        self.raw.reset()
    }

    fn copy_in<'a>(
        &'a mut self,
        batch: &'a Batch<'a>,
        source: &'a mut dyn CopySource,
        sink: &'a mut dyn RowSink,
    ) -> BoxFuture<'a, Result<Ran>> {
        self.raw.copy_in(batch, source, sink)
    }

    fn poll_notification(&mut self, cx: &mut Context<'_>) -> Poll<Result<Notification>> {
        self.raw.poll_notification(cx)
    }

    fn take_notice(&mut self) -> Option<Notice> {
        self.raw.take_notice()
    }

    fn needs_its_runtime(&self) -> bool {
        self.raw.needs_its_runtime()
    }

    fn close(self: Box<Self>) -> BoxFuture<'static, ()> {
        self.raw.close()
    }
}

/// An engine the n-th call of whose driver fails.
fn engine(db: &Db, fails: usize, how: Failure) -> Result<(Engine, Arc<Plan>)> {
    let real: &'static dyn Backend = match db.database {
        Database::Sqlite => &aludel_sqlite::SqliteBackend,
        Database::Postgres => &aludel_postgres::PostgresBackend,
        Database::MariaDb => &aludel_mysql::MySqlBackend,
    };
    let plan = Arc::new(Plan { call: AtomicUsize::new(0), fails, how });
    // Lives as long as the test, as backends do.
    let failing: &'static Failing = Box::leak(Box::new(Failing { real, plan: Arc::clone(&plan) }));
    let engine = aludel::EngineBuilder::<Engine>::new(&db.url, vec![failing], &[])
        .pool_size(1)
        .max_overflow(0)
        .build()?;
    Ok((engine, plan))
}

on_each_database! {
    async fn whatever_call_of_the_driver_fails_all_was_done_or_nothing_and_the_pool_goes_on(db: Db) {
        bank(&db).await?;
        for how in [Failure::Before, Failure::After, Failure::Deadlock] {
            let mut errors = 0;
            for fails in 0.. {
                let (engine, plan) = engine(&db, fails, how)?;
                let marker = format!("session {how:?} {fails}");
                let outcome = by_session(&engine, &marker).await;
                was_whole(&db, &marker, &outcome).await?;
                errors += usize::from(outcome.is_err());
                let marker = format!("connection {how:?} {fails}");
                let outcome = by_connection(&engine, &marker).await;
                was_whole(&db, &marker, &outcome).await?;
                errors += usize::from(outcome.is_err());
                if !plan.has_failed() {
                    assert!(errors >= 10, "{how:?}: {errors} of {fails}");
                    break;
                }
                engine.ping().await?;
                let status = engine.status();
                assert_eq!((status.in_use, status.waiting, status.idle), (0, 0, 1), "{how:?} {fails}");
            }
        }
    }
}
