use aludel::embed_migrations;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    let migrations = embed_migrations!("../examples/docchat/migrations");
    migrations.upgrade(&engine, "head").await?;
    let mut conn = engine.connect().await?;
    conn.execute(text!("INSERT INTO users (email) VALUES ('sam@uae.dev')")).all().await?;
    drop(conn);
    // ANCHOR: code
    let refused = migrations.downgrade(&engine, "base").await;
    // ANCHOR_END: code
    println!("---");
    // ANCHOR: told
    if let Err(error) = refused {
        println!("{error}");
    }
    // ANCHOR_END: told
    Ok(())
}
