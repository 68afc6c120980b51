use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mut mine = engine.session();
    let document = mine.get_one::<Document>(1).await?;

    let mut theirs = engine.session();
    let same = theirs.get_one::<Document>(1).await?;
    theirs.delete(same);
    theirs.commit().await?;

    mine[document].title = "Mine".into();
    if let Err(error) = mine.commit().await {
        println!("{error}");
    }
    // ANCHOR_END: code
    Ok(())
}
