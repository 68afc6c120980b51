use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    engine.create_all(&tables()).await?;
    println!("---");
    // ANCHOR: code
    let mut session = engine.session();
    session.add(User::builder().email("sam@uae.dev").name("Sam").documents([
        Document::builder().title("Q1 Report").body("The first three months."),
        Document::builder().title("Q2 Report").body("The second three months."),
    ]));
    session.commit().await?;

    let users = session.scalars(select(User).options(selectinload(User::DOCUMENTS))).all().await?;
    for document in session.view(users[0]).documents()? {
        println!("{}", document.title);
    }
    // ANCHOR_END: code
    Ok(())
}

