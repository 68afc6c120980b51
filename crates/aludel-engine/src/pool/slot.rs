//! One of the places for a connection.

use std::collections::VecDeque;
use std::panic::Location;
use std::sync::Arc;

use aludel_sql::Result;
use tokio::time::Instant;

use crate::pool::holder::{HolderKey, HolderStage};
use crate::pool::open::Open;
use crate::pool::shared::Shared;
use crate::pool::turn::{self, Turn};

/// The right to have one connection open. Dropped, it is free for the next in the queue; so drop the connection first.
pub(super) struct Slot {
    shared: Arc<Shared>,
    key: HolderKey,
    freed: bool,
}

impl Slot {
    /// Takes up a turn, and with it an idle connection if there is one.
    pub(super) fn take(
        shared: Arc<Shared>,
        turn: Turn,
        at: &'static Location<'static>,
        now: Instant,
    ) -> Result<(Self, Option<Box<Open>>)> {
        let mut state = shared.lock();
        // Counted as waiting until here, so that the connection meant for this borrower was not closed as overflow.
        state.waiting -= usize::from(turn == Turn::Waited);
        if state.closed {
            return Err(turn::closed());
        }
        let idle = pop(&mut state.idle, shared.options.pool_use_lifo);
        let stage = if idle.is_some() { HolderStage::Lent } else { HolderStage::Opening };
        let key = state.holders.insert(at, now, stage);
        drop(state);
        Ok((Self { shared, key, freed: false }, idle))
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Takes another idle connection, in place of one that was not fit.
    pub(super) fn next_idle(&self) -> Option<Box<Open>> {
        pop(&mut self.shared.lock().idle, self.shared.options.pool_use_lifo)
    }

    pub(super) fn set_stage(&self, stage: HolderStage) {
        self.shared.lock().holders.set_stage(self.key, stage);
    }

    /// Puts a clean connection among the idle ones and frees the slot, or returns the connection if the pool has no room for it.
    pub(super) fn keep(&mut self, open: Box<Open>) -> Option<Box<Open>> {
        let mut state = self.shared.lock();
        if state.closed
            || state.idle.len() >= self.shared.room(&state)
            || open.generation != self.shared.generation()
        {
            return Some(open);
        }
        state.idle.push_back(open);
        self.freed = true;
        self.shared.free(state, self.key);
        None
    }

    /// Warns if the connection was held for too long and nobody has warned of it.
    pub(super) fn warn_if_overdue(&self) {
        self.shared.warn_if_overdue(self.key);
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if !self.freed {
            self.shared.free(self.shared.lock(), self.key);
        }
    }
}

fn pop(idle: &mut VecDeque<Box<Open>>, lifo: bool) -> Option<Box<Open>> {
    if lifo { idle.pop_back() } else { idle.pop_front() }
}
