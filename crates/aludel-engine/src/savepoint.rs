//! Savepoints: marks in a transaction that it can be rolled back to.
//!
//! SAVEPOINT and RELEASE travel with the next statement; a savepoint that nothing was sent after is never set. Their names are numbers:
//! how deep the savepoint is nested. No text of a program gets into one.

use std::ops::{Deref, DerefMut};

use aludel_sql::{Error, ErrorKind, Result, ValueRef};

use crate::connection::Connection;
use crate::driver::{ColumnInfo, Done, Flow, RowSink};
use crate::transaction::Transaction;

/// A part of a transaction that can be rolled back by itself. It is the transaction's connection with two more methods;
/// dropping it without `commit` rolls back to where it began.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run_core(async |conn| {
/// let mut tx = conn.begin().await?;
/// for email in ["kim@example.org", "sam@example.org"] {
///     let mut nested = tx.begin_nested().await?;
///     // SAVEPOINT aludel_1; INSERT INTO users (email) VALUES (?)
///     match nested.execute(insert(User).values([User::builder().email(email)])).await {
///         Ok(_) => nested.commit().await?,      // RELEASE SAVEPOINT aludel_1
///         Err(_) => nested.rollback().await?,   // ROLLBACK TO SAVEPOINT aludel_1: the first one stays
///     }
/// }
/// tx.commit().await?;
/// assert_eq!(conn.scalar(select(func::count(User::ID))).await?, 3); // Sam was there already
/// # Ok(()) });
/// ```
#[must_use = "a nested transaction that is dropped is rolled back"]
#[derive(Debug)]
pub struct NestedTransaction<'t> {
    conn: &'t mut Connection,
    savepoint: Savepoint,
    open: bool,
}

impl Transaction<'_> {
    /// Begins a nested transaction: a savepoint. It is set when its first statement is sent.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let mut tx = conn.begin().await?;
    /// tx.execute(delete(Document).filter(Document::ID.eq(1))).await?;
    /// let mut nested = tx.begin_nested().await?;
    /// nested.execute(delete(Document)).await?; // SAVEPOINT aludel_1; DELETE FROM documents
    /// nested.rollback().await?; // ROLLBACK TO SAVEPOINT aludel_1
    /// tx.commit().await?;
    /// assert_eq!(conn.scalar(select(func::count(Document::ID))).await?, 2);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `State` where an error has ended the transaction.
    pub async fn begin_nested(&mut self) -> Result<NestedTransaction<'_>> {
        NestedTransaction::begin(self).await
    }
}

impl<'t> NestedTransaction<'t> {
    async fn begin(conn: &'t mut Connection) -> Result<Self> {
        conn.settle().await?;
        let savepoint = conn.set_savepoint()?;
        Ok(Self { conn, savepoint, open: true })
    }

    /// Begins a nested transaction in this one.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let mut tx = conn.begin().await?;
    /// let mut order = tx.begin_nested().await?;
    /// order.execute(delete(Document).filter(Document::ID.eq(1))).await?; // BEGIN; SAVEPOINT aludel_1; DELETE …
    /// let mut line = order.begin_nested().await?;
    /// line.execute(delete(Document).filter(Document::ID.eq(2))).await?; // SAVEPOINT aludel_2; DELETE …
    /// line.rollback().await?; // ROLLBACK TO SAVEPOINT aludel_2: document 2 stays
    /// order.commit().await?; // RELEASE SAVEPOINT aludel_1
    /// tx.commit().await?;
    /// assert_eq!(conn.scalar(select(func::count(Document::ID))).await?, 2);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Transaction::begin_nested`].
    pub async fn begin_nested(&mut self) -> Result<NestedTransaction<'_>> {
        NestedTransaction::begin(self.conn).await
    }

    /// Keeps what was done: it is now part of the transaction around it.
    ///
    /// RELEASE SAVEPOINT travels with the next statement, or with COMMIT.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let mut tx = conn.begin().await?;
    /// let mut nested = tx.begin_nested().await?;
    /// nested.execute(delete(Document).filter(Document::ID.eq(1))).await?; // BEGIN; SAVEPOINT aludel_1; DELETE …
    /// nested.commit().await?;
    /// tx.rollback().await?; // ROLLBACK: with it goes all that is nested
    /// assert_eq!(conn.scalar(select(func::count(Document::ID))).await?, 3);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `State` where an error has ended the transaction: it can only be rolled back.
    pub async fn commit(mut self) -> Result<()> {
        // Dropped with an error, it is rolled back.
        self.conn.release_savepoint(self.savepoint).await?;
        self.open = false;
        Ok(())
    }

    /// Undoes what was done since it began; the transaction around it goes on.
    ///
    /// It revives a transaction that an error has spoilt, on PostgreSQL too.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let mut tx = conn.begin().await?;
    /// let mut nested = tx.begin_nested().await?;
    /// let taken = insert(User).values([User::builder().email("sam@example.org")]);
    /// assert_eq!(nested.execute(taken).await.unwrap_err().kind(), ErrorKind::UniqueViolation);
    /// nested.rollback().await?; // ROLLBACK TO SAVEPOINT aludel_1
    /// tx.execute(insert(User).values([User::builder().email("kim@example.org")])).await?;
    /// tx.commit().await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `State` where the database has rolled back the whole transaction; otherwise where the connection is lost.
    pub async fn rollback(mut self) -> Result<()> {
        self.open = false;
        self.conn.roll_back_to(self.savepoint).await
    }
}

impl Drop for NestedTransaction<'_> {
    fn drop(&mut self) {
        if self.open {
            self.conn.drop_savepoint(self.savepoint);
        }
    }
}

impl Deref for NestedTransaction<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.conn
    }
}

impl DerefMut for NestedTransaction<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        self.conn
    }
}

/// Names a savepoint of a connection's transaction: what a layer with books of its own (a session) keeps instead of a guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Savepoint {
    depth: usize,
    serial: u64,
}

/// The savepoints of a connection, and what is to be said about them in front of the next statement.
#[derive(Debug, Default)]
pub(crate) struct Savepoints {
    /// Those that are set, the outermost first.
    set: Vec<Savepoint>,
    serial: u64,
    ahead: Vec<Step>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Set(usize),
    Release(usize),
    RollBackTo(usize),
}

impl Step {
    pub(crate) fn text(self) -> String {
        match self {
            Self::Set(depth) => format!("SAVEPOINT aludel_{depth}"),
            Self::Release(depth) => format!("RELEASE SAVEPOINT aludel_{depth}"),
            Self::RollBackTo(depth) => format!("ROLLBACK TO SAVEPOINT aludel_{depth}"),
        }
    }
}

impl Savepoints {
    fn set(&mut self) -> Savepoint {
        self.serial += 1;
        let savepoint = Savepoint { depth: self.set.len() + 1, serial: self.serial };
        self.set.push(savepoint);
        self.ahead.push(Step::Set(savepoint.depth));
        savepoint
    }

    /// Ends a savepoint and all in it. `true`: the database knows it, and must be told.
    fn end(&mut self, savepoint: Savepoint) -> Result<bool> {
        if self.set.get(savepoint.depth - 1) != Some(&savepoint) {
            return Err(Error::new(ErrorKind::State, "the savepoint is not there any more")
                .help("the transaction or the savepoint around it has ended; on MariaDB and MySQL CREATE, ALTER and DROP commit it"));
        }
        self.set.truncate(savepoint.depth - 1);
        match self.ahead.iter().rposition(|step| *step == Step::Set(savepoint.depth)) {
            Some(unsent) => {
                self.ahead.truncate(unsent);
                Ok(false)
            }
            None => Ok(true),
        }
    }

    /// Returns what must be sent in front of the next statement.
    pub(crate) fn take_ahead(&mut self) -> Vec<Step> {
        std::mem::take(&mut self.ahead)
    }

    /// Takes back what was not sent after all.
    pub(crate) fn put_back(&mut self, unsent: &[Step]) {
        self.ahead.splice(0..0, unsent.iter().copied());
    }

    /// Tells whether the next thing said is a rollback to a savepoint: a transaction that an error has ended goes on then.
    pub(crate) fn revives(&self) -> bool {
        self.ahead.iter().any(|step| matches!(step, Step::RollBackTo(_)))
    }

    pub(crate) fn has_ahead(&self) -> bool {
        !self.ahead.is_empty()
    }

    /// Tells whether there is nothing to forget.
    pub(crate) fn is_empty(&self) -> bool {
        self.set.is_empty() && self.ahead.is_empty()
    }

    /// Forgets all: the transaction is over.
    pub(crate) fn clear(&mut self) {
        self.set.clear();
        self.ahead.clear();
    }
}

impl Connection {
    /// Sets a savepoint in the transaction that is open or begins with the next statement: SAVEPOINT travels with that.
    ///
    /// For layers that keep books of their own; programs call [`Transaction::begin_nested`].
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// assert_eq!(conn.set_savepoint().unwrap_err().kind(), ErrorKind::State); // no transaction
    ///
    /// let mut tx = conn.begin().await?;
    /// let savepoint = tx.set_savepoint()?;
    /// tx.execute(delete(Document)).await?; // BEGIN; SAVEPOINT aludel_1; DELETE FROM documents
    /// tx.roll_back_to(savepoint).await?;
    /// tx.commit().await?;
    /// assert_eq!(conn.scalar(select(func::count(Document::ID))).await?, 3);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `State` where there is no transaction, or an error has ended it.
    pub fn set_savepoint(&mut self) -> Result<Savepoint> {
        self.check_not_failed()?;
        if !self.in_transaction() {
            return Err(Error::new(ErrorKind::State, "a savepoint needs a transaction, and none is open")
                .help("begin one first: `conn.begin().await?`"));
        }
        Ok(self.savepoints.set())
    }

    /// Releases a savepoint and all in it, keeping what was done since. RELEASE travels with the next statement.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let mut tx = conn.begin().await?;
    /// let (outer, inner) = (tx.set_savepoint()?, tx.set_savepoint()?);
    /// tx.execute(delete(Profile)).await?; // BEGIN; SAVEPOINT aludel_1; SAVEPOINT aludel_2; DELETE FROM profiles
    /// tx.release_savepoint(outer).await?;
    /// assert_eq!(tx.release_savepoint(inner).await.unwrap_err().kind(), ErrorKind::State); // it went with the outer one
    /// tx.commit().await?; // RELEASE SAVEPOINT aludel_1; COMMIT
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `State` where it is gone with its transaction, or an error has ended the transaction. What goes wrong in the rest of a stream that was
    /// dropped: the savepoint is still there then, to be rolled back to.
    pub async fn release_savepoint(&mut self, savepoint: Savepoint) -> Result<()> {
        self.settle().await?;
        self.check_not_failed()?;
        if self.savepoints.end(savepoint)? {
            self.savepoints.ahead.push(Step::Release(savepoint.depth));
        }
        Ok(())
    }

    /// Rolls back to a savepoint and releases it. This revives a transaction that an error has ended.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let mut tx = conn.begin().await?;
    /// let savepoint = tx.set_savepoint()?;
    /// let taken = insert(User).values([User::builder().email("sam@example.org")]);
    /// assert!(tx.execute(taken).await.is_err());
    /// tx.roll_back_to(savepoint).await?; // ROLLBACK TO SAVEPOINT aludel_1; RELEASE SAVEPOINT aludel_1
    /// assert_eq!(tx.scalar(select(func::count(User::ID))).await?, 2); // the transaction works again
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `State` where it is gone with its transaction; otherwise where the connection is lost.
    pub async fn roll_back_to(&mut self, savepoint: Savepoint) -> Result<()> {
        self.check_not_gone()?;
        if !self.drop_savepoint_checked(savepoint)? {
            // Nothing was sent after it.
            return Ok(());
        }
        self.settle().await?;
        self.send_ahead().await
    }

    /// Rolls back to a savepoint and releases it, with the next statement: for destructors.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let mut tx = conn.begin().await?;
    /// let savepoint = tx.set_savepoint()?;
    /// tx.execute(delete(Document)).await?;
    /// tx.drop_savepoint(savepoint); // a destructor cannot wait
    /// assert_eq!(tx.scalar(select(func::count(Document::ID))).await?, 3); // ROLLBACK TO …; RELEASE …; SELECT …
    /// # Ok(()) });
    /// ```
    pub fn drop_savepoint(&mut self, savepoint: Savepoint) {
        // If it is gone, so is what was done since.
        _ = self.drop_savepoint_checked(savepoint);
    }

    /// Tells whether there is something to be sent.
    fn drop_savepoint_checked(&mut self, savepoint: Savepoint) -> Result<bool> {
        let was_set = self.savepoints.end(savepoint)?;
        if was_set {
            let depth = savepoint.depth;
            self.savepoints.ahead.extend([Step::RollBackTo(depth), Step::Release(depth)]);
        }
        Ok(was_set)
    }
}

/// Shows a sink the statements behind those that were put in front.
pub(crate) struct Behind<'s> {
    sink: &'s mut dyn RowSink,
    ahead: usize,
    done: usize,
}

impl<'s> Behind<'s> {
    pub(crate) fn new(sink: &'s mut dyn RowSink, ahead: usize) -> Self {
        Self { sink, ahead, done: 0 }
    }

    /// Returns how many of those in front have run.
    pub(crate) fn ahead_done(&self) -> usize {
        self.done
    }
}

impl RowSink for Behind<'_> {
    fn columns(&mut self, statement: usize, columns: &[ColumnInfo<'_>]) -> Result<()> {
        match statement.checked_sub(self.ahead) {
            Some(statement) => self.sink.columns(statement, columns),
            None => Ok(()),
        }
    }

    fn row(&mut self, statement: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        match statement.checked_sub(self.ahead) {
            Some(statement) => self.sink.row(statement, cells),
            None => Ok(Flow::More),
        }
    }

    fn done(&mut self, statement: usize, done: Done) {
        match statement.checked_sub(self.ahead) {
            Some(statement) => self.sink.done(statement, done),
            None => self.done = statement + 1,
        }
    }

    fn wants_columns(&self) -> bool {
        self.sink.wants_columns()
    }
}
