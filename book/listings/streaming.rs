use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mut session = engine.session();
    let mut letters = 0;
    let mut documents = session.stream(select(Document));
    while let Some(document) = documents.next().await? {
        letters += document.body.len(); // a `Document`, which the session does not keep
    }
    drop(documents);
    println!("{letters} bytes of text");
    // ANCHOR_END: code
    Ok(())
}
