//! Reading objects anew.

use aludel_sql::{Error, ErrorKind, Mapped, Result, Value, select};

use super::Session;
use super::query::node_of_columns;
use crate::entity::Entity;
use crate::obj::Obj;

impl Session {
    /// Reads an object anew from the database; changes that were not flushed are lost.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get_one::<Document>(1).await?;
    /// session[doc].title = "A mistake".into();
    /// session.refresh(doc).await?; // SELECT … FROM documents WHERE documents.id = ?
    /// assert_eq!(session[doc].title, "Draft");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `NotFound` where its row is gone.
    pub async fn refresh<E: Entity>(&mut self, object: Obj<E>) -> Result<()> {
        let slot = self.slot_of(object);
        let columns: Vec<usize> = E::TABLE.primary_key().collect();
        let key: Vec<Value> =
            columns.iter().map(|it| Mapped::field(&self[object], *it).encode().into_value()).collect();
        let condition = node_of_columns::<E>(&columns, key);
        self.arenas.of::<E>().drop_changes(slot);
        let query = select(aludel_sql::Of::<E>::new()).filter(condition);
        let found = self.scalars(query).populate_existing().one_or_none().await?;
        found.map(|_| ()).ok_or_else(|| {
            Error::new(ErrorKind::NotFound, format!("the row of this {} is gone", E::TABLE.entity))
                .with_table(E::TABLE.name)
        })
    }

    /// Ages an object: the next query that meets its row overwrites it, and `get` asks the database.
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
    pub fn expire<E: Entity>(&mut self, object: Obj<E>) {
        let slot = self.slot_of(object);
        let index = self.arenas.index_of::<E>();
        self.arenas.at_mut(index).age(Some(slot));
    }
}
