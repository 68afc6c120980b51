use aludel::prelude::*;
use chrono::{DateTime, Utc};

#[derive(Entity, Debug)]
#[entity(table = "documents", soft_delete = deleted_at)]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 200)]
    pub title: String,
    pub deleted_at: Option<DateTime<Utc>>,
}

/// Deletes a document.
pub async fn remove(session: &mut Session, id: i64) -> aludel::Result<()> {
    let document = session.get_one::<Document>(id).await?;
    session.delete(document);
    session.commit().await
}

/// Brings a deleted document back.
pub async fn restore(session: &mut Session, id: i64) -> aludel::Result<()> {
    let document = session.get_one::<Document>(id).with_deleted().await?;
    session.restore(document);
    session.commit().await
}
