//! What a flush is about to send is looked at: by the validators of columns, and by the scopes of the engine.

use aludel_engine::{Engine, RowsOp};
use aludel_sql::{ColumnSet, Error, ErrorKind, Result};

use super::key_values::describe_row;
use super::{Plan, Rows};
use crate::session::arenas::Arenas;
use crate::session::temporary_keys::TemporaryKeys;

/// Shows new and changed values to the validators of their columns, and rows to the scopes.
///
/// # Errors
///
/// Kind `Validation` for the first that is refused, `Scope` for a row outside of the scopes.
pub(super) fn validate(engine: &Engine, arenas: &Arenas, plan: &Plan) -> Result<()> {
    for step in &plan.steps {
        if step.marks_deleted {
            continue;
        }
        let (columns, is_new) = match step.operation {
            RowsOp::Insert(it) => (it.columns, true),
            RowsOp::Update(it) => (it.columns, false),
            RowsOp::Delete(_) => continue,
        };
        let Rows::Objects { arena, slots } = &step.rows else { continue };
        validate_rows(arenas, *arena, slots, columns, is_new)?;
        let arena = arenas.at(*arena);
        if !engine.is_scoped(arena.table()) {
            continue;
        }
        for slot in slots {
            let value = |column| {
                let is_sent = !is_new || columns.contains(column);
                is_sent.then(|| arena.object(*slot).field(column).encode().into_value())
            };
            let checked = engine.check_scope(arena.table(), &value);
            checked
                .map_err(|error| error.doing(format!("flushing {}", describe_row(arena, *slot, is_new))))?;
        }
    }
    Ok(())
}

/// Refuses foreign keys that hold the temporary key of an object that has another one by now, or will never have one.
///
/// # Errors
///
/// Kind `State`.
pub(super) fn check_temporary_keys(arenas: &Arenas, keys: &TemporaryKeys, plan: &Plan) -> Result<()> {
    for step in &plan.steps {
        let columns = match step.operation {
            RowsOp::Insert(it) => it.columns,
            RowsOp::Update(it) => it.columns,
            RowsOp::Delete(_) => continue,
        };
        let Rows::Objects { arena, slots } = &step.rows else { continue };
        let (arena, table) = (arenas.at(*arena), step.operation.table());
        for column in arena.facts().foreign_keys.iter().filter(|it| columns.contains(*it)) {
            let is_void = |slot: &&u32| keys.is_void(arena.object(**slot).field(column).encode().as_ref());
            if let Some(slot) = slots.iter().find(is_void) {
                let name = table.columns[column].name;
                let row = describe_row(arena, *slot, matches!(step.operation, RowsOp::Insert(_)));
                return Err(Error::new(
                    ErrorKind::State,
                    format!("`{name}` of {row} is the temporary key of an object that was forgotten, or is inserted by now"),
                )
                .with_table(table.name)
                .with_column(name)
                .help("read the key after the flush, or lead to the object by the relation"));
            }
        }
    }
    Ok(())
}

fn validate_rows(
    arenas: &Arenas,
    index: usize,
    slots: &[u32],
    columns: ColumnSet,
    is_new: bool,
) -> Result<()> {
    let (arena, table) = (arenas.at(index), arenas.at(index).table());
    for column in arena.facts().validated.iter().filter(|it| columns.contains(*it)) {
        let meta = &table.columns[column];
        let Some(validate) = meta.validate else { continue };
        for slot in slots {
            validate(arena.object(*slot).field(column)).map_err(|why| {
                let row = describe_row(arena, *slot, is_new);
                Error::new(ErrorKind::Validation, format!("`{}` of {row}: {why}", meta.field))
                    .with_table(table.name)
                    .with_column(meta.name)
                    .help("nothing was sent; change the value and flush again")
            })?;
        }
    }
    Ok(())
}
