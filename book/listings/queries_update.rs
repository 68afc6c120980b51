use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mut session = engine.session();
    let changed = update(Document).filter(Document::OWNER_ID.eq(1)).set(Document::BODY, "(moved)");
    let rows = session.execute(changed).await?.rows_affected;
    session.commit().await?;
    println!("{rows} rows");
    // ANCHOR_END: code
    Ok(())
}
