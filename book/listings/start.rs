use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    engine.ping().await?;
    println!("there is a database");
    Ok(())
}
