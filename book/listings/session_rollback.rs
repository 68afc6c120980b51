use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mut session = engine.session();
    let document = session.get_one::<Document>(2).await?;
    session[document].title = "Draft".into();
    session.flush().await?;
    println!("in the transaction: {}", session[document].title);

    session.rollback().await?;
    println!("after the rollback: {}", session[document].title);
    // ANCHOR_END: code
    Ok(())
}
