//! The n-th call of the driver fails, for n = 1, 2, 3 … until all goes well: SQLite's anomaly loop.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aludel::Result;
use aludel::driver::{Batch, BoxFuture, Discard, End, Ran, RawConn, RowSink, Status};
use aludel::prelude::*;

use crate::models::*;
use crate::units_of_work::{by_connection, by_session, was_whole};
use aludel_suite::{Between, Db, on_each_database};

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

/// Lets the calls of a connection fail as planned.
struct Failing {
    plan: Arc<Plan>,
    broken: bool,
}

fn lost() -> Error {
    Error::new(ErrorKind::Disconnected, "lost on purpose")
}

impl Failing {
    /// What becomes of a batch that is not sent; `None`: it is to be sent.
    async fn fails(&mut self, raw: &mut dyn RawConn, fails: bool) -> Option<Error> {
        match self.plan.how {
            _ if self.broken => Some(lost()),
            Failure::Before if fails => {
                self.broken = true;
                Some(lost())
            }
            Failure::Deadlock if fails => {
                let rollback = Batch { begin: None, statements: &[], end: End::Rollback };
                if raw.status() != Status::Idle && raw.run(&rollback, &mut Discard::default()).await.is_err()
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

impl Between for Failing {
    fn run<'a>(
        &'a mut self,
        raw: &'a mut dyn RawConn,
        batch: &'a Batch<'a>,
        sink: &'a mut dyn RowSink,
    ) -> BoxFuture<'a, Result<Ran>> {
        Box::pin(async move {
            let fails = self.plan.fails_now();
            if let Some(error) = self.fails(raw, fails).await {
                return Err(error);
            }
            let ran = raw.run(batch, sink).await;
            self.answered(fails, batch.end, ran)
        })
    }

    fn resume<'a>(
        &'a mut self,
        raw: &'a mut dyn RawConn,
        sink: &'a mut dyn RowSink,
    ) -> BoxFuture<'a, Result<Ran>> {
        Box::pin(async move {
            if self.plan.fails_now() {
                self.broken = true;
                return Err(lost());
            }
            raw.resume(sink).await
        })
    }

    fn is_broken(&self) -> bool {
        self.broken
    }
}

/// An engine the n-th call of whose driver fails.
fn engine(db: &Db, fails: usize, how: Failure) -> Result<(Engine, Arc<Plan>)> {
    let plan = Arc::new(Plan { call: AtomicUsize::new(0), fails, how });
    let of_engine = Arc::clone(&plan);
    let connect = move || match of_engine.fails_now() {
        true => Err(lost()),
        false => Ok(Failing { plan: Arc::clone(&of_engine), broken: false }),
    };
    Ok((db.builder_with(connect).pool_size(1).max_overflow(0).build()?, plan))
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
