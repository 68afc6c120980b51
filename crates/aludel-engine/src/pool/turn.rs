//! Waiting for a slot, first come, first served.

use aludel_sql::{Error, ErrorKind, Result};
use tokio::sync::{Semaphore, SemaphorePermit, TryAcquireError};
use tokio::time::Instant;

use crate::pool::limit::within;
use crate::pool::shared::Shared;
use crate::pool::timeout;

/// The right to take a slot, and how it was got. Take it up at once: it has no destructor.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// A slot was free.
    Free,
    /// A slot became free after a wait; the borrower is still counted among the waiting.
    Waited,
}

impl Turn {
    /// Waits until a slot is free.
    pub(super) async fn wait(shared: &Shared) -> Result<Self> {
        // The semaphore hands the permits of those who leave to those who queue: nobody who comes now overtakes them.
        match shared.turns.try_acquire() {
            Ok(permit) => {
                permit.forget();
                Ok(Self::Free)
            }
            Err(TryAcquireError::Closed) => Err(closed()),
            // In a box: every borrower's future would have room for the timer.
            Err(TryAcquireError::NoPermits) => Box::pin(Self::wait_in_queue(shared)).await,
        }
    }

    async fn wait_in_queue(shared: &Shared) -> Result<Self> {
        shared.options.check()?;
        if shared.options.pool_timeout.is_zero() {
            return Err(timeout::error(shared, shared.options.pool_timeout));
        }

        let since = Instant::now();
        let waiting = Waiting::new(shared);
        match within(shared.options.pool_timeout, acquire(&shared.turns)).await {
            Some(Some(permit)) => {
                permit.forget();
                waiting.over();
                Ok(Self::Waited)
            }
            Some(None) => Err(closed()),
            None => {
                drop(waiting);
                Err(timeout::error(shared, since.elapsed()))
            }
        }
    }
}

async fn acquire(turns: &Semaphore) -> Option<SemaphorePermit<'_>> {
    turns.acquire().await.ok()
}

/// Refuses a borrower who comes, or still waits, when the pool is closed.
#[cold]
pub(super) fn closed() -> Error {
    Error::new(ErrorKind::State, "the pool is closed: it lends no connections any more")
        .help("the program has called `Engine::close`; make another engine if there is more to do")
}

/// Counts a borrower among the waiting.
struct Waiting<'a>(&'a Shared);

impl<'a> Waiting<'a> {
    fn new(shared: &'a Shared) -> Self {
        shared.lock().waiting += 1;
        Self(shared)
    }

    /// Leaves the counting to whoever takes the slot.
    fn over(self) {
        std::mem::forget(self);
    }
}

impl Drop for Waiting<'_> {
    /// The borrower has gone: an overflow connection that was kept for it is not needed any more.
    fn drop(&mut self) {
        self.0.lock().waiting -= 1;
        while let Some((open, _permit)) = self.0.evict() {
            open.farewell();
        }
    }
}
