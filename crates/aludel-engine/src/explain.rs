//! How the database would execute a statement.

use aludel_sql::{Error, ErrorKind, Result, StatementRef, ToSql, ValueRef};

use crate::connection::Connection;
use crate::driver::{Flow, RowSink};

impl Connection {
    /// Asks the database how it would execute a statement, which is not executed: `EXPLAIN` on PostgreSQL, `EXPLAIN QUERY PLAN` on SQLite,
    /// `EXPLAIN FORMAT=JSON` on MariaDB and MySQL. The answer is for people, and differs between versions.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let plan = conn.explain(&select(Document).filter(Document::ID.eq(1))).await?;
    /// assert!(plan.contains("SEARCH documents USING INTEGER PRIMARY KEY"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Compile` or `Unsupported` where the statement has no SQL on this database, or an error of the database.
    pub async fn explain(&mut self, statement: &(impl ToSql + Sync)) -> Result<String> {
        let inner = statement.statement();
        self.explanation(StatementRef::Explain(&inner)).await
    }

    /// Executes a statement and asks the database how it has done it: what it took and how many rows there were at each step.
    /// `EXPLAIN (ANALYZE, BUFFERS)` on PostgreSQL, `ANALYZE FORMAT=JSON` on MariaDB, `EXPLAIN ANALYZE` on MySQL. What the statement
    /// changes is changed; explain an UPDATE in a transaction that is rolled back.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let refused = conn.explain_analyze(&select(Document).filter(Document::ID.eq(1))).await.unwrap_err();
    /// assert_eq!(refused.kind(), ErrorKind::Unsupported); // SQLite has none
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Compile` or `Unsupported` where the statement has no SQL on this database, or the database no EXPLAIN ANALYZE; an error of the
    /// database.
    pub async fn explain_analyze(&mut self, statement: &(impl ToSql + Sync)) -> Result<String> {
        let inner = statement.statement();
        self.explanation(StatementRef::ExplainAnalyze(&inner)).await
    }

    async fn explanation(&mut self, statement: StatementRef<'_>) -> Result<String> {
        let mut plan = Plan::default();
        self.run_statements(&[statement], &mut plan).await?;
        Ok(plan.0)
    }
}

/// The last column of each row, a line each.
#[derive(Default)]
struct Plan(String);

impl RowSink for Plan {
    fn row(&mut self, _: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        let Some(ValueRef::Text(line)) = cells.last() else {
            return Err(Error::new(
                ErrorKind::Decode,
                "the database explains the statement, but not in words",
            ));
        };
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.0.push_str(line);
        Ok(Flow::More)
    }
}
