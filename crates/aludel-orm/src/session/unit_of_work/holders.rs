//! Who has which value of a column.

use std::collections::HashMap;

use aludel_sql::Value;

use crate::key_text::{ByKey, KeyText};
use crate::session::arena::{AnyArena, SlotState};
use crate::session::arenas::Arenas;

/// Finds objects by what the database knows of a column. Where that is not the primary key, all of them are looked at once: this is for as
/// long as no row changes.
#[derive(Default)]
pub(super) struct Holders(HashMap<(usize, usize), ByKey<u32>, foldhash::fast::FixedState>);

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
            return arena.find_key(std::slice::from_ref(value));
        }
        let known = self.0.entry((index, column)).or_insert_with(|| known_by(arena, column));
        known.get(&KeyText::of(value)).copied()
    }

    /// Finds the object that the database knows by this value of a column, and that still has it behind the flush.
    pub(super) fn find_lasting(
        &mut self,
        arenas: &Arenas,
        index: usize,
        column: usize,
        value: &Value,
    ) -> Option<u32> {
        let slot = self.find(arenas, index, column, value)?;
        let arena = arenas.at(index);
        let keeps = || arena.object(slot).field(column).encode().as_ref() == value.as_ref();
        (arena.slot_state(slot) == SlotState::Persistent && keeps()).then_some(slot)
    }
}

/// The objects by what the database knows of a column.
fn known_by(arena: &dyn AnyArena, column: usize) -> ByKey<u32> {
    let mut known = ByKey::default();
    let rows = (0..arena.slot_count())
        .filter(|slot| matches!(arena.slot_state(*slot), SlotState::Persistent | SlotState::Deleted));
    for slot in rows {
        let field = arena.database_key(slot, column).unwrap_or_else(|| arena.object(slot).field(column));
        known.entry(KeyText::of(&field.encode().into_value())).or_insert(slot);
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
