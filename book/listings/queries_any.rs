use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mut session = engine.session();
    let about_law = Document::TAGS.any(Tag::NAME.eq("law"));
    let of_sam = Document::OWNER.has(User::NAME.eq("Sam"));
    let titles: Vec<String> =
        session.scalars(select(Document::TITLE).filter(about_law & !of_sam)).all().await?;
    println!("{titles:?}");
    // ANCHOR_END: code
    Ok(())
}
