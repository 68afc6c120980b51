//! CREATE TABLE: what all databases share, with the definition of a column left to the dialect.

use super::standard::{table_name, text_literal};
use crate::dialect::Dialect;
use crate::error::{Error, ErrorKind, Result};
use crate::identifier::{MAX_IDENTIFIER, write_identifier};
use crate::mapping::{ReferentialAction, ServerDefault};
use crate::schema::{ColumnDef, Computed, Deferrable, DeferredForeignKey, ForeignKey, Index, IndexOf, Table};

/// Writes CREATE TABLE with all constraints that are not deferred. `column` writes what follows a column's name.
///
/// # Errors
///
/// Kind `Schema` for a table without columns and for names that no database can hold; and whatever `column` refuses.
pub fn create_table(
    dialect: &dyn Dialect,
    table: &Table,
    deferred: &[DeferredForeignKey],
    column: &dyn Fn(&mut String, &ColumnDef) -> Result<()>,
) -> Result<String> {
    if table.columns.is_empty() {
        return Err(Error::new(ErrorKind::Schema, format!("table `{}` has no columns", table.name))
            .with_table(&table.name));
    }
    check_names(table)?;
    let quote = dialect.quote();
    let mut sql = "CREATE TABLE ".to_owned();
    table_name(&mut sql, dialect, &table.name, table.schema.as_deref())?;
    sql.push_str(" (\n");
    for (at, definition) in table.columns.iter().enumerate() {
        sql.push_str(if at == 0 { "  " } else { ",\n  " });
        write_identifier(&mut sql, &definition.name, quote)?;
        sql.push(' ');
        column(&mut sql, definition)?;
    }
    if !table.primary_key.columns.is_empty() {
        constraint(&mut sql, dialect, &table.primary_key.name)?;
        sql.push_str("PRIMARY KEY ");
        columns(&mut sql, dialect, &table.primary_key.columns)?;
    }
    for unique in &table.uniques {
        constraint(&mut sql, dialect, &unique.name)?;
        sql.push_str("UNIQUE ");
        columns(&mut sql, dialect, &unique.columns)?;
    }
    let is_deferred = |key: &ForeignKey| {
        deferred
            .iter()
            .any(|it| it.table == table.name && it.schema == table.schema && it.foreign_key == *key)
    };
    for key in table.foreign_keys.iter().filter(|key| !is_deferred(key)) {
        constraint(&mut sql, dialect, &key.name)?;
        foreign_key(&mut sql, dialect, key)?;
    }
    for check in &table.checks {
        constraint(&mut sql, dialect, &check.name)?;
        sql.push_str("CHECK (");
        sql.push_str(&check.condition);
        sql.push(')');
    }
    sql.push_str("\n)");
    Ok(sql)
}

/// Checks what databases would notice late, or not at all: names that one of them cuts, so that two may become one, and two
/// constraints of one name.
fn check_names(table: &Table) -> Result<()> {
    let wrong = |what: String, help: &'static str| {
        Err(Error::new(ErrorKind::Schema, what).with_table(&table.name).help(help))
    };
    let constraints: Vec<&String> = std::iter::once(&table.primary_key.name)
        .chain(table.uniques.iter().map(|it| &it.name))
        .chain(table.foreign_keys.iter().map(|it| &it.name))
        .chain(table.checks.iter().map(|it| &it.name))
        .collect();
    let names = std::iter::once(&table.name)
        .chain(table.columns.iter().map(|it| &it.name))
        .chain(table.indexes.iter().map(|it| &it.name));
    if let Some(name) = names.chain(constraints.iter().copied()).find(|it| it.len() > MAX_IDENTIFIER) {
        let bytes = name.len();
        return wrong(
            format!("the name `{name}` has {bytes} bytes; all databases together keep {MAX_IDENTIFIER}"),
            "choose a shorter one",
        );
    }
    if let Some(at) = (1..constraints.len()).find(|at| constraints[..*at].contains(&constraints[*at])) {
        return wrong(
            format!("two constraints of `{}` are called `{}`", table.name, constraints[at]),
            "give one of them another name",
        );
    }
    Ok(())
}

/// Writes CREATE INDEX.
///
/// # Errors
///
/// Kind `Schema` for names that no database can hold.
pub fn create_index(dialect: &dyn Dialect, table: &Table, index: &Index) -> Result<String> {
    let mut sql = if index.unique { "CREATE UNIQUE INDEX " } else { "CREATE INDEX " }.to_owned();
    write_identifier(&mut sql, &index.name, dialect.quote())?;
    on_parts(&mut sql, dialect, table, index)?;
    Ok(sql)
}

/// Writes ` ON table USING method (…) INCLUDE (…) WHERE …`.
///
/// # Errors
///
/// Kind `Schema` for names that no database can hold.
pub fn on_parts(sql: &mut String, dialect: &dyn Dialect, table: &Table, index: &Index) -> Result<()> {
    sql.push_str(" ON ");
    table_name(sql, dialect, &table.name, table.schema.as_deref())?;
    if let Some(method) = &index.method {
        sql.push_str(" USING ");
        write_identifier(sql, method, dialect.quote())?;
    }
    sql.push_str(" (");
    for (at, part) in index.parts.iter().enumerate() {
        if at > 0 {
            sql.push_str(", ");
        }
        match &part.of {
            IndexOf::Column(name) => write_identifier(sql, name, dialect.quote())?,
            IndexOf::Expression(expression) => {
                sql.push('(');
                sql.push_str(expression);
                sql.push(')');
            }
        }
        if part.descending {
            sql.push_str(" DESC");
        }
    }
    sql.push(')');
    if !index.include.is_empty() {
        sql.push_str(" INCLUDE ");
        columns(sql, dialect, &index.include)?;
    }
    if let Some(condition) = &index.condition {
        sql.push_str(" WHERE ");
        sql.push_str(condition);
    }
    Ok(())
}

/// Writes ` GENERATED ALWAYS AS (…) STORED`, if the column is computed.
pub fn computed(sql: &mut String, computed: Option<&Computed>) {
    if let Some(Computed { expression, stored }) = computed {
        sql.push_str(" GENERATED ALWAYS AS (");
        sql.push_str(expression);
        sql.push_str(if *stored { ") STORED" } else { ") VIRTUAL" });
    }
}

/// Writes ALTER TABLE … ADD CONSTRAINT … FOREIGN KEY.
///
/// # Errors
///
/// Kind `Schema` for names that no database can hold.
pub fn add_foreign_key(dialect: &dyn Dialect, key: &DeferredForeignKey) -> Result<String> {
    let mut sql = "ALTER TABLE ".to_owned();
    table_name(&mut sql, dialect, &key.table, key.schema.as_deref())?;
    sql.push_str(" ADD CONSTRAINT ");
    write_identifier(&mut sql, &key.foreign_key.name, dialect.quote())?;
    sql.push(' ');
    foreign_key(&mut sql, dialect, &key.foreign_key)?;
    Ok(sql)
}

/// Writes ` DEFAULT …`; `now` is the dialect's expression for the time of the statement.
///
/// # Errors
///
/// Never for the defaults that there are; the type leaves room.
pub fn server_default(sql: &mut String, default: Option<&ServerDefault<String>>, now: &str) -> Result<()> {
    let Some(default) = default else { return Ok(()) };
    sql.push_str(" DEFAULT ");
    match default {
        ServerDefault::Now => sql.push_str(now),
        ServerDefault::Int(value) => sql.push_str(&value.to_string()),
        ServerDefault::Bool(value) => sql.push_str(if *value { "TRUE" } else { "FALSE" }),
        ServerDefault::Text(text) => text_literal(sql, text),
        ServerDefault::Sql(expression) => {
            sql.push('(');
            sql.push_str(expression);
            sql.push(')');
        }
    }
    Ok(())
}

fn constraint(sql: &mut String, dialect: &dyn Dialect, name: &str) -> Result<()> {
    sql.push_str(",\n  CONSTRAINT ");
    write_identifier(sql, name, dialect.quote())?;
    sql.push(' ');
    Ok(())
}

/// Writes `FOREIGN KEY (…) REFERENCES parent (…)` and what happens when the parent changes.
///
/// # Errors
///
/// Kind `Schema` for names that no database can hold.
pub fn foreign_key(sql: &mut String, dialect: &dyn Dialect, key: &ForeignKey) -> Result<()> {
    sql.push_str("FOREIGN KEY ");
    columns(sql, dialect, &key.columns)?;
    sql.push_str(" REFERENCES ");
    table_name(sql, dialect, &key.parent, key.parent_schema.as_deref())?;
    sql.push(' ');
    columns(sql, dialect, &key.parent_columns)?;
    for (word, action) in [(" ON DELETE ", key.on_delete), (" ON UPDATE ", key.on_update)] {
        if action != ReferentialAction::NoAction {
            sql.push_str(word);
            sql.push_str(action.sql());
        }
    }
    sql.push_str(match key.deferrable {
        Deferrable::No => "",
        Deferrable::Immediate => " DEFERRABLE",
        Deferrable::Deferred => " DEFERRABLE INITIALLY DEFERRED",
    });
    Ok(())
}

/// Writes names in parentheses.
///
/// # Errors
///
/// Kind `Schema` for names that no database can hold.
pub fn columns(sql: &mut String, dialect: &dyn Dialect, names: &[String]) -> Result<()> {
    sql.push('(');
    for (at, name) in names.iter().enumerate() {
        if at > 0 {
            sql.push_str(", ");
        }
        write_identifier(sql, name, dialect.quote())?;
    }
    sql.push(')');
    Ok(())
}
