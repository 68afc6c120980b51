//! New objects, and objects that are to be deleted.

use crate::draft::{NewObject, Related, RelatedValue};
use crate::entity::Entity;
use crate::loading::Kind;
use crate::obj::Obj;
use crate::relationship::RelationMut;
use aludel_sql::{Cascade, Relation, RelationMeta, Result};

use super::arena::SlotState;
use super::{Session, unit_of_work};

impl Session {
    /// Adds a new object, to be inserted by the next flush; no SQL yet. A handle of an object that is here already comes back
    /// as it is. A plain struct may be added as well: all of its columns are given, but for those that the database makes.
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

    /// Adds a new object and flushes, for those who want its key at once.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let user = session.insert(User::builder().email("kim@example.org")).await?; // INSERT INTO users (email) VALUES (?)
    /// assert_eq!(session[user].id, 3);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As [`flush`](Self::flush).
    pub async fn insert<E: Entity>(&mut self, new: impl Related<E>) -> Result<Obj<E>> {
        let object = self.add(new);
        self.flush().await?;
        Ok(object)
    }

    /// Lets a relation lead to an object; both sides, and the foreign key, agree at once. (`session[user].documents.push(doc)` lets
    /// them agree at the next flush.)
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get_one::<Document>(1).await?;
    /// let ada = session.get_one::<User>(2).await?;
    /// session.load(ada, User::DOCUMENTS).await?;
    /// session.link(ada, User::DOCUMENTS, doc);
    /// assert_eq!(session.view(doc).owner()?.email, "ada@example.org");
    /// assert_eq!(session.view(ada).documents()?.count(), 2);
    /// assert_eq!(session[doc].owner_id, 2);
    /// session.commit().await?; // UPDATE documents SET owner_id = ? WHERE id = ?
    /// # Ok(()) });
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if a handle is of another session or of an object that was forgotten; [`contains`](Self::contains) does not.
    #[track_caller]
    pub fn link<E: Entity, T: Entity, K: Kind>(
        &mut self,
        object: Obj<E>,
        relation: Relation<E, T, K>,
        other: Obj<T>,
    ) {
        let slot = self.slot_of(object);
        self.slot_of(other);
        let index = self.arenas.index_of::<E>();
        match self.arenas.at_mut(index).write(slot).relation_mut(relation.index()) {
            RelationMut::One(state) => state.set(Some(other.raw)),
            RelationMut::Many(state) => state.push(other.raw),
        }
        unit_of_work::agree(&mut self.arenas, &mut self.linked, (index, slot), relation.index());
    }

    pub(crate) fn add_new<E: Entity>(&mut self, new: NewObject<E>) -> Obj<E> {
        let NewObject { object, given, related, .. } = new;
        let index = self.arenas.index_of::<E>();
        let arena = self.arenas.typed::<E>(index);
        let (slot, generation) = arena.add(object, given, &mut self.keys);
        if !E::TABLE.relations.is_empty() {
            self.know_that_nothing_is_related(index, slot, E::TABLE);
        }
        for it in related {
            let raws = it.drafts.add(self);
            match self.arenas.at_mut(index).object_mut(slot).relation_mut(it.relation) {
                RelationMut::One(state) => raws.into_iter().for_each(|raw| state.set(Some(raw))),
                RelationMut::Many(state) => raws.into_iter().for_each(|raw| state.push(raw)),
            }
        }
        Obj::new(self.arenas.raw_of(slot, generation))
    }

    /// A new object is in the database nowhere yet, so its relations are known without asking: nothing leads to it.
    fn know_that_nothing_is_related(&mut self, index: usize, slot: u32, table: &aludel_sql::TableMeta) {
        let is_known = |it: &RelationMeta| !(it.viewonly || it.write_only);
        for (relation, _) in table.relations.iter().enumerate().filter(|(_, it)| is_known(it)) {
            match self.arenas.at_mut(index).object_mut(slot).relation_mut(relation) {
                RelationMut::Many(state) => state.set_loaded(Vec::new()),
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
    /// What goes along says the relation. An object whose foreign key was set to the key of this one since the last flush, and not by way of a
    /// relation, is refused by the flush.
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
    #[track_caller]
    pub fn delete<E: Entity>(&mut self, object: Obj<E>) {
        let slot = self.slot_of(object);
        let index = self.arenas.index_of::<E>();
        if self.slot_state(object) != SlotState::Pending {
            return self.arenas.at_mut(index).delete(slot);
        }
        // What goes with it is forgotten too, as far as it is new.
        let mut new = self.arenas.reached(index, slot, Cascade::DELETE);
        new.retain(|(index, slot)| self.arenas.at(*index).slot_state(*slot) == SlotState::Pending);
        self.forget(&new);
    }
}
