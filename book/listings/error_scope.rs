use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mine = engine.scope(Document, Document::OWNER_ID.eq(1));
    let mut session = mine.session();
    session.add(Document::builder().title("Theirs").body("").owner_id(2));
    if let Err(error) = session.commit().await {
        println!("{error}");
    }
    // ANCHOR_END: code
    Ok(())
}
