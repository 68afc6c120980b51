//! What a flush sends, row by row: new rows, changed ones and deleted ones.

use aludel_sql::{ColumnSet, Error, ErrorKind, Result};

use super::relations::GivenByRelation;
use crate::session::arena::{AnyArena, SlotState};
use crate::session::arenas::Arenas;
use crate::session::temporary_keys::TemporaryKeys;

/// What is done with a row, and with which of its columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// It is inserted, giving these columns.
    Insert(ColumnSet),
    /// These columns of it are updated.
    Update(ColumnSet),
    /// These columns of it are given values that nobody else has, for as long as it takes to hand its own to another row.
    Park(ColumnSet),
    /// It is deleted.
    Delete,
    /// It is marked as deleted by these columns, and stays.
    MarkDeleted(ColumnSet),
}

/// A row to be sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowChange {
    /// The arena of the object.
    pub(super) arena: usize,
    /// Its slot.
    pub(super) slot: u32,
    /// What is done with its row.
    pub(super) action: Action,
}

/// Lists the new rows of a table, in the order of adding.
///
/// # Errors
///
/// Where a foreign key was never given.
pub(super) fn inserts(
    arenas: &Arenas,
    index: usize,
    given_by_relation: &GivenByRelation,
    mut each: impl FnMut(RowChange),
) -> Result<()> {
    let arena = arenas.at(index);
    let foreign_keys = arena.facts().foreign_keys;
    for number in 0..arena.pending_count() {
        let (slot, mut given) = arena.pending(number);
        if !foreign_keys.is_empty() {
            if let Some(more) = given_by_relation.get(&(index, slot)) {
                given = given.union(*more);
            }
            check_foreign_keys(arena, slot, given, foreign_keys)?;
        }
        each(RowChange { arena: index, slot, action: Action::Insert(arena.insert_columns(slot, given)) });
    }
    Ok(())
}

/// Lists the changed rows of a table.
pub(super) fn updates(arenas: &Arenas, index: usize) -> impl Iterator<Item = RowChange> {
    let arena = arenas.at(index);
    let persistent =
        arena.touched().iter().copied().filter(|slot| arena.slot_state(*slot) == SlotState::Persistent);
    let by_update = arena.facts().changed_by_update;
    persistent.filter_map(move |slot| {
        let changes = arena.changes(slot);
        if changes.is_empty() {
            return None;
        }
        Some(RowChange { arena: index, slot, action: Action::Update(changes.union(by_update)) })
    })
}

/// Lists the rows of a table that are to be deleted.
pub(super) fn deletes(arenas: &Arenas, index: usize) -> impl Iterator<Item = RowChange> {
    let arena = arenas.at(index);
    let deleted =
        arena.touched().iter().copied().filter(|slot| arena.slot_state(*slot) == SlotState::Deleted);
    let action = move |slot| match arena.mark_of_deletion(slot) {
        Some(mark) => {
            Action::MarkDeleted(std::iter::once(mark).chain(arena.facts().changed_by_update.iter()).collect())
        }
        None => Action::Delete,
    };
    deleted.map(move |slot| RowChange { arena: index, slot, action: action(slot) })
}

/// Checks that every foreign key of a new object was given somehow.
fn check_foreign_keys(
    arena: &dyn AnyArena,
    slot: u32,
    given: ColumnSet,
    foreign_keys: ColumnSet,
) -> Result<()> {
    let table = arena.table();
    for index in foreign_keys.iter() {
        let column = &table.columns[index];
        if column.foreign_key.is_none()
            || column.nullable
            || given.contains(index)
            || column.server_default.is_some()
        {
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

/// Tells whether one of these columns of an object holds the temporary key of another.
pub(super) fn waits_for_keys(
    arena: &dyn AnyArena,
    keys: &TemporaryKeys,
    slot: u32,
    columns: ColumnSet,
) -> bool {
    !columns.is_empty()
        && columns.iter().any(|index| keys.owner(arena.object(slot).field(index).encode().as_ref()).is_some())
}
