//! Who has which value of a column.

use std::collections::HashMap;

use aludel_sql::Value;

use crate::key_text::{ByKey, KeyText};
use crate::session::arena::{AnyArena, SlotState};
use crate::session::arenas::Arenas;
use crate::session::temporary_keys::TemporaryKeys;

/// Finds objects by the values of a column that foreign keys refer to. Where that is not the primary key, all objects are looked at once: this is
/// for as long as no row changes.
#[derive(Default)]
pub(in crate::session) struct Holders {
    /// The objects by what the database knows.
    known: ByColumn,
    /// Those that get a value by this flush.
    new: ByColumn,
}

type ByColumn = HashMap<(usize, usize), ByKey<u32>, foldhash::fast::FixedState>;

/// Who is meant by a foreign key that was set by hand.
#[derive(Clone, Copy)]
pub(super) enum Parent {
    /// The object has the key behind the flush.
    Has(u32),
    /// The object gives the key up, and nobody gets it.
    GaveUp(u32),
}

impl Parent {
    pub(super) fn slot(self) -> u32 {
        match self {
            Self::Has(slot) | Self::GaveUp(slot) => slot,
        }
    }
}

impl Holders {
    /// Finds the object that the database knows by this value of a column.
    pub(super) fn find(
        &mut self,
        arenas: &Arenas,
        index: usize,
        column: usize,
        value: &Value,
    ) -> Option<u32> {
        let arena = arenas.at(index);
        if *value == Value::Null {
            return None;
        }
        if arena.facts().key == Some(column) {
            return find_by_key(arenas, index, column, value);
        }
        let known = self.known.entry((index, column)).or_insert_with(|| known_by(arena, column));
        known.get(&KeyText::of(value)).copied().filter(|slot| is_row(arena, *slot))
    }

    /// Finds the object that a foreign key refers to behind the flush.
    pub(super) fn find_parent(
        &mut self,
        arenas: &Arenas,
        keys: &TemporaryKeys,
        (index, column): (usize, usize),
        key: &Value,
    ) -> Option<Parent> {
        let arena = arenas.at(index);
        if let Some((table, owner)) = keys.owner(key.as_ref()) {
            return (*table == *arena.table()).then_some(Parent::Has(owner));
        }
        let known = self.find(arenas, index, column, key);
        let known = known.filter(|slot| arena.slot_state(*slot) == SlotState::Persistent);
        let keeps = |slot: &u32| arena.object(*slot).field(column).encode().as_ref() == key.as_ref();
        if let Some(slot) = known.filter(keeps) {
            return Some(Parent::Has(slot));
        }
        let new = self.new.entry((index, column));
        let new = new.or_insert_with(|| new_holders_of(arenas, index, column, |_| true));
        let new = new.get(&KeyText::of(key)).copied().map(Parent::Has);
        new.or(known.map(Parent::GaveUp))
    }

    /// Forgets what it has looked at: rows may have changed.
    pub(super) fn clear(&mut self) {
        if !self.known.is_empty() {
            *self = Self::default();
        }
    }
}

/// Finds the object whose column has this value, where the column is the primary key: no other is looked at.
pub(in crate::session) fn find_by_key(
    arenas: &Arenas,
    index: usize,
    column: usize,
    value: &Value,
) -> Option<u32> {
    let arena = arenas.at(index);
    if arena.facts().key == Some(column) { arena.find_key(std::slice::from_ref(value)) } else { None }
}

fn is_row(arena: &dyn AnyArena, slot: u32) -> bool {
    matches!(arena.slot_state(slot), SlotState::Persistent | SlotState::Deleted)
}

/// The objects by what the database knows of a column.
fn known_by(arena: &dyn AnyArena, column: usize) -> ByKey<u32> {
    let mut known = ByKey::default();
    for slot in (0..arena.slot_count()).filter(|slot| is_row(arena, *slot)) {
        known.entry(KeyText::of(&arena.known(slot, column).encode().into_value())).or_insert(slot);
    }
    known
}

/// The objects that get a value of a column by this flush and stay, by that value: nobody else finds them by a key that the program gave them.
pub(super) fn new_holders_of(
    arenas: &Arenas,
    index: usize,
    column: usize,
    stays: impl Fn(u32) -> bool,
) -> ByKey<u32> {
    let arena = arenas.at(index);
    let new = (0..arena.pending_count()).map(|number| arena.pending(number).0);
    let changed = arena.touched().iter().copied().filter(|slot| {
        arena.slot_state(*slot) == SlotState::Persistent && arena.changes(*slot).contains(column)
    });
    let value = |slot: u32| arena.object(slot).field(column).encode().into_value();
    new.chain(changed).filter(|slot| stays(*slot)).map(|slot| (KeyText::of(&value(slot)), slot)).collect()
}
