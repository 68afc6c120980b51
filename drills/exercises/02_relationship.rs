// A user has many documents, and a document belongs to its owner.
//
// Your turn: `owner_id`, a foreign key to `User::ID`; the relation `owner` beside it,
// and `documents` on the other side, each naming the other with `back_populates`; then
// the two functions.

use aludel::prelude::*;

#[derive(Entity, Debug)]
#[entity(table = "users")]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 255, unique)]
    pub email: String,
}

#[derive(Entity, Debug)]
#[entity(table = "documents")]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 200)]
    pub title: String,
}

/// Adds a user with two documents, "Q1 Report" and "Q2 Report".
pub fn add_sam(session: &mut Session) {
    session.add(User::builder().email("sam@uae.dev"));
}

/// Returns the address of the owner of the document with this title.
pub async fn owner_of(session: &mut Session, title: &str) -> aludel::Result<String> {
    let document = session.scalars(select(Document).filter(Document::TITLE.eq(title))).one().await?;
    Ok(session[document].title.clone())
}
