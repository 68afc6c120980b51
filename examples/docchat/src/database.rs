//! Where the documents are.

use aludel::prelude::*;

use crate::models::{Chunk, DOCUMENT_TAG, Document, Share, Tag, User};
use crate::search::FullText;

/// What is used when `DATABASE_URL` is not set: a file beside the program.
pub const DEFAULT_URL: &str = "sqlite:///./docchat.db";

/// Who owns the documents of those who do not say who they are.
pub const FIRST_USER: &str = "you@docchat.local";

/// Opens the database. Nothing is sent yet.
pub fn open(url: &str) -> aludel::Result<Engine> {
    Engine::builder(url).pool_size(10).max_overflow(20).build()
}

/// Creates the tables that are not there yet, the index of words, and the first user.
pub async fn prepare(engine: &Engine) -> aludel::Result<()> {
    engine.create_all(&Metadata::of((User, Document, Tag, DOCUMENT_TAG, Share, Chunk))).await?;
    FullText::of(engine.dialect())?.create(engine).await?;
    let mut session = engine.session();
    if session.scalars(select(User::ID).limit(1)).first().await?.is_none() {
        session.add(User::builder().email(FIRST_USER));
        session.commit().await?;
    }
    Ok(())
}
