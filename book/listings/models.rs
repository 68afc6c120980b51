// ANCHOR: user
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
// ANCHOR_END: user

// ANCHOR: document
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
// ANCHOR_END: document

// ANCHOR: chunk
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
// ANCHOR_END: chunk

// ANCHOR: tag
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
// ANCHOR_END: tag

// ANCHOR: tables
pub fn tables() -> Metadata {
    Metadata::of((User, Document, Chunk, Tag, DOCUMENT_TAG))
}
// ANCHOR_END: tables

// ANCHOR: fill
/// Two users and three documents, so that the other listings have something to read.
pub async fn fill(engine: &Engine) -> aludel::Result<()> {
    engine.create_all(&tables()).await?;
    let mut session = engine.session();
    let law = session.add(Tag::builder().name("law"));
    session.add(
        User::builder().email("sam@uae.dev").name("Sam").documents([
            Document::builder()
                .title("Q1 Report")
                .body("The first three months.")
                .chunks([Chunk::builder().text("The first three months.")])
                .tags([law]),
            Document::builder().title("Q2 Report").body("The second three months."),
        ]),
    );
    session.add(
        User::builder()
            .email("ann@uae.dev")
            .documents([Document::builder().title("Minutes").body("We met.").tags([law])]),
    );
    session.commit().await?;
    session.close().await?;
    println!("---");
    Ok(())
}
// ANCHOR_END: fill
