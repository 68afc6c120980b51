//! Foreign keys in memory follow keys that a flush has changed, where the database lets its own follow (`ON UPDATE`).

use std::collections::VecDeque;

use aludel_engine::RowsOp;
use aludel_sql::{ColumnSet, ReferentialAction, TableMeta, UpdateRows, Value, ValueRef};

use super::constraints::ForeignKey;
use super::steps::{Cell, MovedTo, Plan, Rows, Step};
use crate::session::arena::{AnyArena, SlotState};
use crate::session::arenas::Arenas;

/// A row whose key has changed: the columns, what they were, and what they are.
struct ChangedKey {
    table: &'static TableMeta,
    arena: usize,
    slot: u32,
    columns: Vec<(usize, Value, Value)>,
}

/// A step of a flush has updated rows; what refers to them follows.
pub(in crate::session) fn follow_changed_keys(
    arenas: &mut Arenas,
    plan: &Plan,
    number: usize,
    committed: bool,
) {
    let (step, behind) = (&plan.steps[number], &plan.steps[number + 1..]);
    let RowsOp::Update(UpdateRows { columns, .. }) = step.operation else { return };
    let (index, slots, parked_at) = match &step.rows {
        Rows::Objects { arena, slots } => (*arena, slots, None),
        Rows::Parked { arena, slots, values } => (*arena, slots, Some(values)),
        Rows::Borrowed { .. } => return,
    };
    let table = arenas.at(index).table();
    if !are_followed(arenas, table, columns) {
        return;
    }
    let value = |slot: u32, column: usize| arenas.at(index).object(slot).field(column).encode().into_value();
    let before = |slot: u32, column: usize| match plan.moved_to(number, Cell { arena: index, slot, column }) {
        Some(MovedTo::Parked(parked)) => Some(parked.clone()),
        Some(MovedTo::HeldBy(it)) => {
            Some(arenas.at(it.arena).object(it.slot).field(it.column).encode().into_value())
        }
        None => arenas.at(index).written_over(slot, column).map(|it| it.encode().into_value()),
    };
    let change_of = |(row, slot): (usize, &u32)| {
        let now = |nth: usize, column: usize| match parked_at {
            Some(values) => values[row * columns.len() + nth].clone(),
            None => value(*slot, column),
        };
        let changes = columns.iter().enumerate();
        let changes = changes.filter_map(|(nth, it)| Some((it, before(*slot, it)?, now(nth, it))));
        ChangedKey { table, arena: index, slot: *slot, columns: changes.collect() }
    };
    let mut changed: VecDeque<ChangedKey> = slots.iter().enumerate().map(change_of).collect();
    while let Some(key) = changed.pop_front() {
        for (child, foreign_key) in foreign_keys_to(arenas, key.table) {
            follow(arenas, &key, (child, &foreign_key), behind, committed, &mut changed);
        }
    }
}

/// Tells whether a foreign key of a table that the session has met refers to one of these columns and changes by itself.
fn are_followed(arenas: &Arenas, table: &TableMeta, columns: ColumnSet) -> bool {
    let refers = |parent: &TableMeta, on_update: ReferentialAction, keys: &[usize]| {
        follows(on_update) && *parent == *table && keys.iter().any(|it| columns.contains(*it))
    };
    arenas.iter().map(AnyArena::table).any(|child| {
        let mut of_columns = child.columns.iter().filter_map(|it| it.foreign_key);
        let mut of_table = child.foreign_keys.iter();
        let inherits = |it: &ForeignKey| refers(it.parent, it.on_update, &it.parent_columns);
        of_columns.any(|it| refers((it.table)(), it.on_update, &[it.column]))
            || of_table.any(|it| refers((it.table)(), it.on_update, it.parent_columns))
            || ForeignKey::inherited(child).iter().any(inherits)
    })
}

fn follows(on_update: ReferentialAction) -> bool {
    matches!(on_update, ReferentialAction::Cascade | ReferentialAction::SetNull)
}

/// The foreign keys to a table that change by themselves, with the arenas that they are of.
fn foreign_keys_to(arenas: &Arenas, table: &TableMeta) -> Vec<(usize, ForeignKey)> {
    let mut keys = Vec::new();
    for index in 0..arenas.len() {
        let to_table = ForeignKey::with_inherited(arenas.at(index).table())
            .into_iter()
            .filter(|it| *it.parent == *table && follows(it.on_update));
        keys.extend(to_table.map(|it| (index, it)));
    }
    keys
}

fn follow(
    arenas: &mut Arenas,
    key: &ChangedKey,
    (child, foreign_key): (usize, &ForeignKey),
    behind: &[Step],
    committed: bool,
    changed: &mut VecDeque<ChangedKey>,
) {
    let change_of = |column: &usize| key.columns.iter().find(|(it, ..)| it == column);
    if !foreign_key.parent_columns.iter().any(|it| change_of(it).is_some()) {
        return;
    }
    let parent = arenas.at(key.arena);
    let now = |column: &usize| parent.known(key.slot, *column).encode().into_value();
    let old: Vec<Value> = foreign_key
        .parent_columns
        .iter()
        .map(|column| change_of(column).map_or_else(|| now(column), |(_, old, _)| old.clone()))
        .collect();
    if old.contains(&Value::Null) {
        return;
    }
    let new: Vec<Value> = match foreign_key.on_update {
        ReferentialAction::SetNull => vec![Value::Null; old.len()],
        _ => foreign_key
            .parent_columns
            .iter()
            .map(|column| change_of(column).map_or_else(|| now(column), |(.., new)| new.clone()))
            .collect(),
    };
    let arena = arenas.at(child);
    let held = |slot: u32, column: usize| arena.known(slot, column).encode();
    // One that is to be deleted is a row still: it leaves the collection of the parent that it has then.
    let refers = |slot: &u32| {
        matches!(arena.slot_state(*slot), SlotState::Persistent | SlotState::Deleted)
            && foreign_key.columns.iter().zip(&old).all(|(it, old)| held(*slot, *it).as_ref() == old.as_ref())
            && foreign_key.through.iter().all(|it| held(*slot, it).as_ref() != ValueRef::Null)
            && !is_sent_later(arena, child, *slot, foreign_key, behind)
    };
    let children: Vec<u32> = (0..arena.slot_count()).filter(refers).collect();
    for slot in children {
        let values: Vec<(usize, Value)> =
            foreign_key.columns.iter().copied().zip(new.iter().cloned()).collect();
        arenas.at_mut(child).follow(slot, &values, committed);
        let columns = foreign_key.columns.iter().zip(old.iter().zip(&new));
        changed.push_back(ChangedKey {
            table: arenas.at(child).table(),
            arena: child,
            slot,
            columns: columns.map(|(column, (old, new))| (*column, old.clone(), new.clone())).collect(),
        });
    }
}

/// Tells whether a row that is cut in two is to get its foreign key by a step behind: what it holds is not what the database has.
fn is_sent_later(
    arena: &dyn AnyArena,
    child: usize,
    slot: u32,
    foreign_key: &ForeignKey,
    behind: &[Step],
) -> bool {
    let sets = |step: &Step| match (&step.operation, &step.rows) {
        (RowsOp::Update(update), Rows::Objects { arena, slots }) => {
            *arena == child
                && foreign_key.columns.iter().any(|it| update.columns.contains(*it))
                && slots.contains(&slot)
        }
        _ => false,
    };
    foreign_key.columns.iter().all(|it| arena.written_over(slot, *it).is_none()) && behind.iter().any(sets)
}
