// A deleted document goes to the bin: no query finds it, its row stays, and it can be
// brought back.
//
// Your turn: the column that says when it was deleted, the attribute of the entity that
// makes use of it, and `restore`.

use aludel::prelude::*;

#[derive(Entity, Debug)]
#[entity(table = "documents")]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 200)]
    pub title: String,
}

/// Deletes a document.
pub async fn remove(session: &mut Session, id: i64) -> aludel::Result<()> {
    let document = session.get_one::<Document>(id).await?;
    session.delete(document);
    session.commit().await
}

/// Brings a deleted document back.
pub async fn restore(session: &mut Session, id: i64) -> aludel::Result<()> {
    let _ = (session, id);
    Ok(())
}
