//! What is read after the rows of a statement: the collections of projections.

use aludel_sql::{FollowUp, Result, SelectNode, StatementRef, ValueRef};

use crate::connection::Connection;
use crate::driver::{End, Flow, RowSink};
use crate::query::Plan;

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
        let statements: Vec<StatementRef<'_>> = statements.iter().map(StatementRef::Select).collect();
        self.run_batch(&statements, End::Open, &mut ShowRows(row)).await
    }

    /// Runs a statement and whatever makes its values whole, and collects what `read` makes of each row; `first` lends the value in it.
    pub(crate) async fn collect_whole<R: Send, V>(
        &mut self,
        plan: &Plan,
        mut follow_up: Box<dyn FollowUp<V>>,
        read: fn(&[ValueRef<'_>]) -> Result<R>,
        first: fn(&mut R) -> &mut V,
    ) -> Result<Vec<R>> {
        let beside = plan.as_select().map_or(Ok(Vec::new()), |first| follow_up.beside(first))?;
        let mut rows = Vec::new();
        let mut show = |statement: usize, cells: &[ValueRef<'_>]| {
            if let Some(beside) = statement.checked_sub(1) {
                return follow_up.row(beside, cells);
            }
            follow_up.note(cells)?;
            rows.push(read(cells)?);
            Ok(())
        };
        self.run_plan_beside(plan, &beside, &mut ShowRows(&mut show)).await?;
        self.follow_up(follow_up, rows.iter_mut().map(first)).await?;
        Ok(rows)
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
