//! New objects, and objects that are to be deleted.

use crate::draft::{NewObject, Related, RelatedValue};
use crate::entity::Entity;
use crate::obj::Obj;
use crate::relationship::RelationMut;

use super::Session;

impl Session {
    /// Adds a new object, to be inserted by the next flush; no SQL yet. A handle of an object that is here already comes back
    /// as it is.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let user = session.add(User::builder().email("kim@example.org").name("Kim"));
    /// session.flush().await?; // INSERT INTO users (email, name) VALUES (?, ?)
    /// assert_eq!(session[user].id, 3); // the key that the database gave
    /// # Ok(()) });
    /// ```
    pub fn add<E: Entity>(&mut self, new: impl Related<E>) -> Obj<E> {
        match new.into_related() {
            RelatedValue::Existing(object) => object,
            RelatedValue::New(new) => self.add_new(new),
        }
    }

    /// Adds several new objects.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let users = session.add_all([
    ///     User::builder().email("kim@example.org"),
    ///     User::builder().email("lou@example.org"),
    /// ]);
    /// session.flush().await?; // both in one: INSERT INTO users (email) VALUES …
    /// assert_ne!(session[users[0]].id, session[users[1]].id);
    /// # Ok(()) });
    /// ```
    pub fn add_all<E: Entity, R: Related<E>>(&mut self, new: impl IntoIterator<Item = R>) -> Vec<Obj<E>> {
        new.into_iter().map(|it| self.add(it)).collect()
    }

    pub(crate) fn add_new<E: Entity>(&mut self, new: NewObject<E>) -> Obj<E> {
        let NewObject { object, given, related } = new;
        let index = self.arenas.index_of::<E>();
        let slot = self.arenas.typed::<E>(index).add(object, given, &mut self.keys);
        self.know_that_nothing_is_related(index, slot, E::TABLE);
        for it in related {
            let raw = (it.add)(self);
            match self.arenas.at_mut(index).object_mut(slot).relation_mut(it.relation) {
                RelationMut::One(state) => {
                    state.loaded = Some(Some(raw));
                    state.changed = true;
                }
                RelationMut::Many(state) => {
                    state.added.push(raw);
                    state.loaded.get_or_insert_default().push(raw);
                }
            }
        }
        self.arenas.handle(index, slot)
    }

    /// A new object is in the database nowhere yet, so its relations are known without asking: nothing leads to it.
    fn know_that_nothing_is_related(&mut self, index: usize, slot: u32, table: &aludel_sql::TableMeta) {
        for relation in 0..table.relations.len() {
            match self.arenas.at_mut(index).object_mut(slot).relation_mut(relation) {
                RelationMut::Many(state) => state.loaded = Some(Vec::new()),
                RelationMut::One(state) => {
                    if table.relations[relation].kind == aludel_sql::RelationKind::HasOne {
                        state.loaded = Some(None);
                    }
                }
            }
        }
    }

    /// Marks an object to be deleted by the next flush; a new one is forgotten at once.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get_one::<Document>(1).await?;
    /// session.delete(doc);
    /// session.commit().await?; // BEGIN; DELETE FROM documents WHERE id = ?; COMMIT
    /// assert!(session.get::<Document>(1).await?.is_none());
    /// # Ok(()) });
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the handle is of another session or of an object that was forgotten.
    pub fn delete<E: Entity>(&mut self, object: Obj<E>) {
        let slot = self.slot_of(object);
        let index = self.arenas.index_of::<E>();
        self.arenas.at_mut(index).delete(slot);
    }
}
