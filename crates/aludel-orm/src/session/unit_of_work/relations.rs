//! From relations to foreign keys, and back: both sides of a relation agree after every flush.

use std::collections::{HashMap, HashSet};

use aludel_sql::{
    Cascade, ColumnSet, Error, ErrorKind, Link, RelationKind, RelationMeta, Result, TableMeta, Through, Value,
};

use super::associations::Associations;
use super::children::{children, is_current, set_blindly, set_to_one};
use super::holders::{Holders, Parent};
use super::linked::Linked;
use super::withdrawn::changed;
use crate::obj::RawObj;
use crate::relationship::{RelationMut, RelationRef};
use crate::session::arena::SlotState;
use crate::session::arenas::Arenas;
use crate::session::temporary_keys::TemporaryKeys;

/// A foreign key that a changed relation sets: of which object, to which parent.
pub(super) struct Assignment {
    pub(super) child: (usize, u32),
    pub(super) column: usize,
    pub(super) parent: Option<(usize, u32, usize)>,
    /// The relation of the child that leads to the parent, to be set as well.
    child_side: Option<usize>,
    /// The relation of the parents that leads to the child, to be changed as well: of the old one, and of the new one.
    parent_side: Option<ParentSide>,
    /// The child was taken from a parent: do nothing if it has found another one meanwhile.
    taken_from: Option<TakenFrom>,
    /// Without a parent it is to be deleted.
    deletes_orphan: bool,
}

/// The parent that a child was taken from.
#[derive(Clone, Copy)]
struct TakenFrom {
    /// The parent.
    parent: (usize, u32),
    /// The column that the foreign key refers to.
    column: usize,
    /// The relation that led to the child.
    relation: usize,
}

/// Where the other side of a relation to a parent lives.
#[derive(Clone, Copy)]
struct ParentSide {
    /// The arena of the parents.
    arena: usize,
    /// The column that the foreign key refers to.
    column: usize,
    /// The relation that leads to the child.
    relation: usize,
    /// The new parent leads to the child already: it was told there.
    has_child: bool,
}

/// The columns of new objects that were given by way of a relation.
pub(super) type GivenByRelation = HashMap<(usize, u32), ColumnSet, foldhash::fast::FixedState>;

/// What the program has told relations.
#[derive(Default)]
pub(super) struct Told {
    pub(super) given: GivenByRelation,
    /// The foreign keys that were set.
    pub(super) set: Vec<Assignment>,
    /// The relations whose changes are to be forgotten when the flush is planned, for nothing but them knows of these: rows of association tables,
    /// orphans, and new children that were taken out again.
    pub(super) kept: Vec<(usize, u32, usize)>,
}

/// What assignments come to.
#[derive(Default)]
struct Applied {
    given: GivenByRelation,
    /// Children without a parent that are to be deleted.
    orphans: Vec<(usize, u32)>,
    holders: Holders,
}

/// Turns the relations that the program changed into foreign keys and rows of association tables, and lets both sides agree.
/// Orphans are marked to be deleted.
pub(super) fn relations_to_foreign_keys(
    arenas: &mut Arenas,
    associations: &mut Associations,
) -> Result<Told> {
    let mut applied = Applied::default();
    let mut assignments = replaced(arenas)?;
    let mut ties = Vec::new();
    let mut changed = Vec::new();
    for index in 0..arenas.len() {
        let table = arenas.at(index).table();
        if table.relations.is_empty() {
            continue;
        }
        let arena = arenas.at(index);
        let pending = (0..arena.pending_count()).map(|number| arena.pending(number).0);
        for slot in pending.chain(arena.touched().iter().copied()) {
            for relation in 0..table.relations.len() {
                let found = match table.relations[relation].through() {
                    None => collect_assignments(arenas, (index, slot), relation, &mut assignments)?,
                    Some(through) => collect_ties(arenas, (index, slot), relation, through, &mut ties)?,
                };
                if found {
                    changed.push((index, slot, relation));
                }
            }
        }
    }
    if changed.is_empty() && assignments.is_empty() {
        return Ok(Default::default());
    }
    // A child that was taken out of one collection may have been put into another: that is known when all others are applied.
    let (taken, set): (Vec<_>, Vec<_>) = assignments.into_iter().partition(|it| it.taken_from.is_some());
    for assignment in set.iter().chain(&taken) {
        apply(arenas, assignment, &mut applied)?;
    }
    for (index, slot) in applied.orphans.iter().copied() {
        arenas.at_mut(index).mark_deleted(slot, false);
    }
    for tie in ties {
        apply_tie(arenas, &tie);
        match tie.telling {
            Telling::Tied => associations.note_tied(&tie.through, tie.near, tie.far, tie.is_unsure),
            Telling::Untied => associations.note_untied(&tie.through, tie.near, tie.far),
            Telling::Withdrawn => {}
        }
    }
    let has_ties = |it: &(usize, u32, usize)| arenas.at(it.0).table().relations[it.2].through().is_some();
    let (mut kept, changed): (Vec<_>, Vec<_>) = changed.into_iter().partition(has_ties);
    // Only now: where one is refused, the next flush finds all of them again.
    kept.extend(forget_assigned(arenas, changed, &applied.orphans));
    Ok(Told { given: applied.given, set, kept })
}

/// Lets the relations to one of parents know of the children that were told of them: whom they led to before is replaced, whichever side is told.
pub(super) fn tell_parents(arenas: &mut Arenas) {
    for index in 0..arenas.len() {
        let relations = arenas.at(index).table().relations;
        for relation in (0..relations.len()).filter(|it| parent_relation(&relations[*it]).is_some()) {
            let slots: Vec<u32> = changed(arenas, index).collect();
            slots.into_iter().for_each(|slot| _ = tell_parent(arenas, (index, slot), relation));
        }
    }
}

/// The relation to one of the parents that leads back, where this one leads to a parent and has such a one.
fn parent_relation(meta: &RelationMeta) -> Option<usize> {
    let inverse = meta.inverse.filter(|_| meta.kind == RelationKind::BelongsTo && !meta.viewonly)?;
    let parent_side = &(meta.target)().relations[inverse];
    (parent_side.kind == RelationKind::HasOne && !parent_side.viewonly).then_some(inverse)
}

/// Lets the relation to one of a parent lead to a child that was told of it, unless it was told something itself. Returns the parent and that
/// relation, if it does.
fn tell_parent(
    arenas: &mut Arenas,
    (index, slot): (usize, u32),
    relation: usize,
) -> Option<((usize, u32), usize)> {
    let meta = &arenas.at(index).table().relations[relation];
    let inverse = parent_relation(meta)?;
    let RelationRef::One(state) = arenas.at(index).object(slot).relation(relation) else { return None };
    let parent = state.loaded.flatten().filter(|_| state.changed)?;
    let target = arenas.of_table((meta.target)()).ok()?;
    let is_row = arenas.at(target).state(parent.slot, parent.generation) == SlotState::Persistent;
    if !(is_row && arenas.owns(target, parent)) {
        return None;
    }
    let me = arenas.raw(index, slot);
    match arenas.at(target).object(parent.slot).relation(inverse) {
        RelationRef::One(state) if !state.changed && state.loaded != Some(Some(me)) => {}
        _ => return None,
    }
    if let RelationMut::One(state) = arenas.at_mut(target).write(parent.slot).relation_mut(inverse) {
        state.set(Some(me));
    }
    Some(((target, parent.slot), inverse))
}

/// Forgets the changes that are foreign keys now; returns the relations that have others.
fn forget_assigned(
    arenas: &mut Arenas,
    changed: Vec<(usize, u32, usize)>,
    orphans: &[(usize, u32)],
) -> Vec<(usize, u32, usize)> {
    let orphans: HashSet<(usize, u32), foldhash::fast::FixedState> = orphans.iter().copied().collect();
    let has_others = |(index, slot, relation): &(usize, u32, usize)| {
        let meta = &arenas.at(*index).table().relations[*relation];
        let target = arenas.of_table((meta.target)()).ok();
        match arenas.at_mut(*index).object_mut(*slot).relation_mut(*relation) {
            RelationMut::Many(state) => {
                state.forget_assigned(|raw| target.is_some_and(|it| orphans.contains(&(it, raw.slot))))
            }
            RelationMut::One(state) => {
                // Which child it led to before, the next flush finds out again.
                let replaces = meta.kind == RelationKind::HasOne && meta.cascade.has(Cascade::DELETE_ORPHAN);
                let has_others = replaces || orphans.contains(&(*index, *slot));
                if !has_others {
                    state.forget_change();
                }
                has_others
            }
        }
    };
    changed.into_iter().filter(has_others).collect()
}

/// Forgets the changes of relations: they are planned.
pub(super) fn forget_changes(arenas: &mut Arenas, changed: Vec<(usize, u32, usize)>) {
    for (index, slot, relation) in changed {
        match arenas.at_mut(index).object_mut(slot).relation_mut(relation) {
            RelationMut::One(state) => state.forget_change(),
            RelationMut::Many(state) => {
                state.forget_withdrawn();
                state.forget_changes();
            }
        }
    }
}

/// Lets both sides of a relation that the program has just changed agree at once, foreign key included.
///
/// What is wrong with the relation is left to the flush, which finds the change still there and reports it; so is the row of an
/// association table.
pub(in crate::session) fn agree(
    arenas: &mut Arenas,
    linked: &mut Linked,
    object: (usize, u32),
    relation: usize,
) {
    if let Some(through) = arenas.at(object.0).table().relations[relation].through() {
        let mut ties = Vec::new();
        if collect_ties(arenas, object, relation, through, &mut ties).is_ok() {
            ties.iter().for_each(|tie| apply_tie(arenas, tie));
        }
        return;
    }
    if let Some((parent, inverse)) = tell_parent(arenas, object, relation) {
        agree(arenas, linked, parent, inverse);
    }
    let Ok(taken) = replaced_by(arenas, object, relation) else { return };
    let mut assignments = Vec::new();
    let mut applied = Applied { holders: linked.take_holders(), ..Applied::default() };
    let is_collected = collect_assignments(arenas, object, relation, &mut assignments).is_ok();
    linked.note(arenas, &assignments);
    let agreed =
        is_collected && assignments.iter().chain(&taken).all(|it| apply(arenas, it, &mut applied).is_ok());
    linked.keep_holders(applied.holders);
    for ((index, slot), columns) in applied.given {
        columns.iter().for_each(|column| arenas.at_mut(index).mark_given(slot, column));
    }
    if !(agreed && applied.orphans.is_empty()) {
        return;
    }
    // What it led to before may not be here: the flush reads it.
    let kind = arenas.at(object.0).table().relations[relation].kind;
    let is_unknown = kind == RelationKind::HasOne
        && set_blindly(arenas, (object.0, &[object.1]), relation).is_ok_and(|it| !it.is_empty());
    match arenas.at_mut(object.0).object_mut(object.1).relation_mut(relation) {
        RelationMut::One(_) if is_unknown => {}
        RelationMut::One(state) => state.forget_change(),
        RelationMut::Many(state) => state.forget_changes(),
    }
}

/// Lets loaded relations agree with the foreign keys that the program set by hand: that of the child, and the collections of its parents.
pub(super) fn foreign_keys_to_relations(
    arenas: &mut Arenas,
    keys: &TemporaryKeys,
    given: &GivenByRelation,
) -> Result<()> {
    let mut holders = Holders::default();
    for index in 0..arenas.len() {
        let table = arenas.at(index).table();
        let to_parents = |it: &(usize, &RelationMeta)| it.1.kind == RelationKind::BelongsTo;
        for (relation, meta) in table.relations.iter().enumerate().filter(to_parents) {
            let (Ok(link), Ok(target)) = (meta.link(table), arenas.of_table((meta.target)())) else {
                continue;
            };
            let arena = arenas.at(index);
            let pending = (0..arena.pending_count()).map(|number| arena.pending(number).0);
            let slots: Vec<u32> = pending
                .chain(arena.touched().iter().copied())
                .filter(|slot| given.get(&(index, *slot)).is_none_or(|it| !it.contains(link.local)))
                .collect();
            let to_parent = ToParent { index, relation, meta, link, target };
            slots.into_iter().try_for_each(|slot| to_parent.agree(arenas, slot, &mut holders, keys))?;
        }
    }
    Ok(())
}

/// A relation of the objects of an arena to their parents.
struct ToParent<'a> {
    index: usize,
    relation: usize,
    meta: &'a RelationMeta,
    link: Link,
    /// The arena of the parents.
    target: usize,
}

impl ToParent<'_> {
    /// Lets the relation of a child agree with its foreign key.
    fn agree(
        &self,
        arenas: &mut Arenas,
        slot: u32,
        holders: &mut Holders,
        keys: &TemporaryKeys,
    ) -> Result<()> {
        let (index, target, link) = (self.index, self.target, self.link);
        let arena = arenas.at(index);
        let key = arena.object(slot).field(link.local).encode().into_value();
        let old = arena.written_over(slot, link.local).map(|it| it.encode().into_value());
        let (stays, left) = self.told(arenas, slot, &key, old.as_ref());
        if left.is_none() && old.as_ref() == Some(&key) {
            return Ok(());
        }
        let me = arenas.raw(index, slot);
        if arena.slot_state(slot) == SlotState::Deleted {
            // What `link` had told of it was never sent, and finds no parent any more.
            if let Some((parent, inverse)) = left.zip(self.meta.inverse) {
                arenas.change_collection(target, parent, inverse, me, false);
            }
            return Ok(());
        }
        let old = old.and_then(|old| holders.find(arenas, target, link.remote, &old));
        let parent = stays.map(Parent::Has);
        let parent = parent.or_else(|| holders.find_parent(arenas, keys, (target, link.remote), &key));
        if let Some(Parent::GaveUp(giver)) = parent {
            let key = arenas.at(target).object(giver).field(link.remote).encode().into_value();
            let table = arenas.at(index).table();
            let field = arenas.at_mut(index).write(slot).field_mut(link.local);
            field.assign(key.as_ref()).map_err(|it| table.mismatch(link.local, &it))?;
        }
        let parent = parent.map(Parent::slot);
        if let Some(inverse) = self.meta.inverse {
            for parent in left.into_iter().chain(old) {
                arenas.change_collection(target, parent, inverse, me, false);
            }
            if let Some(parent) = parent {
                arenas.change_collection(target, parent, inverse, me, true);
            }
        }
        let shown = parent.filter(|it| !arenas.at(target).is_hidden(*it)).map(|it| arenas.raw(target, it));
        if let RelationMut::One(state) = arenas.at_mut(index).object_mut(slot).relation_mut(self.relation)
            && state.loaded.is_some()
        {
            state.loaded = (shown.is_some() || key == Value::Null).then_some(shown);
        }
        Ok(())
    }

    /// The parent that the relation of a child leads to, where that has its key: one that is being replaced by another with this key is the parent
    /// still. And where it has not: `link` may have put the child into its collection, where the key that was set after that does not lead.
    fn told(
        &self,
        arenas: &Arenas,
        slot: u32,
        key: &Value,
        old: Option<&Value>,
    ) -> (Option<u32>, Option<u32>) {
        let led = match arenas.at(self.index).object(slot).relation(self.relation) {
            RelationRef::One(state) => state.loaded.flatten().filter(|it| arenas.owns(self.target, *it)),
            RelationRef::Many(_) => None,
        };
        let Some(parent) = led.map(|it| it.slot) else { return (None, None) };
        let parents = arenas.at(self.target);
        if parents.object(parent).field(self.link.remote).encode().as_ref() == key.as_ref() {
            return (Some(parent), None);
        }
        let known_by = parents.known(parent, self.link.remote);
        // A key that nobody set follows that of its parent.
        let follows = old == Some(key) && known_by.encode().as_ref() == key.as_ref();
        (None, (!follows).then_some(parent))
    }
}

/// Takes deleted objects out of the loaded collections of their parents.
pub(in crate::session) fn leave_collections(arenas: &mut Arenas, index: usize, slots: &[u32]) {
    let table = arenas.at(index).table();
    for meta in table.relations.iter().filter(|it| it.kind == RelationKind::ManyToMany) {
        let (Some(inverse), Ok(target)) = (meta.inverse, arenas.of_table((meta.target)())) else { continue };
        let mut gone: Vec<(u32, u32)> =
            slots.iter().map(|slot| (*slot, arenas.at(index).generation(*slot))).collect();
        gone.sort_unstable();
        arenas.at_mut(target).take_out(inverse, &gone);
    }
    for meta in table.relations.iter().filter(|it| it.kind == RelationKind::BelongsTo) {
        let (Some(inverse), Ok(link), Ok(target)) =
            (meta.inverse, meta.link(table), arenas.of_table((meta.target)()))
        else {
            continue;
        };
        let mut holders = Holders::default();
        for slot in slots {
            let key = arenas.at(index).object(*slot).field(link.local).encode().into_value();
            if let Some(parent) = holders.find(arenas, target, link.remote, &key) {
                arenas.change_collection(target, parent, inverse, arenas.raw(index, *slot), false);
            }
        }
    }
}

/// Adds the foreign keys that a relation of an object sets; tells whether it was changed at all.
fn collect_assignments(
    arenas: &Arenas,
    (index, slot): (usize, u32),
    relation: usize,
    assignments: &mut Vec<Assignment>,
) -> Result<bool> {
    let table = arenas.at(index).table();
    let meta = &table.relations[relation];
    let (to_one, added, removed) = match arenas.at(index).object(slot).relation(relation) {
        RelationRef::One(state) if state.changed => (state.loaded, vec![], vec![]),
        RelationRef::Many(state) if state.is_changed() => {
            (None, state.added().to_vec(), state.removed().to_vec())
        }
        _ => return Ok(false),
    };
    check_writable(table, meta)?;
    let link = meta.link(table)?;
    // A relation can be cleared before the session has met an object of the other side.
    let target = arenas.of_table((meta.target)()).ok();
    let here = |raw: RawObj| -> Result<(usize, u32)> {
        let found = target.filter(|target| arenas.owns(*target, raw)).map(|target| (target, raw.slot));
        found.ok_or_else(|| leads_nowhere(table, meta))
    };
    let is_left_out = |raw: &RawObj| target.is_some_and(|target| arenas.leaves_out(target, *raw));
    if meta.kind == RelationKind::BelongsTo {
        if arenas.at(index).slot_state(slot) == SlotState::Deleted {
            return Ok(true);
        }
        let parent = match to_one.flatten().filter(|it| !is_left_out(it)) {
            Some(raw) => Some(here(raw).map(|(target, slot)| (target, slot, link.remote))?),
            None => None,
        };
        assignments.push(Assignment {
            child: (index, slot),
            column: link.local,
            parent,
            child_side: None,
            parent_side: meta.inverse.zip(target).map(|(relation, target)| ParentSide {
                arena: target,
                column: link.remote,
                relation,
                has_child: false,
            }),
            taken_from: None,
            deletes_orphan: meta
                .inverse
                .is_some_and(|it| (meta.target)().relations[it].cascade.has(Cascade::DELETE_ORPHAN)),
        });
    } else {
        for raw in removed {
            let Ok(child) = here(raw) else { continue };
            assignments.push(taken((index, slot), relation, meta, link, child));
        }
        for raw in added.into_iter().chain(to_one.flatten()).filter(|it| !is_left_out(it)) {
            assignments.push(Assignment {
                child: here(raw)?,
                column: link.remote,
                parent: Some((index, slot, link.local)),
                child_side: meta.inverse,
                parent_side: Some(ParentSide { arena: index, column: link.local, relation, has_child: true }),
                taken_from: None,
                deletes_orphan: false,
            });
        }
    }
    Ok(true)
}

/// A child is taken from its parent.
fn taken(
    parent: (usize, u32),
    relation: usize,
    meta: &RelationMeta,
    link: Link,
    child: (usize, u32),
) -> Assignment {
    Assignment {
        child,
        column: link.remote,
        parent: None,
        child_side: meta.inverse,
        parent_side: None,
        taken_from: Some(TakenFrom { parent, column: link.local, relation }),
        deletes_orphan: meta.cascade.has(Cascade::DELETE_ORPHAN),
    }
}

/// The children that a `HasOne` led to before the program set it.
fn replaced(arenas: &Arenas) -> Result<Vec<Assignment>> {
    let mut assignments = Vec::new();
    for (parents, relation) in set_to_one(arenas) {
        add_replaced(arenas, (parents.arena, &parents.slots), relation, &mut assignments)?;
    }
    Ok(assignments)
}

/// The child that a relation of an object led to before the program set it, where that is a `HasOne`.
fn replaced_by(arenas: &Arenas, (index, slot): (usize, u32), relation: usize) -> Result<Vec<Assignment>> {
    let mut assignments = Vec::new();
    let is_row = arenas.at(index).slot_state(slot) == SlotState::Persistent;
    if is_row && arenas.at(index).table().relations[relation].kind == RelationKind::HasOne {
        add_replaced(arenas, (index, &[slot]), relation, &mut assignments)?;
    }
    Ok(assignments)
}

fn add_replaced(
    arenas: &Arenas,
    (index, parents): (usize, &[u32]),
    relation: usize,
    assignments: &mut Vec<Assignment>,
) -> Result<()> {
    let table = arenas.at(index).table();
    let meta = &table.relations[relation];
    let link = meta.link(table)?;
    for (parent, child) in children(arenas, (index, parents), (relation, meta), link, false) {
        let RelationRef::One(state) = arenas.at(index).object(parent).relation(relation) else {
            continue;
        };
        if state.loaded.flatten() != Some(arenas.raw(child.0, child.1)) {
            assignments.push(taken((index, parent), relation, meta, link, child));
        }
    }
    Ok(())
}

/// What a collection has been told of a row of an association table.
struct Tie {
    through: Through,
    near: (usize, u32),
    far: (usize, u32),
    telling: Telling,
    /// Nobody knows whether they are tied already: the collection was not loaded in this transaction.
    is_unsure: bool,
    /// The relation of the far side that leads back.
    inverse: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Telling {
    Tied,
    Untied,
    /// First tied, then untied.
    Withdrawn,
}

/// Adds what a collection of an object has been told of rows of an association table; tells whether it was told anything at all.
fn collect_ties(
    arenas: &Arenas,
    (index, slot): (usize, u32),
    relation: usize,
    through: Through,
    ties: &mut Vec<Tie>,
) -> Result<bool> {
    let table = arenas.at(index).table();
    let meta = &table.relations[relation];
    let RelationRef::Many(state) = arenas.at(index).object(slot).relation(relation) else { return Ok(false) };
    if !state.is_changed() && state.withdrawn().is_empty() {
        return Ok(false);
    }
    check_writable(table, meta)?;
    let target = arenas.of_table((meta.target)()).ok();
    let is_new = |(index, slot): (usize, u32)| arenas.at(index).slot_state(slot) == SlotState::Pending;
    let is_known = is_current(arenas, (index, slot), relation) || is_new((index, slot));
    let far = |raw: &RawObj| target.filter(|it| arenas.owns(*it, *raw)).map(|it| (it, raw.slot));
    let tie = |far: (usize, u32), telling| {
        let is_unsure = !is_known && !is_new(far);
        Tie { through, near: (index, slot), far, telling, is_unsure, inverse: meta.inverse }
    };
    ties.extend(state.removed().iter().filter_map(far).map(|far| tie(far, Telling::Untied)));
    ties.extend(state.withdrawn().iter().filter_map(far).map(|far| tie(far, Telling::Withdrawn)));
    let is_left_out = |raw: &&RawObj| target.is_some_and(|target| arenas.leaves_out(target, **raw));
    for raw in state.added().iter().filter(|it| !is_left_out(it)) {
        let far = far(raw).ok_or_else(|| leads_nowhere(table, meta))?;
        ties.push(tie(far, Telling::Tied));
    }
    Ok(true)
}

/// Lets the other side of a many-to-many relation agree.
fn apply_tie(arenas: &mut Arenas, tie: &Tie) {
    let Some(inverse) = tie.inverse else { return };
    let me = arenas.raw(tie.near.0, tie.near.1);
    if tie.telling != Telling::Withdrawn {
        arenas.change_collection(tie.far.0, tie.far.1, inverse, me, tie.telling == Telling::Tied);
        return;
    }
    // `link` has told the other side at once; or it was told by itself, or is tied in the database.
    if let RelationMut::Many(state) = arenas.at_mut(tie.far.0).object_mut(tie.far.1).relation_mut(inverse)
        && state.loaded().is_some_and(|it| it.contains(&me))
        && !state.added().contains(&me)
    {
        if tie.is_unsure { state.unload() } else { state.dismiss(me) }
    }
}

fn check_writable(table: &TableMeta, meta: &RelationMeta) -> Result<()> {
    if !meta.viewonly {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::State,
        format!("`{}.{}` is viewonly, and was changed", table.entity, meta.name),
    )
    .with_table(table.name)
    .help("change the relation that is written, or the foreign key"))
}

#[cold]
fn leads_nowhere(table: &TableMeta, meta: &RelationMeta) -> Error {
    let relation = format!("`{}.{}`", table.entity, meta.name);
    Error::new(
        ErrorKind::State,
        format!("{relation} leads to an object that the session does not own (any more)"),
    )
    .help("set the relation to an object of this session")
}

#[cold]
fn needs_a_parent(table: &TableMeta, column: usize, parent: &TableMeta, relation: usize) -> Error {
    let (key, relation) = (table.columns[column].name, parent.relations[relation].name);
    Error::new(
        ErrorKind::State,
        format!(
            "a {} was taken out of `{}.{relation}`, but its `{key}` cannot be NULL",
            table.entity, parent.entity
        ),
    )
    .with_table(table.name)
    .with_column(key)
    .help(format!(
        "delete it with `session.delete` or let that happen by itself, `cascade = \"all, delete-orphan\"` on \
         `{}.{relation}`; or give it another parent; or make the foreign key an `Option`",
        parent.entity
    ))
}

fn apply(arenas: &mut Arenas, assignment: &Assignment, applied: &mut Applied) -> Result<()> {
    let Assignment { child: (index, slot), column, parent, child_side, parent_side, taken_from, .. } =
        *assignment;
    let table = arenas.at(index).table();
    let state = arenas.at(index).slot_state(slot);
    let (is_row, is_here) =
        (state == SlotState::Persistent, matches!(state, SlotState::Persistent | SlotState::Pending));
    if state == SlotState::Deleted {
        // It was put into a collection, and deleted behind that.
        if let Some(((parent, parent_slot, _), side)) = parent.zip(parent_side) {
            let me = arenas.raw(index, slot);
            arenas.change_collection(parent, parent_slot, side.relation, me, false);
        }
        return Ok(());
    }
    if let Some(TakenFrom { parent: (old, old_slot), column: old_column, relation }) = taken_from {
        // The key of the parent may have been changed as well: then the child has the one that the database knows.
        let keys = [
            Some(arenas.at(old).object(old_slot).field(old_column)),
            arenas.at(old).written_over(old_slot, old_column),
        ];
        let held = arenas.at(index).object(slot).field(column).encode();
        let moved = !keys.into_iter().flatten().any(|key| key.encode().as_ref() == held.as_ref());
        let put_back = applied.given.get(&(index, slot)).is_some_and(|columns| columns.contains(column));
        if moved || put_back || !is_here {
            return Ok(());
        }
        if !table.columns[column].nullable && !assignment.deletes_orphan {
            return Err(needs_a_parent(table, column, arenas.at(old).table(), relation));
        }
    }
    if parent.is_none() && is_row && assignment.deletes_orphan {
        applied.orphans.push((index, slot));
        return Ok(());
    }
    let key = match parent {
        Some((parent, parent_slot, parent_column)) => {
            arenas.at(parent).object(parent_slot).field(parent_column).encode().into_value()
        }
        None => Value::Null,
    };
    let old_parent = arenas.at(index).object(slot).field(column).encode().into_value();
    // A new child whose key nobody has set had none.
    let had_one = state != SlotState::Pending || !arenas.at(index).is_unset(slot, column);
    // The key may have been set as well: then the old parent is the one that the database knows.
    let known = arenas.at(index).written_over(slot, column).map(|it| it.encode().into_value());
    if old_parent.as_ref() != key.as_ref() {
        arenas
            .at_mut(index)
            .write(slot)
            .field_mut(column)
            .assign(key.as_ref())
            .map_err(|it| table.mismatch(column, &it))?;
    }
    let displaced = if is_row && known.as_ref().unwrap_or(&old_parent).as_ref() == key.as_ref() {
        displaced(arenas, (index, slot), column, parent, &mut applied.holders)
    } else {
        None
    };
    if let Some(old) = displaced {
        // The old parent gives the key up, and the row would follow it.
        arenas.at_mut(index).send_again(slot, column);
        if let Some((side, (parent, ..))) = parent_side.zip(parent) {
            let me = arenas.raw(index, slot);
            arenas.change_collection(parent, old, side.relation, me, false);
        }
    }
    applied.given.entry((index, slot)).or_default().insert(column);
    if let Some(child_side) = child_side {
        let raw = parent.map(|(parent, parent_slot, _)| arenas.raw(parent, parent_slot));
        if let RelationMut::One(state) = arenas.at_mut(index).object_mut(slot).relation_mut(child_side) {
            state.loaded = Some(raw);
        }
    }
    if let Some(parent_side) = parent_side {
        let me = arenas.raw(index, slot);
        for old in known.iter().chain([&old_parent]).filter(|it| had_one && it.as_ref() != key.as_ref()) {
            let old_slot = applied.holders.find(arenas, parent_side.arena, parent_side.column, old);
            // One whose key has changed is known by the old one until the flush is done.
            if let Some(old_slot) = old_slot.filter(|it| parent.is_none_or(|(_, slot, _)| slot != *it)) {
                arenas.change_collection(parent_side.arena, old_slot, parent_side.relation, me, false);
            }
        }
        // Searching the collection for a child that was put into it would cost a pass over all of it for each child.
        if let Some((parent, parent_slot, _)) = parent.filter(|_| !parent_side.has_child) {
            arenas.change_collection(parent, parent_slot, parent_side.relation, me, true);
        }
    }
    Ok(())
}

/// The parent that the row of a child has, where another one is to have its key and the child: that it holds this key already says nothing.
pub(super) fn displaced(
    arenas: &Arenas,
    (index, slot): (usize, u32),
    column: usize,
    parent: Option<(usize, u32, usize)>,
    holders: &mut Holders,
) -> Option<u32> {
    let (target, parent, parent_column) = parent?;
    let key = arenas.at(index).object(slot).field(column).encode().into_value();
    let known = arenas.at(index).written_over(slot, column);
    if known.is_some_and(|it| it.encode().as_ref() != key.as_ref()) {
        return None;
    }
    let old = holders.find(arenas, target, parent_column, &key)?;
    (old != parent && arenas.at(target).slot_state(old) == SlotState::Persistent).then_some(old)
}
