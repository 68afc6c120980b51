//! The plan of a flush: which rows are inserted, updated and deleted, in which order and in which batches.
//!
//! First the relations that the program changed become foreign keys and rows of association tables, and what goes with deleted objects
//! is found, for which children may have to be read. What follows does no I/O: new rows are ordered so that parents come before
//! children, changed rows are compared with what the database holds, and deleted rows go children first. Rows of one table that give
//! the same columns are one step.

mod associations;
mod cascades;
mod children;
mod order;
mod relations;
mod steps;

use aludel_engine::RowsOp;
use aludel_sql::{ColumnSet, DeleteRows, Error, ErrorKind, InsertRows, Result, TableMeta, UpdateRows};

use super::Session;
use super::arena::{AnyArena, SlotState};
use super::arenas::Arenas;
use super::temporary_keys::TemporaryKeys;
use associations::Associations;
use cascades::cascade_deletes;
use children::{Objects, is_current, read, set_to_one};
use order::{components, levels, parents_of_new, parents_of_old, refers_to_itself};
use relations::{GivenByRelation, foreign_keys_to_collections, relations_to_foreign_keys};

pub(super) use relations::{agree, leave_collections};
pub(super) use steps::{Cell, Plan, Rows, Step};

/// Plans a flush. Where objects are deleted or replaced, it reads what goes with them.
pub(super) async fn plan(session: &mut Session) -> Result<Plan> {
    revert_deleted(&mut session.arenas);
    for (objects, relation) in set_to_one(&session.arenas) {
        read_replaced(session, objects, relation).await?;
    }
    let mut associations = Associations::default();
    let given = relations_to_foreign_keys(&mut session.arenas, &mut associations)?;
    foreign_keys_to_collections(&mut session.arenas, &session.keys, &given);
    cascade_deletes(session).await?;
    associations.note_deleted(&session.arenas);
    plan_steps(&session.arenas, &session.keys, &given, associations)
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
    let Objects { arena, mut slots } = objects;
    slots.retain(|slot| !is_current(&session.arenas, (arena, *slot), relation));
    if slots.is_empty() { Ok(()) } else { read(session, &Objects { arena, slots }, relation).await }
}

/// Turns the changes in memory into steps.
fn plan_steps(
    arenas: &Arenas,
    keys: &TemporaryKeys,
    given: &GivenByRelation,
    associations: Associations,
) -> Result<Plan> {
    let components = components(arenas);
    let mut plan = Plan::default();
    for component in &components {
        plan_inserts(arenas, keys, component, given, &mut plan)?;
    }
    for component in &components {
        for index in component {
            plan_updates(arenas, keys, *index, &mut plan);
        }
    }
    associations.plan(arenas, keys, &mut plan);
    for component in components.iter().rev() {
        plan_deletes(arenas, component, &mut plan)?;
    }
    Ok(plan)
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
    let same = |operation: &RowsOp| matches!(operation, RowsOp::Insert(it) if it.columns == row.columns);
    if plan.add_to_step(first, row.index, row.slot, row.waits_for_keys, same) {
        return;
    }
    let table = arenas.at(row.index).table();
    let returning = made_by_database(table, row.columns);
    plan.steps.push(Step {
        operation: RowsOp::Insert(InsertRows { table, columns: row.columns, returning }),
        rows: Rows::Objects { arena: row.index, slots: vec![row.slot] },
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
        !given.contains(*index) && column.is_filled_in()
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
        let same = |operation: &RowsOp| matches!(operation, RowsOp::Update(it) if it.columns == columns);
        if !plan.add_to_step(first, index, *slot, waits, same) {
            plan.steps.push(Step {
                operation: RowsOp::Update(UpdateRows::by_primary_key(table, columns)),
                rows: Rows::Objects { arena: index, slots: vec![*slot] },
                waits_for_keys: waits,
            });
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
                    operation: RowsOp::Delete(DeleteRows::by_primary_key(arenas.at(*index).table())),
                    rows: Rows::Objects { arena: *index, slots },
                    waits_for_keys: false,
                });
            }
        }
    }
    Ok(())
}

/// Puts the real keys into the foreign keys that hold temporary ones.
pub(super) fn resolve_keys(arenas: &mut Arenas, keys: &TemporaryKeys, step: &Step) -> Result<()> {
    if !step.waits_for_keys {
        return Ok(());
    }
    let Rows::Objects { arena, slots } = &step.rows else { return Ok(()) };
    let table = step.operation.table();
    for (column, meta) in table.columns.iter().enumerate() {
        let Some(reference) = meta.foreign_key else { continue };
        for slot in slots {
            let value = arenas.at(*arena).object(*slot).field(column).encode().into_value();
            let Some((owner_table, owner)) = keys.owner(value.as_ref()) else { continue };
            let owner_arena = arenas.of_table(owner_table)?;
            let key = arenas.at(owner_arena).object(owner).field(reference.column).encode().into_value();
            let field = arenas.at_mut(*arena).object_mut(*slot).field_mut(column);
            field.assign(key.as_ref()).map_err(|it| table.mismatch(column, &it))?;
        }
    }
    Ok(())
}
