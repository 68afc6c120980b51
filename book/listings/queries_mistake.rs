use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mut session = engine.session();
    let stmt = select(Document).filter(User::NAME.eq("Sam"));
    if let Err(error) = session.scalars(stmt).all().await {
        println!("{error}");
    }
    // ANCHOR_END: code
    Ok(())
}
