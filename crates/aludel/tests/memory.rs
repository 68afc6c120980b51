//! How much memory a flush takes: counted by the allocator, so the test is a program of its own.

#![allow(missing_docs)]

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database};
use peak_alloc::PeakAlloc;
use tokio::sync::Mutex;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Where tests share a program, one counts at a time.
static COUNTING: Mutex<()> = Mutex::const_new(());

const OBJECTS: usize = 100_000;

#[derive(Entity, Debug)]
#[entity(table = "readings")]
pub struct Reading {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub sensor: String,
    pub value: f64,
    pub note: Option<String>,
}

/// Runs a flush of so many objects; returns what the objects take, and what the flush took besides at its peak.
async fn flushed(session: &mut Session, own: usize) -> aludel::Result<usize> {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    session.flush().await?;
    let took = MEMORY.peak_usage().saturating_sub(before);
    assert!(took + own < 4 * own, "{OBJECTS} objects of {own} bytes: the flush took {took} more");
    Ok(took)
}

on_each_database! {
    async fn flushing_a_hundred_thousand_objects_stays_under_four_times_their_own_memory(db: Db) {
        let _counting = COUNTING.lock().await;
        db.create(&Metadata::of((Reading,))).await?;
        let mut session = db.session();
        // The connection and its first statement are no part of it.
        session.insert(Reading::builder().sensor("first").value(0.0)).await?;

        let before = MEMORY.current_usage();
        let objects = session.add_all((0..OBJECTS).map(|at| {
            Reading::builder().sensor(format!("sensor {at}")).value(at as f64).note(format!("note of {at}"))
        }));
        let own = MEMORY.current_usage() - before;
        flushed(&mut session, own).await?;

        for object in &objects {
            session[*object].value += 1.0;
            session[*object].note = None;
        }
        flushed(&mut session, own).await?;
        for object in objects {
            session.delete(object);
        }
        flushed(&mut session, own).await?;
        session.commit().await?;
        assert_eq!(db.count("readings").await?, 1);
    }
}
