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
    /// Nanoseconds from `origin` to when any statement is stopped; 0: never.
    deadline: AtomicU64,
    wal_frames: AtomicU32,
}

/// A deadline that was taken away for a moment.
pub(super) struct Lifted(u64);

impl Watch {
    pub(super) fn new() -> Self {
        Self {
            origin: Instant::now(),
            armed: AtomicBool::new(false),
            since: AtomicU64::new(0),
            fired: AtomicBool::new(false),
            deadline: AtomicU64::new(0),
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

    /// Sets when any statement is stopped, one that writes too.
    pub(super) fn set_deadline(&self, deadline: Option<Instant>) {
        let nanoseconds = deadline.map_or(0, |it| self.nanoseconds_to(it));
        self.deadline.store(nanoseconds, Ordering::Relaxed);
    }

    /// Takes the deadline away, for what must not be stopped; [`Watch::restore`] puts it back.
    pub(super) fn lift(&self) -> Lifted {
        let deadline = self.deadline.load(Ordering::Relaxed);
        if deadline != 0 {
            self.deadline.store(0, Ordering::Relaxed);
        }
        Lifted(deadline)
    }

    pub(super) fn restore(&self, Lifted(deadline): Lifted) {
        if deadline != 0 {
            self.deadline.store(deadline, Ordering::Relaxed);
        }
    }

    fn nanoseconds_to(&self, instant: Instant) -> u64 {
        let nanoseconds = instant.saturating_duration_since(self.origin).as_nanos();
        u64::try_from(nanoseconds).unwrap_or(u64::MAX).max(1)
    }

    /// Tells whether the statement must stop.
    pub(super) fn is_late(&self) -> bool {
        let deadline = self.deadline.load(Ordering::Relaxed);
        let armed = self.armed.load(Ordering::Relaxed);
        if !armed && deadline == 0 {
            return false;
        }
        let now = self.nanoseconds_to(Instant::now());
        if deadline != 0 && now > deadline {
            return true;
        }
        if !armed {
            return false;
        }
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
