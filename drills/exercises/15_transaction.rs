// Money goes from one account to another: both sides are written, or neither. If
// something goes wrong on the way, the error is returned, and the session can be used
// again.
//
// Your turn: the function commits too early, and does not tidy up.

use aludel::prelude::*;

#[derive(Entity, Debug)]
#[entity(table = "accounts")]
pub struct Account {
    #[column(primary_key)]
    pub id: i64,
    #[column(check = "balance >= 0")]
    pub balance: i64,
}

pub async fn transfer(session: &mut Session, from: i64, to: i64, amount: i64) -> aludel::Result<()> {
    let from = session.get_one::<Account>(from).await?;
    session[from].balance -= amount;
    session.commit().await?;
    let to = session.get_one::<Account>(to).await?;
    session[to].balance += amount;
    session.commit().await
}
