use std::time::Duration;

use drills::prelude::*;

use super::exercise::connect;

pub async fn check() -> Checked {
    let kind = connect("sqlite:/blog.db").map(|_| "an engine").map_err(|error| error.kind());
    expect("a wrong URL is an error", kind, Err(ErrorKind::Url))?;

    let engine = connect("sqlite::memory:")?;
    let answer: i64 = engine.connect().await?.execute(text!("SELECT 41 + 1")).one().await?.at(0)?;
    expect("the engine connects", answer, 42)?;
    let _lent = (engine.connect().await?, engine.connect().await?);
    let third = tokio::time::timeout(Duration::from_secs(5), engine.connect()).await;
    match third {
        Ok(Ok(_)) => that("two connections at most are lent", false, "an error", "a third connection"),
        Ok(Err(error)) => expect("who waits too long gets an error", error.kind(), ErrorKind::PoolTimeout),
        Err(_) => {
            that("nobody waits longer than 50 ms", false, "an error after 50 ms", "no answer after 5 s")
        }
    }
}
