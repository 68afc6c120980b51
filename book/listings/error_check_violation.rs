use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mut session = engine.session();
    let title = "a title that does not end ".repeat(10); // 260 characters, the column has 200
    session.add(Document::builder().title(title).body("").owner_id(1));
    if let Err(error) = session.commit().await {
        println!("{error}");
    }
    // ANCHOR_END: code
    Ok(())
}
