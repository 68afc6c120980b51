//! Transactions and savepoints.

use std::ops::{Deref, DerefMut};

use aludel_engine::blocking::Runner;
use aludel_sql::Result;

use super::statements::statements;

/// An open transaction, as [`aludel::Transaction`](crate::Transaction). Dropping it without `commit` rolls back.
#[must_use = "a transaction that is dropped is rolled back"]
pub struct Transaction<'c> {
    pub(super) inner: aludel_engine::Transaction<'c>,
    pub(super) runner: Runner,
}

impl Transaction<'_> {
    fn inner(&mut self) -> &mut aludel_engine::Connection {
        &mut self.inner
    }

    statements!();

    /// Begins a nested transaction: a savepoint. It is set when its first statement is sent.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let mut conn = engine.connect()?;
    /// let mut tx = conn.begin()?;
    /// tx.execute(delete(Document).filter(Document::ID.eq(1)))?; // BEGIN; DELETE FROM documents WHERE documents.id = ?
    /// let mut nested = tx.begin_nested()?;
    /// nested.execute(delete(Document))?; // SAVEPOINT aludel_1; DELETE FROM documents
    /// nested.rollback()?; // ROLLBACK TO SAVEPOINT aludel_1
    /// tx.commit()?;
    /// assert_eq!(conn.scalar(select(func::count(Document::ID)))?, 2);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `State` where an error has ended the transaction.
    pub fn begin_nested(&mut self) -> Result<NestedTransaction<'_>> {
        let inner = self.runner.run(self.inner.begin_nested())?;
        Ok(NestedTransaction { inner, runner: self.runner.clone() })
    }

    /// Commits.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let mut conn = engine.connect()?;
    /// let mut tx = conn.begin()?;
    /// tx.execute(insert(User).values([User::builder().email("kim@example.org")]))?; // BEGIN; INSERT INTO users …
    /// tx.commit()?; // COMMIT
    /// assert_eq!(conn.scalar(select(func::count(User::ID)))?, 3);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Where the database refuses, nothing was kept; kind `CommitOutcomeUnknown` where the connection was lost before the answer
    /// came.
    pub fn commit(self) -> Result<()> {
        self.runner.run(self.inner.commit())
    }

    /// Rolls back.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let mut conn = engine.connect()?;
    /// let mut tx = conn.begin()?;
    /// tx.execute(delete(Document))?; // BEGIN; DELETE FROM documents
    /// tx.rollback()?; // ROLLBACK: as dropping it, but it says what went wrong
    /// assert_eq!(conn.scalar(select(func::count(Document::ID)))?, 3);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Where the connection is lost; the database rolls back then by itself.
    pub fn rollback(self) -> Result<()> {
        self.runner.run(self.inner.rollback())
    }
}

impl Deref for Transaction<'_> {
    type Target = aludel_engine::Connection;

    fn deref(&self) -> &aludel_engine::Connection {
        &self.inner
    }
}

/// A nested transaction, as [`aludel::NestedTransaction`](crate::NestedTransaction). Dropping it without `commit` rolls it back.
#[must_use = "a nested transaction that is dropped is rolled back"]
pub struct NestedTransaction<'t> {
    pub(super) inner: aludel_engine::NestedTransaction<'t>,
    pub(super) runner: Runner,
}

impl NestedTransaction<'_> {
    fn inner(&mut self) -> &mut aludel_engine::Connection {
        self.inner.deref_mut()
    }

    statements!();

    /// Begins a nested transaction in this one.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let mut conn = engine.connect()?;
    /// let mut tx = conn.begin()?;
    /// let mut order = tx.begin_nested()?;
    /// order.execute(delete(Document).filter(Document::ID.eq(1)))?; // BEGIN; SAVEPOINT aludel_1; DELETE …
    /// let mut line = order.begin_nested()?;
    /// line.execute(delete(Document).filter(Document::ID.eq(2)))?; // SAVEPOINT aludel_2; DELETE …
    /// line.rollback()?; // ROLLBACK TO SAVEPOINT aludel_2: document 2 stays
    /// order.commit()?;
    /// tx.commit()?; // RELEASE SAVEPOINT aludel_1; COMMIT
    /// assert_eq!(conn.scalar(select(func::count(Document::ID)))?, 2);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Transaction::begin_nested`].
    pub fn begin_nested(&mut self) -> Result<NestedTransaction<'_>> {
        let inner = self.runner.run(self.inner.begin_nested())?;
        Ok(NestedTransaction { inner, runner: self.runner.clone() })
    }

    /// Keeps what was done: it is now part of the transaction around it.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let mut conn = engine.connect()?;
    /// let mut tx = conn.begin()?;
    /// for email in ["kim@example.org", "sam@example.org"] {
    ///     let mut nested = tx.begin_nested()?;
    ///     if nested.execute(insert(User).values([User::builder().email(email)])).is_ok() {
    ///         nested.commit()?; // Sam was there already: that one is dropped, and rolled back
    ///     }
    /// }
    /// tx.commit()?;
    /// assert_eq!(conn.scalar(select(func::count(User::ID)))?, 3);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `State` where an error has ended the transaction: it can only be rolled back.
    pub fn commit(self) -> Result<()> {
        self.runner.run(self.inner.commit())
    }

    /// Undoes what was done since it began; the transaction around it goes on.
    ///
    /// It revives a transaction that an error has spoilt.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let mut conn = engine.connect()?;
    /// let mut tx = conn.begin()?;
    /// let mut nested = tx.begin_nested()?;
    /// assert!(nested.execute(insert(User).values([User::builder().email("sam@example.org")])).is_err());
    /// nested.rollback()?; // ROLLBACK TO SAVEPOINT aludel_1
    /// tx.execute(insert(User).values([User::builder().email("kim@example.org")]))?;
    /// tx.commit()?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `State` where the database has rolled back the whole transaction; otherwise where the connection is lost.
    pub fn rollback(self) -> Result<()> {
        self.runner.run(self.inner.rollback())
    }
}

impl Deref for NestedTransaction<'_> {
    type Target = aludel_engine::Connection;

    fn deref(&self) -> &aludel_engine::Connection {
        &self.inner
    }
}
