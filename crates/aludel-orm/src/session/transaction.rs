//! The transaction of a session: flush, commit, rollback, and the connection that they need.

use std::sync::PoisonError;

use aludel_engine::Connection;
use aludel_engine::driver::{Discard, End};
use aludel_sql::{Error, ErrorKind, Result};

use super::arenas::Arenas;
use super::query::Access;
use super::temporary_keys::TemporaryKeys;
use super::{Session, flush};

impl Session {
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
    /// changed is not there any more. What is refused before anything is sent (kind `Validation`, say) leaves the session as the program
    /// left it: mended, it is flushed again.
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
    /// `CommitOutcomeUnknown` where the connection was lost before the answer to COMMIT came. Kind `State` inside of a nested
    /// transaction.
    pub async fn commit(&mut self) -> Result<()> {
        self.check_not_nested()?;
        self.before_commit()?;
        self.flush_what_hooks_add().await?;
        if self.options.rollback_only {
            self.commit_to_savepoint().await?;
            self.report_commit();
        } else {
            flush::flush(self, End::Commit).await?;
            self.arenas.committed();
            self.report_commit();
            self.give_back().await;
        }
        self.single_reads.clear();
        self.after_commit();
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
        let in_transaction = connection.as_ref().is_some_and(|it| it.in_transaction());
        self.arenas.rolled_back(in_transaction);
        self.keys.clear();
        self.linked.clear();
        self.levels.clear();
        self.single_reads.clear();
        self.failure = None;
        self.wrote = false;
        self.forget_on_commit(None);
        let rolled_back = if self.options.rollback_only {
            self.roll_back_to_commit().await
        } else {
            self.roll_back_all().await
        };
        self.after_rollback();
        rolled_back
    }

    /// Ends the transaction and gives the connection back.
    async fn roll_back_all(&mut self) -> Result<()> {
        self.kept_until = None;
        let Some(mut connection) = self.take_connection() else { return Ok(()) };
        let rolled_back = connection.run(&[], End::Rollback, &mut Discard::default()).await;
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
        let mut rolled_back = self.rollback().await;
        if self.options.rollback_only {
            rolled_back = self.roll_back_all().await;
        }
        self.arenas.iter_mut().for_each(|it| it.clear());
        rolled_back
    }

    /// Closes the session and makes it as it was when it was opened: no objects, no statements counted, the budget it had. Its hooks stay.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// session.add(User::builder().email("kim@example.org"));
    /// session.flush().await?; // BEGIN; INSERT INTO users …
    /// session.reset().await?; // ROLLBACK
    /// assert_eq!(session.query_count(), 0);
    /// assert_eq!(session.scalar(select(func::count(User::ID))).await?, 2);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As [`rollback`](Self::rollback).
    pub async fn reset(&mut self) -> Result<()> {
        let closed = self.close().await;
        self.statements = 0;
        self.budget = self.options.max_queries;
        closed
    }

    pub(super) fn check_usable(&self) -> Result<()> {
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

    pub(super) fn take_connection(&mut self) -> Option<Box<Connection>> {
        self.connection.get_mut().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Borrows a connection from the pool, if there is none yet.
    pub(super) async fn ensure_connection(&mut self) -> Result<()> {
        let connection = self.connection.get_mut().unwrap_or_else(PoisonError::into_inner);
        if connection.is_some() {
            return Ok(());
        }
        let connection = connection.insert(Box::new(self.engine.connect_at(self.opened_at).await?));
        connection.set_statement_options(self.statement_options);
        if self.options.writes_first {
            connection.begin_writing();
        }
        self.begin_for_good()
    }

    /// Lets the next statement begin a transaction, if it needs one.
    pub(super) fn begin(&mut self, access: Access) {
        self.wrote |= access == Access::Writes;
        if access != Access::Reads {
            self.parts().0.begin_writing();
        }
    }

    pub(super) async fn give_back(&mut self) {
        if let Some(connection) = self.take_connection() {
            connection.release().await;
        }
    }

    pub(super) fn count_statements(&mut self, statements: u64) -> Result<()> {
        self.statements += statements;
        match self.budget {
            Some(max) if self.statements > max => Err(Error::new(
                ErrorKind::State,
                format!("the session may send {max} statements, and this is one more"),
            )
            .help("load relations up front with `selectinload`, or raise `max_queries`")),
            _ => Ok(()),
        }
    }

    /// Splits the session into its connection and its objects. There must be a connection.
    pub(super) fn parts(&mut self) -> (&mut Connection, &mut Arenas, &mut TemporaryKeys) {
        self.linked.forget_holders();
        let connection = self.connection.get_mut().unwrap_or_else(PoisonError::into_inner).as_deref_mut();
        (connection.expect("a connection was borrowed before"), &mut self.arenas, &mut self.keys)
    }
}
