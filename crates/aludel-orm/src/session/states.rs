//! What a session knows about its objects: their states, and what was changed.

use super::Session;
use super::arena::AnyArena;
use crate::entity::Entity;
use crate::obj::Obj;

/// What a session knows about an object.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run(async |session| {
/// let doc = session.get_one::<Document>(1).await?;
/// assert_eq!(session.state(doc), ObjectState::Persistent);
/// session.delete(doc);
/// assert_eq!(session.state(doc), ObjectState::Deleted);
/// session.flush().await?; // DELETE FROM documents WHERE id = ?
/// assert_eq!(session.state(doc), ObjectState::Gone);
/// session.rollback().await?;
/// assert_eq!(session.state(doc), ObjectState::Persistent);
/// # Ok(()) });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectState {
    /// Added, not in the database yet.
    Pending,
    /// In the database.
    Persistent,
    /// To be deleted by the next flush.
    Deleted,
    /// Deleted by a flush; gone for good with the next commit.
    Gone,
    /// Not owned by the session (any more).
    Detached,
}

impl Session {
    /// Returns what the session knows about an object.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let user = session.add(User::builder().email("kim@example.org"));
    /// assert_eq!(session.state(user), ObjectState::Pending);
    /// session.flush().await?;
    /// assert_eq!(session.state(user), ObjectState::Persistent);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn state<E: Entity>(&self, object: Obj<E>) -> ObjectState {
        match self.arenas.get::<E>() {
            Some(arena) if object.raw.session == self.id => {
                AnyArena::state(arena, object.raw.slot, object.raw.generation)
            }
            _ => ObjectState::Detached,
        }
    }

    /// Tells whether an object differs from what the database holds.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get_one::<Document>(1).await?;
    /// session[doc].title = "Final".into();
    /// assert!(session.is_modified(doc));
    /// session[doc].title = "Draft".into();
    /// assert!(!session.is_modified(doc)); // as the database has it: nothing would be sent
    /// # Ok(()) });
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the handle is of another session or of an object that was forgotten.
    #[must_use]
    pub fn is_modified<E: Entity>(&self, object: Obj<E>) -> bool {
        let slot = self.slot_of(object);
        self.arenas.get::<E>().is_some_and(|arena| !AnyArena::changes(arena, slot).is_empty())
    }
}
