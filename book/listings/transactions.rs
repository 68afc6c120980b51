use crate::models::*;
use aludel::Isolation;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mut session = engine.session();
    let sam = session.get_one::<User>(1).await?; // outside of a transaction
    session[sam].name = Some("Samuel".into());
    session.flush().await?; // the first write begins one
    session.get_one::<User>(2).await?; // within it
    session.commit().await?;

    let mut report = engine.session_with(|o| o.isolation(Isolation::Snapshot));
    report.scalars(select(User)).all().await?; // all that it reads is of one moment
    report.scalars(select(Document)).all().await?;
    report.rollback().await?;
    // ANCHOR_END: code
    Ok(())
}
