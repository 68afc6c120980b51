//! How much there is to do.

use std::collections::BTreeSet;

use aludel_sql::schema::{Operation, TableName};
use aludel_sql::{Result, text_unchecked};

use super::Migrator;
use crate::count::Count;
use crate::revision::Revision;

impl Migrator<'_> {
    /// Counts the rows of the tables that a revision changes, as far as they are there. Writes nothing.
    ///
    /// ```
    /// # aludel::doc::run_engine(async |engine| {
    /// # let scripts = aludel::doc::scripts();
    /// use aludel_migrate::Migrator;
    ///
    /// let migrator = Migrator::new(&engine, &scripts);
    /// migrator.upgrade("ae10").await?;
    /// engine.connect().await?.run_plain(&["INSERT INTO shelves (label) VALUES ('A'), ('B')"]).await?;
    /// // What `aludel upgrade --plan` says: so many rows are in the table that `1975` changes.
    /// let next = &scripts.map().revisions()[1];
    /// assert_eq!(migrator.rows(next).await?, [("shelves".to_owned(), 2)]);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Where the database cannot be reached.
    pub async fn rows(&self, revision: &Revision) -> Result<Vec<(String, i64)>> {
        let tables: BTreeSet<TableName> = revision
            .operations
            .iter()
            .filter(|it| !matches!(it, Operation::CreateTable(_)))
            .filter_map(Operation::table)
            .collect();
        let mut conn = self.engine.connect().await?;
        let mut found = Vec::new();
        for table in tables {
            let sql = Count { dialect: self.engine.dialect(), table: &table }.rows()?;
            // An earlier revision of the plan may be the one that makes the table.
            if let Ok(row) = conn.execute(text_unchecked(sql)).one().await {
                found.push((table.to_string(), row.at(0)?));
            }
        }
        Ok(found)
    }
}
