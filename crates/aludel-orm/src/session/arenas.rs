//! The arenas of a session, one for each entity that it has met.

use std::any::{Any, TypeId};
use std::collections::{HashMap, HashSet};

use aludel_sql::{Cascade, Error, ErrorKind, Result, TableMeta};

use super::arena::{AnyArena, Arena, SlotState};
use super::spare;
use crate::entity::Entity;
use crate::obj::{Obj, RawObj};
use crate::relationship::{RelationMut, RelationRef};

/// All objects of a session.
pub(super) struct Arenas {
    session: u32,
    list: Vec<Box<dyn AnyArena>>,
    /// The types of the first ones; behind them `Nobody`.
    types: [TypeId; FEW],
    /// The places of all types, once they are many.
    by_type: HashMap<TypeId, usize, foldhash::fast::FixedState>,
    /// The savepoints that are set, the outermost first.
    savepoints: Vec<u32>,
    /// Whether one of them has relations that are loaded with every query.
    has_eager_loads: bool,
}

impl Drop for Arenas {
    fn drop(&mut self) {
        spare::keep(std::mem::take(&mut self.list));
    }
}

/// Room for so many entities is made at once: to let a vector grow takes several times as long.
const FIRST: usize = 4;

/// So many entities are found faster one after the other than by a hash.
const FEW: usize = 4;

/// No entity.
struct Nobody;

/// The objects that were here at some time: their generations, slot by slot, for each arena.
pub(super) struct Living(Vec<Vec<Option<u32>>>);

impl Arenas {
    pub(super) fn new(session: u32) -> Self {
        Self {
            session,
            list: Vec::new(),
            types: [TypeId::of::<Nobody>(); FEW],
            by_type: HashMap::default(),
            savepoints: Vec::new(),
            has_eager_loads: false,
        }
    }

    /// Tells whether an entity has relations that are loaded with every query.
    pub(super) fn has_eager_loads(&self) -> bool {
        self.has_eager_loads
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn at(&self, index: usize) -> &dyn AnyArena {
        &*self.list[index]
    }

    pub(super) fn at_mut(&mut self, index: usize) -> &mut dyn AnyArena {
        &mut *self.list[index]
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut dyn AnyArena> {
        self.list.iter_mut().map(|it| &mut **it as &mut dyn AnyArena)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &dyn AnyArena> {
        self.list.iter().map(|it| &**it)
    }

    /// Tells whether nothing is new, written, deleted or set to an expression since the last flush.
    pub(super) fn are_untouched(&self) -> bool {
        self.iter().all(|it| it.pending_count() == 0 && it.touched().is_empty() && it.computed().is_empty())
    }

    #[inline]
    fn find(&self, entity: TypeId) -> Option<usize> {
        if self.list.len() <= FEW {
            self.types.iter().position(|it| *it == entity)
        } else {
            self.by_type.get(&entity).copied()
        }
    }

    /// Returns the index of an entity's arena, making it if need be.
    #[inline]
    pub(super) fn index_of<E: Entity>(&mut self) -> usize {
        if let Some(index) = self.find(TypeId::of::<E>()) {
            return index;
        }
        self.meet::<E>()
    }

    /// Makes the arena of an entity that the session has not met.
    #[cold]
    fn meet<E: Entity>(&mut self) -> usize {
        self.has_eager_loads |= E::TABLE.loads_relations();
        let mut arena = spare::take(TypeId::of::<E>()).unwrap_or_else(|| Box::new(Arena::<E>::new()));
        self.savepoints.iter().for_each(|it| arena.savepoint_set(*it));
        if self.list.is_empty() {
            self.list = Vec::with_capacity(FIRST);
        }
        let index = self.list.len();
        self.list.push(arena);
        if let Some(place) = self.types.get_mut(index) {
            *place = TypeId::of::<E>();
        } else {
            let unknown = self.list.iter().enumerate().skip(self.by_type.len());
            self.by_type.extend(unknown.map(|(index, arena)| (arena.entity(), index)));
        }
        index
    }

    /// Returns the arena of an entity, if the session has met one.
    #[inline]
    pub(super) fn get<E: Entity>(&self) -> Option<&Arena<E>> {
        (&*self.list[self.find(TypeId::of::<E>())?] as &dyn Any).downcast_ref()
    }

    /// Returns the arena of an entity, making it if need be.
    #[inline]
    pub(super) fn of<E: Entity>(&mut self) -> &mut Arena<E> {
        let index = self.index_of::<E>();
        self.typed(index)
    }

    /// Returns the arena at this index, which must be that of `E`.
    #[inline]
    pub(super) fn typed<E: Entity>(&mut self, index: usize) -> &mut Arena<E> {
        (&mut *self.list[index] as &mut dyn Any).downcast_mut().expect("an arena is found by its type")
    }

    /// Lends two different objects, of two entities or of one, to be written.
    pub(super) fn pair_mut<E: Entity, T: Entity>(&mut self, a: u32, b: u32) -> Option<(&mut E, &mut T)> {
        let (index_a, index_b) = (self.index_of::<E>(), self.index_of::<T>());
        if index_a == index_b {
            let (a, b) = self.typed::<E>(index_a).pair_mut(a, b)?;
            // The same type under another name, which only a downcast can say.
            return Some((a, (b as &mut dyn Any).downcast_mut()?));
        }
        let [arena_a, arena_b] = self.list.get_disjoint_mut([index_a, index_b]).ok()?;
        let arena_a: &mut Arena<E> = (&mut **arena_a as &mut dyn Any).downcast_mut()?;
        let arena_b: &mut Arena<T> = (&mut **arena_b as &mut dyn Any).downcast_mut()?;
        Some((arena_a.get_mut(a), arena_b.get_mut(b)))
    }

    /// Returns the index of a table's arena.
    pub(super) fn of_table(&self, table: &TableMeta) -> Result<usize> {
        self.list.iter().position(|it| *it.table() == *table).ok_or_else(|| {
            Error::new(ErrorKind::State, format!("the session has met no {} yet", table.entity))
                .with_table(table.name)
        })
    }

    /// Ages the objects of tables whose rows have changed, nobody knows which.
    pub(super) fn age(&mut self, tables: &[&'static TableMeta]) {
        for arena in self.list.iter_mut().filter(|it| tables.contains(&it.table())) {
            arena.age(None);
        }
    }

    /// A query begins that overwrites each object whose row it meets.
    pub(super) fn begin_populating(&mut self) {
        self.list.iter_mut().for_each(|it| it.begin_populating());
    }

    /// Returns what is here.
    pub(super) fn living(&self) -> Living {
        let of_arena =
            |index: usize| (0..self.list[index].slot_count()).map(|slot| self.life_of(index, slot)).collect();
        Living((0..self.list.len()).map(of_arena).collect())
    }

    /// Returns what is here and was not there then.
    pub(super) fn since(&self, living: &Living) -> Vec<(usize, u32)> {
        let before = |index: usize, slot: u32| *living.0.get(index)?.get(slot as usize)?;
        let new = |index: usize| {
            let is_new = move |slot: &u32| {
                let life = self.life_of(index, *slot);
                life.is_some() && life != before(index, *slot)
            };
            (0..self.list[index].slot_count()).filter(is_new).map(move |slot| (index, slot))
        };
        (0..self.list.len()).flat_map(new).collect()
    }

    /// The generation of the object in a slot, if there is one.
    fn life_of(&self, index: usize, slot: u32) -> Option<u32> {
        let arena = &self.list[index];
        (arena.slot_state(slot) != SlotState::Detached).then(|| arena.generation(slot))
    }

    /// Takes objects of an arena (slot and generation) that were forgotten out of what all relations know.
    pub(super) fn forget_related(&mut self, index: usize, gone: &[(u32, u32)], were_rows: bool) {
        let table = self.list[index].table();
        for arena in &mut self.list {
            let relations = arena.table().relations.iter().enumerate();
            for (relation, _) in relations.filter(|(_, it)| *(it.target)() == *table) {
                arena.forget_related(relation, gone, were_rows);
            }
        }
    }

    /// Takes objects whose keys other rows have got out of what all relations know.
    pub(super) fn forget_displaced(&mut self) {
        for index in 0..self.list.len() {
            let mut gone = self.list[index].take_displaced();
            if !gone.is_empty() {
                gone.sort_unstable();
                self.forget_related(index, &gone, true);
            }
        }
    }

    /// The transaction was committed.
    pub(super) fn committed(&mut self) {
        for index in 0..self.list.len() {
            let mut gone = self.list[index].committed();
            if gone.is_empty() {
                continue;
            }
            gone.sort_unstable();
            let table = self.list[index].table();
            for arena in &mut self.list {
                let relations = arena.table().relations.iter().enumerate();
                for (relation, _) in relations.filter(|(_, it)| *(it.target)() == *table) {
                    arena.take_out(relation, &gone);
                }
            }
        }
    }

    /// The transaction was rolled back. What was loaded meanwhile may have shown rows that never were: if there were any changes,
    /// relations are to be loaded anew.
    pub(super) fn rolled_back(&mut self, had_changes: bool) {
        self.savepoints.clear();
        let had_changes = had_changes || self.list.iter().any(|it| it.has_changes());
        for arena in &mut self.list {
            arena.rolled_back();
            if had_changes {
                arena.forget_relations();
            }
        }
        self.forget_displaced();
    }

    /// A savepoint was set; savepoints are numbered upwards.
    pub(super) fn savepoint_set(&mut self, savepoint: u32) {
        self.savepoints.push(savepoint);
        self.iter_mut().for_each(|it| it.savepoint_set(savepoint));
    }

    /// A savepoint was released, and all in it.
    pub(super) fn savepoint_released(&mut self, savepoint: u32) {
        self.savepoints.retain(|it| *it < savepoint);
        self.iter_mut().for_each(|it| it.savepoint_released(savepoint));
    }

    /// The transaction was rolled back to a savepoint, which is gone now.
    pub(super) fn rolled_back_to(&mut self, savepoint: u32) {
        self.savepoints.retain(|it| *it < savepoint);
        self.iter_mut().for_each(|it| it.rolled_back_to(savepoint));
        self.forget_displaced();
    }

    /// Returns the handle of an object.
    pub(super) fn raw(&self, index: usize, slot: u32) -> RawObj {
        self.raw_of(slot, self.list[index].generation(slot))
    }

    /// Returns the handle of an object whose generation is known.
    #[inline]
    pub(super) fn raw_of(&self, slot: u32, generation: u32) -> RawObj {
        RawObj { session: self.session, slot, generation }
    }

    /// Tells whether a handle leads to an object of this session.
    pub(super) fn owns(&self, index: usize, raw: RawObj) -> bool {
        raw.session == self.session && self.list[index].state(raw.slot, raw.generation) != SlotState::Detached
    }

    /// Tells whether the flush that is being planned leaves an object out.
    pub(super) fn leaves_out(&self, index: usize, raw: RawObj) -> bool {
        raw.session == self.session && self.list[index].is_left_out(raw.slot, raw.generation)
    }

    /// Makes the typed handle of a slot.
    #[inline]
    pub(super) fn handle<E: Entity>(&self, index: usize, slot: u32) -> Obj<E> {
        Obj::new(self.raw(index, slot))
    }

    /// Finds what a cascade reaches from an object over loaded relations, the object itself first; each once, without recursion.
    pub(super) fn reached(&self, index: usize, slot: u32, cascade: Cascade) -> Vec<(usize, u32)> {
        let mut found = vec![(index, slot)];
        found.append(&mut self.reached_beyond(index, slot, cascade));
        found
    }

    /// As [`reached`](Self::reached), without the object itself.
    pub(super) fn reached_beyond(&self, index: usize, slot: u32, cascade: Cascade) -> Vec<(usize, u32)> {
        let mut found = Vec::new();
        if self.list[index].table().relations.is_empty() {
            return found;
        }
        let mut seen: HashSet<(usize, u32), foldhash::fast::FixedState> = HashSet::default();
        let (mut at, mut next) = ((index, slot), 0);
        loop {
            let (index, slot) = at;
            let relations = self.list[index].table().relations.iter().enumerate();
            for (relation, meta) in relations.filter(|(_, it)| it.cascade.has(cascade)) {
                let Ok(target) = self.of_table((meta.target)()) else { continue };
                let objects: &[RawObj] = match self.list[index].object(slot).relation(relation) {
                    RelationRef::One(state) => state.loaded.as_ref().map_or(&[], Option::as_slice),
                    RelationRef::Many(state) => state.loaded().unwrap_or_default(),
                };
                // Most reach nothing, and need no memory to find that out.
                if seen.is_empty() && !objects.is_empty() {
                    seen.insert(at);
                }
                let here =
                    objects.iter().filter(|raw| self.owns(target, **raw)).map(|raw| (target, raw.slot));
                found.extend(here.filter(|it| seen.insert(*it)));
            }
            let Some(following) = found.get(next) else { return found };
            (at, next) = (*following, next + 1);
        }
    }

    /// Adds an object to a loaded relation of another, or takes it out, without marking either as changed.
    pub(super) fn change_collection(
        &mut self,
        index: usize,
        slot: u32,
        relation: usize,
        object: RawObj,
        add: bool,
    ) {
        match self.list[index].object_mut(slot).relation_mut(relation) {
            RelationMut::Many(state) if add => state.admit(object),
            RelationMut::Many(state) => state.dismiss(object),
            RelationMut::One(state) => {
                if state.loaded.is_some() && add {
                    state.loaded = Some(Some(object));
                } else if state.loaded == Some(Some(object)) {
                    state.loaded = Some(None);
                }
            }
        }
    }
}
