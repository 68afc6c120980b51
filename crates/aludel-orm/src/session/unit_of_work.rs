//! The plan of a flush: which rows are inserted, updated and deleted, in which order and in which batches.
//!
//! Planning does no I/O. First the relations that the program changed become foreign keys; then new rows are ordered so that parents
//! come before children, changed rows are compared with what the database holds, and deleted rows go children first. Rows of one
//! table that give the same columns are one step.

use std::collections::HashMap;

use aludel_engine::RowsOp;
use aludel_sql::{
    ColumnSet, DeleteRows, Error, ErrorKind, InsertRows, RelationKind, RelationMeta, Result, TableMeta,
    UpdateRows, Value,
};

use super::arena::{AnyArena, SlotState};
use super::arenas::Arenas;
use super::temporary_keys::TemporaryKeys;
use crate::obj::RawObj;
use crate::relationship::{RelationMut, RelationRef};

/// The steps of a flush, in order.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
}

/// Rows of one table that are changed in the same way.
#[derive(Debug)]
pub(super) struct Step {
    /// What is done.
    pub(super) operation: RowsOp,
    /// The arena of the objects.
    pub(super) arena: usize,
    /// The objects.
    pub(super) slots: Vec<u32>,
    /// Whether a foreign key of one of them is the temporary key of an object that is inserted before.
    pub(super) waits_for_keys: bool,
}

impl Step {
    /// Tells whether the database generates keys in this step.
    pub(super) fn generates_keys(&self) -> bool {
        match self.operation {
            RowsOp::Insert(it) => it.table.generated_key().is_some_and(|key| it.returning.contains(key)),
            _ => false,
        }
    }

    /// Describes the step for an error message: `inserting 3 rows of Book`.
    pub(super) fn describe(&self) -> String {
        let table = self.operation.table();
        let rows = self.slots.len();
        let (verb, detail) = match self.operation {
            RowsOp::Insert(_) => ("inserting", String::new()),
            RowsOp::Update(it) => {
                let names: Vec<_> = it.columns.iter().map(|column| table.columns[column].name).collect();
                ("updating", format!(" (changed: {})", names.join(", ")))
            }
            RowsOp::Delete(_) => ("deleting", String::new()),
        };
        let plural = if rows == 1 { "" } else { "s" };
        format!("flushing the session: {verb} {rows} row{plural} of {}{detail}", table.entity)
    }
}

/// Plans a flush.
pub(super) fn plan(arenas: &mut Arenas, keys: &TemporaryKeys) -> Result<Plan> {
    let given = relations_to_foreign_keys(arenas)?;
    foreign_keys_to_collections(arenas, keys, &given);
    let components = components(arenas);
    let mut plan = Plan::default();
    for component in &components {
        plan_inserts(arenas, keys, component, &given, &mut plan)?;
    }
    for component in &components {
        for index in component {
            plan_updates(arenas, keys, *index, &mut plan);
        }
    }
    for component in components.iter().rev() {
        plan_deletes(arenas, component, &mut plan)?;
    }
    Ok(plan)
}

/// A foreign key that a changed relation sets: of which object, to which parent.
struct Assignment {
    child: (usize, u32),
    column: usize,
    parent: Option<(usize, u32, usize)>,
    /// The relation of the child that leads to the parent, to be set as well.
    child_side: Option<usize>,
    /// The relation of the parents that leads to the child, to be changed as well: of the old one, and of the new one.
    parent_side: Option<ParentSide>,
    /// The child was taken out of a collection: do nothing if it has found another parent meanwhile.
    taken_from: Option<(usize, u32, usize)>,
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
type GivenByRelation = HashMap<(usize, u32), ColumnSet>;

/// Turns the relations that the program changed into foreign keys, and lets both sides agree.
fn relations_to_foreign_keys(arenas: &mut Arenas) -> Result<GivenByRelation> {
    let mut given = GivenByRelation::new();
    let mut assignments = Vec::new();
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
                if collect_assignments(arenas, (index, slot), relation, &mut assignments)? {
                    changed.push((index, slot, relation));
                }
            }
        }
    }
    // A child that was taken out of one collection may have been put into another: that is known when all others are applied.
    let (taken, set): (Vec<_>, Vec<_>) = assignments.into_iter().partition(|it| it.taken_from.is_some());
    for assignment in set.into_iter().chain(taken) {
        apply(arenas, assignment, &mut given)?;
    }
    // Only now: where one is refused, the next flush finds all of them again.
    for (index, slot, relation) in changed {
        match arenas.at_mut(index).object_mut(slot).relation_mut(relation) {
            RelationMut::One(state) => state.changed = false,
            RelationMut::Many(state) => {
                state.added.clear();
                state.removed.clear();
            }
        }
    }
    Ok(given)
}

/// Lets both sides of a relation that the program has just changed agree at once, foreign key included.
///
/// What is wrong with the relation is left to the flush, which finds the change still there and reports it.
pub(super) fn agree(arenas: &mut Arenas, object: (usize, u32), relation: usize) {
    let mut assignments = Vec::new();
    let mut given = GivenByRelation::new();
    let agreed = collect_assignments(arenas, object, relation, &mut assignments).is_ok()
        && assignments.into_iter().all(|it| apply(arenas, it, &mut given).is_ok());
    if !agreed {
        return;
    }
    for ((index, slot), columns) in given {
        columns.iter().for_each(|column| arenas.at_mut(index).mark_given(slot, column));
    }
    match arenas.at_mut(object.0).object_mut(object.1).relation_mut(relation) {
        RelationMut::One(state) => state.changed = false,
        RelationMut::Many(state) => {
            state.added.clear();
            state.removed.clear();
        }
    }
}

/// Lets the loaded collections agree with the foreign keys that the program set by hand.
fn foreign_keys_to_collections(arenas: &mut Arenas, keys: &TemporaryKeys, given: &GivenByRelation) {
    for index in 0..arenas.len() {
        let table = arenas.at(index).table();
        let to_parents = |it: &(usize, &RelationMeta)| it.1.kind == RelationKind::BelongsTo;
        for (relation, meta) in table.relations.iter().enumerate().filter(to_parents) {
            let (Some(inverse), Ok(link), Ok(target)) =
                (meta.inverse, meta.link(table), arenas.of_table((meta.target)()))
            else {
                continue;
            };
            let arena = arenas.at(index);
            let pending = (0..arena.pending_count()).map(|number| arena.pending(number).0);
            let slots: Vec<u32> = pending
                .chain(arena.touched().iter().copied())
                .filter(|slot| given.get(&(index, *slot)).is_none_or(|it| !it.contains(link.local)))
                .collect();
            for slot in slots {
                let arena = arenas.at(index);
                let key = arena.object(slot).field(link.local).encode().into_value();
                let old = arena.database_key(slot, link.local).map(|it| it.encode().into_value());
                let me = arenas.raw(index, slot);
                // `link` may have put it into a collection since, where the key that was set after that does not lead.
                let linked = match arena.object(slot).relation(relation) {
                    RelationRef::One(state) => state.loaded.flatten().filter(|it| arenas.owns(target, *it)),
                    RelationRef::Many(_) => None,
                };
                let key_of = |raw: &RawObj| arenas.at(target).object(raw.slot).field(link.remote).encode();
                match linked.filter(|raw| key_of(raw).as_ref() != key.as_ref()) {
                    Some(raw) => arenas.change_collection(target, raw.slot, inverse, me, false),
                    None if old.as_ref() == Some(&key) => continue,
                    None => {}
                }
                if let Some(parent) = old.and_then(|old| arenas.find_by_column(target, link.remote, &old)) {
                    arenas.change_collection(target, parent, inverse, me, false);
                }
                let parent = match keys.owner(key.as_ref()) {
                    Some((table, owner)) => (*table == *(meta.target)()).then_some(owner),
                    None => arenas.find_by_column(target, link.remote, &key),
                };
                if let Some(parent) = parent {
                    arenas.change_collection(target, parent, inverse, me, true);
                }
            }
        }
    }
}

/// Takes deleted objects out of the loaded collections of their parents.
pub(super) fn leave_collections(arenas: &mut Arenas, index: usize, slots: &[u32]) {
    let table = arenas.at(index).table();
    for meta in table.relations.iter().filter(|it| it.kind == RelationKind::BelongsTo) {
        let (Some(inverse), Ok(link), Ok(target)) =
            (meta.inverse, meta.link(table), arenas.of_table((meta.target)()))
        else {
            continue;
        };
        for slot in slots {
            let key = arenas.at(index).object(*slot).field(link.local).encode().into_value();
            if let Some(parent) = arenas.find_by_column(target, link.remote, &key) {
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
        RelationRef::Many(state) if !state.added.is_empty() || !state.removed.is_empty() => {
            (None, state.added.clone(), state.removed.clone())
        }
        _ => return Ok(false),
    };
    let link = meta.link(table)?;
    // A relation can be cleared before the session has met an object of the other side.
    let target = arenas.of_table((meta.target)()).ok();
    let here = |raw: RawObj| -> Result<(usize, u32)> {
        target.filter(|target| arenas.owns(*target, raw)).map(|target| (target, raw.slot)).ok_or_else(|| {
            let relation = format!("`{}.{}`", table.entity, meta.name);
            Error::new(
                ErrorKind::State,
                format!("{relation} leads to an object that the session does not own (any more)"),
            )
            .help("set the relation to an object of this session")
        })
    };
    if meta.kind == RelationKind::BelongsTo {
        let parent = match to_one.flatten() {
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
        });
    } else {
        for raw in removed {
            let Ok(child) = here(raw) else { continue };
            assignments.push(Assignment {
                child,
                column: link.remote,
                parent: None,
                child_side: meta.inverse,
                parent_side: None,
                taken_from: Some((index, slot, link.local)),
            });
        }
        for raw in added.into_iter().chain(to_one.flatten()) {
            assignments.push(Assignment {
                child: here(raw)?,
                column: link.remote,
                parent: Some((index, slot, link.local)),
                child_side: meta.inverse,
                parent_side: Some(ParentSide { arena: index, column: link.local, relation, has_child: true }),
                taken_from: None,
            });
        }
    }
    Ok(true)
}

fn apply(arenas: &mut Arenas, assignment: Assignment, given: &mut GivenByRelation) -> Result<()> {
    let Assignment { child: (index, slot), column, parent, child_side, parent_side, taken_from } = assignment;
    let table = arenas.at(index).table();
    if let Some((old, old_slot, old_column)) = taken_from {
        let old_key = arenas.at(old).object(old_slot).field(old_column).encode().into_value();
        let moved = arenas.at(index).object(slot).field(column).encode().as_ref() != old_key.as_ref();
        let generation = arenas.at(index).generation(slot);
        let stays = arenas.at(index).state(slot, generation) == SlotState::Persistent;
        let put_back = given.get(&(index, slot)).is_some_and(|columns| columns.contains(column));
        if moved || put_back || !stays {
            return Ok(());
        }
        if !table.columns[column].nullable {
            return Err(Error::new(
                ErrorKind::State,
                format!("a {} was taken out of a collection, but its `{}` cannot be NULL", table.entity, table.columns[column].name),
            )
            .with_table(table.name)
            .with_column(table.columns[column].name)
            .help("delete it with `session.delete`, put it into another collection, or make the foreign key an `Option`"));
        }
    }
    let key = match parent {
        Some((parent, parent_slot, parent_column)) => {
            arenas.at(parent).object(parent_slot).field(parent_column).encode().into_value()
        }
        None => Value::Null,
    };
    let old_parent = arenas.at(index).object(slot).field(column).encode().into_value();
    if old_parent.as_ref() != key.as_ref() {
        arenas
            .at_mut(index)
            .write(slot)
            .field_mut(column)
            .assign(key.as_ref())
            .map_err(|it| table.mismatch(column, &it))?;
    }
    given.entry((index, slot)).or_default().insert(column);
    if let Some(child_side) = child_side {
        let raw = parent.map(|(parent, parent_slot, _)| arenas.raw(parent, parent_slot));
        if let RelationMut::One(state) = arenas.at_mut(index).object_mut(slot).relation_mut(child_side) {
            state.loaded = Some(raw);
        }
    }
    if let Some(parent_side) = parent_side {
        let me = arenas.raw(index, slot);
        if old_parent.as_ref() != key.as_ref()
            && let Some(old_slot) = arenas.find_by_column(parent_side.arena, parent_side.column, &old_parent)
        {
            arenas.change_collection(parent_side.arena, old_slot, parent_side.relation, me, false);
        }
        // Searching the collection for a child that was put into it would cost a pass over all of it for each child.
        if let Some((parent, parent_slot, _)) = parent.filter(|_| !parent_side.has_child) {
            arenas.change_collection(parent, parent_slot, parent_side.relation, me, true);
        }
    }
    Ok(())
}

/// Orders the arenas so that parents come before children. Tables that refer to each other in a circle are one component.
fn components(arenas: &Arenas) -> Vec<Vec<usize>> {
    let mut left: Vec<usize> = (0..arenas.len()).collect();
    let mut ordered = Vec::new();
    while !left.is_empty() {
        let refers_to_another = |index: &usize| {
            let table = arenas.at(*index).table();
            table.columns.iter().filter_map(|column| column.foreign_key).any(|key| {
                let parent = (key.table)();
                *parent != *table && left.iter().any(|other| *arenas.at(*other).table() == *parent)
            })
        };
        let ready: Vec<usize> = left.iter().copied().filter(|index| !refers_to_another(index)).collect();
        if ready.is_empty() {
            // What is left contains a circle; row by row it may still be one chain.
            ordered.push(std::mem::take(&mut left));
        } else {
            left.retain(|index| !ready.contains(index));
            ordered.extend(ready.into_iter().map(|index| vec![index]));
        }
    }
    ordered
}

/// Tells whether rows of these tables may refer to each other.
fn refers_to_itself(arenas: &Arenas, component: &[usize]) -> bool {
    component.iter().any(|index| {
        let mut parents = arenas.at(*index).table().columns.iter().filter_map(|column| column.foreign_key);
        parents.any(|key| component.iter().any(|other| *arenas.at(*other).table() == *(key.table)()))
    })
}

fn plan_inserts(
    arenas: &Arenas,
    keys: &TemporaryKeys,
    component: &[usize],
    given_by_relation: &GivenByRelation,
    plan: &mut Plan,
) -> Result<()> {
    let first = plan.steps.len();
    let ordered_by_row = refers_to_itself(arenas, component);
    let mut rows: Vec<NewRow> = Vec::new();
    for index in component {
        let arena = arenas.at(*index);
        let foreign_keys = foreign_keys(arena.table());
        for number in 0..arena.pending_count() {
            let (slot, mut given) = arena.pending(number);
            if !foreign_keys.is_empty() {
                if let Some(more) = given_by_relation.get(&(*index, slot)) {
                    more.iter().for_each(|column| given.insert(column));
                }
                check_foreign_keys(arena, slot, given, &foreign_keys)?;
            }
            let row = NewRow {
                index: *index,
                slot,
                columns: arena.insert_columns(slot, given),
                waits_for_keys: waits_for_keys(arena, keys, slot, &foreign_keys),
            };
            if ordered_by_row {
                rows.push(row);
            } else {
                plan_insert(arenas, &row, first, plan);
            }
        }
    }
    let places: Vec<(usize, u32)> = rows.iter().map(|row| (row.index, row.slot)).collect();
    for level in levels(arenas, &places, &|row| parents_of_new(arenas, keys, row, &places))? {
        let first = plan.steps.len();
        level.into_iter().for_each(|at| plan_insert(arenas, &rows[at], first, plan));
    }
    Ok(())
}

/// A row to be inserted.
struct NewRow {
    index: usize,
    slot: u32,
    columns: ColumnSet,
    waits_for_keys: bool,
}

/// Adds a row to the step of its table and columns, which is not before the step `first`.
fn plan_insert(arenas: &Arenas, row: &NewRow, first: usize, plan: &mut Plan) {
    let same = |step: &&mut Step| {
        step.arena == row.index && matches!(step.operation, RowsOp::Insert(it) if it.columns == row.columns)
    };
    if let Some(step) = plan.steps[first..].iter_mut().rev().find(same) {
        step.slots.push(row.slot);
        step.waits_for_keys |= row.waits_for_keys;
        return;
    }
    let table = arenas.at(row.index).table();
    let returning = made_by_database(table, row.columns);
    plan.steps.push(Step {
        operation: RowsOp::Insert(InsertRows { table, columns: row.columns, returning }),
        arena: row.index,
        slots: vec![row.slot],
        waits_for_keys: row.waits_for_keys,
    });
}

/// The columns of a table that are foreign keys.
fn foreign_keys(table: &TableMeta) -> Vec<usize> {
    (0..table.columns.len()).filter(|index| table.columns[*index].foreign_key.is_some()).collect()
}

/// The columns whose values the database makes when these are given.
fn made_by_database(table: &TableMeta, given: ColumnSet) -> ColumnSet {
    let made = |index: &usize| {
        let column = &table.columns[*index];
        !given.contains(*index) && (column.generated || column.server_default.is_some())
    };
    (0..table.columns.len()).filter(made).collect()
}

/// Checks that every foreign key of a new object was given somehow.
fn check_foreign_keys(
    arena: &dyn AnyArena,
    slot: u32,
    given: ColumnSet,
    foreign_keys: &[usize],
) -> Result<()> {
    let table = arena.table();
    for index in foreign_keys.iter().copied() {
        let column = &table.columns[index];
        if column.nullable || given.contains(index) || column.server_default.is_some() {
            continue;
        }
        if arena.is_unset(slot, index) {
            let relation = table.relations.iter().find(|it| it.foreign_key == Some(index));
            let by_object = relation.map_or_else(String::new, |it| format!(" `.{}(object)`,", it.name));
            return Err(Error::new(
                ErrorKind::NotNullViolation,
                format!("a new {} has no `{}.{}`", table.entity, table.name, column.name),
            )
            .with_table(table.name)
            .with_column(column.name)
            .help(format!(
                "give it as a key with `.{}(key)`,{by_object} or put the object into its parent's collection",
                column.field
            )));
        }
    }
    Ok(())
}

/// Tells whether a foreign key of an object is the temporary key of another.
fn waits_for_keys(arena: &dyn AnyArena, keys: &TemporaryKeys, slot: u32, foreign_keys: &[usize]) -> bool {
    foreign_keys.iter().any(|index| keys.owner(arena.object(slot).field(*index).encode().as_ref()).is_some())
}

/// The new rows that a new row refers to.
fn parents_of_new(
    arenas: &Arenas,
    keys: &TemporaryKeys,
    (index, slot): (usize, u32),
    rows: &[(usize, u32)],
) -> Vec<(usize, u32)> {
    let arena = arenas.at(index);
    let mut parents = Vec::new();
    for (column, meta) in arena.table().columns.iter().enumerate() {
        let Some(reference) = meta.foreign_key else { continue };
        let value = arena.object(slot).field(column).encode().into_value();
        match keys.owner(value.as_ref()) {
            Some((table, owner)) => parents.extend(arenas.of_table(table).ok().map(|parent| (parent, owner))),
            None if value != Value::Null => {
                let is_parent = |(other, other_slot): &&(usize, u32)| {
                    let other = arenas.at(*other);
                    *other.table() == *(reference.table)()
                        && other.object(*other_slot).field(reference.column).encode().as_ref()
                            == value.as_ref()
                };
                parents.extend(rows.iter().find(is_parent));
            }
            None => {}
        }
    }
    parents.retain(|parent| *parent != (index, slot));
    parents
}

/// Orders rows, by their places, into levels: each refers only to rows of the levels before it. Without recursion, so that a chain may
/// be as long as it likes.
fn levels(
    arenas: &Arenas,
    rows: &[(usize, u32)],
    parents: &dyn Fn((usize, u32)) -> Vec<(usize, u32)>,
) -> Result<Vec<Vec<usize>>> {
    let place: HashMap<(usize, u32), usize> = rows.iter().enumerate().map(|(at, row)| (*row, at)).collect();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); rows.len()];
    let mut waiting_for = vec![0_usize; rows.len()];
    for (at, row) in rows.iter().enumerate() {
        for parent in parents(*row).iter().filter_map(|parent| place.get(parent)) {
            children[*parent].push(at);
            waiting_for[at] += 1;
        }
    }
    let mut level: Vec<usize> = (0..rows.len()).filter(|at| waiting_for[*at] == 0).collect();
    let mut levels = Vec::new();
    let mut placed = 0;
    while !level.is_empty() {
        placed += level.len();
        let mut next: Vec<usize> = Vec::new();
        for at in &level {
            for child in &children[*at] {
                waiting_for[*child] -= 1;
                if waiting_for[*child] == 0 {
                    next.push(*child);
                }
            }
        }
        levels.push(level);
        next.sort_unstable();
        level = next;
    }
    if placed < rows.len() {
        let stuck = waiting_for.iter().position(|it| *it > 0).unwrap_or(0);
        let entity = arenas.at(rows[stuck].0).table().entity;
        return Err(Error::new(
            ErrorKind::State,
            format!("{} rows refer to each other in a circle, among them a {entity}", rows.len() - placed),
        )
        .help("flush one of them without its foreign key first, then set it"));
    }
    Ok(levels)
}

fn plan_updates(arenas: &Arenas, keys: &TemporaryKeys, index: usize, plan: &mut Plan) {
    let arena = arenas.at(index);
    let table = arena.table();
    let foreign_keys = foreign_keys(table);
    let first = plan.steps.len();
    for slot in arena.touched() {
        if arena.state(*slot, arena.generation(*slot)) != SlotState::Persistent {
            continue;
        }
        let columns = arena.changes(*slot);
        if columns.is_empty() {
            continue;
        }
        let waits = waits_for_keys(arena, keys, *slot, &foreign_keys);
        let same = |step: &&mut Step| matches!(step.operation, RowsOp::Update(it) if it.columns == columns);
        match plan.steps[first..].iter_mut().find(same) {
            Some(step) => {
                step.slots.push(*slot);
                step.waits_for_keys |= waits;
            }
            None => plan.steps.push(Step {
                operation: RowsOp::Update(UpdateRows { table, columns }),
                arena: index,
                slots: vec![*slot],
                waits_for_keys: waits,
            }),
        }
    }
}

fn plan_deletes(arenas: &Arenas, component: &[usize], plan: &mut Plan) -> Result<()> {
    let mut rows = Vec::new();
    for index in component {
        let arena = arenas.at(*index);
        let is_deleted = |slot: &&u32| arena.state(**slot, arena.generation(**slot)) == SlotState::Deleted;
        rows.extend(arena.touched().iter().filter(is_deleted).map(|slot| (*index, *slot)));
    }
    let levels = if refers_to_itself(arenas, component) {
        levels(arenas, &rows, &|row| parents_of_old(arenas, row))?
    } else {
        vec![(0..rows.len()).collect()]
    };
    for level in levels.into_iter().rev() {
        for index in component {
            let of_table = level.iter().map(|at| rows[*at]).filter(|(it, _)| it == index);
            let slots: Vec<u32> = of_table.map(|(_, slot)| slot).collect();
            if !slots.is_empty() {
                plan.steps.push(Step {
                    operation: RowsOp::Delete(DeleteRows { table: arenas.at(*index).table() }),
                    arena: *index,
                    slots,
                    waits_for_keys: false,
                });
            }
        }
    }
    Ok(())
}

/// The rows that a row refers to.
fn parents_of_old(arenas: &Arenas, (index, slot): (usize, u32)) -> Vec<(usize, u32)> {
    let arena = arenas.at(index);
    let references =
        arena.table().columns.iter().enumerate().filter_map(|(at, column)| Some((at, column.foreign_key?)));
    references
        .filter_map(|(column, reference)| {
            let parent = arenas.of_table((reference.table)()).ok()?;
            let value = arena.object(slot).field(column).encode().into_value();
            arenas.find_by_column(parent, reference.column, &value).map(|found| (parent, found))
        })
        .filter(|found| *found != (index, slot))
        .collect()
}

/// Puts the real keys into the foreign keys that hold temporary ones.
pub(super) fn resolve_keys(arenas: &mut Arenas, keys: &TemporaryKeys, step: &Step) -> Result<()> {
    if !step.waits_for_keys {
        return Ok(());
    }
    let table = step.operation.table();
    for (column, meta) in table.columns.iter().enumerate() {
        let Some(reference) = meta.foreign_key else { continue };
        for slot in &step.slots {
            let value = arenas.at(step.arena).object(*slot).field(column).encode().into_value();
            let Some((owner_table, owner)) = keys.owner(value.as_ref()) else { continue };
            let owner_arena = arenas.of_table(owner_table)?;
            let key = arenas.at(owner_arena).object(owner).field(reference.column).encode().into_value();
            let field = arenas.at_mut(step.arena).object_mut(*slot).field_mut(column);
            field.assign(key.as_ref()).map_err(|it| table.mismatch(column, &it))?;
        }
    }
    Ok(())
}
