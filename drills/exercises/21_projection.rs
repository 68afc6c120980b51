// A list shows keys, titles and the addresses of the owners. The texts of the documents
// may be long: the list must not read them, and asks once.
//
// Your turn: make `Line` a projection of `Document`, and select it.

use aludel::prelude::*;
use drills::docchat::Document;

#[derive(Debug)]
pub struct Line {
    pub id: i64,
    pub title: String,
    pub owner: String,
}

pub async fn lines(session: &mut Session) -> aludel::Result<Vec<Line>> {
    let stmt = select(Document).order_by(Document::ID).options(joinedload(Document::OWNER));
    let mut lines = Vec::new();
    for document in session.scalars(stmt).all().await? {
        let owner = session.view(document).owner()?.email.clone();
        let document = &session[document];
        lines.push(Line { id: document.id, title: document.title.clone(), owner });
    }
    Ok(lines)
}
