use crate::models::*;
use aludel::NPlusOne;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: code
    let mut session = engine.session_with(|o| o.n_plus_one(NPlusOne::Raise).single_reads(1));
    let users = session.scalars(select(User).order_by(User::ID)).all().await?;
    for user in users {
        if let Err(error) = session.load(user, User::DOCUMENTS).await {
            println!("{}", error.to_string().lines().next().unwrap_or_default());
        }
    }
    // ANCHOR_END: code
    Ok(())
}
