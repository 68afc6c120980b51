//! Relations that are loaded with every query: `load = "selectin"`.

use std::any::{Any, TypeId};
use std::sync::Arc;

use aludel_sql::{LoadStrategy, TableMeta};

use super::LoaderOption;
use super::levels::Work;
use super::load::Load;
use crate::obj::RawObj;
use crate::relation_types::RelationTypes;
use crate::session::Session;

/// What the objects of a query load of themselves; what an option asks for is left to that.
pub(super) fn work(
    session: &Session,
    options: &[Arc<dyn Any + Send + Sync>],
    handles: &[(TypeId, RawObj)],
) -> Vec<Work> {
    if !session.has_eager_loads() {
        return Vec::new();
    }
    let asked_for = |load: &Load| {
        let mut options = options.iter().filter_map(|it| it.downcast_ref());
        options.any(|LoaderOption { load: asked }| {
            asked.from.table == load.from.table && asked.relation == load.relation
        })
    };
    let mut entities: Vec<TypeId> = Vec::new();
    let mut work = Vec::new();
    for (entity, _) in handles {
        if entities.contains(entity) {
            continue;
        }
        entities.push(*entity);
        let Some(table) = session.table_of(*entity) else { continue };
        let objects = handles.iter().filter(|(it, _)| it == entity).map(|(_, object)| *object);
        for load in of_table(table, &[]).into_iter().filter(|it| !asked_for(it)) {
            work.push(Work::new(load, objects.clone()));
        }
    }
    work
}

/// What the objects that a relation leads to load of themselves.
pub(super) fn beyond(load: &Load) -> Vec<Load> {
    let is_asked_for = |it: &Load| load.then.iter().any(|then| then.relation == it.relation);
    let mut loads = of_table(load.to.table, &[(load.from.table, load.relation)]);
    loads.retain(|it| !is_asked_for(it));
    loads
}

/// What the objects of a table load of themselves, behind the relations that led to them. On each way a relation is followed once, so that
/// circles end.
fn of_table(table: &'static TableMeta, way: &[(&'static TableMeta, usize)]) -> Vec<Load> {
    let mut loads = Vec::new();
    for (relation, meta) in table.relations.iter().enumerate() {
        if meta.load != LoadStrategy::SelectIn || way.contains(&(table, relation)) {
            continue;
        }
        let RelationTypes { from, to } = *RelationTypes::behind(meta);
        let way: Vec<_> = way.iter().copied().chain([(table, relation)]).collect();
        let then = of_table(to.table, &way);
        loads.push(Load { only_missing: true, goes_on: false, then, ..Load::new(from, to, relation) });
    }
    loads
}
