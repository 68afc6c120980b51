//! Aludel on MariaDB and MySQL.
//!
//! [`driver()`] turns a URL into a driver for the engine. The wire belongs to `mysql_async`; this crate puts a state, typed cells
//! and errors with a meaning on top of one of its connections, and uses neither its pool nor its transactions. Read
//! `driver/connection.rs` first.
//!
//! Both servers go through the same code. They are told apart by `version()` when a connection opens.

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
mod upsert;

pub use backend::MySqlBackend;
pub use dialect::MySqlDialect;

pub use driver::{MySql, driver};
