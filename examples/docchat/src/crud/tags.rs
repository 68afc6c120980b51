//! What documents are about.

use aludel::prelude::*;

use crate::crud::documents::read_back;
use crate::models::{Document, Tag};
use crate::schemas::{DocumentOut, TagOut};

/// Returns all tags in their order.
pub async fn list(session: &mut Session) -> aludel::Result<Vec<TagOut>> {
    session.scalars(select_as::<TagOut>().order_by(Tag::NAME)).all().await
}

/// Returns the tag of a name; it is made if there is none.
pub async fn named(session: &mut Session, name: &str) -> aludel::Result<Obj<Tag>> {
    let name = name.trim().to_lowercase();
    match session.scalars(select(Tag).filter(Tag::NAME.eq(name.as_str()))).one_or_none().await? {
        Some(tag) => Ok(tag),
        None => Ok(session.add(Tag::builder().name(name))),
    }
}

/// Puts a tag on a document; returns the document, if there is one.
pub async fn put(session: &mut Session, document_id: i64, name: &str) -> aludel::Result<Option<DocumentOut>> {
    let Some(document) = session.get::<Document>(document_id).await? else { return Ok(None) };
    let tag = named(session, name).await?;
    session.load(document, Document::TAGS).await?;
    session.link(document, Document::TAGS, tag); // nothing changes if it has the tag
    session.flush().await?;
    read_back(session, document).await.map(Some)
}

/// Takes a tag off a document; returns the document, if there is one.
pub async fn take(
    session: &mut Session,
    document_id: i64,
    name: &str,
) -> aludel::Result<Option<DocumentOut>> {
    let Some(document) = session.get::<Document>(document_id).await? else { return Ok(None) };
    session.load(document, Document::TAGS).await?;
    let name = name.trim().to_lowercase();
    let tags = session[document].tags.handles().unwrap_or_default();
    if let Some(tag) = tags.into_iter().find(|tag| session[*tag].name == name) {
        session[document].tags.remove(tag);
    }
    session.flush().await?;
    read_back(session, document).await.map(Some)
}
