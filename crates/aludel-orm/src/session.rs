//! The session: it owns the objects, knows what changed, and writes it in one unit of work.

mod arena;
mod arenas;
mod flush;
mod identity_map;
mod query;
mod temporary_keys;
mod unit_of_work;

use std::fmt;
use std::ops::{Index, IndexMut};
use std::panic::Location;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use aludel_engine::driver::End;
use aludel_engine::{Connection, Engine, RowsQuery};
use aludel_sql::{Error, ErrorKind, Key, Mapped, Relation, Result, Value, select};

pub use arena::ObjectState;
pub use query::{Rows, Scalars, SessionItem, SessionQuery, SessionShape};

use crate::draft::{NewObject, Related, RelatedValue};
use crate::entity::Entity;
use crate::obj::{Obj, RawObj};
use crate::relationship::{RelationMut, RelationRef};
use crate::selectinload::{self, Kind};
use crate::view::Lens;
use arenas::Arenas;
use query::node_of_columns;
use temporary_keys::TemporaryKeys;

/// A unit of work: the objects that a task reads and changes, and the connection it does that over.
///
/// The session owns the objects and hands out [`Obj`] handles; objects are read and written through it by index. The first write
/// of an object keeps a copy of what the database holds; [`flush`](Self::flush) sends the difference, and
/// [`commit`](Self::commit) sends it together with COMMIT. Dropping a session rolls back what was not committed.
///
/// A session belongs to one task: everything takes `&mut self`.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run(async |session| {
/// let doc = session.get_one::<Document>(1).await?; // SELECT … FROM documents WHERE documents.id = ?
/// session[doc].title = "Final".into(); // no SQL yet
/// session.commit().await?; // BEGIN; UPDATE documents SET title = ? WHERE id = ?; COMMIT
/// # Ok(()) });
/// ```
pub struct Session {
    id: u32,
    engine: Engine,
    /// Borrowed from the pool at the first statement, given back at the end of the transaction. The mutex is never locked: it makes the
    /// session `Sync`, so that a future may hold a view across an await.
    connection: Mutex<Option<Connection>>,
    arenas: Arenas,
    keys: TemporaryKeys,
    options: SessionOptions,
    /// Why nothing but a rollback is possible.
    failure: Option<String>,
    statements: u64,
    opened_at: &'static Location<'static>,
}

/// How a session behaves.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run_engine(async |engine| {
/// let mut session = engine.session_with(|o| o.autoflush(false).max_queries(1));
/// session.scalars(select(User)).all().await?;
/// assert!(session.scalars(select(Document)).all().await.is_err()); // one statement more than allowed
/// # Ok(()) });
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SessionOptions {
    autoflush: bool,
    max_queries: Option<u64>,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self { autoflush: true, max_queries: None }
    }
}

impl SessionOptions {
    /// Whether queries send pending changes first (default: yes).
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let mut session = engine.session_with(|o| o.autoflush(false));
    /// session.add(User::builder().email("kim@example.org"));
    /// let users = session.scalars(select(User)).all().await?; // SELECT … FROM users, without an INSERT before it
    /// assert_eq!(users.len(), 2);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn autoflush(mut self, on: bool) -> Self {
        self.autoflush = on;
        self
    }

    /// Makes more statements than this an error: for tests that guard against N+1.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let mut session = engine.session_with(|o| o.max_queries(2));
    /// let users = session.scalars(select(User).options(selectinload(User::DOCUMENTS))).all().await?; // two statements
    /// assert_eq!(users.len(), 2);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn max_queries(mut self, statements: u64) -> Self {
        self.max_queries = Some(statements);
        self
    }
}

/// Sessions are numbered, so that a handle of another session is recognised.
static NEXT_SESSION: AtomicU32 = AtomicU32::new(1);

impl Session {
    /// Opens a session. It takes a connection only when it needs one.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let mut session = Session::new(engine); // the same as `engine.session()`
    /// assert_eq!(engine.status().in_use, 0); // no connection is borrowed before the first statement
    /// session.get::<User>(1).await?;
    /// assert_eq!(engine.status().in_use, 1);
    /// # Ok(()) });
    /// ```
    #[must_use]
    #[track_caller]
    pub fn new(engine: &Engine) -> Self {
        Self::with_options(engine, SessionOptions::default())
    }

    /// Opens a session with options.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let options = aludel::SessionOptions::default().max_queries(10);
    /// let session = Session::with_options(engine, options); // the same as `engine.session_with(|o| o.max_queries(10))`
    /// # let _ = session;
    /// # Ok(()) });
    /// ```
    #[must_use]
    #[track_caller]
    pub fn with_options(engine: &Engine, options: SessionOptions) -> Self {
        let id = NEXT_SESSION.fetch_add(1, Ordering::Relaxed);
        Self {
            id,
            engine: engine.clone(),
            connection: Mutex::new(None),
            arenas: Arenas::new(id),
            keys: TemporaryKeys::default(),
            options,
            failure: None,
            statements: 0,
            opened_at: Location::caller(),
        }
    }

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
                ObjectState::Deleted | ObjectState::Gone => return Ok(None),
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

    /// Executes a statement that selects entities; each row of the database is one object of the session.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// // SELECT … FROM documents WHERE documents.owner_id = ?
    /// let docs: Vec<Obj<Document>> = session.scalars(select(Document).filter(Document::OWNER_ID.eq(1))).all().await?;
    /// for doc in docs {
    ///     session[doc].body.push_str(" (seen)"); // changes are sent by the next flush or commit
    /// }
    /// # Ok(()) });
    /// ```
    pub fn scalars<Q>(&mut self, query: Q) -> Scalars<'_, <Q::Shape as aludel_sql::Shape>::First>
    where
        Q: RowsQuery + query::IntoSessionPlan,
        <Q::Shape as aludel_sql::Shape>::First: SessionItem,
    {
        Scalars::new(self, query.into_session_plan())
    }

    /// Executes a statement: rows for a SELECT, [`Executed`](aludel_engine::Executed) for INSERT, UPDATE and DELETE, rows read by
    /// name for `text!`.
    ///
    /// Statements that change rows do not look at the objects of the session: those age, and the next query that meets them
    /// reads them anew.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// // SELECT users.id, …, documents.title FROM users JOIN documents ON …
    /// let stmt = select((User, Document::TITLE)).join(User::DOCUMENTS);
    /// for (user, title) in session.execute(stmt).all().await? {
    ///     println!("{title} by {}", session[user].email);
    /// }
    ///
    /// // UPDATE documents SET title = ? WHERE documents.owner_id = ?
    /// let done = session.execute(update(Document).filter(Document::OWNER_ID.eq(1)).set(Document::TITLE, "Final")).await?;
    /// assert_eq!(done.rows_affected, 2);
    /// # Ok(()) });
    /// ```
    pub fn execute<Q: SessionQuery>(&mut self, query: Q) -> Q::Run<'_> {
        query.run_in(self)
    }

    /// Executes a statement and returns the first column of its only row.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let documents = session.scalar(select(func::count(Document::ID))).await?; // SELECT count(documents.id) FROM documents
    /// assert_eq!(documents, 3);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `NotFound` where there is no row, `MultipleFound` where there are several.
    pub async fn scalar<Q: RowsQuery + query::IntoSessionPlan>(
        &mut self,
        query: Q,
    ) -> Result<<<Q::Shape as aludel_sql::Shape>::First as SessionItem>::Tracked>
    where
        <Q::Shape as aludel_sql::Shape>::First: SessionItem,
    {
        self.scalars(query).one().await
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

    /// Loads a relation of an object, if it is not loaded already.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let user = session.get_one::<User>(1).await?;
    /// session.load(user, User::DOCUMENTS).await?; // SELECT … FROM documents WHERE documents.owner_id = ?
    /// assert_eq!(session.view(user).documents()?.count(), 2);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// An error of the database, or of kind `Decode`.
    pub async fn load<E: Entity, T: Entity, K: Kind>(
        &mut self,
        object: Obj<E>,
        relation: Relation<E, T, K>,
    ) -> Result<()> {
        let slot = self.slot_of(object);
        let loaded = match self.arenas.of::<E>().get(slot).relation(relation.index()) {
            RelationRef::One(_) => self.related_one(object, relation.index()).is_some(),
            RelationRef::Many(state) => state.loaded.is_some(),
        };
        if loaded {
            return Ok(());
        }
        selectinload::load_relation(self, relation, &[object]).await
    }

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

    /// Sends all changes in one unit of work, inside the transaction.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let user = session.add(User::builder().email("kim@example.org"));
    /// session.flush().await?; // BEGIN; INSERT INTO users (email) VALUES (?)
    /// println!("user {}", session[user].id); // the key is known, and nothing is committed yet
    /// session.commit().await?; // COMMIT
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// The first error of the database; the session must be rolled back then. Kind `StaleData` where a row that was to be
    /// changed is not there any more.
    pub async fn flush(&mut self) -> Result<()> {
        flush::flush(self, End::Open).await
    }

    /// Sends all changes together with COMMIT, and gives the connection back.
    ///
    /// Objects stay readable; they are *aged*: the next query that meets a row overwrites its object.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let user = session.get_one::<User>(1).await?;
    /// session[user].name = Some("Samira".into());
    /// session.add(Document::builder().title("Essay").body("").owner(user));
    /// session.commit().await?; // INSERT INTO documents …; UPDATE users SET name = ? WHERE id = ?; COMMIT
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// The first error of the database; nothing was kept and the session must be rolled back then. Kind
    /// `CommitOutcomeUnknown` where the connection was lost before the answer to COMMIT came.
    pub async fn commit(&mut self) -> Result<()> {
        flush::flush(self, End::Commit).await?;
        self.arenas.committed();
        self.give_back().await;
        Ok(())
    }

    /// Undoes everything since the last commit, in the database and in memory: new objects are forgotten, changed ones are as they were,
    /// deleted ones are back.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get_one::<Document>(1).await?;
    /// session[doc].title = "A mistake".into();
    /// session.flush().await?; // BEGIN; UPDATE documents SET title = ? WHERE id = ?
    /// session.rollback().await?; // ROLLBACK
    /// assert_eq!(session[doc].title, "Draft"); // in memory too
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Where the connection was lost; memory is rolled back all the same, and so is the database.
    pub async fn rollback(&mut self) -> Result<()> {
        let connection = self.connection.get_mut().unwrap_or_else(PoisonError::into_inner);
        let in_transaction = connection.as_ref().is_some_and(Connection::in_transaction);
        self.arenas.rolled_back(in_transaction);
        self.keys.clear();
        self.failure = None;
        let Some(mut connection) = self.take_connection() else { return Ok(()) };
        let rolled_back =
            connection.run(&[], End::Rollback, &mut aludel_engine::driver::Discard::default()).await;
        connection.release().await;
        rolled_back
    }

    /// Rolls back what was not committed, forgets all objects and gives the connection back. The session can be used again.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get_one::<Document>(1).await?;
    /// session.close().await?;
    /// assert!(session.try_get(doc).is_none()); // the handles are void, the memory is free
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As [`rollback`](Self::rollback).
    pub async fn close(&mut self) -> Result<()> {
        let rolled_back = self.rollback().await;
        self.arenas.iter_mut().for_each(|it| it.clear());
        rolled_back
    }

    /// Looks at an object and, through its relations, at others.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let stmt = select(User).filter(User::ID.eq(1)).options(selectinload(User::DOCUMENTS));
    /// let user = session.scalars(stmt).one().await?;
    /// for doc in session.view(user).documents()? {
    ///     println!("{} by {}", doc.title, doc.owner()?.email); // no queries: what is not loaded is an error
    /// }
    /// # Ok(()) });
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the handle is of another session or of an object that was forgotten; see [`try_get`](Self::try_get).
    #[must_use]
    pub fn view<E: Entity>(&self, object: Obj<E>) -> E::View<'_> {
        E::view(Lens::new(self, object))
    }

    /// Returns an object, or `None` if the handle is of another session or of an object that was forgotten: the fallible twin
    /// of `session[object]`.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.add(User::builder().email("kim@example.org"));
    /// assert!(session.try_get(doc).is_some());
    /// session.rollback().await?; // it was never inserted: forgotten
    /// assert!(session.try_get(doc).is_none()); // `session[doc]` would panic
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn try_get<E: Entity>(&self, object: Obj<E>) -> Option<&E> {
        let slot = self.find_slot(object).ok()?;
        Some(self.arenas.get::<E>()?.get(slot))
    }

    /// Returns an object to be written, or `None`: the fallible twin of `session[object].field = …`.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get_one::<Document>(1).await?;
    /// if let Some(doc) = session.try_get_mut(doc) {
    ///     doc.title = "Final".into();
    /// }
    /// session.commit().await?; // UPDATE documents SET title = ? WHERE id = ?
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn try_get_mut<E: Entity>(&mut self, object: Obj<E>) -> Option<&mut E> {
        let slot = self.find_slot(object).ok()?;
        Some(self.arenas.of::<E>().get_mut(slot))
    }

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
                arena::AnyArena::state(arena, object.raw.slot, object.raw.generation)
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
        self.arenas.get::<E>().is_some_and(|arena| !arena::AnyArena::changes(arena, slot).is_empty())
    }

    /// Returns how many statements the session has sent, not counting BEGIN and COMMIT.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// session.get::<User>(1).await?;
    /// session.get::<User>(1).await?;
    /// assert_eq!(session.query_count(), 1); // the second one came from memory
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn query_count(&self) -> u64 {
        self.statements
    }

    /// Makes more statements than this, from now on, an error: for tests that guard against N+1.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let users = session.scalars(select(User)).all().await?;
    /// session.max_queries(1);
    /// session.load(users[0], User::DOCUMENTS).await?;
    /// assert!(session.load(users[1], User::DOCUMENTS).await.is_err()); // N+1: use `selectinload`
    /// # Ok(()) });
    /// ```
    pub fn max_queries(&mut self, statements: u64) {
        self.options.max_queries = Some(self.statements + statements);
    }

    /// Returns the engine.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// println!("{}", session.engine().status()); // the pool's, for a log
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The object that a relation leads to: `None` if it was never loaded.
    pub(crate) fn related_one<E: Entity>(&self, object: Obj<E>, relation: usize) -> Option<Option<RawObj>> {
        let RelationRef::One(state) = self[object].relation(relation) else { return None };
        let loaded = state.loaded?;
        let meta = &E::TABLE.relations[relation];
        if state.changed || meta.kind != aludel_sql::RelationKind::BelongsTo {
            return Some(loaded.filter(|raw| self.is_here(meta, *raw)));
        }
        // The foreign key may have been set since: what it says now counts.
        let link = meta.link(E::TABLE).ok()?;
        let key = Mapped::field(&self[object], link.local).encode().into_value();
        if key == Value::Null {
            return Some(None);
        }
        let target = self.arenas.of_table((meta.target)()).ok()?;
        let still = loaded.filter(|raw| self.is_here(meta, *raw)).filter(|raw| {
            self.arenas.at(target).object(raw.slot).field(link.remote).encode().as_ref() == key.as_ref()
        });
        match still {
            Some(raw) => Some(Some(raw)),
            None => self
                .arenas
                .find_by_column(target, link.remote, &key)
                .map(|slot| Some(self.arenas.raw(target, slot))),
        }
    }

    fn is_here(&self, meta: &aludel_sql::RelationMeta, raw: RawObj) -> bool {
        let Ok(target) = self.arenas.of_table((meta.target)()) else { return false };
        self.arenas.at(target).state(raw.slot, raw.generation) != ObjectState::Detached
    }

    /// The objects that a relation leads to: `None` if it was never loaded.
    pub(crate) fn related_many<E: Entity>(&self, object: Obj<E>, relation: usize) -> Option<&[RawObj]> {
        match self[object].relation(relation) {
            RelationRef::Many(state) => state.loaded.as_deref(),
            RelationRef::One(_) => None,
        }
    }

    /// Makes ready for a loader: what it reads must include the changes that were not flushed.
    pub(crate) async fn before_load(&mut self) -> Result<()> {
        self.check_usable()?;
        if self.options.autoflush {
            flush::flush(self, End::Open).await?;
        }
        Ok(())
    }

    /// Returns the value of a column of an object.
    pub(crate) fn column_value<E: Entity>(&self, object: Obj<E>, column: usize) -> Value {
        Mapped::field(&self[object], column).encode().into_value()
    }

    /// Finds the object whose column has this value, if it is here and was read in this transaction.
    pub(crate) fn find_fresh<E: Entity>(&self, column: usize, value: &Value) -> Option<RawObj> {
        let index = self.arenas.of_table(E::TABLE).ok()?;
        let slot = self.arenas.find_by_column(index, column, value)?;
        (!self.arenas.at(index).is_aged(slot)).then(|| self.arenas.raw(index, slot))
    }

    /// Lends a relation of an object without marking the object as changed.
    pub(crate) fn relation_mut<E: Entity>(&mut self, object: Obj<E>, relation: usize) -> RelationMut<'_> {
        let slot = self.slot_of(object);
        let index = self.arenas.index_of::<E>();
        self.arenas.at_mut(index).object_mut(slot).relation_mut(relation)
    }

    /// Sorts objects with integer keys by key, so that a collection has the same order on every database.
    pub(crate) fn sort_by_key<E: Entity>(&self, objects: &mut [RawObj]) {
        let mut key = E::TABLE.primary_key();
        let (Some(column), None, Some(arena)) = (key.next(), key.next(), self.arenas.get::<E>()) else {
            return;
        };
        let number = |raw: &RawObj| match Mapped::field(arena.get(raw.slot), column).encode().as_ref() {
            aludel_sql::ValueRef::Int(number) => number,
            _ => 0,
        };
        if !objects.is_sorted_by_key(number) {
            objects.sort_by_key(number);
        }
    }

    fn find_slot<E: Entity>(&self, object: Obj<E>) -> Result<u32, &'static str> {
        if object.raw.session != self.id {
            return Err("it is a handle of another session; use it with the session that gave it out");
        }
        match self
            .arenas
            .get::<E>()
            .map(|arena| arena::AnyArena::state(arena, object.raw.slot, object.raw.generation))
        {
            Some(ObjectState::Detached) | None => Err(
                "its object was forgotten: rolled back before it was inserted, deleted and committed, or closed",
            ),
            Some(_) => Ok(object.raw.slot),
        }
    }

    #[track_caller]
    fn slot_of<E: Entity>(&self, object: Obj<E>) -> u32 {
        match self.find_slot(object) {
            Ok(slot) => slot,
            Err(why) => wrong_handle(E::TABLE.entity, why),
        }
    }

    fn check_usable(&self) -> Result<()> {
        match &self.failure {
            None => Ok(()),
            Some(cause) => {
                Err(Error::new(ErrorKind::State, format!("the session must be rolled back first: {cause}"))
                    .help(
                        "call `session.rollback().await?`; a failed flush leaves its transaction half done",
                    ))
            }
        }
    }

    fn take_connection(&mut self) -> Option<Connection> {
        self.connection.get_mut().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Borrows a connection from the pool, if there is none yet.
    async fn ensure_connection(&mut self) -> Result<()> {
        if self.connection.get_mut().unwrap_or_else(PoisonError::into_inner).is_none() {
            let connection = self.engine.connect_at(self.opened_at).await?;
            *self.connection.get_mut().unwrap_or_else(PoisonError::into_inner) = Some(connection);
        }
        Ok(())
    }

    async fn give_back(&mut self) {
        if let Some(connection) = self.take_connection() {
            connection.release().await;
        }
    }

    fn count_statements(&mut self, statements: u64) -> Result<()> {
        self.statements += statements;
        match self.options.max_queries {
            Some(max) if self.statements > max => Err(Error::new(
                ErrorKind::State,
                format!("the session may send {max} statements, and this is one more"),
            )
            .help("load relations up front with `selectinload`, or raise `max_queries`")),
            _ => Ok(()),
        }
    }

    /// Splits the session into its connection and its objects. There must be a connection.
    fn parts(&mut self) -> (&mut Connection, &mut Arenas, &mut TemporaryKeys) {
        let connection = self.connection.get_mut().unwrap_or_else(PoisonError::into_inner).as_mut();
        (connection.expect("a connection was borrowed before"), &mut self.arenas, &mut self.keys)
    }
}

#[cold]
#[track_caller]
fn wrong_handle(entity: &str, why: &str) -> ! {
    panic!("invalid handle of a {entity}: {why} (`try_get` does not panic)")
}

impl<E: Entity> Index<Obj<E>> for Session {
    type Output = E;

    /// Reads an object.
    ///
    /// # Panics
    ///
    /// Panics if the handle is of another session or of an object that was forgotten; see [`Session::try_get`].
    #[track_caller]
    fn index(&self, object: Obj<E>) -> &E {
        let slot = self.slot_of(object);
        match self.arenas.get::<E>() {
            Some(arena) => arena.get(slot),
            None => wrong_handle(E::TABLE.entity, "the session has met no such object"),
        }
    }
}

impl<E: Entity> IndexMut<Obj<E>> for Session {
    /// Writes an object; the first time a copy of what the database holds is kept.
    ///
    /// # Panics
    ///
    /// Panics if the handle is of another session or of an object that was forgotten; see [`Session::try_get_mut`].
    #[track_caller]
    fn index_mut(&mut self, object: Obj<E>) -> &mut E {
        let slot = self.slot_of(object);
        self.arenas.of::<E>().get_mut(slot)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pending: usize = self.arenas.iter().map(arena::AnyArena::pending_count).sum();
        let touched: usize = self.arenas.iter().map(|it| it.touched().len()).sum();
        f.debug_struct("Session")
            .field("engine", &self.engine)
            .field("pending", &pending)
            .field("changed", &touched)
            .finish_non_exhaustive()
    }
}

const _: () = {
    const fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<Session>();
};
