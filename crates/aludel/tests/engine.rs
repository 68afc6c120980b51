//! The rules of engine, pool, connections and transactions, on SQLite, PostgreSQL and MariaDB.
//!
//! The crate `aludel-suite` tells how a rule becomes a test for each database; `models` is the table that the rules speak of.

#![allow(missing_docs)]

#[path = "engine/blocking.rs"]
mod blocking;
#[path = "engine/config.rs"]
mod config;
#[path = "engine/log.rs"]
mod log;
#[path = "engine/models.rs"]
mod models;
#[path = "engine/public_functions.rs"]
mod public_functions;
#[path = "engine/units_of_work.rs"]
mod units_of_work;

#[path = "engine/cancellation.rs"]
mod cancellation;
#[path = "engine/conflicts.rs"]
mod conflicts;
#[path = "engine/copy.rs"]
mod copy;
#[path = "engine/database_files.rs"]
mod database_files;
#[path = "engine/ddl.rs"]
mod ddl;
#[path = "engine/domains.rs"]
mod domains;
#[path = "engine/events.rs"]
mod events;
#[path = "engine/failing_calls.rs"]
mod failing_calls;
#[path = "engine/inspector.rs"]
mod inspector;
#[path = "engine/isolation.rs"]
mod isolation;
#[path = "engine/kills.rs"]
mod kills;
#[path = "engine/model.rs"]
mod model;
#[path = "engine/network.rs"]
mod network;
#[path = "engine/notifications.rs"]
mod notifications;
#[path = "engine/pool.rs"]
mod pool;
#[path = "engine/prepared.rs"]
mod prepared;
#[path = "engine/savepoints.rs"]
mod savepoints;
#[path = "engine/schema.rs"]
mod schema;
#[path = "engine/schema_translation.rs"]
mod schema_translation;
#[path = "engine/statement_options.rs"]
mod statement_options;
#[path = "engine/streams.rs"]
mod streams;
#[path = "engine/together.rs"]
mod together;
#[path = "engine/transactions.rs"]
mod transactions;
#[path = "engine/two_phase.rs"]
mod two_phase;
#[path = "engine/url.rs"]
mod url;
