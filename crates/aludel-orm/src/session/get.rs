//! Objects by primary key.

use aludel_sql::{Error, ErrorKind, Key, Result, select};

use super::Session;
use super::arena::SlotState;
use super::query::node_of_columns;
use crate::entity::Entity;
use crate::obj::Obj;

impl Session {
    /// Returns the object with this primary key, asking the database only if it is not here already.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get::<Document>(1).await?; // SELECT … FROM documents WHERE documents.id = ?
    /// let again = session.get::<Document>(1).await?; // no query: it is here already
    /// assert_eq!(doc, again);
    /// assert!(session.get::<Document>(99).await?.is_none());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// An error of the database, or of kind `Decode`. A missing row is `Ok(None)`. Kind `State` where the key has not as many
    /// parts as the table's.
    pub async fn get<E: Entity>(&mut self, key: impl Key) -> Result<Option<Obj<E>>> {
        let key = key.into_parts();
        let columns: Vec<usize> = E::TABLE.primary_key().collect();
        if columns.len() != key.len() {
            return Err(Error::new(
                ErrorKind::State,
                format!(
                    "the primary key of `{}` has {} columns, {} were given",
                    E::TABLE.name,
                    columns.len(),
                    key.len()
                ),
            )
            .help("pass a key of several columns as a tuple, in the order of the fields"));
        }
        self.check_usable()?;
        let index = self.arenas.index_of::<E>();
        if let Some(slot) = self.arenas.at(index).find_key(&key) {
            let arena = self.arenas.at(index);
            match arena.state(slot, arena.generation(slot)) {
                SlotState::Deleted | SlotState::Gone => return Ok(None),
                _ if !arena.is_aged(slot) => return Ok(Some(self.arenas.handle(index, slot))),
                _ => {}
            }
        }
        let condition = node_of_columns::<E>(&columns, key);
        let found = self.scalars(select(aludel_sql::Of::<E>::new()).filter(condition)).one_or_none().await?;
        Ok(found)
    }

    /// Returns the object with this primary key.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get_one::<Document>(1).await?; // SELECT … FROM documents WHERE documents.id = ?
    /// assert_eq!(session[doc].title, "Draft");
    /// assert_eq!(session.get_one::<Document>(99).await.unwrap_err().kind(), ErrorKind::NotFound);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `NotFound` where there is no such row; otherwise as [`get`](Self::get).
    pub async fn get_one<E: Entity>(&mut self, key: impl Key) -> Result<Obj<E>> {
        self.get(key).await?.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, format!("there is no row of `{}` with this key", E::TABLE.name))
                .with_table(E::TABLE.name)
        })
    }
}
