//! How the driver waits: with the runtime's timers where there is one, otherwise on the calling thread.

use std::future::Future;
use std::thread;
use std::time::{Duration, Instant};

use aludel_engine::blocking::block_on_within;

/// Returns how long to wait before asking again for a lock that another program holds.
pub(super) fn pause_before_retry(tries: u32) -> Duration {
    Duration::from_millis([2, 4, 8].get(tries as usize).copied().unwrap_or(10))
}

/// Waits for a lock that nobody announces, again and again until a deadline.
pub(super) struct Patience {
    since: Instant,
    limit: Duration,
    tries: u32,
}

impl Patience {
    pub(super) fn new(limit: Duration) -> Self {
        Self { since: Instant::now(), limit, tries: 0 }
    }

    /// Waits a little; `false` when the time is up.
    pub(super) async fn wait(&mut self, on_runtime: bool) -> bool {
        let left = self.limit.saturating_sub(self.since.elapsed());
        if left.is_zero() {
            return false;
        }
        let pause = pause_before_retry(self.tries).min(left);
        self.tries += 1;
        if on_runtime {
            tokio::time::sleep(pause).await;
        } else {
            thread::sleep(pause);
        }
        true
    }
}

/// Waits for a future, on the runtime or else by parking this thread; `None` when the time is up.
pub(super) async fn within<F: Future>(limit: Duration, future: F, on_runtime: bool) -> Option<F::Output> {
    if on_runtime {
        return tokio::time::timeout(limit, future).await.ok();
    }
    block_on_within(limit, future)
}
