//! Building the graph: which rows wait for which.

use std::collections::HashMap;

use aludel_sql::{ColumnSet, Few, Result};

use super::{Edge, Node, RowGraph, Why};
use crate::session::arenas::Arenas;
use crate::session::unit_of_work::changes::{Action, RowChange, deletes, inserts, updates};
use crate::session::unit_of_work::constraints::{ForeignKey, UniqueKey};
use crate::session::unit_of_work::key_values::{KeyValues, before, created, vanished};
use crate::session::unit_of_work::relations::GivenByRelation;

/// The rows that make values of a key, and those that remove some.
#[derive(Default)]
struct KeyRows {
    /// More than one makes a value where rows have it only until they follow their parents to another one: the last is who keeps it.
    created: HashMap<KeyValues, Few<usize, 1>>,
    vanished: HashMap<KeyValues, usize>,
}

/// The rows of keys: of an arena, and of these columns of it.
type Keys = HashMap<(usize, Vec<usize>), (UniqueKey, KeyRows)>;

impl<'a> RowGraph<'a> {
    /// Makes the graph of all rows that a flush sends.
    pub(in crate::session::unit_of_work) fn new(
        arenas: &'a Arenas,
        components: &[Vec<usize>],
        given: &GivenByRelation,
    ) -> Result<Self> {
        let mut places = vec![0; arenas.len()];
        components.iter().flatten().enumerate().for_each(|(place, arena)| places[*arena] = place);
        let foreign_keys = arenas.iter().map(|it| ForeignKey::with_inherited(it.table())).collect();
        let mut graph = Self {
            arenas,
            places,
            foreign_keys,
            nodes: Vec::new(),
            edges: Vec::new(),
            following: Vec::new(),
        };
        let tables: Vec<usize> = components.iter().flatten().copied().collect();
        for index in &tables {
            inserts(arenas, *index, given, |row| _ = graph.add_node(row))?;
        }
        for index in &tables {
            updates(arenas, *index).chain(deletes(arenas, *index)).for_each(|row| _ = graph.add_node(row));
        }
        let keys = graph.keys();
        graph.add_hand_overs(&keys);
        graph.add_references(&keys)?;
        Ok(graph)
    }

    pub(super) fn add_node(&mut self, row: RowChange) -> usize {
        let (outgoing, incoming) = (Vec::new(), Vec::new());
        self.nodes.push(Node { row, waiting_for: 0, outgoing, incoming, is_placed: false });
        self.nodes.len() - 1
    }

    pub(super) fn add_edge(&mut self, from: usize, to: usize, why: Why) {
        self.edges.push(Edge { from, to, why });
        self.nodes[from].outgoing.push(self.edges.len() - 1);
        self.nodes[to].incoming.push(self.edges.len() - 1);
        self.nodes[to].waiting_for += 1;
    }

    /// Finds the values that rows make and remove, of all keys that are unique or referred to.
    fn keys(&self) -> Keys {
        let mut keys = Keys::new();
        for index in 0..self.arenas.len() {
            for key in UniqueKey::all_of(self.arenas.at(index).table()) {
                keys.entry((index, key.columns.clone())).or_insert((key, KeyRows::default()));
            }
            for key in &self.foreign_keys[index] {
                let Ok(parent) = self.arenas.of_table(key.parent) else { continue };
                let referred = UniqueKey { columns: key.parent_columns.clone(), nulls_not_distinct: false };
                keys.entry((parent, key.parent_columns.clone())).or_insert((referred, KeyRows::default()));
            }
        }
        let mut of_arena: Vec<Vec<&mut (UniqueKey, KeyRows)>> = Vec::new();
        of_arena.resize_with(self.arenas.len(), Vec::new);
        for ((index, _), key) in &mut keys {
            of_arena[*index].push(key);
        }
        for (at, Node { row, .. }) in self.nodes.iter().enumerate() {
            let arena = self.arenas.at(row.arena);
            for (key, rows) in of_arena[row.arena].iter_mut().map(|it| &mut **it) {
                if let Some(values) = created(arena, row, key) {
                    rows.created.entry(values).or_default().push(at);
                }
                if let Some(values) = vanished(arena, row, key) {
                    rows.vanished.insert(values, at);
                }
            }
        }
        self.put_keepers_last(&mut keys);
        keys
    }

    /// Of several rows that make one value, who follows its parent to another one is not who has it behind the flush.
    fn put_keepers_last(&self, keys: &mut Keys) {
        let mut contested = Vec::new();
        for (of, (_, rows)) in keys.iter() {
            for (values, makers) in rows.created.iter().filter(|(_, makers)| makers.len() > 1) {
                let mut makers = makers.clone();
                makers.sort_by_key(|it| !self.goes_on(*it, keys));
                contested.push((of.clone(), values.clone(), makers));
            }
        }
        for (of, values, makers) in contested {
            if let Some((_, rows)) = keys.get_mut(&of) {
                rows.created.insert(values, makers);
            }
        }
    }

    /// Tells whether a row follows its parent to another key than it is sent with.
    fn goes_on(&self, at: usize, keys: &Keys) -> bool {
        let row = self.nodes[at].row;
        let is_set = |key: &ForeignKey| changes(row.action, key.columns.iter().copied().collect());
        let moves = |node: usize| self.nodes[node].row.action != Action::Delete;
        let mut followed = self.foreign_keys[row.arena].iter().filter(|key| key.follows() && !is_set(key));
        followed.any(|key| self.giver(&row, key, keys).is_some_and(moves))
    }

    /// The row that gives up the key by which another one refers to it before the flush.
    fn giver(&self, row: &RowChange, key: &ForeignKey, keys: &Keys) -> Option<usize> {
        let parent = self.arenas.of_table(key.parent).ok()?;
        let (_, rows) = keys.get(&(parent, key.parent_columns.clone()))?;
        let reference = UniqueKey { columns: key.columns.clone(), nulls_not_distinct: false };
        let values = before(self.arenas.at(row.arena), row, &reference)?;
        rows.vanished.get(&values).copied()
    }

    /// Whoever takes a value comes after who gives it up.
    fn add_hand_overs(&mut self, keys: &Keys) {
        for (key, rows) in keys.values() {
            let columns: ColumnSet = key.columns.iter().copied().collect();
            let mut pairs: Vec<(usize, usize)> = Vec::new();
            for (values, giver) in &rows.vanished {
                let takers = rows.created.get(values).into_iter().flatten();
                pairs.extend(takers.filter(|taker| *taker != giver).map(|taker| (*giver, *taker)));
            }
            pairs.sort_unstable();
            pairs.into_iter().for_each(|(giver, taker)| self.add_edge(giver, taker, Why::HandsOver(columns)));
        }
    }

    /// Whoever refers to a row comes after it is made; whoever referred to one comes before it goes.
    fn add_references(&mut self, keys: &Keys) -> Result<()> {
        // What is cut in two on the way has been looked at.
        for at in 0..self.nodes.len() {
            let index = self.nodes[at].row.arena;
            for number in 0..self.foreign_keys[index].len() {
                let key = &self.foreign_keys[index][number];
                let Ok(parent) = self.arenas.of_table(key.parent) else { continue };
                if let Some((_, rows)) = keys.get(&(parent, key.parent_columns.clone())) {
                    self.add_references_by(at, number, rows)?;
                }
            }
        }
        Ok(())
    }

    /// As `add_references`, for one row and one of its foreign keys; `rows` make and remove what it refers to.
    fn add_references_by(&mut self, at: usize, number: usize, rows: &KeyRows) -> Result<()> {
        let row = self.nodes[at].row;
        let (arena, table) = (self.arenas.at(row.arena), self.arenas.at(row.arena).table());
        let key = &self.foreign_keys[row.arena][number];
        let columns: ColumnSet = key.columns.iter().copied().collect();
        let (follows, is_apart, is_clearable) =
            (key.follows(), key.post_update, key.clearable(table).is_some());
        let is_inherited = key.is_inherited();
        let reference = |columns: Vec<usize>| UniqueKey { columns, nulls_not_distinct: false };
        let through = reference(key.through.iter().collect());
        let reference = reference(key.columns.clone());
        let is_whole = |through: Option<KeyValues>| !is_inherited || through.is_some();
        let made = created(arena, &row, &reference).filter(|_| is_whole(created(arena, &row, &through)));
        let made = made.and_then(|it| rows.created.get(&it)?.last().copied());
        let gone = before(arena, &row, &reference).filter(|_| is_whole(before(arena, &row, &through)));
        let gone = gone.and_then(|it| rows.vanished.get(&it)).copied();
        let is_deleted = |node: usize| self.nodes[node].row.action == Action::Delete;
        // What an inherited one leaves or refers to, it does through its parent's row.
        let leaves = row.action == Action::Delete || made.is_some() || changes(row.action, columns);
        let leaves = leaves && !is_inherited;

        match gone {
            // MariaDB deletes no row that refers to itself.
            Some(gone) if gone == at => {
                if row.action == Action::Delete && is_clearable && !is_inherited {
                    self.leave_early(at, columns)?;
                }
            }
            Some(gone) if follows && !is_deleted(gone) => {
                // The reference follows the changed key by itself. Who changes it in the same way need not.
                if made == Some(gone) {
                    self.nodes[at].row.action = without(row.action, columns);
                    self.following.push((row.arena, row.slot));
                    self.add_edge(at, gone, Why::IsFound);
                    return Ok(());
                }
                // A row is found by the key that it has before.
                if columns.iter().any(|column| table.columns[column].primary_key) {
                    self.add_edge(at, gone, Why::IsFound);
                }
            }
            Some(gone) if leaves => {
                self.add_edge(at, gone, Why::Leaves(columns));
                if is_apart && row.action == Action::Delete {
                    self.leave_early(at, columns)?;
                }
            }
            Some(_) | None => {}
        }
        if let Some(made) = made
            && (made != at || !is_inherited && self.needs_itself(at))
        {
            self.add_edge(made, at, Why::Refers(columns));
            if made == at || is_apart {
                self.refer_later(at, columns)?;
            }
        }
        Ok(())
    }

    /// Tells whether a row that refers to itself has a key that only the database can give.
    fn needs_itself(&self, at: usize) -> bool {
        let row = self.nodes[at].row;
        let generated = self.arenas.at(row.arena).table().generated_key();
        matches!(row.action, Action::Insert(given) if generated.is_some_and(|it| !given.contains(it)))
    }
}

fn changes(action: Action, columns: ColumnSet) -> bool {
    matches!(action, Action::Update(changed) if changed.iter().any(|column| columns.contains(column)))
}

fn without(action: Action, columns: ColumnSet) -> Action {
    match action {
        Action::Update(changed) => {
            Action::Update(changed.iter().filter(|column| !columns.contains(*column)).collect())
        }
        other => other,
    }
}
