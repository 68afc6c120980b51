//! Hooks: what a program does whenever a session flushes, commits or rolls back.

use std::fmt;
use std::sync::{Arc, PoisonError};

use aludel_engine::{Engine, RowsOp};
use aludel_sql::Result;

use super::Session;
use super::arena::{AnyArena, SlotState};
use super::arenas::Arenas;
use super::unit_of_work::{Plan, Rows};
use crate::entity::Entity;
use crate::obj::{AnyObj, Obj};

/// What is done whenever a session flushes, commits or rolls back; for all sessions of an engine (`engine.with_hooks(hooks)`) or for one
/// ([`Session::add_hooks`]).
///
/// The order: `before_commit`, where it is one; `before_flush`, once for a flush that has something to send; then `before_insert`,
/// `before_update` and `before_delete`, object by object, with all that cascades and relations have brought; the statements; `after_insert`,
/// `after_update` and `after_delete`, object by object; `after_flush`; and behind COMMIT `after_commit`, then the functions of
/// [`Session::on_commit`]. Behind ROLLBACK `after_rollback`. The hooks of the engine come before those of the session, and each list in the
/// order of adding.
///
/// Hooks send nothing: they are functions, not futures. An error of one that comes before the statements ends the flush, and nothing is sent. What
/// `before_flush` and `after_flush` add or change is sent too; a commit goes on flushing until nothing is left.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run_engine(async |engine| {
/// use aludel::Hooks;
///
/// let hooks = Hooks::new()
///     .before_insert(|user: &mut User| {
///         user.email.make_ascii_lowercase();
///         Ok(())
///     })
///     .after_commit(|session| println!("{} statements so far", session.query_count()));
/// let engine = engine.with_hooks(hooks);
///
/// let mut session = engine.session();
/// let kim = session.add(User::builder().email("Kim@Example.org"));
/// session.commit().await?;
/// assert_eq!(session[kim].email, "kim@example.org");
/// # Ok(()) });
/// ```
#[derive(Default)]
#[must_use]
pub struct Hooks {
    before_flush: Vec<Box<dyn Fn(&mut Session) -> Result<()> + Send + Sync>>,
    rows: Vec<RowHook>,
    after_rows: Vec<(Moment, AfterRow)>,
    after_flush: Vec<Box<dyn Fn(&mut Session, &Flushed) -> Result<()> + Send + Sync>>,
    before_commit: Vec<Box<dyn Fn(&mut Session) -> Result<()> + Send + Sync>>,
    after_commit: Vec<Box<dyn Fn(&mut Session) + Send + Sync>>,
    after_rollback: Vec<Box<dyn Fn(&mut Session) + Send + Sync>>,
}

/// What is done with each object behind its statement, if it is of the entity.
type AfterRow = Box<dyn Fn(&mut Session, AnyObj) -> Result<()> + Send + Sync>;

/// What is done with each object of an entity before its statement.
struct RowHook {
    moment: Moment,
    is_of: fn(&dyn AnyArena) -> bool,
    call: Box<dyn Fn(&mut Arenas, u32) -> Result<()> + Send + Sync>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    Insert,
    Update,
    Delete,
}

/// What a flush has sent.
#[derive(Clone, Debug, Default)]
pub struct Flushed {
    /// The objects that were inserted.
    pub inserted: Vec<AnyObj>,
    /// The objects that were updated, each once.
    pub updated: Vec<AnyObj>,
    /// The objects that were deleted, softly too.
    pub deleted: Vec<AnyObj>,
}

impl Flushed {
    fn of(&self, moment: Moment) -> &[AnyObj] {
        match moment {
            Moment::Insert => &self.inserted,
            Moment::Update => &self.updated,
            Moment::Delete => &self.deleted,
        }
    }
}

impl Hooks {
    /// No hooks yet.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let hooks = aludel::Hooks::new()
    ///     .before_insert(|doc: &mut Document| match doc.title.trim() {
    ///         "" => Err(Error::new(ErrorKind::Validation, "a document has a title")),
    ///         _ => Ok(()),
    ///     })
    ///     .after_rollback(|_| println!("nothing was kept"));
    /// let mut session = engine.with_hooks(hooks).session();
    /// session.add(Document::builder().title("").body("").owner_id(1));
    /// assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::Validation); // nothing was sent
    /// # Ok(()) });
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Before a flush that has something to send. It may add, change and delete objects; an error ends the flush.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// session.add_hooks(aludel::Hooks::new().before_flush(|session| {
    ///     for doc in session.new().into_iter().filter_map(|it| it.downcast::<Document>()) {
    ///         session[doc].body.push_str(" (added)");
    ///     }
    ///     Ok(())
    /// }));
    /// let doc = session.insert(Document::builder().title("Essay").body("Text").owner_id(1)).await?;
    /// assert_eq!(session[doc].body, "Text (added)");
    /// # Ok(()) });
    /// ```
    pub fn before_flush(mut self, hook: impl Fn(&mut Session) -> Result<()> + Send + Sync + 'static) -> Self {
        self.before_flush.push(Box::new(hook));
        self
    }

    /// Before a new object is inserted. What it writes is inserted; an error ends the flush.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// session.add_hooks(aludel::Hooks::new().before_insert(|user: &mut User| {
    ///     user.email.make_ascii_lowercase();
    ///     Ok(())
    /// }));
    /// let kim = session.insert(User::builder().email("Kim@Example.org")).await?; // INSERT INTO users (email) VALUES ('kim@example.org')
    /// assert_eq!(session[kim].email, "kim@example.org");
    /// # Ok(()) });
    /// ```
    pub fn before_insert<E: Entity>(
        self,
        hook: impl Fn(&mut E) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.each::<E>(Moment::Insert, move |arenas, slot| hook(arenas.of::<E>().get_mut(slot)))
    }

    /// Before a changed object is updated. What it writes is sent as well; an error ends the flush.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// session.add_hooks(aludel::Hooks::new().before_update(|doc: &mut Document| {
    ///     doc.body.push_str(" (edited)");
    ///     Ok(())
    /// }));
    /// let doc = session.get_one::<Document>(1).await?;
    /// session[doc].title = "Final".into();
    /// session.flush().await?; // UPDATE documents SET title = ?, body = ? WHERE id = ?
    /// assert_eq!(session[doc].body, "A first attempt. (edited)");
    /// # Ok(()) });
    /// ```
    pub fn before_update<E: Entity>(
        self,
        hook: impl Fn(&mut E) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.each::<E>(Moment::Update, move |arenas, slot| hook(arenas.of::<E>().get_mut(slot)))
    }

    /// Before an object is deleted. An error ends the flush.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// session.add_hooks(aludel::Hooks::new().before_delete(|doc: &Document| match doc.title.as_str() {
    ///     "Draft" => Ok(()),
    ///     title => Err(Error::new(ErrorKind::Validation, format!("`{title}` is published"))),
    /// }));
    /// let doc = session.get_one::<Document>(2).await?;
    /// session.delete(doc);
    /// assert_eq!(session.flush().await.unwrap_err().what(), "`Plan` is published"); // nothing was sent
    /// # Ok(()) });
    /// ```
    pub fn before_delete<E: Entity>(self, hook: impl Fn(&E) -> Result<()> + Send + Sync + 'static) -> Self {
        self.each::<E>(Moment::Delete, move |arenas, slot| hook(arenas.of::<E>().get(slot)))
    }

    fn each<E: Entity>(
        mut self,
        moment: Moment,
        call: impl Fn(&mut Arenas, u32) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        let is_of: fn(&dyn AnyArena) -> bool = |arena| arena.entity() == std::any::TypeId::of::<E>();
        self.rows.push(RowHook { moment, is_of, call: Box::new(call) });
        self
    }

    /// After a new object was inserted, inside the transaction: it has all that the database has made. What the hook adds or changes is flushed
    /// too. After an error the session must be rolled back.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// session.add_hooks(aludel::Hooks::new().after_insert(|session, user: Obj<User>| {
    ///     session.add(Profile::builder().bio("New here.").user(user));
    ///     Ok(())
    /// }));
    /// session.add(User::builder().email("kim@example.org"));
    /// session.commit().await?; // INSERT INTO users …; INSERT INTO profiles …; COMMIT
    /// assert_eq!(session.scalar(select(func::count(Profile::ID))).await?, 2);
    /// # Ok(()) });
    /// ```
    pub fn after_insert<E: Entity>(
        self,
        hook: impl Fn(&mut Session, Obj<E>) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.after_each(Moment::Insert, hook)
    }

    /// After a changed object was updated, inside the transaction. As [`after_insert`](Self::after_insert) otherwise.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// session.add_hooks(aludel::Hooks::new().after_update(|session, doc: Obj<Document>| {
    ///     println!("document {} is called {} now", session[doc].id, session[doc].title);
    ///     Ok(())
    /// }));
    /// let doc = session.get_one::<Document>(1).await?;
    /// session[doc].title = "Final".into();
    /// session.flush().await?; // UPDATE documents SET title = ? WHERE id = ?; then the line is printed
    /// # Ok(()) });
    /// ```
    pub fn after_update<E: Entity>(
        self,
        hook: impl Fn(&mut Session, Obj<E>) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.after_each(Moment::Update, hook)
    }

    /// After an object was deleted, softly too, inside the transaction: until the commit it can be read. As
    /// [`after_insert`](Self::after_insert) otherwise.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// session.add_hooks(aludel::Hooks::new().after_delete(|session, doc: Obj<Document>| {
    ///     println!("{} is gone", session[doc].title);
    ///     Ok(())
    /// }));
    /// let doc = session.get_one::<Document>(1).await?;
    /// session.delete(doc);
    /// session.flush().await?; // DELETE FROM documents WHERE id = ?; then the line is printed
    /// # Ok(()) });
    /// ```
    pub fn after_delete<E: Entity>(
        self,
        hook: impl Fn(&mut Session, Obj<E>) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.after_each(Moment::Delete, hook)
    }

    fn after_each<E: Entity>(
        mut self,
        moment: Moment,
        hook: impl Fn(&mut Session, Obj<E>) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        let call = move |session: &mut Session, object: AnyObj| match object.downcast() {
            Some(object) => hook(session, object),
            None => Ok(()),
        };
        self.after_rows.push((moment, Box::new(call)));
        self
    }

    /// After a flush that has sent something, inside the transaction: for an audit log, or an outbox. What it adds is flushed too. After an
    /// error the session must be rolled back.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// session.add_hooks(aludel::Hooks::new().after_flush(|session, flushed| {
    ///     for user in flushed.inserted.iter().filter_map(|it| it.downcast::<User>()) {
    ///         session.add(Profile::builder().bio("New here.").user(user));
    ///     }
    ///     Ok(())
    /// }));
    /// session.add(User::builder().email("kim@example.org"));
    /// session.commit().await?; // INSERT INTO users …; INSERT INTO profiles …; COMMIT
    /// assert_eq!(session.scalar(select(func::count(Profile::ID))).await?, 2);
    /// # Ok(()) });
    /// ```
    pub fn after_flush(
        mut self,
        hook: impl Fn(&mut Session, &Flushed) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.after_flush.push(Box::new(hook));
        self
    }

    /// Before a commit, whether it has something to send or not. What it adds or changes is committed; after an error nothing is.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// session.add_hooks(aludel::Hooks::new().before_commit(|session| match session.new().len() {
    ///     0..100 => Ok(()),
    ///     _ => Err(Error::new(ErrorKind::State, "too many at once")),
    /// }));
    /// session.add_all((0..100).map(|it| User::builder().email(format!("{it}@example.org"))));
    /// assert!(session.commit().await.is_err()); // nothing was sent
    /// # Ok(()) });
    /// ```
    pub fn before_commit(
        mut self,
        hook: impl Fn(&mut Session) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.before_commit.push(Box::new(hook));
        self
    }

    /// After each commit.
    ///
    /// A function that a commit is to call once is given to [`Session::on_commit`].
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// use std::sync::atomic::{AtomicU32, Ordering};
    ///
    /// static COMMITS: AtomicU32 = AtomicU32::new(0);
    ///
    /// session.add_hooks(aludel::Hooks::new().after_commit(|_| _ = COMMITS.fetch_add(1, Ordering::Relaxed)));
    /// session.add(User::builder().email("kim@example.org"));
    /// session.commit().await?;
    /// assert_eq!(COMMITS.load(Ordering::Relaxed), 1);
    /// # Ok(()) });
    /// ```
    pub fn after_commit(mut self, hook: impl Fn(&mut Session) + Send + Sync + 'static) -> Self {
        self.after_commit.push(Box::new(hook));
        self
    }

    /// After each rollback of the whole transaction, when memory is as it was.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// use std::sync::Mutex;
    ///
    /// static TITLE: Mutex<String> = Mutex::new(String::new());
    ///
    /// let doc = session.get_one::<Document>(1).await?;
    /// session.add_hooks(aludel::Hooks::new().after_rollback(move |session| TITLE.lock().unwrap().clone_from(&session[doc].title)));
    /// session[doc].title = "Final".into();
    /// session.flush().await?;
    /// session.rollback().await?; // ROLLBACK; `doc` is as it was before
    /// assert_eq!(*TITLE.lock().unwrap(), "Draft");
    /// # Ok(()) });
    /// ```
    pub fn after_rollback(mut self, hook: impl Fn(&mut Session) + Send + Sync + 'static) -> Self {
        self.after_rollback.push(Box::new(hook));
        self
    }

    /// Puts hooks behind those that an engine has.
    #[doc(hidden)]
    #[must_use]
    pub fn on(self, engine: &Engine) -> Engine {
        let mut all = Self::of(engine);
        all.push(Arc::new(self));
        engine.with_attachment(Arc::new(all))
    }

    /// The hooks of an engine.
    pub(super) fn of(engine: &Engine) -> Vec<Arc<Self>> {
        let attached = engine.attachment().and_then(|it| it.downcast_ref::<Vec<Arc<Self>>>());
        attached.cloned().unwrap_or_default()
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks").finish_non_exhaustive()
    }
}

/// A function that waits for the commit, and how many savepoints were set when it was given.
pub(super) type OnCommit = (u32, Box<dyn FnOnce() + Send>);

/// How often a commit flushes what the hooks of its flushes have added.
const MOST_FLUSHES: usize = 100;

impl Session {
    /// Adds hooks to this session, behind those of the engine.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// use aludel::Hooks;
    ///
    /// session.add_hooks(Hooks::new().before_flush(|session| {
    ///     println!("{} new, {} changed", session.new().len(), session.dirty().len());
    ///     Ok(())
    /// }));
    /// session.add(User::builder().email("kim@example.org"));
    /// session.commit().await?; // prints `1 new, 0 changed` first
    /// # Ok(()) });
    /// ```
    pub fn add_hooks(&mut self, hooks: Hooks) {
        self.hooks.push(Arc::new(hooks));
    }

    /// Calls a function once, after the next commit; never if there is a rollback before it. For what cannot be rolled back, such as
    /// mail. Inside of `begin_nested` its rollback counts as well.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let user = session.get_one::<User>(1).await?;
    /// session[user].name = Some("Samira".into());
    /// let mail = format!("Hello {}", session[user].email);
    /// session.on_commit(move || println!("{mail}"));
    /// session.commit().await?; // UPDATE users …; COMMIT; then the line is printed
    /// # Ok(()) });
    /// ```
    pub fn on_commit(&mut self, call: impl FnOnce() + Send + 'static) {
        let savepoints_set = self.savepoints_set;
        self.waiting_for_commit().push((savepoints_set, Box::new(call)));
    }

    fn waiting_for_commit(&mut self) -> &mut Vec<OnCommit> {
        self.on_commit.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls `before_flush`, if there is something to send.
    pub(super) fn before_flush(&mut self) -> Result<()> {
        if self.hooks.iter().all(|it| it.before_flush.is_empty()) || !self.has_changes() {
            return Ok(());
        }
        for hooks in self.hooks.clone() {
            hooks.before_flush.iter().try_for_each(|hook| hook(self))?;
        }
        Ok(())
    }

    /// Tells whether a flush may have something to send.
    pub(super) fn has_changes(&self) -> bool {
        self.arenas.iter().any(|arena| arena.pending_count() > 0)
            || !(self.deleted().is_empty() && self.dirty().is_empty())
    }

    /// Calls the hooks of the objects that a flush is about to send.
    pub(super) fn before_rows(&mut self) -> Result<()> {
        if self.hooks.iter().all(|it| it.rows.is_empty()) {
            return Ok(());
        }
        let hooks: Vec<_> = self.hooks.iter().filter(|it| !it.rows.is_empty()).cloned().collect();
        for hook in hooks.iter().flat_map(|it| &it.rows) {
            for index in 0..self.arenas.len() {
                let arena = self.arenas.at(index);
                if !(hook.is_of)(arena) {
                    continue;
                }
                let slots: Vec<u32> = match hook.moment {
                    Moment::Insert => (0..arena.pending_count()).map(|it| arena.pending(it).0).collect(),
                    Moment::Update => touched(arena, SlotState::Persistent)
                        .filter(|slot| {
                            !(arena.changes(*slot).is_empty() && arena.computed_columns(*slot).is_empty())
                        })
                        .collect(),
                    Moment::Delete => touched(arena, SlotState::Deleted).collect(),
                };
                slots.into_iter().try_for_each(|slot| (hook.call)(&mut self.arenas, slot))?;
            }
        }
        Ok(())
    }

    /// Tells whether somebody wants to know what was flushed.
    pub(super) fn has_after_flush(&self) -> bool {
        self.hooks.iter().any(|it| !(it.after_flush.is_empty() && it.after_rows.is_empty()))
    }

    /// Calls `after_flush`.
    pub(super) fn after_flush(&mut self, plan: &Plan) -> Result<()> {
        if !self.has_after_flush() {
            return Ok(());
        }
        let flushed = self.flushed(plan);
        for hooks in self.hooks.clone() {
            let each = hooks
                .after_rows
                .iter()
                .flat_map(|(moment, hook)| flushed.of(*moment).iter().map(move |object| (hook, *object)));
            let called = each
                .into_iter()
                .try_for_each(|(hook, object)| hook(self, object))
                .and_then(|()| hooks.after_flush.iter().try_for_each(|hook| hook(self, &flushed)));
            if let Err(error) = called {
                self.failure = Some(error.what().to_owned().into());
                return Err(error.doing("running a hook behind a flush"));
            }
        }
        Ok(())
    }

    /// Calls `before_commit`.
    pub(super) fn before_commit(&mut self) -> Result<()> {
        for hooks in self.hooks.clone() {
            hooks.before_commit.iter().try_for_each(|hook| hook(self))?;
        }
        Ok(())
    }

    fn flushed(&self, plan: &Plan) -> Flushed {
        let mut flushed = Flushed::default();
        for step in &plan.steps {
            let Rows::Objects { arena: index, slots } = &step.rows else { continue };
            let arena = self.arenas.at(*index);
            let handle =
                |slot: &u32| AnyObj::new(arena.table(), arena.entity(), self.arenas.raw(*index, *slot));
            let objects = slots.iter().map(handle);
            match step.operation {
                RowsOp::Insert(_) => flushed.inserted.extend(objects),
                RowsOp::Update(_) if !step.deletes() => flushed.updated.extend(objects),
                RowsOp::Update(_) | RowsOp::Delete(_) => flushed.deleted.extend(objects),
            }
        }
        // A row may be cut in two.
        let mut seen = std::collections::HashSet::new();
        let inserted: std::collections::HashSet<AnyObj> = flushed.inserted.iter().copied().collect();
        flushed.updated.retain(|it| !inserted.contains(it) && seen.insert(*it));
        flushed
    }

    /// Flushes until the hooks of the flushes add nothing more.
    pub(super) async fn flush_what_hooks_add(&mut self) -> Result<()> {
        if !self.has_after_flush() {
            return Ok(());
        }
        for _ in 0..MOST_FLUSHES {
            if !self.has_changes() {
                return Ok(());
            }
            self.flush().await?;
        }
        Err(aludel_sql::Error::new(
            aludel_sql::ErrorKind::State,
            format!("after {MOST_FLUSHES} flushes the hooks still add something"),
        )
        .help("an `after_flush` hook must come to an end: let it pass over what it has added itself"))
    }

    /// Calls what was waiting for the commit.
    pub(super) fn after_commit(&mut self) {
        for hooks in self.hooks.clone() {
            hooks.after_commit.iter().for_each(|hook| hook(self));
        }
        std::mem::take(self.waiting_for_commit()).into_iter().for_each(|(_, call)| call());
    }

    /// Forgets what was waiting for the commit since a savepoint, or all of it.
    pub(super) fn forget_on_commit(&mut self, since: Option<u32>) {
        self.waiting_for_commit().retain(|(savepoint, _)| since.is_some_and(|since| *savepoint < since));
    }

    /// Calls `after_rollback`.
    pub(super) fn after_rollback(&mut self) {
        for hooks in self.hooks.clone() {
            hooks.after_rollback.iter().for_each(|hook| hook(self));
        }
    }
}

fn touched(arena: &dyn AnyArena, state: SlotState) -> impl Iterator<Item = u32> {
    arena.touched().iter().copied().filter(move |slot| arena.slot_state(*slot) == state)
}
