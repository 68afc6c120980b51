use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mine = engine.scope(Document, Document::OWNER_ID.eq(1)); // once per request
    let mut session = mine.session();
    let titles = session.scalars(select(Document::TITLE).order_by(Document::ID)).all().await?;
    println!("{titles:?}");
    println!("{:?}", session.get::<Document>(3).await?);

    let written = session.execute(update(Document).set(Document::BODY, "")).await?;
    println!("{} rows", written.rows_affected);
    // ANCHOR_END: code
    Ok(())
}
