use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mut session = engine.session();
    let document = session.get_one::<Document>(2).await?;
    session[document].title = "Q2 Report, final".into();
    println!("changed in memory: {}", session.is_modified(document));

    session.commit().await?;
    println!("stored: {}", session[document].title);
    // ANCHOR_END: code
    Ok(())
}
