//! The rules of the engine and the session, on SQLite, PostgreSQL and MariaDB.
//!
//! The crate `aludel-suite` tells how a rule becomes a test for each database; `models` are the tables that the rules speak of.

#![allow(missing_docs)]

#[path = "suite/models.rs"]
mod models;

#[path = "suite/core.rs"]
mod core;
#[path = "suite/courses.rs"]
mod courses;
#[path = "suite/faults.rs"]
mod faults;
#[path = "suite/session.rs"]
mod session;
#[path = "suite/url.rs"]
mod url;
