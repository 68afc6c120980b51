//! `src/main.rs` as the first chapter of the tutorial has it.

// ANCHOR: main
use aludel::prelude::*;

#[tokio::main]
async fn main() -> aludel::Result<()> {
    run(Engine::builder("sqlite::memory:").build()?).await
}

async fn run(engine: Engine) -> aludel::Result<()> {
    engine.ping().await?;
    println!("there is a database");
    Ok(())
}
// ANCHOR_END: main
