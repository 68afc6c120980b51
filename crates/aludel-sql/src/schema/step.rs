//! The steps that a change of a schema becomes on one database.

use std::time::Duration;

use super::TableName;
use crate::error::Result;

/// One step: what runs, and is noted as done, as one.
///
/// ```
/// use aludel_sql::schema::{Step, StepKind};
///
/// let step = Step::new("drop table users", "DROP TABLE users");
/// assert!(step.in_transaction && step.kind == StepKind::Statement);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it does, on one line.
    pub title: String,
    /// How it is run.
    pub kind: StepKind,
    /// Its statements: one, or those of a rebuild.
    pub statements: Vec<String>,
    /// Whether it may run in a transaction.
    pub in_transaction: bool,
}

/// How a step is run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StepKind {
    /// One statement.
    Statement,
    /// A table is made again under another name, its rows are copied, and it takes the place of the old one.
    Rebuild(TableName),
    /// A query for what would be in the way: one row with a count, which must be 0.
    Check,
    /// Rows are changed a batch at a time. The statements: how many rows there are to do, the end of the next batch, and the change of one,
    /// with `:after` and `:upto` for where a batch begins and ends.
    Backfill {
        /// How long to wait after each batch, in milliseconds.
        pause: u64,
    },
    /// Code of the program that runs the revision, by its name.
    Hook(String),
}

impl Step {
    /// A step of one statement.
    ///
    /// ```
    /// use aludel_sql::schema::Step;
    ///
    /// let step = Step {
    ///     in_transaction: false,
    ///     ..Step::new("create index ix_books_year", "CREATE INDEX CONCURRENTLY ix_books_year ON books (year)")
    /// };
    /// assert_eq!(step.statements.len(), 1);
    /// ```
    #[must_use]
    pub fn new(title: impl Into<String>, sql: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            kind: StepKind::Statement,
            statements: vec![sql.into()],
            in_transaction: true,
        }
    }
}

/// How to find out, after a crash, whether a statement that no transaction covers was done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Probe {
    /// Nothing tells.
    Unknown,
    /// It can be run again, whether it was done or not.
    Repeatable,
    /// A query tells.
    Ask {
        /// One row with a `BIGINT`: not 0 if it was done.
        is_done: String,
        /// What a failed attempt leaves behind, if it leaves something.
        leftover: Option<Leftover>,
    },
}

/// Something that a failed attempt leaves behind, and that is in the way of the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    /// What it is: `the invalid index ix_users_email`.
    pub what: String,
    /// A query for it, one row with a `BIGINT`: not 0 if it is there.
    pub is_there: String,
    /// The statement that removes it.
    pub remove: String,
}

/// How migrators of one database keep out of each other's way.
#[derive(Clone, Copy, Debug)]
pub struct MigrationLock {
    /// Asks for the lock without waiting: one row with a `BIGINT`, 1 if it is ours. It is ours until the connection closes.
    pub try_lock: &'static str,
    /// Whether the lock is that of a transaction, which stays open.
    pub in_transaction: bool,
    /// What is run as soon as the lock is ours, if something is.
    pub then: &'static [&'static str],
}

/// How long a migrator waits for what others use, and who they are.
#[derive(Clone, Copy, Debug)]
pub struct LockWait {
    /// The codes of the errors that say that a lock was not to be had in time.
    pub codes: &'static [&'static str],
    /// How the wait is limited; none where the URL of the database does it.
    pub limit: Option<LockLimit>,
}

/// How the wait for a lock is limited, so that those who come after it do not wait behind it.
#[derive(Clone, Copy, Debug)]
pub struct LockLimit {
    /// Writes the statements that limit the wait for a lock, and how long a statement takes in all (zero: as long as it must, whatever the
    /// connection is limited to): for the transaction that is open if the third is true, or for the connection. The last is a query for the number
    /// of the connection, one row with a `BIGINT`.
    pub statements: fn(Duration, Duration, bool) -> Vec<String>,
    /// Tells whether a statement reads and writes no rows, so that it is done in a moment unless something is wrong.
    pub is_brief: fn(&str) -> bool,
    /// Tells whether nobody waits behind this statement while it waits itself, so that it may take its time.
    pub is_patient: fn(&str) -> bool,
    /// Writes a query for those who are in the way of the connection with this number, a row each with a text.
    pub blockers: fn(i64) -> String,
    /// Whether all of them are: otherwise, they may be.
    pub is_certain: bool,
}

/// What has to be done around steps that rebuild a table.
#[derive(Clone, Copy, Debug)]
pub struct Rebuild {
    /// Statements that go before the transaction.
    pub before: &'static [&'static str],
    /// Statements that go after it, whatever its end.
    pub after: &'static [&'static str],
    /// Writes a query for the SQL of what would go with the table and is in no revision: triggers and indexes whose names are not among those
    /// that the revisions know.
    pub carried: fn(&TableName, &[String]) -> Result<String>,
    /// Writes statements that fail where there is something of the kind, for a script, which cannot carry it over.
    pub refusal: fn(&TableName, &[String]) -> Result<Vec<String>>,
    /// A query for references to rows that do not exist: child, anything, parent.
    pub check: &'static str,
}
