use aludel::prelude::*;

#[derive(Entity, Debug)]
#[entity(table = "documents")]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 200)]
    pub title: String,
    #[relation(secondary = DOCUMENT_TAG, back_populates = Tag::DOCUMENTS)]
    pub tags: HasMany<Tag>,
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

pub fn tables() -> Metadata {
    Metadata::of((Document, Tag, DOCUMENT_TAG))
}

/// Gives a stored document a new tag, and commits.
pub async fn tag(session: &mut Session, document: i64, name: &str) -> aludel::Result<()> {
    let document = session.get_one::<Document>(document).await?;
    let tag = session.add(Tag::builder().name(name));
    session[document].tags.push(tag);
    session.commit().await
}

/// Returns the titles of the documents with a tag, in the order of their keys.
pub async fn tagged(session: &mut Session, name: &str) -> aludel::Result<Vec<String>> {
    let stmt = select(Document::TITLE).join(Document::TAGS).filter(Tag::NAME.eq(name)).order_by(Document::ID);
    session.scalars(stmt).all().await
}
