//! What all borrowers of a pool share: idle connections, holders, the generation, and the turns.

use std::collections::VecDeque;
use std::panic::Location;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore, SemaphorePermit};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::driver::Driver;
use crate::events::{Events, PoolEvent};
use crate::pool::holder::{Holder, HolderKey, Holders};
use crate::pool::open::Open;
use crate::pool::options::PoolOptions;
use crate::pool::outage::Outage;
use crate::pool::status::PoolStatus;
use crate::sync::{AtomicU64, Mutex, MutexGuard};

/// The body of a pool.
///
/// Idle connections and occupied slots together never exceed the capacity: a slot is taken with a permit of `turns` and takes an
/// idle connection along if there is one, so that connections are only opened when all of them are in slots. For the same reason
/// an idle connection is only closed with a permit in hand ([`Shared::evict`]).
pub(super) struct Shared {
    pub(super) driver: Arc<dyn Driver>,
    pub(super) options: PoolOptions,
    events: Events,
    /// Counts connections.
    opened: AtomicU64,
    /// One permit per free slot; its queue is the pool's queue.
    pub(super) turns: Semaphore,
    /// Before each new connection.
    pub(super) outage: Outage,
    /// Woken when a closed pool has no holders any more.
    deserted: Notify,
    /// Connections of an earlier generation are not lent again. Written under the lock only.
    generation: AtomicU64,
    /// No driver is called and no connection dropped under this lock.
    state: Mutex<State>,
}

/// What the lock protects.
#[derive(Default)]
pub(super) struct State {
    /// The longest at rest first.
    pub(super) idle: VecDeque<Box<Open>>,
    pub(super) holders: Holders,
    /// Borrowers that wait for a turn or were given one and have not taken it up.
    pub(super) waiting: usize,
    /// Nothing is lent any more.
    pub(super) closed: bool,
    /// A task looks at the holders from time to time.
    watched: bool,
    watcher: Option<AbortHandle>,
}

impl Shared {
    pub(super) fn new(driver: Arc<dyn Driver>, options: PoolOptions, events: Events) -> Self {
        let turns = Semaphore::new(options.capacity().min(Semaphore::MAX_PERMITS));
        Self {
            driver,
            options,
            events,
            opened: AtomicU64::new(0),
            turns,
            outage: Outage::new(),
            deserted: Notify::new(),
            generation: AtomicU64::new(0),
            state: Mutex::default(),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Numbers a connection that was opened.
    pub(super) fn next_number(&self) -> u64 {
        self.opened.fetch_add(1, Ordering::Relaxed) + 1
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
    pub(super) fn evict(&self) -> Option<(Box<Open>, SemaphorePermit<'_>)> {
        let permit = self.turns.try_acquire().ok()?;
        let mut state = self.lock();
        // Connections come back in the order of the generations, the old ones are at the front.
        let old = state.idle.front()?.generation != self.generation();
        if !old && state.idle.len() <= self.room(&state) {
            return None;
        }
        let open = state.idle.pop_front()?;
        drop(state);
        self.closing(&open, if old { "invalidated" } else { "overflow" });
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

    /// Lends nothing from now on, and hands out the idle connections to be closed: nobody can open others in their place.
    pub(super) fn shut(&self) -> VecDeque<Box<Open>> {
        let idle = {
            let mut state = self.lock();
            state.closed = true;
            std::mem::take(&mut state.idle)
        };
        self.turns.close();
        for open in &idle {
            self.closing(open, "the pool is closed");
        }
        idle
    }

    /// Frees a slot.
    pub(super) fn free(&self, mut state: MutexGuard<'_, State>, key: HolderKey) {
        state.holders.remove(key);
        let deserted = state.closed && state.holders.len() == 0;
        drop(state);
        self.turns.add_permits(1);
        if deserted {
            self.deserted.notify_waiters();
        }
    }

    /// Waits until nobody holds a connection of a closed pool.
    pub(super) async fn until_deserted(&self) {
        loop {
            let deserted = self.deserted.notified();
            if self.lock().holders.len() == 0 {
                return;
            }
            deserted.await;
        }
    }

    /// Tells whether the caller is to watch the holders, as nobody does.
    pub(super) fn begin_to_watch(&self) -> bool {
        !std::mem::replace(&mut self.lock().watched, true)
    }

    pub(super) fn watched_by(&self, watcher: AbortHandle) {
        self.lock().watcher = Some(watcher);
    }

    pub(super) fn end_watch(&self) {
        self.lock().watched = false;
    }

    /// Takes the loans of which a warning is due, and tells when the next will be; if there is none, the watch is over.
    pub(super) fn take_all_overdue(&self, limit: Duration) -> (Vec<Holder>, Option<Instant>) {
        let mut state = self.lock();
        let (overdue, next) = state.holders.take_all_overdue(limit, Instant::now());
        state.watched = next.is_some();
        (overdue, next)
    }

    /// Warns of a loan that took too long and is over.
    pub(super) fn warn_if_overdue(&self, key: HolderKey) {
        let Some(limit) = self.options.pool_hold_warning else { return };
        let overdue = self.lock().holders.take_overdue(key, limit, Instant::now());
        if let Some(holder) = overdue {
            self.held_too_long(holder);
        }
    }

    pub(super) fn holders(&self) -> Vec<Holder> {
        self.lock().holders.list(Instant::now())
    }
}

/// What happens to connections, one method an event.
impl Shared {
    /// A connection was opened.
    pub(super) fn opened(&self, open: &Open) {
        tracing::debug!(target: "aludel::pool", connection = open.number, "connection opened");
        self.events.pool(&PoolEvent::Connect { connection: open.number });
    }

    /// A connection goes to a borrower.
    pub(super) fn lent(&self, open: &Open, at: &'static Location<'static>) {
        tracing::trace!(target: "aludel::pool", connection = open.number, %at, "connection lent");
        self.events.pool(&PoolEvent::Checkout { connection: open.number, at });
    }

    /// A clean connection comes back.
    pub(super) fn returned(&self, open: &Open) {
        tracing::trace!(target: "aludel::pool", connection = open.number, "connection returned");
        self.events.pool(&PoolEvent::Checkin { connection: open.number });
    }

    /// The session of a connection is as new.
    pub(super) fn reset(&self, open: &Open) {
        tracing::trace!(target: "aludel::pool", connection = open.number, "connection reset");
        self.events.pool(&PoolEvent::Reset { connection: open.number });
    }

    /// A connection is going to be closed.
    pub(super) fn closing(&self, open: &Open, why: &'static str) {
        tracing::debug!(target: "aludel::pool", connection = open.number, why, "connection closed");
        self.events.pool(&PoolEvent::Close { connection: open.number, why });
    }

    /// A borrower keeps a connection for good.
    pub(super) fn detached(&self, open: &Open) {
        tracing::debug!(target: "aludel::pool", connection = open.number, "connection detached");
        self.events.pool(&PoolEvent::Detach { connection: open.number });
    }

    /// A connection was found dead, the first of its generation.
    fn lost(&self) {
        tracing::warn!(target: "aludel::pool", "connection lost; those opened before are closed too");
        self.events.pool(&PoolEvent::Invalidate);
    }

    /// A connection has been lent for longer than `pool_hold_warning`.
    pub(super) fn held_too_long(&self, Holder { at, age, .. }: Holder) {
        tracing::warn!(target: "aludel::pool", %at, ?age, "connection held for too long");
        self.events.pool(&PoolEvent::HeldTooLong { at, age });
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(watcher) = state.watcher.take() {
            watcher.abort();
        }
    }
}
