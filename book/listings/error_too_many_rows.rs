use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mut conn = engine.with_options(|o| o.max_rows(2)).connect().await?;
    if let Err(error) = conn.scalars(select(Document)).all().await {
        println!("{error}");
    }
    // ANCHOR_END: code
    Ok(())
}
