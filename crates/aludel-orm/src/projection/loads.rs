//! What is to be loaded of an object, so that a projection can be read from it.

use std::fmt;

use aludel_sql::{Mapped, RelationMeta, TableMeta};

use super::Projection;
use crate::loading::{Asked, Load, LoaderOption, SelectOption, Strategy};
use crate::relation_types::RelationTypes;

/// Loads all that a projection reads, with one statement for each relation and level. Made by [`Projection::loaders`].
#[must_use = "pass it to `options`"]
#[derive(Clone)]
pub struct Loaders(Vec<Load>);

impl Loaders {
    pub(super) fn of<P: Projection>() -> Self {
        let mut loads = Loads { table: P::Entity::TABLE, loads: Vec::new() };
        P::loads(&mut loads);
        Self(loads.loads)
    }
}

impl fmt::Debug for Loaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0).finish()
    }
}

impl SelectOption for Loaders {
    fn ask(self, asked: &mut Asked) {
        asked.relations.extend(self.0.into_iter().map(LoaderOption::of));
    }
}

/// Collects the relations that a projection reads.
pub struct Loads {
    table: &'static TableMeta,
    loads: Vec<Load>,
}

impl Loads {
    /// A relation, and what a projection reads of the objects that it leads to.
    pub(super) fn relation<P: Projection>(&mut self, relation: &'static RelationMeta, index: usize) {
        let mut within = Self { table: P::Entity::TABLE, loads: Vec::new() };
        P::loads(&mut within);
        self.add(relation, index, within.loads);
    }

    /// The relations of a path, by the names of their fields.
    pub fn path(&mut self, relations: &[&str]) {
        let Some((name, rest)) = relations.split_first() else { return };
        let found = self.table.relations.iter().enumerate().find(|(_, it)| it.name == *name);
        // The compiler has checked the names.
        let Some((index, relation)) = found else { return };
        let mut within = Self { table: (relation.target)(), loads: Vec::new() };
        within.path(rest);
        self.add(relation, index, within.loads);
    }

    fn add(&mut self, relation: &RelationMeta, index: usize, then: Vec<Load>) {
        let RelationTypes { from, to } = *RelationTypes::behind(relation);
        let load = Load { then, ..Load::new(from, to, index, Strategy::SelectIn) };
        load.add_to(&mut self.loads);
    }
}
