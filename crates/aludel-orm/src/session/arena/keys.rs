//! Objects by their keys.

use aludel_sql::{Mapped, Result, Value, ValueRef};

use super::chunks::Chunks;
use super::copies::Copies;
use super::{Arena, Slot, SlotState};
use crate::draft::Blank;
use crate::entity::Entity;
use crate::session::identity_map::{IdentityMap, KeyRef, key_of};

/// Objects as the database knows them. The identity map compares keys with these: a program may have given an object another key that
/// was not flushed yet.
pub(super) struct KnownRows<'a, E> {
    slots: &'a Chunks<Slot<E>>,
    copies: &'a Copies<E>,
}

impl<'a, E> KnownRows<'a, E> {
    #[inline]
    pub(super) fn get(&self, slot: u32) -> &'a E {
        self.copies.get(slot).unwrap_or_else(|| &self.slots[slot].object)
    }
}

impl<E: Entity> Arena<E> {
    /// Splits the arena into the identity map and what that compares keys with.
    #[inline]
    pub(super) fn map_and_rows(&mut self) -> (&mut IdentityMap, KnownRows<'_, E>) {
        (&mut self.map, KnownRows { slots: &self.slots, copies: &self.copies })
    }

    pub(super) fn known_rows(&self) -> KnownRows<'_, E> {
        KnownRows { slots: &self.slots, copies: &self.copies }
    }

    #[inline]
    pub(super) fn find_key_ref(&self, key: KeyRef<'_>) -> Option<u32> {
        let rows = self.known_rows();
        self.map.find(key, |slot| rows.get(slot))
    }

    pub(in crate::session) fn find(&self, key: &[Value]) -> Option<u32> {
        if let [Value::Int(key)] = key {
            return self.find_key_ref(KeyRef::Int(*key));
        }
        let parts: Vec<ValueRef<'_>> = key.iter().map(Value::as_ref).collect();
        self.find_key_ref(KeyRef::of(&parts)?)
    }

    /// Finds an object by the cells of its key, as a row shows them: a database may show them in another form than it takes them.
    pub(in crate::session) fn find_cells(&self, cells: &[ValueRef<'_>]) -> Result<Option<u32>> {
        let Ok(mut row) = E::read(&mut Blank);
        for (column, cell) in E::TABLE.primary_key().zip(cells) {
            Mapped::field_mut(&mut row, column).assign(*cell).map_err(|it| E::TABLE.mismatch(column, &it))?;
        }
        Ok(self.find(&key_of(&row)))
    }

    /// Puts an object into the identity map; returns the one that had its key before.
    pub(super) fn register(&mut self, slot: u32) -> Option<u32> {
        let (map, rows) = self.map_and_rows();
        let object = rows.get(slot);
        if let Some(key) = Self::number_of(object) {
            return map.replace(KeyRef::Int(key), slot, |slot| rows.get(slot));
        }
        let key = key_of(object);
        let parts: Vec<ValueRef<'_>> = key.iter().map(Value::as_ref).collect();
        map.replace(KeyRef::of(&parts)?, slot, |slot| rows.get(slot))
    }

    /// The primary key of an object, where it is one number.
    #[inline]
    pub(super) fn number_of(object: &E) -> Option<i64> {
        match Mapped::field(object, Self::FACTS.key?).encode().as_ref() {
            ValueRef::Int(key) => Some(key),
            _ => None,
        }
    }

    /// Puts an object whose row has just got its key into the identity map. If another one had that key and keeps it, somebody else has deleted its
    /// row: it is forgotten.
    pub(super) fn register_row(&mut self, slot: u32) {
        if let Some(before) = self.register(slot).filter(|it| *it != slot)
            && self.slots[before].state == SlotState::Persistent
            && key_of(self.get(before)) == key_of(self.get(slot))
        {
            self.displaced.push((before, self.slots[before].generation));
            self.expunge(before);
        }
    }

    /// Takes an object out of the identity map.
    pub(super) fn unregister(&mut self, slot: u32) {
        let (map, rows) = self.map_and_rows();
        Self::take_out_of(map, rows.get(slot), slot);
    }

    /// As [`unregister`](Self::unregister), for an object that had its key as `row` has it.
    pub(super) fn unregister_as(&mut self, row: &E, slot: u32) {
        Self::take_out_of(&mut self.map, row, slot);
    }

    fn take_out_of(map: &mut IdentityMap, row: &E, slot: u32) {
        if let Some(number) = Self::number_of(row) {
            return map.remove(KeyRef::Int(number), slot);
        }
        let key = key_of(row);
        let parts: Vec<ValueRef<'_>> = key.iter().map(Value::as_ref).collect();
        if let Some(key) = KeyRef::of(&parts) {
            map.remove(key, slot);
        }
    }
}
