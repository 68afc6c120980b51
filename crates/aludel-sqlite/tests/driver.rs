//! The rules that the SQLite driver keeps, one test a rule.

#[path = "driver/support.rs"]
mod support;

#[path = "driver/at_once.rs"]
mod at_once;
#[path = "driver/batches.rs"]
mod batches;
#[path = "driver/blocking.rs"]
mod blocking;
#[path = "driver/dropped_futures.rs"]
mod dropped_futures;
#[path = "driver/errors.rs"]
mod errors;
#[path = "driver/generated_keys.rs"]
mod generated_keys;
#[path = "driver/long_statements.rs"]
mod long_statements;
#[path = "driver/settings.rs"]
mod settings;
#[path = "driver/streams.rs"]
mod streams;
#[path = "driver/values.rs"]
mod values;
#[path = "driver/writers.rs"]
mod writers;
