//! Loader strategies, on SQLite, PostgreSQL and MariaDB.

#![allow(missing_docs)]

#[path = "differential/choices.rs"]
#[allow(dead_code)]
mod choices;
#[path = "loading/counted.rs"]
mod counted;
#[path = "mapping/log.rs"]
#[allow(dead_code)]
mod log;
#[path = "loading/models.rs"]
mod models;

#[path = "loading/contained.rs"]
mod contained;
#[path = "loading/defaults.rs"]
mod defaults;
#[path = "loading/feature_rows.rs"]
mod feature_rows;
#[path = "loading/joined.rs"]
mod joined;
#[path = "loading/keyset.rs"]
mod keyset;
#[path = "loading/model.rs"]
mod model;
#[path = "loading/n_plus_one.rs"]
mod n_plus_one;
#[path = "loading/partial.rs"]
mod partial;
#[path = "loading/seed_rows.rs"]
mod seed_rows;
#[path = "loading/selectin.rs"]
mod selectin;
#[path = "loading/strategies.rs"]
mod strategies;
#[path = "loading/subquery.rs"]
mod subquery;
#[path = "loading/together.rs"]
mod together;
