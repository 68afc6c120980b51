// All documents of a user get the title "Archived", and the number of documents is
// returned. There may be a million: none of them is to be read, and one statement is to
// change them. What the session has loaded of them follows.
//
// Your turn: the UPDATE.

use aludel::prelude::*;
use drills::docchat::Document;

pub async fn archive(session: &mut Session, owner: i64) -> aludel::Result<u64> {
    let documents = session.scalars(select(Document).filter(Document::OWNER_ID.eq(owner))).all().await?;
    for document in &documents {
        session[*document].title = "Archived".to_owned();
    }
    session.commit().await?;
    Ok(documents.len() as u64)
}
