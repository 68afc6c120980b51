//! The session: it owns the objects, knows what changed, and writes it in one unit of work.

mod add;
mod apply;
mod arena;
mod arenas;
mod attributes;
mod autoflush;
mod bulk;
mod expire;
mod expunge;
mod flush;
mod get;
mod history;
mod hooks;
mod identity_map;
mod merge;
mod n_plus_one;
mod nested;
mod options;
mod query;
mod refresh;
mod related;
mod rollback_only;
mod set;
mod soft_delete;
mod spare;
mod statement_options;
mod states;
mod table_facts;
mod temporary_keys;
mod together;
mod transact;
mod transaction;
mod unit_of_work;
mod with_parent;

use std::borrow::Cow;
use std::fmt;
use std::ops::{Index, IndexMut};
use std::panic::Location;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use aludel_engine::{Connection, Engine, StatementOptions};

pub use attributes::Attributes;
pub use autoflush::NoAutoflush;
pub use bulk::InsertAll;
pub use get::Get;
pub use history::{Attribute, History};
pub use hooks::{Flushed, Hooks};
pub(crate) use merge::{LevelOf, RelationLevel};
pub use n_plus_one::NPlusOne;
pub use nested::NestedSession;
pub use options::SessionOptions;
pub use query::{
    Change, Chunks, IntoSessionPlan, Rows, Scalars, SessionItem, SessionQuery, SessionShape, Tracker,
    UntypedRows,
};
pub(crate) use query::{Populate, SessionPlan, Tracked};
pub use refresh::Refresh;
pub use statement_options::SessionOptionsGuard;
pub use states::ObjectState;
pub use together::{SessionAsked, SessionTogether};
pub use transact::{Attempt, Attempts, Report, Transact};

use crate::entity::Entity;
use crate::obj::{Obj, RawObj};
use crate::view::Lens;
use arena::SlotState;
use arenas::Arenas;
use n_plus_one::SingleReads;
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
    /// session `Sync`, so that a future may hold a view across an await. In a box: a session without a connection is small.
    connection: Mutex<Option<Box<Connection>>>,
    arenas: Arenas,
    keys: TemporaryKeys,
    linked: unit_of_work::Linked,
    options: SessionOptions,
    /// How its statements run now.
    statement_options: StatementOptions,
    /// The savepoints that `begin_nested` has set, the outermost first.
    levels: Vec<nested::Level>,
    /// How many savepoints were set, ever.
    savepoints_set: u32,
    /// Why nothing but a rollback is possible.
    failure: Option<Cow<'static, str>>,
    /// The transaction has changed rows.
    wrote: bool,
    /// Of a session that keeps nothing: where the last commit was.
    kept_until: Option<aludel_engine::Savepoint>,
    /// Those of the engine, then those of the session.
    hooks: Vec<Arc<Hooks>>,
    /// What waits for the commit. The mutex is never locked, as that of the connection.
    on_commit: Mutex<Vec<hooks::OnCommit>>,
    /// Where it is noted what the session commits and what it leaves undone.
    report: Option<Arc<Report>>,
    statements: u64,
    /// How many statements may be sent before it is an error.
    budget: Option<u64>,
    opened_at: &'static Location<'static>,
    /// The reads of single objects in this transaction.
    single_reads: SingleReads,
}

/// Sessions are numbered, so that a handle of another session is recognised.
static NEXT_SESSION: AtomicU32 = AtomicU32::new(1);

impl Session {
    /// Opens a session. It takes a connection only when it needs one.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let mut session = Session::open(engine); // the same as `engine.session()`
    /// assert_eq!(engine.status().in_use, 0); // no connection is borrowed before the first statement
    /// session.get::<User>(1).await?;
    /// assert_eq!(engine.status().in_use, 1);
    /// # Ok(()) });
    /// ```
    #[must_use]
    #[track_caller]
    pub fn open(engine: &Engine) -> Self {
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
            statement_options: engine.statement_options(),
            engine: options.on(engine),
            connection: Mutex::new(None),
            arenas: Arenas::new(id),
            keys: TemporaryKeys::default(),
            linked: unit_of_work::Linked::default(),
            options,
            levels: Vec::new(),
            savepoints_set: 0,
            failure: None,
            wrote: false,
            kept_until: None,
            hooks: Hooks::of(engine),
            on_commit: Mutex::new(Vec::new()),
            report: None,
            statements: 0,
            budget: options.max_queries,
            opened_at: Location::caller(),
            single_reads: SingleReads::default(),
        }
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

    /// Lends two different objects to be written, of one entity or of two.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let (draft, plan) = (session.get_one::<Document>(1).await?, session.get_one::<Document>(2).await?);
    /// let (a, b) = session.pair_mut(draft, plan);
    /// std::mem::swap(&mut a.title, &mut b.title);
    /// assert_eq!(session[draft].title, "Plan");
    /// # Ok(()) });
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if both are the same object, or if a handle is of another session or of an object that was forgotten; see
    /// [`try_pair_mut`](Self::try_pair_mut).
    #[track_caller]
    pub fn pair_mut<E: Entity, T: Entity>(&mut self, a: Obj<E>, b: Obj<T>) -> (&mut E, &mut T) {
        let (slot_a, slot_b) = (self.slot_of(a), self.slot_of(b));
        match self.arenas.pair_mut(slot_a, slot_b) {
            Some(pair) => pair,
            None => wrong_handle(
                T::TABLE.entity,
                "it is the same object as the first; a pair is two different ones",
            ),
        }
    }

    /// Lends two objects to be written; `None` where they are the same one, or a handle is of another session or of an object that
    /// was forgotten.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get_one::<Document>(1).await?;
    /// assert!(session.try_pair_mut(doc, doc).is_none());
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn try_pair_mut<E: Entity, T: Entity>(&mut self, a: Obj<E>, b: Obj<T>) -> Option<(&mut E, &mut T)> {
        let (slot_a, slot_b) = (self.find_slot(a).ok()?, self.find_slot(b).ok()?);
        self.arenas.pair_mut(slot_a, slot_b)
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
        self.budget = Some(self.statements + statements);
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

    fn find_slot<E: Entity>(&self, object: Obj<E>) -> Result<u32, &'static str> {
        if object.raw.session != self.id {
            return Err("it is a handle of another session; use it with the session that gave it out");
        }
        match self.slot_state(object) {
            SlotState::Detached => Err(
                "its object was forgotten: rolled back before it was inserted, deleted and committed, expunged, closed, or another row has its key",
            ),
            _ => Ok(object.raw.slot),
        }
    }

    #[cold]
    #[track_caller]
    fn no_such_object<E: Entity>(&self, object: Obj<E>) -> ! {
        let why = self.find_slot(object).err().unwrap_or("the session has met no such object");
        wrong_handle(E::TABLE.entity, why)
    }

    #[track_caller]
    fn slot_of<E: Entity>(&self, object: Obj<E>) -> u32 {
        match self.find_slot(object) {
            Ok(slot) => slot,
            Err(why) => wrong_handle(E::TABLE.entity, why),
        }
    }
}

#[cold]
#[track_caller]
fn wrong_handle(entity: &str, why: &str) -> ! {
    panic!("invalid handle of a {entity}: {why} (`try_get` and the other `try_…` do not panic)")
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
        let RawObj { session, slot, generation } = object.raw;
        let arena = self.arenas.get::<E>().filter(|_| session == self.id);
        match arena.and_then(|it| it.find_object(slot, generation)) {
            Some(found) => found,
            None => self.no_such_object(object),
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
        let RawObj { session, slot, generation } = object.raw;
        if session != self.id {
            self.no_such_object(object);
        }
        let index = self.arenas.index_of::<E>();
        if self.arenas.typed::<E>(index).find_object(slot, generation).is_none() {
            self.no_such_object(object);
        }
        self.arenas.typed::<E>(index).get_mut(slot)
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
