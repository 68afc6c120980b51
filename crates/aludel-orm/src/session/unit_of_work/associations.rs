//! The rows of association tables: what many-to-many relations insert and delete.

use std::collections::HashSet;

use aludel_engine::RowsOp;
use aludel_sql::{DeleteRows, InsertRows, RelationMeta, TableMeta, Through};

use super::steps::{Cell, Rows, Step};
use crate::session::arena::SlotState;
use crate::session::arenas::Arenas;
use crate::session::temporary_keys::TemporaryKeys;

/// The changes of association tables, table by table.
#[derive(Default)]
pub(super) struct Associations {
    tables: Vec<Association>,
}

struct Association {
    table: &'static TableMeta,
    /// Rows as pairs of keys, in the order of the table's columns.
    linked: Vec<[Cell; 2]>,
    unlinked: Vec<[Cell; 2]>,
    /// Those of the linked ones that may be in the table already.
    unsure: HashSet<[Cell; 2]>,
    /// Keys of deleted objects, and the column of the table that holds them.
    deleted: [Vec<Cell>; 2],
}

impl Associations {
    /// Notes that a relation of one object leads to another from now on.
    pub(super) fn note_tied(
        &mut self,
        through: &Through,
        near: (usize, u32),
        far: (usize, u32),
        is_unsure: bool,
    ) {
        let pair = pair(through, near, far);
        let table = self.of(through.table);
        table.linked.push(pair);
        if is_unsure {
            table.unsure.insert(pair);
        }
    }

    /// Notes that it does so no more.
    pub(super) fn note_untied(&mut self, through: &Through, near: (usize, u32), far: (usize, u32)) {
        self.of(through.table).unlinked.push(pair(through, near, far));
    }

    /// Tells whether a relation of one object leads to another no more, which the database does not know yet.
    pub(super) fn unties(&self, through: &Through, near: (usize, u32), far: (usize, u32)) -> bool {
        let pair = pair(through, near, far);
        let of_table = self.tables.iter().find(|it| *it.table == *through.table);
        of_table.is_some_and(|it| it.unlinked.contains(&pair) && !it.linked.contains(&pair))
    }

    /// Notes the rows that go with deleted objects: found by key, whether they were loaded or not.
    pub(super) fn note_deleted(&mut self, arenas: &Arenas) {
        for index in 0..arenas.len() {
            let arena = arenas.at(index);
            let goes_through = |it: &RelationMeta| it.through().filter(|_| !it.viewonly);
            for through in arena.table().relations.iter().filter_map(goes_through) {
                for slot in arena.touched() {
                    // What stays in the database stays tied.
                    if arena.slot_state(*slot) == SlotState::Deleted
                        && arena.mark_of_deletion(*slot).is_none()
                    {
                        let cell = Cell { arena: index, slot: *slot, column: through.near.local };
                        self.of(through.table).deleted[through.near.remote].push(cell);
                    }
                }
            }
        }
    }

    fn of(&mut self, table: &'static TableMeta) -> &mut Association {
        let at = self.tables.iter().position(|it| *it.table == *table).unwrap_or_else(|| {
            let [linked, unlinked] = [Vec::new(), Vec::new()];
            let (unsure, deleted) = (HashSet::new(), [Vec::new(), Vec::new()]);
            self.tables.push(Association { table, linked, unlinked, unsure, deleted });
            self.tables.len() - 1
        });
        &mut self.tables[at]
    }

    /// Returns the steps: those that delete rows, and those that insert some.
    pub(super) fn steps(self, arenas: &Arenas, keys: &TemporaryKeys) -> [Vec<Step>; 2] {
        let mut steps = [Vec::new(), Vec::new()];
        self.tables.into_iter().for_each(|it| it.plan(arenas, keys, &mut steps));
        steps
    }
}

/// The key of a row, in the order of the table's columns.
fn pair(through: &Through, near: (usize, u32), far: (usize, u32)) -> [Cell; 2] {
    let near = Cell { arena: near.0, slot: near.1, column: through.near.local };
    let far = Cell { arena: far.0, slot: far.1, column: through.far.remote };
    if through.near.remote == 0 { [near, far] } else { [far, near] }
}

impl Association {
    fn plan(self, arenas: &Arenas, keys: &TemporaryKeys, [deletes, inserts]: &mut [Vec<Step>; 2]) {
        let Self { table, linked, unlinked, unsure, deleted } = self;
        // What one side adds and the other removes is as it was.
        let added: HashSet<[Cell; 2]> = linked.iter().copied().collect();
        let removed: HashSet<[Cell; 2]> = unlinked.iter().copied().collect();
        let once = |pairs: Vec<[Cell; 2]>, others: &HashSet<[Cell; 2]>| {
            let mut seen = HashSet::new();
            pairs.into_iter().filter(|it| !others.contains(it) && seen.insert(*it)).collect::<Vec<_>>()
        };
        let unlinked: Vec<Cell> = once(unlinked, &added).into_iter().flatten().collect();
        push(deletes, RowsOp::Delete(DeleteRows::by_primary_key(table)), unlinked, 2, true, false);
        for (column, cells) in deleted.into_iter().enumerate() {
            let key = [column].into_iter().collect();
            push(deletes, RowsOp::Delete(DeleteRows::by(table, key)), cells, 1, false, false);
        }
        let is_deleted = |cell: &Cell| {
            let arena = arenas.at(cell.arena);
            arena.state(cell.slot, arena.generation(cell.slot)) == SlotState::Deleted
        };
        let linked = linked.into_iter().filter(|pair| !pair.iter().any(is_deleted)).collect();
        // What the other side knows to be new is new.
        let (unsure, linked): (Vec<_>, Vec<_>) =
            once(linked, &removed).into_iter().partition(|pair| unsure.contains(pair));
        let linked: Vec<Cell> = linked.into_iter().flatten().collect();
        let unsure: Vec<Cell> = unsure.into_iter().flatten().collect();
        let is_new = |cell: &Cell| {
            keys.owner(arenas.at(cell.arena).object(cell.slot).field(cell.column).encode().as_ref()).is_some()
        };
        let waits = linked.iter().any(is_new);
        let columns = (0..2).collect();
        let insert = RowsOp::Insert(InsertRows::new(table, columns, aludel_sql::ColumnSet::EMPTY));
        push(inserts, insert, linked, 2, true, waits);
        // Both ends are rows.
        push(inserts, insert, unsure, 2, false, false);
    }
}

fn push(
    steps: &mut Vec<Step>,
    operation: RowsOp,
    cells: Vec<Cell>,
    width: usize,
    expected: bool,
    waits_for_keys: bool,
) {
    if !cells.is_empty() {
        let rows = Rows::Borrowed { cells, width, expected };
        steps.push(Step { operation, rows, marks_deleted: false, waits_for_keys, computed: Vec::new() });
    }
}
