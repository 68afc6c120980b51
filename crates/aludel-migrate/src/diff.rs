//! What has to be done to make one schema another. Pure: no database, no order of files, no time.

mod backfill;
mod compare;
mod ddl;
mod objects;
mod plan;
mod rename;
mod tables;

use aludel_sql::schema::{Operation, Table, TableName, Type};
use aludel_sql::{Metadata, Result};

pub use backfill::{set_backfill, unfilled_columns};
pub use compare::{column_orders, normalized};
pub(crate) use rename::name_before;
pub use rename::{Rename, possible_renames};

/// Returns the operations that make `from` what `to` is.
///
/// `from` is usually what the revisions so far add up to, and `to` what the models say. A model's `renamed_from` makes a renaming;
/// without it, another name is another thing, and [`possible_renames`] tells what should be asked. The order of columns does not count.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// use aludel_migrate::diff;
///
/// let operations = diff(&Metadata::of(Author), &Metadata::of((Author, Book)))?;
/// assert_eq!(operations[0].to_string(), "create table books");
/// assert!(diff(&Metadata::of(Author), &Metadata::of(Author))?.is_empty());
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Schema` where a foreign key of `to` refers to a table that is not there, or two tables have one name.
pub fn diff(from: &Metadata, to: &Metadata) -> Result<Vec<Operation>> {
    to.creation_order()?;
    let mut differ = Differ { now: without_hints(from), to: without_hints(to), operations: Vec::new() };
    differ.drop_renamed_ddls(to)?;
    differ.rename(to)?;
    differ.create_first_ddls()?;
    differ.objects(to)?;
    differ.create_functions()?;
    let plan = differ.plan();
    differ.drop_late_ddls(&plan)?;
    differ.drop_foreign_keys(&plan)?;
    differ.drop_tables()?;
    differ.create_tables(&plan)?;
    differ.alter_tables(&plan)?;
    differ.create_foreign_keys()?;
    differ.create_late_ddls()?;
    differ.drop_functions()?;
    differ.drop_objects()?;
    differ.drop_first_ddls()?;
    Ok(differ.operations)
}

/// The work of one comparison.
struct Differ {
    /// `from`, after the operations so far.
    now: Metadata,
    to: Metadata,
    operations: Vec<Operation>,
}

impl Differ {
    /// Adds an operation and applies it, so that everything after it compares with the state that it leaves.
    fn emit(&mut self, operation: Operation) -> Result<()> {
        operation.apply(&mut self.now)?;
        self.operations.push(operation);
        Ok(())
    }

    /// Names the tables that are on both sides, in the order of `to`.
    fn kept(&self) -> Vec<TableName> {
        let names = self.to.tables().iter().map(TableName::of);
        names.filter(|it| self.now.table(it.schema.as_deref(), &it.name).is_some()).collect()
    }

    fn rename(&mut self, hints: &Metadata) -> Result<()> {
        for table in hints.tables() {
            let name = TableName::of(table);
            let is_there = |it: &TableName| self.now.table(it.schema.as_deref(), &it.name).is_some();
            let old = names_before(table).into_iter().find(is_there);
            if let Some(mut old) = old.filter(|_| !is_there(&name)) {
                if old.schema != name.schema {
                    let to = name.schema.clone();
                    self.emit(Operation::SetTableSchema { table: old.clone(), to: to.clone() })?;
                    old.schema = to;
                }
                if old.name != name.name {
                    self.emit(Operation::RenameTable { table: old, to: name.name.clone() })?;
                }
            }
            for column in &table.columns {
                let (Some(old), Some(now)) =
                    (&column.renamed_from, self.now.table(name.schema.as_deref(), &name.name))
                else {
                    continue;
                };
                if now.column(old).is_some() && now.column(&column.name).is_none() {
                    let (from, to) = (old.clone(), column.name.clone());
                    self.emit(Operation::RenameColumn { table: name.clone(), from, to })?;
                }
            }
        }
        Ok(())
    }
}

/// Returns the names that a table may have had before, as its hint says: `users` is in the same schema, or was in the default one; `app.users` was in
/// that schema.
pub(crate) fn names_before(table: &Table) -> Vec<TableName> {
    let Some(old) = &table.renamed_from else { return Vec::new() };
    let mut names = vec![TableName { schema: table.schema.clone(), name: old.clone() }, old.as_str().into()];
    if let Some((schema, name)) = old.split_once('.') {
        names.push(TableName { schema: Some(schema.to_owned()), name: name.to_owned() });
    }
    names
}

/// Hints are for the comparison; no state has them.
fn without_hints(metadata: &Metadata) -> Metadata {
    let mut metadata = metadata.clone();
    for table in metadata.tables_mut() {
        table.renamed_from = None;
        for column in &mut table.columns {
            column.renamed_from = None;
            without_hint(&mut column.sql_type);
        }
    }
    for it in metadata.enums_mut() {
        it.renamed_from = None;
    }
    for it in metadata.domains_mut() {
        it.renamed_from = None;
        without_hint(&mut it.sql_type);
    }
    metadata
}

pub(crate) fn without_hint(sql_type: &mut Type) {
    match sql_type {
        Type::Enum(it) => it.renamed_from = None,
        Type::Domain(it) => {
            it.renamed_from = None;
            without_hint(&mut it.sql_type);
        }
        _ => {}
    }
}
