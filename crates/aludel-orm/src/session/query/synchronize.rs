//! `synchronize_session`: objects that are loaded follow what UPDATE and DELETE statements do to their rows.

use aludel_engine::driver::{Flow, RowSink};
use aludel_engine::{Executed, Plan, RowsQuery};
use aludel_sql::node::Node;
use aludel_sql::{
    ColumnSet, Delete, Expr, Expression, Features, Join, JoinedChanges, Lock, ReferentialAction,
    RelationKind, Result, Select, SelectItem, SelectNode, Source, TableMeta, Update, Value, ValueItem,
    ValueRef, key_items, or_,
};

use super::plan::Changes;
use super::{Access, node_of_columns};
use crate::entity::Entity;
use crate::session::Session;
use crate::session::arena::{AnyArena, SlotState};
use crate::session::arenas::Arenas;
use crate::session::unit_of_work::leave_collections;

/// The most keys that are asked for in one statement.
const KEYS: usize = 500;

/// A statement that changes rows by a condition.
pub(super) trait ByCondition: Sized + Send {
    /// The condition.
    fn filters(&self) -> Vec<Node>;

    /// The tables that are joined for it.
    fn joins(&self) -> Vec<Join>;

    /// Whether it is about rows that were deleted softly as well.
    fn with_deleted(&self) -> bool;

    /// The columns that it sets; none where it deletes the rows.
    fn sets(&self) -> ColumnSet;

    /// Whether the rows are gone behind it.
    fn deletes(&self) -> bool;

    /// Whether it gives back keys by which the rows were known before.
    fn gives_keys(&self, features: &Features) -> bool;

    /// The statement with RETURNING, or without.
    fn into_plan(self, returning: bool) -> Plan;
}

impl<E: Entity> ByCondition for Update<E> {
    fn filters(&self) -> Vec<Node> {
        self.node().filters.clone()
    }

    fn joins(&self) -> Vec<Join> {
        self.node().joins.clone()
    }

    fn with_deleted(&self) -> bool {
        self.node().with_deleted
    }

    fn sets(&self) -> ColumnSet {
        let node = self.node();
        let computed = (0..E::TABLE.columns.len()).filter(|it| E::TABLE.columns[*it].computed.is_some());
        node.assignments.iter().chain(&node.made).map(|(column, _)| *column).chain(computed).collect()
    }

    fn deletes(&self) -> bool {
        false
    }

    fn gives_keys(&self, features: &Features) -> bool {
        features.update_returning && !E::TABLE.primary_key().any(|it| self.sets().contains(it))
    }

    fn into_plan(self, returning: bool) -> Plan {
        if returning { self.returning_key().into_plan() } else { Plan::from(self) }
    }
}

impl<E: Entity> ByCondition for Delete<E> {
    fn filters(&self) -> Vec<Node> {
        self.node().filters.clone()
    }

    fn joins(&self) -> Vec<Join> {
        self.node().joins.clone()
    }

    fn with_deleted(&self) -> bool {
        self.node().with_deleted
    }

    fn sets(&self) -> ColumnSet {
        ColumnSet::EMPTY
    }

    fn deletes(&self) -> bool {
        true
    }

    fn gives_keys(&self, features: &Features) -> bool {
        if !self.node().marks.is_empty() {
            // Rows that are only marked are updated.
            return features.update_returning;
        }
        features.delete_returning
            && (self.node().joins.is_empty() || features.joined_changes != JoinedChanges::Join)
    }

    fn into_plan(self, returning: bool) -> Plan {
        if returning { self.returning_key().into_plan() } else { Plan::from(self) }
    }
}

/// Runs a statement, and lets the loaded objects follow it.
pub(super) async fn synchronized<E: Entity, Q: ByCondition>(
    session: &mut Session,
    query: Q,
) -> Result<Executed> {
    session.before_query().await?;
    session.begin(Access::Writes);
    let features = session.engine.dialect().features();
    let (sets, deletes, gives_keys) = (query.sets(), query.deletes(), query.gives_keys(features));
    let mut matched = Vec::new();
    if !gives_keys {
        let rows = SelectNode {
            items: key_items(E::TABLE),
            joins: query.joins(),
            filters: query.filters(),
            lock: features.for_update.then(Lock::for_update),
            with_deleted: query.with_deleted(),
            ..SelectNode::default()
        };
        session.count_statements(1)?;
        matched = met::<E>(session, &Select::<(ValueItem<bool>,)>::from_node(rows).into_plan()).await?.0;
    }
    let (given, rows_affected) = met::<E>(session, &query.into_plan(gives_keys)).await?;
    matched.extend(given);
    let index = session.arenas.index_of::<E>();
    session.arenas.at_mut(index).age(None);
    if deletes {
        forget_deleted(&mut session.arenas, index, &matched);
    } else {
        age_followers(&mut session.arenas, E::TABLE, sets);
        if !E::TABLE.primary_key().any(|it| sets.contains(it)) {
            unload_relations(&mut session.arenas, index, &matched, sets);
            follow::<E>(session, &matched, sets).await?;
        }
    }
    Ok(Executed { rows_affected })
}

/// Runs a statement that gives keys; returns the objects among the rows that are loaded, and how many rows there were.
async fn met<E: Entity>(session: &mut Session, plan: &Plan) -> Result<(Vec<u32>, u64)> {
    let (connection, arenas, _) = session.parts();
    let mut sink = MetSink { arenas, slots: Vec::new(), rows: 0, affected: 0, find: find::<E> };
    connection.run_plan_unbounded(plan, &mut sink).await?;
    Ok((sink.slots, sink.rows.max(sink.affected)))
}

fn find<E: Entity>(arenas: &mut Arenas, key: &[ValueRef<'_>]) -> Result<Option<u32>> {
    arenas.of::<E>().find_cells(key)
}

/// Notes which of the rows, of which it sees the keys, are loaded.
struct MetSink<'s> {
    arenas: &'s mut Arenas,
    slots: Vec<u32>,
    rows: u64,
    affected: u64,
    find: fn(&mut Arenas, &[ValueRef<'_>]) -> Result<Option<u32>>,
}

impl RowSink for MetSink<'_> {
    fn row(&mut self, _: usize, key: &[ValueRef<'_>]) -> Result<Flow> {
        self.rows += 1;
        self.slots.extend((self.find)(self.arenas, key)?);
        Ok(Flow::More)
    }

    fn done(&mut self, _: usize, done: aludel_engine::driver::Done) {
        self.affected += done.rows_affected;
    }
}

/// Reads what an UPDATE has made of these columns.
async fn follow<E: Entity>(session: &mut Session, slots: &[u32], columns: ColumnSet) -> Result<()> {
    let key: Vec<usize> = E::TABLE.primary_key().collect();
    let source = Source::of(E::TABLE);
    let item = |column| SelectItem::column(source.clone(), column, E::TABLE.columns[column].nullable);
    for slots in slots.chunks(KEYS) {
        let arena = session.arenas.of::<E>();
        let condition = match key.as_slice() {
            [column] => {
                let keys = slots.iter().map(|slot| known_key(arena, *slot, *column)).collect();
                Expr::column_in(E::TABLE, *column, keys)
            }
            key => or_(slots.iter().map(|slot| {
                node_of_columns::<E>(key, key.iter().map(|column| known_key(arena, *slot, *column)).collect())
            })),
        };
        let rows = SelectNode {
            items: key_items(E::TABLE).into_iter().chain(columns.iter().map(item)).collect(),
            filters: vec![condition.into_node()],
            with_deleted: true,
            ..SelectNode::default()
        };
        session.count_statements(1)?;
        let (connection, arenas, _) = session.parts();
        let arena = arenas.of::<E>();
        let mut read = |_: usize, cells: &[ValueRef<'_>]| {
            let (cells_of_key, values) = cells.split_at(key.len());
            if let Some(slot) = arena.find_cells(cells_of_key)? {
                let values = columns.iter().zip(values.iter().map(|it| it.to_value()));
                arena.follow(slot, &values.collect::<Vec<_>>(), false);
            }
            Ok(())
        };
        connection.run_selects(&[rows], &mut read).await?;
    }
    Ok(())
}

fn known_key(arena: &dyn AnyArena, slot: u32, column: usize) -> Value {
    arena.known(slot, column).encode().into_value()
}

/// Objects whose rows a statement has deleted are deleted; what the database may have changed with them ages.
fn forget_deleted(arenas: &mut Arenas, index: usize, slots: &[u32]) {
    let is_row = |slot: &&u32| {
        matches!(arenas.at(index).slot_state(**slot), SlotState::Persistent | SlotState::Deleted)
    };
    let slots: Vec<u32> = slots.iter().filter(is_row).copied().collect();
    leave_collections(arenas, index, &slots);
    slots.iter().for_each(|slot| arenas.at_mut(index).deleted(*slot));
    let table = arenas.at(index).table();
    age_behind(arenas, table, ColumnSet::EMPTY, true);
}

/// What the database may have changed behind a statement that has set these columns of a table, or deleted rows of it, ages.
pub(in crate::session) fn age_behind(
    arenas: &mut Arenas,
    table: &'static TableMeta,
    sets: ColumnSet,
    deletes: bool,
) {
    if deletes {
        let all = |parent: &TableMeta| (0..parent.columns.len()).collect();
        age_referring(arenas, table, |it, parent| refers_to(it, parent, all(parent), |_, _| true));
    } else {
        age_followers(arenas, table, sets);
    }
}

/// What the database has deleted or changed along with deleted rows of a table ages (`ON DELETE`).
pub(in crate::session) fn age_gone_along(arenas: &mut Arenas, table: &'static TableMeta) {
    let goes_along = |on_delete: ReferentialAction, _| on_delete.acts();
    let all = |parent: &TableMeta| (0..parent.columns.len()).collect();
    age_referring(arenas, table, |it, parent| refers_to(it, parent, all(parent), goes_along));
}

/// What refers to columns that a statement has set ages, where the database lets it follow (`ON UPDATE`).
fn age_followers(arenas: &mut Arenas, table: &'static TableMeta, columns: ColumnSet) {
    let follows = |_, on_update: ReferentialAction| on_update.acts();
    age_referring(arenas, table, |child, parent| {
        // Which columns of those follow in turn, nobody has to know.
        let changed = if *parent == *table { columns } else { (0..parent.columns.len()).collect() };
        refers_to(child, parent, changed, follows)
    });
}

/// Ages the objects of tables that refer to a table, and of those that refer to them in turn, whether the session has met these or not.
fn age_referring(
    arenas: &mut Arenas,
    table: &'static TableMeta,
    refers: impl Fn(&'static TableMeta, &'static TableMeta) -> bool,
) {
    for arena in arenas.iter_mut().filter(|it| refers_in_turn(it.table(), table, &refers)) {
        arena.age(None);
    }
}

fn refers_in_turn(
    child: &'static TableMeta,
    table: &'static TableMeta,
    refers: impl Fn(&'static TableMeta, &'static TableMeta) -> bool,
) -> bool {
    let mut reached = vec![child];
    let mut next = 0;
    while let Some(child) = reached.get(next).copied() {
        next += 1;
        let of_columns = child.columns.iter().filter_map(|it| it.foreign_key).map(|it| (it.table)());
        let of_table = child.foreign_keys.iter().map(|it| (it.table)());
        for parent in of_columns.chain(of_table).filter(|it| refers(child, it)) {
            if *parent == *table {
                return true;
            }
            if !reached.contains(&parent) {
                reached.push(parent);
            }
        }
    }
    false
}

/// Tells whether a foreign key of a table refers to one of these columns of another, and has such rules for their deletion and their changes.
fn refers_to(
    table: &TableMeta,
    parent: &TableMeta,
    columns: ColumnSet,
    has_rules: impl Fn(ReferentialAction, ReferentialAction) -> bool,
) -> bool {
    let of_columns = table.columns.iter().filter_map(|it| it.foreign_key);
    let mut of_columns =
        of_columns.filter(|key| *(key.table)() == *parent && has_rules(key.on_delete, key.on_update));
    let mut of_table = table
        .foreign_keys
        .iter()
        .filter(|key| *(key.table)() == *parent && has_rules(key.on_delete, key.on_update));
    of_columns.any(|key| columns.contains(key.column))
        || of_table.any(|key| key.parent_columns.iter().any(|it| columns.contains(*it)))
}

/// Relations that a changed foreign key may lead elsewhere now are to be loaded anew.
pub(in crate::session) fn unload_relations(
    arenas: &mut Arenas,
    index: usize,
    slots: &[u32],
    columns: ColumnSet,
) {
    let table = arenas.at(index).table();
    for (relation, meta) in table.relations.iter().enumerate() {
        if meta.kind == RelationKind::BelongsTo && meta.link(table).is_ok_and(|it| columns.contains(it.local))
        {
            slots.iter().for_each(|slot| arenas.at_mut(index).unload(*slot, relation));
        }
    }
    for arena in arenas.iter_mut() {
        let parent = arena.table();
        for (relation, meta) in parent.relations.iter().enumerate() {
            let leads_here = matches!(meta.kind, RelationKind::HasMany | RelationKind::HasOne)
                && *(meta.target)() == *table
                && meta.link(parent).is_ok_and(|it| columns.contains(it.remote));
            if leads_here {
                (0..arena.slot_count()).for_each(|slot| arena.unload(slot, relation));
            }
        }
    }
}

/// A statement with RETURNING has changed rows of a table; `met` are the objects that came back.
pub(in crate::session) fn returned(arenas: &mut Arenas, changes: Changes, met: Vec<(usize, u32)>) {
    let Ok(index) = arenas.of_table(changes.table) else { return };
    let slots: Vec<u32> = met.into_iter().filter(|(it, _)| *it == index).map(|(_, slot)| slot).collect();
    if slots.is_empty() {
        // Some columns came back, of nobody knows which rows.
        arenas.at_mut(index).age(None);
    }
    if changes.deletes {
        forget_deleted(arenas, index, &slots);
    }
}

impl Session {
    /// Tells whether an object of an entity is loaded.
    pub(super) fn has_rows<E: Entity>(&mut self) -> bool {
        let arena = self.arenas.of::<E>();
        let is_row = |slot| matches!(arena.slot_state(slot), SlotState::Persistent | SlotState::Deleted);
        (0..arena.slot_count()).any(is_row)
    }
}
