use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mut session = engine.session();
    if let Err(error) = session.scalars(select(User).for_update()).all().await {
        println!("{error}");
    }
    // ANCHOR_END: code
    Ok(())
}
