// How many documents each user has: address and number, the user with the most first,
// and only users with more than one. The database counts.
//
// Your turn: the statement.

use aludel::prelude::*;

pub async fn busy(session: &mut Session) -> aludel::Result<Vec<(String, i64)>> {
    let _ = session;
    Ok(Vec::new())
}
