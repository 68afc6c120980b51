use std::cmp::Reverse;

use aludel::prelude::*;
use drills::docchat::User;

pub async fn newest_by_user(session: &mut Session) -> aludel::Result<Vec<(String, Vec<String>)>> {
    let users = session.scalars(select(User).order_by(User::ID)).all().await?;
    let mut lines = Vec::new();
    for user in users {
        session.load(user, User::DOCUMENTS).await?;
        let mut documents: Vec<_> = session.view(user).documents()?.collect();
        documents.sort_by_key(|it| Reverse(it.created_at));
        let titles = documents.iter().map(|it| it.title.clone()).collect();
        lines.push((session[user].email.clone(), titles));
    }
    Ok(lines)
}
