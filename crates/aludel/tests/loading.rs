//! Loader strategies, on SQLite, PostgreSQL and MariaDB.

#![allow(missing_docs)]

#[path = "mapping/log.rs"]
#[allow(dead_code)]
mod log;
#[path = "loading/models.rs"]
mod models;

#[path = "loading/partial.rs"]
mod partial;
#[path = "loading/selectin.rs"]
mod selectin;
