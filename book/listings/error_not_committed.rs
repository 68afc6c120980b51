use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let done = engine
        .transact(|mut session| async move {
            session.add(Tag::builder().name("tax"));
            Ok(())
        })
        .await;
    if let Err(error) = done {
        println!("{error}");
    }
    // ANCHOR_END: code
    Ok(())
}
