//! Objects by their keys.

use aludel_sql::{Mapped, Value, ValueRef};

use super::{Arena, CHUNK};
use crate::entity::Entity;
use crate::session::identity_map::{KeyRef, key_of};

impl<E: Entity> Arena<E> {
    pub(in crate::session) fn find(&self, key: &[Value]) -> Option<u32> {
        let parts: Vec<ValueRef<'_>> = key.iter().map(Value::as_ref).collect();
        self.map.find(KeyRef::of(&parts)?, |slot| self.get(slot))
    }

    pub(super) fn register(&mut self, slot: u32) {
        if let Some(column) = self.key_column
            && let ValueRef::Int(key) = Mapped::field(self.get(slot), column).encode().as_ref()
        {
            let (map, chunks) = (&mut self.map, &self.chunks);
            map.insert(KeyRef::Int(key), slot, |slot| &chunks[slot as usize / CHUNK][slot as usize % CHUNK]);
            return;
        }
        let key = key_of(self.get(slot));
        let parts: Vec<ValueRef<'_>> = key.iter().map(Value::as_ref).collect();
        if let Some(key) = KeyRef::of(&parts) {
            let (map, chunks) = (&mut self.map, &self.chunks);
            map.insert(key, slot, |slot| &chunks[slot as usize / CHUNK][slot as usize % CHUNK]);
        }
    }

    pub(super) fn unregister(&mut self, slot: u32) {
        let key = key_of(self.get(slot));
        let parts: Vec<ValueRef<'_>> = key.iter().map(Value::as_ref).collect();
        if let Some(key) = KeyRef::of(&parts) {
            self.map.remove(key, slot);
        }
    }
}
