//! Where the posts are.

use aludel::prelude::*;

use crate::models::Post;

/// What is used when `DATABASE_URL` is not set: a file beside the program.
pub const DEFAULT_URL: &str = "sqlite:///./blog.db";

/// Opens the database. Nothing is sent yet.
pub fn open(url: &str) -> aludel::Result<Engine> {
    Engine::builder(url).build()
}

/// Creates the tables that are not there yet.
pub async fn create_tables(engine: &Engine) -> aludel::Result<()> {
    engine.create_all(&Metadata::of((Post,))).await?;
    Ok(())
}
