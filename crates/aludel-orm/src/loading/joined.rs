//! What a statement reads beside its own cells: the objects of joined relations.
//!
//! Before the statement runs, relations are [attached](JoinedRelations::attach) to it; each [row](JoinedRelations::row) then shows which
//! object leads to which; and when all rows are here, relationship fields are [filled](JoinedRelations::finish), and what could not be
//! joined is left to be loaded next.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use aludel_sql::{ErrorKind, RelationKind, Result, SelectNode, Source, ValueRef};
use foldhash::fast::FixedState;

use super::join;
use super::levels::{Running, Work};
use super::load::{Load, Strategy};
use super::selectinload::By;
use super::{contains_eager, defaults, fill, subqueryload};
use crate::obj::RawObj;
use crate::session::{Populate, Session, Tracker};
use crate::view::write_only;

/// The joined relations of a statement.
#[derive(Default)]
pub(super) struct JoinedRelations {
    relations: Vec<JoinedRelation>,
    /// What is loaded by statements of its own.
    others: Vec<Other>,
    /// Which of them the statements are of that run in the same batch.
    beside: Vec<usize>,
    /// The statement as it was, to be repeated.
    repeated: Option<SelectNode>,
    /// Each row is wanted, even if an object comes twice: then no join may find several rows.
    rows_count: bool,
}

/// A relation that is loaded by a statement of its own: when the rows are here, or beside the statement that finds the parents.
struct Other {
    parents: Parents,
    load: Load,
    /// The statement that selects the keys of the parents, where it is repeated.
    repeated: Option<SelectNode>,
    running: Option<Running>,
}

/// Where the objects are that a relation starts from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parents {
    /// They are an item of the statement.
    Item(usize),
    /// They are what a relation leads to that was joined before.
    Relation(usize),
}

/// A relation whose objects are in the rows.
struct JoinedRelation {
    load: Load,
    parents: Parents,
    partial: bool,
    /// The rows are in the order that the program wants; otherwise objects are sorted by key.
    ordered: bool,
    cells: Range<usize>,
    /// The object of the current row.
    current: Option<RawObj>,
    /// The parents in the order of the rows, each with the objects that it leads to.
    lists: Vec<(RawObj, Vec<RawObj>)>,
    list_of: HashMap<RawObj, usize, FixedState>,
    pairs: HashSet<(RawObj, RawObj), FixedState>,
}

/// How many tables a statement may join: MariaDB takes 61, SQLite 64, and planners take their time long before that.
const MOST_JOINS: usize = 20;

impl JoinedRelations {
    /// Begins for a statement each of whose rows counts, unless it has no joins: then each row is another object.
    pub(super) fn of_rows(node: &SelectNode, loads: &[Load]) -> Self {
        Self { rows_count: !node.joins.is_empty(), ..Self::of_objects(node, loads) }
    }

    /// Begins for a statement whose objects come once, whatever its rows.
    pub(super) fn of_objects(node: &SelectNode, loads: &[Load]) -> Self {
        let repeats = loads.iter().any(|it| it.strategy == Strategy::Subquery);
        Self { repeated: repeats.then(|| node.clone()), ..Self::default() }
    }

    /// Adds to a statement what it can read of these relations of one of its items, whose table is `source`.
    pub(super) fn attach(
        &mut self,
        node: &mut SelectNode,
        (item, source): (usize, &Source),
        loads: Vec<Load>,
    ) -> Result<()> {
        loads.into_iter().try_for_each(|load| self.add(node, source, (Parents::Item(item), source), load))
    }

    fn add(
        &mut self,
        node: &mut SelectNode,
        root: &Source,
        (parents, from): (Parents, &Source),
        load: Load,
    ) -> Result<()> {
        if load.meta().write_only {
            return Err(write_only(load.from.table, load.meta(), ErrorKind::State));
        }
        let start = join::width(node);
        let (source, partial) = match &load.strategy {
            Strategy::Joined if self.may_join(node, parents, &load) => {
                (join::add(node, root, from, &load)?, load.is_partial())
            }
            Strategy::Contained(_) => {
                let (source, partial) = contains_eager::find(node, from, &load)?;
                (Some(source), partial)
            }
            Strategy::Joined | Strategy::SelectIn | Strategy::Subquery | Strategy::Raise => (None, false),
        };
        let Some(source) = source else {
            let repeated = self.keys_of(parents, from, &load);
            self.others.push(Other { parents, load, repeated, running: None });
            return Ok(());
        };
        let next: Vec<Load> = defaults::behind(&load).into_iter().chain(load.deeper()).collect();
        let at = self.relations.len();
        self.relations.push(JoinedRelation {
            ordered: match load.strategy {
                Strategy::Contained(_) => !node.order_by.is_empty(),
                _ => load.is_ordered(),
            },
            cells: start..start + source.table.columns.len(),
            load,
            parents,
            partial,
            current: None,
            lists: Vec::new(),
            list_of: HashMap::default(),
            pairs: HashSet::default(),
        });
        next.into_iter().try_for_each(|next| self.add(node, root, (Parents::Relation(at), &source), next))
    }

    /// The statement that selects the keys of the parents, where the loader repeats the statement that finds them.
    fn keys_of(&self, parents: Parents, from: &Source, load: &Load) -> Option<SelectNode> {
        let repeated = self.repeated.as_ref()?;
        if load.strategy != Strategy::Subquery || !matches!(parents, Parents::Item(_)) {
            return None;
        }
        let by = By::of(load.meta(), load.from.table).ok()?;
        subqueryload::parents(repeated, from, by.local())
    }

    /// Tells whether a statement means the same with one more join, and is not made much longer by it.
    fn may_join(&self, node: &SelectNode, parents: Parents, load: &Load) -> bool {
        let grouped = !node.group_by.is_empty() || !node.having.is_empty();
        if load.limit.is_some() || grouped || node.lock.is_some() || node.joins.len() >= MOST_JOINS {
            return false;
        }
        let between = load.meta().kind == RelationKind::ManyToMany && !load.filters.is_empty();
        if !load.may_find_many() {
            return true;
        }
        let cut = node.limit.is_some() || node.offset.is_some() || node.limit_per.is_some();
        !(between || cut || node.distinct || self.rows_count) && self.is_one_path(parents)
    }

    /// Tells whether all joins that may find several rows are on the way to these parents: two collections beside each other would be
    /// multiplied.
    fn is_one_path(&self, mut parents: Parents) -> bool {
        let mut on_the_way = HashSet::new();
        while let Parents::Relation(at) = parents {
            on_the_way.insert(at);
            parents = self.relations[at].parents;
        }
        let many = self.relations.iter().enumerate().filter(|(_, it)| it.load.may_find_many());
        many.into_iter().all(|(at, _)| on_the_way.contains(&at))
    }

    /// Begins with what can be loaded in the same batch as the statement itself, and returns the statements.
    pub(super) fn beside(
        &mut self,
        session: &mut Session,
        node: &SelectNode,
        populate: Populate,
    ) -> Result<Vec<SelectNode>> {
        let mut statements = Vec::new();
        for (at, other) in self.others.iter_mut().enumerate() {
            let Parents::Item(item) = other.parents else { continue };
            let Some(source) = node.items[item].entity() else { continue };
            let begun =
                Running::beside(session, &other.load, (node, source), other.repeated.as_ref(), populate)?;
            if let Some((running, statement)) = begun {
                other.running = Some(running);
                self.beside.push(at);
                statements.push(statement);
            }
        }
        Ok(statements)
    }

    /// Reads a row of one of these statements.
    pub(super) fn row_beside(
        &mut self,
        statement: usize,
        tracker: &mut Tracker<'_>,
        cells: &[ValueRef<'_>],
    ) -> Result<()> {
        let running = self.others[self.beside[statement]].running.as_mut();
        running.map_or(Ok(()), |it| it.row(tracker, cells))
    }

    /// Tells whether the rows show anything of relations.
    pub(super) fn reads_rows(&self) -> bool {
        !self.relations.is_empty()
    }

    /// Tells whether the statement may show an object of its items in several rows because of these relations.
    pub(super) fn repeats(&self) -> bool {
        self.relations.iter().any(|it| it.load.may_find_many())
    }

    /// Reads a row; `object` gives that of an item of the statement.
    pub(super) fn row(
        &mut self,
        tracker: &mut Tracker<'_>,
        object: impl Fn(usize) -> Option<RawObj>,
        cells: &[ValueRef<'_>],
    ) -> Result<()> {
        for at in 0..self.relations.len() {
            let parent = match self.relations[at].parents {
                Parents::Item(item) => object(item),
                Parents::Relation(before) => self.relations[before].current,
            };
            self.relations[at].row(tracker, parent, cells)?;
        }
        Ok(())
    }

    /// Fills the relationship fields. Returns what is to be loaded next; `items` are the objects of the statement's items.
    pub(super) fn finish(mut self, session: &mut Session, items: &[Vec<RawObj>]) -> Vec<Work> {
        self.relations.iter_mut().for_each(|it| it.fill(session));
        let mut next = Vec::new();
        for Other { parents, load, repeated, running } in self.others {
            next.extend(match (parents, running) {
                (Parents::Item(item), Some(running)) => {
                    running.finish_for(session, items[item].iter().copied())
                }
                (Parents::Item(item), None) => {
                    vec![Work::new(load, items[item].iter().copied()).of_parents(repeated)]
                }
                (Parents::Relation(at), _) => {
                    vec![Work::new(load, self.relations[at].objects()).of_parents(repeated)]
                }
            });
        }
        // An object that was here already was in no row.
        for JoinedRelation { load, parents, list_of, .. } in self.relations {
            if let Parents::Item(item) = parents {
                let missing = items[item].iter().filter(|it| !list_of.contains_key(it));
                next.push(Work::new(load, missing.copied()));
            }
        }
        next
    }
}

impl JoinedRelation {
    fn row(
        &mut self,
        tracker: &mut Tracker<'_>,
        parent: Option<RawObj>,
        cells: &[ValueRef<'_>],
    ) -> Result<()> {
        self.current = None;
        let (Some(parent), Some(cells)) = (parent, cells.get(self.cells.clone())) else { return Ok(()) };
        // There is no object if and only if its key is NULL.
        if !self.load.to.table.primary_key().all(|column| cells[column].is_null()) {
            self.current = Some((self.load.to.track)(tracker, cells)?);
        }
        let list = match self.lists.last() {
            Some((same, _)) if *same == parent => self.lists.len() - 1,
            _ => *self.list_of.entry(parent).or_insert_with(|| {
                self.lists.push((parent, Vec::new()));
                self.lists.len() - 1
            }),
        };
        if let Some(object) = self.current
            && self.pairs.insert((parent, object))
        {
            self.lists[list].1.push(object);
        }
        Ok(())
    }

    fn objects(&self) -> impl Iterator<Item = RawObj> + '_ {
        self.lists.iter().flat_map(|(_, objects)| objects.iter().copied())
    }

    fn fill(&mut self, session: &mut Session) {
        let places = ((self.load.from.place)(session), (self.load.to.place)(session));
        for (parent, objects) in &mut self.lists {
            if self.load.spares(session, places.0, *parent) {
                continue;
            }
            fill::keep_children(session, &self.load, places, *parent, objects);
            if !self.ordered {
                session.sort_by_key(places.1, objects);
            }
            fill::fill(session, &self.load, places, *parent, objects, self.partial);
        }
    }
}
