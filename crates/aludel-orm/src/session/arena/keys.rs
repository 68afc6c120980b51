//! Objects by their keys.

use aludel_sql::{Mapped, Result, Value, ValueRef};

use super::chunks::Chunks;
use super::copies::Copies;
use super::{Arena, SlotState};
use crate::draft::Blank;
use crate::entity::Entity;
use crate::session::identity_map::{IdentityMap, KeyRef, key_of};

/// Objects as the database knows them. The identity map compares keys with these: a program may have given an object another key that
/// was not flushed yet.
pub(super) struct KnownRows<'a, E> {
    objects: &'a Chunks<E>,
    copies: &'a Copies<E>,
}

impl<'a, E> KnownRows<'a, E> {
    #[inline]
    pub(super) fn get(&self, slot: u32) -> &'a E {
        self.copies.get(slot).unwrap_or_else(|| &self.objects[slot])
    }
}

impl<E: Entity> Arena<E> {
    /// Splits the arena into the identity map and what that compares keys with.
    #[inline]
    pub(super) fn map_and_rows(&mut self) -> (&mut IdentityMap, KnownRows<'_, E>) {
        (&mut self.map, KnownRows { objects: &self.objects, copies: &self.copies })
    }

    fn known_rows(&self) -> KnownRows<'_, E> {
        KnownRows { objects: &self.objects, copies: &self.copies }
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
        let column = Self::FACTS.key;
        let (map, rows) = self.map_and_rows();
        let object = rows.get(slot);
        let number = column.and_then(|it| match Mapped::field(object, it).encode().as_ref() {
            ValueRef::Int(key) => Some(KeyRef::Int(key)),
            _ => None,
        });
        if let Some(key) = number {
            return map.replace(key, slot, |slot| rows.get(slot));
        }
        let key = key_of(object);
        let parts: Vec<ValueRef<'_>> = key.iter().map(Value::as_ref).collect();
        map.replace(KeyRef::of(&parts)?, slot, |slot| rows.get(slot))
    }

    /// Puts an object whose row has just got its key into the identity map, where that is a number which nobody else has; tells whether it did.
    #[inline]
    pub(super) fn register_new_number(&mut self, slot: u32) -> bool {
        let Some(column) = Self::FACTS.key else { return false };
        let (map, rows) = self.map_and_rows();
        match Mapped::field(rows.get(slot), column).encode().as_ref() {
            ValueRef::Int(key) => map.insert_new_number(key, slot),
            _ => false,
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
        let key = key_of(self.known_rows().get(slot));
        self.unregister_key(&key, slot);
    }

    pub(super) fn unregister_key(&mut self, key: &[Value], slot: u32) {
        let parts: Vec<ValueRef<'_>> = key.iter().map(Value::as_ref).collect();
        if let Some(key) = KeyRef::of(&parts) {
            self.map.remove(key, slot);
        }
    }
}
