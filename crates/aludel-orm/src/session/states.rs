//! What a session knows about its objects: their states, and the sets of those that a flush will send.

use aludel_sql::PrimaryKey;

use super::Session;
use super::arena::{AnyArena, SlotState};
use crate::entity::Entity;
use crate::obj::{AnyObj, Obj};
use crate::relationship::RelationRef;

/// What a session knows about an object.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run(async |session| {
/// let user = session.add(User::builder().email("kim@example.org"));
/// assert_eq!(session.state(user), ObjectState::Pending);
/// session.flush().await?; // INSERT INTO users (email) VALUES (?)
/// assert_eq!(session.state(user), ObjectState::Persistent);
/// session.delete(user); // until the flush the row is there: see `session.deleted()`
/// assert_eq!(session.state(user), ObjectState::Persistent);
/// session.flush().await?; // DELETE FROM users WHERE id = ?
/// assert_eq!(session.state(user), ObjectState::Deleted);
/// session.commit().await?;
/// assert_eq!(session.state(user), ObjectState::Detached);
/// # Ok(()) });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectState {
    /// Added, not in the database yet.
    Pending,
    /// In the database. It may be marked to be deleted by the next flush.
    Persistent,
    /// Deleted by a flush; the commit makes it detached, a rollback persistent again.
    Deleted,
    /// Not of this session, or not any more.
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
    /// session.rollback().await?;
    /// assert_eq!(session.state(user), ObjectState::Detached); // the question may be asked of any handle
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn state<E: Entity>(&self, object: Obj<E>) -> ObjectState {
        match self.slot_state(object) {
            SlotState::Pending => ObjectState::Pending,
            SlotState::Persistent | SlotState::Deleted => ObjectState::Persistent,
            SlotState::Gone => ObjectState::Deleted,
            SlotState::Detached => ObjectState::Detached,
        }
    }

    /// Tells whether an object is here and not deleted.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get_one::<Document>(1).await?;
    /// assert!(session.contains(doc));
    /// session.delete(doc);
    /// session.flush().await?;
    /// assert!(!session.contains(doc));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn contains<E: Entity>(&self, object: Obj<E>) -> bool {
        matches!(self.state(object), ObjectState::Pending | ObjectState::Persistent)
    }

    /// Returns the primary key by which the database knows an object; `None` until it is inserted.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let user = session.add(User::builder().email("kim@example.org"));
    /// assert_eq!(session.key(user), None); // `session[user].id` is a temporary one
    /// session.flush().await?; // INSERT INTO users (email) VALUES (?)
    /// assert_eq!(session.key(user), Some(PrimaryKey::new(3)));
    /// # Ok(()) });
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the handle is of another session or of an object that was forgotten; [`state`](Self::state) does not.
    #[must_use]
    #[track_caller]
    pub fn key<E: Entity>(&self, object: Obj<E>) -> Option<PrimaryKey> {
        let slot = self.slot_of(object);
        let arena = self.arenas.get::<E>().filter(|_| self.slot_state(object) != SlotState::Pending)?;
        let part = |column| arena.known(slot, column).encode().into_value();
        Some(PrimaryKey::new(E::TABLE.primary_key().map(part).collect::<Vec<_>>()))
    }

    /// Returns the new objects: those that the next flush inserts.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let user = session.add(User::builder().email("kim@example.org"));
    /// let doc = session.add(Document::builder().title("Essay").body("").owner(user));
    /// assert_eq!(session.new().len(), 2);
    /// assert_eq!(session.new()[0].downcast::<User>(), Some(user));
    /// assert!(session.new().contains(&doc.into()));
    /// # Ok(()) });
    /// ```
    #[must_use]
    #[allow(clippy::new_ret_no_self)] // The word of the field for this set.
    pub fn new(&self) -> Vec<AnyObj> {
        let pending =
            |arena: &dyn AnyArena| (0..arena.pending_count()).map(|it| arena.pending(it).0).collect();
        self.objects(pending)
    }

    /// Returns the objects that differ from what the database holds: those that the next flush updates. An object changed back to
    /// what it was is not among them.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get_one::<Document>(1).await?;
    /// session[doc].title = "Final".into();
    /// assert_eq!(session.dirty(), [doc.into()]);
    /// session[doc].title = "Draft".into();
    /// assert!(session.dirty().is_empty());
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn dirty(&self) -> Vec<AnyObj> {
        self.objects(|arena| {
            let touched = arena.touched().iter().copied();
            touched
                .filter(|it| arena.slot_state(*it) == SlotState::Persistent && is_modified(arena, *it))
                .collect()
        })
    }

    /// Returns the objects that the next flush deletes.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get_one::<Document>(1).await?;
    /// session.delete(doc);
    /// assert_eq!(session.deleted(), [doc.into()]);
    /// session.flush().await?; // DELETE FROM documents WHERE id = ?
    /// assert!(session.deleted().is_empty());
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn deleted(&self) -> Vec<AnyObj> {
        self.objects(|arena| {
            let touched = arena.touched().iter().copied();
            touched.filter(|it| arena.slot_state(*it) == SlotState::Deleted).collect()
        })
    }

    /// Tells whether an object differs from what the database holds, its relations included.
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
    #[track_caller]
    pub fn is_modified<E: Entity>(&self, object: Obj<E>) -> bool {
        let slot = self.slot_of(object);
        self.arenas.get::<E>().is_some_and(|arena| is_modified(arena, slot))
    }

    /// The slots that `pick` finds in each arena, as handles.
    fn objects(&self, pick: impl Fn(&dyn AnyArena) -> Vec<u32>) -> Vec<AnyObj> {
        let arenas = self.arenas.iter().enumerate();
        arenas
            .flat_map(|(index, arena)| {
                let handle =
                    move |slot| AnyObj::new(arena.table(), arena.entity(), self.arenas.raw(index, slot));
                pick(arena).into_iter().map(handle)
            })
            .collect()
    }

    pub(super) fn slot_state<E: Entity>(&self, object: Obj<E>) -> SlotState {
        match self.arenas.get::<E>() {
            Some(arena) if object.raw.session == self.id => {
                arena.state(object.raw.slot, object.raw.generation)
            }
            _ => SlotState::Detached,
        }
    }
}

pub(super) fn is_modified(arena: &dyn AnyArena, slot: u32) -> bool {
    let object = arena.object(slot);
    let changed = |relation: usize| match object.relation(relation) {
        RelationRef::One(state) => state.changed,
        RelationRef::Many(state) => state.is_changed(),
    };
    !arena.changes(slot).is_empty()
        || !arena.computed_columns(slot).is_empty()
        || (0..arena.table().relations.len()).any(changed)
}
