//! Aludel on SQLite.
//!
//! [`driver()`] makes the driver of a URL. Statements run where they are awaited, because a point read takes two microseconds and a
//! hand-off to another thread thirty; what may wait or takes long does not hold a worker of the runtime. How that is done is told
//! in `driver/connection.rs`.
//!
//! URLs: `sqlite:///relative.db`, `sqlite:////absolute.db`, `sqlite::memory:` (one database for all connections of an engine), with
//! the options
//!
//! | | | default |
//! |---|---|---|
//! | `synchronous` | `FULL`: a commit is on the disk when it returns; `NORMAL`: a loss of power may undo the last commits | `FULL` |
//! | `busy_timeout` | milliseconds to wait for other writers | `5000` |
//! | `mode` | `ro` (read only), `rw` (the file must exist), `rwc` | `rwc` |
//! | `statement_cache` | statements that a connection keeps prepared | `200` |
//!
//! A file that is deleted or replaced while connections to it are open lives on for them, as any open file does: what they write is lost
//! with it. Replace a database after `engine.dispose().await`, together with its `-wal` and `-shm`; connections made afterwards open the
//! new file.

mod alter;
mod backend;
mod ddl;
mod dialect;
mod driver;
mod errors;
mod functions;
mod inspector;
mod lint;
mod lock_wait;

pub use backend::SqliteBackend;
pub use dialect::SqliteDialect;

use std::sync::Arc;

use aludel_engine::Url;
use aludel_engine::driver::Driver;
use aludel_sql::Result;

/// Makes the driver of a SQLite URL. No file is touched before a connection is asked for.
///
/// Writers of one driver queue up for their turn, and `sqlite::memory:` is one database of each driver: make one driver per database.
///
/// ```
/// let driver = aludel_sqlite::driver(&"sqlite:///blog.db?synchronous=NORMAL".parse()?)?;
/// assert!(aludel_sqlite::driver(&"sqlite:///blog.db?sync=NORMAL".parse()?).is_err());
/// # Ok::<(), aludel_sql::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Url` where the URL is not SQLite's, an option is unknown (the message lists the known ones) or has a value that it cannot have.
pub fn driver(url: &Url) -> Result<Arc<dyn Driver>> {
    Ok(Arc::new(driver::SqliteDriver::new(url)?))
}
