use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mut session = engine.session();
    session.add(User::builder().email("sam@uae.dev")); // there is one already
    assert!(session.flush().await.is_err());
    if let Err(error) = session.scalars(select(User)).all().await {
        println!("{error}");
    }
    // ANCHOR_END: code
    Ok(())
}
