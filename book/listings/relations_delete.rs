use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mut session = engine.session();
    let document = session.get_one::<Document>(1).await?;
    session.delete(document);
    session.commit().await?; // its passage goes with it, its tag loses a tie
    // ANCHOR_END: code
    Ok(())
}
