use crate::models::*;
use aludel::prelude::*;

pub async fn run(_: Engine) -> aludel::Result<()> {
    // ANCHOR: code
    let engine = Engine::builder("sqlite:///:memory:?busy_timeout=50").build()?;
    engine.create_all(&tables()).await?;
    let (mut first, mut second) = (engine.session(), engine.session());
    first.add(Tag::builder().name("law"));
    first.flush().await?; // the transaction is open, and has the writer's turn

    second.add(Tag::builder().name("tax"));
    if let Err(error) = second.flush().await {
        println!("{error}");
    }
    // ANCHOR_END: code
    Ok(())
}
