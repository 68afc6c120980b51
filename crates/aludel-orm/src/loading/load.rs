//! What a loader option says, as data.

use aludel_sql::node::Node;
use aludel_sql::{OrderBy, RelationMeta};

use super::any_entity::AnyEntity;

/// How to load one relation, and those behind it.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    /// The entity whose relation is loaded.
    pub(crate) from: AnyEntity,
    /// The entity that it leads to.
    pub(crate) to: AnyEntity,
    /// The relation, by its index.
    pub(crate) relation: usize,
    /// Conditions on the objects; all must hold.
    pub(crate) filters: Vec<Node>,
    /// The order of the objects of each parent.
    pub(crate) order_by: Vec<OrderBy>,
    /// At most this many objects of each parent.
    pub(crate) limit: Option<u32>,
    /// How many levels of a relation that leads to its own entity.
    pub(crate) depth: u32,
    /// What is loaded of the objects.
    pub(crate) then: Vec<Load>,
    /// It was not asked for: objects for which it is loaded already keep what they have.
    pub(crate) only_missing: bool,
    /// Whether what the objects load of themselves is loaded as well.
    pub(crate) goes_on: bool,
}

impl Load {
    /// All objects that a relation leads to.
    pub(crate) fn new(from: AnyEntity, to: AnyEntity, relation: usize) -> Self {
        let (filters, order_by, then) = (Vec::new(), Vec::new(), Vec::new());
        let (limit, depth, only_missing, goes_on) = (None, 1, false, true);
        Self { from, to, relation, filters, order_by, limit, depth, then, only_missing, goes_on }
    }

    /// Returns the order of the objects of each parent: what was asked for, or else that of the relation.
    pub(crate) fn order(&self) -> Vec<OrderBy> {
        match (self.order_by.is_empty(), self.meta().order_by) {
            (true, Some(order_by)) => order_by(),
            _ => self.order_by.clone(),
        }
    }

    /// Returns what is known about the relation.
    pub(crate) fn meta(&self) -> &'static RelationMeta {
        &self.from.table.relations[self.relation]
    }

    /// Tells whether objects that the relation leads to are left out.
    pub(crate) fn is_partial(&self) -> bool {
        !self.filters.is_empty() || self.limit.is_some()
    }
}
