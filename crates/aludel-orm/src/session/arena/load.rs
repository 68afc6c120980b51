//! Rows that a query has met become objects.

use aludel_sql::{Cells, Result, ValueRef};

use super::undo::Undo;
use super::{Arena, CHUNK, SlotState};
use crate::entity::Entity;
use crate::session::identity_map::{KeyRef, key_of};

impl<E: Entity> Arena<E> {
    /// Finds or takes in the object of a row.
    #[inline]
    pub(in crate::session) fn load(&mut self, cells: &[ValueRef<'_>], overwrite: bool) -> Result<u32> {
        let found = match self.key_column.map(|column| cells[column]) {
            Some(ValueRef::Int(key)) => {
                let key = KeyRef::Int(key);
                match self.map.find(key, |slot| self.get(slot)) {
                    Some(slot) => Some(slot),
                    None => {
                        let object = E::read(&mut Cells::new(E::TABLE, cells))?;
                        let slot = self.put(object, SlotState::Persistent);
                        self.note_loaded(slot);
                        let (map, chunks) = (&mut self.map, &self.chunks);
                        map.insert(key, slot, |slot| &chunks[slot as usize / CHUNK][slot as usize % CHUNK]);
                        return Ok(slot);
                    }
                }
            }
            _ => None,
        };
        match found {
            Some(slot) => self.meet(slot, cells, overwrite),
            None => self.load_by_any_key(cells, overwrite),
        }
    }

    /// As `load`, for keys of several columns or other types. The row is decoded first: a database may show a key in another form than
    /// the one it is sent in.
    fn load_by_any_key(&mut self, cells: &[ValueRef<'_>], overwrite: bool) -> Result<u32> {
        let object = E::read(&mut Cells::new(E::TABLE, cells))?;
        let key = key_of(&object);
        if let Some(slot) = self.find(&key) {
            return self.meet(slot, cells, overwrite);
        }
        let slot = self.put(object, SlotState::Persistent);
        self.note_loaded(slot);
        self.register(slot);
        Ok(slot)
    }

    /// A query has met the row of an object that is here already.
    fn meet(&mut self, slot: u32, cells: &[ValueRef<'_>], overwrite: bool) -> Result<u32> {
        let it = self.slots[slot as usize];
        if (it.seen != self.now || overwrite) && !it.written && it.state == SlotState::Persistent {
            self.refresh(slot, cells)?;
        }
        Ok(slot)
    }

    /// Overwrites all columns of an object, and forgets what was loaded for its relations: they may have changed as well.
    fn refresh(&mut self, slot: u32, cells: &[ValueRef<'_>]) -> Result<()> {
        let fresh = E::read(&mut Cells::new(E::TABLE, cells))?;
        let before = std::mem::replace(self.get_raw_mut(slot), fresh);
        let seen = std::mem::replace(&mut self.slots[slot as usize].seen, self.now);
        if !self.savepoints.is_empty() {
            self.undo.push(Undo::Refreshed(slot, Box::new(before), seen));
        }
        Ok(())
    }
}
