use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let title = "Q2 Report, final";
    let words = engine
        .transact(|mut session| async move {
            let document = session.get_one::<Document>(2).await?;
            session[document].title = title.into();
            session.commit().await?;
            Ok(session[document].body.split(' ').count())
        })
        .await?;
    println!("{words} words");
    // ANCHOR_END: code
    Ok(())
}
