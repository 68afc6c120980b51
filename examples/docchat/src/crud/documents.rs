//! Documents.

use aludel::SelectEntity;
use aludel::prelude::*;
use aludel_axum::Page;

use crate::crud::tags;
use crate::models::{Document, Tag, User};
use crate::schemas::{DocumentCreate, DocumentOut, DocumentUpdate, Which};
use crate::search;

/// What a document is shown with: one statement for all owners, one for all tags.
fn shown() -> SelectEntity<Document> {
    select(Document).options((selectinload(Document::OWNER), selectinload(Document::TAGS)))
}

/// Turns documents that were loaded to be `shown` into what goes out.
pub fn out(session: &Session, documents: &[Obj<Document>]) -> aludel::Result<Vec<DocumentOut>> {
    documents.iter().map(|document| DocumentOut::from_view(session.view(*document))).collect()
}

/// Returns a page of documents, the newest first.
pub async fn list(session: &mut Session, which: Which, page: Page) -> aludel::Result<Vec<DocumentOut>> {
    let mut stmt = shown().order_by((Document::CREATED_AT.desc(), Document::ID.desc()));
    if let Some(is_long) = which.is_long {
        stmt = stmt.filter(Document::IS_LONG.eq(is_long));
    }
    if let Some(tag) = which.tag {
        stmt = stmt.filter(Document::TAGS.any(Tag::NAME.eq(tag.to_lowercase())));
    }
    let documents = session.scalars(page.of(stmt)).all().await?;
    out(session, &documents)
}

/// Returns a document, if there is one: what goes out and nothing else, in one statement with its owner's address and one for its tags.
pub async fn find(session: &mut Session, id: i64) -> aludel::Result<Option<DocumentOut>> {
    session.scalars(select_as::<DocumentOut>().filter(Document::ID.eq(id))).one_or_none().await
}

/// Returns all documents of a user, the newest first: by a query.
pub async fn docs_for_user(session: &mut Session, user_id: i64) -> aludel::Result<Vec<DocumentOut>> {
    let newest_first = (Document::CREATED_AT.desc(), Document::ID.desc());
    let stmt = shown().filter(Document::OWNER_ID.eq(user_id)).order_by(newest_first);
    let documents = session.scalars(stmt).all().await?;
    out(session, &documents)
}

/// Returns all documents of a user, the newest first: through the relation of the user, if there is one.
pub async fn docs_of_user(session: &mut Session, user_id: i64) -> aludel::Result<Option<Vec<DocumentOut>>> {
    let documents =
        selectinload(User::DOCUMENTS).then(selectinload(Document::OWNER)).then(selectinload(Document::TAGS));
    let stmt = select(User).filter(User::ID.eq(user_id)).options(documents);
    let Some(user) = session.scalars(stmt).one_or_none().await? else { return Ok(None) };
    let mut documents = session[user].documents.handles().unwrap_or_default();
    documents.sort_by_key(|it| std::cmp::Reverse((session[*it].created_at, session[*it].id)));
    out(session, &documents).map(Some)
}

/// Stores a document with its tags and passages.
pub async fn create(session: &mut Session, new: DocumentCreate) -> aludel::Result<DocumentOut> {
    let DocumentCreate { title, body, owner_id, tags } = new;
    let document = session.add(Document::builder().title(title).body(body).owner_id(owner_id));
    search::index(session, document).await?;
    for name in tags {
        let tag = tags::named(session, &name).await?;
        session.link(document, Document::TAGS, tag);
    }
    session.flush().await?;
    read_back(session, document).await
}

/// Changes what was sent, and returns the document, if there is one.
pub async fn update(
    session: &mut Session,
    id: i64,
    changes: DocumentUpdate,
) -> aludel::Result<Option<DocumentOut>> {
    let Some(document) = session.get::<Document>(id).await? else { return Ok(None) };
    let is_new_text = matches!(changes.body, Change::Set(_));
    session.apply(document, changes);
    if is_new_text {
        search::index(session, document).await?;
    }
    session.flush().await?;
    read_back(session, document).await.map(Some)
}

/// Deletes a document with its passages; tells whether there was one.
pub async fn remove(session: &mut Session, id: i64) -> aludel::Result<bool> {
    let Some(document) = session.get::<Document>(id).await? else { return Ok(false) };
    session.delete(document);
    Ok(true)
}

/// Loads what a document is shown with.
pub async fn read_back(session: &mut Session, document: Obj<Document>) -> aludel::Result<DocumentOut> {
    session.load(document, Document::OWNER).await?;
    session.load(document, Document::TAGS).await?;
    DocumentOut::from_view(session.view(document))
}
