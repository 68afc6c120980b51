//! Users, documents, chunks and tags.

use aludel::prelude::*;
use aludel_suite::Db;
use chrono::{DateTime, Utc};

#[derive(Entity, Debug)]
#[entity(table = "users")]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 255, unique)]
    pub email: String,
    #[column(length = 100)]
    pub name: Option<String>,
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
    #[relation(back_populates = Chunk::DOCUMENT, cascade = "all, delete-orphan", passive_deletes)]
    pub chunks: HasMany<Chunk>,
    #[relation(secondary = DOCUMENT_TAG, back_populates = Tag::DOCUMENTS)]
    pub tags: HasMany<Tag>,
}

#[derive(Entity, Debug)]
#[entity(table = "chunks")]
pub struct Chunk {
    #[column(primary_key)]
    pub id: i64,
    pub text: String,
    #[column(foreign_key = Document::ID, on_delete = "cascade")]
    pub document_id: i64,
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

/// A line of an order: two columns are its key.
#[derive(Entity, Debug)]
#[entity(table = "lines")]
pub struct Line {
    #[column(primary_key)]
    pub order_id: i64,
    #[column(primary_key)]
    pub number: i64,
    pub amount: i32,
}

/// Two users; the first has three documents, each with two chunks, the first of them with two tags.
pub async fn fill(db: &Db) -> aludel::Result<()> {
    db.create(&Metadata::of((User, Document, Tag, DOCUMENT_TAG, Chunk, Line))).await?;
    let mut session = db.session();
    let document = |title: &str| {
        let chunks = ["one", "two"].map(|text| Chunk::builder().text(text));
        Document::builder().title(title).body("…").chunks(chunks)
    };
    let sam = session.add(User::builder().email("sam@uae.dev").name("Sam"));
    session.add(User::builder().email("kim@uae.dev"));
    let first = session.add(document("Q1 Report").owner(sam));
    session.add_all(["Q2 Report", "Plan"].map(|title| document(title).owner(sam)));
    for name in ["finance", "draft"] {
        let tag = session.add(Tag::builder().name(name));
        session[first].tags.push(tag);
    }
    session.add_all(
        [(1, 1), (1, 2)].map(|(order, number)| Line::builder().order_id(order).number(number).amount(10)),
    );
    session.commit().await
}
