//! What happens to transactions.

use std::fmt;
use std::time::Duration;

use aludel_sql::Error;

use super::statement_event::{Milliseconds, Token};

/// Something that happened to the transaction of a connection, or was tried.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct TransactionEvent<'a> {
    /// What it was.
    pub step: TransactionStep,
    /// The number of the connection, as in [`PoolEvent`](super::PoolEvent).
    pub connection: u64,
    /// What marks it: [`StatementOptions::logging_token`](crate::StatementOptions::logging_token).
    pub logging_token: Option<&'static str>,
    /// How long it took. BEGIN and savepoints travel with a statement and take none of their own.
    pub elapsed: Duration,
    /// What went wrong.
    pub error: Option<&'a Error>,
}

/// What happens to a transaction; the names are those of SQLAlchemy's connection events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransactionStep {
    /// BEGIN.
    Begin,
    /// COMMIT.
    Commit,
    /// ROLLBACK, also by the database or the driver because of an error.
    Rollback,
    /// SAVEPOINT.
    Savepoint,
    /// ROLLBACK TO SAVEPOINT.
    RollbackSavepoint,
    /// RELEASE SAVEPOINT.
    ReleaseSavepoint,
}

impl fmt::Display for TransactionStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Begin => "BEGIN",
            Self::Commit => "COMMIT",
            Self::Rollback => "ROLLBACK",
            Self::Savepoint => "SAVEPOINT",
            Self::RollbackSavepoint => "ROLLBACK TO SAVEPOINT",
            Self::ReleaseSavepoint => "RELEASE SAVEPOINT",
        })
    }
}

/// Writes the event on one line, as `echo` shows it: `COMMIT, 0.214 ms`.
impl fmt::Display for TransactionEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", Token(self.logging_token), self.step)?;
        if let Some(error) = self.error {
            write!(f, " failed: {}", error.kind().describe())?;
        }
        if self.elapsed.is_zero() { Ok(()) } else { write!(f, ", {}", Milliseconds(self.elapsed)) }
    }
}
