//! Operations on tables that are in use, in the form that locks least.

use aludel_sql::compiler::alter::{add_column, alter_table, constraint_definition};
use aludel_sql::compiler::standard;
use aludel_sql::schema::{
    Check, ColumnDef, Constraint, Index, Metadata, Operation, Step, Table, TableName, Unique,
};
use aludel_sql::{Dialect, Result, shorten_identifier, write_identifier};

use crate::dialect::PostgresDialect;

impl PostgresDialect {
    /// Writes the steps of an operation that would hold everybody up in its usual form; none where the usual form is as good.
    pub(crate) fn online_steps(self, operation: &Operation, after: &Metadata) -> Result<Option<Vec<Step>>> {
        let Some(name) = operation.table() else { return Ok(None) };
        let Some(table) = after.table(name.schema.as_deref(), &name.name) else { return Ok(None) };
        // Partitions of a table would have to come first, one by one.
        if table.options.get(self.key(), "partition_by").is_some() {
            return Ok(None);
        }
        Ok(Some(match operation {
            Operation::CreateIndex { index, .. } => vec![self.build(operation.to_string(), table, index)?],
            Operation::DropIndex { index, .. } => {
                let mut sql = "DROP INDEX CONCURRENTLY ".to_owned();
                standard::table_name(&mut sql, &self, &index.name, name.schema.as_deref())?;
                vec![alone(operation.to_string(), sql)]
            }
            Operation::CreateConstraint { constraint: Constraint::Unique(unique), .. } => {
                self.unique(operation, table, unique)?
            }
            Operation::CreateConstraint { constraint, .. } if may_wait(constraint) => {
                self.validated(operation.to_string(), &name, constraint)?
            }
            Operation::AlterColumn { from, to, using: None, .. } if becomes_required(from, to) => {
                self.required(operation.to_string(), &name, to)?
            }
            Operation::AddColumn { column, backfill: Some(fill), .. } if !column.nullable => {
                let nullable = ColumnDef { nullable: true, ..column.clone() };
                let mut update = "UPDATE ".to_owned();
                standard::table_name(&mut update, &self, &name.name, name.schema.as_deref())?;
                update.push_str(&format!(" SET {} = {fill}", self.quoted(&column.name)?));
                let mut steps = vec![
                    Step::new(operation.to_string(), add_column(&self, table, &nullable)?),
                    Step::new(format!("fill {name}.{}", column.name), update),
                ];
                let title = format!("every row of {name} has {}", column.name);
                steps.extend(self.required(title, &name, column)?);
                steps
            }
            _ => return Ok(None),
        }))
    }

    /// Builds an index while rows are written.
    fn build(self, title: String, table: &Table, index: &Index) -> Result<Step> {
        let sql = self.create_index(table, index)?;
        Ok(alone(title, sql.replacen("INDEX ", "INDEX CONCURRENTLY ", 1)))
    }

    /// A unique index is built first; the constraint then takes it as its own, which is the work of a moment.
    fn unique(self, operation: &Operation, table: &Table, unique: &Unique) -> Result<Vec<Step>> {
        let columns: Vec<&str> = unique.columns.iter().map(String::as_str).collect();
        let mut index = Index::on(&unique.name, columns);
        index.unique = true;
        index.nulls_not_distinct = unique.nulls_not_distinct;
        let name = TableName::of(table);
        let mut whole = String::new();
        constraint_definition(&mut whole, &self, &Constraint::Unique(unique.clone()))?;
        let when = whole.rfind(" DEFERRABLE").map_or("", |at| &whole[at..]);
        let constraint = self.quoted(&unique.name)?;
        let add = format!(
            "{} ADD CONSTRAINT {constraint} UNIQUE USING INDEX {constraint}{when}",
            alter_table(&self, &name)?
        );
        Ok(vec![
            self.build(format!("build the index of {} on {name}", unique.name), table, &index)?,
            Step::new(operation.to_string(), add),
        ])
    }

    /// A constraint that holds for new rows at once, and is then checked for the old ones while everybody goes on.
    fn validated(self, title: String, table: &TableName, constraint: &Constraint) -> Result<Vec<Step>> {
        let mut add = alter_table(&self, table)?;
        add.push_str(" ADD ");
        constraint_definition(&mut add, &self, constraint)?;
        add.push_str(" NOT VALID");
        let validate =
            format!("{} VALIDATE CONSTRAINT {}", alter_table(&self, table)?, self.quoted(constraint.name())?);
        Ok(vec![
            Step::new(title, add),
            alone(format!("check the rows of {table} for {}", constraint.name()), validate),
        ])
    }

    /// NOT NULL believes a constraint that was checked before, and does not look at the rows again.
    fn required(self, title: String, table: &TableName, column: &ColumnDef) -> Result<Vec<Step>> {
        let name = self.quoted(&column.name)?;
        let proof = shorten_identifier(format!("aludel_{}_{}_not_null", table.name, column.name));
        let check = Constraint::Check(Check::new(&proof, format!("{name} IS NOT NULL")));
        let mut steps = self.validated(format!("new rows of {table} have {}", column.name), table, &check)?;
        let alter = alter_table(&self, table)?;
        let set =
            format!("{alter} ALTER COLUMN {name} SET NOT NULL,\n  DROP CONSTRAINT {}", self.quoted(&proof)?);
        steps.push(Step::new(title, set));
        Ok(steps)
    }

    fn quoted(self, name: &str) -> Result<String> {
        let mut out = String::new();
        write_identifier(&mut out, name, self.quote())?;
        Ok(out)
    }
}

/// A step that no transaction may be around: it would keep the locks of everything before it.
fn alone(title: String, sql: String) -> Step {
    Step { in_transaction: false, ..Step::new(title, sql) }
}

fn may_wait(constraint: &Constraint) -> bool {
    match constraint {
        Constraint::ForeignKey(key) => !key.not_valid,
        Constraint::Check(check) => !check.not_valid,
        _ => false,
    }
}

/// Tells whether NOT NULL is all that is new.
fn becomes_required(from: &ColumnDef, to: &ColumnDef) -> bool {
    from.nullable && ColumnDef { nullable: false, ..from.clone() } == *to
}
