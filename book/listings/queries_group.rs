use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mut session = engine.session();
    let documents = func::count(Document::ID);
    let stmt = select((User::EMAIL, documents.clone().label("documents")))
        .join(User::DOCUMENTS)
        .group_by(User::EMAIL)
        .having(documents.gt(1))
        .order_by(desc("documents"));
    for (email, count) in session.execute(stmt).all().await? {
        println!("{email}: {count}");
    }
    // ANCHOR_END: code
    Ok(())
}
