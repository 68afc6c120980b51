use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mut session = engine.session();
    session.add(Tag::builder().name("tax"));
    session.flush().await?;
    drop(session); // or a future that is dropped: a timeout, a client that hung up

    let tags: i64 = engine.session().scalar(select(func::count(Tag::ID))).await?;
    println!("{tags} tag");
    // ANCHOR_END: code
    Ok(())
}
