use aludel::prelude::*;

pub async fn run(_engine: Engine) -> aludel::Result<()> {
    // ANCHOR: code
    if let Err(error) = Engine::builder("sqlite::memory:").set("pool_seize", "5").build() {
        println!("{error}");
    }
    // ANCHOR_END: code
    Ok(())
}
