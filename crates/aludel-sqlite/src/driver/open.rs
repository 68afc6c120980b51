//! Opening a connection, and what is set on every one.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Instant;

use aludel_sql::{Error, ErrorKind, Result};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::functions;
use super::log_file;
use super::options::{Mode, Options, Synchronous};
use super::waiting::pause_before_retry;
use crate::errors::{self, Failure, Place};

/// Opens the database and sets what every connection must have.
pub(super) fn open(options: &Options, memory_name: &str, place: &Place) -> Result<Connection> {
    let mode = match options.mode {
        Mode::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
        Mode::Write => OpenFlags::SQLITE_OPEN_READ_WRITE,
        Mode::Create => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
    };
    // One user at a time is the driver's promise (`statement.rs`); SQLite's own mutex costs a fifth of a row.
    let mode = mode | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let connection = match (&options.path, log_file::vfs()) {
        (Some(path), Some(vfs)) => Connection::open_with_flags_and_vfs(literal(path), mode, vfs),
        (Some(path), None) => Connection::open_with_flags(literal(path), mode),
        (None, _) => Connection::open_with_flags(format!("file:/{memory_name}?vfs=memdb"), mode),
    }
    .map_err(|error| errors::error(&error.into(), place))?;
    let deadline = Instant::now() + options.busy_timeout;
    let mut tries = 0;
    loop {
        match set(&connection, options) {
            Ok(()) => return Ok(connection),
            // Other connections that turn the file to WAL or recover its log at this moment.
            Err(NotSet::Failure(failure)) if failure.is_busy() && Instant::now() < deadline => {
                thread::sleep(pause_before_retry(tries));
                tries += 1;
            }
            Err(NotSet::Failure(failure)) => return Err(errors::error(&failure, place)),
            Err(NotSet::Refused(setting, answer)) => {
                return Err(Error::new(
                    ErrorKind::Config,
                    format!("{} answered {answer} to `{setting}`", place.describe()),
                )
                .help("this SQLite or this file system cannot do it: WAL needs shared memory, which network file systems lack"));
            }
        }
    }
}

/// Keeps a path that begins like a URI or a special name from being read as one.
pub(super) fn literal(path: &Path) -> PathBuf {
    match path.to_str() {
        Some(text) if text.starts_with("file:") || text.starts_with(':') => Path::new(".").join(path),
        _ => path.to_owned(),
    }
}

enum NotSet {
    Failure(Failure),
    Refused(&'static str, String),
}

impl From<rusqlite::Error> for NotSet {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failure(error.into())
    }
}

fn set(connection: &Connection, options: &Options) -> Result<(), NotSet> {
    // A misspelt "column" is an error and not a string.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    // A file from elsewhere cannot call functions with side effects from its schema, and no SQL can damage the file.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, true)?;
    if !connection.db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY)? {
        return Err(NotSet::Refused("PRAGMA foreign_keys = ON", "off".to_owned()));
    }
    functions::define(connection)?;
    // Nothing waits inside SQLite: the driver waits, and lets others run meanwhile.
    connection.busy_timeout(std::time::Duration::ZERO)?;
    if options.path.is_none() {
        return Ok(());
    }
    if options.mode != Mode::Read {
        let journal: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
        if !journal.eq_ignore_ascii_case("wal") {
            return Err(NotSet::Refused("PRAGMA journal_mode = WAL", format!("`{journal}`")));
        }
    }
    let (setting, level) = match options.synchronous {
        Synchronous::Full => ("PRAGMA synchronous = FULL", 2),
        Synchronous::Normal => ("PRAGMA synchronous = NORMAL", 1),
    };
    connection.execute_batch(setting)?;
    let answer: i64 = connection.query_row("PRAGMA synchronous", [], |row| row.get(0))?;
    if answer != level {
        return Err(NotSet::Refused(setting, answer.to_string()));
    }
    // Reads the first page, so that a file that is no database is told now.
    connection.query_row("PRAGMA schema_version", [], |_| Ok(()))?;
    Ok(())
}
