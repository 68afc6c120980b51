//! What SQLite's hooks and the driver tell each other about a connection.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long a statement may hold the runtime's worker.
pub(super) const SLICE: Duration = Duration::from_micros(300);

/// Watches over a statement that has not yielded a row yet, and counts the frames of the write-ahead log.
///
/// The hooks run inside calls of the thread that uses the connection, so relaxed order is enough.
pub(super) struct Watch {
    origin: Instant,
    armed: AtomicBool,
    /// Nanoseconds from `origin` to the first look after arming; 0: not looked yet.
    since: AtomicU64,
    fired: AtomicBool,
    wal_frames: AtomicU32,
}

impl Watch {
    pub(super) fn new() -> Self {
        Self {
            origin: Instant::now(),
            armed: AtomicBool::new(false),
            since: AtomicU64::new(0),
            fired: AtomicBool::new(false),
            wal_frames: AtomicU32::new(0),
        }
    }

    /// From now on a statement is stopped when it is late. The clock starts at the first look: a short statement never pays for one.
    pub(super) fn arm(&self) {
        self.since.store(0, Ordering::Relaxed);
        self.fired.store(false, Ordering::Relaxed);
        self.armed.store(true, Ordering::Relaxed);
    }

    /// From now on no statement is stopped.
    pub(super) fn disarm(&self) {
        self.armed.store(false, Ordering::Relaxed);
    }

    /// Tells, once, whether a statement was stopped for being late.
    pub(super) fn take_fired(&self) -> bool {
        self.fired.swap(false, Ordering::Relaxed)
    }

    /// Tells whether the statement must stop.
    pub(super) fn is_late(&self) -> bool {
        if !self.armed.load(Ordering::Relaxed) {
            return false;
        }
        let now = u64::try_from(self.origin.elapsed().as_nanos()).unwrap_or(u64::MAX).max(1);
        let since = self.since.load(Ordering::Relaxed);
        if since == 0 {
            self.since.store(now, Ordering::Relaxed);
            return false;
        }
        let late = now.saturating_sub(since) > SLICE.as_nanos() as u64;
        if late {
            self.fired.store(true, Ordering::Relaxed);
            self.armed.store(false, Ordering::Relaxed);
        }
        late
    }

    pub(super) fn set_wal_frames(&self, frames: u32) {
        self.wal_frames.store(frames, Ordering::Relaxed);
    }

    /// Returns the length of the write-ahead log after the last commit since this was last asked; 0: there was none.
    pub(super) fn take_wal_frames(&self) -> u32 {
        self.wal_frames.swap(0, Ordering::Relaxed)
    }
}
