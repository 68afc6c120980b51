use drills::prelude::*;

use super::exercise::{Account, transfer};

pub async fn check() -> Checked {
    let db = Db::create();
    db.create_tables(&Metadata::of((Account,))).await?;
    db.run("INSERT INTO accounts (balance) VALUES (100), (20)").await?;
    let balances = || db.column::<i64>("SELECT balance FROM accounts ORDER BY id");
    let mut session = db.session();

    let kind = transfer(&mut session, 1, 99, 10).await.map_err(|error| error.kind());
    expect("an account that does not exist is an error", kind, Err(ErrorKind::NotFound))?;
    expect("nobody loses money to an account that does not exist", balances().await?, [100, 20])?;

    let kind = transfer(&mut session, 2, 1, 50).await.map_err(|error| error.kind());
    expect("nobody gives away what is not there", kind, Err(ErrorKind::CheckViolation))?;
    expect("neither side is written when one is refused", balances().await?, [100, 20])?;

    db.forget();
    let again = transfer(&mut session, 1, 2, 30).await;
    let found = again.as_ref().map_or_else(ToString::to_string, |()| "it is done".to_owned());
    that("the session can be used after an error", again.is_ok(), "it is done", found)?;
    expect("both sides are written", balances().await?, [70, 50])?;
    expect("one transaction writes both sides", db.sent_as("COMMIT").len(), 1)
}
