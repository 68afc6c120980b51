use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let (mut a, mut b) = (engine.session(), engine.session());
    let (first, second) = (a.get_one::<Document>(1).await?, b.get_one::<Document>(2).await?);
    a[first].title = "Mine".into();
    b[second].title = "Theirs".into();
    a.flush().await?;
    b.flush().await?;

    // Each now wants the row that the other one has changed.
    let (other, another) = (a.get_one::<Document>(2).await?, b.get_one::<Document>(1).await?);
    a[other].title = "Mine too".into();
    b[another].title = "Theirs too".into();
    let (one, two) = tokio::join!(a.flush(), b.flush());
    let victim = one.and(two).expect_err("the database ends one of them");
    // ANCHOR_END: code
    println!("---");
    println!("{:?}, worth another run: {}", victim.kind(), victim.is_retryable());
    Ok(())
}
