//! Rows of association tables that may be there already: what was pushed into a collection that was not loaded.

use aludel_engine::RowsOp;
use aludel_engine::driver::RowSource;
use aludel_sql::node::Param;
use aludel_sql::{Conflict, ConflictAction, InsertNode, InsertSource};

use super::StepRows;
use crate::session::unit_of_work::{Rows, Step};

/// The most rows of one statement.
const ROWS: usize = 100;

/// The INSERTs of a step of such rows, which leave those out that are there.
pub(super) fn inserts(step: &Step, rows: &StepRows<'_>) -> Option<Vec<InsertNode>> {
    let (RowsOp::Insert(insert), Rows::Borrowed { expected: false, .. }) = (step.operation, &step.rows)
    else {
        return None;
    };
    let columns: Vec<usize> = insert.columns.iter().collect();
    let param = |row: usize, at: usize| {
        Param::of(rows.bind(row, at).into_value(), insert.table.columns[columns[at]].sql_type)
    };
    let all: Vec<usize> = (0..step.rows.len()).collect();
    let node = |rows: &[usize]| InsertNode {
        table: insert.table,
        source: InsertSource::Rows(
            rows.iter().map(|row| (0..columns.len()).map(|at| param(*row, at)).collect()).collect(),
        ),
        columns: columns.clone(),
        refused: None,
        conflicts: vec![Conflict {
            target: Some(insert.table.primary_key().collect()),
            action: ConflictAction::Nothing,
        }],
        returning: Vec::new(),
    };
    Some(all.chunks(ROWS).map(node).collect())
}
