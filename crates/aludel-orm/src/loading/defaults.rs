//! Relations that are loaded with every query: `load = "selectin"`, `load = "joined"`.

use std::sync::Arc;

use aludel_sql::{LoadStrategy, RelationKind, RelationMeta, TableMeta};

use super::load::{Load, RelationOf, Strategy};
use crate::relation_types::RelationTypes;

/// What is loaded of the objects of a table: what was asked for, and what they load of themselves.
pub(super) fn with_defaults(table: &'static TableMeta, asked: &[Load]) -> Vec<Load> {
    let of_table = asked.iter().filter(|it| it.is_of(table)).cloned().collect();
    let in_part = asked.first().and_then(|it| it.in_part.as_ref());
    complete(of_table, way_from(table, &[], in_part))
}

/// As [`with_defaults`], for a statement that may not leave out what was deleted softly.
pub(super) fn with_defaults_for(
    table: &'static TableMeta,
    asked: &[Load],
    with_deleted: bool,
) -> impl Iterator<Item = Load> {
    with_defaults(table, asked).into_iter().map(move |it| Load { with_deleted, ..it })
}

/// What is loaded behind a relation: what was asked for, and what the objects load of themselves.
pub(super) fn behind(load: &Load) -> Vec<Load> {
    let defaults = load
        .goes_on
        .then(|| way_from(load.to.table, &[(load.from.table, load.relation)], load.in_part.as_ref()));
    let mut behind = complete(load.then.clone(), defaults.unwrap_or_default());
    behind.iter_mut().for_each(|it| it.with_deleted |= load.with_deleted);
    behind
}

/// Adds what was not asked for, and leaves out what was asked not to be loaded.
fn complete(asked: Vec<Load>, defaults: Vec<Load>) -> Vec<Load> {
    let is_new = |it: &Load| !asked.iter().any(|asked| asked.is_same_relation(it));
    let defaults: Vec<Load> = defaults.into_iter().filter(is_new).collect();
    asked.into_iter().chain(defaults).filter(|it| it.strategy != Strategy::Raise).collect()
}

/// What the objects of a table load of themselves, behind the relations that led to them. On each way a relation is followed once, so that
/// circles end; the way back to a parent is known without it.
fn way_from(table: &'static TableMeta, way: &[RelationOf], in_part: Option<&Arc<[RelationOf]>>) -> Vec<Load> {
    let leads_back = |relation: usize| {
        way.last().is_some_and(|(from, last)| is_parent_of(&from.relations[*last], relation))
    };
    let mut loads = Vec::new();
    for (relation, meta) in table.relations.iter().enumerate() {
        let strategy = match meta.load {
            LoadStrategy::OnRequest => continue,
            LoadStrategy::SelectIn => Strategy::SelectIn,
            LoadStrategy::Joined => Strategy::Joined,
        };
        if way.contains(&(table, relation)) || leads_back(relation) {
            continue;
        }
        let RelationTypes { from, to } = *RelationTypes::behind(meta);
        let way: Vec<_> = way.iter().copied().chain([(table, relation)]).collect();
        let then = way_from(to.table, &way, in_part);
        let load = Load::new(from, to, relation, strategy);
        loads.push(Load { only_missing: true, in_part: in_part.cloned(), goes_on: false, then, ..load });
    }
    loads
}

/// Tells whether `back` leads from the objects of a relation to the one that they were found for.
fn is_parent_of(meta: &RelationMeta, back: usize) -> bool {
    matches!(meta.kind, RelationKind::HasMany | RelationKind::HasOne) && meta.inverse == Some(back)
}
