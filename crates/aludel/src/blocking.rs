//! The same engine, connections and sessions for programs that are not async; feature `blocking`.
//!
//! What is awaited elsewhere is called here, and comes back when it is done. No runtime is needed: on SQLite all runs on the calling
//! thread, on servers a runtime of the engine's own runs while somebody calls. Threads may share an [`Engine`]; a [`Connection`] and a
//! [`Session`] belong to one at a time.
//!
//! ```
//! # use aludel::doc::{Document, Profile, User};
//! use aludel::blocking::Engine;
//! use aludel::prelude::{select, Metadata};
//!
//! # fn main() -> aludel::Result<()> {
//! let engine = Engine::builder("sqlite::memory:").build()?;
//! engine.create_all(&Metadata::of((User, Document, Profile)))?;
//!
//! let mut session = engine.session();
//! let user = session.add(User::builder().email("sam@example.org"));
//! session.commit()?; // BEGIN; INSERT INTO users …; COMMIT
//! session[user].name = Some("Sam".to_owned());
//! session.commit()?; // BEGIN; UPDATE users SET name = ? WHERE id = ?; COMMIT
//!
//! let names = engine.connect()?.scalars(select(User::NAME)).all()?;
//! assert_eq!(names, [Some("Sam".to_owned())]);
//! # Ok(()) }
//! ```
//!
//! It is for threads of your own. On a thread of an async runtime it works too, but holds up the tasks that wait for that thread.

mod connection;
mod engine;
mod fetch;
mod notifications;
mod session;
mod statements;
mod transaction;
mod two_phase;

pub use connection::{Connection, StatementOptionsGuard};
pub use engine::{Engine, Shared};
pub use fetch::{Block, Fetch, Partitions, RowStream};
pub use notifications::Notifications;
pub use session::{NestedSession, NoAutoflush, Session, SessionOptionsGuard};
pub use transaction::{NestedTransaction, Transaction};
pub use two_phase::{PreparedTransaction, TwoPhaseTransaction};
