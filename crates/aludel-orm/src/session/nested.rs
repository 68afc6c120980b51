//! `begin_nested`: a part of the transaction that can be rolled back by itself, in the database and in memory.

use std::ops::{Deref, DerefMut};
use std::sync::PoisonError;

use aludel_engine::Savepoint;
use aludel_sql::{Error, ErrorKind, Result};

use super::Session;

/// A part of a session's transaction that can be rolled back by itself: a savepoint. It is the session with two more methods;
/// dropping it without `commit` rolls back to where it began.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run(async |session| {
/// for email in ["kim@example.org", "sam@example.org"] {
///     let mut nested = session.begin_nested().await?; // SAVEPOINT aludel_1
///     let user = nested.add(User::builder().email(email));
///     match nested.commit().await {
///         Ok(()) => println!("{} is user {}", session[user].email, session[user].id),
///         Err(error) => println!("left out: {error}"), // Sam is there already; ROLLBACK TO SAVEPOINT aludel_1
///     }
/// }
/// session.commit().await?; // Kim stays
/// # assert_eq!(session.scalar(select(func::count(User::ID))).await?, 3);
/// # Ok(()) });
/// ```
#[must_use = "a nested transaction that is dropped is rolled back"]
pub struct NestedSession<'s> {
    session: &'s mut Session,
    number: u32,
}

/// A savepoint of a session.
pub(super) struct Level {
    /// Its number; savepoints are numbered upwards, so that a guard knows whether its own is still there.
    number: u32,
    savepoint: Savepoint,
}

impl Session {
    /// Flushes, and begins a part of the transaction that can be rolled back by itself: a savepoint.
    ///
    /// Rolled back, memory is as it was when it began: what was added is forgotten, what was changed or deleted is back, collections
    /// hold what they held.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get_one::<Document>(1).await?;
    /// session[doc].title = "Second draft".into();
    /// let mut nested = session.begin_nested().await?; // UPDATE documents …; SAVEPOINT aludel_1
    /// nested[doc].title = "A mistake".into();
    /// nested.flush().await?; // UPDATE documents …
    /// nested.rollback().await?; // ROLLBACK TO SAVEPOINT aludel_1
    /// assert_eq!(session[doc].title, "Second draft");
    /// session.commit().await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As [`flush`](Self::flush).
    pub async fn begin_nested(&mut self) -> Result<NestedSession<'_>> {
        self.flush().await?;
        self.ensure_connection().await?;
        let (connection, ..) = self.parts();
        connection.begin_writing();
        let savepoint = connection.set_savepoint()?;
        self.savepoints_set += 1;
        let number = self.savepoints_set;
        self.levels.push(Level { number, savepoint });
        self.arenas.savepoint_set(number);
        Ok(NestedSession { session: self, number })
    }

    /// Refuses to end a transaction while a part of it is open.
    pub(super) fn check_not_nested(&self) -> Result<()> {
        if self.levels.is_empty() {
            return Ok(());
        }
        Err(Error::new(ErrorKind::State, "the session cannot be committed inside of a nested transaction")
            .help("end what `begin_nested` began first, with `nested.commit().await?` or `nested.rollback().await?`"))
    }

    /// Takes memory back to a savepoint, if that is still there.
    fn leave(&mut self, number: u32) -> Option<Savepoint> {
        let at = self.levels.iter().position(|it| it.number == number)?;
        let savepoint = self.levels[at].savepoint;
        self.levels.truncate(at);
        self.arenas.rolled_back_to(number);
        self.forget_on_commit(Some(number));
        self.keys.clear();
        self.linked.clear();
        self.failure = None;
        Some(savepoint)
    }
}

impl NestedSession<'_> {
    /// Flushes, and keeps what was done: it is part of the transaction around it from now on.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let mut nested = session.begin_nested().await?;
    /// let kim = nested.add(User::builder().email("kim@example.org"));
    /// nested.commit().await?; // SAVEPOINT aludel_1; INSERT INTO users …; its RELEASE travels with what comes next
    /// assert_eq!(session[kim].id, 3);
    /// session.rollback().await?; // ROLLBACK: with it goes all that is nested
    /// assert_eq!(session.scalar(select(func::count(User::ID))).await?, 2);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Session::flush`]; everything since it began is rolled back then. Kind `State` where the session was rolled back inside
    /// of it.
    pub async fn commit(self) -> Result<()> {
        let session = &mut *self.session;
        let Some(at) = session.levels.iter().position(|it| it.number == self.number) else {
            return Err(Error::new(
                ErrorKind::State,
                "the nested transaction is over: the session was rolled back",
            )
            .help("a rollback of the session undoes the nested transactions as well"));
        };
        // Where one of these fails, dropping the guard rolls back.
        session.flush().await?;
        let savepoint = session.levels[at].savepoint;
        session.parts().0.release_savepoint(savepoint).await?;
        session.levels.truncate(at);
        session.arenas.savepoint_released(self.number);
        Ok(())
    }

    /// Undoes what was done since it began, in the database and in memory; the transaction around it goes on.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get_one::<Document>(1).await?;
    /// let mut nested = session.begin_nested().await?;
    /// nested[doc].title = "A mistake".into();
    /// nested.flush().await?; // SAVEPOINT aludel_1; UPDATE documents SET title = ? WHERE id = ?
    /// nested.rollback().await?; // ROLLBACK TO SAVEPOINT aludel_1
    /// assert_eq!(session[doc].title, "Draft"); // in memory too
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `State` where the database has rolled back the whole transaction, as MariaDB does with the victim of a deadlock;
    /// otherwise where the connection was lost. The session must be rolled back then.
    pub async fn rollback(self) -> Result<()> {
        let session = &mut *self.session;
        let Some(savepoint) = session.leave(self.number) else { return Ok(()) };
        // If this future is dropped, nobody knows whether the database did.
        session.failure = Some("a rollback to a savepoint was not awaited to its end".into());
        match session.parts().0.roll_back_to(savepoint).await {
            Ok(()) => {
                session.failure = None;
                Ok(())
            }
            Err(error) => {
                session.failure = Some(error.what().to_owned().into());
                Err(error)
            }
        }
    }
}

impl Drop for NestedSession<'_> {
    fn drop(&mut self) {
        // After `commit` and `rollback` the savepoint is not there any more.
        if let Some(savepoint) = self.session.leave(self.number)
            && let Some(connection) =
                self.session.connection.get_mut().unwrap_or_else(PoisonError::into_inner)
        {
            connection.drop_savepoint(savepoint);
        }
    }
}

impl Deref for NestedSession<'_> {
    type Target = Session;

    fn deref(&self) -> &Session {
        self.session
    }
}

impl DerefMut for NestedSession<'_> {
    fn deref_mut(&mut self) -> &mut Session {
        self.session
    }
}
