//! What a flush does of itself to orphans and to what goes with deleted objects. It is done while the flush is planned; where that is refused,
//! all is as it was.

use std::collections::HashSet;

use aludel_sql::{ColumnSet, Mapped};
use foldhash::fast::FixedState;

use super::any_arena::AnyArena;
use super::{Arena, SlotState, copy_of};
use crate::entity::Entity;

/// An object as it was before the plan changed it.
pub(super) struct Before<E> {
    slot: u32,
    state: SlotState,
    purged: bool,
    /// Its columns, where the plan changes some.
    columns: Option<Box<E>>,
    again: Option<ColumnSet>,
}

impl<E: Entity> Arena<E> {
    /// Marks an object as deleted, `for_good` whatever its entity says.
    pub(super) fn mark(&mut self, slot: u32, for_good: bool) {
        // Changes that were never sent end with the row.
        self.note_before(slot, self.slots[slot].written);
        if for_good {
            self.purge(slot);
        } else {
            self.delete(slot);
        }
        self.revert(slot);
    }

    /// Notes how an object is, with its columns if they are about to change.
    pub(super) fn note_before(&mut self, slot: u32, with_columns: bool) {
        let it = &self.slots[slot];
        self.before_plan.push(Before {
            slot,
            state: it.state,
            purged: it.purged,
            columns: with_columns.then(|| Box::new(copy_of(&it.object))),
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
            if let Some(columns) = before.columns {
                for column in 0..E::TABLE.columns.len() {
                    Mapped::field_mut(&mut it.object, column).copy_from(Mapped::field(&*columns, column));
                }
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
