use aludel::prelude::*;
use drills::docchat::{Document, User};

pub async fn report(session: &mut Session) -> aludel::Result<Vec<String>> {
    let stmt = select(User)
        .order_by(User::ID)
        .options(selectinload(User::DOCUMENTS).then(selectinload(Document::TAGS)));
    let users = session.scalars(stmt).all().await?;
    let mut lines = Vec::new();
    for user in users {
        for document in session.view(user).documents()? {
            let tags: Vec<String> = document.tags()?.map(|it| it.name.clone()).collect();
            lines.push(format!("{}: {} [{}]", session[user].email, document.title, tags.join(", ")));
        }
    }
    Ok(lines)
}
