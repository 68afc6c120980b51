//! The order of rows, where the order of tables does not do.
//!
//! Each row to be sent is a node; an edge says that one comes before another, and why. Rows are sent level by level, each level in
//! as few steps as it has tables and shapes. Where rows wait for each other in a circle, one of them is cut in two: a new row is inserted without
//! a foreign key that an UPDATE sets later, or a row hands over a unique value by parking at another one. Nothing is recursive, so that a
//! chain may be as long as it likes.

mod build;
mod split;

use aludel_sql::{ColumnSet, Error, ErrorKind, Result, Value};

use super::changes::{Action, RowChange, waits_for_keys};
use super::constraints::{ForeignKey, UniqueKey};
use super::key_values::{before, describe_columns, describe_row};
use super::parking::park;
use super::steps::{Cell, MovedTo, Plan};
use crate::session::arena::AnyArena;
use crate::session::arenas::Arenas;
use crate::session::temporary_keys::TemporaryKeys;

/// The rows of a flush, and which wait for which.
pub(super) struct RowGraph<'a> {
    arenas: &'a Arenas,
    /// The place of each arena in the order of tables.
    places: Vec<usize>,
    /// The foreign keys of each arena's table.
    foreign_keys: Vec<Vec<ForeignKey>>,
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    /// The rows that are sent without a reference which follows a changed key by itself.
    following: Vec<(usize, u32)>,
}

struct Node {
    row: RowChange,
    /// How many edges lead here from nodes that are not placed yet.
    waiting_for: usize,
    /// The edges that begin here, and those that end here, by number. An edge that was moved may still be in the list of its old node.
    outgoing: Vec<usize>,
    incoming: Vec<usize>,
    is_placed: bool,
}

/// One row comes before another.
#[derive(Clone, Copy)]
struct Edge {
    from: usize,
    to: usize,
    why: Why,
}

/// Why a row comes before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// The later one refers to the earlier one by these of its columns.
    Refers(ColumnSet),
    /// By these of its columns the earlier one refers to the later one no more.
    Leaves(ColumnSet),
    /// The later one takes the values that the earlier one has in these columns.
    HandsOver(ColumnSet),
    /// The earlier one is found by a key that the later one changes.
    IsFound,
    /// They are parts of one row.
    SameRow,
}

impl RowGraph<'_> {
    /// Adds the steps to a plan.
    pub(super) fn plan(mut self, keys: &TemporaryKeys, plan: &mut Plan) -> Result<()> {
        let mut level: Vec<usize> =
            (0..self.nodes.len()).filter(|it| self.nodes[*it].waiting_for == 0).collect();
        let mut left = self.nodes.len();
        let mut stuck_from = 0;
        plan.following.extend(self.following.drain(..));
        while left > 0 {
            if level.is_empty() {
                let before = self.nodes.len();
                level = self.cut_a_circle(&mut stuck_from)?;
                left += self.nodes.len() - before;
                continue;
            }
            left -= level.len();
            self.add_steps(&mut level, keys, plan)?;
            level = self.place(&level);
        }
        Ok(())
    }

    /// Places nodes; returns those that waited for nothing else.
    fn place(&mut self, level: &[usize]) -> Vec<usize> {
        let mut next = Vec::new();
        for at in level {
            self.nodes[*at].is_placed = true;
            for edge in std::mem::take(&mut self.nodes[*at].outgoing) {
                let Edge { from, to, .. } = self.edges[edge];
                if from != *at {
                    continue;
                }
                self.nodes[to].waiting_for -= 1;
                if self.nodes[to].waiting_for == 0 {
                    next.push(to);
                }
            }
        }
        next
    }

    /// Adds the steps of a level: new rows, then changed ones, then deleted ones, each in the order of tables.
    fn add_steps(&self, level: &mut [usize], keys: &TemporaryKeys, plan: &mut Plan) -> Result<()> {
        level.sort_unstable_by_key(|at| {
            let RowChange { arena, action, .. } = self.nodes[*at].row;
            let (rank, place) = match action {
                Action::Insert(_) => (0, self.places[arena]),
                Action::Update(_) | Action::Park(_) => (1, self.places[arena]),
                Action::Delete | Action::MarkDeleted(_) => (2, self.places.len() - self.places[arena]),
            };
            (rank, place, *at)
        });
        let first = plan.steps.len();
        for at in level.iter() {
            let row = self.nodes[*at].row;
            let arena = self.arenas.at(row.arena);
            let columns = match row.action {
                Action::Update(ColumnSet::EMPTY) => continue,
                Action::Insert(columns) | Action::Update(columns) => columns,
                Action::Park(columns) => {
                    self.park(*at, columns, first, plan)?;
                    continue;
                }
                Action::Delete | Action::MarkDeleted(_) => ColumnSet::EMPTY,
            };
            let references = arena.facts().foreign_keys;
            let references = columns.iter().filter(|column| references.contains(*column)).collect();
            let step = plan.add(first, arena.table(), row, waits_for_keys(arena, keys, row.slot, references));
            if matches!(row.action, Action::Update(_)) {
                let cell = |column| Cell { arena: row.arena, slot: row.slot, column };
                let to = |column| columns.contains(column).then(|| MovedTo::HeldBy(cell(column)));
                self.note_moves(*at, step + 1, to, plan);
            }
        }
        Ok(())
    }

    /// Adds a row that is parked.
    fn park(&self, at: usize, columns: ColumnSet, first: usize, plan: &mut Plan) -> Result<()> {
        let row = self.nodes[at].row;
        let table = self.arenas.at(row.arena).table();
        let value = |column| park(table, [column].into_iter().collect());
        let parked = columns.iter().map(|it| value(it).ok_or_else(|| self.cannot_park(row, columns)));
        let parked: Vec<(usize, Value)> = parked.collect::<Result<_>>()?;
        let step = plan.park(first, table, (row.arena, row.slot), parked.iter().cloned());
        let value = |column| parked.iter().find(|(it, _)| *it == column).map(|(_, value)| value.clone());
        self.note_moves(at, step + 1, |column| value(column).map(MovedTo::Parked), plan);
        Ok(())
    }

    /// Columns of a row have changed when a step begins: its other part is found by what they have then, and so are the rows that follow
    /// it.
    fn note_moves(&self, at: usize, from: usize, to: impl Fn(usize) -> Option<MovedTo>, plan: &mut Plan) {
        let row = self.nodes[at].row;
        let parents = self.arenas.at(row.arena);
        if self.has_later_part(at) {
            for column in parents.table().primary_key() {
                if let Some(to) = to(column) {
                    plan.note_move(from, (row.arena, row.slot), column, to);
                }
            }
        }
        let value = |arena: &dyn AnyArena, row: &RowChange, columns: &[usize]| {
            before(arena, row, &UniqueKey { columns: columns.to_vec(), nulls_not_distinct: false })
        };
        for follower in self.followers(at) {
            let found = self.nodes[follower].row;
            let arena = self.arenas.at(found.arena);
            let to_parents = self.foreign_keys[found.arena].iter();
            for key in to_parents.filter(|it| *it.parent == *parents.table()) {
                let refers = value(arena, &found, &key.columns);
                if refers.is_none() || refers != value(parents, &row, &key.parent_columns) {
                    continue;
                }
                for (column, parent_column) in key.columns.iter().zip(&key.parent_columns) {
                    if let Some(to) = to(*parent_column) {
                        plan.note_move(from, (found.arena, found.slot), *column, to);
                    }
                }
            }
        }
    }

    /// The rows that are found by the key of this one, and have not been sent, or in part.
    fn followers(&self, at: usize) -> impl Iterator<Item = usize> {
        // Who is found by a key waits on the part that changes it for good.
        let parks = matches!(self.nodes[at].row.action, Action::Park(_));
        let later = self.nodes[at].outgoing.iter().map(|it| self.edges[*it]);
        let mut later = later.filter(|it| it.from == at && it.why == Why::SameRow);
        let whole = if parks { later.next().map_or(at, |it| it.to) } else { at };
        let waiting = self.nodes[whole].incoming.iter().map(|it| self.edges[*it]);
        let waiting = waiting.filter(move |it| it.to == whole && it.why == Why::IsFound).map(|it| it.from);
        waiting.filter(|it| !self.nodes[*it].is_placed || self.has_later_part(*it))
    }

    /// Tells whether a row is cut in two, and its other part comes behind this one.
    fn has_later_part(&self, at: usize) -> bool {
        let is_later = |edge: &usize| self.edges[*edge].from == at && self.edges[*edge].why == Why::SameRow;
        self.nodes[at].outgoing.iter().any(is_later)
    }

    fn describe(&self, node: usize) -> String {
        let row = self.nodes[node].row;
        describe_row(self.arenas.at(row.arena), row.slot, matches!(row.action, Action::Insert(_)))
    }

    #[cold]
    fn cannot_park(&self, row: RowChange, columns: ColumnSet) -> Error {
        let table = self.arenas.at(row.arena).table();
        Error::new(
            ErrorKind::State,
            format!(
                "{} has no value of {} that it could have for a while, until others have theirs",
                describe_row(self.arenas.at(row.arena), row.slot, false),
                describe_columns(table, columns.iter())
            ),
        )
        .with_table(table.name)
        .help("flush once with values that nobody has, then with those that are wanted")
    }
}
