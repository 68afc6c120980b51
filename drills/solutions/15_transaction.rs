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
    let done = move_money(session, from, to, amount).await;
    if done.is_err() {
        session.rollback().await?;
    }
    done
}

async fn move_money(session: &mut Session, from: i64, to: i64, amount: i64) -> aludel::Result<()> {
    let from = session.get_one::<Account>(from).await?;
    let to = session.get_one::<Account>(to).await?;
    session[from].balance -= amount;
    session[to].balance += amount;
    session.commit().await
}
