//! From operations to the steps of one database.

use std::collections::BTreeMap;

use aludel_sql::schema::{Constraint, ForeignKey, Operation, Step, Table, TableName};
use aludel_sql::{Dialect, Metadata, Result};

use crate::revision::Revision;
use crate::script::write_script;
use crate::script_directory::Direction;

/// Writes the steps of operations on a dialect, beginning at a state.
///
/// ```
/// # use {aludel::prelude::*, library::Author};
/// use aludel::schema::Operation;
/// use aludel_migrate::render;
///
/// let steps = render(&aludel::SqliteDialect, &[Operation::DropTable(Author::table())], &Metadata::of(Author))?;
/// assert_eq!(steps[0].statements, ["DROP TABLE authors"]);
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Migration` where an operation does not fit the state, `Unsupported` where the database cannot do it.
pub fn render(dialect: &dyn Dialect, operations: &[Operation], before: &Metadata) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    let mut state = before.clone();
    let mut left = operations;
    while let Some(first) = left.first() {
        let table = first.table();
        let run = match first {
            _ if table.is_none() => 1,
            // These change which table it is; nothing joins them.
            Operation::CreateTable(_)
            | Operation::DropTable(_)
            | Operation::RenameTable { .. }
            // The state before a run has the old name of a column, so a renaming stands alone.
            | Operation::RenameColumn { .. } => 1,
            _ if table.is_none() => 1,
            _ => left.iter().take_while(|it| it.table() == table && joins(it)).count(),
        };
        let (run, rest) = left.split_at(run);
        let mut after = state.clone();
        for operation in run {
            operation.apply(&mut after)?;
        }
        let run =
            if dialect.features().add_constraint { run.to_vec() } else { folded(run, operations, rest) };
        steps.extend(dialect.alter(&run, &state, &after)?);
        state = after;
        left = rest;
    }
    Ok(steps)
}

/// Tells whether an operation can be carried out together with its neighbours on the same table.
fn joins(operation: &Operation) -> bool {
    !matches!(
        operation,
        Operation::CreateTable(_)
            | Operation::DropTable(_)
            | Operation::RenameTable { .. }
            | Operation::RenameColumn { .. }
    )
}

/// Where constraints cannot be added to a table that is there, a table has its foreign keys from the beginning, even if the tables
/// that they refer to come later; and a table that is about to go keeps them.
fn folded(run: &[Operation], all: &[Operation], rest: &[Operation]) -> Vec<Operation> {
    let is_created = |table: &TableName| {
        all.iter().any(|it| matches!(it, Operation::CreateTable(created) if TableName::of(created) == *table))
    };
    let is_dropped = |table: &TableName| {
        rest.iter().any(|it| matches!(it, Operation::DropTable(dropped) if TableName::of(dropped) == *table))
    };
    run.iter()
        .filter_map(|operation| match operation {
            Operation::CreateTable(table) => {
                let mut table = table.clone();
                table.foreign_keys.extend(late_foreign_keys(&table, rest));
                Some(Operation::CreateTable(table))
            }
            Operation::CreateConstraint { table, constraint: Constraint::ForeignKey(_) }
                if is_created(table) =>
            {
                None
            }
            Operation::DropConstraint { table, constraint: Constraint::ForeignKey(_) }
                if is_dropped(table) =>
            {
                None
            }
            other => Some(other.clone()),
        })
        .collect()
}

fn late_foreign_keys(table: &Table, rest: &[Operation]) -> Vec<ForeignKey> {
    let name = TableName::of(table);
    rest.iter()
        .filter_map(|it| match it {
            Operation::CreateConstraint { table, constraint: Constraint::ForeignKey(key) }
                if *table == name =>
            {
                Some(key.clone())
            }
            _ => None,
        })
        .collect()
}

/// Writes the SQL files of a revision for these dialects: `up.sqlite.sql`, `down.sqlite.sql` and so on, by name.
///
/// A revision that cannot be undone has no files for that.
///
/// # Errors
///
/// As [`render`].
pub fn render_files(
    revision: &Revision,
    before: &Metadata,
    dialects: &[&dyn Dialect],
) -> Result<BTreeMap<String, String>> {
    let mut after = before.clone();
    for operation in &revision.operations {
        operation.apply(&mut after)?;
    }
    let down = revision.inverse();
    let mut files = BTreeMap::new();
    for dialect in dialects {
        let mut write = |direction: Direction, operations: &[Operation], state: &Metadata| -> Result<()> {
            let about = [
                format!("Revision {}: {}", revision.id, revision.message),
                format!("{} on {}, from revision.toml by `aludel render`", direction.title(), dialect.name()),
            ];
            let text = write_script(&about, &render(*dialect, operations, state)?)?;
            files.insert(format!("{}.{}.sql", direction.word(), dialect.key()), text);
            Ok(())
        };
        write(Direction::Up, &revision.operations, before)?;
        if let Ok(down) = &down {
            write(Direction::Down, down, &after)?;
        }
    }
    Ok(files)
}
