use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mut session = engine.session();
    session.max_queries(2);
    let stmt = select(User).options(selectinload(User::DOCUMENTS));
    let users = session.scalars(stmt).all().await?;
    println!("{} users with their documents in {} statements", users.len(), session.query_count());

    let one_too_many = session.get::<Tag>(1).await;
    println!("{}", one_too_many.is_err());
    // ANCHOR_END: code
    Ok(())
}
