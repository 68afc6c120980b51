//! Lending: an idle connection that is fit, else a new one.

use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use aludel_sql::{Error, ErrorKind, Result};
use tokio::time::Instant;

use crate::driver::Status;
use crate::pool::checkin::Lease;
use crate::pool::holder::HolderStage;
use crate::pool::open::{Loan, Open};
use crate::pool::pooled_conn::PooledConn;
use crate::pool::shared::Shared;
use crate::pool::slot::Slot;
use crate::pool::turn::Turn;
use crate::pool::watch;

/// A connection used this short a time ago is not pinged.
const FRESH: Duration = Duration::from_secs(1);

/// After so many dead connections no other idle one is tried.
const TRIES: usize = 3;

/// Borrows a connection for `at`.
pub(super) async fn checkout(shared: Arc<Shared>, at: &'static Location<'static>) -> Result<PooledConn> {
    let turn = Turn::wait(&shared).await?;
    let now = Instant::now();
    let (slot, mut idle) = Slot::take(shared, turn, at, now)?;
    let fitness = idle.as_mut().and_then(|open| look_at(slot.shared(), open, now));
    match (idle, fitness) {
        (Some(open), Some(Fitness::Fit)) => Ok(lend(slot, open, at)),
        // In a box: the future of every borrower would have room for what few of them need.
        (idle, _) => Box::pin(find_or_open(slot, idle, now, at)).await,
    }
}

/// Lends an idle connection that is fit, this one first, else a new one.
///
/// Whatever this holds when it is dropped is dropped in the right order: first the connection, then its slot.
async fn find_or_open(
    slot: Slot,
    idle: Option<Box<Open>>,
    now: Instant,
    at: &'static Location<'static>,
) -> Result<PooledConn> {
    let (mut idle, mut tries) = (idle, 0);
    while let Some(mut open) = idle {
        match examine(slot.shared(), &mut open, now).await {
            Fitness::Fit => return Ok(lend(slot, open, at)),
            Fitness::Retired(why) => {
                slot.shared().closing(&open, why);
                open.farewell();
            }
            Fitness::Dead => {
                slot.shared().closing(&open, "dead");
                slot.shared().found_dead(open.generation);
                drop(open);
                tries += 1;
                if tries == TRIES {
                    break;
                }
            }
        }
        idle = slot.next_idle();
    }

    slot.set_stage(HolderStage::Opening);
    let open = connect(slot.shared()).await?;
    slot.set_stage(HolderStage::Lent);
    Ok(lend(slot, open, at))
}

/// Whether an idle connection can be lent.
enum Fitness {
    Fit,
    /// It works but is not wanted any more.
    Retired(&'static str),
    /// The server does not answer on it.
    Dead,
}

/// What can be told of a connection without asking the server; `None`: it is to be asked.
fn look_at(shared: &Shared, open: &mut Open, now: Instant) -> Option<Fitness> {
    if open.generation != shared.generation() {
        return Some(Fitness::Retired("invalidated"));
    }
    if open.is_expired(shared.options.pool_recycle, || now) {
        return Some(Fitness::Retired("recycled"));
    }
    // Its socket would never wake anybody here; if that runtime is gone, not even there.
    if open.is_of_another_runtime() {
        return Some(Fitness::Retired("opened on another runtime"));
    }
    if open.raw.is_closed() {
        return Some(Fitness::Dead);
    }
    let is_fresh = || now.saturating_duration_since(open.last_used) < FRESH;
    (!shared.options.pool_pre_ping || is_fresh()).then_some(Fitness::Fit)
}

async fn examine(shared: &Shared, open: &mut Open, now: Instant) -> Fitness {
    if let Some(fitness) = look_at(shared, open, now) {
        return fitness;
    }
    if !open.ping().await {
        return Fitness::Dead;
    }
    // Another borrower may have found the server dead meanwhile.
    if open.generation != shared.generation() { Fitness::Retired("invalidated") } else { Fitness::Fit }
}

/// Opens a connection on the task that asked for it.
async fn connect(shared: &Shared) -> Result<Box<Open>> {
    let attempt = shared.outage.attempt().await?;
    // Read before the first packet: a connection that was begun before an invalidation may lead to the old server.
    let generation = shared.generation();
    let raw = match shared.driver.connect().await.map_err(|error| error.doing("opening a connection")) {
        Ok(raw) => raw,
        Err(error) if error.is_disconnect() => {
            attempt.failed(&error);
            return Err(error);
        }
        Err(error) => return Err(error),
    };
    attempt.succeeded();
    let status = raw.status();
    if status != Status::Idle {
        let what = format!("the driver opened a connection that is not idle but {status:?}");
        return Err(Error::new(ErrorKind::Protocol, what).doing("opening a connection"));
    }
    let open = Box::new(Open::new(raw, generation, shared.next_number()));
    shared.opened(&open);
    Ok(open)
}

fn lend(slot: Slot, mut open: Box<Open>, at: &'static Location<'static>) -> PooledConn {
    open.loan = Loan::default();
    open.raw.lent(at);
    slot.shared().lent(&open, at);
    watch::watch(slot.shared());
    PooledConn::new(Lease { open, slot })
}
