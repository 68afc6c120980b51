//! Rows that are made up, for revisions to keep.

use std::collections::HashMap;

use aludel_engine::{Connection, Engine};
use aludel_sql::compiler::create_table::columns as column_list;
use aludel_sql::compiler::standard::{self, text_literal};
use aludel_sql::schema::{ColumnDef, ForeignKey, Operation, Table, TableName, Type};
use aludel_sql::{Dialect, Metadata, Result, SqlType, text_unchecked, write_identifier};

use crate::count::Count;
use crate::former_names::FormerNames;

/// How many rows a table gets.
const ROWS: i64 = 3;

/// The tables that have rows which were made up, and nothing else; as they were when they got them.
#[derive(Default)]
pub struct Seeds {
    tables: HashMap<TableName, Table>,
    /// The tables for which it did not work, and why.
    failures: Vec<(String, String)>,
}

impl Seeds {
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    pub fn take_failures(&mut self) -> Vec<(String, String)> {
        std::mem::take(&mut self.failures)
    }

    /// Gives rows to all tables that are empty. Those that were changed get others, which have values in columns that are new, and with them those
    /// that refer to them.
    pub async fn sow(&mut self, engine: &Engine, schema: &Metadata) -> Result<()> {
        let mut stale: Vec<TableName> = Vec::new();
        loop {
            let is_new = |it: &&Table| {
                let changed = self.tables.get(&TableName::of(it)).is_some_and(|sown| sown != *it);
                let refers = it.foreign_keys.iter().any(|key| stale.contains(&parent(key)));
                (changed || refers) && !stale.contains(&TableName::of(it))
            };
            let Some(table) = schema.tables().iter().find(is_new) else { break };
            stale.push(TableName::of(table));
        }
        self.take(engine, schema, |it| stale.contains(it)).await?;
        let mut conn = engine.connect().await?;
        let (order, late) = schema.creation_order()?;
        for table in order {
            let name = TableName::of(table);
            if count(&mut conn, &name).await? > 0 {
                continue;
            }
            // Its own table is empty still, and that of a circle comes later.
            let later = |key: &ForeignKey| {
                parent(key) == name
                    || late.iter().any(|it| {
                        TableName { schema: it.schema.clone(), name: it.table.clone() } == name
                            && it.foreign_key == *key
                    })
            };
            let keys: Vec<(&ForeignKey, bool)> =
                table.foreign_keys.iter().map(|it| (it, later(it))).collect();
            let mut failed = None;
            for row in 1..=ROWS {
                let sql = insert(&mut conn, table, &keys, row).await?;
                if let Err(error) = conn.run_plain(&[&sql]).await {
                    if error.is_disconnect() {
                        return Err(error);
                    }
                    failed = Some(error);
                    break;
                }
            }
            match failed {
                None => {
                    self.tables.insert(name, table.clone());
                }
                Some(error) => {
                    delete(&mut conn, &name).await?;
                    let failure = (name.to_string(), error.what().to_owned());
                    if !self.failures.iter().any(|(table, _)| *table == failure.0) {
                        self.failures.push(failure);
                    }
                }
            }
        }
        Ok(())
    }

    /// Takes all rows out again.
    pub async fn clear(&mut self, engine: &Engine, schema: &Metadata) -> Result<()> {
        self.take(engine, schema, |_| true).await
    }

    /// Takes rows out of some tables, children first. Where there are more, or somebody refers to them, they stay, and are somebody's now.
    async fn take(
        &mut self,
        engine: &Engine,
        schema: &Metadata,
        which: impl Fn(&TableName) -> bool,
    ) -> Result<()> {
        let mut conn = engine.connect().await?;
        for table in schema.creation_order()?.0.into_iter().rev() {
            let name = TableName::of(table);
            if which(&name)
                && self.tables.remove(&name).is_some()
                && count(&mut conn, &name).await.is_ok_and(|it| it <= ROWS)
            {
                // What stays is seen when the table is not empty.
                let _ = delete(&mut conn, &name).await;
            }
        }
        Ok(())
    }

    /// Knows the tables by their names after operations.
    pub fn follow(&mut self, operations: &[Operation]) {
        let mut names = FormerNames::default();
        operations.iter().for_each(|it| names.follow(it));
        let renamed = operations.iter().filter_map(|it| match it {
            Operation::RenameTable { table, to } => Some(TableName { name: to.clone(), ..table.clone() }),
            Operation::SetTableSchema { table, to } => {
                Some(TableName { schema: to.clone(), name: table.name.clone() })
            }
            _ => None,
        });
        let renamed: Vec<(TableName, Table)> = renamed
            .filter_map(|it| Some((it.clone(), self.tables.get(&names.table(&it)?)?.clone())))
            .collect();
        self.tables.retain(|it, _| names.table(it).as_ref() == Some(it));
        self.tables.extend(renamed);
    }
}

async fn count(conn: &mut Connection, table: &TableName) -> Result<i64> {
    let query = Count { dialect: conn.engine().clone().dialect(), table }.rows()?;
    conn.execute(text_unchecked(query)).one().await?.at(0)
}

async fn delete(conn: &mut Connection, table: &TableName) -> Result<()> {
    let engine = conn.engine().clone();
    let mut sql = "DELETE FROM ".to_owned();
    standard::table_name(&mut sql, engine.dialect(), &table.name, table.schema.as_deref())?;
    conn.run_plain(&[&sql]).await
}

/// Writes the INSERT of a row.
async fn insert(
    conn: &mut Connection,
    table: &Table,
    keys: &[(&ForeignKey, bool)],
    row: i64,
) -> Result<String> {
    let engine = conn.engine().clone();
    let dialect = engine.dialect();
    let (mut names, mut values) = (Vec::new(), Vec::new());
    for column in table.columns.iter().filter(|it| it.identity.is_none() && it.computed.is_none()) {
        let key = keys.iter().find_map(|(key, is_later)| {
            let at = key.columns.iter().position(|it| *it == column.name)?;
            Some((*key, at, *is_later))
        });
        let value = match key {
            None => Some(value(column, row)),
            Some((_, _, true)) => None,
            Some((key, at, false)) => {
                let there = count(conn, &parent(key)).await?;
                if there == 0 { None } else { Some(value_of_parent(dialect, key, at, (row - 1) % there)?) }
            }
        };
        if let Some(value) = value {
            names.push(column.name.clone());
            values.push(value);
        }
    }
    if names.is_empty() {
        // There are tables that count their rows and no more.
        names.extend(table.columns.first().map(|it| it.name.clone()));
        values.push(row.to_string());
    }
    let mut sql = "INSERT INTO ".to_owned();
    standard::table_name(&mut sql, dialect, &table.name, table.schema.as_deref())?;
    sql.push(' ');
    column_list(&mut sql, dialect, &names)?;
    sql.push_str(&format!(" VALUES ({})", values.join(", ")));
    Ok(sql)
}

fn parent(key: &ForeignKey) -> TableName {
    TableName { schema: key.parent_schema.clone(), name: key.parent.clone() }
}

/// Reads a value from the row of the parent at this place: all columns of a key are read from the same one.
fn value_of_parent(dialect: &dyn Dialect, key: &ForeignKey, at: usize, place: i64) -> Result<String> {
    let mut sql = "(SELECT ".to_owned();
    write_identifier(&mut sql, &key.parent_columns[at], dialect.quote())?;
    sql.push_str(" FROM ");
    standard::table_name(&mut sql, dialect, &key.parent, key.parent_schema.as_deref())?;
    sql.push_str(" ORDER BY ");
    let mut list = String::new();
    column_list(&mut list, dialect, &key.parent_columns)?;
    sql.push_str(&list[1..list.len() - 1]);
    sql.push_str(&format!(" LIMIT 1 OFFSET {place})"));
    Ok(sql)
}

/// Writes a value that another row does not have, as far as the type has so many. No value is NULL: a column that shall be NOT NULL can keep them all.
fn value(column: &ColumnDef, row: i64) -> String {
    let text = |text: &str| {
        let mut literal = String::new();
        text_literal(&mut literal, text);
        literal
    };
    match column.sql_type.base() {
        Type::Enum(it) => match it.values.len() {
            0 => "NULL".to_owned(),
            values => text(&it.values[(row as usize - 1) % values]),
        },
        // What a type of one database takes is not known.
        Type::Native(_) if column.without_domain().nullable => "NULL".to_owned(),
        Type::Native(_) => text(&row.to_string()),
        Type::Sql(sql_type) => match sql_type {
            SqlType::Boolean => if row % 2 == 1 { "TRUE" } else { "FALSE" }.to_owned(),
            SqlType::Numeric(digits, scale) if digits == scale => "0".to_owned(),
            SqlType::Varchar(1) => text(["a", "b", "c"][(row as usize - 1) % 3]),
            SqlType::Text | SqlType::Varchar(_) | SqlType::Bytes => text(&format!("r{row}")),
            SqlType::Timestamp => text(&format!("2026-01-01 00:00:0{row}.000000")),
            SqlType::Date => text(&format!("2026-01-0{row}")),
            SqlType::Time => text(&format!("00:00:0{row}.000000")),
            SqlType::Uuid => text(&format!("00000000-0000-4000-8000-00000000000{row}")),
            SqlType::Json => text("{}"),
            SqlType::Array(_) => text("{}"),
            _ => row.to_string(),
        },
        _ => text(&row.to_string()),
    }
}
