//! What is stored. No output is made of these: see `schemas.rs`.

use aludel::prelude::*;
use chrono::{DateTime, Utc};

/// When a row came, and when it was changed last: columns of every table that embeds them.
#[derive(Columns, Clone, Debug)]
pub struct Timestamps {
    /// When it came.
    #[column(server_default = now())]
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    #[column(server_default = now(), onupdate = Utc::now())]
    pub updated_at: DateTime<Utc>,
}

/// Somebody who writes.
#[derive(Entity)]
#[entity(table = "users")]
pub struct User {
    /// Counted up by the database.
    #[column(primary_key)]
    pub id: i64,
    /// The address, told apart from others without regard to case: it is stored in lower case.
    #[column(length = 255, unique)]
    pub email: String,
    /// The password's hash, as argon2 writes it.
    #[column(length = 255)]
    pub hashed_password: String,
    /// Whether the user may write.
    #[column(server_default = true)]
    pub is_active: bool,
    /// When it came, and when it was changed last.
    #[embedded]
    pub timestamps: Timestamps,
    /// What the user has written.
    #[relation(back_populates = Article::OWNER)]
    pub articles: HasMany<Article>,
}

/// What a user has written.
#[derive(Entity, Debug)]
#[entity(table = "articles", soft_delete = deleted_at)]
pub struct Article {
    /// Counted up by the database.
    #[column(primary_key)]
    pub id: i64,
    /// At most 200 characters.
    #[column(length = 200)]
    pub title: String,
    /// The text.
    pub content: String,
    /// Whether readers see it.
    #[column(server_default = false)]
    pub is_published: bool,
    /// Who wrote it; the database sees to it that there is such a user.
    #[column(foreign_key = User::ID, index)]
    pub owner_id: i64,
    /// When it came, and when it was changed last.
    #[embedded]
    pub timestamps: Timestamps,
    /// When it was deleted. Its row stays, and no query sees it unless it asks for deleted rows.
    pub deleted_at: Option<DateTime<Utc>>,
    /// Who wrote it.
    #[relation(back_populates = User::ARTICLES)]
    pub owner: BelongsTo<User>,
}
