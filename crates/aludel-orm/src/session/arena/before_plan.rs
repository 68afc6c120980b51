//! What a flush does of itself to orphans and to what goes with deleted objects. It is done while the flush is planned; where that is refused,
//! all is as it was.

use std::collections::HashSet;

use aludel_sql::ColumnSet;
use foldhash::fast::FixedState;

use super::copy::{copy_of, put_columns};
use super::{Arena, SlotState};
use crate::entity::Entity;

/// An object as it was before the plan changed it.
pub(super) struct Before<E> {
    slot: u32,
    state: SlotState,
    purged: bool,
    /// Its columns; `None` where they are as its copy, if it gets one.
    columns: Option<Box<E>>,
    again: Option<ColumnSet>,
}

impl<E: Entity> Arena<E> {
    /// Notes how an object is, which the plan is about to mark as deleted or to write.
    pub(super) fn note_before(&mut self, slot: u32) {
        let it = &self.slots[slot];
        // A row that nobody has written is as its copy will be.
        let is_copied = it.state == SlotState::Persistent && !it.written;
        self.before_plan.push(Before {
            slot,
            state: it.state,
            purged: it.purged,
            columns: (!is_copied).then(|| Box::new(copy_of(&it.object))),
            again: self.again.get(&slot).copied(),
        });
    }

    /// Lets all objects be again what was noted of them.
    pub(super) fn take_back(&mut self) {
        if self.before_plan.is_empty() {
            return;
        }
        for before in std::mem::take(&mut self.before_plan).into_iter().rev() {
            let it = &mut self.slots[before.slot];
            (it.state, it.purged) = (before.state, before.purged);
            if let Some(columns) = before.columns.as_deref().or_else(|| self.copies.get(before.slot)) {
                put_columns(&mut it.object, columns);
            }
            if let Some(again) = before.again {
                self.again.insert(before.slot, again);
            }
        }
        let slots = &self.slots;
        self.touched.retain(|slot| slots[*slot].written || slots[*slot].state == SlotState::Deleted);
    }

    /// Leaves new objects out: they are as good as forgotten.
    pub(super) fn leave_out(&mut self, slots: &[u32]) {
        let before = self.left_out.iter().map(|(_, (slot, _))| *slot);
        let slots: HashSet<u32, FixedState> = before.chain(slots.iter().copied()).collect();
        self.take_in_left_out();
        let (left_out, pending): (Vec<_>, Vec<_>) = std::mem::take(&mut self.pending)
            .into_iter()
            .enumerate()
            .partition(|(_, (slot, _))| slots.contains(slot));
        self.pending = pending.into_iter().map(|(_, it)| it).collect();
        left_out.iter().for_each(|(_, (slot, _))| self.slots[*slot].state = SlotState::Detached);
        self.left_out = left_out;
    }

    /// Takes in again what was left out, each where it was.
    pub(super) fn take_in_left_out(&mut self) {
        if self.left_out.is_empty() {
            return;
        }
        let mut others = std::mem::take(&mut self.pending).into_iter();
        for (number, it) in std::mem::take(&mut self.left_out) {
            let before = number - self.pending.len();
            self.pending.extend(others.by_ref().take(before));
            self.pending.push(it);
            self.slots[it.0].state = SlotState::Pending;
        }
        self.pending.extend(others);
    }
}
