//! Where the documents are.

use aludel::migrate::Migrations;
use aludel::prelude::*;

use crate::models::User;
use crate::search::pgvector;

/// What is used when `DATABASE_URL` is not set: a file beside the program.
pub const DEFAULT_URL: &str = "sqlite:///./docchat.db";

/// Who owns the documents of those who do not say who they are.
pub const FIRST_USER: &str = "you@docchat.local";

/// The revisions of the schema, part of the program. `aludel revision --autogenerate` writes the next one.
pub const MIGRATIONS: Migrations = aludel::embed_migrations!("migrations");

/// Opens the database. Nothing is sent yet.
pub fn open(url: &str) -> aludel::Result<Engine> {
    // Connections beyond the steady ones would be opened and closed at every request under load; waiting for one is quicker.
    Engine::builder(url).pool_size(10).max_overflow(0).build()
}

/// Brings the schema up to date, and creates the first user.
///
/// Several servers may do it at once: one migrates, the others wait.
pub async fn prepare(engine: &Engine) -> aludel::Result<()> {
    MIGRATIONS.upgrade(engine, "head").await?;
    if let Err(error) = pgvector::prepare(engine).await {
        tracing::warn!(%error, "pgvector cannot be used: passages are compared by DocChat itself");
    }
    let mut session = engine.session();
    if session.scalars(select(User::ID).limit(1)).first().await?.is_none() {
        session.add(User::builder().email(FIRST_USER));
        session.commit().await?;
    }
    Ok(())
}
