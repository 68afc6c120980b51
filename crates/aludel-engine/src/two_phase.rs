//! Two-phase commit: a transaction that is prepared on this database, and committed when all others are prepared too.

use std::ops::{Deref, DerefMut};

use aludel_sql::{Error, ErrorKind, Result, ValueRef};

use crate::connection::Connection;
use crate::driver::{Begin, End, Flow, RowSink, Statement};

impl Connection {
    /// Begins a transaction that can be prepared: its outcome is decided later, by whoever coordinates several databases.
    ///
    /// PostgreSQL (where `max_prepared_transactions` allows it), MariaDB and MySQL. The name must be one that no other such transaction has:
    /// 1 to 64 letters, digits and `_ - . :`.
    ///
    /// ```no_run
    /// # use aludel::prelude::*;
    /// # async fn example(orders: Engine, stock: Engine) -> aludel::Result<()> {
    /// let (mut orders, mut stock) = (orders.connect().await?, stock.connect().await?);
    /// let mut ordered = orders.begin_two_phase("order-7").await?;
    /// let mut taken = stock.begin_two_phase("order-7-stock").await?;
    /// ordered.run_plain(&["INSERT INTO orders (id) VALUES (7)"]).await?;
    /// taken.run_plain(&["UPDATE stock SET pieces = pieces - 1"]).await?;
    /// let (ordered, taken) = (ordered.prepare().await?, taken.prepare().await?); // neither can fail any more
    /// ordered.commit().await?;
    /// taken.commit().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` on SQLite, kind `State` where a transaction is open already.
    pub async fn begin_two_phase(&mut self, name: &str) -> Result<TwoPhaseTransaction<'_>> {
        let words = self.engine().dialect().two_phase()?;
        let name = literal(name)?;
        self.settle().await?;
        if self.in_transaction() {
            return Err(Error::new(ErrorKind::State, "a transaction is open on this connection already")
                .help("commit it or roll it back first"));
        }
        match words.begin {
            None => self.begin_with_next(Begin { write: true, ..Begin::default() }),
            Some(begin) => {
                self.run_plain(&[&format!("{begin}{name}")]).await?;
                self.two_phase = Some(name.clone().into());
            }
        }
        Ok(TwoPhaseTransaction { conn: Some(self), name })
    }

    /// Commits a transaction that was prepared, maybe by a program that is gone.
    ///
    /// On MariaDB and MySQL this works once the connection that has prepared it is closed.
    ///
    /// ```no_run
    /// # async fn example(engine: aludel::Engine) -> aludel::Result<()> {
    /// let mut conn = engine.connect().await?;
    /// conn.commit_prepared("order-7").await?; // COMMIT PREPARED 'order-7'; on MariaDB and MySQL XA COMMIT 'order-7'
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// An error of the database where no such transaction is prepared.
    pub async fn commit_prepared(&mut self, name: &str) -> Result<()> {
        let sql = format!("{}{}", self.engine().dialect().two_phase()?.commit, literal(name)?);
        self.run_plain(&[&sql]).await
    }

    /// Rolls back a transaction that was prepared, maybe by a program that is gone.
    ///
    /// ```no_run
    /// # async fn example(engine: aludel::Engine) -> aludel::Result<()> {
    /// let mut conn = engine.connect().await?;
    /// conn.rollback_prepared("order-7").await?; // ROLLBACK PREPARED 'order-7'; on MariaDB and MySQL XA ROLLBACK 'order-7'
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`commit_prepared`](Self::commit_prepared).
    pub async fn rollback_prepared(&mut self, name: &str) -> Result<()> {
        let sql = format!("{}{}", self.engine().dialect().two_phase()?.rollback, literal(name)?);
        self.run_plain(&[&sql]).await
    }

    /// Returns the names of the transactions that are prepared and wait for their outcome: what a coordinator asks after a crash.
    ///
    /// ```no_run
    /// # async fn example(engine: aludel::Engine, was_decided: impl Fn(&str) -> bool) -> aludel::Result<()> {
    /// let mut conn = engine.connect().await?;
    /// for name in conn.recover_two_phase().await? {
    ///     if was_decided(&name) {
    ///         conn.commit_prepared(&name).await?;
    ///     } else {
    ///         conn.rollback_prepared(&name).await?;
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` on SQLite.
    pub async fn recover_two_phase(&mut self) -> Result<Vec<String>> {
        let words = self.engine().dialect().two_phase()?;
        let mut names = Names { column: words.recover_column, names: Vec::new() };
        self.run(&[Statement::plain(words.recover)], End::Open, &mut names).await?;
        Ok(names.names)
    }
}

/// Writes the name as SQL. Only characters that mean the same in every literal are taken.
fn literal(name: &str) -> Result<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.:".contains(c);
    if (1..=64).contains(&name.len()) && name.chars().all(is_plain) {
        return Ok(format!("'{name}'"));
    }
    Err(Error::new(ErrorKind::Encode, "the name of a two-phase transaction is not plain")
        .help("it has 1 to 64 letters, digits and `_ - . :`"))
}

/// A transaction that can be prepared. It is a connection with more methods; dropped, it is rolled back.
#[must_use = "a transaction that is dropped is rolled back"]
#[derive(Debug)]
pub struct TwoPhaseTransaction<'c> {
    /// There until it is prepared, or over.
    conn: Option<&'c mut Connection>,
    /// As SQL has it.
    name: String,
}

/// Only methods that consume the transaction take the connection.
const OVER: &str = "a transaction that is over cannot be reached";

impl<'c> TwoPhaseTransaction<'c> {
    /// Prepares: the database keeps what was done, whatever happens, and waits for the outcome.
    ///
    /// ```no_run
    /// # async fn example(engine: aludel::Engine) -> aludel::Result<()> {
    /// let mut conn = engine.connect().await?;
    /// let mut tx = conn.begin_two_phase("order-7").await?;
    /// tx.run_plain(&["INSERT INTO orders (id) VALUES (7)"]).await?;
    /// let prepared = tx.prepare().await?; // PREPARE TRANSACTION 'order-7'; on MariaDB and MySQL XA END …; XA PREPARE …
    /// prepared.commit().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Where the database refuses, nothing was kept. Where the connection is lost, [`recover_two_phase`](Connection::recover_two_phase)
    /// tells whether it was prepared.
    pub async fn prepare(mut self) -> Result<PreparedTransaction<'c>> {
        let conn = self.conn.as_deref_mut().expect(OVER);
        let words = conn.engine().dialect().two_phase()?;
        conn.check_not_failed()?;
        let sql: Vec<String> = words.prepare.iter().map(|it| format!("{it}{}", self.name)).collect();
        let sql: Vec<&str> = sql.iter().map(String::as_str).collect();
        conn.run_plain(&sql).await?;
        // The connection is done with it.
        conn.begin = None;
        conn.two_phase = None;
        if words.begin.is_some() {
            // It belongs to the connection until that is closed, or its outcome is known.
            conn.invalidate();
        }
        let conn = self.conn.take().expect(OVER);
        Ok(PreparedTransaction { conn, name: std::mem::take(&mut self.name) })
    }

    /// Rolls back.
    ///
    /// ```no_run
    /// # async fn example(engine: aludel::Engine) -> aludel::Result<()> {
    /// let mut conn = engine.connect().await?;
    /// let mut tx = conn.begin_two_phase("order-7").await?;
    /// tx.run_plain(&["INSERT INTO orders (id) VALUES (7)"]).await?;
    /// tx.rollback().await?; // ROLLBACK: nothing is left of the name either
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Where the connection is lost; the database rolls back then by itself.
    pub async fn rollback(mut self) -> Result<()> {
        let conn = self.conn.take().expect(OVER);
        conn.abandoned = true;
        conn.settle().await
    }
}

impl Drop for TwoPhaseTransaction<'_> {
    fn drop(&mut self) {
        if let Some(conn) = &mut self.conn {
            conn.abandoned = true;
        }
    }
}

impl Deref for TwoPhaseTransaction<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.conn.as_deref().expect(OVER)
    }
}

impl DerefMut for TwoPhaseTransaction<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        self.conn.as_deref_mut().expect(OVER)
    }
}

/// A transaction that is prepared. Dropped, it stays prepared: somebody has to commit it or roll it back by its name.
#[must_use = "a transaction that is dropped stays prepared, and holds its locks"]
#[derive(Debug)]
pub struct PreparedTransaction<'c> {
    conn: &'c mut Connection,
    name: String,
}

impl PreparedTransaction<'_> {
    /// Commits.
    ///
    /// ```no_run
    /// # async fn example(engine: aludel::Engine) -> aludel::Result<()> {
    /// let mut conn = engine.connect().await?;
    /// let prepared = conn.begin_two_phase("order-7").await?.prepare().await?;
    /// prepared.commit().await?; // COMMIT PREPARED 'order-7'
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Where the connection is lost, it may still be prepared: [`recover_two_phase`](Connection::recover_two_phase) tells.
    pub async fn commit(self) -> Result<()> {
        let sql = format!("{}{}", self.conn.engine().dialect().two_phase()?.commit, self.name);
        self.conn.run_plain(&[&sql]).await
    }

    /// Rolls back.
    ///
    /// ```no_run
    /// # async fn example(engine: aludel::Engine) -> aludel::Result<()> {
    /// let mut conn = engine.connect().await?;
    /// let prepared = conn.begin_two_phase("order-7").await?.prepare().await?;
    /// prepared.rollback().await?; // ROLLBACK PREPARED 'order-7': another database has refused
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`commit`](Self::commit).
    pub async fn rollback(self) -> Result<()> {
        let sql = format!("{}{}", self.conn.engine().dialect().two_phase()?.rollback, self.name);
        self.conn.run_plain(&[&sql]).await
    }
}

/// Keeps one column of the rows, as text.
struct Names {
    column: usize,
    names: Vec<String>,
}

impl RowSink for Names {
    fn row(&mut self, _: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        match cells.get(self.column) {
            Some(ValueRef::Text(name)) => self.names.push((*name).to_owned()),
            Some(ValueRef::Blob(name)) => self.names.push(String::from_utf8_lossy(name).into_owned()),
            _ => {
                return Err(Error::new(
                    ErrorKind::Decode,
                    "the list of prepared transactions has another form",
                ));
            }
        }
        Ok(Flow::More)
    }
}
