//! Where users and articles are.

use aludel::migrate::Migrations;
use aludel::prelude::*;

/// What is used when `DATABASE_URL` is not set: a file beside the program.
pub const DEFAULT_URL: &str = "sqlite:///./platform.db";

/// The revisions of the schema, part of the program. `aludel revision --autogenerate` writes the next one.
pub const MIGRATIONS: Migrations = aludel::embed_migrations!("migrations");

/// Opens the database. Nothing is sent yet.
pub fn open(url: &str) -> aludel::Result<Engine> {
    Engine::builder(url).pool_size(10).max_overflow(20).build()
}

/// Brings the schema up to date. Several servers may do it at once: one migrates, the others wait.
pub async fn migrate(engine: &Engine) -> aludel::Result<()> {
    MIGRATIONS.upgrade(engine, "head").await?;
    Ok(())
}
