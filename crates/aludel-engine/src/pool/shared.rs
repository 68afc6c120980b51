//! What all borrowers of a pool share: idle connections, holders, the generation, and the turns.

use std::collections::VecDeque;
use std::panic::Location;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::driver::Driver;
use crate::pool::holder::{Holder, Holders};
use crate::pool::open::Open;
use crate::pool::options::PoolOptions;
use crate::pool::status::PoolStatus;

/// The body of a pool.
///
/// Idle connections and occupied slots together never exceed the capacity: a slot is taken with a permit of `turns` and takes an
/// idle connection along if there is one, so that connections are only opened when all of them are in slots. For the same reason
/// an idle connection is only closed with a permit in hand ([`Shared::evict`]).
pub(super) struct Shared {
    pub(super) driver: Arc<dyn Driver>,
    pub(super) options: PoolOptions,
    /// One permit per free slot; its queue is the pool's queue.
    pub(super) turns: Semaphore,
    /// Connections of an earlier generation are not lent again. Written under the lock only.
    generation: AtomicU64,
    /// No driver is called and no connection dropped under this lock.
    state: Mutex<State>,
}

/// What the lock protects.
#[derive(Default)]
pub(super) struct State {
    /// The longest at rest first.
    pub(super) idle: VecDeque<Open>,
    pub(super) holders: Holders,
    /// Borrowers that wait for a turn or were given one and have not taken it up.
    pub(super) waiting: usize,
}

impl Shared {
    pub(super) fn new(driver: Arc<dyn Driver>, options: PoolOptions) -> Self {
        let turns = Semaphore::new(options.capacity().min(Semaphore::MAX_PERMITS));
        Self { driver, options, turns, generation: AtomicU64::new(0), state: Mutex::default() }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Begins a new generation; the caller evicts the idle connections of the old one.
    pub(super) fn new_generation(&self) {
        let _state = self.lock();
        self.generation.fetch_add(1, Ordering::Release);
    }

    /// Begins a new generation because a connection of `generation` was found dead, once for the whole generation: ten
    /// connections that die with one server must not condemn those opened after it came back.
    pub(super) fn found_dead(&self, generation: u64) {
        {
            let _state = self.lock();
            if self.generation() != generation {
                return;
            }
            self.generation.fetch_add(1, Ordering::Release);
        }
        self.lost();
        while let Some((open, permit)) = self.evict() {
            drop(open);
            drop(permit);
        }
    }

    /// Takes out an idle connection that is of an earlier generation or one too many, to be closed before its permit is dropped.
    ///
    /// Without the permit another borrower could open a connection while this one is still open. If none is free although
    /// there are idle connections, each of them is about to be taken by a borrower, who looks at the generation too.
    pub(super) fn evict(&self) -> Option<(Open, SemaphorePermit<'_>)> {
        let permit = self.turns.try_acquire().ok()?;
        let mut state = self.lock();
        // Connections come back in the order of the generations, the old ones are at the front.
        let old = state.idle.front()?.generation != self.generation();
        if !old && state.idle.len() <= self.room(&state) {
            return None;
        }
        let mut open = state.idle.pop_front()?;
        drop(state);
        self.closing(&mut open, if old { "invalidated" } else { "overflow" });
        Some((open, permit))
    }

    /// Returns how many idle connections may be kept: `pool_size`, or as many as there are borrowers waiting. In a rush an
    /// overflow connection thus goes to the next borrower instead of being closed for one that opens its own.
    pub(super) fn room(&self, state: &State) -> usize {
        self.options.kept().max(state.waiting)
    }

    pub(super) fn status(&self) -> PoolStatus {
        let size = self.options.kept();
        let state = self.lock();
        let (idle, in_use) = (state.idle.len(), state.holders.len());
        PoolStatus {
            size,
            idle,
            in_use,
            overflow: (idle + in_use).saturating_sub(size),
            waiting: state.waiting,
        }
    }

    pub(super) fn holders(&self) -> Vec<Holder> {
        self.lock().holders.list(Instant::now())
    }
}

/// What happens to connections, one method an event.
impl Shared {
    /// A connection was opened.
    pub(super) fn opened(&self, _: &mut Open) {
        tracing::debug!(target: "aludel::pool", "connection opened");
    }

    /// A connection goes to a borrower.
    pub(super) fn lent(&self, _: &mut Open, at: &'static Location<'static>) {
        tracing::trace!(target: "aludel::pool", %at, "connection lent");
    }

    /// A clean connection comes back.
    pub(super) fn returned(&self, _: &mut Open) {
        tracing::trace!(target: "aludel::pool", "connection returned");
    }

    /// A connection is going to be closed.
    pub(super) fn closing(&self, _: &mut Open, why: &'static str) {
        tracing::debug!(target: "aludel::pool", why, "connection closed");
    }

    /// A borrower keeps a connection for good.
    pub(super) fn detached(&self, _: &mut Open) {
        tracing::debug!(target: "aludel::pool", "connection detached");
    }

    /// A connection was found dead, the first of its generation.
    fn lost(&self) {
        tracing::warn!(target: "aludel::pool", "connection lost; those opened before are closed too");
    }
}
