//! What things were called before operations that gave them other names.

use std::collections::HashMap;

use aludel_sql::schema::{Operation, TableName};

/// The names that tables and columns had before some operations, by those that they have after them; nothing for what the operations made.
#[derive(Default)]
pub(crate) struct FormerNames {
    tables: HashMap<TableName, Option<TableName>>,
    columns: HashMap<(TableName, String), Option<String>>,
}

impl FormerNames {
    pub fn table(&self, name: &TableName) -> Option<TableName> {
        self.tables.get(name).cloned().unwrap_or_else(|| Some(name.clone()))
    }

    pub fn column(&self, table: &TableName, column: &str) -> Option<(TableName, String)> {
        let table = self.table(table)?;
        let key = (table, column.to_owned());
        let name = self.columns.get(&key).cloned().unwrap_or_else(|| Some(key.1.clone()))?;
        Some((key.0, name))
    }

    /// Takes one more operation in.
    pub fn follow(&mut self, operation: &Operation) {
        match operation {
            Operation::CreateTable(table) => {
                self.tables.insert(TableName::of(table), None);
            }
            Operation::RenameTable { table, to } => {
                let now = self.table(table);
                self.tables.insert(table.clone(), None);
                self.tables.insert(TableName { name: to.clone(), ..table.clone() }, now);
            }
            Operation::SetTableSchema { table, to } => {
                let now = self.table(table);
                self.tables.insert(table.clone(), None);
                self.tables.insert(TableName { schema: to.clone(), name: table.name.clone() }, now);
            }
            Operation::AddColumn { table, column, .. } => {
                if let Some(table) = self.table(table) {
                    self.columns.insert((table, column.name.clone()), None);
                }
            }
            Operation::RenameColumn { table, from, to } => {
                if let Some(table) = self.table(table) {
                    let now = self.columns.get(&(table.clone(), from.clone())).cloned();
                    let now = now.unwrap_or_else(|| Some(from.clone()));
                    self.columns.insert((table.clone(), from.clone()), None);
                    self.columns.insert((table, to.clone()), now);
                }
            }
            _ => {}
        }
    }
}
