use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mut session = engine.session();
    let document = session.get_one::<Document>(2).await?;
    session.set(document, Document::TITLE, func::upper(Document::TITLE));
    session.commit().await?;
    println!("{}", session[document].title);
    // ANCHOR_END: code
    Ok(())
}
