use crate::models::*;
use aludel::SchemaMap;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    let map = SchemaMap::new().default_to("tenant_7");
    engine.translate_schemas(map).create_all(&tables()).await?;
    println!("---");
    // ANCHOR: code
    let seven = engine.translate_schemas(SchemaMap::new().default_to("tenant_7")); // once per request
    let mut session = seven.session();
    let sam = session.add(User::builder().email("sam@uae.dev"));
    session.commit().await?;
    session[sam].name = Some("Sam".into());
    session.commit().await?;

    let users = select(User::EMAIL).filter(!User::DOCUMENTS.exists());
    println!("{:?}", session.scalars(users).all().await?);
    // ANCHOR_END: code
    Ok(())
}
