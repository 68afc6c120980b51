//! Cutting circles: a row is sent in two parts, so that others can come between them.

use aludel_sql::{ColumnSet, Error, ErrorKind, Result};

use super::{Edge, RowGraph, Why};
use crate::session::unit_of_work::changes::{Action, RowChange};
use crate::session::unit_of_work::key_values::describe_columns;
use crate::session::unit_of_work::parking::{nullable, park};

/// A way to cut a circle at one of its edges, the cheapest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cut {
    /// The later row is sent without its reference, which an UPDATE sets behind it.
    ReferLater,
    /// The reference of the earlier row becomes NULL before.
    LeaveEarly,
    /// The unique value of the earlier row becomes NULL before.
    ParkAtNull,
    /// The unique value of the earlier row becomes one that nobody else has before.
    ParkElsewhere,
}

impl RowGraph<'_> {
    /// Finds a circle of rows that wait for each other and cuts it. Returns the nodes that wait for nothing any more.
    ///
    /// # Errors
    ///
    /// Kind `State` where none of them can be sent in two parts.
    pub(super) fn cut_a_circle(&mut self, stuck_from: &mut usize) -> Result<Vec<usize>> {
        while self.nodes[*stuck_from].is_placed {
            *stuck_from += 1;
        }
        let circle = self.circle(*stuck_from);
        let ways = circle.iter().filter_map(|edge| Some((self.way_to_cut(self.edges[*edge])?, *edge)));
        let Some((way, edge)) = ways.min() else { return Err(self.no_way_out(&circle)) };
        let Edge { from, to, why } = self.edges[edge];
        let before = self.nodes.len();
        match (way, why) {
            (Cut::ReferLater, Why::Refers(columns)) => self.refer_later(to, columns)?,
            (_, Why::Leaves(columns)) => self.leave_early(from, columns)?,
            (_, Why::HandsOver(columns)) => self.hand_over_early(from, columns),
            (_, Why::Refers(_) | Why::IsFound | Why::SameRow) => {}
        }
        let freed = |it: &usize| self.nodes[*it].waiting_for == 0 && !self.nodes[*it].is_placed;
        Ok([from, to].into_iter().chain(before..self.nodes.len()).filter(freed).collect())
    }

    /// Finds a circle by walking backwards from a node that waits; returns its edges.
    fn circle(&self, start: usize) -> Vec<usize> {
        let mut step_of: std::collections::HashMap<usize, usize> = std::collections::HashMap::new();
        let mut walked: Vec<usize> = Vec::new();
        let mut at = start;
        loop {
            if let Some(step) = step_of.insert(at, walked.len()) {
                return walked.split_off(step);
            }
            let waits = |edge: &&usize| {
                let Edge { from, to, .. } = self.edges[**edge];
                to == at && !self.nodes[from].is_placed
            };
            let edge = self.nodes[at].incoming.iter().find(waits);
            let edge = *edge.expect("a node that is not placed waits for another");
            walked.push(edge);
            at = self.edges[edge].from;
        }
    }

    fn way_to_cut(&self, edge: Edge) -> Option<Cut> {
        let (from, to) = (self.nodes[edge.from].row, self.nodes[edge.to].row);
        match edge.why {
            Why::Refers(columns) => {
                let apart = self.clearable(to, columns)?;
                let is_whole = to.action == Action::Update(apart);
                (!is_whole && !matches!(to.action, Action::Delete | Action::MarkDeleted(_)))
                    .then_some(Cut::ReferLater)
            }
            Why::Leaves(columns) => self.clearable(from, columns).map(|_| Cut::LeaveEarly),
            Why::HandsOver(columns) => {
                let (table, columns) = (self.arenas.at(from.arena).table(), handed_over(from, columns));
                let cut =
                    if nullable(table, columns).is_some() { Cut::ParkAtNull } else { Cut::ParkElsewhere };
                park(table, columns).map(|_| cut)
            }
            Why::IsFound | Why::SameRow => None,
        }
    }

    /// The columns of a foreign key that make it refer to nothing, where the database does not fill them in.
    fn clearable(&self, row: RowChange, columns: ColumnSet) -> Option<ColumnSet> {
        let table = self.arenas.at(row.arena).table();
        let key = self.foreign_keys[row.arena]
            .iter()
            .find(|it| it.columns.iter().copied().collect::<ColumnSet>() == columns)?;
        key.clearable(table)
            .filter(|it| it.iter().all(|column| table.columns[column].server_default.is_none()))
    }

    /// Cuts a row in two: the later part sets the columns of a foreign key, and waits for what they refer to.
    pub(super) fn refer_later(&mut self, at: usize, columns: ColumnSet) -> Result<()> {
        let row = self.nodes[at].row;
        let apart = self.clearable(row, columns).ok_or_else(|| self.cannot_be_null(at, columns))?;
        let rest = |all: ColumnSet| all.iter().filter(|it| !apart.contains(*it)).collect::<ColumnSet>();
        let action = match row.action {
            Action::Insert(all) => Action::Insert(rest(all)),
            Action::Update(all) if !rest(all).is_empty() => Action::Update(rest(all)),
            // Nothing would be left.
            Action::Update(_) | Action::Park(_) | Action::Delete | Action::MarkDeleted(_) => return Ok(()),
        };
        self.nodes[at].row.action = action;
        let later = self.add_node(RowChange { action: Action::Update(apart), ..row });
        for edge in std::mem::take(&mut self.nodes[at].incoming) {
            let Edge { to, why, .. } = self.edges[edge];
            let moves = match why {
                Why::Refers(columns) | Why::HandsOver(columns) => intersect(columns, apart),
                Why::Leaves(_) | Why::IsFound | Why::SameRow => false,
            };
            if to != at {
                continue;
            }
            let home = if moves { later } else { at };
            self.nodes[home].incoming.push(edge);
            if moves && !self.nodes[self.edges[edge].from].is_placed {
                self.nodes[at].waiting_for -= 1;
                self.nodes[later].waiting_for += 1;
            }
            self.edges[edge].to = home;
        }
        self.move_outgoing(at, later, |why| matches!(why, Why::Leaves(columns) if intersect(columns, apart)));
        self.add_edge(at, later, Why::SameRow);
        Ok(())
    }

    /// Cuts a row in two: the earlier part clears a foreign key.
    pub(super) fn leave_early(&mut self, at: usize, columns: ColumnSet) -> Result<()> {
        let row = self.nodes[at].row;
        let apart = self.clearable(row, columns).ok_or_else(|| self.cannot_be_null(at, columns))?;
        self.part_early(at, apart);
        Ok(())
    }

    /// Cuts a row in two: the earlier part gives up a unique value.
    fn hand_over_early(&mut self, at: usize, columns: ColumnSet) {
        let row = self.nodes[at].row;
        let table = self.arenas.at(row.arena).table();
        if let Some((column, _)) = park(table, handed_over(row, columns)) {
            self.part_early(at, [column].into_iter().collect());
        }
    }

    fn part_early(&mut self, at: usize, apart: ColumnSet) {
        let early = self.add_node(RowChange { action: Action::Park(apart), ..self.nodes[at].row });
        self.move_outgoing(at, early, |why| match why {
            Why::Leaves(columns) | Why::HandsOver(columns) => intersect(columns, apart),
            Why::Refers(_) | Why::IsFound | Why::SameRow => false,
        });
        self.add_edge(early, at, Why::SameRow);
    }

    fn move_outgoing(&mut self, from: usize, to: usize, moves: impl Fn(Why) -> bool) {
        for edge in std::mem::take(&mut self.nodes[from].outgoing) {
            if self.edges[edge].from != from {
                continue;
            }
            let home = if moves(self.edges[edge].why) { to } else { from };
            self.edges[edge].from = home;
            self.nodes[home].outgoing.push(edge);
        }
    }

    #[cold]
    fn cannot_be_null(&self, at: usize, columns: ColumnSet) -> Error {
        let table = self.arenas.at(self.nodes[at].row.arena).table();
        let columns = describe_columns(table, columns.iter());
        Error::new(
            ErrorKind::State,
            format!(
                "{} refers to a row that is not there yet, and its {columns} cannot be NULL until then",
                self.describe(at)
            ),
        )
        .with_table(table.name)
        .help("make the foreign key an `Option`")
    }

    #[cold]
    fn no_way_out(&self, circle: &[usize]) -> Error {
        let tells = |edge: &usize| {
            let Edge { from, to, why } = self.edges[*edge];
            let columns = |at: usize, columns: ColumnSet| {
                describe_columns(self.arenas.at(self.nodes[at].row.arena).table(), columns.iter())
            };
            let (first, then) = (self.describe(from), self.describe(to));
            match why {
                Why::Refers(it) => format!("{then} needs {first} for its {}", columns(to, it)),
                Why::Leaves(it) => {
                    format!("{then} can go when {first} has let go of it in {}", columns(from, it))
                }
                Why::HandsOver(it) => format!("{then} takes {} of {first}", columns(from, it)),
                Why::IsFound => format!("{first} is found by a key that changes with {then}"),
                Why::SameRow => format!("{first} is cut in two already"),
            }
        };
        let told: Vec<String> = circle.iter().map(tells).collect();
        let table = self.arenas.at(self.nodes[self.edges[circle[0]].to].row.arena).table();
        Error::new(ErrorKind::State, format!("rows wait for each other in a circle: {}", told.join("; ")))
            .with_table(table.name)
            .help("make one of these columns an `Option`, so that it can be NULL for a while; or flush in two steps")
    }
}

/// The columns of a unique key by which a row can give it up: those that it changes anyway, or any if it is deleted.
fn handed_over(row: RowChange, columns: ColumnSet) -> ColumnSet {
    match row.action {
        Action::Update(changed) => columns.iter().filter(|it| changed.contains(*it)).collect(),
        _ => columns,
    }
}

fn intersect(a: ColumnSet, b: ColumnSet) -> bool {
    a.iter().any(|column| b.contains(column))
}
