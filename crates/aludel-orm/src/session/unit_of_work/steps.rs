//! What a plan is made of: operations over rows, in order.

use aludel_engine::RowsOp;

/// The steps of a flush, in order.
#[derive(Debug, Default)]
pub(in crate::session) struct Plan {
    pub(in crate::session) steps: Vec<Step>,
}

/// Rows of one table that are changed in the same way.
#[derive(Debug)]
pub(in crate::session) struct Step {
    /// What is done.
    pub(in crate::session) operation: RowsOp,
    /// The rows.
    pub(in crate::session) rows: Rows,
    /// Whether one of them has the temporary key of an object that is inserted before.
    pub(in crate::session) waits_for_keys: bool,
}

/// The rows of a step.
#[derive(Debug)]
pub(in crate::session) enum Rows {
    /// Objects.
    Objects {
        /// Their arena.
        arena: usize,
        /// Their slots.
        slots: Vec<u32>,
    },
    /// Rows that no object stands for, as those of association tables are: each value is that of a column of an object.
    Borrowed {
        /// The values, row after row.
        cells: Vec<Cell>,
        /// The number of values of a row.
        width: usize,
        /// Whether each of them must be there.
        expected: bool,
    },
}

/// A value of a row: where it is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::session) struct Cell {
    /// The arena of the object.
    pub(in crate::session) arena: usize,
    /// Its slot.
    pub(in crate::session) slot: u32,
    /// The column.
    pub(in crate::session) column: usize,
}

impl Rows {
    /// Returns the number of rows.
    pub(in crate::session) fn len(&self) -> usize {
        match self {
            Self::Objects { slots, .. } => slots.len(),
            Self::Borrowed { cells, width, .. } => cells.len() / width,
        }
    }

    /// Tells whether a statement that changes rows must match each of them.
    pub(in crate::session) fn are_expected(&self) -> bool {
        !matches!(self, Self::Borrowed { expected: false, .. })
    }
}

impl Plan {
    /// Adds an object to the step that does the same for others of its arena, if there is one from `first` on.
    pub(super) fn add_to_step(
        &mut self,
        first: usize,
        of: usize,
        slot: u32,
        waits: bool,
        same: impl Fn(&RowsOp) -> bool,
    ) -> bool {
        for step in self.steps[first..].iter_mut().rev() {
            let Rows::Objects { arena, slots } = &mut step.rows else { continue };
            if *arena == of && same(&step.operation) {
                slots.push(slot);
                step.waits_for_keys |= waits;
                return true;
            }
        }
        false
    }
}

impl Step {
    /// Tells whether the database generates keys in this step.
    pub(in crate::session) fn generates_keys(&self) -> bool {
        match self.operation {
            RowsOp::Insert(it) => it.table.generated_key().is_some_and(|key| it.returning.contains(key)),
            _ => false,
        }
    }

    /// Describes the step for an error message: `inserting 3 rows of Book`.
    pub(in crate::session) fn describe(&self) -> String {
        let table = self.operation.table();
        let rows = self.rows.len();
        let (verb, detail) = match self.operation {
            RowsOp::Insert(_) => ("inserting", String::new()),
            RowsOp::Update(it) => {
                let names: Vec<_> = it.columns.iter().map(|column| table.columns[column].name).collect();
                ("updating", format!(" (changed: {})", names.join(", ")))
            }
            RowsOp::Delete(_) => ("deleting", String::new()),
        };
        let plural = if rows == 1 { "" } else { "s" };
        format!("flushing the session: {verb} {rows} row{plural} of {}{detail}", table.entity)
    }
}
