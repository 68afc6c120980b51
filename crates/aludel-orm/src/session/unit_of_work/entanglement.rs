//! Whether the order of tables does, or the rows themselves must be ordered.

use std::collections::HashSet;

use aludel_engine::RowsOp;
use aludel_sql::{ColumnSet, Error, ErrorKind, Result, TableMeta, Value};

use super::changes::{Action, RowChange, deletes, updates};
use super::constraints::{ForeignKey, UniqueKey};
use super::key_values::{KeyValues, before, created, describe_row, vanished};
use super::order::refers_to_itself;
use super::steps::Step;
use crate::session::arena::{AnyArena, SlotState};
use crate::session::arenas::Arenas;

/// Tells whether rows wait for each other in a way that the order of tables does not know: they are of tables that refer to
/// themselves, they take unique values that others give up, or they change keys that others refer to.
pub(super) fn is_entangled(arenas: &Arenas, components: &[Vec<usize>]) -> bool {
    let comes_or_goes =
        |index: &usize| arenas.at(*index).pending_count() > 0 || deletes(arenas, *index).next().is_some();
    components.iter().any(|component| {
        component.iter().any(comes_or_goes) && refers_to_itself(arenas, component)
            || component.iter().any(|index| changes_keys(arenas, *index))
    })
}

/// The table that is the only one to change, where its rows are neither new nor deleted.
pub(super) fn only_updated(arenas: &Arenas) -> Option<usize> {
    let changes = |index: &usize| {
        let arena = arenas.at(*index);
        arena.pending_count() > 0 || !arena.touched().is_empty()
    };
    let mut changed = (0..arenas.len()).filter(changes);
    let (index, None) = (changed.next()?, changed.next()) else { return None };
    let comes_or_goes = arenas.at(index).pending_count() > 0 || deletes(arenas, index).next().is_some();
    // What the database computes for objects that were not written is not among these.
    let computes = arenas.iter().enumerate().any(|(it, arena)| it != index && !arena.computed().is_empty());
    (!comes_or_goes && !computes).then_some(index)
}

/// Tells whether rows of a table that all these steps update wait for each other. Steps know which columns change: where none is a key, no row
/// has to be looked at.
pub(super) fn updates_wait(arenas: &Arenas, index: usize, steps: &[Step]) -> bool {
    let watched = watched_columns(arenas, index);
    let watches = |step: &Step| match step.operation {
        RowsOp::Update(update) => update.columns.intersects(watched),
        RowsOp::Insert(_) | RowsOp::Delete(_) => true,
    };
    steps.iter().any(watches) && changes_keys(arenas, index)
}

/// Tells whether rows of a table change keys that others refer to, or take unique values that others give up.
fn changes_keys(arenas: &Arenas, index: usize) -> bool {
    let arena = arenas.at(index);
    if arena.touched().is_empty() {
        return false;
    }
    let referred = referred_columns(arenas, arena.table());
    let (unique, by_update) = (arena.facts().unique, arena.facts().changed_by_update);
    let watched = watched_columns(arenas, index);
    let mut changed = arena.changed_among(watched);
    // What changes with every UPDATE, no comparison tells.
    if by_update.intersects(watched) && updates(arenas, index).next().is_some() {
        changed = changed.union(by_update);
    }
    if changed.intersects(referred) {
        return true;
    }
    let is_both = changed.intersects(unique);
    let gives = is_both || deletes(arenas, index).next().is_some();
    let takes = is_both || arena.pending_count() > 0;
    gives && takes && UniqueKey::all_of(arena.table()).iter().any(|key| hands_over(arenas, index, key))
}

/// The columns of a table by which rows may wait for each other: those that foreign keys refer to, and those of unique keys.
fn watched_columns(arenas: &Arenas, index: usize) -> ColumnSet {
    let arena = arenas.at(index);
    referred_columns(arenas, arena.table()).union(arena.facts().unique)
}

/// The columns of a table that foreign keys refer to.
fn referred_columns(arenas: &Arenas, table: &TableMeta) -> ColumnSet {
    let mut referred = ColumnSet::EMPTY;
    for arena in arenas.iter().filter(|it| !it.facts().foreign_keys.is_empty()) {
        let child = arena.table();
        for key in child.columns.iter().filter_map(|it| it.foreign_key).filter(|key| *(key.table)() == *table)
        {
            referred.insert(key.column);
        }
        for key in child.foreign_keys.iter().filter(|key| *(key.table)() == *table) {
            key.parent_columns.iter().for_each(|column| referred.insert(*column));
        }
        for key in ForeignKey::inherited(child).iter().filter(|key| *key.parent == *table) {
            key.parent_columns.iter().for_each(|column| referred.insert(*column));
        }
    }
    referred
}

/// Tells whether a row takes values of a unique key that another one gives up.
fn hands_over(arenas: &Arenas, index: usize, key: &UniqueKey) -> bool {
    let arena = arenas.at(index);
    let givers = deletes(arenas, index).chain(updates(arenas, index));
    let given_up: HashSet<KeyValues> = givers.filter_map(|row| vanished(arena, &row, key)).collect();
    let takers = new_rows(arena).chain(updates(arenas, index));
    !given_up.is_empty()
        && takers.filter_map(|row| created(arena, &row, key)).any(|values| given_up.contains(&values))
}

/// The new rows of a table; which columns they give by way of relations does not matter here.
fn new_rows(arena: &dyn AnyArena) -> impl Iterator<Item = RowChange> {
    (0..arena.pending_count()).map(|number| {
        let (slot, given) = arena.pending(number);
        RowChange { arena: 0, slot, action: Action::Insert(arena.insert_columns(slot, given)) }
    })
}

/// Refuses two objects with one key, before anything is sent.
pub(super) fn check_keys(arenas: &Arenas) -> Result<()> {
    (0..arenas.len()).try_for_each(|index| check_keys_of(arenas, index))
}

fn check_keys_of(arenas: &Arenas, index: usize) -> Result<()> {
    let arena = arenas.at(index);
    let (table, generated) = (arena.table(), arena.facts().generated_key);
    if arena.pending_count() == 0 || generated.is_some_and(|column| !arena.is_given(column)) {
        return Ok(());
    }
    let mut seen: HashSet<KeyValues> = HashSet::new();
    let key = UniqueKey { columns: table.primary_key().collect(), nulls_not_distinct: false };
    for number in 0..arena.pending_count() {
        let (slot, given) = arena.pending(number);
        if generated.is_some_and(|column| !given.contains(column)) {
            continue;
        }
        let row = RowChange { arena: 0, slot, action: Action::Insert(arena.insert_columns(slot, given)) };
        let Some(values) = created(arena, &row, &key) else { continue };
        if !seen.insert(values) {
            return Err(same_key(arena, slot, "two new objects have one key"));
        }
        let parts: Vec<Value> =
            key.columns.iter().map(|it| arena.object(slot).field(*it).encode().into_value()).collect();
        // What is aged may be gone: the database knows.
        if let Some(other) = arena.find_key(&parts)
            && arena.slot_state(other) == SlotState::Persistent
            && !arena.is_aged(other)
            && key.columns.iter().all(|column| !arena.changes(other).contains(*column))
            && !gets_another_key(arenas, index, other)
        {
            return Err(same_key(arena, slot, "a new object has the key of one that is here"));
        }
    }
    Ok(())
}

/// Tells whether the key of a row changes with one that it follows.
fn gets_another_key(arenas: &Arenas, index: usize, slot: u32) -> bool {
    let arena = arenas.at(index);
    let table = arena.table();
    let row = RowChange { arena: index, slot, action: Action::Update(ColumnSet::EMPTY) };
    let is_of_key = |key: &ForeignKey| key.columns.iter().any(|it| table.columns[*it].primary_key);
    let mut followed =
        ForeignKey::with_inherited(table).into_iter().filter(|key| key.follows() && is_of_key(key));
    followed.any(|key| {
        let Ok(parent) = arenas.of_table(key.parent) else { return false };
        let reference = |columns| UniqueKey { columns, nulls_not_distinct: false };
        let refers = before(arena, &row, &reference(key.columns));
        let referred = reference(key.parent_columns);
        refers.is_some()
            && updates(arenas, parent).any(|it| vanished(arenas.at(parent), &it, &referred) == refers)
    })
}

#[cold]
fn same_key(arena: &dyn AnyArena, slot: u32, what: &str) -> Error {
    let table = arena.table();
    Error::new(ErrorKind::UniqueViolation, format!("{what}: {}", describe_row(arena, slot, false)))
        .with_table(table.name)
        .help("change the object that is here instead of adding another one, or give the new one another key")
}
