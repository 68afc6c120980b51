//! Queries that count rows: what may go, what is in the way, how much there is to do.

use aludel_sql::compiler::create_table::columns as column_list;
use aludel_sql::compiler::standard;
use aludel_sql::schema::{ForeignKey, TableName};
use aludel_sql::{Dialect, Result, write_identifier};

/// Counts in one table.
pub(crate) struct Count<'a> {
    pub dialect: &'a dyn Dialect,
    pub table: &'a TableName,
}

impl Count<'_> {
    /// Counts all rows.
    pub fn rows(&self) -> Result<String> {
        Ok(format!("SELECT count(*) FROM {}", self.name_of(self.table)?))
    }

    /// Counts the values of a column.
    pub fn values(&self, column: &str) -> Result<String> {
        Ok(format!("SELECT count({}) FROM {}", self.column(column)?, self.name_of(self.table)?))
    }

    /// Counts the rows that have no value in a column.
    pub fn nulls(&self, column: &str) -> Result<String> {
        Ok(format!("{} WHERE {} IS NULL", self.rows()?, self.column(column)?))
    }

    /// Counts the values that are longer than this.
    pub fn longer(&self, column: &str, length: u32) -> Result<String> {
        let column = self.column(column)?;
        Ok(format!("{} WHERE substr({column}, 1, {length}) <> {column}", self.rows()?))
    }

    /// Counts the rows of which a condition is false.
    pub fn refused(&self, condition: &str) -> Result<String> {
        Ok(format!("{} WHERE NOT ({condition})", self.rows()?))
    }

    /// Counts what is there more than once; NULL is like nothing, unless it is said otherwise.
    pub fn twice(&self, columns: &[String], nulls_not_distinct: bool) -> Result<String> {
        let mut list = String::new();
        column_list(&mut list, self.dialect, columns)?;
        let list = list.trim_start_matches('(').trim_end_matches(')');
        let mut condition = String::new();
        if !nulls_not_distinct {
            for column in columns {
                condition.push_str(if condition.is_empty() { " WHERE " } else { " AND " });
                condition.push_str(&format!("{} IS NOT NULL", self.column(column)?));
            }
        }
        let table = self.name_of(self.table)?;
        Ok(format!(
            "SELECT count(*) FROM (SELECT 1 AS one FROM {table}{condition} GROUP BY {list} HAVING count(*) > 1) AS twice"
        ))
    }

    /// Counts the rows whose parent is not there.
    pub fn orphans(&self, parent: &TableName, key: &ForeignKey) -> Result<String> {
        let (mut there, mut same) = (String::new(), String::new());
        for (column, of_parent) in key.columns.iter().zip(&key.parent_columns) {
            let column = self.column(column)?;
            there.push_str(&format!("child.{column} IS NOT NULL AND "));
            same.push_str(if same.is_empty() { "" } else { " AND " });
            same.push_str(&format!("parent.{} = child.{column}", self.column(of_parent)?));
        }
        let (table, parent) = (self.name_of(self.table)?, self.name_of(parent)?);
        Ok(format!(
            "SELECT count(*) FROM {table} AS child WHERE {there}NOT EXISTS (SELECT 1 FROM {parent} AS parent WHERE {same})"
        ))
    }

    fn name_of(&self, table: &TableName) -> Result<String> {
        let mut out = String::new();
        standard::table_name(&mut out, self.dialect, &table.name, table.schema.as_deref())?;
        Ok(out)
    }

    fn column(&self, name: &str) -> Result<String> {
        let mut out = String::new();
        write_identifier(&mut out, name, self.dialect.quote())?;
        Ok(out)
    }
}
