use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mut session = engine.session();
    session.add(User::builder().email("zoe@uae.dev"));
    match session.commit().await {
        Err(error) if error.kind() == ErrorKind::CommitOutcomeUnknown => {
            // Something that only this transaction wrote tells what became of it.
            let zoe = select(User).filter(User::EMAIL.eq("zoe@uae.dev"));
            let kept = engine.session().scalars(zoe).one_or_none().await?.is_some();
            println!("it was kept: {kept}");
        }
        done => done?,
    }
    // ANCHOR_END: code
    Ok(())
}
