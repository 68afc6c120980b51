//! Validators of columns: they look at what a flush is about to send.

use aludel_engine::RowsOp;
use aludel_sql::{ColumnSet, Error, ErrorKind, Result};

use super::key_values::describe_row;
use super::{Plan, Rows};
use crate::session::arenas::Arenas;

/// Shows new and changed values to the validators of their columns.
///
/// # Errors
///
/// Kind `Validation` for the first that is refused.
pub(super) fn validate(arenas: &Arenas, plan: &Plan) -> Result<()> {
    for step in &plan.steps {
        let (columns, is_new) = match step.operation {
            RowsOp::Insert(it) => (it.columns, true),
            RowsOp::Update(it) => (it.columns, false),
            RowsOp::Delete(_) => continue,
        };
        let Rows::Objects { arena, slots } = &step.rows else { continue };
        validate_rows(arenas, *arena, slots, columns, is_new)?;
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
    for column in columns.iter() {
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
