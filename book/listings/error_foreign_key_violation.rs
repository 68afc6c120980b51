use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mut session = engine.session();
    session.add(Document::builder().title("Lost").body("Whose is it?").owner_id(99));
    if let Err(error) = session.commit().await {
        println!("{error}");
    }
    // ANCHOR_END: code
    Ok(())
}
