use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mut conn = engine.connect().await?;
    let row = conn.execute(text!("SELECT title FROM documents WHERE id = :id", id = 1)).one().await?;
    if let Err(error) = row.get::<i64>("title") {
        println!("{error}");
    }
    // ANCHOR_END: code
    Ok(())
}
