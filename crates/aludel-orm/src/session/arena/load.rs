//! Rows that a query has met become objects.

use aludel_sql::{Cells, ColumnSet, Mapped, Result, Value, ValueRef};

use super::copy::copy_of;
use super::undo::Undo;
use super::{Arena, Populate, SlotState};
use crate::entity::Entity;
use crate::session::identity_map::{KeyRef, key_of};

impl<E: Entity> Arena<E> {
    /// Finds or takes in the object of a row. Tells whether it was here.
    #[inline]
    pub(in crate::session) fn load(
        &mut self,
        cells: &[ValueRef<'_>],
        populate: Populate,
    ) -> Result<(u32, bool)> {
        let found = match Self::FACTS.key.map(|column| cells[column]) {
            Some(ValueRef::Int(key)) => {
                let key = KeyRef::Int(key);
                match self.find_key_ref(key) {
                    Some(slot) => Some(slot),
                    None => {
                        let object = E::read(&mut Cells::new(E::TABLE, cells))?;
                        let (slot, _) = self.put(object, SlotState::Persistent);
                        self.note_loaded(slot);
                        self.note_populated(slot, populate);
                        let (map, rows) = self.map_and_rows();
                        map.insert(key, slot, |slot| rows.get(slot));
                        return Ok((slot, false));
                    }
                }
            }
            _ => None,
        };
        match found {
            Some(slot) => self.meet(slot, cells, populate).map(|()| (slot, true)),
            None => self.load_by_any_key(cells, populate),
        }
    }

    /// As `load`, for keys of several columns or other types. The row is decoded first: a database may show a key in another form than
    /// the one it is sent in.
    fn load_by_any_key(&mut self, cells: &[ValueRef<'_>], populate: Populate) -> Result<(u32, bool)> {
        let object = E::read(&mut Cells::new(E::TABLE, cells))?;
        let key = key_of(&object);
        if let Some(slot) = self.find(&key) {
            return self.meet(slot, cells, populate).map(|()| (slot, true));
        }
        let (slot, _) = self.put(object, SlotState::Persistent);
        self.note_loaded(slot);
        self.note_populated(slot, populate);
        let parts: Vec<ValueRef<'_>> = key.iter().map(Value::as_ref).collect();
        if let Some(key) = KeyRef::of(&parts) {
            let (map, rows) = self.map_and_rows();
            map.insert(key, slot, |slot| rows.get(slot));
        }
        Ok((slot, false))
    }

    /// A query has met the row of an object that is here already.
    fn meet(&mut self, slot: u32, cells: &[ValueRef<'_>], populate: Populate) -> Result<()> {
        let it = &self.slots[slot];
        if it.state != SlotState::Persistent || (populate == Populate::Aged && it.seen == self.now) {
            return self.fill_deferred(slot, cells);
        }
        match populate {
            Populate::Aged if it.written => self.fill_deferred(slot, cells),
            Populate::KeepChanges if it.written => self.refresh_below_changes(slot, cells),
            Populate::Aged | Populate::KeepChanges => self.refresh(slot, cells),
            Populate::Existing if self.populated.contains(&slot) => self.fill_deferred(slot, cells),
            Populate::Existing => {
                self.note_populated(slot, populate);
                self.drop_changes(slot);
                self.refresh(slot, cells)
            }
        }
    }

    #[inline]
    fn note_populated(&mut self, slot: u32, populate: Populate) {
        if populate == Populate::Existing {
            self.populated.insert(slot);
        }
    }

    /// Takes in the deferred columns that a row brings and the object lacks.
    fn fill_deferred(&mut self, slot: u32, cells: &[ValueRef<'_>]) -> Result<()> {
        let lacks = |row: &E, column: usize| {
            matches!(Mapped::field(row, column).encode().as_ref(), ValueRef::Refused(_))
        };
        let known = self.copies.get(slot).unwrap_or_else(|| self.get(slot));
        let lacking: ColumnSet = Self::FACTS.deferred.iter().filter(|it| lacks(known, *it)).collect();
        if lacking.is_empty() {
            return Ok(());
        }
        let before = (!self.savepoints.is_empty()).then(|| Box::new(copy_of(known)));
        let mut is_filled = false;
        let object = &mut self.slots[slot].object;
        for row in std::iter::once(object).chain(self.copies.get_mut(slot)) {
            for column in lacking.iter() {
                // The program may have set it.
                if lacks(row, column) {
                    let field = Mapped::field_mut(row, column);
                    field.assign(cells[column]).map_err(|it| E::TABLE.mismatch(column, &it))?;
                    is_filled |= !lacks(row, column);
                }
            }
        }
        if let Some(before) = before.filter(|_| is_filled) {
            self.note_relations(slot);
            self.undo.push(Undo::Refreshed(slot, before, self.slots[slot].seen));
        }
        Ok(())
    }

    /// Overwrites all columns of an object, and forgets what was loaded for its relations: they may have changed as well.
    fn refresh(&mut self, slot: u32, cells: &[ValueRef<'_>]) -> Result<()> {
        let fresh = E::read(&mut Cells::new(E::TABLE, cells))?;
        let before = std::mem::replace(self.get_raw_mut(slot), fresh);
        self.note_refreshed(slot, before);
        Ok(())
    }

    /// Takes in what the database holds of an object that the program has changed; its changes stay.
    fn refresh_below_changes(&mut self, slot: u32, cells: &[ValueRef<'_>]) -> Result<()> {
        let fresh = E::read(&mut Cells::new(E::TABLE, cells))?;
        let object = &mut self.slots[slot].object;
        let Some(copy) = self.copies.get_mut(slot) else { return Ok(()) };
        for column in 0..E::TABLE.columns.len() {
            if Mapped::field(object, column).same(Mapped::field(copy, column)) {
                Mapped::field_mut(object, column).copy_from(Mapped::field(&fresh, column));
            }
        }
        let before = std::mem::replace(copy, fresh);
        self.note_refreshed(slot, before);
        Ok(())
    }

    /// Overwrites some columns of an object with the cells of a row; changes of these columns are lost.
    pub(in crate::session) fn refresh_columns(
        &mut self,
        slot: u32,
        columns: ColumnSet,
        cells: &[ValueRef<'_>],
    ) -> Result<()> {
        let mut fresh = copy_of(self.copies.get(slot).unwrap_or_else(|| self.get(slot)));
        for (column, cell) in columns.iter().zip(cells) {
            let field = Mapped::field_mut(&mut fresh, column);
            field.assign(*cell).map_err(|it| E::TABLE.mismatch(column, &it))?;
        }
        self.note_relations(slot);
        let object = &mut self.slots[slot].object;
        let before = copy_of(object);
        for column in columns.iter() {
            Mapped::field_mut(object, column).copy_from(Mapped::field(&fresh, column));
        }
        let before = match self.copies.get_mut(slot) {
            Some(copy) => std::mem::replace(copy, fresh),
            None => before,
        };
        let seen = self.slots[slot].seen;
        self.note_refreshed(slot, before);
        // The other columns are as old as they were.
        self.slots[slot].seen = seen;
        Ok(())
    }

    /// Notes that an object was read anew, and what it was before.
    fn note_refreshed(&mut self, slot: u32, before: E) {
        let seen = std::mem::replace(&mut self.slots[slot].seen, self.now);
        if !self.savepoints.is_empty() {
            self.undo.push(Undo::Refreshed(slot, Box::new(before), seen));
        }
    }
}
