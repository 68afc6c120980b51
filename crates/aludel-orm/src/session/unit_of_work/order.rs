//! The order of tables, and of rows where tables refer to themselves.

use std::collections::HashMap;

use aludel_sql::{Error, ErrorKind, Result, Value};

use crate::session::arenas::Arenas;
use crate::session::temporary_keys::TemporaryKeys;

/// Orders the arenas so that parents come before children. Tables that refer to each other in a circle are one component.
pub(super) fn components(arenas: &Arenas) -> Vec<Vec<usize>> {
    let mut left: Vec<usize> = (0..arenas.len()).collect();
    let mut ordered = Vec::new();
    while !left.is_empty() {
        let refers_to_another = |index: &usize| {
            let table = arenas.at(*index).table();
            table.columns.iter().filter_map(|column| column.foreign_key).any(|key| {
                let parent = (key.table)();
                *parent != *table && left.iter().any(|other| *arenas.at(*other).table() == *parent)
            })
        };
        let ready: Vec<usize> = left.iter().copied().filter(|index| !refers_to_another(index)).collect();
        if ready.is_empty() {
            // What is left contains a circle; row by row it may still be one chain.
            ordered.push(std::mem::take(&mut left));
        } else {
            left.retain(|index| !ready.contains(index));
            ordered.extend(ready.into_iter().map(|index| vec![index]));
        }
    }
    ordered
}

/// Tells whether rows of these tables may refer to each other.
pub(super) fn refers_to_itself(arenas: &Arenas, component: &[usize]) -> bool {
    component.iter().any(|index| {
        let mut parents = arenas.at(*index).table().columns.iter().filter_map(|column| column.foreign_key);
        parents.any(|key| component.iter().any(|other| *arenas.at(*other).table() == *(key.table)()))
    })
}

/// The new rows that a new row refers to.
pub(super) fn parents_of_new(
    arenas: &Arenas,
    keys: &TemporaryKeys,
    (index, slot): (usize, u32),
    rows: &[(usize, u32)],
) -> Vec<(usize, u32)> {
    let arena = arenas.at(index);
    let mut parents = Vec::new();
    for (column, meta) in arena.table().columns.iter().enumerate() {
        let Some(reference) = meta.foreign_key else { continue };
        let value = arena.object(slot).field(column).encode().into_value();
        match keys.owner(value.as_ref()) {
            Some((table, owner)) => parents.extend(arenas.of_table(table).ok().map(|parent| (parent, owner))),
            None if value != Value::Null => {
                let is_parent = |(other, other_slot): &&(usize, u32)| {
                    let other = arenas.at(*other);
                    *other.table() == *(reference.table)()
                        && other.object(*other_slot).field(reference.column).encode().as_ref()
                            == value.as_ref()
                };
                parents.extend(rows.iter().find(is_parent));
            }
            None => {}
        }
    }
    parents.retain(|parent| *parent != (index, slot));
    parents
}

/// Orders rows, by their places, into levels: each refers only to rows of the levels before it. Without recursion, so that a chain may
/// be as long as it likes.
pub(super) fn levels(
    arenas: &Arenas,
    rows: &[(usize, u32)],
    parents: &dyn Fn((usize, u32)) -> Vec<(usize, u32)>,
) -> Result<Vec<Vec<usize>>> {
    let place: HashMap<(usize, u32), usize> = rows.iter().enumerate().map(|(at, row)| (*row, at)).collect();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); rows.len()];
    let mut waiting_for = vec![0_usize; rows.len()];
    for (at, row) in rows.iter().enumerate() {
        for parent in parents(*row).iter().filter_map(|parent| place.get(parent)) {
            children[*parent].push(at);
            waiting_for[at] += 1;
        }
    }
    let mut level: Vec<usize> = (0..rows.len()).filter(|at| waiting_for[*at] == 0).collect();
    let mut levels = Vec::new();
    let mut placed = 0;
    while !level.is_empty() {
        placed += level.len();
        let mut next: Vec<usize> = Vec::new();
        for at in &level {
            for child in &children[*at] {
                waiting_for[*child] -= 1;
                if waiting_for[*child] == 0 {
                    next.push(*child);
                }
            }
        }
        levels.push(level);
        next.sort_unstable();
        level = next;
    }
    if placed < rows.len() {
        let stuck = waiting_for.iter().position(|it| *it > 0).unwrap_or(0);
        let entity = arenas.at(rows[stuck].0).table().entity;
        return Err(Error::new(
            ErrorKind::State,
            format!("{} rows refer to each other in a circle, among them a {entity}", rows.len() - placed),
        )
        .help("flush one of them without its foreign key first, then set it"));
    }
    Ok(levels)
}

/// The rows that a row refers to.
pub(super) fn parents_of_old(arenas: &Arenas, (index, slot): (usize, u32)) -> Vec<(usize, u32)> {
    let arena = arenas.at(index);
    let references =
        arena.table().columns.iter().enumerate().filter_map(|(at, column)| Some((at, column.foreign_key?)));
    references
        .filter_map(|(column, reference)| {
            let parent = arenas.of_table((reference.table)()).ok()?;
            let value = arena.object(slot).field(column).encode().into_value();
            arenas.find_by_column(parent, reference.column, &value).map(|found| (parent, found))
        })
        .filter(|found| *found != (index, slot))
        .collect()
}
