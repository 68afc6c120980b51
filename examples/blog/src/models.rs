//! What is stored.

use aludel::prelude::*;
use chrono::{DateTime, Utc};

/// A post of the blog.
#[derive(Entity, Debug)]
#[entity(table = "posts")]
pub struct Post {
    /// Counted up by the database.
    #[column(primary_key)]
    pub id: i64,
    /// At most 200 characters; the database checks it.
    #[column(length = 200)]
    pub title: String,
    /// The text.
    pub body: String,
    /// Whether readers see it.
    #[column(server_default = false)]
    pub published: bool,
    /// When it was stored.
    #[column(server_default = now())]
    pub created_at: DateTime<Utc>,
}
