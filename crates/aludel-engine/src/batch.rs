//! Several statements in one batch.

use aludel_sql::{Bind, Result, ValueRef};

use crate::connection::Connection;
use crate::driver::{ColumnInfo, Done, End, Flow, RowSink, Statement};
use crate::query::{Plan, prepare};
use crate::result::too_many;

impl Connection {
    /// Runs statements in one batch and shows their rows, with the number of the statement. For the session.
    ///
    /// # Errors
    ///
    /// Kind `Compile`, `Unsupported` or `Encode` before anything is sent; the first error of the database; kind `TooManyRows`.
    #[doc(hidden)]
    pub async fn run_plans(&mut self, plans: &[&Plan], end: End, sink: &mut dyn RowSink) -> Result<()> {
        let engine = self.engine().clone();
        let prepared =
            plans.iter().map(|plan| prepare(&engine, plan.statement())).collect::<Result<Vec<_>>>()?;
        let values: Vec<Vec<ValueRef<'_>>> =
            prepared.iter().map(|(_, binds)| binds.iter().map(Bind::as_ref).collect()).collect();
        let statements: Vec<Statement<'_>> =
            prepared.iter().zip(&values).map(|((text, _), values)| text.statement(values)).collect();
        let Some(max) = self.options.max_rows else { return self.run(&statements, end, sink).await };
        let mut sink = BoundedEach { sink, seen: vec![0; plans.len()], max };
        self.run(&statements, end, &mut sink).await
    }
}

/// A sink that refuses more rows of a statement than may be fetched at once.
struct BoundedEach<'s> {
    sink: &'s mut dyn RowSink,
    /// The rows that each statement has shown.
    seen: Vec<u64>,
    max: u64,
}

impl RowSink for BoundedEach<'_> {
    fn columns(&mut self, statement: usize, columns: &[ColumnInfo<'_>]) -> Result<()> {
        self.sink.columns(statement, columns)
    }

    fn row(&mut self, statement: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        self.seen[statement] += 1;
        if self.seen[statement] > self.max {
            return Err(too_many(self.max));
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
