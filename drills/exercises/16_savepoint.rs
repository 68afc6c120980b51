// An import of users: each address is stored, but those that the database refuses, as
// there is somebody with that address already, are returned. All that is stored is
// committed together.
//
// Your turn: one refused address must not lose the others: each gets a savepoint of its
// own.

use aludel::prelude::*;
use drills::docchat::User;

pub async fn import(session: &mut Session, emails: &[&str]) -> aludel::Result<Vec<String>> {
    let refused = Vec::new();
    for email in emails {
        session.add(User::builder().email(*email));
        session.flush().await?;
    }
    session.commit().await?;
    Ok(refused)
}
