//! The arena: the objects of one type that a session owns.
//!
//! A slot holds an object and what the session knows about it. The first write of an object keeps a copy of what the database
//! holds; a flush compares the two. Objects that nobody writes are never visited.

mod any_arena;
mod before_plan;
mod chunks;
mod computed;
mod copies;
mod copy;
mod keys;
mod load;
mod object;
mod undo;

use std::collections::{HashMap, HashSet};

use aludel_sql::{ColumnSet, Few, Mapped};

use super::identity_map::IdentityMap;
use super::table_facts::TableFacts;
use super::temporary_keys::TemporaryKeys;
use crate::draft::Blank;
use crate::entity::Entity;
use before_plan::Before;
use chunks::Chunks;
use computed::Computed;
use copies::Copies;
use copy::copy_of;
use undo::Undo;

pub(super) use any_arena::AnyArena;

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

/// Which objects that are here already the rows of a query overwrite.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Populate {
    /// Those that are aged and were not changed.
    #[default]
    Aged,
    /// All, but what the program changed stays changed.
    KeepChanges,
    /// All, changes included.
    Existing,
}

/// An object, and what the session knows about it.
struct Slot<E> {
    object: E,
    generation: u32,
    state: SlotState,
    /// When the object was last known to be as the row. At another time than the arena's it is *aged*: the next query that meets
    /// the row overwrites it.
    seen: u32,
    /// There is a copy of what the database holds.
    written: bool,
    /// It is to be deleted for good, whatever the entity says.
    purged: bool,
    /// The savepoint since which the relations as they were then are in the undo log.
    noted_since: u32,
}

/// The objects of one type.
pub(super) struct Arena<E> {
    slots: Chunks<Slot<E>>,
    free: Vec<u32>,
    /// Slots that were emptied while the undo log may still speak of them: they are free when it does not any more.
    forgotten: Vec<u32>,
    map: IdentityMap,
    /// What the database holds, for each object that was written.
    copies: Copies<E>,
    /// The objects that were written or deleted since the last flush, each once.
    touched: Few<u32, 4>,
    /// The columns that are to be sent though they hold what the database does: others than those who have these keys now are meant.
    again: HashMap<u32, ColumnSet, foldhash::fast::FixedState>,
    /// The columns that were set to SQL expressions since the last flush.
    computed: HashMap<u32, Vec<Computed>, foldhash::fast::FixedState>,
    /// The new objects since the last flush, in the order of adding, and which columns were given: an index into `given`.
    pending: Vec<(u32, u32)>,
    /// The sets of columns that new objects gave, each once: there are few.
    given: Vec<ColumnSet>,
    /// What the flush that is being planned has changed of itself, as it was.
    before_plan: Vec<Before<E>>,
    /// The new objects that it leaves out: the number that each had among the pending ones, and what stood there.
    left_out: Vec<(usize, (u32, u32))>,
    /// Objects that were forgotten because other rows have got their keys: relations may lead to them still.
    displaced: Vec<(u32, u32)>,
    /// What this transaction changed in memory, to be taken back by a rollback.
    undo: Vec<Undo<E>>,
    /// The savepoints of the transaction, the outermost first, and how long the undo log was.
    savepoints: Vec<(u32, usize)>,
    blank: E,
    /// Counts the ends of transactions: all objects age at once.
    now: u32,
    /// The objects that the running query has overwritten, where it overwrites all that it meets: once is enough, and the next row would
    /// forget what was loaded for them meanwhile.
    populated: HashSet<u32, foldhash::fast::FixedState>,
}

impl<E: Entity> Arena<E> {
    const FACTS: &'static TableFacts = &TableFacts::of(E::TABLE);

    pub(super) fn new() -> Self {
        let Ok(blank) = E::read(&mut Blank);
        Self {
            // A session that meets an entity takes an object in.
            slots: Chunks::new(),
            free: Vec::new(),
            forgotten: Vec::new(),
            map: IdentityMap::default(),
            copies: Copies::default(),
            touched: Few::default(),
            again: HashMap::default(),
            computed: HashMap::default(),
            pending: Vec::new(),
            given: Vec::new(),
            before_plan: Vec::new(),
            left_out: Vec::new(),
            displaced: Vec::new(),
            undo: Vec::new(),
            savepoints: Vec::new(),
            blank,
            now: 1,
            populated: HashSet::default(),
        }
    }

    /// Makes it as a new one, but for the memory that it has.
    fn renew(&mut self) {
        let Self {
            slots,
            free,
            forgotten,
            map,
            copies,
            touched,
            again,
            computed,
            pending,
            given,
            before_plan,
            left_out,
            displaced,
            undo,
            savepoints,
            // Nobody writes to it.
            blank: _,
            now,
            populated,
        } = self;
        slots.clear();
        map.clear();
        copies.clear();
        touched.clear();
        pending.clear();
        given.clear();
        undo.clear();
        savepoints.clear();
        free.clear();
        // Few sessions need memory for these.
        (*forgotten, *displaced, *before_plan, *left_out) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        (*again, *computed, *populated) = (HashMap::default(), HashMap::default(), HashSet::default());
        *now = 1;
    }

    #[inline]
    pub(super) fn get(&self, slot: u32) -> &E {
        &self.slots[slot].object
    }

    /// The object of a handle, unless it was forgotten.
    #[inline]
    pub(super) fn find_object(&self, slot: u32, generation: u32) -> Option<&E> {
        let it = self.slots.get(slot)?;
        (it.generation == generation && it.state != SlotState::Detached).then_some(&it.object)
    }

    #[inline]
    fn get_raw_mut(&mut self, slot: u32) -> &mut E {
        &mut self.slots[slot].object
    }

    /// Lends an object to be written; the first time a copy is kept.
    #[inline]
    pub(super) fn get_mut(&mut self, slot: u32) -> &mut E {
        let it = &mut self.slots[slot];
        let is_row = matches!(it.state, SlotState::Persistent | SlotState::Deleted);
        if is_row && !it.written {
            it.written = true;
            // What is to be deleted is among them already.
            if it.state == SlotState::Persistent {
                self.touched.push(slot);
            }
            self.note_relations(slot);
            let copy = copy_of(self.get(slot));
            self.copies.insert(slot, copy);
        }
        self.get_raw_mut(slot)
    }

    /// Lends two different objects to be written.
    pub(super) fn pair_mut(&mut self, a: u32, b: u32) -> Option<(&mut E, &mut E)> {
        self.get_mut(a);
        self.get_mut(b);
        let (a, b) = self.slots.pair_mut(a, b)?;
        Some((&mut a.object, &mut b.object))
    }

    /// Lends objects to be written: each once, in the order in which they are first named.
    pub(super) fn all_mut(&mut self, slots: &[u32]) -> Vec<&mut E> {
        let mut wanted: Vec<(u32, usize)> = slots.iter().copied().zip(0..).collect();
        wanted.sort_unstable();
        wanted.dedup_by_key(|(slot, _)| *slot);
        wanted.iter().for_each(|(slot, _)| {
            self.get_mut(*slot);
        });
        let mut lent = self.slots.all_mut(wanted);
        lent.sort_unstable_by_key(|(place, _)| *place);
        lent.into_iter().map(|(_, it)| &mut it.object).collect()
    }

    /// The slot that the next object gets.
    fn next_slot(&self) -> u32 {
        self.free.last().copied().unwrap_or_else(|| self.slots.len())
    }

    /// Takes an object in; returns its slot and generation.
    fn put(&mut self, object: E, state: SlotState) -> (u32, u32) {
        let seen = self.now;
        let new = |generation| Slot {
            object,
            generation,
            state,
            seen,
            written: false,
            purged: false,
            noted_since: 0,
        };
        let Some(slot) = self.free.pop() else { return (self.slots.push(new(0)), 0) };
        let generation = self.slots[slot].generation;
        self.slots[slot] = new(generation);
        (slot, generation)
    }

    /// Takes a new object in; returns its slot and generation.
    pub(super) fn add(&mut self, mut object: E, given: ColumnSet, keys: &mut TemporaryKeys) -> (u32, u32) {
        let slot = self.next_slot();
        if let Some(column) = Self::FACTS.generated_key
            && !given.contains(column)
        {
            keys.give(Mapped::field_mut(&mut object, column), E::TABLE, slot);
        }
        let number = self.number_of_given(given);
        self.pending.push((slot, number));
        self.put(object, SlotState::Pending)
    }

    /// Takes its temporary key from a new object, whose key is a placeholder again.
    pub(super) fn take_temporary_key(&mut self, slot: u32) {
        let given =
            self.pending.iter().find(|(it, _)| *it == slot).map(|(_, given)| self.given[*given as usize]);
        if let (Some(column), Some(given)) = (Self::FACTS.generated_key, given)
            && !given.contains(column)
        {
            let object = &mut self.slots[slot].object;
            Mapped::field_mut(object, column).copy_from(Mapped::field(&self.blank, column));
        }
    }

    /// The row of an object was changed: what the database computes of it, the next query shows.
    fn age_computed(&mut self, slot: u32) {
        if Self::FACTS.computes {
            self.age(Some(slot));
        }
    }

    /// The columns of these in which an object differs from what the database holds.
    fn changes_of(&self, slot: u32, columns: impl Iterator<Item = usize>) -> ColumnSet {
        let Some(copy) = self.copies.get(slot) else { return ColumnSet::EMPTY };
        let object = self.get(slot);
        // What the database computes is not the program's to change.
        let differs = |index: &usize| {
            E::TABLE.columns[*index].computed.is_none()
                && !Mapped::field(object, *index).same(Mapped::field(copy, *index))
        };
        columns.filter(differs).collect()
    }

    fn number_of_given(&mut self, given: ColumnSet) -> u32 {
        let known = self.given.iter().rposition(|it| *it == given).unwrap_or_else(|| {
            self.given.push(given);
            self.given.len() - 1
        });
        known as u32
    }

    /// Forgets the changes of an object that were not flushed: it is about to be read anew.
    pub(super) fn drop_changes(&mut self, slot: u32) {
        if let Some(copy) = self.copies.remove(slot) {
            *self.get_raw_mut(slot) = copy;
        }
        self.computed.remove(&slot);
        self.again.remove(&slot);
        let it = &mut self.slots[slot];
        it.written = false;
        if it.state != SlotState::Deleted {
            self.touched.retain(|it| *it != slot);
        }
    }

    /// Writes these columns of a struct to an object, but for its key.
    pub(super) fn overlay(&mut self, slot: u32, other: &E, columns: ColumnSet) {
        for column in columns.iter().filter(|column| !E::TABLE.columns[*column].primary_key) {
            let value = Mapped::field(other, column);
            if !Mapped::field(self.get(slot), column).same(value) {
                Mapped::field_mut(self.get_mut(slot), column).copy_from(value);
            }
        }
    }

    /// As `drop_changes`, for some columns.
    pub(super) fn drop_changes_of(&mut self, slot: u32, columns: ColumnSet) {
        self.drop_computed(slot, columns);
        let Some(copy) = self.copies.get(slot) else { return };
        let object = &mut self.slots[slot].object;
        for column in columns.iter() {
            Mapped::field_mut(object, column).copy_from(Mapped::field(copy, column));
        }
    }

    /// Empties a slot and hands out what was in it; handles that lead there are void from now on.
    fn forget_slot(&mut self, slot: u32) -> E {
        let Ok(blank) = E::read(&mut Blank);
        let object = std::mem::replace(self.get_raw_mut(slot), blank);
        let it = &mut self.slots[slot];
        it.generation = it.generation.wrapping_add(1);
        it.state = SlotState::Detached;
        it.written = false;
        self.copies.remove(slot);
        self.computed.remove(&slot);
        self.again.remove(&slot);
        if self.undo.is_empty() {
            self.free.push(slot);
        } else {
            self.forgotten.push(slot);
        }
        object
    }

    /// Forgets all objects; there is nothing in the undo log.
    fn forget_all(&mut self) {
        // A flush that was dropped midway has settled nothing.
        self.take_in_left_out();
        self.before_plan.clear();
        self.free.append(&mut self.forgotten);
        self.pending.clear();
        self.given.clear();
        self.touched.clear();
        self.copies.clear();
        self.map.clear();
        for slot in 0..self.slots.len() {
            if self.slots[slot].state != SlotState::Detached {
                self.forget_slot(slot);
            }
        }
    }

    /// Takes an object out of the session, with all that the transaction knows about it.
    pub(super) fn expunge(&mut self, slot: u32) -> E {
        match self.slots[slot].state {
            SlotState::Pending => self.pending.retain(|(it, _)| *it != slot),
            SlotState::Persistent | SlotState::Deleted => {
                self.unregister(slot);
                self.touched.retain(|it| *it != slot);
            }
            SlotState::Gone | SlotState::Detached => {}
        }
        let object = self.forget_slot(slot);
        self.shorten_undo();
        object
    }
}
