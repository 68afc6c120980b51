//! What is in the tables of a schema.

use std::collections::HashMap;

use aludel_engine::Engine;
use aludel_sql::compiler::create_table::columns as column_list;
use aludel_sql::compiler::standard;
use aludel_sql::schema::{ColumnDef, Table, TableName};
use aludel_sql::{Metadata, Result, Value, text_unchecked};

/// The rows of all tables that have some.
#[derive(Default)]
pub struct Rows {
    pub tables: HashMap<TableName, TableRows>,
}

/// The rows of one table.
pub struct TableRows {
    pub columns: Vec<ColumnDef>,
    /// The places of the columns of the primary key.
    pub key: Vec<usize>,
    pub rows: Vec<Vec<Value>>,
}

impl Rows {
    /// Reads the tables. What is computed is not read: it is what it is computed of.
    pub async fn read(engine: &Engine, schema: &Metadata) -> Result<Self> {
        let mut conn = engine.connect().await?;
        let mut tables = HashMap::new();
        for table in schema.tables() {
            let columns: Vec<ColumnDef> =
                table.columns.iter().filter(|it| it.computed.is_none()).cloned().collect();
            let query = select(engine, table, &columns)?;
            // A table that is not what the revisions say was told of.
            let Ok(rows) = conn.execute(text_unchecked(query)).all().await else { continue };
            if rows.is_empty() {
                continue;
            }
            let at = |name: &String| columns.iter().position(|it| it.name == *name);
            let key = table.primary_key.columns.iter().filter_map(at).collect();
            let rows = rows.into_iter().map(|it| it.values().to_vec()).collect();
            tables.insert(TableName::of(table), TableRows { columns, key, rows });
        }
        Ok(Self { tables })
    }

    pub fn count(&self) -> usize {
        self.tables.values().map(|it| it.rows.len()).sum()
    }
}

impl TableRows {
    /// Returns the rows by the values of these columns.
    pub fn by_key(&self, key: &[usize]) -> HashMap<String, &[Value]> {
        let text = |row: &[Value]| key.iter().map(|at| format!("{:?}\n", row[*at])).collect::<String>();
        self.rows.iter().map(|row| (text(row), row.as_slice())).collect()
    }
}

fn select(engine: &Engine, table: &Table, columns: &[ColumnDef]) -> Result<String> {
    let dialect = engine.dialect();
    let names: Vec<String> = columns.iter().map(|it| it.name.clone()).collect();
    let mut list = String::new();
    column_list(&mut list, dialect, &names)?;
    let mut sql = format!("SELECT {} FROM ", &list[1..list.len() - 1]);
    standard::table_name(&mut sql, dialect, &table.name, table.schema.as_deref())?;
    Ok(sql)
}
