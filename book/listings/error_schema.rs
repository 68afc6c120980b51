use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    // ANCHOR: code
    if let Err(error) = engine.create_all(&Metadata::of(Document)).await {
        println!("{error}");
    }
    // ANCHOR_END: code
    Ok(())
}
