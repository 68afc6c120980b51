// The same through the relation, for all users at once: each address, in the order of
// the keys, with the titles of its documents, the newest first. However many users
// there are, two statements do.
//
// Your turn: load the documents with the users, and sort them in memory.

use aludel::prelude::*;
use drills::docchat::User;

pub async fn newest_by_user(session: &mut Session) -> aludel::Result<Vec<(String, Vec<String>)>> {
    let users = session.scalars(select(User).order_by(User::ID)).all().await?;
    let mut lines = Vec::new();
    for user in users {
        let documents: Vec<_> = session.view(user).documents()?.collect();
        let titles = documents.iter().map(|it| it.title.clone()).collect();
        lines.push((session[user].email.clone(), titles));
    }
    Ok(lines)
}
