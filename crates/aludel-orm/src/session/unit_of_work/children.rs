//! The children of an object: those that are here, found by foreign key, and reading those that are not.

use std::collections::BTreeMap;

use aludel_sql::{Field, Link, RelationKind, RelationMeta, Result};

use crate::key_text::{ByKey, KeyText};
use crate::loading::read_relation;
use crate::obj::RawObj;
use crate::relationship::RelationRef;
use crate::session::Session;
use crate::session::arena::SlotState;
use crate::session::arenas::Arenas;

/// Objects of one arena.
pub(super) struct Objects {
    pub(super) arena: usize,
    pub(super) slots: Vec<u32>,
}

impl Objects {
    /// Those of each arena, of which there are several.
    pub(super) fn by_arena(objects: impl IntoIterator<Item = (usize, u32)>) -> impl Iterator<Item = Self> {
        let mut by_arena: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
        objects.into_iter().for_each(|(index, slot)| by_arena.entry(index).or_default().push(slot));
        by_arena.into_iter().map(|(arena, slots)| Self { arena, slots })
    }
}

/// The children of these parents that are here: pairs of the parent's slot and the child.
///
/// A child that is told of a parent holds the key that this gets, any other the one that its row has.
///
/// An object from an earlier transaction counts only if the program set its foreign key or if it was met again in this one: another program
/// may have given it another parent meanwhile. `just_read` says that the relation of all these parents was read: then what it led to was met,
/// changed or not.
pub(super) fn children(
    arenas: &Arenas,
    parents: (usize, &[u32]),
    relation: (usize, &RelationMeta),
    link: Link,
    just_read: bool,
) -> Vec<(u32, (usize, u32))> {
    let held = held(arenas, parents, relation, link, just_read).into_iter();
    held.filter(|it| it.is_known).map(|it| (it.parent, it.child)).collect()
}

/// Those of these parents with a child that does not count: only the database knows whether it is theirs still.
pub(super) fn unsure_parents(
    arenas: &Arenas,
    parents: (usize, &[u32]),
    relation: (usize, &RelationMeta),
    link: Link,
) -> Vec<u32> {
    let held = held(arenas, parents, relation, link, false).into_iter();
    held.filter(|it| !it.is_known).map(|it| it.parent).collect()
}

/// An object that holds the key of a parent.
struct Held {
    parent: u32,
    child: (usize, u32),
    is_known: bool,
}

fn held(
    arenas: &Arenas,
    (index, parents): (usize, &[u32]),
    (relation, meta): (usize, &RelationMeta),
    link: Link,
    just_read: bool,
) -> Vec<Held> {
    let Ok(target) = arenas.of_table((meta.target)()) else { return Vec::new() };
    let text = |field: &dyn Field| KeyText::of(&field.encode().into_value());
    let arena = arenas.at(index);
    let key = |slot: u32| text(arena.object(slot).field(link.local));
    let known_key = |slot: u32| arena.written_over(slot, link.local).map(text);
    let mut by_key: ByKey<Parents> = ByKey::default();
    for slot in parents.iter().copied() {
        let key = key(slot);
        if let Some(known) = known_key(slot).filter(|it| *it != key) {
            by_key.entry(known).or_default().before = Some(slot);
            by_key.entry(key).or_default().behind = Some(slot);
        } else {
            by_key.insert(key, Parents { before: Some(slot), behind: Some(slot) });
        }
    }
    let arena = arenas.at(target);
    let is_known = |slot: u32, parent: u32| {
        !arena.is_aged(slot)
            || arena.changes(slot).contains(link.remote)
            || (just_read || is_current(arenas, (index, parent), relation))
                && leads_to(arenas, (index, parent), relation, arenas.raw(target, slot))
    };
    let parent_of = |slot: u32| {
        let parents = by_key.get(&text(arena.object(slot).field(link.remote)))?;
        if gets_key(arenas, (target, slot), link) {
            parents.behind.or(parents.before)
        } else {
            parents.before
        }
    };
    (0..arena.slot_count())
        .filter(|slot| matches!(arena.slot_state(*slot), SlotState::Pending | SlotState::Persistent))
        .filter_map(|slot| Some((parent_of(slot)?, slot)))
        .map(|(parent, slot)| Held { parent, child: (target, slot), is_known: is_known(slot, parent) })
        .collect()
}

/// Those of some parents that have a key before a flush and behind it.
#[derive(Default)]
struct Parents {
    before: Option<u32>,
    behind: Option<u32>,
}

/// Tells whether the row of a child has another foreign key before the flush, or none.
pub(super) fn gets_key(arenas: &Arenas, (index, slot): (usize, u32), link: Link) -> bool {
    let arena = arenas.at(index);
    arena.slot_state(slot) == SlotState::Pending || arena.changes(slot).contains(link.remote)
}

/// Tells whether a relation of an object was loaded and leads to another.
fn leads_to(arenas: &Arenas, (index, slot): (usize, u32), relation: usize, child: RawObj) -> bool {
    match arenas.at(index).object(slot).relation(relation) {
        RelationRef::One(state) => state.loaded == Some(Some(child)),
        RelationRef::Many(state) => state.loaded().is_some_and(|it| it.contains(&child)),
    }
}

/// Tells whether a relation of an object was loaded in this transaction, all of it, so that reading it would find nothing new.
pub(in crate::session) fn is_current(arenas: &Arenas, (index, slot): (usize, u32), relation: usize) -> bool {
    let arena = arenas.at(index);
    !arena.is_aged(slot)
        && match arena.object(slot).relation(relation) {
            RelationRef::One(state) => state.loaded.is_some() && !state.blind,
            RelationRef::Many(state) => state.whole().is_some(),
        }
}

/// Those of these objects of whom only the database knows what their `HasOne` led to before the program set it.
pub(super) fn set_blindly(
    arenas: &Arenas,
    (index, parents): (usize, &[u32]),
    relation: usize,
) -> Result<Vec<u32>> {
    let table = arenas.at(index).table();
    let meta = &table.relations[relation];
    let unsure = unsure_parents(arenas, (index, parents), (relation, meta), meta.link(table)?);
    let is_blind = |it: &u32| !is_current(arenas, (index, *it), relation) || unsure.contains(it);
    Ok(parents.iter().copied().filter(is_blind).collect())
}

/// The objects whose `HasOne` the program has set since the last flush, relation by relation. New objects are not among them: nothing
/// could have led to them before.
pub(super) fn set_to_one(arenas: &Arenas) -> Vec<(Objects, usize)> {
    let mut found = Vec::new();
    for index in 0..arenas.len() {
        let arena = arenas.at(index);
        let relations = arena.table().relations.iter().enumerate();
        for (relation, _) in relations.filter(|(_, it)| it.kind == RelationKind::HasOne) {
            let is_set = |slot: &u32| {
                arena.slot_state(*slot) == SlotState::Persistent
                    && matches!(arena.object(*slot).relation(relation), RelationRef::One(it) if it.changed)
            };
            let slots: Vec<u32> = arena.touched().iter().copied().filter(is_set).collect();
            if !slots.is_empty() {
                found.push((Objects { arena: index, slots }, relation));
            }
        }
    }
    found
}

/// Reads a relation of objects in the midst of a flush; rows that were deleted softly as well, if they matter.
pub(super) async fn read(
    session: &mut Session,
    objects: &Objects,
    relation: usize,
    with_deleted: bool,
) -> Result<()> {
    let Objects { arena, slots } = objects;
    let raw: Vec<RawObj> = slots.iter().map(|slot| session.arenas.raw(*arena, *slot)).collect();
    let meta = &session.arenas.at(*arena).table().relations[relation];
    // If this future is dropped, or fails, part of the flush is done in memory.
    session.failure = Some("a flush was not awaited to its end".into());
    let read = read_relation(session, relation, &raw, meta, with_deleted).await;
    session.failure = read.as_ref().err().map(|error| error.what().to_owned().into());
    read.map_err(|error| error.doing("reading what goes with the changes of a flush"))
}
