// The keys of the users with an address: once by a statement of Aludel, once by SQL
// that is written by hand. Both find the same, and neither is deceived by an address
// that looks like SQL.
//
// Your turn: both functions. The second one pastes the address into its text; `text!`
// binds it: `text!("… = :email", email = email)`.

use aludel::prelude::*;

pub async fn by_statement(session: &mut Session, email: &str) -> aludel::Result<Vec<i64>> {
    let _ = (session, email);
    Ok(Vec::new())
}

pub async fn by_hand(session: &mut Session, email: &str) -> aludel::Result<Vec<i64>> {
    let stmt = text_unchecked(format!("SELECT id FROM users WHERE email = '{email}' ORDER BY id"));
    let rows = session.execute(stmt).all().await?;
    rows.iter().map(|row| row.get("id")).collect()
}
