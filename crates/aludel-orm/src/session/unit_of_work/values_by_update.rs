//! Columns that change with an UPDATE by themselves: those with `onupdate`, the version that is the optimistic lock, and the mark of a
//! row that is deleted softly.

use aludel_engine::RowsOp;
use aludel_sql::{Error, ErrorKind, Result, TableMeta, ValueRef};

use super::{Plan, Rows};
use crate::session::arena::AnyArena;
use crate::session::arenas::Arenas;

/// The version of a row that nobody has changed yet.
const FIRST_VERSION: i64 = 1;

/// Gives new objects their first version.
pub(super) fn begin_versions(arenas: &mut Arenas) {
    for arena in arenas.iter_mut().filter(|it| it.pending_count() > 0) {
        let Some(version) = arena.table().version() else { continue };
        for number in 0..arena.pending_count() {
            let (slot, _) = arena.pending(number);
            if arena.is_unset(slot, version) {
                // Every integer type holds it.
                let _ = arena.object_mut(slot).field_mut(version).assign(ValueRef::Int(FIRST_VERSION));
            }
        }
    }
}

/// Puts the values that come with an UPDATE into the objects that the plan updates.
pub(super) fn set_by_update(arenas: &mut Arenas, plan: &Plan) -> Result<()> {
    for step in &plan.steps {
        let (RowsOp::Update(update), Rows::Objects { arena, slots }) = (step.operation, &step.rows) else {
            continue;
        };
        let arena = arenas.at_mut(*arena);
        if step.marks_deleted
            && let Some((column, now)) = update.table.deleted_now()
        {
            for slot in slots {
                let field = arena.write(*slot).field_mut(column);
                field.assign(now.as_ref()).map_err(|it| update.table.mismatch(column, &it))?;
            }
        }
        for column in arena.facts().changed_by_update.iter().filter(|it| update.columns.contains(*it)) {
            for slot in slots {
                set(arena, *slot, update.table, column)?;
            }
        }
    }
    Ok(())
}

fn set(arena: &mut dyn AnyArena, slot: u32, table: &'static TableMeta, column: usize) -> Result<()> {
    let meta = &table.columns[column];
    let value = match meta.onupdate {
        _ if meta.version => match arena.known(slot, column).encode().as_ref() {
            ValueRef::Int(version) => aludel_sql::Value::Int(version + 1),
            _ => return Err(not_counted(table, column)),
        },
        // What the program has set itself stays.
        Some(make) if !arena.changes(slot).contains(column) => make(),
        _ => return Ok(()),
    };
    let field = arena.object_mut(slot).field_mut(column);
    field.assign(value.as_ref()).map_err(|it| table.mismatch(column, &it))
}

#[cold]
fn not_counted(table: &'static TableMeta, column: usize) -> Error {
    let name = table.columns[column].name;
    Error::new(ErrorKind::State, format!("the version `{}.{name}` of an object is no number", table.name))
        .with_table(table.name)
        .with_column(name)
}
