//! Keys that new objects have until the database has generated theirs.
//!
//! A temporary key is a value of the key's own type, at the very end of its range, so that a foreign key can be set to it like to
//! any other and is resolved by the flush.

use std::collections::HashMap;

use aludel_sql::{Field, TableMeta, ValueRef};

/// The temporary keys of a session.
#[derive(Default)]
pub(super) struct TemporaryKeys {
    given: i64,
    owners: HashMap<i64, (&'static TableMeta, u32), foldhash::fast::FixedState>,
}

/// Where temporary keys begin, for each width of integers; unsigned ones count downwards.
const SIGNED: [i64; 3] = [i64::MIN, i32::MIN as i64, i16::MIN as i64];
const UNSIGNED: i64 = u32::MAX as i64;

impl TemporaryKeys {
    /// Gives a new object its temporary key.
    ///
    /// # Panics
    ///
    /// Panics if the key's type has no room for another: an `i16` after 65,536 new objects in one flush.
    pub(super) fn give(&mut self, key: &mut dyn Field, table: &'static TableMeta, slot: u32) {
        let n = self.given;
        self.given += 1;
        let candidates = SIGNED.into_iter().filter_map(|first| first.checked_add(n)).chain([UNSIGNED - n]);
        let taken = candidates.into_iter().find(|it| key.assign(ValueRef::Int(*it)).is_ok());
        let taken = taken.expect("the type of a generated key has room for a temporary one");
        self.owners.insert(taken, (table, slot));
    }

    /// Returns the object that a value is the temporary key of.
    pub(super) fn owner(&self, value: ValueRef<'_>) -> Option<(&'static TableMeta, u32)> {
        match value {
            ValueRef::Int(key) if !self.owners.is_empty() => self.owners.get(&key).copied(),
            _ => None,
        }
    }

    /// Forgets all of them: the flush has given real ones.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}
