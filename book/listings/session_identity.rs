use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mut session = engine.session();
    let stmt = select(User).filter(User::EMAIL.eq("sam@uae.dev"));
    let one = session.scalars(stmt).one().await?;
    let same = session.scalars(select(User).filter(User::NAME.is_not_null())).one().await?;
    println!("one row, one object: {}", one == same);
    // ANCHOR_END: code
    Ok(())
}
