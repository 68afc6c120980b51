//! The engine against a model: tasks that do as random programs tell them, and what must come of it.
//!
//! A run is a small pool of some sort and a random program: several tasks borrow connections, begin transactions and savepoints within savepoints,
//! write, read, stream and fail, drop futures after some polls, panic, are aborted, or have their connection killed by the server. After every
//! step another program must see the rows that were committed and no others, the pool must count what is lent, the server have no session that
//! the pool does not know, and whoever borrows next find a session as new. The seeds are fixed; a program that fails is shrunk, and the shortest
//! one that fails is printed with all it did. `cargo xtask test --long` makes many and longer runs.

use aludel::prelude::*;
use aludel_suite::{Db, long, on_each_database, random_cases};
use tokio::runtime::Handle;
use tokio::task::block_in_place;

#[path = "model/actors.rs"]
mod actors;
#[path = "model/expectations.rs"]
mod expectations;
#[path = "model/ledger.rs"]
mod ledger;
#[path = "model/outside.rs"]
mod outside;
#[path = "model/shapes.rs"]
mod shapes;
#[path = "model/steps.rs"]
mod steps;
#[path = "model/transactions.rs"]
mod transactions;
#[path = "model/work.rs"]
mod work;
#[path = "model/working.rs"]
mod working;
#[path = "model/world.rs"]
mod world;

use steps::programs;
use work::Mark;
use world::World;

on_each_database! {
    async fn an_engine_does_what_a_plain_map_does_whatever_is_dropped_or_killed(db: Db) {
        db.create(&Metadata::of((Mark,))).await?;
        db.engine.dispose().await;
        let mut runner = random_cases(24, 400, 1_000);
        let ran = runner.run(&programs(if long() { 150 } else { 60 }), |(shape, program)| {
            block_in_place(|| Handle::current().block_on(World::play(&db, shape, &program)));
            Ok(())
        });
        if let Err(broken) = ran {
            panic!("{broken}");
        }
    }
}
