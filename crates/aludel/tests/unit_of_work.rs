//! The unit of work against its elders and against plain maps, on SQLite, PostgreSQL and MariaDB.

#![allow(missing_docs)]

#[path = "mapping/log.rs"]
mod log;
#[path = "oracle/scenarios.rs"]
mod scenarios;

#[path = "unit_of_work/generations.rs"]
mod generations;
#[path = "unit_of_work/graphs.rs"]
mod graphs;
#[path = "unit_of_work/keys_of_every_type.rs"]
mod keys_of_every_type;
#[path = "unit_of_work/model.rs"]
mod model;
#[path = "unit_of_work/natural_keys.rs"]
mod natural_keys;
#[path = "oracle/unit_of_work.rs"]
mod oracle;
#[path = "unit_of_work/part_c.rs"]
mod part_c;
#[path = "oracle/sessions.rs"]
mod sessions;
#[path = "unit_of_work/shuffled.rs"]
mod shuffled;
#[path = "unit_of_work/worlds.rs"]
mod worlds;
