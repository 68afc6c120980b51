use crate::models::*;
use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    engine.create_all(&tables()).await?;
    println!("---");
    // ANCHOR: code
    let mut session = engine.session();
    let sam = session.add(User::builder().email("sam@uae.dev").name("Sam"));
    println!("staged, and nothing is sent: {:?}", session.key(sam));

    session.commit().await?;
    println!("stored under the key {}", session[sam].id);
    // ANCHOR_END: code
    Ok(())
}
