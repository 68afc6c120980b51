use aludel::prelude::*;
use drills::docchat::Document;

pub async fn store(session: &mut Session) -> aludel::Result<i64> {
    let draft = Document::builder().title("Q4 Report").body("The last three months.").owner_id(1);
    let document = session.add(draft);
    let id = session[document].id;
    session.commit().await?;
    Ok(id)
}
