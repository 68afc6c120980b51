//! What goes with deleted objects: their children are deleted as well, or lose their foreign key, or are left to the database.

use std::collections::BTreeMap;

use aludel_sql::{Cascade, Link, ReferentialAction, RelationKind, RelationMeta, Result, TableMeta, Value};

use super::children::{Objects, children, is_current, read};
use super::relations::GivenByRelation;
use super::successors::Successors;
use crate::obj::RawObj;
use crate::relationship::{RelationMut, RelationRef};
use crate::session::Session;
use crate::session::arena::SlotState;
use crate::session::arenas::Arenas;

/// What happens to the objects that a relation of a deleted object leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// They are deleted.
    Delete,
    /// Their foreign keys become NULL.
    Null,
    /// The database changes or deletes them: what is here is not as the row any more.
    Age,
    /// Nothing: they are no children, or the database refuses.
    Stay,
}

/// What a relation says about the objects that it leads to.
#[derive(Clone, Copy)]
struct Rule {
    fate: Fate,
    /// Whether those that are not here matter.
    reads: bool,
}

impl Rule {
    /// Where the foreign key says what happens, the database does that, and nobody reads children for it. Where it says nothing, it
    /// becomes NULL if it can.
    fn of(table: &'static TableMeta, meta: &RelationMeta) -> Result<Self> {
        if meta.viewonly {
            return Ok(Self { fate: Fate::Stay, reads: false });
        }
        let reads = !meta.passive_deletes;
        if meta.cascade.has(Cascade::DELETE) {
            return Ok(Self { fate: Fate::Delete, reads });
        }
        if !matches!(meta.kind, RelationKind::HasOne | RelationKind::HasMany) {
            return Ok(Self { fate: Fate::Stay, reads: false });
        }
        let column = &(meta.target)().columns[meta.link(table)?.remote];
        let action = column.foreign_key.map(|it| it.on_delete).unwrap_or_default();
        Ok(match action {
            ReferentialAction::NoAction if column.nullable => Self { fate: Fate::Null, reads },
            ReferentialAction::SetNull => Self { fate: Fate::Null, reads: false },
            ReferentialAction::Cascade | ReferentialAction::SetDefault => {
                Self { fate: Fate::Age, reads: false }
            }
            ReferentialAction::NoAction | ReferentialAction::Restrict => {
                Self { fate: Fate::Stay, reads: false }
            }
        })
    }
}

/// Marks what goes with the objects that are to be deleted, and with those in turn; each is visited once.
pub(super) async fn cascade_deletes(session: &mut Session, given: &GivenByRelation) -> Result<()> {
    let mut next: Vec<(usize, u32)> = Vec::new();
    for index in 0..session.arenas.len() {
        let arena = session.arenas.at(index);
        let is_deleted = |slot: &u32| arena.slot_state(*slot) == SlotState::Deleted;
        next.extend(arena.touched().iter().copied().filter(is_deleted).map(|slot| (index, slot)));
    }
    while !next.is_empty() {
        let mut by_arena: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
        next.drain(..).for_each(|(index, slot)| by_arena.entry(index).or_default().push(slot));
        for (arena, slots) in by_arena {
            let stays = |slot: &u32| session.arenas.at(arena).mark_of_deletion(*slot).is_some();
            let (marked, deleted): (Vec<u32>, Vec<u32>) = slots.into_iter().partition(stays);
            for relation in 0..session.arenas.at(arena).table().relations.len() {
                let deleted = Objects { arena, slots: deleted.clone() };
                follow(session, &deleted, relation, given, &mut next).await?;
                mark_related(session, &Objects { arena, slots: marked.clone() }, relation, &mut next).await?;
            }
        }
    }
    Ok(())
}

/// Follows one relation of objects that are marked as deleted: what would be deleted with them is marked as well, as far as its entity has
/// a mark. All else stays: their rows are still there.
async fn mark_related(
    session: &mut Session,
    objects: &Objects,
    relation: usize,
    deleted: &mut Vec<(usize, u32)>,
) -> Result<()> {
    let table = session.arenas.at(objects.arena).table();
    let meta = &table.relations[relation];
    let goes_with = meta.cascade.has(Cascade::DELETE) && !meta.viewonly;
    if objects.slots.is_empty() || !goes_with || (meta.target)().soft_delete.is_none() {
        return Ok(());
    }
    let unread = |slot: &u32| !is_current(&session.arenas, (objects.arena, *slot), relation);
    let slots: Vec<u32> = objects.slots.iter().copied().filter(unread).collect();
    if !slots.is_empty() {
        read(session, &Objects { arena: objects.arena, slots }, relation, false).await?;
    }
    let mut new = Vec::new();
    for (index, slot) in related(&session.arenas, objects, relation, true)? {
        let arena = session.arenas.at_mut(index);
        match arena.slot_state(slot) {
            SlotState::Pending => new.push((index, slot)),
            _ if arena.is_hidden(slot) => {}
            _ => {
                arena.delete(slot);
                arena.revert(slot);
                deleted.push((index, slot));
            }
        }
    }
    session.forget(&new);
    Ok(())
}

/// Follows one relation of deleted objects; `deleted` takes what is to be deleted as well.
async fn follow(
    session: &mut Session,
    objects: &Objects,
    relation: usize,
    given: &GivenByRelation,
    deleted: &mut Vec<(usize, u32)>,
) -> Result<()> {
    let table = session.arenas.at(objects.arena).table();
    let meta = &table.relations[relation];
    let rule = Rule::of(table, meta)?;
    if rule.fate == Fate::Stay || objects.slots.is_empty() {
        return Ok(());
    }
    let successors = Successors::of(&session.arenas, objects, meta, given)?;
    if rule.reads {
        // What was loaded may have left out rows that were deleted softly, but refer to these all the same.
        let leaves_out = (meta.target)().soft_delete.is_some();
        let unread =
            |slot: &u32| leaves_out || !is_current(&session.arenas, (objects.arena, *slot), relation);
        let slots: Vec<u32> = objects.slots.iter().copied().filter(unread).collect();
        if !slots.is_empty() {
            read(session, &Objects { arena: objects.arena, slots }, relation, true).await?;
        }
    }
    let mut new = Vec::new();
    let arenas = &mut session.arenas;
    let mut found = related(arenas, objects, relation, rule.reads)?;
    if let Some(successors) = successors {
        let link = meta.link(table)?;
        found.retain(|child| !successors.have(arenas, *child, meta, link));
    }
    for (index, slot) in found {
        match rule.fate {
            Fate::Delete if arenas.at(index).slot_state(slot) == SlotState::Pending => {
                new.push((index, slot))
            }
            Fate::Delete => {
                // A row that stays would refer to one that is gone.
                arenas.at_mut(index).purge(slot);
                arenas.at_mut(index).revert(slot);
                deleted.push((index, slot));
            }
            Fate::Null => clear_foreign_key(arenas, (index, slot), meta, meta.link(table)?)?,
            Fate::Age => arenas.at_mut(index).age(Some(slot)),
            Fate::Stay => {}
        }
    }
    session.forget(&new);
    Ok(())
}

/// The objects that a relation of these leads to, as far as they are here and not deleted.
fn related(
    arenas: &Arenas,
    objects: &Objects,
    relation: usize,
    just_read: bool,
) -> Result<Vec<(usize, u32)>> {
    let table = arenas.at(objects.arena).table();
    let meta = &table.relations[relation];
    if matches!(meta.kind, RelationKind::HasOne | RelationKind::HasMany) {
        let parents = (objects.arena, &objects.slots[..]);
        let found = children(arenas, parents, (relation, meta), meta.link(table)?, just_read);
        return Ok(found.into_iter().map(|(_, child)| child).collect());
    }
    let Ok(target) = arenas.of_table((meta.target)()) else { return Ok(Vec::new()) };
    let leads_to = |slot: &u32| -> Vec<RawObj> {
        match arenas.at(objects.arena).object(*slot).relation(relation) {
            RelationRef::One(state) => state.loaded.flatten().into_iter().collect(),
            RelationRef::Many(state) => state.loaded().unwrap_or_default().to_vec(),
        }
    };
    let stays = |raw: &RawObj| {
        let state = arenas.at(target).state(raw.slot, raw.generation);
        matches!(state, SlotState::Pending | SlotState::Persistent)
    };
    let mut found: Vec<u32> =
        objects.slots.iter().flat_map(leads_to).filter(stays).map(|raw| raw.slot).collect();
    found.sort_unstable();
    found.dedup();
    Ok(found.into_iter().map(|slot| (target, slot)).collect())
}

/// The child has no parent any more.
fn clear_foreign_key(
    arenas: &mut Arenas,
    (index, slot): (usize, u32),
    meta: &RelationMeta,
    link: Link,
) -> Result<()> {
    let table = arenas.at(index).table();
    let child = arenas.at_mut(index).write(slot);
    child
        .field_mut(link.remote)
        .assign(Value::Null.as_ref())
        .map_err(|it| table.mismatch(link.remote, &it))?;
    if let Some(inverse) = meta.inverse
        && let RelationMut::One(state) = child.relation_mut(inverse)
    {
        state.loaded = Some(None);
    }
    Ok(())
}
