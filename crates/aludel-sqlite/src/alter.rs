//! Operations on tables that are there: SQLite's few ALTERs, and for everything else a rebuild.

use aludel_sql::compiler::alter::{self, find};
use aludel_sql::compiler::{create_table, standard};
use aludel_sql::schema::{
    ColumnDef, DdlKind, Metadata, Operation, Rebuild, Step, StepKind, Table, TableName,
};
use aludel_sql::{Dialect, Result, ServerDefault, shorten_identifier, write_identifier};

use crate::ddl::type_check;
use crate::dialect::SqliteDialect;

/// Foreign keys must be off while the old table is dropped, or its children go with it; and that setting is deaf in a transaction.
pub(crate) const REBUILD: Rebuild = Rebuild {
    before: &["PRAGMA foreign_keys = OFF"],
    after: &["PRAGMA foreign_keys = ON"],
    carried,
    refusal,
    check: "PRAGMA foreign_key_check",
};

impl SqliteDialect {
    /// Writes the steps of operations on one table. If one of them needs a rebuild, one rebuild does them all.
    pub(crate) fn alter_steps(
        self,
        operations: &[Operation],
        before: &Metadata,
        after: &Metadata,
    ) -> Result<Vec<Step>> {
        if let [operation @ Operation::AlterEnum { .. }] = operations {
            let mut steps = Vec::new();
            for group in alter::columns_of_enum(operation, after) {
                steps.extend(self.alter_steps(&group, before, after)?);
            }
            return Ok(steps);
        }
        let needs_rebuild = operations.iter().any(needs_rebuild);
        let (Some(first), true) = (operations.first(), needs_rebuild) else {
            let mut steps = Vec::new();
            for operation in operations {
                steps.extend(self.native(operation, after)?);
            }
            return Ok(steps);
        };
        let table = first.table().expect("what needs a rebuild has a table");
        let mut step = self.rebuild(operations, find(before, &table)?, find(after, &table)?)?;
        // The triggers that revisions know went with the old table.
        let triggers = after.ddls().iter().filter(|it| it.kind == DdlKind::Trigger);
        for trigger in triggers.filter(|it| it.table.as_ref() == Some(&table)) {
            step.statements.extend(self.create_ddl(trigger)?);
        }
        Ok(vec![step])
    }

    fn native(self, operation: &Operation, after: &Metadata) -> Result<Vec<Step>> {
        let one = |sql: String| Ok(vec![Step::new(operation.to_string(), sql)]);
        match operation {
            // There are no comments to change.
            Operation::AlterTableComment { .. } | Operation::AlterColumn { .. } => Ok(Vec::new()),
            Operation::AddColumn { table, column, .. } => {
                let of = find(after, table)?;
                let mut sql = alter::add_column(&self, of, column)?;
                if let Some(check) = type_check(of, column)? {
                    sql.push_str(" CONSTRAINT ");
                    write_identifier(&mut sql, &check.name, self.quote())?;
                    sql.push_str(&format!(" CHECK ({})", check.condition));
                }
                one(sql)
            }
            Operation::CreateIndex { table, index } => one(self.create_index(find(after, table)?, index)?),
            Operation::DropIndex { table, index } => one(self.drop_index(table, &index.name)?),
            Operation::RenameIndex { table, from, to } => {
                let of = find(after, table)?;
                let index = of.indexes.iter().find(|it| it.name == *to).expect("the state after has it");
                Ok(vec![
                    Step::new(format!("drop index {from} on {table}"), self.drop_index(table, from)?),
                    Step::new(format!("create index {to} on {table}"), self.create_index(of, index)?),
                ])
            }
            _ => alter::steps(&self, operation, after),
        }
    }

    fn drop_index(self, table: &TableName, name: &str) -> Result<String> {
        let mut sql = "DROP INDEX ".to_owned();
        standard::table_name(&mut sql, &self, name, table.schema.as_deref())?;
        Ok(sql)
    }

    /// Writes the rebuild of a table: the new one under another name, the rows, and then the name.
    fn rebuild(self, operations: &[Operation], before: &Table, after: &Table) -> Result<Step> {
        let mut new = after.clone();
        new.name = shorten_identifier(format!("aludel_new_{}", after.name));
        new.indexes.clear();
        // References of the table to itself are to the name that it will have.
        let mut statements = self.create_named(&new, after)?;
        if let Some(copy) = self.copy_rows(operations, before, after, &new)? {
            statements.push(copy);
        }
        if [before, after].iter().all(|it| it.options.flag("sqlite", "autoincrement")) {
            statements.extend(counters(before, &new)?);
        }
        let mut drop = "DROP TABLE ".to_owned();
        standard::table_name(&mut drop, &self, &before.name, before.schema.as_deref())?;
        statements.push(drop);
        let mut rename = alter::alter_table(&self, &TableName::of(&new))?;
        rename.push_str(" RENAME TO ");
        write_identifier(&mut rename, &after.name, self.quote())?;
        // Views and triggers that name the table would be in the way of the renaming, and references to it would follow it.
        statements.extend([
            "PRAGMA legacy_alter_table = ON".to_owned(),
            rename,
            "PRAGMA legacy_alter_table = OFF".to_owned(),
        ]);
        for index in &after.indexes {
            statements.push(self.create_index(after, index)?);
        }
        let titles: Vec<String> = operations.iter().map(Operation::to_string).collect();
        Ok(Step {
            title: titles.join("; "),
            kind: StepKind::Rebuild(TableName::of(after)),
            statements,
            in_transaction: true,
        })
    }

    /// Writes CREATE TABLE under a name for the time being; checks and keys keep the names that belong to the table.
    fn create_named(self, new: &Table, after: &Table) -> Result<Vec<String>> {
        let mut statements = self.create_table(after, &[])?;
        statements.truncate(1);
        let (mut old_name, mut new_name) = ("CREATE TABLE ".to_owned(), "CREATE TABLE ".to_owned());
        standard::table_name(&mut old_name, &self, &after.name, after.schema.as_deref())?;
        standard::table_name(&mut new_name, &self, &new.name, new.schema.as_deref())?;
        statements[0] = format!("{new_name}{}", &statements[0][old_name.len()..]);
        Ok(statements)
    }

    /// Writes INSERT … SELECT for the columns that both tables have and those that are filled; none if there is nothing to copy.
    fn copy_rows(
        self,
        operations: &[Operation],
        before: &Table,
        after: &Table,
        new: &Table,
    ) -> Result<Option<String>> {
        let (mut columns, mut values) = (Vec::new(), Vec::new());
        for column in after.columns.iter().filter(|it| it.computed.is_none()) {
            let made = operations.iter().find_map(|it| match it {
                Operation::AddColumn { column: added, backfill, .. } if added.name == column.name => {
                    backfill.clone()
                }
                Operation::AlterColumn { to, using, .. } if to.name == column.name => using.clone(),
                _ => None,
            });
            let mut name = String::new();
            write_identifier(&mut name, &column.name, self.quote())?;
            let value = match (made, before.column(&column.name)) {
                (Some(made), _) => made,
                // The new column's affinity converts what looks like a value of its type, and its CHECK refuses the rest.
                (None, Some(old)) if old.computed.is_none() => name,
                _ => continue,
            };
            columns.push(column.name.clone());
            values.push(value);
        }
        if columns.is_empty() {
            return Ok(None);
        }
        let mut sql = "INSERT INTO ".to_owned();
        standard::table_name(&mut sql, &self, &new.name, new.schema.as_deref())?;
        sql.push(' ');
        create_table::columns(&mut sql, &self, &columns)?;
        sql.push_str(&format!("\nSELECT {} FROM ", values.join(", ")));
        standard::table_name(&mut sql, &self, &before.name, before.schema.as_deref())?;
        Ok(Some(sql))
    }
}

/// Lets the new table count on from where the old one was: a number that was given once is not given again.
fn counters(before: &Table, new: &Table) -> Result<Vec<String>> {
    let mut table = String::new();
    standard::table_name(&mut table, &SqliteDialect, "sqlite_sequence", before.schema.as_deref())?;
    let literal = |text: &str| {
        let mut literal = String::new();
        standard::text_literal(&mut literal, text);
        literal
    };
    let (old, new) = (literal(&before.name), literal(&new.name));
    Ok(vec![
        format!("DELETE FROM {table} WHERE name = {new}"),
        format!("INSERT INTO {table} (name, seq) SELECT {new}, seq FROM {table} WHERE name = {old}"),
    ])
}

/// Writes a query for the SQL of what goes when a table goes and is in no revision: triggers and indexes that are not among those known.
fn carried(table: &TableName, known: &[String]) -> Result<String> {
    Ok(format!("SELECT sql FROM {} ORDER BY type", unknown(table, known)?))
}

/// Writes statements that fail where there is something that a rebuild by script would lose.
fn refusal(table: &TableName, known: &[String]) -> Result<Vec<String>> {
    let mut why = String::new();
    let said =
        format!("{table} has triggers or indexes that no revision knows and that this script would lose");
    write_identifier(&mut why, &said, '"')?;
    Ok(vec![
        format!("CREATE TEMPORARY TABLE aludel_refusal (found INTEGER CONSTRAINT {why} CHECK (found = 0))"),
        format!("INSERT INTO aludel_refusal SELECT count(*) FROM {}", unknown(table, known)?),
        "DROP TABLE aludel_refusal".to_owned(),
    ])
}

fn unknown(table: &TableName, known: &[String]) -> Result<String> {
    let mut sql = String::new();
    standard::table_name(&mut sql, &SqliteDialect, "sqlite_schema", table.schema.as_deref())?;
    sql.push_str(" WHERE tbl_name = ");
    standard::text_literal(&mut sql, &table.name);
    sql.push_str(
        " COLLATE NOCASE AND (type = 'trigger' OR type = 'index' AND sql IS NOT NULL) AND name NOT IN (",
    );
    for (at, name) in known.iter().enumerate() {
        sql.push_str(if at == 0 { "" } else { ", " });
        standard::text_literal(&mut sql, name);
    }
    sql.push(')');
    Ok(sql)
}

/// Tells whether SQLite's own ALTER cannot do it.
pub(crate) fn needs_rebuild(operation: &Operation) -> bool {
    match operation {
        Operation::AddColumn { column, backfill, .. } => backfill.is_some() || !can_be_added(column),
        // What differs may be something that SQLite has no words for.
        Operation::AlterColumn { from, to, .. } => {
            ColumnDef { comment: None, ..from.clone() } != ColumnDef { comment: None, ..to.clone() }
        }
        Operation::AlterTableOptions { from, to, .. } => from.only("sqlite") != to.only("sqlite"),
        // The check of its type is a constraint of the table, and would be in the way.
        Operation::DropColumn { .. }
        | Operation::CreateConstraint { .. }
        | Operation::DropConstraint { .. }
        | Operation::RenameConstraint { .. } => true,
        _ => false,
    }
}

/// Tells whether `ADD COLUMN` takes a column: nothing that would have to be computed for the rows that are there.
fn can_be_added(column: &ColumnDef) -> bool {
    let constant = match &column.server_default {
        None => column.nullable,
        Some(ServerDefault::Now | ServerDefault::Sql(_)) => false,
        Some(_) => true,
    };
    constant && column.identity.is_none() && column.computed.as_ref().is_none_or(|it| !it.stored)
}
