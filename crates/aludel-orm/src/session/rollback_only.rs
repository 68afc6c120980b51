//! A session that keeps nothing: for tests.
//!
//! All that it does is one transaction. A commit only sets a savepoint, to which the next rollback goes back: SQLAlchemy's session that has joined
//! an external transaction, with `join_transaction_mode = "create_savepoint"`.

use std::sync::PoisonError;

use aludel_engine::driver::End;
use aludel_sql::Result;

use super::{Session, flush};

impl Session {
    /// Makes everything since the last savepoint stay, for as long as the transaction is there.
    pub(super) async fn commit_to_savepoint(&mut self) -> Result<()> {
        flush::flush(self, End::Open).await?;
        if let Some(savepoint) = self.kept_until.take() {
            let (connection, ..) = self.parts();
            connection.release_savepoint(savepoint).await?;
            self.kept_until = Some(connection.set_savepoint()?);
        }
        self.arenas.committed();
        Ok(())
    }

    /// Goes back to where the last commit was.
    pub(super) async fn roll_back_to_commit(&mut self) -> Result<()> {
        let Some(savepoint) = self.kept_until.take() else { return Ok(()) };
        let (connection, ..) = self.parts();
        connection.roll_back_to(savepoint).await?;
        self.kept_until = Some(connection.set_savepoint()?);
        Ok(())
    }

    /// Begins the transaction with the next statement, on a connection that was just borrowed.
    pub(super) fn begin_for_good(&mut self) -> Result<()> {
        if self.options.rollback_only {
            let connection = self.connection.get_mut().unwrap_or_else(PoisonError::into_inner);
            if let Some(connection) = connection {
                connection.begin_writing();
                self.kept_until = Some(connection.set_savepoint()?);
            }
        }
        Ok(())
    }
}
