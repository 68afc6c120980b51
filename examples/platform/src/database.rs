//! Where users and articles are.

use aludel::prelude::*;

use crate::models::{Article, User};

/// What is used when `DATABASE_URL` is not set: a file beside the program.
pub const DEFAULT_URL: &str = "sqlite:///./platform.db";

/// Opens the database. Nothing is sent yet.
pub fn open(url: &str) -> aludel::Result<Engine> {
    Engine::builder(url).pool_size(10).max_overflow(20).build()
}

/// Creates the tables that are not there yet.
pub async fn create_tables(engine: &Engine) -> aludel::Result<()> {
    engine.create_all(&Metadata::of((User, Article))).await?;
    Ok(())
}
