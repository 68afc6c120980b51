//! The types of both sides of a relation, for those who do not know them: a flush, and a query that loads of itself.

use std::any::Any;

use aludel_sql::RelationMeta;

use crate::entity::Entity;
use crate::loading::AnyEntity;

/// The types of both sides of a relation.
pub(crate) struct RelationTypes {
    /// The entity that the relation starts from.
    pub(crate) from: AnyEntity,
    /// The entity that it leads to.
    pub(crate) to: AnyEntity,
}

impl RelationTypes {
    /// What [`RelationMeta::types`] is for a relation from `E` to `T`.
    pub(crate) fn of<E: Entity, T: Entity>() -> &'static (dyn Any + Send + Sync) {
        const { &Self { from: AnyEntity::of::<E>(), to: AnyEntity::of::<T>() } }
    }

    /// Returns the types of a relation.
    pub(crate) fn behind(meta: &RelationMeta) -> &'static Self {
        (meta.types)().downcast_ref().expect("the derive describes relations")
    }
}
