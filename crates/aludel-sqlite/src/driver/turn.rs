//! The writer's turn: one writer at a time on each database of an engine, first come, first served.
//!
//! SQLite has one write lock and no queue for it: whoever asks at the right moment gets it. Waiting here instead is fair, costs no
//! polling and no thread, and leaves only other programs to be waited for by timer.

use std::panic::Location;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use aludel_sql::{Error, ErrorKind, Result};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::waiting::within;

/// The queue of writers.
#[derive(Debug)]
pub(super) struct Writers {
    queue: Semaphore,
    origin: Instant,
    /// Microseconds from `origin` to when the turn was taken, plus one; 0: it is free.
    taken: AtomicU64,
    /// Where the one who has it got the connection.
    holder: Mutex<Place>,
}

/// Where a connection was lent.
pub(super) type Place = Option<&'static Location<'static>>;

/// The right to write. Given back when dropped.
#[derive(Debug)]
pub(super) struct Turn {
    writers: Arc<Writers>,
}

impl Writers {
    pub(super) fn new() -> Self {
        Self {
            queue: Semaphore::new(1),
            origin: Instant::now(),
            taken: AtomicU64::new(0),
            holder: Mutex::default(),
        }
    }

    /// Takes the turn if it is free and nobody waits.
    pub(super) fn try_take(self: &Arc<Self>, at: Place) -> Option<Turn> {
        let permit = self.queue.try_acquire().ok()?;
        Some(self.taken(permit, at))
    }

    /// Waits for the turn.
    pub(super) async fn take(self: &Arc<Self>, at: Place, limit: Duration, on_runtime: bool) -> Result<Turn> {
        if let Some(turn) = self.try_take(at) {
            return Ok(turn);
        }
        match within(limit, self.queue.acquire(), on_runtime).await {
            Some(Ok(permit)) => Ok(self.taken(permit, at)),
            // The queue is never closed, so that only the time can be up.
            Some(Err(_)) | None => Err(self.timeout(limit)),
        }
    }

    fn taken(self: &Arc<Self>, permit: SemaphorePermit<'_>, at: Place) -> Turn {
        // The turn gives it back.
        permit.forget();
        self.taken.store(self.now() + 1, Ordering::Relaxed);
        *self.holder() = at;
        Turn { writers: Arc::clone(self) }
    }

    fn holder(&self) -> MutexGuard<'_, Place> {
        self.holder.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_micros()).unwrap_or(u64::MAX - 1)
    }

    #[cold]
    fn timeout(&self, limit: Duration) -> Error {
        let held = match self.taken.load(Ordering::Relaxed) {
            0 => String::new(),
            taken => {
                let held = Duration::from_micros(self.now().saturating_sub(taken - 1));
                let at = self
                    .holder()
                    .map_or_else(String::new, |at| format!(", with the connection lent at {at},"));
                format!(", the present one{at} for {:.1} s", held.as_secs_f64())
            }
        };
        let waited = limit.as_secs_f64();
        Error::new(
            ErrorKind::Timeout,
            format!("waited {waited} s for the writer's turn, which other writers of this engine held{held}"),
        )
        .help(
            "SQLite has one writer at a time: commit or roll back the other transaction first, in particular if this task holds it; \
             or raise `busy_timeout` in the URL",
        )
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.writers.taken.store(0, Ordering::Relaxed);
        self.writers.queue.add_permits(1);
    }
}
