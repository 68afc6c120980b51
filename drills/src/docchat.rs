//! The models that most drills work with: users own documents, and documents have tags.

use aludel::prelude::*;
use chrono::{DateTime, TimeZone, Utc};

use crate::db::Db;

/// Somebody who writes documents.
#[derive(Entity, Debug)]
#[entity(table = "users")]
pub struct User {
    /// The key; the database counts it up.
    #[column(primary_key)]
    pub id: i64,
    /// The address.
    #[column(length = 255, unique)]
    pub email: String,
    /// The name, if we know it.
    #[column(length = 100)]
    pub name: Option<String>,
    /// The documents, found by their foreign key.
    #[relation(back_populates = Document::OWNER)]
    pub documents: HasMany<Document>,
}

/// A document.
#[derive(Entity, Debug)]
#[entity(table = "documents")]
pub struct Document {
    /// The key; the database counts it up.
    #[column(primary_key)]
    pub id: i64,
    /// The title.
    #[column(length = 200)]
    pub title: String,
    /// The text.
    pub body: String,
    /// Whose it is: the column.
    #[column(foreign_key = User::ID)]
    pub owner_id: i64,
    /// When it was stored.
    #[column(server_default = now())]
    pub created_at: DateTime<Utc>,
    /// Whose it is: the object.
    #[relation(back_populates = User::DOCUMENTS)]
    pub owner: BelongsTo<User>,
    /// Its tags.
    #[relation(secondary = DOCUMENT_TAG, back_populates = Tag::DOCUMENTS)]
    pub tags: HasMany<Tag>,
}

/// A word that documents are found by.
#[derive(Entity, Debug)]
#[entity(table = "tags")]
pub struct Tag {
    /// The key; the database counts it up.
    #[column(primary_key)]
    pub id: i64,
    /// The word.
    #[column(length = 50, unique)]
    pub name: String,
    /// What has it.
    #[relation(secondary = DOCUMENT_TAG, back_populates = Document::TAGS)]
    pub documents: HasMany<Document>,
}

aludel::association_table! {
    /// Which document has which tag.
    pub DOCUMENT_TAG = "document_tag" { document_id => Document::ID, tag_id => Tag::ID }
}

/// Makes a database with three users and six documents.
///
/// | id | title | owner | created | tags |
/// |----|-------|-------|---------|------|
/// | 1 | Q1 Report | 1, sam@uae.dev | 2nd of March | finance |
/// | 2 | Q2 Report | 1 | 9th of March | finance, draft |
/// | 3 | Q3 Report | 1 | 5th of March | |
/// | 4 | Minutes | 2, ann@uae.dev | 7th of March | |
/// | 5 | Plan | 2 | 1st of March | draft |
/// | 6 | Letter | 3, bo@uae.dev | 3rd of March | |
///
/// # Errors
///
/// Those of the database.
pub async fn filled() -> aludel::Result<Db> {
    let db = Db::create();
    db.create_tables(&Metadata::of((User, Document, Tag, DOCUMENT_TAG))).await?;
    let mut session = db.session();
    let [finance, draft] = ["finance", "draft"].map(|it| session.add(Tag::builder().name(it)));
    let document = |title: &str, day| {
        let created = Utc.with_ymd_and_hms(2026, 3, day, 12, 0, 0).single().expect("it is a day");
        Document::builder().title(title).body(format!("The text of {title}.")).created_at(created)
    };
    session.add(User::builder().email("sam@uae.dev").name("Sam").documents([
        document("Q1 Report", 2).tags([finance]),
        document("Q2 Report", 9).tags([finance, draft]),
        document("Q3 Report", 5),
    ]));
    // One after the other: the keys are to be those of the table above.
    session.flush().await?;
    session.add(
        User::builder()
            .email("ann@uae.dev")
            .name("Ann")
            .documents([document("Minutes", 7), document("Plan", 1).tags([draft])]),
    );
    session.flush().await?;
    session.add(User::builder().email("bo@uae.dev").documents([document("Letter", 3)]));
    session.commit().await?;
    session.close().await?;
    db.forget();
    Ok(db)
}
