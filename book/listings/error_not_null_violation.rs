use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mut session = engine.session();
    session.add(Document::builder().title("Nobody's").body("Whose is it?"));
    if let Err(error) = session.commit().await {
        println!("{error}");
    }
    // ANCHOR_END: code
    Ok(())
}
