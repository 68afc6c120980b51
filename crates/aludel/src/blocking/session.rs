//! Sessions.

use std::ops::{Deref, DerefMut};

use aludel_engine::blocking::Runner;
use aludel_engine::{Executed, RowsQuery, StatementOptions};
use aludel_orm::{Entity, Get, Kind, Obj, Refresh, Related, SessionItem, SessionQuery, SessionTogether};
use aludel_sql::{Changeset, Insertable, Key, Relation, Result, Shape, ToSql};

use super::fetch::{Block, Fetch};

/// A session, as [`aludel::Session`](crate::Session), with calls that wait: objects, their changes, and the transaction that writes
/// them.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run_blocking(|engine| {
/// let mut session = engine.session();
/// let doc = session.get_one::<Document>(1)?; // SELECT … FROM documents WHERE documents.id = ?
/// session[doc].title = "Final".into();
/// session.commit()?; // UPDATE documents SET title = ? WHERE id = ?
/// # Ok(()) });
/// ```
pub struct Session {
    inner: crate::Session,
    runner: Runner,
}

/// A part of the transaction that can be rolled back by itself, as [`aludel::NestedSession`](crate::NestedSession).
#[must_use = "a nested transaction that is dropped is rolled back"]
pub struct NestedSession<'s> {
    inner: crate::NestedSession<'s>,
    runner: Runner,
}

/// A part of the program whose queries send no changes first, as [`aludel::NoAutoflush`](crate::NoAutoflush).
#[must_use = "autoflush is off for as long as this is there"]
pub struct NoAutoflush<'s> {
    inner: crate::NoAutoflush<'s>,
    runner: Runner,
}

/// A part of the program whose statements run with other options, as [`aludel::SessionOptionsGuard`](crate::SessionOptionsGuard).
#[must_use = "the options count for as long as this is there"]
pub struct SessionOptionsGuard<'s> {
    inner: crate::SessionOptionsGuard<'s>,
    runner: Runner,
}

macro_rules! session {
    () => {
        /// Executes a statement whose rows are read as their first column or entity.
        ///
        /// ```
        /// # use aludel::doc::*;
        /// # aludel::doc::run_blocking(|engine| {
        /// let mut session = engine.session();
        /// let titles = session.scalars(select(Document::TITLE).order_by(Document::ID)).all()?; // SELECT documents.title FROM documents …
        /// assert_eq!(titles, ["Draft", "Plan", "Notes"]);
        /// # Ok(()) });
        /// ```
        pub fn scalars<Q>(&mut self, query: Q) -> Fetch<aludel_orm::Scalars<'_, <Q::Shape as Shape>::First>>
        where
            Q: RowsQuery + aludel_orm::IntoSessionPlan,
            <Q::Shape as Shape>::First: SessionItem,
        {
            let runner = self.runner.clone();
            Fetch::new(self.inner.scalars(query), &runner)
        }

        /// Executes a statement: rows to fetch for a SELECT, for anything `returning` and for `text!`; for the others the rows affected.
        ///
        /// SQL written by hand whose rows nobody wants is run by `.run()`.
        ///
        /// ```
        /// # use aludel::doc::*;
        /// # aludel::doc::run_blocking(|engine| {
        /// let mut session = engine.session();
        /// let done = session.execute(update(Document).filter(Document::OWNER_ID.eq(1)).set(Document::TITLE, "Final"))?;
        /// assert_eq!(done.rows_affected, 2); // BEGIN; UPDATE documents SET title = ? WHERE documents.owner_id = ?
        /// session.execute(text!("UPDATE documents SET body = ''")).run()?;
        /// session.commit()?;
        /// # Ok(()) });
        /// ```
        pub fn execute<'s, Q: SessionQuery>(&'s mut self, query: Q) -> <Q::Run<'s> as Block>::Blocked
        where
            Q::Run<'s>: Block,
        {
            let runner = self.runner.clone();
            self.inner.execute(query).block(&runner)
        }

        /// Executes a statement and returns the first column of its only row.
        ///
        /// # Errors
        ///
        /// Kind `NotFound` where there is no row, `MultipleFound` where there are several.
        pub fn scalar<Q>(&mut self, query: Q) -> Result<<<Q::Shape as Shape>::First as SessionItem>::Tracked>
        where
            Q: RowsQuery + aludel_orm::IntoSessionPlan,
            <Q::Shape as Shape>::First: SessionItem,
        {
            self.scalars(query).one()
        }

        /// Asks the database how it would execute a statement, which is not executed.
        ///
        /// # Errors
        ///
        /// Kind `Compile` or `Unsupported` where the statement has no SQL on this database, or an error of the database.
        pub fn explain(&mut self, statement: &(impl ToSql + Sync)) -> Result<String> {
            self.runner.run(self.inner.explain(statement))
        }

        /// Executes a statement and asks the database how it has done it. What the statement changes is changed.
        ///
        /// # Errors
        ///
        /// Kind `Compile` or `Unsupported` where the statement has no SQL on this database, or the database no EXPLAIN ANALYZE; an error of
        /// the database.
        pub fn explain_analyze(&mut self, statement: &(impl ToSql + Sync)) -> Result<String> {
            self.runner.run(self.inner.explain_analyze(statement))
        }

        /// Returns the object with this primary key, asking the database only if it is not loaded yet.
        ///
        /// ```
        /// # use aludel::doc::*;
        /// # aludel::doc::run_blocking(|engine| {
        /// let mut session = engine.session();
        /// let doc = session.get::<Document>(1)?; // SELECT … FROM documents WHERE documents.id = ?
        /// assert_eq!(doc, session.get::<Document>(1)?); // no query: it is loaded already
        /// # Ok(()) });
        /// ```
        ///
        /// # Errors
        ///
        /// An error of the database, or of kind `Decode`. A missing row is `Ok(None)`.
        #[track_caller]
        pub fn get<E: Entity>(&mut self, key: impl Key) -> Result<Option<Obj<E>>> {
            self.get_with(key, |get| get)
        }

        /// As `get`, with what [`Get`] offers: `.for_update()`, `.populate_existing()`, `.options(…)`.
        ///
        /// # Errors
        ///
        /// As `get`.
        #[track_caller]
        pub fn get_with<E: Entity>(
            &mut self,
            key: impl Key,
            options: impl FnOnce(Get<'_, E, Option<Obj<E>>>) -> Get<'_, E, Option<Obj<E>>>,
        ) -> Result<Option<Obj<E>>> {
            self.runner.run(options(self.inner.get(key)).into_future())
        }

        /// Returns the object with this primary key; a missing row is an error.
        ///
        /// ```
        /// # use aludel::doc::*;
        /// # aludel::doc::run_blocking(|engine| {
        /// let mut session = engine.session();
        /// let doc = session.get_one::<Document>(1)?;
        /// assert_eq!(session[doc].title, "Draft");
        /// assert_eq!(session.get_one::<Document>(7).unwrap_err().kind(), ErrorKind::NotFound);
        /// # Ok(()) });
        /// ```
        ///
        /// # Errors
        ///
        /// Kind `NotFound` where there is no row; an error of the database, or of kind `Decode`.
        #[track_caller]
        pub fn get_one<E: Entity>(&mut self, key: impl Key) -> Result<Obj<E>> {
            self.runner.run(self.inner.get_one(key).into_future())
        }

        /// Reads the row of an object anew; what was changed and not flushed is lost.
        ///
        /// # Errors
        ///
        /// Kind `NotFound` where the row is gone, `State` for an object that was never flushed.
        #[track_caller]
        pub fn refresh<E: Entity>(&mut self, object: Obj<E>) -> Result<()> {
            self.refresh_with(object, |refresh| refresh)
        }

        /// As `refresh`, with what [`Refresh`] offers: `.only(…)`, `.for_update()`.
        ///
        /// # Errors
        ///
        /// As `refresh`.
        #[track_caller]
        pub fn refresh_with<E: Entity>(
            &mut self,
            object: Obj<E>,
            options: impl FnOnce(Refresh<'_, E>) -> Refresh<'_, E>,
        ) -> Result<()> {
            self.runner.run(options(self.inner.refresh(object)).into_future())
        }

        /// Adds an object and flushes it, so that its key is known.
        ///
        /// ```
        /// # use aludel::doc::*;
        /// # aludel::doc::run_blocking(|engine| {
        /// let mut session = engine.session();
        /// let kim = session.insert(User::builder().email("kim@example.org"))?; // BEGIN; INSERT INTO users (email) VALUES (?)
        /// assert_eq!(session[kim].id, 3);
        /// session.commit()?;
        /// # Ok(()) });
        /// ```
        ///
        /// # Errors
        ///
        /// As `flush`.
        pub fn insert<E: Entity>(&mut self, new: impl Related<E>) -> Result<Obj<E>> {
            self.runner.run(self.inner.insert(new))
        }

        /// Inserts the rows of an iterator, of which only a batch is in memory at a time: all of them or none.
        ///
        /// # Errors
        ///
        /// The first error of the database.
        pub fn insert_all<E, R>(&mut self, rows: R) -> Result<Executed>
        where
            E: Entity,
            R: IntoIterator<IntoIter: Send>,
            R::Item: Insertable<E>,
        {
            self.insert_all_with(rows, |it| it)
        }

        /// As `insert_all`, with what [`InsertAll`](aludel_orm::InsertAll) offers: `.batch_size(…)`, `.on_progress(…)`.
        ///
        /// # Errors
        ///
        /// As `insert_all`.
        pub fn insert_all_with<'s, E, R>(
            &'s mut self,
            rows: R,
            options: impl FnOnce(
                aludel_orm::InsertAll<'s, E, R::IntoIter>,
            ) -> aludel_orm::InsertAll<'s, E, R::IntoIter>,
        ) -> Result<Executed>
        where
            E: Entity,
            R: IntoIterator<IntoIter: Send>,
            R::Item: Insertable<E>,
        {
            let runner = self.runner.clone();
            runner.run(options(self.inner.insert_all(rows)).into_future())
        }

        /// Changes rows by their keys, each as its changeset says.
        ///
        /// # Errors
        ///
        /// Kind `StaleData` where a row is not there; `Unsupported` for a table with a version; otherwise the first error of the database.
        pub fn bulk_update<E: Entity, K: Key, C: Changeset<E>>(
            &mut self,
            rows: impl IntoIterator<Item = (K, C), IntoIter: Send>,
        ) -> Result<Executed> {
            self.runner.run(self.inner.bulk_update::<E, K, C>(rows))
        }

        /// Takes the state of an object over: onto the one with this key, or as a new one.
        ///
        /// # Errors
        ///
        /// An error of the database.
        pub fn merge<E: Entity>(&mut self, new: impl Related<E>) -> Result<Obj<E>> {
            self.runner.run(self.inner.merge(new))
        }

        /// As `merge`, for many at once.
        ///
        /// # Errors
        ///
        /// As `merge`.
        pub fn merge_all<E: Entity, R: Related<E>>(
            &mut self,
            new: impl IntoIterator<Item = R>,
        ) -> Result<Vec<Obj<E>>> {
            self.runner.run(self.inner.merge_all(new))
        }

        /// Loads a relation of an object, unless it is loaded.
        ///
        /// ```
        /// # use aludel::doc::*;
        /// # aludel::doc::run_blocking(|engine| {
        /// let mut session = engine.session();
        /// let doc = session.get_one::<Document>(1)?;
        /// session.load(doc, Document::OWNER)?; // SELECT … FROM users WHERE users.id = ?
        /// assert_eq!(session.view(doc).owner()?.email, "sam@example.org");
        /// # Ok(()) });
        /// ```
        ///
        /// # Errors
        ///
        /// An error of the database, or of kind `Decode`.
        #[track_caller]
        pub fn load<E: Entity, T: Entity, K: Kind>(
            &mut self,
            object: Obj<E>,
            relation: Relation<E, T, K>,
        ) -> Result<()> {
            self.runner.run(self.inner.load(object, relation))
        }

        /// Loads a relation of many objects in one statement, of those of which it is not loaded.
        ///
        /// # Errors
        ///
        /// An error of the database, or of kind `Decode`.
        pub fn load_all<E: Entity, T: Entity, K: Kind>(
            &mut self,
            objects: impl IntoIterator<Item = Obj<E>>,
            relation: Relation<E, T, K>,
        ) -> Result<()> {
            self.runner.run(self.inner.load_all(objects, relation))
        }

        /// Executes statements that are independent of each other in one batch, and returns all their answers.
        ///
        /// # Errors
        ///
        /// The first error; the statements after it have not run.
        pub fn together<T: SessionTogether>(&mut self, statements: T) -> Result<T::Answers> {
            self.runner.run(self.inner.together(statements))
        }

        /// Sends what was changed, without committing.
        ///
        /// ```
        /// # use aludel::doc::*;
        /// # aludel::doc::run_blocking(|engine| {
        /// let mut session = engine.session();
        /// let kim = session.add(User::builder().email("kim@example.org"));
        /// session.flush()?; // BEGIN; INSERT INTO users (email) VALUES (?)
        /// assert_eq!(session[kim].id, 3); // dropped without a commit, it is gone again
        /// # Ok(()) });
        /// ```
        ///
        /// # Errors
        ///
        /// An error of the database; kind `StaleData` where a row is not there any more.
        pub fn flush(&mut self) -> Result<()> {
            self.runner.run(self.inner.flush())
        }

        /// Begins a part of the transaction that can be rolled back by itself, in the database and in memory.
        ///
        /// # Errors
        ///
        /// As `flush`, which comes first.
        pub fn begin_nested(&mut self) -> Result<NestedSession<'_>> {
            let inner = self.runner.run(self.inner.begin_nested())?;
            Ok(NestedSession { inner, runner: self.runner.clone() })
        }

        /// Turns autoflush off for as long as what comes back is there.
        pub fn no_autoflush(&mut self) -> NoAutoflush<'_> {
            NoAutoflush { inner: self.inner.no_autoflush(), runner: self.runner.clone() }
        }

        /// Changes how statements run for as long as what comes back is there.
        pub fn statement_options(
            &mut self,
            options: impl FnOnce(StatementOptions) -> StatementOptions,
        ) -> SessionOptionsGuard<'_> {
            SessionOptionsGuard { inner: self.inner.statement_options(options), runner: self.runner.clone() }
        }
    };
}

impl Session {
    pub(super) fn new(inner: crate::Session, runner: Runner) -> Self {
        Self { inner, runner }
    }

    session!();

    /// Flushes and commits.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let mut session = engine.session();
    /// let user = session.add(User::builder().email("kim@example.org"));
    /// session.commit()?; // BEGIN; INSERT INTO users …; COMMIT
    /// session[user].name = Some("Kim".to_owned());
    /// session.commit()?; // BEGIN; UPDATE users SET name = ? WHERE id = ?; COMMIT
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As `flush`; kind `CommitOutcomeUnknown` where the connection was lost before the answer came.
    pub fn commit(&mut self) -> Result<()> {
        self.runner.run(self.inner.commit())
    }

    /// Rolls back: objects return to what was last committed.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let mut session = engine.session();
    /// let doc = session.get_one::<Document>(1)?;
    /// session[doc].title = "A mistake".into();
    /// session.flush()?; // BEGIN; UPDATE documents SET title = ? WHERE id = ?
    /// session.rollback()?; // ROLLBACK
    /// assert_eq!(session[doc].title, "Draft"); // in memory too
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Where the connection is lost; the database rolls back then by itself.
    pub fn rollback(&mut self) -> Result<()> {
        self.runner.run(self.inner.rollback())
    }

    /// Rolls back what was not committed, forgets all objects and gives the connection back. The session can be used again.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let mut session = engine.session();
    /// let doc = session.get_one::<Document>(1)?;
    /// session.close()?; // the handles of before are good for nothing now
    /// assert_eq!(session.state(doc), ObjectState::Detached);
    /// assert!(session.get::<Document>(1)?.is_some()); // SELECT … FROM documents WHERE documents.id = ?
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As `rollback`.
    pub fn close(&mut self) -> Result<()> {
        self.runner.run(self.inner.close())
    }

    /// Closes the session and makes it as it was when it was opened. Its hooks stay.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let mut session = engine.session();
    /// session.add(User::builder().email("kim@example.org"));
    /// session.flush()?; // BEGIN; INSERT INTO users …
    /// session.reset()?; // ROLLBACK
    /// assert_eq!((session.query_count(), session.new().len()), (0, 0));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As `rollback`.
    pub fn reset(&mut self) -> Result<()> {
        self.runner.run(self.inner.reset())
    }
}

/// What is open is rolled back, and the connection back in the pool, when this is over.
impl Drop for Session {
    fn drop(&mut self) {
        self.inner.report_end();
        if !std::thread::panicking() {
            // The database rolls back by itself where the connection is lost.
            let _ = self.runner.run(self.inner.close());
        }
    }
}

impl NestedSession<'_> {
    session!();

    /// Keeps what was done: it is now part of the transaction around it.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let mut session = engine.session();
    /// for email in ["kim@example.org", "sam@example.org"] {
    ///     let mut nested = session.begin_nested()?; // SAVEPOINT aludel_1
    ///     nested.add(User::builder().email(email));
    ///     if let Err(error) = nested.commit() {
    ///         println!("left out: {error}"); // Sam is there already; ROLLBACK TO SAVEPOINT aludel_1
    ///     }
    /// }
    /// session.commit()?;
    /// assert_eq!(session.scalar(select(func::count(User::ID)))?, 3);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As `flush`, which comes first.
    pub fn commit(self) -> Result<()> {
        self.runner.run(self.inner.commit())
    }

    /// Undoes what was done since it began, in the database and in memory.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let mut session = engine.session();
    /// let doc = session.get_one::<Document>(1)?;
    /// let mut nested = session.begin_nested()?;
    /// nested[doc].title = "A mistake".into();
    /// nested.flush()?; // SAVEPOINT aludel_1; UPDATE documents SET title = ? WHERE id = ?
    /// nested.rollback()?; // ROLLBACK TO SAVEPOINT aludel_1
    /// assert_eq!(session[doc].title, "Draft");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Where the connection is lost.
    pub fn rollback(self) -> Result<()> {
        self.runner.run(self.inner.rollback())
    }
}

impl NoAutoflush<'_> {
    session!();
}

impl SessionOptionsGuard<'_> {
    session!();
}

macro_rules! deref {
    ($($session:ty),*) => {$(
        /// What needs no waiting: `add`, `delete`, `view`, `session[object]` and all else that sends nothing.
        impl Deref for $session {
            type Target = crate::Session;

            fn deref(&self) -> &crate::Session {
                &self.inner
            }
        }

        impl DerefMut for $session {
            fn deref_mut(&mut self) -> &mut crate::Session {
                &mut self.inner
            }
        }
    )*};
}

deref!(Session, NestedSession<'_>, NoAutoflush<'_>, SessionOptionsGuard<'_>);
