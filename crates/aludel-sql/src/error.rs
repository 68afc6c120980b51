//! The one error type of every layer: a kind to match on, and a message for the person who is stuck.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use crate::printable::Printable;

/// The result of every fallible call in Aludel.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, sorted by meaning and not by database.
///
/// The list grows; match with a `_` arm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A value that must be unique is there already.
    UniqueViolation,
    /// A foreign key names a row that does not exist, or a row that is still referred to was removed.
    ForeignKeyViolation,
    /// A required column was given no value.
    NotNullViolation,
    /// A CHECK constraint, or the length of a column, refused the row.
    CheckViolation,
    /// A validator of the program refused a value, before anything was sent.
    Validation,
    /// A row outside of the scope of its engine was to be written.
    Scope,
    /// The database could not serialize concurrent transactions; run the whole transaction again.
    Serialization,
    /// The transaction was chosen as the victim of a deadlock; run the whole transaction again.
    Deadlock,
    /// A statement or a lock took longer than allowed.
    Timeout,
    /// No connection became free in time.
    PoolTimeout,
    /// The connection to the database was lost.
    Disconnected,
    /// The connection was lost during COMMIT: the transaction may or may not have been kept.
    CommitOutcomeUnknown,
    /// A unit of work ended without commit although it had written.
    NotCommitted,
    /// A row that was to be changed or deleted is not there any more, or was changed by somebody else.
    StaleData,
    /// A row that must exist does not.
    NotFound,
    /// One row was asked for and there are several.
    MultipleFound,
    /// A relation was read that was never loaded.
    NotLoaded,
    /// The dialect has no form for this construct.
    Unsupported,
    /// A statement cannot be compiled: for instance a column of a table that is not in FROM.
    Compile,
    /// A value from the database does not fit the type it was asked as.
    Decode,
    /// A value cannot be sent to the database.
    Encode,
    /// The database URL is wrong.
    Url,
    /// The configuration is wrong.
    Config,
    /// The user or password was refused, or the way of authentication is not allowed.
    Authentication,
    /// A schema cannot be built or changed.
    Schema,
    /// A migration cannot be run.
    Migration,
    /// The session or transaction is in a state that does not allow this call.
    State,
    /// Something was to be written where only reading is allowed.
    ReadOnly,
    /// A statement gave more rows than may be fetched at once.
    TooManyRows,
    /// The server sent something that its protocol does not allow.
    Protocol,
    /// An error of the database that has no kind of its own; see [`Error::code`].
    Database,
}

impl ErrorKind {
    /// Returns the words that open an error message of this kind.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::UniqueViolation => "unique violation",
            Self::ForeignKeyViolation => "foreign key violation",
            Self::NotNullViolation => "not null violation",
            Self::CheckViolation => "check violation",
            Self::Validation => "a value is not valid",
            Self::Scope => "outside of the scope",
            Self::Serialization => "serialization failure",
            Self::Deadlock => "deadlock",
            Self::Timeout => "timeout",
            Self::PoolTimeout => "no connection became free in time",
            Self::Disconnected => "connection lost",
            Self::CommitOutcomeUnknown => "the outcome of COMMIT is unknown",
            Self::NotCommitted => "not committed",
            Self::StaleData => "stale data",
            Self::NotFound => "not found",
            Self::MultipleFound => "more than one row found",
            Self::NotLoaded => "not loaded",
            Self::Unsupported => "unsupported",
            Self::Compile => "the statement cannot be compiled",
            Self::Decode => "a value cannot be decoded",
            Self::Encode => "a value cannot be sent",
            Self::Url => "wrong database URL",
            Self::Config => "wrong configuration",
            Self::Authentication => "authentication failed",
            Self::Schema => "wrong schema",
            Self::Migration => "migration failed",
            Self::State => "not allowed in this state",
            Self::ReadOnly => "read-only",
            Self::TooManyRows => "too many rows",
            Self::Protocol => "protocol error",
            Self::Database => "database error",
        }
    }
}

/// An error of Aludel: what happened, to what, while doing what, and what to do about it.
///
/// `Display` prints all of it over several lines; the parts can be asked for one by one. Bound values never appear.
///
/// ```
/// use aludel_sql::{Error, ErrorKind};
///
/// let error = Error::new(ErrorKind::StaleData, "UPDATE on `documents` expected to match 1 row, matched 0")
///     .doing("flushing Document#5 (changed: title)")
///     .help("another transaction changed or deleted the row; refresh it, or map a version column");
/// assert_eq!(error.kind(), ErrorKind::StaleData);
/// assert_eq!(
///     error.to_string(),
///     "stale data: UPDATE on `documents` expected to match 1 row, matched 0
///   while: flushing Document#5 (changed: title)
///   help: another transaction changed or deleted the row; refresh it, or map a version column"
/// );
/// ```
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    what: Cow<'static, str>,
    doing: Option<Cow<'static, str>>,
    help: Option<Cow<'static, str>>,
    constraint: Option<String>,
    table: Option<String>,
    column: Option<String>,
    code: Option<String>,
    sql: Option<String>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
    again: bool,
}

impl Error {
    /// Makes an error of this kind; `what` says what happened, to what.
    #[cold]
    pub fn new(kind: ErrorKind, what: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            what: what.into(),
            doing: None,
            help: None,
            constraint: None,
            table: None,
            column: None,
            code: None,
            sql: None,
            source: None,
            again: false,
        }))
    }

    /// Says what was being done. An outer layer may say it again: the innermost answer is kept.
    #[must_use]
    pub fn doing(mut self, doing: impl Into<Cow<'static, str>>) -> Self {
        self.0.doing.get_or_insert(doing.into());
        self
    }

    /// Says what the person can do about it. The first answer is kept.
    #[must_use]
    pub fn help(mut self, help: impl Into<Cow<'static, str>>) -> Self {
        self.0.help.get_or_insert(help.into());
        self
    }

    /// Names the constraint that refused the change.
    #[must_use]
    pub fn with_constraint(mut self, constraint: impl Into<String>) -> Self {
        self.0.constraint = Some(constraint.into());
        self
    }

    /// Names the table. The first answer is kept.
    #[must_use]
    pub fn with_table(mut self, table: impl Into<String>) -> Self {
        self.0.table.get_or_insert(table.into());
        self
    }

    /// Names the column.
    #[must_use]
    pub fn with_column(mut self, column: impl Into<String>) -> Self {
        self.0.column = Some(column.into());
        self
    }

    /// Gives the database's own code: SQLSTATE, or the number of SQLite and MySQL.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.0.code = Some(code.into());
        self
    }

    /// Gives the text of the statement, without values. The first answer is kept.
    #[must_use]
    pub fn with_sql(mut self, sql: impl Into<String>) -> Self {
        self.0.sql.get_or_insert_with(|| sql.into());
        self
    }

    /// Gives the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(Arc::from(source.into()));
        self
    }

    /// Returns the same error under another kind, for a layer that knows better what it means.
    #[must_use]
    pub fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// Says that running the whole transaction again may succeed, where the kind alone does not.
    #[must_use]
    pub fn retryable(mut self) -> Self {
        self.0.again = true;
        self
    }

    /// Returns the kind, for `match`.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns what happened, in one sentence.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.0.what
    }

    /// Returns what was being done.
    #[must_use]
    pub fn context(&self) -> Option<&str> {
        self.0.doing.as_deref()
    }

    /// Returns what can be done about it.
    #[must_use]
    pub fn advice(&self) -> Option<&str> {
        self.0.help.as_deref()
    }

    /// Returns the name of the constraint, where the database tells it.
    ///
    /// SQLite tells it for CHECK only; for the foreign keys and unique keys of mapped tables Aludel fills it in from the
    /// model.
    #[must_use]
    pub fn constraint(&self) -> Option<&str> {
        self.0.constraint.as_deref()
    }

    /// Returns the table, where it is known.
    #[must_use]
    pub fn table(&self) -> Option<&str> {
        self.0.table.as_deref()
    }

    /// Returns the column, where it is known.
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        self.0.column.as_deref()
    }

    /// Returns the database's own code: the SQLSTATE of PostgreSQL, the number of SQLite, MariaDB and MySQL.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// Returns the text of the statement, without values.
    #[must_use]
    pub fn sql(&self) -> Option<&str> {
        self.0.sql.as_deref()
    }

    /// Tells whether running the whole transaction again may succeed.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.0.again || matches!(self.0.kind, ErrorKind::Serialization | ErrorKind::Deadlock)
    }

    /// Tells whether the connection is gone.
    #[must_use]
    pub fn is_disconnect(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Disconnected | ErrorKind::CommitOutcomeUnknown)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, what, doing, help, sql, .. } = &*self.0;
        write!(f, "{}: {}", kind.describe(), Printable::lines(what))?;
        for (label, text) in [("while", doing.as_deref()), ("sql", sql.as_deref()), ("help", help.as_deref())]
        {
            if let Some(text) = text {
                write!(f, "\n  {label}: {}", Printable::lines(text))?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        if let Some(source) = &self.0.source {
            write!(f, "\n  cause: {}", Printable::lines(&source.to_string()))?;
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
