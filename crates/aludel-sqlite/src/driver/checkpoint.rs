//! Checkpoints of the write-ahead log, in the blocking pool.
//!
//! SQLite would run them inside a commit, where they wait for the disk: a commit of 20 ms among others of 10 µs. Here a commit
//! that makes the log long starts one elsewhere, over a connection of its own, and nobody waits for it. Connections made outside a
//! runtime keep SQLite's own way.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use rusqlite::{Connection, OpenFlags};

use super::Shared;

/// Frames (pages) after which the log is written back; SQLite's own number.
const EVERY: u32 = 1000;

/// A log of so many frames that cannot be written back is worth a warning.
const LONG: u32 = 10 * EVERY;

/// When the log of one file was, and will be, written back.
pub(super) struct Checkpoints {
    running: AtomicBool,
    last: AtomicU32,
    next: AtomicU32,
    /// At what length of the log somebody is warned next.
    warn_at: AtomicU32,
    /// The log may be written back whole: the next commit begins it anew, and waits for the disk whatever `synchronous` says, unless it is OFF.
    anew: AtomicBool,
}

impl Checkpoints {
    pub(super) fn new() -> Self {
        Self {
            running: AtomicBool::new(false),
            last: AtomicU32::new(0),
            next: AtomicU32::new(EVERY),
            warn_at: AtomicU32::new(LONG),
            anew: AtomicBool::new(true),
        }
    }

    /// Notes that a connection was opened: the log may be gone with the last one before it.
    pub(super) fn opened(&self) {
        self.anew.store(true, Ordering::Relaxed);
    }

    /// Notes that a commit has written to the log. Whatever it found, the log begins anew only after the next checkpoint.
    pub(super) fn committed(&self) {
        if !self.running.load(Ordering::Relaxed) {
            self.anew.store(false, Ordering::Relaxed);
        }
    }

    /// Tells whether the next commit may begin the log anew. What other programs write back nobody knows.
    pub(super) fn may_begin_anew(&self) -> bool {
        self.anew.load(Ordering::Relaxed)
    }
}

/// Tells whether it is time for a checkpoint, the log having grown to `frames` frames.
pub(super) fn is_due(shared: &Shared, frames: u32) -> bool {
    let state = &shared.checkpoints;
    if frames < state.last.swap(frames, Ordering::Relaxed) {
        // The log began anew.
        state.next.store(EVERY, Ordering::Relaxed);
        state.warn_at.store(LONG, Ordering::Relaxed);
    }
    frames >= state.next.load(Ordering::Relaxed)
}

/// Starts a checkpoint that is due, unless one is running. Must be called on a runtime.
pub(super) fn start(shared: &Arc<Shared>, frames: u32) {
    let state = &shared.checkpoints;
    let Some(path) = &shared.options.path else { return };
    if state.running.swap(true, Ordering::Relaxed) {
        return;
    }
    // A reader may keep the log from being written back whole, or from beginning anew: do not try again at every commit.
    state.next.store(frames.saturating_add(EVERY), Ordering::Relaxed);
    let (path, shared) = (path.clone(), Arc::clone(shared));
    drop(tokio::task::spawn_blocking(move || {
        // What goes wrong here goes wrong again, visibly, for whoever next uses the file; the log is whole either way.
        if let Ok((frames, written_back)) = checkpoint(&path) {
            shared.checkpoints.anew.store(frames == written_back, Ordering::Relaxed);
            shared.checkpoints.warn_if_stuck(&path, frames, written_back);
        }
        shared.checkpoints.running.store(false, Ordering::Relaxed);
    }));
}

impl Checkpoints {
    /// Warns of a long log that a reader keeps from being written back: at first, and whenever it has doubled.
    fn warn_if_stuck(&self, path: &Path, frames: u32, written_back: u32) {
        if frames < self.warn_at.load(Ordering::Relaxed) || written_back >= frames {
            return;
        }
        self.warn_at.store(frames.saturating_mul(2), Ordering::Relaxed);
        tracing::warn!(
            target: "aludel::sqlite",
            file = %path.display(),
            pages = frames,
            written_back,
            "the write-ahead log grows: a transaction or stream that reads since long keeps it from being written back; end it",
        );
    }
}

/// Writes back what can be written back. Returns how many frames the log has, and how many of them are in the file.
fn checkpoint(path: &Path) -> rusqlite::Result<(u32, u32)> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(super::open::literal(path), flags)?;
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| Ok((row.get(1)?, row.get(2)?)))
}
