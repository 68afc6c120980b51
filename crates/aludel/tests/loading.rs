//! Loader strategies, on SQLite, PostgreSQL and MariaDB.

#![allow(missing_docs)]

#[path = "mapping/log.rs"]
#[allow(dead_code)]
mod log;
#[path = "loading/models.rs"]
mod models;

#[path = "loading/contained.rs"]
mod contained;
#[path = "loading/defaults.rs"]
mod defaults;
#[path = "loading/joined.rs"]
mod joined;
#[path = "loading/partial.rs"]
mod partial;
#[path = "loading/selectin.rs"]
mod selectin;
