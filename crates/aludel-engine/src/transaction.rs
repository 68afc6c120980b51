//! A transaction of a connection.

use std::ops::{Deref, DerefMut};

use aludel_sql::{Error, ErrorKind, Result};

use crate::connection::Connection;
use crate::driver::{End, Status};
use crate::execution_options::TransactionOptions;
use crate::statement_options::StatementOptions;

/// An open transaction. It is a connection with two more methods; dropping it without `commit` rolls back.
///
/// The rollback of a dropped transaction travels with whatever the connection does next, or happens before the connection
/// goes back to the pool.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run_core(async |conn| {
/// let mut tx = conn.begin().await?;
/// tx.execute(update(Document).filter(Document::ID.eq(1)).set(Document::OWNER_ID, 2)).await?; // BEGIN; UPDATE documents …
/// tx.execute(update(Document).filter(Document::ID.eq(3)).set(Document::OWNER_ID, 1)).await?; // UPDATE documents …
/// tx.commit().await?; // COMMIT: both or neither
/// # Ok(()) });
/// ```
#[must_use = "a transaction that is dropped is rolled back"]
#[derive(Debug)]
pub struct Transaction<'c> {
    conn: &'c mut Connection,
    open: bool,
    /// How the connection's statements run outside of it.
    before: StatementOptions,
}

impl<'c> Transaction<'c> {
    pub(crate) async fn begin(conn: &'c mut Connection, options: TransactionOptions) -> Result<Self> {
        let begin = options.begin()?;
        conn.settle().await?;
        if conn.in_transaction() {
            return Err(Error::new(ErrorKind::State, "a transaction is open on this connection already")
                .help("commit it or roll it back first, or begin a nested one: `tx.begin_nested().await?`"));
        }
        if conn.status() != Status::Idle {
            return Err(Error::new(ErrorKind::State, "the connection cannot begin a transaction")
                .help("a statement on it was not finished; drop the connection and take another"));
        }
        conn.begin_with_next(begin);
        let before = *conn.options.for_statements();
        conn.set_statement_options(options.statements);
        Ok(Self { conn, open: true, before })
    }

    /// Commits.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let mut tx = conn.begin().await?;
    /// tx.execute(insert(User).values([User::builder().email("kim@example.org")])).await?; // BEGIN; INSERT INTO users …
    /// tx.commit().await?; // COMMIT
    /// assert_eq!(conn.scalar(select(func::count(User::ID))).await?, 3);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Where the database refuses, nothing was kept; kind `CommitOutcomeUnknown` where the connection was lost before the
    /// answer came.
    pub async fn commit(mut self) -> Result<()> {
        // Where that fails, dropping it rolls back.
        self.conn.end(End::Commit).await?;
        self.open = false;
        Ok(())
    }

    /// Rolls back.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let mut tx = conn.begin().await?;
    /// tx.execute(delete(Document)).await?; // BEGIN; DELETE FROM documents
    /// tx.rollback().await?; // ROLLBACK
    /// assert_eq!(conn.scalar(select(func::count(Document::ID))).await?, 3);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Where the connection is lost; the database rolls back then by itself.
    pub async fn rollback(mut self) -> Result<()> {
        self.conn.end(End::Rollback).await?;
        self.open = false;
        Ok(())
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        self.conn.set_statement_options(self.before);
        if self.open {
            self.conn.abandoned = true;
        }
    }
}

impl Deref for Transaction<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.conn
    }
}

impl DerefMut for Transaction<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        self.conn
    }
}
