//! Several statements in one batch.

use aludel_sql::{Result, SelectNode, StatementRef, ValueRef};

use crate::connection::Connection;
use crate::driver::{ColumnInfo, Done, End, Flow, RowSink};
use crate::prepared::{self, Prepared, prepare_within};
use crate::query::Plan;
use crate::result::too_many;

impl Connection {
    /// Runs statements in one batch and shows their rows, with the number of the statement. For the session.
    ///
    /// # Errors
    ///
    /// Kind `Compile`, `Unsupported` or `Encode` before anything is sent; the first error of the database; kind `TooManyRows`.
    #[doc(hidden)]
    pub async fn run_plans(&mut self, plans: &[&Plan], end: End, sink: &mut dyn RowSink) -> Result<()> {
        let scopes = self.engine().shared_scopes();
        let scopes = scopes.as_deref().unwrap_or_default();
        let prepared =
            plans.iter().map(|plan| plan.prepare(self.engine(), scopes)).collect::<Result<Vec<_>>>()?;
        self.run_bounded(&prepared, plans.len(), end, sink).await
    }

    /// Runs a statement and, in the same batch, those that read what makes its rows whole. Only its own rows are bounded.
    ///
    /// # Errors
    ///
    /// As [`run_plan`](Self::run_plan).
    #[doc(hidden)]
    pub async fn run_plan_beside(
        &mut self,
        plan: &Plan,
        beside: &[SelectNode],
        sink: &mut dyn RowSink,
    ) -> Result<()> {
        if beside.is_empty() {
            return self.run_plan(plan, sink).await;
        }
        let scopes = self.engine().shared_scopes();
        let scopes = scopes.as_deref().unwrap_or_default();
        let first = std::iter::once(plan.prepare(self.engine(), scopes));
        let others = beside.iter().map(|it| prepare_within(self.engine(), scopes, StatementRef::Select(it)));
        let prepared = first.chain(others).collect::<Result<Vec<_>>>()?;
        self.run_bounded(&prepared, 1, End::Open, sink).await
    }

    /// Runs a batch of which the first statements give no more rows than the options allow.
    async fn run_bounded(
        &mut self,
        prepared: &[Prepared<'_>],
        bounded: usize,
        end: End,
        sink: &mut dyn RowSink,
    ) -> Result<()> {
        let values = prepared::values(prepared);
        let statements = prepared::batch(prepared, &values);
        let Some(max) = self.options.for_statements().max_rows else {
            return self.run(&statements, end, sink).await;
        };
        let mut sink = BoundedEach { sink, seen: vec![0; bounded], max };
        self.run(&statements, end, &mut sink).await
    }

    /// Compiles statements, or finds them in the cache, and runs them as one batch.
    pub(crate) async fn run_batch(
        &mut self,
        statements: &[StatementRef<'_>],
        end: End,
        sink: &mut dyn RowSink,
    ) -> Result<()> {
        let scopes = self.engine().shared_scopes();
        let scopes = scopes.as_deref().unwrap_or_default();
        let prepared = statements.iter().map(|it| prepare_within(self.engine(), scopes, *it));
        let prepared = prepared.collect::<Result<Vec<_>>>()?;
        let values = prepared::values(&prepared);
        self.run(&prepared::batch(&prepared, &values), end, sink).await
    }
}

/// A sink that refuses more rows of a statement than may be fetched at once.
struct BoundedEach<'s> {
    sink: &'s mut dyn RowSink,
    /// The rows that each statement has shown; of those behind them, any number is good.
    seen: Vec<u64>,
    max: u64,
}

impl RowSink for BoundedEach<'_> {
    fn columns(&mut self, statement: usize, columns: &[ColumnInfo<'_>]) -> Result<()> {
        self.sink.columns(statement, columns)
    }

    fn row(&mut self, statement: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        if let Some(seen) = self.seen.get_mut(statement) {
            *seen += 1;
            if *seen > self.max {
                return Err(too_many(self.max));
            }
        }
        self.sink.row(statement, cells)
    }

    fn done(&mut self, statement: usize, done: Done) {
        self.sink.done(statement, done);
    }

    fn wants_columns(&self) -> bool {
        self.sink.wants_columns()
    }
}
