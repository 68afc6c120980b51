// Insert a document for owner 1, commit, and return the id that the database gave it.
//
// Your turn: what is missing between the draft and the id.

use aludel::prelude::*;
use drills::docchat::Document;

pub async fn store(session: &mut Session) -> aludel::Result<i64> {
    let draft = Document::builder().title("Q4 Report").body("The last three months.").owner_id(1);
    let document = session.add(draft);
    Ok(session[document].id)
}
