//! The order of rows, where the order of tables does not do.
//!
//! Each row to be sent is a node; an edge says that one comes before another, and why. Rows are sent level by level, each level in
//! as few steps as it has tables and shapes. Where rows wait for each other in a circle, one of them is cut in two: a new row is inserted without
//! a foreign key that an UPDATE sets later, or a row hands over a unique value by parking at another one. Nothing is recursive, so that a
//! chain may be as long as it likes.

mod build;
mod split;

use aludel_sql::{ColumnSet, Error, ErrorKind, Result};

use super::changes::{Action, RowChange, waits_for_keys};
use super::constraints::{ForeignKey, UniqueKey};
use super::key_values::{before, describe_columns, describe_row};
use super::parking::park;
use super::steps::Plan;
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
        let mut moved = Vec::new();
        for (nth, at) in level.iter().enumerate() {
            let row = self.nodes[*at].row;
            let arena = self.arenas.at(row.arena);
            self.follow_parked(*at, &level[..nth], plan);
            let columns = match row.action {
                Action::Update(ColumnSet::EMPTY) => continue,
                Action::Insert(columns) | Action::Update(columns) => columns,
                Action::Park(columns) => {
                    let parked = columns.iter().map(|column| {
                        park(arena.table(), [column].into_iter().collect())
                            .ok_or_else(|| self.cannot_park(row, columns))
                    });
                    plan.park(first, arena.table(), (row.arena, row.slot), parked.collect::<Result<_>>()?);
                    continue;
                }
                Action::Delete | Action::MarkDeleted(_) => ColumnSet::EMPTY,
            };
            let moves = || arena.table().primary_key().any(|column| columns.contains(column));
            if matches!(row.action, Action::Update(_)) && self.has_later_part(*at) && moves() {
                moved.push((row.arena, row.slot));
            }
            let references = arena.facts().foreign_keys;
            let references = columns.iter().filter(|column| references.contains(*column)).collect();
            plan.add(first, arena.table(), row, waits_for_keys(arena, keys, row.slot, references));
        }
        let behind = plan.steps.len();
        plan.moved.extend(moved.into_iter().map(|row| (row, behind)));
        Ok(())
    }

    /// A row is found by the key that it has when its step comes: where it refers to one that is parked by then, its foreign key has followed
    /// there. `sent` are those of its level that go before it.
    fn follow_parked(&self, at: usize, sent: &[usize], plan: &mut Plan) {
        let row = self.nodes[at].row;
        let arena = self.arenas.at(row.arena);
        let is_found =
            |edge: &&usize| self.edges[**edge].from == at && self.edges[**edge].why == Why::IsFound;
        for edge in self.nodes[at].outgoing.iter().filter(is_found) {
            let holder = self.edges[*edge].to;
            if !self.is_parked(holder, sent) {
                continue;
            }
            let holder = self.nodes[holder].row;
            let parents = self.arenas.at(holder.arena);
            let value = |arena: &dyn AnyArena, row: &RowChange, columns: &[usize]| {
                before(arena, row, &UniqueKey { columns: columns.to_vec(), nulls_not_distinct: false })
            };
            for key in self.foreign_keys[row.arena].iter().filter(|it| *it.parent == *parents.table()) {
                let refers = value(arena, &row, &key.columns);
                if refers.is_none() || refers != value(parents, &holder, &key.parent_columns) {
                    continue;
                }
                for (column, parent_column) in key.columns.iter().zip(&key.parent_columns) {
                    let parked = plan.parked_at(holder.arena, holder.slot, *parent_column).cloned();
                    let follows = parked.map(|value| (*column, value));
                    plan.parked.entry((row.arena, row.slot)).or_default().extend(follows);
                }
            }
        }
    }

    /// Tells whether a row has been parked by a step before.
    fn is_parked(&self, at: usize, sent: &[usize]) -> bool {
        self.nodes[at].incoming.iter().any(|edge| {
            let Edge { from, to, why } = self.edges[*edge];
            let parks = matches!(self.nodes[from].row.action, Action::Park(_));
            to == at && why == Why::SameRow && parks && (self.nodes[from].is_placed || sent.contains(&from))
        })
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
