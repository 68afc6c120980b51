use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mut session = engine.session();
    let sam = session.get_one::<User>(1).await?;
    if let Err(error) = session.view(sam).documents() {
        println!("{error}");
    }

    session.load(sam, User::DOCUMENTS).await?;
    for document in session.view(sam).documents()? {
        println!("{}", document.title);
    }
    // ANCHOR_END: code
    Ok(())
}
