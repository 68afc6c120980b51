//! `src/main.rs` as the chapters from the session to the queries have it.

// Not all that the models have is read here.
#![allow(dead_code, missing_docs)]

#[path = "../listings/models.rs"]
// ANCHOR: main
mod models;

use aludel::prelude::*;
use models::*;

#[tokio::main]
async fn main() -> aludel::Result<()> {
    run(Engine::builder("sqlite::memory:").echo(true).build()?).await
}

async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // Here the lines of the listing go.
    Ok(())
}
// ANCHOR_END: main
