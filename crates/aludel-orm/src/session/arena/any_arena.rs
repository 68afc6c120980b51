//! An arena, whatever the type of its objects.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::ops::ControlFlow;

use aludel_sql::node::Node;
use aludel_sql::{Bind, ColumnSet, Field, Mapped, Result, TableMeta, Value, ValueRef};

use super::copy::{copy_of, put_columns};
use super::object::Object;
use super::undo::Undo;
use super::{Arena, SlotState};
use crate::collection::ToManyState;
use crate::draft::Blank;
use crate::entity::Entity;
use crate::key_text::KeyText;
use crate::obj::RawObj;
use crate::relationship::{RelationMut, RelationRef, ToOneState};
use crate::session::flush::Answered;
use crate::session::identity_map::key_of;
use crate::session::table_facts::TableFacts;

/// An arena, whatever its type: what a flush works with.
pub(in crate::session) trait AnyArena: Any + Send + Sync {
    fn table(&self) -> &'static TableMeta;
    fn facts(&self) -> &'static TableFacts;
    /// The type of the objects.
    fn entity(&self) -> TypeId;

    /// The number of slots, those that hold nothing included.
    fn slot_count(&self) -> u32;
    fn state(&self, slot: u32, generation: u32) -> SlotState;
    /// The state of a slot, whoever is in it.
    fn slot_state(&self, slot: u32) -> SlotState;
    fn generation(&self, slot: u32) -> u32;
    /// Whether the row of an object may be another by now. A new one has none.
    fn is_aged(&self, slot: u32) -> bool;
    fn object(&self, slot: u32) -> &dyn Object;
    fn find_key(&self, key: &[Value]) -> Option<u32>;

    /// The number of new objects.
    fn pending_count(&self) -> usize;
    /// A new object and its given columns; they are numbered in the order of adding.
    fn pending(&self, number: usize) -> (u32, ColumnSet);
    /// The new objects from this number on that are inserted with the same columns, and these columns; `None` behind the last.
    fn pending_alike(&self, first: usize) -> Option<(Vec<u32>, ColumnSet)>;
    /// Whether a new object may have been given this column.
    fn is_given(&self, column: usize) -> bool;
    /// Notes that a column of a new object was given.
    fn mark_given(&mut self, slot: u32, column: usize);
    /// The columns of a new object that the INSERT gives.
    fn insert_columns(&self, slot: u32, given: ColumnSet) -> ColumnSet;
    /// Whether a column of a new object holds nothing but its placeholder.
    fn is_unset(&self, slot: u32, column: usize) -> bool;
    /// The objects that were written or deleted.
    fn touched(&self) -> &[u32];
    /// The columns of an object that differ from what the database holds.
    fn changes(&self, slot: u32) -> ColumnSet;
    /// Those of these columns in which any row that is to be updated differs from what the database holds.
    fn changed_among(&self, columns: ColumnSet) -> ColumnSet;
    /// The objects that have columns which the database is to compute.
    fn computed(&self) -> Vec<u32>;
    /// The columns of an object that the database is to compute, and how.
    fn computed_columns(&self, slot: u32) -> Vec<(usize, Node)>;
    /// What the database holds in a column of an object that was written; `None` of others, which hold it themselves.
    fn written_over(&self, slot: u32, column: usize) -> Option<&dyn Field>;
    /// What the database holds in a column of an object.
    fn known(&self, slot: u32, column: usize) -> &dyn Field;

    /// Shows the values of these columns of objects, one after the other; from number `key_from` on they are the key as the database knows it.
    fn bind_rows<'s>(
        &'s self,
        slots: &[u32],
        columns: &[usize],
        key_from: usize,
        each: &mut dyn FnMut(Bind<'s>) -> ControlFlow<()>,
    ) -> ControlFlow<()>;

    /// Marks an object to be written by the flush itself.
    fn write(&mut self, slot: u32) -> &mut dyn Object;
    /// Marks a column to be sent by the flush, though it holds what the database does.
    fn send_again(&mut self, slot: u32, column: usize);
    /// Lends an object without marking it.
    fn object_mut(&mut self, slot: u32) -> &mut dyn Object;
    /// Marks an object that is in the database to be deleted.
    fn delete(&mut self, slot: u32);
    /// Marks an object that is in the database to be deleted for good.
    fn purge(&mut self, slot: u32);
    /// The flush that is being planned deletes this object of itself, `for_good` whatever its entity says. Changes that were never sent end with the row.
    fn mark_deleted(&mut self, slot: u32, for_good: bool);
    /// The flush that is being planned is about to change columns of this object.
    fn note_columns(&mut self, slot: u32);
    /// The flush was refused: what it has marked as deleted or changed of itself is as it was.
    fn take_back(&mut self);
    /// The flush that is being planned leaves out these new objects: they are as good as forgotten.
    fn leave_out(&mut self, slots: &[u32]);
    /// Tells whether the flush that is being planned leaves an object out.
    fn is_left_out(&self, slot: u32, generation: u32) -> bool;
    /// Takes in again what was left out, each where it was.
    fn take_in_left_out(&mut self);
    /// The column that says that an object is deleted, where its row stays.
    fn mark_of_deletion(&self, slot: u32) -> Option<usize>;
    /// Whether an object was deleted softly: queries leave its row out.
    fn is_hidden(&self, slot: u32) -> bool;
    /// Puts back what the database holds into the columns of an object; its relations stay as they are.
    fn revert(&mut self, slot: u32);

    /// Finds the rows of these objects by their keys, of which `part` gives the nth column of a row; `None` where they are in the order of the
    /// objects, or a key is not among them: whoever changes keys on their way tells nobody.
    fn rows_by_key<'a>(
        &self,
        slots: &[u32],
        part: &dyn Fn(usize, usize) -> ValueRef<'a>,
    ) -> Result<Option<Vec<usize>>>;
    /// The flush inserted these objects; these columns came back.
    fn inserted(&mut self, slots: &[u32], returning: &[usize], answered: &Answered<'_>) -> Result<()>;
    /// The flush updated this object; if the transaction is committed already, there is nothing left to undo.
    fn updated(&mut self, slot: u32, committed: bool);
    /// The flush updated these columns of this object; what differs in others is as before.
    fn updated_in_part(&mut self, slot: u32, columns: ColumnSet, committed: bool);
    /// The database has changed columns of this object by itself; what the program changed stays.
    fn follow(&mut self, slot: u32, values: &[(usize, Value)], committed: bool);
    /// The objects whose keys other rows have got (slot and generation): they were forgotten.
    fn take_displaced(&mut self) -> Vec<(u32, u32)>;
    /// The flush deleted this object.
    fn deleted(&mut self, slot: u32);
    /// The flush is over: nothing is pending or written any more.
    fn flushed(&mut self);

    /// Whether a rollback has something to take back.
    fn has_changes(&self) -> bool;
    /// The transaction was committed. Returns the objects that it deleted, slot and generation: their handles lead nowhere now.
    fn committed(&mut self) -> Vec<(u32, u32)>;
    /// The transaction was rolled back.
    fn rolled_back(&mut self);
    /// A savepoint was set.
    fn savepoint_set(&mut self, savepoint: u32);
    /// A savepoint was released, and all in it.
    fn savepoint_released(&mut self, savepoint: u32);
    /// The transaction was rolled back to a savepoint, which is gone now.
    fn rolled_back_to(&mut self, savepoint: u32);
    /// Ages an object, or all of them.
    fn age(&mut self, slot: Option<u32>);
    /// A query begins that overwrites each object whose row it meets.
    fn begin_populating(&mut self);
    /// Forgets what was loaded for the relations of all objects.
    fn forget_relations(&mut self);
    /// Takes these objects (slot and generation) out of what a relation of any object has loaded.
    fn take_out(&mut self, relation: usize, gone: &[(u32, u32)]);
    /// Takes these objects (slot and generation), which were forgotten, out of what a relation of any object knows. A relation that led to a
    /// row of the database is not loaded any more: what is left is not all of it.
    fn forget_related(&mut self, relation: usize, gone: &[(u32, u32)], were_rows: bool);
    /// Lets a relation to one of these objects lead to `target`, as the database has it; what the program changed stays.
    fn lead_to(&mut self, objects: &[RawObj], relation: usize, target: RawObj);
    /// Forgets what was loaded for a relation of an object; changes stay.
    fn unload(&mut self, slot: u32, relation: usize);
    /// Forgets an object, with all that the transaction knows about it.
    fn forget(&mut self, slot: u32);
    /// Forgets all objects, but not the transaction. Their savepoints stay.
    fn expunge_all(&mut self);
    /// Forgets all objects.
    fn clear(&mut self);
    /// Makes it as a new one, but for the memory that it has.
    fn renew(&mut self);
    /// The memory that it takes, in bytes, without what its objects own.
    fn memory(&self) -> usize;
}

impl<E: Entity> AnyArena for Arena<E> {
    fn table(&self) -> &'static TableMeta {
        E::TABLE
    }

    fn facts(&self) -> &'static TableFacts {
        Self::FACTS
    }

    fn entity(&self) -> TypeId {
        TypeId::of::<E>()
    }

    fn state(&self, slot: u32, generation: u32) -> SlotState {
        match self.slots.get(slot) {
            Some(it) if it.generation == generation => it.state,
            _ => SlotState::Detached,
        }
    }

    fn slot_state(&self, slot: u32) -> SlotState {
        self.slots[slot].state
    }

    fn generation(&self, slot: u32) -> u32 {
        self.slots[slot].generation
    }

    fn slot_count(&self) -> u32 {
        self.slots.len()
    }

    fn is_aged(&self, slot: u32) -> bool {
        let it = &self.slots[slot];
        it.state != SlotState::Pending && it.seen != self.now
    }

    fn object(&self, slot: u32) -> &dyn Object {
        self.get(slot)
    }

    fn find_key(&self, key: &[Value]) -> Option<u32> {
        self.find(key)
    }

    fn pending_count(&self) -> usize {
        self.pending.len()
    }

    fn pending(&self, number: usize) -> (u32, ColumnSet) {
        let (slot, given) = self.pending[number];
        (slot, self.given[given as usize])
    }

    fn pending_alike(&self, first: usize) -> Option<(Vec<u32>, ColumnSet)> {
        let rest = &self.pending[first..];
        let (slot, given) = *rest.first()?;
        let columns = self.insert_columns(slot, self.given[given as usize]);
        // Without a column that may have got a value since, the columns that were given decide.
        let is_settled = Self::FACTS
            .sometimes_given
            .iter()
            .all(|column| E::TABLE.columns[column].generated || self.given[given as usize].contains(column));
        let is_alike = |(slot, other): &&(u32, u32)| {
            *other == given
                && (is_settled || self.insert_columns(*slot, self.given[given as usize]) == columns)
        };
        Some((rest.iter().take_while(is_alike).map(|(slot, _)| *slot).collect(), columns))
    }

    fn is_given(&self, column: usize) -> bool {
        self.given.iter().any(|given| given.contains(column))
    }

    fn mark_given(&mut self, slot: u32, column: usize) {
        let Some(at) = self.pending.iter().rposition(|(it, _)| *it == slot) else { return };
        let mut given = self.given[self.pending[at].1 as usize];
        given.insert(column);
        self.pending[at].1 = self.number_of_given(given);
    }

    fn insert_columns(&self, slot: u32, given: ColumnSet) -> ColumnSet {
        let mut columns = Self::FACTS.always_given;
        for index in Self::FACTS.sometimes_given.iter() {
            // A column with a default that was written after `add` counts as given; a key does not, it holds a temporary one.
            if given.contains(index) || (!E::TABLE.columns[index].generated && !self.is_unset(slot, index)) {
                columns.insert(index);
            }
        }
        columns
    }

    fn is_unset(&self, slot: u32, column: usize) -> bool {
        Mapped::field(self.get(slot), column).same(Mapped::field(&self.blank, column))
    }

    fn touched(&self) -> &[u32] {
        &self.touched
    }

    fn changes(&self, slot: u32) -> ColumnSet {
        let changes = self.changes_of(slot, 0..E::TABLE.columns.len());
        if self.again.is_empty() {
            return changes;
        }
        self.again.get(&slot).map_or(changes, |it| changes.union(*it))
    }

    fn changed_among(&self, columns: ColumnSet) -> ColumnSet {
        let mut changed = ColumnSet::EMPTY;
        for slot in self.touched.iter().filter(|it| self.slots[**it].state == SlotState::Persistent) {
            let left = columns.iter().filter(|column| !changed.contains(*column));
            changed = changed.union(self.changes_of(*slot, left));
        }
        changed
    }

    fn computed(&self) -> Vec<u32> {
        if self.computed.is_empty() {
            return Vec::new();
        }
        let sent = |slot: &u32| {
            matches!(self.slots[*slot].state, SlotState::Pending | SlotState::Persistent)
                && !self.computed_columns(*slot).is_empty()
        };
        let mut computed: Vec<u32> = self.computed.keys().copied().filter(sent).collect();
        computed.sort_unstable();
        computed
    }

    fn computed_columns(&self, slot: u32) -> Vec<(usize, Node)> {
        Self::computed_columns(self, slot)
    }

    fn written_over(&self, slot: u32, column: usize) -> Option<&dyn Field> {
        self.copies.get(slot).map(|copy| Mapped::field(copy, column))
    }

    fn known(&self, slot: u32, column: usize) -> &dyn Field {
        Mapped::field(self.known_rows().get(slot), column)
    }

    fn bind_rows<'s>(
        &'s self,
        slots: &[u32],
        columns: &[usize],
        key_from: usize,
        each: &mut dyn FnMut(Bind<'s>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let (values, key) = columns.split_at(key_from.min(columns.len()));
        slots.iter().try_for_each(|slot| {
            let object = self.get(*slot);
            values.iter().try_for_each(|column| each(Mapped::field(object, *column).encode()))?;
            if key.is_empty() {
                return ControlFlow::Continue(());
            }
            let known = self.copies.get(*slot).unwrap_or(object);
            key.iter().try_for_each(|column| each(Mapped::field(known, *column).encode()))
        })
    }

    fn write(&mut self, slot: u32) -> &mut dyn Object {
        self.get_mut(slot)
    }

    fn send_again(&mut self, slot: u32, column: usize) {
        self.get_mut(slot);
        self.again.entry(slot).or_default().insert(column);
    }

    fn object_mut(&mut self, slot: u32) -> &mut dyn Object {
        self.note_relations(slot);
        self.get_raw_mut(slot)
    }

    fn delete(&mut self, slot: u32) {
        let it = &mut self.slots[slot];
        if it.state == SlotState::Persistent {
            it.state = SlotState::Deleted;
            if !it.written {
                self.touched.push(slot);
            }
        }
    }

    fn purge(&mut self, slot: u32) {
        self.delete(slot);
        self.slots[slot].purged = true;
    }

    fn mark_deleted(&mut self, slot: u32, for_good: bool) {
        self.note_before(slot);
        if for_good {
            self.purge(slot);
        } else {
            self.delete(slot);
        }
        // Changes that were never sent end with the row.
        self.revert(slot);
    }

    fn note_columns(&mut self, slot: u32) {
        self.note_before(slot);
    }

    fn take_back(&mut self) {
        Self::take_back(self);
    }

    fn leave_out(&mut self, slots: &[u32]) {
        Self::leave_out(self, slots);
    }

    fn is_left_out(&self, slot: u32, generation: u32) -> bool {
        // The slot of one that is forgotten counts on.
        self.slots.get(slot).is_some_and(|it| it.generation == generation && it.state == SlotState::Detached)
    }

    fn take_in_left_out(&mut self) {
        Self::take_in_left_out(self);
    }

    fn mark_of_deletion(&self, slot: u32) -> Option<usize> {
        E::TABLE.soft_delete.filter(|_| !self.slots[slot].purged)
    }

    fn is_hidden(&self, slot: u32) -> bool {
        let is_set =
            |column| !matches!(Mapped::field(self.get(slot), column).encode().as_ref(), ValueRef::Null);
        E::TABLE.soft_delete.is_some_and(is_set)
    }

    fn revert(&mut self, slot: u32) {
        self.again.remove(&slot);
        if let Some(copy) = self.copies.get(slot) {
            put_columns(&mut self.slots[slot].object, copy);
        }
    }

    fn rows_by_key<'a>(
        &self,
        slots: &[u32],
        part: &dyn Fn(usize, usize) -> ValueRef<'a>,
    ) -> Result<Option<Vec<usize>>> {
        let text = |row: &E| key_of(row).iter().map(KeyText::of).collect::<Vec<_>>();
        let Ok(mut row) = E::read(&mut Blank);
        let mut rows: HashMap<Vec<KeyText>, usize> = HashMap::with_capacity(slots.len());
        for at in 0..slots.len() {
            for (nth, column) in E::TABLE.primary_key().enumerate() {
                let field = Mapped::field_mut(&mut row, column);
                field.assign(part(at, nth)).map_err(|it| E::TABLE.mismatch(column, &it))?;
            }
            rows.insert(text(&row), at);
        }
        let order: Option<Vec<usize>> =
            slots.iter().map(|slot| rows.get(&text(self.get(*slot))).copied()).collect();
        Ok(order.filter(|it| !it.is_sorted()))
    }

    fn inserted(&mut self, slots: &[u32], returning: &[usize], answered: &Answered<'_>) -> Result<()> {
        let mut done = 0;
        let taken_in = slots.iter().enumerate().try_for_each(|(at, slot)| {
            let it = &mut self.slots[*slot];
            for (cell, column) in returning.iter().enumerate() {
                let field = Mapped::field_mut(&mut it.object, *column);
                field.assign(answered.get(at, cell)).map_err(|it| E::TABLE.mismatch(*column, &it))?;
            }
            let number = Self::number_of(&it.object);
            (it.state, it.seen) = (SlotState::Persistent, self.now);
            if !number.is_some_and(|it| self.map.insert_new_number(it, *slot)) {
                self.register_row(*slot);
            }
            done += 1;
            Ok(())
        });
        for run in slots[..done].chunk_by(|a, b| a + 1 == *b) {
            let (slot, rows) = (run[0], run.len() as u32);
            match self.last_undo() {
                Some(Undo::Inserted { first, count }) if *first + *count == slot => *count += rows,
                _ => self.undo.push(Undo::Inserted { first: slot, count: rows }),
            }
        }
        taken_in
    }

    fn updated(&mut self, slot: u32, committed: bool) {
        self.slots[slot].written = false;
        self.age_computed(slot);
        let Some(copy) = self.copies.remove(slot) else { return };
        // A changed key is found under its new value from now on.
        let object = self.get(slot);
        let same = |column: usize| Mapped::field(object, column).same(Mapped::field(&copy, column));
        if !E::TABLE.primary_key().all(same) {
            self.unregister_as(&copy, slot);
            self.register_row(slot);
        }
        if !committed {
            self.undo.push(Undo::Updated(slot, Box::new(copy)));
        }
    }

    fn updated_in_part(&mut self, slot: u32, columns: ColumnSet, committed: bool) {
        self.age_computed(slot);
        let Some(copy) = self.copies.get(slot) else { return };
        let before = copy_of(copy);
        let moves = E::TABLE.primary_key().any(|it| columns.contains(it));
        if moves {
            self.unregister(slot);
        }
        let object = &self.slots[slot].object;
        let Some(copy) = self.copies.get_mut(slot) else { return };
        for column in columns.iter() {
            Mapped::field_mut(copy, column).copy_from(Mapped::field(object, column));
        }
        if moves {
            self.register_row(slot);
        }
        if !committed {
            self.undo.push(Undo::Updated(slot, Box::new(before)));
        }
    }

    fn follow(&mut self, slot: u32, values: &[(usize, Value)], committed: bool) {
        self.age_computed(slot);
        let was_written = self.slots[slot].written;
        let touched = self.touched.len();
        let moves = was_written && values.iter().any(|(column, _)| E::TABLE.columns[*column].primary_key);
        self.get_mut(slot);
        if moves {
            self.unregister(slot);
        }
        let object = &mut self.slots[slot].object;
        let Some(copy) = self.copies.get_mut(slot) else { return };
        let before = copy_of(copy);
        for (column, value) in values {
            let is_same = Mapped::field(object, *column).same(Mapped::field(copy, *column));
            // A value that one column holds, the other one that refers to it holds as well.
            let is_meant = self.again.get(&slot).is_some_and(|it| it.contains(*column));
            if is_same && !is_meant {
                let _ = Mapped::field_mut(object, *column).assign(value.as_ref());
            }
            if was_written {
                let _ = Mapped::field_mut(copy, *column).assign(value.as_ref());
            }
        }
        if moves {
            self.register(slot);
        }
        if !was_written {
            self.updated(slot, committed);
            // The program has not written it: the next write is the first.
            self.touched.truncate(touched);
        } else if !committed {
            self.undo.push(Undo::Updated(slot, Box::new(before)));
        }
    }

    fn take_displaced(&mut self) -> Vec<(u32, u32)> {
        std::mem::take(&mut self.displaced)
    }

    fn deleted(&mut self, slot: u32) {
        // Changes that were never sent end with the row: a rollback brings back what the database holds, under the key that it
        // has there.
        if let Some(copy) = self.copies.remove(slot) {
            *self.get_raw_mut(slot) = copy;
        }
        self.unregister(slot);
        let it = &mut self.slots[slot];
        it.state = SlotState::Gone;
        it.written = false;
        self.undo.push(Undo::Deleted(slot));
    }

    fn flushed(&mut self) {
        self.before_plan.clear();
        self.pending.clear();
        self.given.clear();
        for slot in self.touched.iter().copied() {
            // What the flush found nothing to update in is as the database has it.
            let written = &mut self.slots[slot].written;
            if std::mem::replace(written, false) {
                self.copies.remove(slot);
            }
        }
        self.touched.clear();
        self.computed.clear();
        self.again.clear();
    }

    fn has_changes(&self) -> bool {
        !(self.pending.is_empty() && self.touched.is_empty() && self.undo.is_empty())
    }

    fn committed(&mut self) -> Vec<(u32, u32)> {
        let mut gone = Vec::new();
        for change in std::mem::take(&mut self.undo) {
            if let Undo::Deleted(slot) = change {
                gone.push((slot, self.generation(slot)));
                self.forget_slot(slot);
            }
        }
        self.free.append(&mut self.forgotten);
        self.age(None);
        gone
    }

    fn rolled_back(&mut self) {
        self.savepoints.clear();
        self.undo_pending();
        self.undo_flushed(0);
        self.free.append(&mut self.forgotten);
        self.age(None);
    }

    fn savepoint_set(&mut self, savepoint: u32) {
        self.savepoints.push((savepoint, self.undo.len()));
    }

    fn savepoint_released(&mut self, savepoint: u32) {
        // Savepoints are numbered upwards.
        self.savepoints.retain(|(it, _)| *it < savepoint);
    }

    fn rolled_back_to(&mut self, savepoint: u32) {
        let length = self.savepoints.iter().find(|(it, _)| *it == savepoint).map_or(0, |(_, length)| *length);
        self.savepoint_released(savepoint);
        self.undo_pending();
        self.undo_flushed(length);
    }

    fn begin_populating(&mut self) {
        self.populated.clear();
    }

    fn age(&mut self, slot: Option<u32>) {
        match slot {
            Some(slot) => self.slots[slot].seen = self.now.wrapping_sub(1),
            None => self.now = self.now.wrapping_add(1),
        }
    }

    fn forget_relations(&mut self) {
        for it in self.slots.iter_mut() {
            for relation in 0..E::TABLE.relations.len() {
                match Entity::relation_mut(&mut it.object, relation) {
                    RelationMut::One(state) => *state = ToOneState::default(),
                    RelationMut::Many(state) => *state = ToManyState::default(),
                }
            }
        }
    }

    fn take_out(&mut self, relation: usize, gone: &[(u32, u32)]) {
        let is_gone = |raw: &RawObj| gone.binary_search(&(raw.slot, raw.generation)).is_ok();
        if !self.savepoints.is_empty() {
            // They come back with a rollback to the savepoint.
            let leads_there = |slot: &u32| match Entity::relation(self.get(*slot), relation) {
                RelationRef::One(state) => state.loaded.flatten().as_ref().is_some_and(is_gone),
                RelationRef::Many(state) => state.loaded().is_some_and(|it| it.iter().any(is_gone)),
            };
            let slots: Vec<u32> = (0..self.slot_count()).filter(leads_there).collect();
            slots.into_iter().for_each(|slot| self.note_relations(slot));
        }
        for it in self.slots.iter_mut() {
            match Entity::relation_mut(&mut it.object, relation) {
                RelationMut::One(state) if state.loaded.flatten().as_ref().is_some_and(is_gone) => {
                    state.loaded = Some(None);
                }
                RelationMut::Many(state) => state.retain(|raw| !is_gone(raw)),
                RelationMut::One(_) => {}
            }
        }
    }

    fn forget_related(&mut self, relation: usize, gone: &[(u32, u32)], were_rows: bool) {
        let is_gone = |raw: &RawObj| gone.binary_search(&(raw.slot, raw.generation)).is_ok();
        let now = self.slots.iter_mut().map(|it| Entity::relation_mut(&mut it.object, relation));
        // A rollback to a savepoint does not bring back what was forgotten.
        let then = self.undo.iter_mut().filter_map(|it| it.relation_mut(relation));
        for state in now.chain(then) {
            match state {
                // What the program has set to it is left for the flush to refuse.
                RelationMut::One(state)
                    if !state.changed && state.loaded.flatten().as_ref().is_some_and(is_gone) =>
                {
                    state.loaded = (!were_rows).then_some(None);
                }
                RelationMut::Many(state) => state.forget(is_gone, were_rows),
                RelationMut::One(_) => {}
            }
        }
    }

    fn lead_to(&mut self, objects: &[RawObj], relation: usize, target: RawObj) {
        let key = E::TABLE.relations[relation].link(E::TABLE).ok().map(|it| it.local);
        for object in objects {
            // The program has set the foreign key, and a flush has taken note of the relation already.
            let is_set = self.slots[object.slot].written
                && key.is_some_and(|it| self.changes(object.slot).contains(it));
            if is_set {
                continue;
            }
            self.note_relations(object.slot);
            match Entity::relation_mut(self.get_raw_mut(object.slot), relation) {
                RelationMut::One(state) if !state.changed => state.loaded = Some(Some(target)),
                RelationMut::One(_) | RelationMut::Many(_) => {}
            }
        }
    }

    fn unload(&mut self, slot: u32, relation: usize) {
        match self.object_mut(slot).relation_mut(relation) {
            RelationMut::One(state) if state.changed => {}
            RelationMut::One(state) => *state = ToOneState::default(),
            RelationMut::Many(state) => state.unload(),
        }
    }

    fn forget(&mut self, slot: u32) {
        self.expunge(slot);
    }

    fn expunge_all(&mut self) {
        self.undo.clear();
        self.savepoints.iter_mut().for_each(|(_, length)| *length = 0);
        self.forget_all();
    }

    fn clear(&mut self) {
        self.undo.clear();
        self.savepoints.clear();
        self.forget_all();
    }

    fn renew(&mut self) {
        Self::renew(self);
    }

    fn memory(&self) -> usize {
        self.slots.memory()
            + self.map.memory()
            + self.copies.memory()
            + self.free.capacity() * size_of::<u32>()
            + self.pending.capacity() * size_of::<(u32, u32)>()
            + self.touched.memory()
            + self.given.capacity() * size_of::<ColumnSet>()
            + self.undo.capacity() * size_of::<Undo<E>>()
            + size_of::<Self>()
    }
}
