use aludel::prelude::*;

pub async fn run(engine: Engine) -> aludel::Result<()> {
    // ANCHOR: code
    let mut conn = engine.connect().await?;
    if let Err(error) = conn.execute(text!("SELECT abs(-9223372036854775807 - 1)")).all().await {
        println!("{error}");
        println!("code {:?}", error.code());
    }
    // ANCHOR_END: code
    Ok(())
}
