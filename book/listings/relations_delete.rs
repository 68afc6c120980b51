use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    let mut session = engine.session();
    session.add(Chunk::builder().text("The first").document_id(1));
    session.commit().await?;
    let mut session = engine.session();
    println!("---");
    // ANCHOR: code
    let document = session.get_one::<Document>(1).await?;
    session.delete(document);
    session.commit().await?; // its chunks go with it, its tag loses a tie
    // ANCHOR_END: code
    Ok(())
}
