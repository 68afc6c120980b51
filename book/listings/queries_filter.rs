use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mut session = engine.session();
    let stmt = select(Document)
        .filter(Document::TITLE.contains("Report"))
        .order_by(Document::TITLE.desc())
        .limit(10);
    for document in session.scalars(stmt).all().await? {
        println!("{}", session[document].title);
    }
    // ANCHOR_END: code
    Ok(())
}
