use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mut session = engine.session();
    let stmt = insert(Tag)
        .values([Tag::builder().name("law"), Tag::builder().name("report")])
        .on_conflict(Tag::NAME)
        .do_nothing();
    session.execute(stmt).await?;
    session.commit().await?;
    let tags: i64 = session.scalar(select(func::count(Tag::ID))).await?;
    println!("{tags} tags");
    // ANCHOR_END: code
    Ok(())
}
