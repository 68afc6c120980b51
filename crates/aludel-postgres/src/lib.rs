//! Aludel on PostgreSQL.
//!
//! [`driver()`] turns a URL into a driver for the engine; [`Connection`] is the client itself, for those who want
//! notifications or the server's parameters as well.
//!
//! The client is written for one thing: a batch of statements is one write and one `Sync`, so that a unit of work costs one
//! round trip and a batch that fails halfway cannot half-commit. Read `driver/core.rs` first: it knows the whole conversation
//! and does no I/O. What it does not know, it does not guess: bytes that the protocol does not allow break the connection.

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
mod native_type;
mod online;
mod probe;

pub use backend::PostgresBackend;
pub use dialect::PostgresDialect;

pub use driver::{Connection, Postgres, driver};
pub use errors::DatabaseError;

/// Counts what the tests allocate: bytes that lie must not fill the memory.
#[cfg(test)]
#[global_allocator]
static MEMORY: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;
