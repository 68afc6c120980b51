//! What is stored.

use aludel::prelude::*;
use chrono::{DateTime, Utc};

#[derive(Entity, Debug)]
#[entity(table = "users")]
pub struct User {
    #[column(primary_key)]
    pub id: i64, // counted up by the database
    #[column(length = 255, unique)]
    pub email: String, // NOT NULL, because it is not an Option
    #[column(length = 100)]
    pub name: Option<String>, // may be NULL
    #[relation(back_populates = Document::OWNER)]
    pub documents: HasMany<Document>,
}

#[derive(Entity, Debug)]
#[entity(table = "documents")]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 200)]
    pub title: String,
    pub body: String,
    #[column(foreign_key = User::ID)]
    pub owner_id: i64,
    #[column(server_default = now())]
    pub created_at: DateTime<Utc>,
    #[relation(back_populates = User::DOCUMENTS)]
    pub owner: BelongsTo<User>,
    #[relation(back_populates = Chunk::DOCUMENT, cascade = "all, delete-orphan")]
    pub chunks: HasMany<Chunk>,
    #[relation(secondary = DOCUMENT_TAG, back_populates = Tag::DOCUMENTS)]
    pub tags: HasMany<Tag>,
}

#[derive(Entity, Debug)]
#[entity(table = "chunks")]
pub struct Chunk {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = Document::ID)]
    pub document_id: i64,
    pub text: String,
    #[relation(back_populates = Document::CHUNKS)]
    pub document: BelongsTo<Document>,
}

#[derive(Entity, Debug)]
#[entity(table = "tags")]
pub struct Tag {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50, unique)]
    pub name: String,
    #[relation(secondary = DOCUMENT_TAG, back_populates = Document::TAGS)]
    pub documents: HasMany<Document>,
}

aludel::association_table! {
    pub DOCUMENT_TAG = "document_tag" { document_id => Document::ID, tag_id => Tag::ID }
}
