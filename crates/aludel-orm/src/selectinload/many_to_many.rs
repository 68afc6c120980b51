//! The objects of a many-to-many relation, with the row of the association table that each parent owes them to.

use aludel_engine::RowsQuery;
use aludel_sql::{EntityItem, Expr, Item, Of, Result, Through, Value, select};

use super::{ByKey, KeyText};
use crate::entity::Entity;
use crate::obj::{Obj, RawObj};
use crate::relationship::RelationMut;
use crate::session::{Session, SessionItem};

/// Loads a relation of these objects with one statement.
pub(super) async fn load<E: Entity, T: Entity>(
    session: &mut Session,
    relation: usize,
    through: &Through,
    parents: &[Obj<E>],
) -> Result<()> {
    let mut by_key: ByKey<Vec<RawObj>> = ByKey::default();
    let mut keys: Vec<Value> = Vec::with_capacity(parents.len());
    for parent in parents {
        let key = session.column_value(*parent, through.near.local);
        if by_key.insert(KeyText::of(&key), Vec::new()).is_none() {
            keys.push(key);
        }
    }
    if !keys.is_empty() {
        let condition = Expr::column_in(through.table, through.near.remote, keys);
        let query = select(Of::<T>::new()).through(through).filter(condition);
        let width = <EntityItem<T> as Item>::width();
        let rows = session
            .read(&query.into_plan(), |tracker, cells| {
                let object = EntityItem::<T>::track(tracker, cells)?;
                Ok((object, cells.get(width).map(|cell| cell.to_value())))
            })
            .await?;
        for (object, key) in rows {
            let owner = key.and_then(|key| by_key.get_mut(&KeyText::of(&key)));
            owner.into_iter().for_each(|objects| objects.push(object.raw));
        }
    }
    for parent in parents {
        let key = session.column_value(*parent, through.near.local);
        let mut objects = by_key.get(&KeyText::of(&key)).cloned().unwrap_or_default();
        session.sort_by_key::<T>(&mut objects);
        if let RelationMut::Many(state) = session.relation_mut(*parent, relation) {
            state.set_loaded(objects);
        }
    }
    Ok(())
}
