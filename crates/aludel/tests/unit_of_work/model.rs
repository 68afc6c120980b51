//! The session against a model: plain maps that are told the same things.
//!
//! A run is a random program: adds, changes, moves, ties, deletes, merges, expunges and refreshes, queries and bulk statements between them,
//! flushes, commits, rollbacks and savepoints within savepoints, and now and then another program that changes a row. After every step memory
//! must be what the maps say, and after every flush and commit the database. The seeds are fixed; a program that fails is shrunk, and the
//! shortest one that fails is printed with all it did. `cargo xtask test --long` makes many and longer runs.

use aludel_suite::{Db, long, on_each_database, random_cases};
use tokio::runtime::Handle;
use tokio::task::block_in_place;

#[path = "model/checks.rs"]
mod checks;
#[path = "model/entities.rs"]
mod entities;
#[path = "model/operations.rs"]
mod operations;
#[path = "model/rows.rs"]
mod rows;
#[path = "model/steps.rs"]
mod steps;
#[path = "model/tellings.rs"]
mod tellings;
#[path = "model/world.rs"]
mod world;

use crate::worlds::{play, try_programs};
use entities::tables;
use steps::WEIGHTS;
use world::Library;

on_each_database! {
    async fn a_session_does_what_plain_maps_do(db: Db) {
        db.create(&tables()).await?;
        try_programs(WEIGHTS, random_cases(24, 200, 4_000), if long() { 200 } else { 100 }, |program| {
            block_in_place(|| Handle::current().block_on(play(Library::new(&db), program)));
        });
    }
}
