//! What is done along a relation by who does not know the types of its sides: a flush, and a query that loads of itself.

use std::any::Any;

use aludel_engine::driver::BoxFuture;
use aludel_sql::{RelationMeta, Result};

use crate::entity::Entity;
use crate::obj::{Obj, RawObj};
use crate::selectinload::read_relation;
use crate::session::Session;

/// Reads a relation, by its index, of objects.
type Read = for<'a> fn(&'a mut Session, usize, &'a [RawObj]) -> BoxFuture<'a, Result<()>>;

/// The types of both sides, behind a function.
pub(crate) struct RelationTypes {
    /// Reads the relation of these objects with one statement, whether it was loaded or not.
    pub(crate) read: Read,
}

impl RelationTypes {
    /// What [`RelationMeta::types`] is for a relation from `E` to `T`.
    pub(crate) fn of<E: Entity, T: Entity>() -> &'static (dyn Any + Send + Sync) {
        const { &Self { read: read::<E, T> } }
    }

    /// Returns the types of a relation.
    pub(crate) fn behind(meta: &RelationMeta) -> &'static Self {
        (meta.types)().downcast_ref().expect("the derive describes relations")
    }
}

fn read<'a, E: Entity, T: Entity>(
    session: &'a mut Session,
    relation: usize,
    objects: &'a [RawObj],
) -> BoxFuture<'a, Result<()>> {
    Box::pin(async move {
        let objects: Vec<Obj<E>> = objects.iter().map(|raw| Obj::new(*raw)).collect();
        read_relation::<E, T>(session, relation, &objects).await
    })
}
