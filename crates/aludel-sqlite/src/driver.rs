//! The driver: connections to one database, and what they share.
//!
//! Read [`connection`] first; `statement` and `log_file` are the files with `unsafe`.

mod cache;
mod checkpoint;
mod connection;
mod core;
mod decimals;
mod encode;
mod functions;
mod keys;
mod kind;
mod log_file;
mod open;
mod options;
mod program;
mod rows;
mod statement;
mod turn;
mod waiting;
mod watch;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use aludel_engine::Url;
use aludel_engine::blocking::runtime;
use aludel_engine::driver::{BoxFuture, Driver, RawConn};
use aludel_sql::{Error, ErrorKind, Result};

pub(crate) use self::encode::json_rows;

use self::checkpoint::Checkpoints;
use self::connection::SqliteConnection;
use self::options::{Options, Synchronous};
use self::turn::Writers;
use crate::errors::Place;

/// Opens connections to one file, or to one database in memory.
pub(crate) struct SqliteDriver {
    shared: Arc<Shared>,
}

/// What the connections of a driver share.
pub(crate) struct Shared {
    options: Options,
    place: Place,
    /// Names the database in memory; unused for a file.
    memory_name: String,
    /// Keeps a database in memory alive while no connection is open.
    keeper: Mutex<Option<rusqlite::Connection>>,
    writers: Arc<Writers>,
    checkpoints: Checkpoints,
}

impl SqliteDriver {
    pub(crate) fn new(url: &Url) -> Result<Self> {
        static DATABASES_IN_MEMORY: AtomicU64 = AtomicU64::new(0);
        let options = Options::of(url)?;
        let place = options.path.clone().map_or(Place::Memory, Place::File);
        let memory_name = format!("aludel-{}", DATABASES_IN_MEMORY.fetch_add(1, Ordering::Relaxed));
        Ok(Self {
            shared: Arc::new(Shared {
                options,
                place,
                memory_name,
                keeper: Mutex::new(None),
                writers: Arc::new(Writers::new()),
                checkpoints: Checkpoints::new(),
            }),
        })
    }
}

impl Shared {
    fn open(&self) -> Result<rusqlite::Connection> {
        if self.is_memory() {
            let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
            if keeper.is_none() {
                *keeper = Some(open::open(&self.options, &self.memory_name, &self.place)?);
            }
        }
        let opened = open::open(&self.options, &self.memory_name, &self.place);
        self.checkpoints.opened();
        opened
    }

    fn is_memory(&self) -> bool {
        self.options.path.is_none()
    }

    /// Tells whether a commit waits for the disk: always, or because it begins the log anew.
    fn commit_waits(&self) -> bool {
        !self.is_memory()
            && (self.options.synchronous == Synchronous::Full || self.checkpoints.may_begin_anew())
    }
}

impl Driver for SqliteDriver {
    fn connect(&self) -> BoxFuture<'_, Result<Box<dyn RawConn>>> {
        Box::pin(async move {
            let on_runtime = runtime().is_some();
            let connection = if on_runtime && !self.shared.is_memory() {
                let shared = Arc::clone(&self.shared);
                tokio::task::spawn_blocking(move || shared.open()).await.map_err(|cause| {
                    Error::new(ErrorKind::Disconnected, "the runtime shut down while the database was opened")
                        .with_source(cause)
                })??
            } else {
                self.shared.open()?
            };
            Ok(Box::new(SqliteConnection::new(connection, Arc::clone(&self.shared), on_runtime)?)
                as Box<dyn RawConn>)
        })
    }
}

impl fmt::Debug for SqliteDriver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteDriver").field("options", &self.shared.options).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_in_memory_is_gone_with_its_driver() {
        let driver = SqliteDriver::new(&"sqlite::memory:".parse().unwrap()).unwrap();
        let (options, name) = (driver.shared.options.clone(), driver.shared.memory_name.clone());
        let tables = || {
            let connection = open::open(&options, &name, &Place::Memory).unwrap();
            connection
                .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))
                .unwrap()
        };
        driver.shared.open().unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
        assert_eq!(tables(), 1);
        drop(driver);
        assert_eq!(tables(), 0);
    }
}
