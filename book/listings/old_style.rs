use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mut session = engine.session();
    // session.query(User).filter(User.name == "Sam").first()
    let sam = session.scalars(select(User).filter(User::NAME.eq("Sam"))).first().await?;
    println!("{}", sam.is_some());
    // session.query(User).filter_by(email="ann@uae.dev").one()
    let ann = session.scalars(select(User).filter(User::EMAIL.eq("ann@uae.dev"))).one().await?;
    println!("{}", session[ann].id);
    // session.query(Document).get(2)
    let document = session.get::<Document>(2).await?;
    println!("{}", document.is_some());
    // session.query(Document).count()
    let documents: i64 = session.scalar(select(func::count(Document::ID))).await?;
    println!("{documents}");
    // session.query(Document).filter(Document.owner_id == 1).update({"body": ""})
    session.execute(update(Document).filter(Document::OWNER_ID.eq(1)).set(Document::BODY, "")).await?;
    session.commit().await?;
    // ANCHOR_END: code
    Ok(())
}
