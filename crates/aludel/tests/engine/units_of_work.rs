//! Work of several statements that is done as a whole or not at all, and the look whether it was.

use aludel::Result;
use aludel::prelude::*;

use crate::models::*;
use aludel_suite::{Db, Outcome};

/// Moves 10 from Ada to Bob and opens an account that marks it, through a session.
pub async fn by_session(engine: &Engine, marker: &str) -> Result<()> {
    let mut session = engine.session();
    let ada = session.scalars(select(Account).filter(Account::OWNER.eq("ada"))).one().await?;
    session[ada].balance -= 10;
    session.flush().await?;
    let mut nested = session.begin_nested().await?;
    let bob = nested.scalars(select(Account).filter(Account::OWNER.eq("bob"))).one().await?;
    nested[bob].balance += 10;
    nested.commit().await?;
    session.add(Account::builder().owner(marker).balance(0));
    session.commit().await
}

/// The same through a connection, with a stream and a savepoint.
pub async fn by_connection(engine: &Engine, marker: &str) -> Result<()> {
    let mut conn = engine.connect().await?;
    let mut tx = conn.begin().await?;
    tx.execute(update(Account).filter(Account::OWNER.eq("ada")).set(Account::BALANCE, Account::BALANCE - 10))
        .await?;
    let mut accounts = tx.scalars(select(Account)).stream();
    while accounts.next().await?.is_some() {}
    drop(accounts);
    let mut nested = tx.begin_nested().await?;
    nested.execute(delete(Account)).await?;
    nested.rollback().await?;
    tx.execute(update(Account).filter(Account::OWNER.eq("bob")).set(Account::BALANCE, Account::BALANCE + 10))
        .await?;
    tx.execute(open(marker)).await?;
    tx.commit().await?;
    conn.release().await;
    Ok(())
}

/// Looks as another program, when nobody holds a lock any more: was all of the work done that said so, none of what has failed, and
/// no half of what nobody knows?
pub async fn was_whole(db: &Db, marker: &str, outcome: &Result<()>) -> Outcome {
    let other = db.other();
    let mut conn = other.connect().await?;
    conn.run_plain(&["UPDATE accounts SET balance = balance"]).await?;
    let accounts = conn.scalars(select(Account)).all().await?;
    assert_eq!(
        accounts.iter().map(|it| it.balance).sum::<i64>(),
        200,
        "{marker}: half of it was done; {outcome:?}"
    );
    let marked = accounts.iter().filter(|it| it.owner == marker).count();
    let moved = accounts.iter().filter(|it| !matches!(&*it.owner, "ada" | "bob")).count();
    match outcome {
        Ok(()) => assert_eq!(marked, 1, "{marker}: it was committed"),
        Err(error) if error.kind() == ErrorKind::CommitOutcomeUnknown => {}
        Err(error) => assert_eq!(marked, 0, "{marker}: {error}"),
    }
    let ada = accounts.iter().find(|it| it.owner == "ada").map_or(0, |it| it.balance);
    assert_eq!(100 - ada, 10 * moved as i64, "{marker}: each marker stands for one transfer");
    if ada <= 0 {
        conn.run_plain(&[
            "DELETE FROM accounts WHERE owner NOT IN ('ada', 'bob')",
            "UPDATE accounts SET balance = 100",
        ])
        .await?;
    }
    conn.release().await;
    Ok(())
}
