//! The operations of a session, on SQLite, PostgreSQL and MariaDB.

#![allow(missing_docs)]

#[path = "suite/models.rs"]
#[allow(dead_code)]
mod models;

#[path = "session/bulk.rs"]
mod bulk;
#[path = "session/expunge.rs"]
mod expunge;
#[path = "session/get.rs"]
mod get;
#[path = "session/hooks.rs"]
mod hooks;
#[path = "session/lending.rs"]
mod lending;
#[path = "session/link.rs"]
mod link;
#[path = "session/merge.rs"]
mod merge;
#[path = "session/nested.rs"]
mod nested;
#[path = "session/prepared.rs"]
mod prepared;
#[path = "session/refresh.rs"]
mod refresh;
#[path = "session/rollback_only.rs"]
mod rollback_only;
#[path = "session/round_trips.rs"]
mod round_trips;
#[path = "session/set.rs"]
mod set;
#[path = "session/states.rs"]
mod states;
#[path = "session/streams.rs"]
mod streams;
#[path = "session/synchronize.rs"]
mod synchronize;
#[path = "session/transact.rs"]
mod transact;
#[path = "session/unit_of_work.rs"]
mod unit_of_work;
