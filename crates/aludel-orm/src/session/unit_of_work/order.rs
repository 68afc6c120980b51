//! The order of tables.

use aludel_sql::TableMeta;

use crate::session::arenas::Arenas;

/// Orders the arenas so that parents come before children. Tables that refer to each other in a circle are one component.
pub(super) fn components(arenas: &Arenas) -> Vec<Vec<usize>> {
    if arenas.len() < 2 {
        return (0..arenas.len()).map(|index| vec![index]).collect();
    }
    let mut left: Vec<usize> = (0..arenas.len()).collect();
    let mut ordered = Vec::new();
    while !left.is_empty() {
        let refers_to_another = |index: &usize| {
            let table = arenas.at(*index).table();
            parents(table).any(|parent| {
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
        let is_here =
            |parent: &TableMeta| component.iter().any(|other| *arenas.at(*other).table() == *parent);
        parents(arenas.at(*index).table()).any(is_here)
    })
}

/// The tables that the foreign keys of a table refer to.
fn parents(table: &TableMeta) -> impl Iterator<Item = &'static TableMeta> {
    let of_columns = table.columns.iter().filter_map(|column| Some((column.foreign_key?.table)()));
    of_columns.chain(table.foreign_keys.iter().map(|key| (key.table)()))
}
