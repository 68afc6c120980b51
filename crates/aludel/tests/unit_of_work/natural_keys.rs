//! The session against plain maps where people give the keys: they change, are swapped, and pass from what is deleted to what is new.
//!
//! There are so few keys that everybody wants one that somebody else has. Children are told of their parents by object and by a key that is
//! changing, and all of it happens within savepoints that are rolled back, beside merges, expunges and statements that change rows. A flush may
//! refuse what cannot be sent row by row; it refuses again then, and nothing has changed. `cargo xtask test --long` makes many and longer runs.

use aludel_suite::{Db, long, on_each_database, random_cases};
use tokio::runtime::Handle;
use tokio::task::block_in_place;

#[path = "natural_keys/checks.rs"]
mod checks;
#[path = "natural_keys/entities.rs"]
mod entities;
#[path = "natural_keys/graphs.rs"]
mod graphs;
#[path = "natural_keys/operations.rs"]
mod operations;
#[path = "natural_keys/rows.rs"]
mod rows;
#[path = "natural_keys/statements.rs"]
mod statements;
#[path = "natural_keys/steps.rs"]
mod steps;
#[path = "natural_keys/tellings.rs"]
mod tellings;
#[path = "natural_keys/world.rs"]
mod world;

use crate::worlds::{play, try_programs};
use entities::tables;
use steps::WEIGHTS;
use world::Music;

on_each_database! {
    async fn a_session_does_what_plain_maps_do_with_keys_that_pass_from_one_to_another(db: Db) {
        db.create(&tables()).await?;
        try_programs(WEIGHTS, random_cases(40, 400, 4_000), if long() { 120 } else { 60 }, |program| {
            block_in_place(|| Handle::current().block_on(play(Music::new(&db), program)));
        });
    }
}
