//! The plan of a flush: which rows are inserted, updated and deleted, in which order and in which batches.
//!
//! First the relations that the program changed become foreign keys and rows of association tables, and what goes with deleted objects
//! is found, for which children may have to be read. What follows does no I/O: new rows of parents come before those of children,
//! changed rows are compared with what the database holds, and deleted rows go children first. Rows of one table that give the same
//! columns are one step. Where the order of tables does not do, the rows themselves are ordered ([`graph`]).

mod associations;
mod cascades;
mod changed_keys;
mod changes;
mod children;
mod computed;
mod consequences;
mod constraints;
mod entanglement;
mod graph;
mod holders;
mod key_values;
mod linked;
mod order;
mod parking;
mod relations;
mod steps;
mod successors;
mod validation;
mod values_by_update;
mod withdrawn;

use aludel_sql::{ColumnSet, Result};

use super::Session;
use super::arena::{AnyArena, SlotState};
use super::arenas::Arenas;
use super::temporary_keys::TemporaryKeys;
use associations::Associations;
use cascades::{Going, cascade_deletes};
use changes::{RowChange, deletes, inserts, updates, waits_for_keys};
use children::{Objects, read, set_blindly, set_to_one};
use computed::compute;
use consequences::Consequences;
use entanglement::{check_keys, is_entangled, only_updated, updates_wait};
use graph::RowGraph;
use order::components;
use relations::{
    GivenByRelation, Told, foreign_keys_to_relations, forget_changes, relations_to_foreign_keys, tell_parents,
};

use validation::{check_temporary_keys, validate};
use values_by_update::{begin_versions, set_by_update};
use withdrawn::leave_out_withdrawn;

pub(super) use changed_keys::follow_changed_keys;
pub(super) use children::is_current;
pub(super) use holders::find_by_key;
pub(super) use key_values::{describe, describe_first, describe_row};
pub(super) use linked::Linked;
pub(super) use relations::{agree, leave_collections};
pub(super) use steps::{Cell, MovedTo, Plan, Rows, Step};

/// Plans a flush. Where objects are deleted or replaced, it reads what goes with them.
///
/// The plan is empty and lies where it stays: it is large, and would be moved from one to the next who adds to it.
pub(super) async fn plan(session: &mut Session, plan: &mut Plan) -> Result<()> {
    // What looks at relations and deleted objects again and again would take longer than all the rest of a flush of one row.
    if session.arenas.iter().all(is_apart) {
        return plan_rows(session, &GivenByRelation::default(), Associations::default(), plan);
    }
    revert_deleted(&mut session.arenas);
    session.linked.follow(&mut session.arenas)?;
    let mut consequences = Consequences::default();
    leave_out_withdrawn(session, &mut consequences);
    let (mut told, associations) = match tell(session).await {
        Ok(told) => told,
        Err(error) => {
            consequences.take_back(session);
            return Err(error);
        }
    };
    let mut agreed = foreign_keys_to_relations(&mut session.arenas, &session.keys, &told.given);
    session.linked.add_to(&session.arenas, &mut told.given);
    let going = Going::of_deleted(&session.arenas);
    if agreed.is_ok() && !going.is_empty() {
        agreed = cascade_deletes(session, going, &told.given, &associations, &mut consequences).await;
    }
    let planned = agreed.and_then(|()| plan_rows(session, &told.given, associations, plan));
    match &planned {
        Ok(()) => {
            forget_changes(&mut session.arenas, told.kept);
            consequences.settle(session);
        }
        Err(_) => {
            consequences.take_back(session);
            // The other relations do not say any more that they were changed.
            session.linked.note(&session.arenas, &told.set);
        }
    }
    planned
}

/// Takes in what the program has told relations: foreign keys and rows of association tables.
async fn tell(session: &mut Session) -> Result<(Told, Associations)> {
    tell_parents(&mut session.arenas);
    for (objects, relation) in set_to_one(&session.arenas) {
        read_replaced(session, objects, relation).await?;
    }
    let mut associations = Associations::default();
    let told = relations_to_foreign_keys(&mut session.arenas, &mut associations)?;
    Ok((told, associations))
}

/// Tells whether the objects of an arena lead to no others, and none is to be deleted.
fn is_apart(arena: &dyn AnyArena) -> bool {
    let is_deleted = |slot: &u32| arena.slot_state(*slot) == SlotState::Deleted;
    arena.table().relations.is_empty() && !arena.touched().iter().any(is_deleted)
}

/// Plans what is sent when it is known which rows come and go, and who refers to whom.
fn plan_rows(
    session: &mut Session,
    given: &GivenByRelation,
    mut associations: Associations,
    plan: &mut Plan,
) -> Result<()> {
    associations.note_deleted(&session.arenas);
    session.before_rows()?;
    begin_versions(&mut session.arenas);
    plan_steps(&session.arenas, &session.keys, given, associations, plan)?;
    check_temporary_keys(&session.arenas, &session.keys, plan)?;
    validate(&session.engine, &session.arenas, plan)?;
    set_by_update(&mut session.arenas, plan)
}

/// Changes that were never sent end with the row.
fn revert_deleted(arenas: &mut Arenas) {
    for arena in arenas.iter_mut() {
        let is_deleted = |slot: &u32| arena.slot_state(*slot) == SlotState::Deleted;
        let deleted: Vec<u32> = arena.touched().iter().copied().filter(is_deleted).collect();
        deleted.into_iter().for_each(|slot| arena.revert(slot));
    }
}

/// Reads what a relation to one led to before the program set it, where nobody knows.
async fn read_replaced(session: &mut Session, objects: Objects, relation: usize) -> Result<()> {
    let Objects { arena, slots } = objects;
    let slots = set_blindly(&session.arenas, (arena, &slots), relation)?;
    if slots.is_empty() { Ok(()) } else { read(session, &Objects { arena, slots }, relation, false).await }
}

/// Turns the changes in memory into steps: in the order of the tables, and where that does not do in the order of the rows.
fn plan_steps(
    arenas: &Arenas,
    keys: &TemporaryKeys,
    given: &GivenByRelation,
    associations: Associations,
    plan: &mut Plan,
) -> Result<()> {
    check_keys(arenas)?;
    // Rows of association tables go while they have the keys that are known: a changed key may change theirs.
    let [untied, tied] = associations.steps(arenas, keys);
    plan.steps = untied;
    if let Some(index) = only_updated(arenas) {
        let first = plan.steps.len();
        add_updates(arenas, index, keys, plan)?;
        if !updates_wait(arenas, index, &plan.steps[first..]) {
            plan.steps.extend(tied);
            return Ok(());
        }
        plan.steps.truncate(first);
    }
    let components = components(arenas);
    if is_entangled(arenas, &components) {
        RowGraph::new(arenas, &components, given)?.plan(keys, plan)?;
        (0..arenas.len()).try_for_each(|index| compute(arenas, index, keys, false, plan))?;
        plan.steps.extend(tied);
        return Ok(());
    }
    let tables: Vec<usize> = components.into_iter().flatten().collect();
    for index in &tables {
        let (first, foreign_keys) = begin_table(arenas, *index, plan);
        let (arena, table) = (arenas.at(*index), arenas.at(*index).table());
        if foreign_keys.is_empty() {
            let mut number = 0;
            while let Some((slots, columns)) = arena.pending_alike(number) {
                number += slots.len();
                plan.add_inserts(first, table, *index, (slots, columns));
            }
            continue;
        }
        inserts(arenas, *index, given, |row| {
            plan.add(first, table, row, waits_for_keys(arena, keys, row.slot, foreign_keys));
        })?;
    }
    tables.iter().try_for_each(|index| add_updates(arenas, *index, keys, plan))?;
    plan.steps.extend(tied);
    for index in tables.iter().rev() {
        let (first, _) = begin_table(arenas, *index, plan);
        for row in deletes(arenas, *index) {
            plan.add(first, arenas.at(*index).table(), row, false);
        }
    }
    Ok(())
}

/// Adds the changed rows of a table.
fn add_updates(arenas: &Arenas, index: usize, keys: &TemporaryKeys, plan: &mut Plan) -> Result<()> {
    let (first, foreign_keys) = begin_table(arenas, index, plan);
    let arena = arenas.at(index);
    let is_plain = |row: &RowChange| arena.computed_columns(row.slot).is_empty();
    for row in updates(arenas, index).filter(is_plain) {
        plan.add(first, arena.table(), row, waits_for_keys(arena, keys, row.slot, foreign_keys));
    }
    compute(arenas, index, keys, true, plan)
}

/// The number of the next step, and the foreign keys of a table.
fn begin_table(arenas: &Arenas, index: usize, plan: &Plan) -> (usize, ColumnSet) {
    (plan.steps.len(), arenas.at(index).facts().foreign_keys)
}

/// Puts the real keys into the foreign keys that hold temporary ones.
pub(super) fn resolve_keys(arenas: &mut Arenas, keys: &TemporaryKeys, step: &Step) -> Result<()> {
    if !step.waits_for_keys {
        return Ok(());
    }
    let Rows::Objects { arena, slots } = &step.rows else { return Ok(()) };
    let table = step.operation.table();
    for column in arenas.at(*arena).facts().foreign_keys.iter() {
        for slot in slots {
            let value = arenas.at(*arena).object(*slot).field(column).encode().into_value();
            let Some((owner_table, owner)) = keys.owner(value.as_ref()) else { continue };
            let Some(generated) = owner_table.generated_key() else { continue };
            let owner_arena = arenas.of_table(owner_table)?;
            let key = arenas.at(owner_arena).object(owner).field(generated).encode().into_value();
            let field = arenas.at_mut(*arena).object_mut(*slot).field_mut(column);
            field.assign(key.as_ref()).map_err(|it| table.mismatch(column, &it))?;
        }
    }
    Ok(())
}
