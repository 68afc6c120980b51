//! From operations to the steps of one database.

use std::collections::BTreeMap;

use aludel_sql::schema::{
    Constraint, ForeignKey, Operation, Step, Table, TableName, operations_without_domains,
};
use aludel_sql::{Dialect, Metadata, Result};

use crate::diff::name_before;
use crate::preflight;
use crate::revision::Revision;
use crate::script::write_script;
use crate::script_directory::Direction;

/// Writes the steps of operations on a dialect, beginning at a state, in the form that locks least.
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
    steps(dialect, operations, before, Checks::No)
}

fn steps(
    dialect: &dyn Dialect,
    operations: &[Operation],
    before: &Metadata,
    checks: Checks,
) -> Result<Vec<Step>> {
    if dialect.features().domains {
        return Plan { dialect, before, operations, checks: Vec::new(), steps: Vec::new() }.render(checks);
    }
    let operations = operations_without_domains(operations, before)?;
    let before = &before.without_domains();
    Plan { dialect, before, operations: &operations, checks: Vec::new(), steps: Vec::new() }.render(checks)
}

/// Whether rows that would be in the way are counted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Checks {
    Yes,
    No,
}

/// The steps of operations, as they are written.
struct Plan<'a> {
    dialect: &'a dyn Dialect,
    before: &'a Metadata,
    operations: &'a [Operation],
    /// What is asked before anything is done.
    checks: Vec<Step>,
    steps: Vec<Step>,
}

impl Plan<'_> {
    fn render(mut self, checks: Checks) -> Result<Vec<Step>> {
        let operations = self.operations;
        let mut state = self.before.clone();
        let mut left = operations;
        while let Some(first) = left.first() {
            let table = first.table();
            let run = match first {
                // These change which table it is; nothing joins them.
                Operation::CreateTable(_)
                | Operation::DropTable(_)
                | Operation::RenameTable { .. }
                | Operation::SetTableSchema { .. }
                // The state before a run has the old name of a column, so a renaming stands alone.
                | Operation::RenameColumn { .. } => 1,
                _ if table.is_none() => 1,
                _ => left.iter().take_while(|it| it.table() == table && joins(it)).count(),
            };
            let done = operations.len() - left.len();
            let (run, rest) = left.split_at(run);
            let mut after = state.clone();
            for operation in run {
                operation.apply(&mut after)?;
            }
            let is_new = table.is_some_and(|it| is_new(&it, &operations[..done]));
            let in_one = !self.dialect.features().add_constraint;
            for (at, operation) in run.iter().enumerate() {
                if checks == Checks::Yes && !is_new {
                    self.check(operation, &operations[..done + at], in_one)?;
                }
                if in_one {
                    continue;
                }
                let online = if is_new { None } else { self.dialect.alter_online(operation, &after)? };
                self.steps.extend(match online {
                    Some(steps) => steps,
                    None => self.dialect.alter(std::slice::from_ref(operation), &state, &after)?,
                });
            }
            if in_one {
                let run = folded(run, operations, rest);
                self.steps.extend(self.dialect.alter(&run, &state, &after)?);
            }
            state = after;
            left = rest;
        }
        self.checks.append(&mut self.steps);
        Ok(self.checks)
    }

    /// Counts rows that are in the way of an operation: first of all, if what is counted is there then, or right before it. Where
    /// operations are done all in one, there is no place right before one of them.
    fn check(&mut self, operation: &Operation, done: &[Operation], in_one: bool) -> Result<()> {
        let Some((check, reads)) = preflight::check(self.dialect, operation)? else { return Ok(()) };
        let is_there = |(table, column): &(TableName, String)| {
            let table = self.before.table(table.schema.as_deref(), &table.name);
            table.is_some_and(|it| column.is_empty() || it.column(column).is_some())
        };
        let is_same = done.iter().all(|it| {
            // Other names, other values or other rows by then.
            let changed = match it {
                Operation::RenameTable { .. }
                | Operation::SetTableSchema { .. }
                | Operation::RenameColumn { .. } => return false,
                Operation::AddColumn { table, column, .. } => (table, &column.name),
                Operation::AlterColumn { table, to, .. } => (table, &to.name),
                other => return other.table().is_some(),
            };
            !reads
                .iter()
                .any(|(table, column)| table == changed.0 && (column.is_empty() || column == changed.1))
        });
        if is_same && reads.iter().all(is_there) {
            self.checks.push(check);
        } else if !in_one {
            self.steps.push(check);
        }
        Ok(())
    }
}

/// Tells whether a table is made by the operations so far: then nobody waits for it, and it has no rows.
fn is_new(table: &TableName, done: &[Operation]) -> bool {
    let mut name = table;
    done.iter().rev().any(|operation| {
        name = name_before(operation, name);
        matches!(operation, Operation::CreateTable(created) if TableName::of(created) == *name)
    })
}

/// Tells whether an operation can be carried out together with its neighbours on the same table.
fn joins(operation: &Operation) -> bool {
    !matches!(
        operation,
        Operation::CreateTable(_)
            | Operation::DropTable(_)
            | Operation::RenameTable { .. }
            | Operation::SetTableSchema { .. }
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
/// ```
/// use aludel::{Metadata, PostgresDialect, SqliteDialect};
/// use aludel_migrate::render_files;
///
/// # let revision = aludel::doc::revisions().remove(0);
/// // `ae10`, the first revision: it creates a table.
/// let files = render_files(&revision, &Metadata::default(), &[&SqliteDialect, &PostgresDialect])?;
/// let names: Vec<_> = files.keys().map(String::as_str).collect();
/// assert_eq!(names, ["down.postgres.sql", "down.sqlite.sql", "up.postgres.sql", "up.sqlite.sql"]);
/// assert!(files["down.sqlite.sql"].ends_with("\n-- aludel:step drop table shelves\nDROP TABLE shelves;\n"));
/// # Ok::<(), aludel::Error>(())
/// ```
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
            let checks = if direction == Direction::Up { Checks::Yes } else { Checks::No };
            let text = write_script(&about, &steps(*dialect, operations, state, checks)?)?;
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
