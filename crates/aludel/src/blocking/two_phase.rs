//! Transactions in two phases.

use aludel_engine::blocking::Runner;
use aludel_sql::Result;

use super::statements::statements;

/// A transaction that can be prepared, as [`aludel::TwoPhaseTransaction`](crate::TwoPhaseTransaction).
#[must_use = "a transaction that is dropped is rolled back"]
pub struct TwoPhaseTransaction<'c> {
    pub(super) inner: aludel_engine::TwoPhaseTransaction<'c>,
    pub(super) runner: Runner,
}

impl TwoPhaseTransaction<'_> {
    fn inner(&mut self) -> &mut aludel_engine::Connection {
        &mut self.inner
    }

    statements!();

    /// Rolls back.
    ///
    /// ```no_run
    /// # fn example(engine: aludel::blocking::Engine) -> aludel::Result<()> {
    /// let mut conn = engine.connect()?;
    /// let mut tx = conn.begin_two_phase("order-7")?;
    /// tx.run_plain(&["INSERT INTO orders (id) VALUES (7)"])?;
    /// tx.rollback()?; // ROLLBACK: nothing is left of the name either
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Where the connection is lost; the database rolls back then by itself.
    pub fn rollback(self) -> Result<()> {
        self.runner.run(self.inner.rollback())
    }
}

impl<'c> TwoPhaseTransaction<'c> {
    /// Prepares: the database keeps what was done, whatever happens, and waits for the outcome.
    ///
    /// ```no_run
    /// # fn example(engine: aludel::blocking::Engine) -> aludel::Result<()> {
    /// let mut conn = engine.connect()?;
    /// let mut tx = conn.begin_two_phase("order-7")?;
    /// tx.run_plain(&["INSERT INTO orders (id) VALUES (7)"])?;
    /// tx.prepare()?.commit()?; // PREPARE TRANSACTION 'order-7'; COMMIT PREPARED 'order-7'
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Where the database refuses, nothing was kept.
    pub fn prepare(self) -> Result<PreparedTransaction<'c>> {
        let inner = self.runner.run(self.inner.prepare())?;
        Ok(PreparedTransaction { inner, runner: self.runner })
    }
}

/// A transaction that is prepared, as [`aludel::PreparedTransaction`](crate::PreparedTransaction). Dropped, it stays prepared.
#[must_use = "a transaction that is dropped stays prepared, and holds its locks"]
pub struct PreparedTransaction<'c> {
    pub(super) inner: aludel_engine::PreparedTransaction<'c>,
    pub(super) runner: Runner,
}

impl PreparedTransaction<'_> {
    /// Commits.
    ///
    /// ```no_run
    /// # fn example(engine: aludel::blocking::Engine) -> aludel::Result<()> {
    /// let mut conn = engine.connect()?;
    /// let prepared = conn.begin_two_phase("order-7")?.prepare()?;
    /// prepared.commit()?; // COMMIT PREPARED 'order-7'
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Where the connection is lost, it may still be prepared.
    pub fn commit(self) -> Result<()> {
        self.runner.run(self.inner.commit())
    }

    /// Rolls back.
    ///
    /// ```no_run
    /// # fn example(engine: aludel::blocking::Engine) -> aludel::Result<()> {
    /// let mut conn = engine.connect()?;
    /// let prepared = conn.begin_two_phase("order-7")?.prepare()?;
    /// prepared.rollback()?; // ROLLBACK PREPARED 'order-7': another database has refused
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`commit`](Self::commit).
    pub fn rollback(self) -> Result<()> {
        self.runner.run(self.inner.rollback())
    }
}
