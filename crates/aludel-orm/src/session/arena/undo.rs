//! What a transaction did to objects in memory, so that a rollback can take it back.

use std::collections::HashSet;

use foldhash::fast::FixedState;

use crate::collection::ToManyState;
use crate::entity::Entity;
use crate::relationship::{RelationMut, RelationRef, ToOneState};

use super::any_arena::AnyArena;
use super::{Arena, SlotState};

/// One change of this transaction.
pub(super) enum Undo<E> {
    /// New objects, in slots that follow each other.
    Inserted {
        first: u32,
        count: u32,
    },
    Updated(u32, Box<E>),
    Deleted(u32),
    /// Objects that were read since a savepoint, in slots that follow each other: they may show what is rolled back.
    Loaded {
        first: u32,
        count: u32,
    },
    /// An object was read anew since a savepoint: what it was, and when that was seen.
    Refreshed(u32, Box<E>, u32),
    /// The relations of an object as they were at the savepoint.
    Relations(u32, Vec<RelationState>),
}

/// The state of a relation, kept.
#[derive(Debug)]
pub(super) enum RelationState {
    One(ToOneState),
    Many(ToManyState),
}

impl<E: Entity> Arena<E> {
    /// Keeps the relations of an object as they are, if that was not done since the savepoint.
    #[inline]
    pub(super) fn note_relations(&mut self, slot: u32) {
        if let Some((savepoint, _)) = self.savepoints.last()
            && self.slots[slot].noted_since != *savepoint
        {
            self.slots[slot].noted_since = *savepoint;
            let object = self.get(slot);
            let state = |relation| match Entity::relation(object, relation) {
                RelationRef::One(state) => RelationState::One(*state),
                RelationRef::Many(state) => RelationState::Many(state.clone()),
            };
            let states = (0..E::TABLE.relations.len()).map(state).collect();
            self.undo.push(Undo::Relations(slot, states));
        }
    }

    /// Notes that an object was read.
    #[inline]
    pub(super) fn note_loaded(&mut self, slot: u32) {
        if self.savepoints.is_empty() {
            return;
        }
        match self.last_undo() {
            Some(Undo::Loaded { first, count }) if *first + *count == slot => *count += 1,
            _ => self.undo.push(Undo::Loaded { first: slot, count: 1 }),
        }
    }

    /// The last change since the savepoint.
    pub(super) fn last_undo(&mut self) -> Option<&mut Undo<E>> {
        let savepoint = self.savepoints.last().map_or(0, |(_, length)| *length);
        self.undo[savepoint..].last_mut()
    }

    /// Takes back what was not flushed.
    pub(super) fn undo_pending(&mut self) {
        self.take_in_left_out();
        self.before_plan.clear();
        self.computed.clear();
        self.again.clear();
        for (slot, _) in std::mem::take(&mut self.pending) {
            // A flush that failed later on had inserted it: it has got its key.
            if self.slots[slot].state == SlotState::Persistent {
                self.unregister(slot);
            }
            self.forget_slot(slot);
        }
        for slot in std::mem::take(&mut self.touched).iter().copied() {
            let it = &mut self.slots[slot];
            if it.state == SlotState::Deleted {
                it.state = SlotState::Persistent;
            }
            it.written = false;
            it.purged = false;
            if let Some(copy) = self.copies.remove(slot) {
                *self.get_raw_mut(slot) = copy;
            }
        }
    }

    /// Takes back what was flushed, the last change first, until the log is as long as it was.
    pub(super) fn undo_flushed(&mut self, length: usize) {
        let forgotten = |it: &Self, slot: u32| it.slots[slot].state == SlotState::Detached;
        for change in self.undo.split_off(length).into_iter().rev() {
            match change {
                Undo::Updated(slot, ..)
                | Undo::Deleted(slot)
                | Undo::Refreshed(slot, ..)
                | Undo::Relations(slot, ..)
                    if forgotten(self, slot) => {}
                Undo::Inserted { first, count } => {
                    for slot in first..first + count {
                        if forgotten(self, slot) {
                            continue;
                        }
                        if self.slots[slot].state != SlotState::Gone {
                            self.unregister(slot);
                        }
                        self.forget_slot(slot);
                    }
                }
                Undo::Updated(slot, before) => {
                    self.unregister(slot);
                    *self.get_raw_mut(slot) = *before;
                    self.register(slot);
                }
                Undo::Deleted(slot) => {
                    self.slots[slot].state = SlotState::Persistent;
                    // Whoever has stood for the row, or one with its key, since then stands for nothing.
                    if let Some(other) = self.register(slot).filter(|it| *it != slot) {
                        self.displaced.push((other, self.slots[other].generation));
                        self.forget_slot(other);
                    }
                }
                Undo::Loaded { first, count } => {
                    (first..first + count).for_each(|slot| self.age(Some(slot)));
                }
                Undo::Refreshed(slot, before, seen) => {
                    *self.get_raw_mut(slot) = *before;
                    self.slots[slot].seen = seen;
                }
                Undo::Relations(slot, states) => {
                    let object = self.get_raw_mut(slot);
                    for (relation, before) in states.into_iter().enumerate() {
                        match (Entity::relation_mut(object, relation), before) {
                            (RelationMut::One(state), RelationState::One(before)) => *state = before,
                            (RelationMut::Many(state), RelationState::Many(before)) => *state = before,
                            (RelationMut::One(_), _) | (RelationMut::Many(_), _) => {}
                        }
                    }
                }
            }
        }
    }

    /// Takes out of the log what it says about forgotten objects, once that is worth the walk: so it does not grow without end where
    /// a long transaction forgets what it is done with.
    pub(super) fn shorten_undo(&mut self) {
        if self.forgotten.len() <= self.undo.len() / 2 {
            return;
        }
        let forgotten: HashSet<u32, FixedState> = self.forgotten.iter().copied().collect();
        let mut lengths = self.savepoints.iter_mut().map(|(_, length)| length).peekable();
        let mut kept = Vec::new();
        for (at, change) in std::mem::take(&mut self.undo).into_iter().enumerate() {
            while let Some(length) = lengths.next_if(|length| **length <= at) {
                *length = kept.len();
            }
            change.keep(&forgotten, &mut kept);
        }
        lengths.for_each(|length| *length = kept.len());
        self.undo = kept;
        self.free.append(&mut self.forgotten);
    }
}

impl<E: Entity> Undo<E> {
    /// A relation as it was before the change, if it is kept.
    pub(super) fn relation_mut(&mut self, relation: usize) -> Option<RelationMut<'_>> {
        match self {
            Self::Updated(_, before) | Self::Refreshed(_, before, _) => {
                Some(Entity::relation_mut(&mut **before, relation))
            }
            Self::Relations(_, states) => Some(match states.get_mut(relation)? {
                RelationState::One(state) => RelationMut::One(state),
                RelationState::Many(state) => RelationMut::Many(state),
            }),
            Self::Inserted { .. } | Self::Deleted(_) | Self::Loaded { .. } => None,
        }
    }
}

impl<E> Undo<E> {
    /// Keeps of a change what it says about objects that are not forgotten.
    fn keep(self, forgotten: &HashSet<u32, FixedState>, kept: &mut Vec<Self>) {
        let runs = |first: u32, count: u32| {
            let slots: Vec<u32> = (first..first + count).filter(|slot| !forgotten.contains(slot)).collect();
            let runs = slots.chunk_by(|a, b| a + 1 == *b);
            runs.map(|run| (run[0], run.len() as u32)).collect::<Vec<_>>()
        };
        match self {
            Self::Inserted { first, count } => {
                kept.extend(
                    runs(first, count).into_iter().map(|(first, count)| Self::Inserted { first, count }),
                );
            }
            Self::Loaded { first, count } => {
                kept.extend(
                    runs(first, count).into_iter().map(|(first, count)| Self::Loaded { first, count }),
                );
            }
            Self::Updated(slot, ..)
            | Self::Deleted(slot)
            | Self::Refreshed(slot, ..)
            | Self::Relations(slot, ..) => {
                if !forgotten.contains(&slot) {
                    kept.push(self);
                }
            }
        }
    }
}
