use aludel::migrate::{Migrator, ScriptDirectory};
use aludel::prelude::*;

#[derive(Entity, Debug)]
#[entity(table = "users")]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100, renamed_from = "name")]
    pub full_name: Option<String>,
}

/// Brings the database to the newest revision.
pub async fn upgrade(engine: &Engine, scripts: &ScriptDirectory) -> aludel::Result<()> {
    Migrator::new(engine, scripts).upgrade("head").await?;
    Ok(())
}

/// Undoes the last revision.
pub async fn downgrade(engine: &Engine, scripts: &ScriptDirectory) -> aludel::Result<()> {
    Migrator::new(engine, scripts).downgrade("-1").await?;
    Ok(())
}
