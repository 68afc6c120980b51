//! Rows some of whose columns the database computes.

use aludel_sql::{ColumnSet, Error, ErrorKind, Result, TableMeta, UpdateRows};

use super::changes::waits_for_keys;
use super::steps::Plan;
use crate::session::arena::SlotState;
use crate::session::arenas::Arenas;
use crate::session::temporary_keys::TemporaryKeys;

/// Adds an UPDATE for each object of a table that has such columns; `with_changes`: its other changes go along, otherwise they are in the
/// plan already, and with them what changes with every UPDATE.
pub(super) fn compute(
    arenas: &Arenas,
    index: usize,
    keys: &TemporaryKeys,
    with_changes: bool,
    plan: &mut Plan,
) -> Result<()> {
    let arena = arenas.at(index);
    let table = arena.table();
    for slot in arena.computed() {
        let computed = arena.computed_columns(slot);
        if let Some((column, _)) = computed.iter().find(|(column, _)| table.columns[*column].primary_key) {
            return Err(key_is_computed(table, *column));
        }
        let is_new = arena.slot_state(slot) == SlotState::Pending;
        let changes = arena.changes(slot);
        let goes_alone = is_new || !(with_changes || changes.is_empty());
        let update = if goes_alone {
            UpdateRows::by_primary_key(table, ColumnSet::EMPTY)
        } else {
            let computes = |column: &usize| computed.iter().any(|(it, _)| it == column);
            let by_update = table.changed_by_update().filter(|it| !computes(it));
            UpdateRows::by_version(table, changes.iter().chain(by_update).collect())
        };
        let waits = is_new || waits_for_keys(arena, keys, slot, arena.facts().foreign_keys);
        plan.compute(update, (index, slot), computed, waits);
    }
    Ok(())
}

#[cold]
fn key_is_computed(table: &TableMeta, column: usize) -> Error {
    let name = table.columns[column].name;
    Error::new(ErrorKind::State, format!("the primary key `{}.{name}` was set to an expression", table.name))
        .with_table(table.name)
        .with_column(name)
        .help("set it to a value: the session knows its objects by their keys")
}
