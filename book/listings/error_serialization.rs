use crate::models::*;
use aludel::Isolation;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mut mine = engine.session_with(|o| o.isolation(Isolation::Snapshot));
    let document = mine.get_one::<Document>(1).await?; // the snapshot is taken here

    let mut theirs = engine.session();
    let same = theirs.get_one::<Document>(1).await?;
    theirs[same].title = "Theirs".into();
    theirs.commit().await?;

    mine[document].title = "Mine".into();
    if let Err(error) = mine.commit().await {
        println!("{error}");
        println!("worth another run: {}", error.is_retryable());
    }
    // ANCHOR_END: code
    Ok(())
}
