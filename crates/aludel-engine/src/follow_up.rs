//! What is read after the rows of a statement: the collections of projections.

use aludel_sql::{Bind, FollowUp, Result, SelectNode, StatementRef, ValueRef};

use crate::connection::Connection;
use crate::driver::{End, Flow, RowSink, Statement};
use crate::query::prepare;

impl Connection {
    /// Runs statements that are independent of each other in one batch and shows their rows, with the number of the statement.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// use aludel_sql::StatementRef;
    ///
    /// let queries = [select(User::EMAIL), select(User::EMAIL).filter(User::ID.eq(2))];
    /// let nodes: Vec<_> = queries.iter().filter_map(|it| if let StatementRef::Select(node) = it.statement() { Some(node.clone()) } else { None }).collect();
    /// let mut rows = [0, 0];
    /// conn.run_selects(&nodes, &mut |statement, _cells| {
    ///     rows[statement] += 1;
    ///     Ok(())
    /// }).await?;
    /// assert_eq!(rows, [2, 1]);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Compile`, `Unsupported` or `Encode`, an error of the database, or one of `row`.
    pub async fn run_selects(
        &mut self,
        statements: &[SelectNode],
        row: &mut (dyn FnMut(usize, &[ValueRef<'_>]) -> Result<()> + Send),
    ) -> Result<()> {
        let engine = self.engine().clone();
        let prepared = statements
            .iter()
            .map(|node| prepare(&engine, StatementRef::Select(node)))
            .collect::<Result<Vec<_>>>()?;
        let values: Vec<Vec<ValueRef<'_>>> =
            prepared.iter().map(|(_, binds)| binds.iter().map(Bind::as_ref).collect()).collect();
        let batch: Vec<Statement<'_>> =
            prepared.iter().zip(&values).map(|((cached, _), values)| cached.statement(values)).collect();
        self.run(&batch, End::Open, &mut ShowRows(row)).await
    }

    /// Reads what makes values whole after their rows.
    pub(crate) async fn follow_up<'v, V: 'v>(
        &mut self,
        mut follow_up: Box<dyn FollowUp<V>>,
        values: impl Iterator<Item = &'v mut V>,
    ) -> Result<()> {
        loop {
            let statements = follow_up.statements()?;
            if statements.is_empty() {
                break;
            }
            self.run_selects(&statements, &mut |statement, cells| follow_up.row(statement, cells)).await?;
        }
        values.enumerate().try_for_each(|(row, value)| follow_up.fill(row, value))
    }
}

/// Shows rows to a function.
struct ShowRows<'f>(&'f mut (dyn FnMut(usize, &[ValueRef<'_>]) -> Result<()> + Send));

impl RowSink for ShowRows<'_> {
    fn row(&mut self, statement: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        (self.0)(statement, cells)?;
        Ok(Flow::More)
    }
}
