//! Aludel on SQLite: its dialect, and a driver around the SQLite that is compiled in.
//!
//! It knows the traits of `aludel-engine` and the trees of `aludel-sql`, and neither objects nor other databases. Programs use it through
//! the crate `aludel`, whose feature `sqlite` is on by itself.
//!
//! # A file, or memory
//!
//! [`driver()`] makes the driver of a URL: `sqlite:///relative.db`, `sqlite:////absolute.db`, or `sqlite::memory:` (one database for
//! all connections of an engine), with the options
//!
//! | | | default |
//! |---|---|---|
//! | `synchronous` | `FULL`: a commit is on the disk when it returns; `NORMAL`: a loss of power may undo the last commits | `FULL` |
//! | `busy_timeout` | milliseconds to wait for other writers | `5000` |
//! | `mode` | `ro` (read only), `rw` (the file must exist), `rwc` | `rwc` |
//! | `statement_cache` | statements that a connection keeps prepared | `200` |
//!
//! Every connection is set to what the other databases do by themselves: foreign keys hold, a misspelt `"column"` is an error and no text, and
//! the log is WAL, so that who reads does not wait for who writes. The frames of a commit are written to the log at once, through a VFS named
//! `aludel` over SQLite's own; the files are as SQLite makes them, and any other program may use them at the same time.
//!
//! A file that is deleted or replaced while connections to it are open lives on for them, as any open file does: what they write is lost
//! with it. Replace a database after `engine.dispose().await`, together with its `-wal` and `-shm`; connections made afterwards open the
//! new file.
//!
//! # Who reads, and who writes
//!
//! There is one writer at a time. Those of a driver queue up for their turn, which they take with `BEGIN IMMEDIATE`, so that no transaction
//! fails halfway because another one was faster; programs beside it are waited for as long as `busy_timeout` says.
//!
//! ```
//! use aludel::prelude::*;
//!
//! #[derive(Entity, Debug)]
//! #[entity(table = "notes")]
//! pub struct Note {
//!     #[column(primary_key)]
//!     pub id: i64,
//!     #[column(length = 10)]
//!     pub title: String,
//! }
//!
//! # fn main() -> aludel::Result<()> { aludel_engine::blocking::run_alone(async {
//! # let file = std::env::temp_dir().join(format!("aludel-notes-{}.db", std::process::id()));
//! # let url = format!("sqlite:///{}", file.display());
//! let engine = Engine::builder(&url).build()?; // sqlite:///notes.db
//! engine.create_all(&Metadata::of((Note,))).await?; // CREATE TABLE notes (…)
//! let (mut writer, mut reader) = (engine.connect().await?, engine.connect().await?);
//! let note = |title: &str| insert(Note).values([Note::builder().title(title)]);
//!
//! // Who reads goes on while somebody writes, and sees what was there before.
//! let mut tx = writer.begin().await?;
//! tx.execute(note("Milk")).await?; // BEGIN IMMEDIATE; INSERT INTO notes (title) VALUES (?)
//! assert_eq!(reader.scalar(select(func::count(Note::ID))).await?, 0);
//! tx.commit().await?; // on the disk when it returns
//! assert_eq!(reader.scalar(select(func::count(Note::ID))).await?, 1);
//!
//! // SQLite itself would take any text for a `VARCHAR(10)`, and any text for a number: each column has a CHECK of its type.
//! let refused = writer.execute(note("Milk and honey")).await.unwrap_err();
//! assert_eq!(refused.kind(), ErrorKind::CheckViolation);
//! # drop((writer, reader));
//! # engine.dispose().await;
//! # for end in ["", "-wal", "-shm"] { let _ = std::fs::remove_file(format!("{}{end}", file.display())); }
//! # Ok(()) }) }
//! ```
//!
//! # No thread of its own
//!
//! Statements run where they are awaited, because a point read takes two microseconds and a hand-off to another thread thirty; what may
//! wait or takes long does not hold a worker of the runtime. How that is done is told in `driver/connection.rs`. Outside of a
//! runtime everything runs, and waits, on the calling thread: then no runtime is needed at all.
//!
//! # Values
//!
//! An instant is a text of 26 characters, a date one of 10, a UUID one of 36; decimals are integers, scaled by the digits that their column has behind
//! the point; JSON is text that was checked. A STRICT table (`#[entity(sqlite(strict))]`) refuses other types by itself.
//!
//! # The dialect
//!
//! [`SqliteDialect`] writes what SQLite understands. A list of any length is one parameter, a JSON array. An UPDATE of many rows is one
//! prepared statement that runs for each, because there is no round trip to save. Where SQLite has no ALTER, a table is made again under
//! another name, its rows are copied and it takes the place of the old one: in one transaction, and checked before it ends.

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
