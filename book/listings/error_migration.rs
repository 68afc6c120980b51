use aludel::embed_migrations;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    // ANCHOR: code
    let migrations = embed_migrations!("../examples/docchat/migrations");
    if let Err(error) = migrations.upgrade(&engine, "nowhere").await {
        println!("{error}");
    }
    // ANCHOR_END: code
    Ok(())
}
