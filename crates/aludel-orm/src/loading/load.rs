//! What a loader option says, as data.

use std::sync::Arc;

use aludel_sql::node::Node;
use aludel_sql::{OrderBy, RelationKind, RelationMeta, Source, TableMeta};

use super::any_entity::AnyEntity;
use crate::obj::RawObj;
use crate::session::Session;

/// How to load one relation, and those behind it.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    /// The entity whose relation is loaded.
    pub(crate) from: AnyEntity,
    /// The entity that it leads to.
    pub(crate) to: AnyEntity,
    /// The relation, by its index.
    pub(crate) relation: usize,
    pub(crate) strategy: Strategy,
    /// Conditions on the objects; all must hold.
    pub(crate) filters: Vec<Node>,
    /// The order of the objects of each parent.
    pub(crate) order_by: Vec<OrderBy>,
    /// Deferred columns that are loaded all the same.
    pub(crate) undeferred: Vec<usize>,
    /// At most this many objects of each parent.
    pub(crate) limit: Option<u32>,
    /// How many levels of a relation that leads to its own entity.
    pub(crate) depth: u32,
    /// What is loaded of the objects.
    pub(crate) then: Vec<Load>,
    /// Whether objects that were deleted softly are among the others.
    pub(crate) with_deleted: bool,
    /// It was not asked for: objects for which it is loaded already keep what they have.
    pub(crate) only_missing: bool,
    /// What the options of the statement load in part, whichever way they come there.
    pub(crate) in_part: Option<Arc<[RelationOf]>>,
    /// Whether what the objects load of themselves is loaded as well.
    pub(crate) goes_on: bool,
}

/// A relation of a table, by its index.
pub(crate) type RelationOf = (&'static TableMeta, usize);

/// How the objects come.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Strategy {
    /// By a statement of their own.
    SelectIn,
    /// By a statement of their own that repeats the one that loads the parents, where that is possible.
    Subquery,
    /// By a join with the statement that loads the parents, where that is possible.
    Joined,
    /// By a join that the program wrote: the one with this table, if it was named.
    Contained(Option<Source>),
    /// Not at all, even if they come with every query otherwise.
    Raise,
}

impl Load {
    /// All objects that a relation leads to.
    pub(crate) fn new(from: AnyEntity, to: AnyEntity, relation: usize, strategy: Strategy) -> Self {
        let (filters, order_by, then, undeferred) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (limit, depth, only_missing, goes_on) = (None, 1, false, true);
        Self {
            from,
            to,
            relation,
            strategy,
            filters,
            order_by,
            undeferred,
            limit,
            depth,
            then,
            with_deleted: false,
            only_missing,
            in_part: None,
            goes_on,
        }
    }

    /// Returns the deferred columns that are loaded, with their table.
    pub(crate) fn undeferred(&self) -> impl Iterator<Item = (&'static TableMeta, usize)> {
        self.undeferred.iter().map(|column| (self.to.table, *column))
    }

    /// Returns the order of the objects of each parent: what was asked for, or else that of the relation.
    pub(crate) fn order(&self) -> Vec<OrderBy> {
        match (self.order_by.is_empty(), self.meta().order_by) {
            (true, Some(order_by)) => order_by(),
            _ => self.order_by.clone(),
        }
    }

    /// Tells whether the objects have an order of their own: without one they come in the order of their keys.
    pub(crate) fn is_ordered(&self) -> bool {
        !self.order_by.is_empty() || self.meta().order_by.is_some()
    }

    /// Tells whether it is about a relation of this entity.
    pub(crate) fn is_of(&self, table: &TableMeta) -> bool {
        self.from.table.entity == table.entity && self.from.table == table
    }

    /// Tells whether another one is about the same relation.
    pub(crate) fn is_same_relation(&self, other: &Self) -> bool {
        self.is_of(other.from.table) && self.relation == other.relation
    }

    /// Returns what is known about the relation.
    pub(crate) fn meta(&self) -> &'static RelationMeta {
        &self.from.table.relations[self.relation]
    }

    /// Tells whether objects that the relation leads to are left out.
    pub(crate) fn is_partial(&self) -> bool {
        !self.filters.is_empty() || self.limit.is_some()
    }

    /// Tells these loaders, which are all of a statement, what they load in part.
    pub(crate) fn tell_in_part(loads: &mut [Self]) {
        fn gather(loads: &[Load], in_part: &mut Vec<RelationOf>) {
            for load in loads {
                in_part.extend(load.is_partial().then_some((load.from.table, load.relation)));
                gather(&load.then, in_part);
            }
        }
        fn tell(loads: &mut [Load], in_part: &Arc<[RelationOf]>) {
            for load in loads {
                load.in_part = Some(in_part.clone());
                tell(&mut load.then, in_part);
            }
        }
        let mut in_part = Vec::new();
        gather(loads, &mut in_part);
        if !in_part.is_empty() {
            tell(loads, &in_part.into());
        }
    }

    /// Tells whether it leaves alone what an object has of the relation: what it loads unasked does not replace what is whole, nor what the
    /// statement asked for in part.
    pub(crate) fn spares(&self, session: &Session, place: usize, object: RawObj) -> bool {
        self.only_missing && {
            let relation = (self.from.table, self.relation);
            let in_part = self.in_part.as_ref().is_some_and(|them| them.contains(&relation));
            session.is_loaded(place, object, self.relation, in_part)
        }
    }

    /// Tells whether a join may find several rows for a parent. Nothing but UNIQUE keeps a `HasOne` from that.
    pub(crate) fn may_find_many(&self) -> bool {
        let meta = self.meta();
        match meta.kind {
            RelationKind::BelongsTo => false,
            RelationKind::HasMany | RelationKind::ManyToMany => true,
            RelationKind::HasOne => meta.link(self.from.table).is_ok_and(|link| {
                let mut key = self.to.table.primary_key();
                let is_key = key.next() == Some(link.remote) && key.next().is_none();
                !(is_key || self.to.table.columns[link.remote].unique)
            }),
        }
    }

    /// The next level of a relation that leads to its own entity, if one is wanted.
    pub(crate) fn deeper(&self) -> Option<Self> {
        (self.depth > 1).then(|| Self { depth: self.depth - 1, ..self.clone() })
    }

    /// Adds a loader to others of the same objects; what was said about its relation before is said anew, but what is loaded behind it
    /// stays.
    pub(crate) fn add_to(self, loads: &mut Vec<Self>) {
        match loads.iter_mut().find(|it| it.is_same_relation(&self)) {
            Some(before) => {
                let mut then = std::mem::take(&mut before.then);
                self.then.iter().cloned().for_each(|next| next.add_to(&mut then));
                *before = Self { then, ..self };
            }
            None => loads.push(self),
        }
    }
}
