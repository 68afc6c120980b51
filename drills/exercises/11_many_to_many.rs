// A document has many tags, and a tag many documents.
//
// Your turn: the table between them, `document_tag`, with `aludel::association_table!`;
// a relation on both sides through it (`secondary = …`); the table in `tables`; then
// the two functions.

use aludel::prelude::*;

#[derive(Entity, Debug)]
#[entity(table = "documents")]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 200)]
    pub title: String,
}

#[derive(Entity, Debug)]
#[entity(table = "tags")]
pub struct Tag {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50, unique)]
    pub name: String,
}

pub fn tables() -> Metadata {
    Metadata::of((Document, Tag))
}

/// Gives a stored document a new tag, and commits.
pub async fn tag(session: &mut Session, document: i64, name: &str) -> aludel::Result<()> {
    let _document = session.get_one::<Document>(document).await?;
    session.add(Tag::builder().name(name));
    session.commit().await
}

/// Returns the titles of the documents with a tag, in the order of their keys.
pub async fn tagged(session: &mut Session, name: &str) -> aludel::Result<Vec<String>> {
    let _ = (session, name);
    Ok(Vec::new())
}
