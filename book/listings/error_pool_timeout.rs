use std::time::Duration;

use aludel::prelude::*;

pub async fn run(_: Engine) -> aludel::Result<()> {
    // ANCHOR: code
    let engine = Engine::builder("sqlite::memory:")
        .pool_size(1)
        .max_overflow(0)
        .pool_timeout(Duration::from_millis(50))
        .build()?;
    let held = engine.connect().await?;
    if let Err(error) = engine.connect().await {
        println!("{error}");
    }
    drop(held);
    // ANCHOR_END: code
    Ok(())
}
