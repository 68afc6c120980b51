//! Who may read a document.

use aludel::prelude::*;

use crate::models::{Document, Share};
use crate::schemas::{ShareCreate, ShareOut};

/// Returns the readers of a document, if there is one.
pub async fn list(session: &mut Session, document_id: i64) -> aludel::Result<Option<Vec<ShareOut>>> {
    if session.get::<Document>(document_id).await?.is_none() {
        return Ok(None);
    }
    let stmt = select_as::<ShareOut>().filter(Share::DOCUMENT_ID.eq(document_id)).order_by(Share::USER_ID);
    session.scalars(stmt).all().await.map(Some)
}

/// Gives a document to a reader; returns the readers, if there is such a document.
pub async fn create(
    session: &mut Session,
    document_id: i64,
    share: ShareCreate,
) -> aludel::Result<Option<Vec<ShareOut>>> {
    let Some(document) = session.get::<Document>(document_id).await? else { return Ok(None) };
    let share = Share::builder().user_id(share.user_id).added_by(share.added_by).document(document);
    session.insert(share).await?;
    list(session, document_id).await
}
