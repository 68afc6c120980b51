use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mut session = engine.session();
    let stmt = select(Document).order_by(Document::ID).limit(2).options(joinedload(Document::OWNER));
    for document in session.scalars(stmt).all().await? {
        let document = session.view(document);
        println!("{} by {}", document.title, document.owner()?.email);
    }
    // ANCHOR_END: code
    Ok(())
}
