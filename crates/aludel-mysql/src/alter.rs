//! Operations on tables that are there, in the words of MariaDB and MySQL.

use aludel_sql::compiler::alter::{self, alter_table, find};
use aludel_sql::compiler::sequence::all_sequence_options;
use aludel_sql::compiler::{create_table, standard};
use aludel_sql::schema::{
    ColumnDef, Constraint, DialectOptions, ForeignKey, Metadata, Operation, Step, Table, TableName, Type,
};
use aludel_sql::{Dialect, Error, ErrorKind, Result, SqlType, write_identifier};

use crate::ddl::word;
use crate::dialect::MySqlDialect;

impl MySqlDialect {
    fn rename_table(&self, table: &TableName, schema: Option<&str>, to: &str) -> Result<String> {
        let mut sql = alter_table(self, table)?;
        sql.push_str(" RENAME TO ");
        standard::table_name(&mut sql, self, to, schema)?;
        Ok(sql)
    }

    /// Writes the steps of an operation.
    pub(crate) fn alter_steps(&self, operation: &Operation, after: &Metadata) -> Result<Vec<Step>> {
        let one = |sql: String| Ok(vec![Step::new(operation.to_string(), sql)]);
        match operation {
            Operation::AlterTableComment { table, to, .. } => {
                let mut sql = alter_table(self, table)?;
                sql.push_str(" COMMENT=");
                standard::text_literal(&mut sql, to.as_deref().unwrap_or_default());
                one(sql)
            }
            // What is not in the default schema would go there without its name.
            Operation::RenameTable { table, to } => {
                one(self.rename_table(table, table.schema.as_deref(), to)?)
            }
            Operation::SetTableSchema { table, to } => {
                one(self.rename_table(table, to.as_deref(), &table.name)?)
            }
            Operation::AlterEnum { .. } => {
                let changes = alter::columns_of_enum(operation, after).concat();
                let steps = changes.iter().map(|it| self.alter_steps(it, after));
                Ok(steps.collect::<Result<Vec<_>>>()?.concat())
            }
            Operation::AlterSequence { to, .. } => {
                let mut sql = alter::on_object(self, "ALTER SEQUENCE", to.schema.as_deref(), &to.name)?;
                all_sequence_options(&mut sql, &to.options, "NOCYCLE", 1000);
                one(sql)
            }
            Operation::AlterTableOptions { table, from, to } => {
                self.alter_options(operation, table, from, to, after)
            }
            Operation::AlterColumn { table, from, to, using } => {
                self.alter_column(operation, table, from, to, using.as_deref(), after)
            }
            Operation::CreateIndex { table, index } => {
                let columns: Vec<&str> = index.columns().collect();
                self.with_spare_index_dropped(operation, table, &columns, after)
            }
            Operation::CreateConstraint { table, constraint: Constraint::Unique(key) } => {
                let columns: Vec<&str> = key.columns.iter().map(String::as_str).collect();
                self.with_spare_index_dropped(operation, table, &columns, after)
            }
            Operation::DropIndex { table, index } => {
                let columns: Vec<&str> = index.columns().collect();
                one(self.drop_index(table, &index.name, &columns, after)?)
            }
            Operation::RenameIndex { table, from, to } => one(self.rename_index(table, from, to)?),
            Operation::DropConstraint { table, constraint } => one(match constraint {
                // A primary key has no name here.
                Constraint::PrimaryKey(_) => format!("{} DROP PRIMARY KEY", alter_table(self, table)?),
                Constraint::Unique(key) => {
                    let columns: Vec<&str> = key.columns.iter().map(String::as_str).collect();
                    self.drop_index(table, &key.name, &columns, after)?
                }
                Constraint::ForeignKey(key) => self.drop_foreign_key_and_index(table, key, after)?,
                other => self.drop(table, "CONSTRAINT", other.name())?,
            }),
            Operation::RenameConstraint { table, constraint, to } => match constraint {
                Constraint::PrimaryKey(_) => Ok(Vec::new()),
                Constraint::Unique(key) => one(self.rename_index(table, &key.name, to)?),
                _ => {
                    let drop =
                        Operation::DropConstraint { table: table.clone(), constraint: constraint.clone() };
                    let create = Operation::CreateConstraint {
                        table: table.clone(),
                        constraint: constraint.clone().renamed(to),
                    };
                    let mut steps = self.alter_steps(&drop, after)?;
                    steps.extend(self.alter_steps(&create, after)?);
                    Ok(steps)
                }
            },
            _ => alter::steps(self, operation, after),
        }
    }

    /// Writes MODIFY, which says the whole column again.
    fn alter_column(
        &self,
        operation: &Operation,
        table: &TableName,
        from: &ColumnDef,
        to: &ColumnDef,
        using: Option<&str>,
        after: &Metadata,
    ) -> Result<Vec<Step>> {
        let mut name = String::new();
        write_identifier(&mut name, &to.name, self.quote())?;
        let mut steps = Vec::new();
        if let Some(using) = using {
            let mut fill = "UPDATE ".to_owned();
            standard::table_name(&mut fill, self, &table.name, table.schema.as_deref())?;
            fill.push_str(&format!(" SET {name} = {using}"));
            if from.nullable && !to.nullable && from.sql_type == to.sql_type {
                fill.push_str(&format!(" WHERE {name} IS NULL"));
            }
            steps.push(Step::new(format!("fill {table}.{}", to.name), fill));
        }
        let mut sql = alter_table(self, table)?;
        sql.push_str(&format!(" MODIFY COLUMN {name} "));
        self.column_definition(&mut sql, find(after, table)?, to)?;
        steps.push(Step::new(operation.to_string(), sql));
        Ok(steps)
    }

    /// Writes the changes of what `mysql(…)` says of a table. Another collation is also that of the columns which have none of their own.
    fn alter_options(
        &self,
        operation: &Operation,
        table: &TableName,
        from: &DialectOptions,
        to: &DialectOptions,
        after: &Metadata,
    ) -> Result<Vec<Step>> {
        let differs = |name: &str| from.get("mysql", name) != to.get("mysql", name);
        if differs("partition_by") {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!("{} is not told how `{table}` is to be partitioned anew", self.name()),
            )
            .with_table(&table.name)
            .help("write `ALTER TABLE … PARTITION BY …` in an operation `sql`"));
        }
        let mut actions = Vec::new();
        for (name, words, usual) in [
            ("engine", "ENGINE", "InnoDB"),
            ("row_format", "ROW_FORMAT", "DEFAULT"),
            ("key_block_size", "KEY_BLOCK_SIZE", "0"),
        ] {
            if differs(name) {
                actions.push(format!("{words}={}", word(to.get("mysql", name).unwrap_or(usual))?));
            }
        }
        let of = find(after, table)?;
        let mut columns = Vec::new();
        if differs("charset") || differs("collate") {
            let (charset, collation) = self.charset(to);
            actions.push(format!("DEFAULT CHARSET={}", word(charset)?));
            actions.extend(collation.map(|it| word(it).map(|it| format!("COLLATE={it}"))).transpose()?);
            columns = of.columns.iter().filter(|it| it.collation.is_none() && is_text(it)).collect();
        }
        let mut steps = Vec::new();
        if !actions.is_empty() {
            steps.push(Step::new(
                operation.to_string(),
                format!("{} {}", alter_table(self, table)?, actions.join(" ")),
            ));
        }
        for column in columns {
            let change = Operation::AlterColumn {
                table: table.clone(),
                from: column.clone(),
                to: column.clone(),
                using: None,
            };
            steps.extend(self.alter_steps(&change, after)?);
        }
        Ok(steps)
    }

    fn drop(&self, table: &TableName, what: &str, name: &str) -> Result<String> {
        let mut sql = alter_table(self, table)?;
        sql.push_str(&format!(" DROP {what} "));
        write_identifier(&mut sql, name, self.quote())?;
        Ok(sql)
    }

    /// Drops an index. A foreign key that needs it gets one of its own, as it would have if the other had never been there.
    fn drop_index(
        &self,
        table: &TableName,
        name: &str,
        columns: &[&str],
        after: &Metadata,
    ) -> Result<String> {
        let mut sql = self.drop(table, "INDEX", name)?;
        let of = find(after, table)?;
        for key in of.foreign_keys.iter().filter(|key| covers(columns, &key.columns) && !is_covered(of, key))
        {
            sql.push_str(if self.key() == "mariadb" { ", ADD INDEX IF NOT EXISTS " } else { ", ADD INDEX " });
            write_identifier(&mut sql, &key.name, self.quote())?;
            sql.push(' ');
            create_table::columns(&mut sql, self, &key.columns)?;
        }
        Ok(sql)
    }

    /// Creates an index. The one that a foreign key got when [`drop_index`](Self::drop_index) took another from it goes, as the server's
    /// own would go by itself.
    fn with_spare_index_dropped(
        &self,
        operation: &Operation,
        table: &TableName,
        columns: &[&str],
        after: &Metadata,
    ) -> Result<Vec<Step>> {
        let mut steps = alter::steps(self, operation, after)?;
        let keys = find(after, table)?.foreign_keys.iter().filter(|key| covers(columns, &key.columns));
        for key in keys.filter(|_| self.key() == "mariadb") {
            let title = format!("drop the index that {} no longer needs", key.name);
            steps.push(Step::new(title, self.drop(table, "INDEX IF EXISTS", &key.name)?));
        }
        Ok(steps)
    }

    /// Drops a foreign key, and the index that the server made for it under the same name if no other served.
    fn drop_foreign_key_and_index(
        &self,
        table: &TableName,
        key: &ForeignKey,
        after: &Metadata,
    ) -> Result<String> {
        let mut sql = self.drop(table, "FOREIGN KEY", &key.name)?;
        if self.key() == "mariadb" {
            sql.push_str(", DROP INDEX IF EXISTS ");
            write_identifier(&mut sql, &key.name, self.quote())?;
        } else if !is_covered(find(after, table)?, key) {
            sql.push_str(", DROP INDEX ");
            write_identifier(&mut sql, &key.name, self.quote())?;
        }
        Ok(sql)
    }

    fn rename_index(&self, table: &TableName, from: &str, to: &str) -> Result<String> {
        let mut sql = alter_table(self, table)?;
        sql.push_str(" RENAME INDEX ");
        write_identifier(&mut sql, from, self.quote())?;
        sql.push_str(" TO ");
        write_identifier(&mut sql, to, self.quote())?;
        Ok(sql)
    }
}

/// Tells whether a column has the character set of its table.
fn is_text(column: &ColumnDef) -> bool {
    matches!(column.sql_type, Type::Sql(SqlType::Text | SqlType::Varchar(_)) | Type::Enum(_))
}

/// Tells whether an index of the table, other than one made for the purpose, serves a foreign key.
fn is_covered(table: &Table, key: &ForeignKey) -> bool {
    let keys = std::iter::once(&table.primary_key.columns).chain(table.uniques.iter().map(|it| &it.columns));
    let of_keys = keys.map(|it| it.iter().map(String::as_str).collect::<Vec<_>>());
    let of_indexes = table.indexes.iter().map(|it| it.columns().collect::<Vec<_>>());
    of_keys.chain(of_indexes).any(|columns| covers(&columns, &key.columns))
}

/// Tells whether an index begins with the columns of a foreign key.
fn covers(index: &[&str], key: &[String]) -> bool {
    index.len() >= key.len() && key.iter().zip(index).all(|(a, b)| a == b)
}
