//! What a plan is made of: operations over rows, in order.

use std::collections::{HashMap, HashSet};

use aludel_engine::RowsOp;
use aludel_sql::node::Node;
use aludel_sql::{ColumnSet, DeleteRows, Few, InsertRows, TableMeta, UpdateRows, Value};
use foldhash::fast::FixedState;

use super::changes::{Action, RowChange};
use super::key_values::{describe_first, describe_row};
use crate::session::arenas::Arenas;

/// The steps of a flush, in order.
#[derive(Debug, Default)]
pub(in crate::session) struct Plan {
    pub(in crate::session) steps: Vec<Step>,
    /// The rows whose keys change between two steps that find them.
    pub(super) moves: HashMap<(usize, u32), Vec<Move>, FixedState>,
    /// Rows that are sent without a reference, which follows a changed key by itself: until it has, they hold another than the database.
    pub(in crate::session) following: HashSet<(usize, u32), FixedState>,
}

/// A column of a row's key changes.
#[derive(Debug)]
pub(super) struct Move {
    /// The first step that finds the row by what the column has then.
    from: usize,
    column: usize,
    to: MovedTo,
}

/// What a column has that has changed.
#[derive(Clone, Debug)]
pub(in crate::session) enum MovedTo {
    /// This, while its row or the one that it follows is parked.
    Parked(Value),
    /// What an object has by then.
    HeldBy(Cell),
}

/// Rows of one table that are changed in the same way.
#[derive(Debug)]
pub(in crate::session) struct Step {
    /// What is done.
    pub(in crate::session) operation: RowsOp,
    /// The rows.
    pub(in crate::session) rows: Rows,
    /// Whether the UPDATE marks its rows as deleted.
    pub(in crate::session) marks_deleted: bool,
    /// Whether one of them has the temporary key of an object that is inserted before.
    pub(in crate::session) waits_for_keys: bool,
    /// Columns that the database computes, and how, beside those that are given: then it is an UPDATE of one row.
    pub(in crate::session) computed: Vec<(usize, Node)>,
}

/// The rows of a step.
#[derive(Debug)]
pub(in crate::session) enum Rows {
    /// Objects.
    Objects {
        /// Their arena.
        arena: usize,
        /// Their slots.
        slots: Few<u32, 4>,
    },
    /// Rows of objects, with values of their own for the columns that are updated.
    Parked {
        /// The arena of the objects.
        arena: usize,
        /// Their slots.
        slots: Few<u32, 4>,
        /// The values, row after row.
        values: Vec<Value>,
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
            Self::Objects { slots, .. } | Self::Parked { slots, .. } => slots.len(),
            Self::Borrowed { cells, width, .. } => cells.len() / width,
        }
    }

    /// Tells whether a statement that changes rows must match each of them.
    pub(in crate::session) fn are_expected(&self) -> bool {
        !matches!(self, Self::Borrowed { expected: false, .. })
    }
}

impl Plan {
    /// Adds a row to the step that does the same with others of its table, if there is one from `first` on, or else to a new one. Returns the
    /// number of the step.
    pub(super) fn add(
        &mut self,
        first: usize,
        table: &'static TableMeta,
        row: RowChange,
        waits_for_keys: bool,
    ) -> usize {
        let RowChange { arena, slot, action } = row;
        let number = self.step_for(first, table, arena, action);
        let step = &mut self.steps[number];
        step.slots_mut().push(slot);
        step.waits_for_keys |= waits_for_keys;
        number
    }

    /// As [`add`](Self::add), for new rows that give the same columns and wait for nothing.
    pub(super) fn add_inserts(
        &mut self,
        first: usize,
        table: &'static TableMeta,
        arena: usize,
        (new, columns): (Vec<u32>, ColumnSet),
    ) {
        let number = self.step_for(first, table, arena, Action::Insert(columns));
        let slots = self.steps[number].slots_mut();
        if slots.is_empty() { *slots = new.into() } else { slots.extend(new) }
    }

    /// Finds or begins the step that does this with rows of a table.
    fn step_for(&mut self, first: usize, table: &'static TableMeta, of: usize, action: Action) -> usize {
        let is_alike = |step: &Step| {
            let Rows::Objects { arena, .. } = &step.rows else { return false };
            *arena == of
                && step.computed.is_empty()
                && match (&step.operation, action) {
                    (RowsOp::Insert(it), Action::Insert(columns)) => it.columns == columns,
                    (RowsOp::Update(it), Action::Update(columns)) => {
                        !step.marks_deleted && it.columns == columns
                    }
                    (RowsOp::Update(_), Action::MarkDeleted(_)) => step.marks_deleted,
                    (RowsOp::Delete(_), Action::Delete) => true,
                    _ => false,
                }
        };
        if let Some(at) = self.steps[first..].iter().rposition(is_alike) {
            return first + at;
        }
        if self.steps.capacity() == 0 {
            // Most flushes have one, and it is large.
            self.steps = Vec::with_capacity(1);
        }
        self.steps.push(Step::begin(table, of, action));
        self.steps.len() - 1
    }

    /// Adds a row some of whose columns the database computes.
    pub(super) fn compute(
        &mut self,
        update: UpdateRows,
        (arena, slot): (usize, u32),
        computed: Vec<(usize, Node)>,
        waits_for_keys: bool,
    ) {
        let operation = RowsOp::Update(update);
        let rows = Rows::Objects { arena, slots: Few::from_iter([slot]) };
        self.steps.push(Step { operation, rows, marks_deleted: false, waits_for_keys, computed });
    }

    /// Notes that a column of a row's key has changed when a step begins.
    pub(super) fn note_move(&mut self, from: usize, row: (usize, u32), column: usize, to: MovedTo) {
        self.moves.entry(row).or_default().push(Move { from, column, to });
    }

    /// Tells whether no key changes that a step behind finds its row by.
    pub(in crate::session) fn moves_nothing(&self) -> bool {
        self.moves.is_empty()
    }

    /// What a column of a row's key has when a step begins, where the plan has changed it by then.
    pub(in crate::session) fn moved_to(&self, step: usize, cell: Cell) -> Option<&MovedTo> {
        let moves = self.moves.get(&(cell.arena, cell.slot))?;
        let last = moves.iter().rev().find(|it| it.column == cell.column && it.from <= step);
        last.map(|it| &it.to)
    }

    /// Adds a row that is parked, with these values. Returns the number of the step.
    pub(super) fn park(
        &mut self,
        first: usize,
        table: &'static TableMeta,
        (of, slot): (usize, u32),
        parked: impl IntoIterator<Item = (usize, Value)>,
    ) -> usize {
        let (columns, parked): (Vec<usize>, Vec<Value>) = parked.into_iter().unzip();
        let columns: ColumnSet = columns.into_iter().collect();
        for (at, step) in self.steps.iter_mut().enumerate().skip(first) {
            let Rows::Parked { arena, slots, values } = &mut step.rows else { continue };
            if *arena == of && matches!(step.operation, RowsOp::Update(it) if it.columns == columns) {
                slots.push(slot);
                values.extend(parked);
                return at;
            }
        }
        self.steps.push(Step {
            operation: RowsOp::Update(UpdateRows::by_primary_key(table, columns)),
            rows: Rows::Parked { arena: of, slots: Few::from_iter([slot]), values: parked },
            marks_deleted: false,
            waits_for_keys: false,
            computed: Vec::new(),
        });
        self.steps.len() - 1
    }
}

/// The columns whose values the database makes when these are given.
fn made_by_database(table: &TableMeta, given: ColumnSet) -> ColumnSet {
    let made = |index: &usize| !given.contains(*index) && table.columns[*index].is_filled_in();
    let made: ColumnSet = (0..table.columns.len()).filter(made).collect();
    // RETURNING promises no order: the key tells whose values they are.
    let key_comes = made.is_empty() || table.generated_key().is_some_and(|it| made.contains(it));
    if key_comes { made } else { made.iter().chain(table.primary_key()).collect() }
}

impl Step {
    /// Begins a step that does this with objects.
    fn begin(table: &'static TableMeta, arena: usize, action: Action) -> Self {
        let operation = match action {
            Action::Insert(columns) => {
                RowsOp::Insert(InsertRows::new(table, columns, made_by_database(table, columns)))
            }
            // The part of a row that is cut in two which counts the version up is the one that looks at it.
            Action::Update(columns) | Action::MarkDeleted(columns) => {
                RowsOp::Update(UpdateRows::by_version(table, columns))
            }
            Action::Park(columns) => RowsOp::Update(UpdateRows::by_primary_key(table, columns)),
            Action::Delete => RowsOp::Delete(DeleteRows::by_version(table)),
        };
        let rows = Rows::Objects { arena, slots: Few::default() };
        let marks_deleted = matches!(action, Action::MarkDeleted(_));
        Self { operation, rows, marks_deleted, waits_for_keys: false, computed: Vec::new() }
    }

    /// The slots of its objects.
    fn slots_mut(&mut self) -> &mut Few<u32, 4> {
        match &mut self.rows {
            Rows::Objects { slots, .. } => slots,
            Rows::Parked { .. } | Rows::Borrowed { .. } => unreachable!("it is a step over objects"),
        }
    }

    /// Tells whether its objects are gone behind it, whether their rows stay or not.
    pub(in crate::session) fn deletes(&self) -> bool {
        self.marks_deleted || matches!(self.operation, RowsOp::Delete(_))
    }

    /// Tells whether the database generates keys in this step.
    pub(in crate::session) fn generates_keys(&self) -> bool {
        match self.operation {
            RowsOp::Insert(it) => it.table.generated_key().is_some_and(|key| it.returning.contains(key)),
            _ => false,
        }
    }

    /// Describes the step for an error message: `inserting a new Book`, `updating 2 rows of Book (changed: title): Book#1, Book#7`.
    pub(in crate::session) fn describe(&self, arenas: &Arenas) -> String {
        let table = self.operation.table();
        let rows = self.rows.len();
        let (verb, detail) = match self.operation {
            RowsOp::Insert(_) => ("inserting", String::new()),
            RowsOp::Update(_) if self.marks_deleted => ("deleting", String::new()),
            RowsOp::Update(it) => {
                let changed = it.columns.iter().chain(self.computed.iter().map(|(column, _)| *column));
                let names: Vec<_> = changed.map(|column| table.columns[column].name).collect();
                ("updating", format!(" (changed: {})", names.join(", ")))
            }
            RowsOp::Delete(_) => ("deleting", String::new()),
        };
        let (Rows::Objects { arena, slots } | Rows::Parked { arena, slots, .. }) = &self.rows else {
            let plural = if rows == 1 { "" } else { "s" };
            return format!("flushing the session: {verb} {rows} row{plural} of {}{detail}", table.entity);
        };
        let is_new = matches!(self.operation, RowsOp::Insert(_));
        let row = |slot: &u32| describe_row(arenas.at(*arena), *slot, is_new);
        if let [slot] = &**slots {
            return format!("flushing the session: {verb} {}{detail}", row(slot));
        }
        // Where the database generates the key, there is nothing to tell new objects apart by.
        let names = match is_new && table.generated_key().is_some() {
            true => String::new(),
            false => format!(": {}", describe_first(rows, |at| row(&slots[at]))),
        };
        format!("flushing the session: {verb} {rows} rows of {}{detail}{names}", table.entity)
    }
}
