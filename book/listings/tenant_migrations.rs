use aludel::embed_migrations;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    engine.connect().await?.run_plain(&["CREATE SCHEMA tenant_7"]).await?;
    println!("---");
    let url = engine.url().reveal();
    // ANCHOR: code
    let migrations = embed_migrations!("../examples/docchat/migrations");
    let seven = Engine::builder(&url)
        .on_connect(|conn| Box::pin(async move { conn.run_plain(&["SET search_path TO tenant_7"]).await }))
        .build()?;
    migrations.upgrade(&seven, "head").await?;
    let there = seven.inspect().await?; // in its schema
    println!("{} {}", there.has_table("documents"), there.has_table("aludel_revisions"));
    // ANCHOR_END: code
    seven.dispose().await;
    Ok(())
}
