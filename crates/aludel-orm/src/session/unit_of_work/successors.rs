//! Objects that replace deleted ones: they get their keys in the same flush, but not their children.

use std::collections::HashSet;

use aludel_sql::{Error, ErrorKind, Link, RelationKind, RelationMeta, Result};

use super::children::{Objects, gets_key};
use super::holders::new_holders_of;
use super::key_values::describe_row;
use super::relations::GivenByRelation;
use crate::key_text::KeyText;
use crate::obj::RawObj;
use crate::relationship::RelationRef;
use crate::session::arenas::Arenas;

/// The objects that get keys of deleted ones in the same flush: what the program gave to them is no child of those.
pub(super) struct Successors {
    /// The keys that they get.
    keys: HashSet<KeyText>,
    /// The slots of objects whose relations lead to them, in order.
    followed_by: Vec<u32>,
}

impl Successors {
    /// Finds those of deleted parents, before children are read: what is read shows relations as the database has them.
    ///
    /// # Errors
    ///
    /// Kind `State` where the row of a child refers to the deleted parent already: it would have to be without one for a while.
    pub(super) fn of(
        arenas: &Arenas,
        parents: &Objects,
        meta: &RelationMeta,
        given: &GivenByRelation,
        is_gone: impl Fn((usize, u32)) -> bool,
    ) -> Result<Option<Self>> {
        if !matches!(meta.kind, RelationKind::HasOne | RelationKind::HasMany) {
            return Ok(None);
        }
        let link = meta.link(arenas.at(parents.arena).table())?;
        let mut replaced =
            new_holders_of(arenas, parents.arena, link.local, |slot| !is_gone((parents.arena, slot)));
        if !replaced.is_empty() {
            let arena = arenas.at(parents.arena);
            let known = |slot: &u32| KeyText::of(&arena.known(*slot, link.local).encode().into_value());
            let gone = parents.slots.iter().map(known);
            let gone: HashSet<KeyText> = gone.collect();
            replaced.retain(|key, _| gone.contains(key));
        }
        let Some(target) = arenas.of_table((meta.target)()).ok().filter(|_| !replaced.is_empty()) else {
            return Ok(None);
        };
        let slots: HashSet<u32> = replaced.values().copied().collect();
        let follows = |slot: &u32| match meta.inverse {
            Some(_) => parent_of(arenas, (target, *slot), meta)
                .is_some_and(|it| slots.contains(&it.slot) && arenas.owns(parents.arena, it)),
            None => given.get(&(target, *slot)).is_some_and(|it| it.contains(link.remote)),
        };
        let followed_by: Vec<u32> = (0..arenas.at(target).slot_count()).filter(follows).collect();
        for slot in &followed_by {
            let child = (target, *slot);
            if let Some(parent) = replaced.get(&key_of(arenas, child, link.remote))
                && !gets_key(arenas, child, link)
            {
                return Err(stays_between(arenas, child, (parents.arena, *parent)));
            }
        }
        Ok(Some(Self { keys: replaced.into_keys().collect(), followed_by }))
    }

    /// Tells whether a child that holds the key of a deleted parent is that of its successor.
    pub(super) fn have(&self, arenas: &Arenas, child: (usize, u32), meta: &RelationMeta, link: Link) -> bool {
        let is_free =
            self.followed_by.binary_search(&child.1).is_ok() || parent_of(arenas, child, meta).is_none();
        is_free && gets_key(arenas, child, link) && self.keys.contains(&key_of(arenas, child, link.remote))
    }
}

fn key_of(arenas: &Arenas, (index, slot): (usize, u32), column: usize) -> KeyText {
    KeyText::of(&arenas.at(index).object(slot).field(column).encode().into_value())
}

/// The parent that the relation of a child leads to.
pub(super) fn parent_of(arenas: &Arenas, (index, slot): (usize, u32), meta: &RelationMeta) -> Option<RawObj> {
    match arenas.at(index).object(slot).relation(meta.inverse?) {
        RelationRef::One(state) => state.loaded.flatten(),
        RelationRef::Many(_) => None,
    }
}

#[cold]
fn stays_between(arenas: &Arenas, child: (usize, u32), parent: (usize, u32)) -> Error {
    let table = arenas.at(child.0).table();
    let describe = |(index, slot)| describe_row(arenas.at(index), slot, false);
    let (child, parent) = (describe(child), describe(parent));
    Error::new(
        ErrorKind::State,
        format!("{child} cannot stay with {parent}, which is deleted and made anew in the same flush"),
    )
    .with_table(table.name)
    .help("change the object that is here instead of replacing it; or flush the deletion first")
}
