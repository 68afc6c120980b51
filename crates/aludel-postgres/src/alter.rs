//! Operations on what is there, in PostgreSQL's words.

mod domain;

use aludel_sql::compiler::alter::{self, alter_table, find};
use aludel_sql::compiler::{create_table, standard};
use aludel_sql::schema::{
    ColumnDef, DialectOptions, EnumType, Extension, Metadata, Operation, Step, TableName, Type,
};
use aludel_sql::{Dialect, Error, ErrorKind, Result, SqlType, shorten_identifier, write_identifier};

use crate::ddl::comment;
use crate::dialect::PostgresDialect;

impl PostgresDialect {
    /// Writes the steps of an operation.
    pub(crate) fn alter_steps(self, operation: &Operation, after: &Metadata) -> Result<Vec<Step>> {
        let one = |sql: String| Ok(vec![Step::new(operation.to_string(), sql)]);
        match operation {
            Operation::AlterTableComment { table, to, .. } => one(self.comment(table, None, to.as_ref())?),
            Operation::AlterTableOptions { table, from, to } => {
                self.alter_options(operation, table, from, to)
            }
            Operation::SetTableSchema { table, to } => {
                let mut sql = format!("{} SET SCHEMA ", alter_table(&self, table)?);
                if let Some(to) = to {
                    write_identifier(&mut sql, to, self.quote())?;
                    return one(sql);
                }
                // Which one is the default is known when it runs.
                let mut text = String::new();
                standard::text_literal(&mut text, &sql);
                one(format!("DO $$BEGIN EXECUTE {text} || quote_ident(current_schema()); END$$"))
            }
            Operation::AlterEnum { from, to } => self.alter_enum(operation, from, to, after),
            Operation::AlterDomain { from, to } => self.alter_domain(operation, from, to, after),
            Operation::AlterExtension { from, to } => self.alter_extension(operation, from, to),
            Operation::AlterSequence { from, to } => {
                let mut steps = alter::steps(&self, operation, after)?;
                if from.sql_type != to.sql_type
                    && let Some(step) = steps.first_mut()
                {
                    step.statements[0].push_str(&format!(" AS {}", self.type_name(to.sql_type)?));
                }
                if from.comment != to.comment {
                    let name = (to.schema.as_deref(), to.name.as_str());
                    let sql = comment(self, "SEQUENCE", name, None, to.comment.as_deref())?;
                    steps.push(Step::new(format!("comment on sequence {}", to.name), sql));
                }
                Ok(steps)
            }
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
                crate::ddl::collation(&mut action, collation);
            }
            match using {
                Some(using) => action.push_str(&format!(" USING {using}")),
                None => {
                    if let Some(cast) = cast(&name, from.sql_type.base(), to.sql_type.base(), &sql_type) {
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

    /// Writes the changes of what `postgres(…)` says of a table.
    fn alter_options(
        self,
        operation: &Operation,
        table: &TableName,
        from: &DialectOptions,
        to: &DialectOptions,
    ) -> Result<Vec<Step>> {
        let change = |name: &str| {
            let (from, to) = (from.get("postgres", name), to.get("postgres", name));
            (from != to).then_some((from, to))
        };
        if change("partition_by").is_some() {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!("PostgreSQL cannot change how `{table}` is partitioned"),
            )
            .with_table(&table.name)
            .help("make another table and move the rows, in an operation `sql`"));
        }
        let name = |name: &str| {
            let mut sql = String::new();
            write_identifier(&mut sql, name, self.quote()).map(|()| sql)
        };
        let mut actions = Vec::new();
        if let Some((_, to)) = change("unlogged") {
            actions.push(if to == Some("true") { "SET UNLOGGED" } else { "SET LOGGED" }.to_owned());
        }
        if let Some((from, to)) = change("with") {
            let keys = |options: &str| {
                let key = |it: &str| it.split('=').next().unwrap_or_default().trim().to_owned();
                options.split(',').map(key).collect::<Vec<_>>()
            };
            let kept = to.map(keys).unwrap_or_default();
            let gone: Vec<_> =
                from.map(keys).unwrap_or_default().into_iter().filter(|it| !kept.contains(it)).collect();
            if !gone.is_empty() {
                actions.push(format!("RESET ({})", gone.join(", ")));
            }
            actions.extend(to.map(|to| format!("SET ({to})")));
        }
        if let Some((_, to)) = change("using") {
            actions.push(format!("SET ACCESS METHOD {}", name(to.unwrap_or("heap"))?));
        }
        let mut steps = Vec::new();
        let mut step = |action: String| -> Result<()> {
            let sql = format!("{} {action}", alter_table(&self, table)?);
            steps.push(Step::new(operation.to_string(), sql));
            Ok(())
        };
        if !actions.is_empty() {
            step(actions.join(", "))?;
        }
        // It stands alone.
        if let Some((_, to)) = change("tablespace") {
            step(format!("SET TABLESPACE {}", name(to.unwrap_or("pg_default"))?))?;
        }
        Ok(steps)
    }

    /// Adds values where that is all, each committed before anything can use it; otherwise makes the type again.
    fn alter_enum(
        self,
        operation: &Operation,
        from: &EnumType,
        to: &EnumType,
        after: &Metadata,
    ) -> Result<Vec<Step>> {
        let name = |name: &str| {
            let mut sql = String::new();
            standard::table_name(&mut sql, &self, name, to.schema.as_deref()).map(|()| sql)
        };
        let literal = |text: &str| {
            let mut sql = String::new();
            standard::text_literal(&mut sql, text);
            sql
        };
        let kept: Vec<&String> = to.values.iter().filter(|it| from.values.contains(it)).collect();
        let mut steps = Vec::new();
        if from.values.iter().eq(kept) {
            for (at, value) in to.values.iter().enumerate().filter(|(_, it)| !from.values.contains(it)) {
                let place = match (at, from.values.first()) {
                    (0, Some(first)) => format!(" BEFORE {}", literal(first)),
                    (0, None) => String::new(),
                    _ => format!(" AFTER {}", literal(&to.values[at - 1])),
                };
                let sql = format!(
                    "ALTER TYPE {} ADD VALUE IF NOT EXISTS {}{place}",
                    name(&to.name)?,
                    literal(value)
                );
                steps.push(Step {
                    in_transaction: false,
                    ..Step::new(format!("add value {} to enum {}", literal(value), to.name), sql)
                });
            }
        } else {
            return self.remake_enum(operation, to, after);
        }
        if from.comment != to.comment {
            let of = (to.schema.as_deref(), to.name.as_str());
            let sql = comment(self, "TYPE", of, None, to.comment.as_deref())?;
            steps.push(Step::new(format!("comment on enum {}", to.name), sql));
        }
        Ok(steps)
    }

    /// Writes another type, gives it to the columns, and lets it take the place of the old one.
    fn remake_enum(self, operation: &Operation, to: &EnumType, after: &Metadata) -> Result<Vec<Step>> {
        if let Some(over) = after.domains().into_iter().find(|it| it.sql_type.as_enum() == Some(to)) {
            return Err(domain::is_over(to, over));
        }
        let new = EnumType { name: shorten_identifier(format!("aludel_new_{}", to.name)), ..to.clone() };
        let type_name = self.column_type(&Type::Enum(new.clone()))?;
        let old_name = self.column_type(&Type::Enum(to.clone()))?;
        let mut statements = crate::ddl::create_enum(self, &new)?;
        let mut defaults = Vec::new();
        for table in after.tables() {
            for column in table.columns.iter().filter(|it| it.sql_type.as_enum() == Some(to)) {
                let mut name = String::new();
                write_identifier(&mut name, &column.name, self.quote())?;
                let alter = format!("{} ALTER COLUMN {name}", alter_table(&self, &TableName::of(table))?);
                if column.server_default.is_some() {
                    statements.push(format!("{alter} DROP DEFAULT"));
                    let mut default = format!("{alter} SET");
                    create_table::server_default(
                        &mut default,
                        column.server_default.as_ref(),
                        crate::dialect::NOW,
                    )?;
                    defaults.push(default);
                }
                statements.push(format!("{alter} TYPE {type_name} USING {name}::text::{type_name}"));
            }
        }
        statements.push(format!("DROP TYPE {old_name}"));
        let mut rename = format!("ALTER TYPE {type_name} RENAME TO ");
        write_identifier(&mut rename, &to.name, self.quote())?;
        statements.push(rename);
        statements.extend(defaults);
        Ok(statements.into_iter().map(|sql| Step::new(operation.to_string(), sql)).collect())
    }

    fn alter_extension(self, operation: &Operation, from: &Extension, to: &Extension) -> Result<Vec<Step>> {
        let alter = alter::on_object(&self, "ALTER EXTENSION", None, &to.name)?;
        let mut steps = Vec::new();
        if let Some(schema) = to.schema.as_ref().filter(|it| Some(*it) != from.schema.as_ref()) {
            let mut sql = format!("{alter} SET SCHEMA ");
            write_identifier(&mut sql, schema, self.quote())?;
            steps.push(Step::new(operation.to_string(), sql));
        }
        if let Some(version) = to.version.as_ref().filter(|it| Some(*it) != from.version.as_ref()) {
            let mut sql = format!("{alter} UPDATE TO ");
            standard::text_literal(&mut sql, version);
            steps.push(Step::new(operation.to_string(), sql));
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
    // From a domain to the type under it, or to another domain over it.
    if from == to {
        return None;
    }
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
