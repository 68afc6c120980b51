//! The arena: the objects of one type that a session owns.
//!
//! A slot holds an object and what the session knows about it. The first write of an object keeps a copy of what the database
//! holds; a flush compares the two. Objects that nobody writes are never visited.

use std::any::{Any, TypeId};
use std::collections::HashMap;

use aludel_sql::{Cells, ColumnSet, ColumnType, Mapped, Reader, Result, TableMeta, Value, ValueRef};

use super::identity_map::{IdentityMap, KeyRef, key_of};
use super::temporary_keys::TemporaryKeys;
use crate::collection::ToManyState;
use crate::draft::Blank;
use crate::entity::Entity;
use crate::obj::RawObj;
use crate::relationship::{RelationMut, RelationRef, ToOneState};

/// What a slot of an arena holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SlotState {
    /// An object that was added and is not in the database yet.
    Pending,
    /// An object that is in the database.
    Persistent,
    /// An object that is in the database and is to be deleted by the next flush.
    Deleted,
    /// An object that a flush deleted; it goes for good with the next commit.
    Gone,
    /// Nothing.
    Detached,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    generation: u32,
    state: SlotState,
    /// When the object was last known to be as the row. At another time than the arena's it is *aged*: the next query that meets
    /// the row overwrites it.
    seen: u32,
    /// There is a copy of what the database holds.
    written: bool,
    /// The savepoint since which the relations as they were then are in the undo log.
    noted_since: u32,
}

/// Objects are kept in chunks, so that growing moves none.
const CHUNK: usize = 256;

/// The objects of one type.
pub(super) struct Arena<E> {
    chunks: Vec<Vec<E>>,
    slots: Vec<Slot>,
    free: Vec<u32>,
    map: IdentityMap,
    /// What the database holds, for each object that was written.
    copies: HashMap<u32, E, foldhash::fast::FixedState>,
    /// The objects that were written or deleted since the last flush, each once.
    touched: Vec<u32>,
    /// The new objects since the last flush, in the order of adding, and which columns were given: an index into `given`.
    pending: Vec<(u32, u32)>,
    /// The sets of columns that new objects gave, each once: there are few.
    given: Vec<ColumnSet>,
    /// What this transaction changed in memory, to be taken back by a rollback.
    undo: Vec<Undo<E>>,
    /// The savepoints of the transaction, the outermost first, and how long the undo log was.
    savepoints: Vec<(u32, usize)>,
    blank: E,
    /// The column of the key, where it is one.
    key_column: Option<usize>,
    /// The columns that every INSERT gives, and those that it gives if the object does.
    always_given: ColumnSet,
    sometimes_given: Vec<usize>,
    /// Counts the ends of transactions: all objects age at once.
    now: u32,
}

/// One change of this transaction.
enum Undo<E> {
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
enum RelationState {
    One(ToOneState),
    Many(ToManyState),
}

/// Gives a copy of an object; relations are not copied, they keep their own changes.
struct CopyOf<'a, E>(&'a E);

impl<E: Mapped> Reader for CopyOf<'_, E> {
    type Error = std::convert::Infallible;

    fn column<T: ColumnType>(&mut self, index: usize) -> std::result::Result<T, Self::Error> {
        let field = self.0.field(index).as_any().downcast_ref::<T>();
        Ok(field.expect("a column is read as the type of its field").clone())
    }
}

fn copy_of<E: Mapped>(object: &E) -> E {
    let Ok(copy) = E::read(&mut CopyOf(object));
    copy
}

impl<E: Entity> Arena<E> {
    pub(super) fn new() -> Self {
        let Ok(blank) = E::read(&mut Blank);
        let mut key = E::TABLE.primary_key();
        let key_column = key.next().filter(|_| key.next().is_none());
        let made_by_database = |index: &usize| {
            let column = &E::TABLE.columns[*index];
            column.generated || column.server_default.is_some()
        };
        let (sometimes_given, always_given): (Vec<usize>, Vec<usize>) =
            (0..E::TABLE.columns.len()).partition(made_by_database);
        Self {
            chunks: Vec::new(),
            slots: Vec::new(),
            free: Vec::new(),
            map: IdentityMap::default(),
            copies: HashMap::default(),
            touched: Vec::new(),
            pending: Vec::new(),
            given: Vec::new(),
            undo: Vec::new(),
            savepoints: Vec::new(),
            blank,
            key_column,
            always_given: always_given.into_iter().collect(),
            sometimes_given,
            now: 1,
        }
    }

    #[inline]
    pub(super) fn get(&self, slot: u32) -> &E {
        &self.chunks[slot as usize / CHUNK][slot as usize % CHUNK]
    }

    #[inline]
    fn get_raw_mut(&mut self, slot: u32) -> &mut E {
        &mut self.chunks[slot as usize / CHUNK][slot as usize % CHUNK]
    }

    /// Lends an object to be written; the first time a copy is kept.
    #[inline]
    pub(super) fn get_mut(&mut self, slot: u32) -> &mut E {
        let it = &mut self.slots[slot as usize];
        if it.state == SlotState::Persistent && !it.written {
            it.written = true;
            self.note_relations(slot);
            self.touched.push(slot);
            let copy = copy_of(self.get(slot));
            self.copies.insert(slot, copy);
        }
        self.get_raw_mut(slot)
    }

    /// Lends two different objects to be written.
    pub(super) fn pair_mut(&mut self, a: u32, b: u32) -> Option<(&mut E, &mut E)> {
        self.get_mut(a);
        self.get_mut(b);
        let place = |slot: u32| (slot as usize / CHUNK, slot as usize % CHUNK);
        let ((chunk_a, a), (chunk_b, b)) = (place(a), place(b));
        if chunk_a == chunk_b {
            let [a, b] = self.chunks[chunk_a].get_disjoint_mut([a, b]).ok()?;
            return Some((a, b));
        }
        let [chunk_a, chunk_b] = self.chunks.get_disjoint_mut([chunk_a, chunk_b]).ok()?;
        Some((&mut chunk_a[a], &mut chunk_b[b]))
    }

    /// Lends objects to be written: each once, in the order in which they are first named.
    pub(super) fn all_mut(&mut self, slots: &[u32]) -> Vec<&mut E> {
        let mut wanted: Vec<(u32, usize)> = slots.iter().copied().zip(0..).collect();
        wanted.sort_unstable();
        wanted.dedup_by_key(|(slot, _)| *slot);
        wanted.iter().for_each(|(slot, _)| {
            self.get_mut(*slot);
        });
        let mut lent: Vec<(usize, &mut E)> = Vec::with_capacity(wanted.len());
        let mut wanted = wanted.into_iter().peekable();
        for (number, chunk) in self.chunks.iter_mut().enumerate() {
            let mut next = number * CHUNK;
            let mut objects = chunk.iter_mut();
            while let Some((slot, place)) = wanted.next_if(|(slot, _)| *slot as usize / CHUNK == number) {
                let object = objects.nth(slot as usize - next).expect("a slot in use has an object");
                next = slot as usize + 1;
                lent.push((place, object));
            }
        }
        lent.sort_unstable_by_key(|(place, _)| *place);
        lent.into_iter().map(|(_, object)| object).collect()
    }

    fn put(&mut self, object: E, state: SlotState) -> u32 {
        let seen = self.now;
        let new = |generation| Slot { generation, state, seen, written: false, noted_since: 0 };
        if let Some(slot) = self.free.pop() {
            self.slots[slot as usize] = new(self.slots[slot as usize].generation);
            *self.get_raw_mut(slot) = object;
            return slot;
        }
        let slot =
            u32::try_from(self.slots.len()).expect("a session holds fewer than 2^32 objects of a type");
        self.slots.push(new(0));
        match self.chunks.last_mut() {
            Some(chunk) if chunk.len() < CHUNK => chunk.push(object),
            _ => {
                let mut chunk = Vec::with_capacity(CHUNK);
                chunk.push(object);
                self.chunks.push(chunk);
            }
        }
        slot
    }

    /// Takes a new object in.
    pub(super) fn add(&mut self, object: E, given: ColumnSet, keys: &mut TemporaryKeys) -> u32 {
        let slot = self.put(object, SlotState::Pending);
        let number = self.number_of_given(given);
        self.pending.push((slot, number));
        if let Some(column) = E::TABLE.generated_key()
            && !given.contains(column)
        {
            keys.give(Mapped::field_mut(self.get_raw_mut(slot), column), E::TABLE, slot);
        }
        slot
    }

    fn number_of_given(&mut self, given: ColumnSet) -> u32 {
        let known = self.given.iter().rposition(|it| *it == given).unwrap_or_else(|| {
            self.given.push(given);
            self.given.len() - 1
        });
        known as u32
    }

    /// Finds or takes in the object of a row.
    #[inline]
    pub(super) fn load(&mut self, cells: &[ValueRef<'_>], overwrite: bool) -> Result<u32> {
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

    /// Keeps the relations of an object as they are, if that was not done since the savepoint.
    #[inline]
    fn note_relations(&mut self, slot: u32) {
        if let Some((savepoint, _)) = self.savepoints.last()
            && self.slots[slot as usize].noted_since != *savepoint
        {
            self.slots[slot as usize].noted_since = *savepoint;
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
    fn note_loaded(&mut self, slot: u32) {
        if self.savepoints.is_empty() {
            return;
        }
        match self.last_undo() {
            Some(Undo::Loaded { first, count }) if *first + *count == slot => *count += 1,
            _ => self.undo.push(Undo::Loaded { first: slot, count: 1 }),
        }
    }

    /// The last change since the savepoint.
    fn last_undo(&mut self) -> Option<&mut Undo<E>> {
        let savepoint = self.savepoints.last().map_or(0, |(_, length)| *length);
        self.undo[savepoint..].last_mut()
    }

    /// Takes back what was not flushed.
    fn undo_pending(&mut self) {
        for (slot, _) in std::mem::take(&mut self.pending) {
            self.forget_slot(slot);
        }
        for slot in std::mem::take(&mut self.touched) {
            let it = &mut self.slots[slot as usize];
            if it.state == SlotState::Deleted {
                it.state = SlotState::Persistent;
            }
            it.written = false;
            if let Some(copy) = self.copies.remove(&slot) {
                *self.get_raw_mut(slot) = copy;
            }
        }
    }

    /// Takes back what was flushed, the last change first, until the log is as long as it was.
    fn undo_flushed(&mut self, length: usize) {
        for change in self.undo.split_off(length).into_iter().rev() {
            match change {
                Undo::Inserted { first, count } => {
                    for slot in first..first + count {
                        if self.slots[slot as usize].state != SlotState::Gone {
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
                    self.slots[slot as usize].state = SlotState::Persistent;
                    self.register(slot);
                }
                Undo::Loaded { first, count } => {
                    (first..first + count).for_each(|slot| self.age(Some(slot)));
                }
                Undo::Refreshed(slot, before, seen) => {
                    *self.get_raw_mut(slot) = *before;
                    self.slots[slot as usize].seen = seen;
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

    /// Forgets the changes of an object that were not flushed: it is about to be read anew.
    pub(super) fn drop_changes(&mut self, slot: u32) {
        if let Some(copy) = self.copies.remove(&slot) {
            *self.get_raw_mut(slot) = copy;
        }
        self.slots[slot as usize].written = false;
        self.touched.retain(|it| *it != slot);
    }

    pub(super) fn find(&self, key: &[Value]) -> Option<u32> {
        let parts: Vec<ValueRef<'_>> = key.iter().map(Value::as_ref).collect();
        self.map.find(KeyRef::of(&parts)?, |slot| self.get(slot))
    }

    fn register(&mut self, slot: u32) {
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

    fn unregister(&mut self, slot: u32) {
        let key = key_of(self.get(slot));
        let parts: Vec<ValueRef<'_>> = key.iter().map(Value::as_ref).collect();
        if let Some(key) = KeyRef::of(&parts) {
            self.map.remove(key, slot);
        }
    }

    fn forget_slot(&mut self, slot: u32) {
        let Ok(blank) = E::read(&mut Blank);
        *self.get_raw_mut(slot) = blank;
        let it = &mut self.slots[slot as usize];
        it.generation = it.generation.wrapping_add(1);
        it.state = SlotState::Detached;
        it.written = false;
        self.copies.remove(&slot);
        self.free.push(slot);
    }
}

/// An arena, whatever its type: what a flush works with.
pub(super) trait AnyArena: Send + Sync {
    fn table(&self) -> &'static TableMeta;
    /// The type of the objects.
    fn entity(&self) -> TypeId;
    fn as_any(&self) -> &dyn Any;
    fn as_any_mut(&mut self) -> &mut dyn Any;

    fn state(&self, slot: u32, generation: u32) -> SlotState;
    /// The state of a slot, whoever is in it.
    fn slot_state(&self, slot: u32) -> SlotState;
    fn generation(&self, slot: u32) -> u32;
    fn is_aged(&self, slot: u32) -> bool;
    fn object(&self, slot: u32) -> &dyn Object;
    fn find_key(&self, key: &[Value]) -> Option<u32>;

    /// The number of new objects.
    fn pending_count(&self) -> usize;
    /// A new object and its given columns; they are numbered in the order of adding.
    fn pending(&self, number: usize) -> (u32, ColumnSet);
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
    /// The primary key as the database knows it, where it differs from the object's.
    fn database_key(&self, slot: u32, column: usize) -> Option<&dyn aludel_sql::Field>;

    /// Marks an object to be written by the flush itself.
    fn write(&mut self, slot: u32) -> &mut dyn Object;
    /// Lends an object without marking it.
    fn object_mut(&mut self, slot: u32) -> &mut dyn Object;
    /// Marks an object to be deleted; a new one is forgotten.
    fn delete(&mut self, slot: u32);

    /// The flush inserted these objects; `answer` gives the value that came back for the nth of them and the mth column of `returning`.
    fn inserted<'a>(
        &mut self,
        slots: &[u32],
        returning: &[usize],
        answer: &dyn Fn(usize, usize) -> ValueRef<'a>,
    ) -> Result<()>;
    /// The flush updated this object; if the transaction is committed already, there is nothing left to undo.
    fn updated(&mut self, slot: u32, committed: bool);
    /// The flush found nothing to update: the object is as the database has it.
    fn unchanged(&mut self, slot: u32);
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
    /// Forgets what was loaded for the relations of all objects.
    fn forget_relations(&mut self);
    /// Takes these objects (slot and generation) out of what a relation of any object has loaded.
    fn take_out(&mut self, relation: usize, gone: &[(u32, u32)]);
    /// Forgets all objects.
    fn clear(&mut self);
}

/// An object, whatever its type.
pub(super) trait Object {
    fn field(&self, column: usize) -> &dyn aludel_sql::Field;
    fn field_mut(&mut self, column: usize) -> &mut dyn aludel_sql::Field;
    fn relation(&self, index: usize) -> RelationRef<'_>;
    fn relation_mut(&mut self, index: usize) -> RelationMut<'_>;
}

impl<E: Entity> Object for E {
    fn field(&self, column: usize) -> &dyn aludel_sql::Field {
        Mapped::field(self, column)
    }

    fn field_mut(&mut self, column: usize) -> &mut dyn aludel_sql::Field {
        Mapped::field_mut(self, column)
    }

    fn relation(&self, index: usize) -> RelationRef<'_> {
        Entity::relation(self, index)
    }

    fn relation_mut(&mut self, index: usize) -> RelationMut<'_> {
        Entity::relation_mut(self, index)
    }
}

impl<E: Entity> AnyArena for Arena<E> {
    fn table(&self) -> &'static TableMeta {
        E::TABLE
    }

    fn entity(&self) -> TypeId {
        TypeId::of::<E>()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn state(&self, slot: u32, generation: u32) -> SlotState {
        match self.slots.get(slot as usize) {
            Some(it) if it.generation == generation => it.state,
            _ => SlotState::Detached,
        }
    }

    fn slot_state(&self, slot: u32) -> SlotState {
        self.slots[slot as usize].state
    }

    fn generation(&self, slot: u32) -> u32 {
        self.slots[slot as usize].generation
    }

    fn is_aged(&self, slot: u32) -> bool {
        self.slots[slot as usize].seen != self.now
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

    fn mark_given(&mut self, slot: u32, column: usize) {
        let Some(at) = self.pending.iter().rposition(|(it, _)| *it == slot) else { return };
        let mut given = self.given[self.pending[at].1 as usize];
        given.insert(column);
        self.pending[at].1 = self.number_of_given(given);
    }

    fn insert_columns(&self, slot: u32, given: ColumnSet) -> ColumnSet {
        let mut columns = self.always_given;
        for index in &self.sometimes_given {
            // A column with a default that was written after `add` counts as given; a key does not, it holds a temporary one.
            if given.contains(*index) || (!E::TABLE.columns[*index].generated && !self.is_unset(slot, *index))
            {
                columns.insert(*index);
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
        let Some(copy) = self.copies.get(&slot) else { return ColumnSet::EMPTY };
        let object = self.get(slot);
        let differs = |index: &usize| !Mapped::field(object, *index).same(Mapped::field(copy, *index));
        (0..E::TABLE.columns.len()).filter(differs).collect()
    }

    fn database_key(&self, slot: u32, column: usize) -> Option<&dyn aludel_sql::Field> {
        self.copies.get(&slot).map(|copy| Mapped::field(copy, column))
    }

    fn write(&mut self, slot: u32) -> &mut dyn Object {
        self.get_mut(slot)
    }

    fn object_mut(&mut self, slot: u32) -> &mut dyn Object {
        self.note_relations(slot);
        self.get_raw_mut(slot)
    }

    fn delete(&mut self, slot: u32) {
        match self.slots[slot as usize].state {
            SlotState::Pending => {
                self.pending.retain(|(it, _)| *it != slot);
                self.forget_slot(slot);
            }
            SlotState::Persistent => {
                self.slots[slot as usize].state = SlotState::Deleted;
                if !self.slots[slot as usize].written {
                    self.touched.push(slot);
                }
            }
            SlotState::Deleted | SlotState::Gone | SlotState::Detached => {}
        }
    }

    fn inserted<'a>(
        &mut self,
        slots: &[u32],
        returning: &[usize],
        answer: &dyn Fn(usize, usize) -> ValueRef<'a>,
    ) -> Result<()> {
        for (at, slot) in slots.iter().enumerate() {
            for (cell, column) in returning.iter().enumerate() {
                let field = Mapped::field_mut(self.get_raw_mut(*slot), *column);
                field.assign(answer(at, cell)).map_err(|it| E::TABLE.mismatch(*column, &it))?;
            }
            self.slots[*slot as usize].state = SlotState::Persistent;
            self.register(*slot);
            match self.last_undo() {
                Some(Undo::Inserted { first, count }) if *first + *count == *slot => *count += 1,
                _ => self.undo.push(Undo::Inserted { first: *slot, count: 1 }),
            }
        }
        Ok(())
    }

    fn updated(&mut self, slot: u32, committed: bool) {
        self.slots[slot as usize].written = false;
        let Some(copy) = self.copies.remove(&slot) else { return };
        // A changed key is found under its new value from now on.
        let object = self.get(slot);
        let same = |column: usize| Mapped::field(object, column).same(Mapped::field(&copy, column));
        if !E::TABLE.primary_key().all(same) {
            let old = key_of(&copy);
            let parts: Vec<ValueRef<'_>> = old.iter().map(Value::as_ref).collect();
            if let Some(key) = KeyRef::of(&parts) {
                self.map.remove(key, slot);
            }
            self.register(slot);
        }
        if !committed {
            self.undo.push(Undo::Updated(slot, Box::new(copy)));
        }
    }

    fn unchanged(&mut self, slot: u32) {
        self.slots[slot as usize].written = false;
        self.copies.remove(&slot);
    }

    fn deleted(&mut self, slot: u32) {
        // Changes that were never sent end with the row: a rollback brings back what the database holds, under the key that it
        // has there.
        if let Some(copy) = self.copies.remove(&slot) {
            *self.get_raw_mut(slot) = copy;
        }
        self.unregister(slot);
        let it = &mut self.slots[slot as usize];
        it.state = SlotState::Gone;
        it.written = false;
        self.undo.push(Undo::Deleted(slot));
    }

    fn flushed(&mut self) {
        self.pending.clear();
        self.given.clear();
        self.touched.clear();
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
        self.age(None);
        gone
    }

    fn rolled_back(&mut self) {
        self.savepoints.clear();
        self.undo_pending();
        self.undo_flushed(0);
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

    fn age(&mut self, slot: Option<u32>) {
        match slot {
            Some(slot) => self.slots[slot as usize].seen = self.now.wrapping_sub(1),
            None => self.now = self.now.wrapping_add(1),
        }
    }

    fn forget_relations(&mut self) {
        for object in self.chunks.iter_mut().flatten() {
            for relation in 0..E::TABLE.relations.len() {
                match Entity::relation_mut(object, relation) {
                    RelationMut::One(state) => *state = ToOneState::default(),
                    RelationMut::Many(state) => *state = ToManyState::default(),
                }
            }
        }
    }

    fn take_out(&mut self, relation: usize, gone: &[(u32, u32)]) {
        let is_gone = |raw: &RawObj| gone.binary_search(&(raw.slot, raw.generation)).is_ok();
        for object in self.chunks.iter_mut().flatten() {
            match Entity::relation_mut(object, relation) {
                RelationMut::One(state) if state.loaded.flatten().as_ref().is_some_and(is_gone) => {
                    state.loaded = Some(None);
                }
                RelationMut::Many(state) => state.retain(|raw| !is_gone(raw)),
                RelationMut::One(_) => {}
            }
        }
    }

    fn clear(&mut self) {
        self.pending.clear();
        self.touched.clear();
        self.undo.clear();
        self.savepoints.clear();
        self.copies.clear();
        self.map.clear();
        for slot in 0..self.slots.len() {
            if self.slots[slot].state != SlotState::Detached {
                self.forget_slot(u32::try_from(slot).expect("slots are numbered by u32"));
            }
        }
    }
}
