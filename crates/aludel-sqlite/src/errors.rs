//! What SQLite says went wrong, sorted by meaning.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use aludel_sql::{Error, ErrorKind};
use libsqlite3_sys as ffi;

/// An error of SQLite as it came: its extended code and its words.
///
/// Boxed, so that a `Result` with it is returned in registers: it passes through every bound value.
#[derive(Debug)]
pub(crate) struct Failure(Box<Answer>);

#[derive(Debug)]
struct Answer {
    code: i32,
    message: Cow<'static, str>,
}

impl Failure {
    #[cold]
    pub(crate) fn new(code: i32, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Answer { code, message: message.into() }))
    }

    /// Returns SQLite's extended code.
    pub(crate) fn code(&self) -> i32 {
        self.0.code
    }

    /// Tells whether somebody else holds a lock, so that trying again later may help.
    pub(crate) fn is_busy(&self) -> bool {
        self.code() & 0xff == ffi::SQLITE_BUSY && self.code() != ffi::SQLITE_BUSY_SNAPSHOT
    }

    /// Tells whether the statement was interrupted.
    pub(crate) fn is_interrupt(&self) -> bool {
        self.code() & 0xff == ffi::SQLITE_INTERRUPT
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::SqliteFailure(failure, message) => {
                let message = message.unwrap_or_else(|| ffi::code_to_str(failure.extended_code).to_owned());
                Self::new(failure.extended_code, message)
            }
            other => Self::new(ffi::SQLITE_ERROR, other.to_string()),
        }
    }
}

/// Why a statement stopped: SQLite's answer, or an error that is complete already.
#[derive(Debug)]
pub(crate) enum Stop {
    Failure(Failure),
    Error(Error),
}

impl Stop {
    /// Tells whether somebody else holds a lock, so that trying again later may help.
    pub(crate) fn is_busy(&self) -> bool {
        matches!(self, Self::Failure(failure) if failure.is_busy())
    }

    /// Tells whether the statement was interrupted.
    pub(crate) fn is_interrupt(&self) -> bool {
        matches!(self, Self::Failure(failure) if failure.is_interrupt())
    }

    /// Makes the error of it.
    pub(crate) fn into_error(self, place: &Place) -> Error {
        match self {
            Self::Failure(failure) => error(&failure, place),
            Self::Error(error) => error,
        }
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// Where the database is, for messages.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Memory,
    File(PathBuf),
}

impl Place {
    /// Names the database in a sentence.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Memory => "the database in memory".to_owned(),
            Self::File(path) => format!("`{}`", path.display()),
        }
    }

    fn folder(&self) -> Option<(&Path, &Path)> {
        let Self::File(path) = self else { return None };
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some((path, parent))
    }
}

/// Sorts an error of SQLite by its meaning.
#[cold]
pub(crate) fn error(failure: &Failure, place: &Place) -> Error {
    let message = failure.0.message.as_ref();
    let at = place.describe();
    let error = match failure.code() & 0xff {
        ffi::SQLITE_CONSTRAINT => constraint(failure.code(), message),
        ffi::SQLITE_BUSY if failure.code() == ffi::SQLITE_BUSY_SNAPSHOT => Error::new(
            ErrorKind::Serialization,
            "the transaction read a snapshot, and another transaction has committed since: it cannot write any more",
        )
        .help("run the whole transaction again; one that begins as a writer never meets this"),
        ffi::SQLITE_BUSY => Error::new(ErrorKind::Timeout, format!("{at} is locked: {message}"))
            .help("another program or another engine holds the lock; keep write transactions short, or raise `busy_timeout` in the URL"),
        ffi::SQLITE_INTERRUPT => Error::new(ErrorKind::Timeout, "the statement was cancelled"),
        ffi::SQLITE_READONLY => readonly(place, message),
        ffi::SQLITE_FULL => Error::new(ErrorKind::Database, format!("there is no room for {at} to grow: {message}"))
            .help("free space on the disk, or raise `PRAGMA max_page_count`; what was committed before is intact"),
        ffi::SQLITE_IOERR => Error::new(ErrorKind::Database, format!("reading or writing {at} failed: {message}"))
            .help("the operating system refused a file operation: look at the disk, its quota, and whether the file was moved"),
        ffi::SQLITE_CORRUPT => Error::new(ErrorKind::Database, format!("{at} is damaged: {message}"))
            .help("run `PRAGMA integrity_check`, and restore a backup or salvage the rows with `sqlite3 … .recover`"),
        ffi::SQLITE_NOTADB => Error::new(ErrorKind::Database, format!("{at} is not a SQLite database: {message}"))
            .help("the file holds something else, or is encrypted; check the path in the URL"),
        ffi::SQLITE_CANTOPEN => cannot_open(place, message),
        ffi::SQLITE_TOOBIG => Error::new(ErrorKind::Encode, format!("a text, a blob or the statement is too big: {message}"))
            .help("SQLite's limit is 1,000,000,000 bytes a value and a statement"),
        ffi::SQLITE_RANGE => Error::new(ErrorKind::Encode, message.to_owned()),
        ffi::SQLITE_MISMATCH => Error::new(ErrorKind::Encode, format!("the value does not fit the column: {message}"))
            .help("an INTEGER PRIMARY KEY takes integers only"),
        ffi::SQLITE_ERROR => plain(message),
        _ => Error::new(ErrorKind::Database, message.to_owned()),
    };
    error.with_code(failure.code().to_string())
}

fn constraint(code: i32, message: &str) -> Error {
    let subject = message.split_once(": ").map_or("", |(_, subject)| subject);
    match code {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
            let error = Error::new(ErrorKind::UniqueViolation, message.to_owned());
            // An index on expressions is told by its name.
            match subject.strip_prefix("index '").and_then(|name| name.strip_suffix('\'')) {
                Some(index) => error.with_constraint(index),
                None => with_columns(error, subject),
            }
        }
        // ON DELETE RESTRICT is a trigger inside of SQLite.
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY | ffi::SQLITE_CONSTRAINT_TRIGGER
            if message == "FOREIGN KEY constraint failed" => Error::new(ErrorKind::ForeignKeyViolation, message.to_owned())
            .help("the row that is referred to does not exist, or a row that is still referred to was removed; SQLite does not say which, `PRAGMA foreign_key_check` does"),
        ffi::SQLITE_CONSTRAINT_NOTNULL => with_columns(Error::new(ErrorKind::NotNullViolation, message.to_owned()), subject),
        ffi::SQLITE_CONSTRAINT_CHECK => Error::new(ErrorKind::CheckViolation, message.to_owned()).with_constraint(subject),
        // "cannot store TEXT value in INTEGER column t.a": a column of a STRICT table.
        ffi::SQLITE_CONSTRAINT_DATATYPE => {
            let error = Error::new(ErrorKind::CheckViolation, message.to_owned());
            match message.rsplit_once(" column ") {
                Some((_, column)) => with_columns(error, column),
                None => error,
            }
        }
        // RAISE in a trigger, a virtual table, a function: the words are the schema's own.
        _ => Error::new(ErrorKind::Database, message.to_owned()),
    }
}

/// Reads `t.a, t.b`.
fn with_columns(error: Error, subject: &str) -> Error {
    let mut table = None;
    let mut columns = Vec::new();
    for part in subject.split(", ") {
        let Some((of, column)) = part.rsplit_once('.') else { return error };
        table.get_or_insert(of);
        columns.push(column);
    }
    match table {
        Some(table) => error.with_table(table).with_column(columns.join(", ")),
        None => error,
    }
}

fn plain(message: &str) -> Error {
    let error = Error::new(ErrorKind::Database, message.to_owned());
    if let Some(table) = message.strip_prefix("no such table: ") {
        return error.with_table(table).help(
            "create the tables (`create_all`) or run the migrations; is the URL that of the right database?",
        );
    }
    if let Some(column) = message.strip_prefix("no such column: ") {
        let column = column.split_once(" - ").map_or(column, |(column, _)| column);
        return error.with_column(column.trim_matches('"'));
    }
    if message.starts_with("too many SQL variables") {
        return error
            .with_kind(ErrorKind::Encode)
            .help("a statement of SQLite takes at most 32,766 values: send fewer rows at once");
    }
    error
}

fn readonly(place: &Place, message: &str) -> Error {
    Error::new(ErrorKind::ReadOnly, format!("{} cannot be written: {message}", place.describe())).help(
        "the URL says `mode=ro`, or this user may not write the file or its folder (SQLite keeps `-wal` and `-shm` files beside it)",
    )
}

fn cannot_open(place: &Place, message: &str) -> Error {
    let error = Error::new(ErrorKind::Database, format!("{} cannot be opened: {message}", place.describe()));
    let Some((path, folder)) = place.folder() else { return error };
    let relative = if path.is_relative() { " (relative to the working directory)" } else { "" };
    let shown = folder.display();
    if !folder.exists() {
        return error.help(format!(
            "the folder `{shown}`{relative} does not exist: create it, SQLite makes the file only"
        ));
    }
    if !folder.is_dir() {
        return error.help(format!("`{shown}`{relative} is a file, not a folder"));
    }
    if path.is_dir() {
        return error.help(format!("`{}`{relative} is a folder: name a file in it", path.display()));
    }
    if !path.exists() {
        return error.help(format!(
            "the folder `{shown}`{relative} exists, the file does not: `mode=rwc` creates it if this user may write the folder"
        ));
    }
    error.help(format!("file and folder `{shown}`{relative} exist: may this user read and write both?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: i32, message: &'static str) -> Error {
        error(&Failure::new(code, message), &Place::Memory)
    }

    #[test]
    fn a_unique_violation_names_table_and_columns() {
        let error = of(2067, "UNIQUE constraint failed: line.order_id, line.position");
        assert_eq!(error.kind(), ErrorKind::UniqueViolation);
        assert_eq!((error.table(), error.column()), (Some("line"), Some("order_id, position")));
        assert_eq!(error.code(), Some("2067"));
        assert_eq!(of(2067, "UNIQUE constraint failed: index 'ux_lower'").constraint(), Some("ux_lower"));
    }

    #[test]
    fn only_a_stale_snapshot_is_worth_running_again() {
        assert!(of(517, "database is locked").is_retryable());
        assert!(!of(5, "database is locked").is_retryable());
        assert_eq!(of(5, "database is locked").kind(), ErrorKind::Timeout);
    }
}
