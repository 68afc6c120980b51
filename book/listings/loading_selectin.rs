use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mut session = engine.session();
    let stmt = select(User)
        .order_by(User::ID)
        .options(selectinload(User::DOCUMENTS).then(selectinload(Document::TAGS)));
    for user in session.scalars(stmt).all().await? {
        for document in session.view(user).documents()? {
            let tags: Vec<_> = document.tags()?.map(|tag| tag.name.clone()).collect();
            println!("{}: {} {tags:?}", document.owner()?.email, document.title);
        }
    }
    // ANCHOR_END: code
    Ok(())
}
