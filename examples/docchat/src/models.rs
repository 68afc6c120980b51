//! What is stored.

use aludel::prelude::*;
use chrono::{DateTime, Utc};

/// Somebody who writes and reads.
#[derive(Entity, Debug)]
#[entity(table = "users")]
pub struct User {
    /// Counted up by the database.
    #[column(primary_key)]
    pub id: i64,
    /// The address, in lower case.
    #[column(length = 255, unique)]
    pub email: String,
    /// How the user wants to be called.
    #[column(length = 100)]
    pub name: Option<String>,
    /// What the user has written.
    #[relation(back_populates = Document::OWNER)]
    pub documents: HasMany<Document>,
}

/// A text with a title.
#[derive(Entity, Debug)]
#[entity(table = "documents")]
pub struct Document {
    /// Counted up by the database.
    #[column(primary_key)]
    pub id: i64,
    /// At most 200 characters.
    #[column(length = 200)]
    pub title: String,
    /// The text. It was called `content` once; the hint made a rename of what would have looked like one column gone and another come.
    #[column(renamed_from = "content")]
    pub body: String,
    /// Who wrote it.
    #[column(foreign_key = User::ID, index)]
    pub owner_id: i64,
    /// When it was stored.
    #[column(server_default = now())]
    pub created_at: DateTime<Utc>,
    /// Who wrote it.
    #[relation(back_populates = User::DOCUMENTS)]
    pub owner: BelongsTo<User>,
    /// The passages of the text: they are nothing without it. The session deletes them with it, and the database does if somebody
    /// deletes the row by hand; neither reads them for that.
    #[relation(back_populates = Chunk::DOCUMENT, cascade = "all, delete-orphan", passive_deletes)]
    pub chunks: HasMany<Chunk>,
    /// What it is about.
    #[relation(secondary = DOCUMENT_TAG, back_populates = Tag::DOCUMENTS)]
    pub tags: HasMany<Tag>,
    /// With whom it is shared, since when, and by whom.
    #[relation(back_populates = Share::DOCUMENT, cascade = "all, delete-orphan", passive_deletes)]
    pub shares: HasMany<Share>,
}

#[hybrid]
impl Document {
    /// Tells whether the text has more than 5,000 characters.
    #[must_use]
    pub fn is_long(&self) -> bool {
        length(&self.body) > 5000
    }
}

/// What documents are about.
#[derive(Entity, Debug)]
#[entity(table = "tags")]
pub struct Tag {
    /// Counted up by the database.
    #[column(primary_key)]
    pub id: i64,
    /// In lower case.
    #[column(length = 50, unique)]
    pub name: String,
    /// What is about it.
    #[relation(secondary = DOCUMENT_TAG, back_populates = Document::TAGS)]
    pub documents: HasMany<Document>,
}

aludel::association_table! {
    /// Which document is about what.
    pub DOCUMENT_TAG = "document_tag" { document_id => Document::ID, tag_id => Tag::ID }
}

/// A document that a user may read: the tie has data of its own, so it is an entity.
#[derive(Entity, Debug)]
#[entity(table = "shares")]
pub struct Share {
    /// The document.
    #[column(primary_key, foreign_key = Document::ID, on_delete = "cascade")]
    pub document_id: i64,
    /// Who may read it.
    #[column(primary_key, foreign_key = User::ID, on_delete = "cascade")]
    pub user_id: i64,
    /// Since when.
    #[column(server_default = now())]
    pub added_at: DateTime<Utc>,
    /// Who shared it.
    #[column(foreign_key = User::ID)]
    pub added_by: i64,
    /// The document.
    #[relation(back_populates = Document::SHARES)]
    pub document: BelongsTo<Document>,
    /// Who may read it.
    #[relation(foreign_key = user_id)]
    pub user: BelongsTo<User>,
}

/// A passage of a document, and what it means.
#[derive(Entity, Debug)]
#[entity(table = "chunks")]
pub struct Chunk {
    /// Counted up by the database.
    #[column(primary_key)]
    pub id: i64,
    /// The document.
    #[column(foreign_key = Document::ID, on_delete = "cascade", index)]
    pub document_id: i64,
    /// The passage.
    pub text: String,
    /// The vector of the passage; see [`Vector`](crate::search::Vector).
    pub embedding: Vec<u8>,
    /// The document.
    #[relation(back_populates = Document::CHUNKS)]
    pub document: BelongsTo<Document>,
}
