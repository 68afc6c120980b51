//! Objects age: the next query that meets them reads them anew.

use aludel_sql::{Cascade, Relation};

use super::Session;
use crate::entity::Entity;
use crate::loading::Kind;
use crate::obj::Obj;

impl Session {
    /// Ages an object: the next query that meets its row overwrites it, and `get` asks the database. Until then it stays readable as it
    /// is, and what the program changed stays changed. What its relations with `cascade = "refresh-expire"` (or `"all"`) lead to, as
    /// far as they are loaded, is aged as well.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get_one::<Document>(1).await?;
    /// session.execute(text!("UPDATE documents SET title = 'Final' WHERE id = 1")).await?;
    /// session.expire(doc); // what was written by hand, the session cannot know
    /// session.get::<Document>(1).await?; // SELECT …, although the object is here
    /// assert_eq!(session[doc].title, "Final");
    /// # Ok(()) });
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the handle is of another session or of an object that was forgotten.
    #[track_caller]
    pub fn expire<E: Entity>(&mut self, object: Obj<E>) {
        let slot = self.slot_of(object);
        let index = self.arenas.index_of::<E>();
        for (index, slot) in self.arenas.reached(index, slot, Cascade::REFRESH_EXPIRE) {
            self.arenas.at_mut(index).age(Some(slot));
        }
    }

    /// Ages all objects, as the end of a transaction does.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let docs = session.scalars(select(Document).order_by(Document::ID)).all().await?;
    /// session.execute(text!("UPDATE documents SET title = 'Final'")).await?;
    /// session.expire_all();
    /// session.scalars(select(Document)).all().await?; // overwrites all of them
    /// assert_eq!(session[docs[0]].title, "Final");
    /// # Ok(()) });
    /// ```
    pub fn expire_all(&mut self) {
        self.arenas.iter_mut().for_each(|it| it.age(None));
    }

    /// Forgets what was loaded for a relation of an object; what the program changed there stays changed. Reading it is `NotLoaded` until
    /// it is loaded again.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let user = session.get_one::<User>(1).await?;
    /// session.load(user, User::DOCUMENTS).await?;
    /// session.execute(text!("DELETE FROM documents WHERE id = 1")).await?;
    /// session.expire_relation(user, User::DOCUMENTS);
    /// assert!(session.view(user).documents().is_err());
    /// session.load(user, User::DOCUMENTS).await?; // SELECT … FROM documents WHERE documents.owner_id = ?
    /// assert_eq!(session.view(user).documents()?.count(), 1);
    /// # Ok(()) });
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the handle is of another session or of an object that was forgotten.
    #[track_caller]
    pub fn expire_relation<E: Entity, T: Entity, K: Kind>(
        &mut self,
        object: Obj<E>,
        relation: Relation<E, T, K>,
    ) {
        let slot = self.slot_of(object);
        let index = self.arenas.index_of::<E>();
        self.arenas.at_mut(index).unload(slot, relation.index());
    }
}
