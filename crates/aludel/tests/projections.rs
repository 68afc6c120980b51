//! Projections, insertables and changesets: the structs that stand beside entities, on SQLite, PostgreSQL and MariaDB.

#![allow(missing_docs)]

#[path = "projections/models.rs"]
mod models;

#[path = "projections/changes.rs"]
mod changes;
#[path = "projections/inputs.rs"]
mod inputs;
#[path = "projections/lists.rs"]
mod lists;
#[path = "projections/outputs.rs"]
mod outputs;
