//! Operations on tables that are there, in PostgreSQL's words.

use aludel_sql::compiler::alter::{self, alter_table, find};
use aludel_sql::compiler::{create_table, standard};
use aludel_sql::schema::{ColumnDef, Metadata, Operation, Step, TableName, Type};
use aludel_sql::{Dialect, Result, SqlType, write_identifier};

use crate::ddl::comment;
use crate::dialect::PostgresDialect;

impl PostgresDialect {
    /// Writes the steps of an operation.
    pub(crate) fn alter_steps(self, operation: &Operation, after: &Metadata) -> Result<Vec<Step>> {
        let one = |sql: String| Ok(vec![Step::new(operation.to_string(), sql)]);
        match operation {
            Operation::AlterTableComment { table, to, .. } => one(self.comment(table, None, to.as_ref())?),
            Operation::AddColumn { table, column, .. } => {
                let mut steps = alter::steps(&self, operation, after)?;
                if let Some(comment) = &column.comment {
                    let sql = self.comment(table, Some(&column.name), Some(comment))?;
                    steps.push(Step::new(format!("comment on column {table}.{}", column.name), sql));
                }
                Ok(steps)
            }
            Operation::AlterColumn { table, from, to, using } => {
                self.alter_column(operation, table, from, to, using.as_deref())
            }
            Operation::DropIndex { table, index } => {
                let mut sql = "DROP INDEX ".to_owned();
                standard::table_name(&mut sql, &self, &index.name, table.schema.as_deref())?;
                one(sql)
            }
            Operation::RenameIndex { table, from, to } => {
                let mut sql = "ALTER INDEX ".to_owned();
                standard::table_name(&mut sql, &self, from, table.schema.as_deref())?;
                sql.push_str(" RENAME TO ");
                write_identifier(&mut sql, to, self.quote())?;
                one(sql)
            }
            Operation::RenameConstraint { table, constraint, to } => {
                find(after, table)?;
                let mut sql = alter_table(&self, table)?;
                sql.push_str(" RENAME CONSTRAINT ");
                write_identifier(&mut sql, constraint.name(), self.quote())?;
                sql.push_str(" TO ");
                write_identifier(&mut sql, to, self.quote())?;
                one(sql)
            }
            _ => alter::steps(&self, operation, after),
        }
    }

    /// Writes one ALTER TABLE with all that differs, and a COMMENT.
    fn alter_column(
        self,
        operation: &Operation,
        table: &TableName,
        from: &ColumnDef,
        to: &ColumnDef,
        using: Option<&str>,
    ) -> Result<Vec<Step>> {
        let mut name = String::new();
        write_identifier(&mut name, &to.name, self.quote())?;
        let mut actions = Vec::new();
        if from.identity.is_some() && from.identity != to.identity {
            actions.push(format!("ALTER COLUMN {name} DROP IDENTITY"));
        }
        let new_type = from.sql_type != to.sql_type || from.collation != to.collation;
        // A default of the old type may have no cast to the new one.
        let defaults_differ = from.server_default != to.server_default;
        if from.server_default.is_some() && (new_type || defaults_differ) {
            actions.push(format!("ALTER COLUMN {name} DROP DEFAULT"));
        }
        if new_type {
            let sql_type = self.column_type(&to.sql_type)?;
            let mut action = format!("ALTER COLUMN {name} TYPE {sql_type}");
            if let Some(collation) = &to.collation {
                action.push_str(&format!(" COLLATE \"{}\"", collation.replace('"', "\"\"")));
            }
            match using {
                Some(using) => action.push_str(&format!(" USING {using}")),
                None => {
                    if let Some(cast) = cast(&name, &from.sql_type, &to.sql_type, &sql_type) {
                        action.push_str(&format!(" USING {cast}"));
                    }
                }
            }
            actions.push(action);
        }
        if to.server_default.is_some() && (new_type || defaults_differ) {
            let mut action = format!("ALTER COLUMN {name} SET");
            create_table::server_default(&mut action, to.server_default.as_ref(), crate::dialect::NOW)?;
            actions.push(action);
        }
        if from.nullable != to.nullable {
            let verb = if to.nullable { "DROP" } else { "SET" };
            actions.push(format!("ALTER COLUMN {name} {verb} NOT NULL"));
        }
        if let Some(identity) = to.identity.as_ref().filter(|it| Some(*it) != from.identity.as_ref()) {
            let mut action = format!("ALTER COLUMN {name} ADD");
            create_table::identity(&mut action, identity);
            actions.push(action);
        }
        let mut steps = Vec::new();
        // Without another type, the expression is for the rows that hold NULL.
        if let Some(using) = using.filter(|_| from.nullable && !to.nullable && !new_type) {
            let mut fill = "UPDATE ".to_owned();
            standard::table_name(&mut fill, &self, &table.name, table.schema.as_deref())?;
            fill.push_str(&format!(" SET {name} = {using} WHERE {name} IS NULL"));
            steps.push(Step::new(format!("fill {table}.{}", to.name), fill));
        }
        if !actions.is_empty() {
            let sql = format!("{} {}", alter_table(&self, table)?, actions.join(",\n  "));
            steps.push(Step::new(operation.to_string(), sql));
        }
        if from.comment != to.comment {
            let sql = self.comment(table, Some(&to.name), to.comment.as_ref())?;
            steps.push(Step::new(format!("comment on column {table}.{}", to.name), sql));
        }
        Ok(steps)
    }

    fn comment(self, table: &TableName, column: Option<&str>, text: Option<&String>) -> Result<String> {
        let kind = if column.is_some() { "COLUMN" } else { "TABLE" };
        let name = (table.schema.as_deref(), table.name.as_str());
        comment(self, kind, name, column, text.map(String::as_str))
    }
}

/// Writes how old values become new ones, where PostgreSQL does not do it by itself.
///
/// What has no cast goes by way of text: that is right for an empty table, and for any other an error that shows the value.
fn cast(name: &str, from: &Type, to: &Type, type_name: &str) -> Option<String> {
    let (Type::Sql(from), Type::Sql(to)) = (from, to) else {
        return (*to != SqlType::Text).then(|| format!("{name}::text::{type_name}"));
    };
    let (from, to) = (*from, *to);
    let is_number = |it: SqlType| it.is_integer() || matches!(it, SqlType::Float | SqlType::Double);
    let is_date = |it: SqlType| matches!(it, SqlType::Timestamp | SqlType::Date);
    if to.is_text() || is_number(from) && is_number(to) || is_date(from) && is_date(to) {
        return None;
    }
    Some(match (from, to) {
        (_, SqlType::Boolean) if is_number(from) => format!("{name} <> 0"),
        (SqlType::Boolean, _) if is_number(to) => format!("{name}::integer::{type_name}"),
        _ if from.is_text() => format!("{name}::{type_name}"),
        _ => format!("{name}::text::{type_name}"),
    })
}
