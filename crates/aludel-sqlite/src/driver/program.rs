//! The program that a statement is for SQLite, as `EXPLAIN` shows it.

use aludel_engine::driver::{Flow, RowSink};
use aludel_sql::ValueRef;

/// What `EXPLAIN` tells of a statement's program.
#[derive(Default)]
pub(super) struct Program {
    /// How many of its instructions give a row.
    giving: usize,
    /// The instruction before gives one.
    has_given: bool,
    /// The one behind that is the end.
    ends: bool,
}

impl Program {
    /// Tells whether the program is over when it has given a row.
    pub(super) fn gives_one_row(&self) -> bool {
        self.giving == 1 && self.ends
    }
}

impl RowSink for Program {
    fn row(&mut self, _: usize, cells: &[ValueRef<'_>]) -> aludel_sql::Result<Flow> {
        let instruction = match cells.get(1) {
            Some(ValueRef::Text(it)) => *it,
            _ => "",
        };
        if self.has_given {
            self.ends = instruction == "Halt";
        }
        self.has_given = instruction == "ResultRow";
        self.giving += usize::from(self.has_given);
        Ok(Flow::More)
    }
}
