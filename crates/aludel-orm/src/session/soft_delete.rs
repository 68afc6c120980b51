//! Objects that are deleted softly: deleting them for good, and bringing them back.

use aludel_sql::Value;

use super::Session;
use super::arena::SlotState;
use crate::entity::Entity;
use crate::obj::Obj;

impl Session {
    /// Marks an object to be deleted for good by the next flush, also where its entity has `soft_delete`. Children that a cascade deletes
    /// go for good as well.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get_one::<Document>(1).await?;
    /// session.purge(doc);
    /// session.commit().await?; // BEGIN; DELETE FROM documents WHERE id = ?; COMMIT
    /// # Ok(()) });
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the handle is of another session or of an object that was forgotten.
    #[track_caller]
    pub fn purge<E: Entity>(&mut self, object: Obj<E>) {
        let slot = self.slot_of(object);
        let index = self.arenas.index_of::<E>();
        if self.slot_state(object) == SlotState::Pending {
            return self.delete(object);
        }
        self.arenas.at_mut(index).purge(slot);
    }

    /// Brings back an object that was deleted softly, with the next flush. Its entity must have `soft_delete`.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # async fn example(session: &mut Session) -> aludel::Result<()> {
    /// let note = session.get_one::<Note>(1).with_deleted().await?; // `get` alone does not find it
    /// session.restore(note);
    /// session.commit().await?; // UPDATE notes SET deleted_at = NULL WHERE id = ?
    /// # Ok(()) }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the handle is of another session or of an object that was forgotten.
    #[track_caller]
    pub fn restore<E: Entity>(&mut self, object: Obj<E>) {
        let column = const {
            match E::TABLE.soft_delete {
                Some(column) => column,
                None => panic!("only an entity with `#[entity(soft_delete = …)]` has objects to restore"),
            }
        };
        let slot = self.slot_of(object);
        let index = self.arenas.index_of::<E>();
        // The column is an `Option`: it takes NULL.
        let _ = self.arenas.at_mut(index).write(slot).field_mut(column).assign(Value::Null.as_ref());
    }
}
