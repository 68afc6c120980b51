use aludel::prelude::*;

pub async fn run(_: Engine) -> aludel::Result<()> {
    // ANCHOR: code
    let engine = Engine::builder("postgresql://sam@127.0.0.1:1/docchat").build()?; // no I/O yet
    if let Err(error) = engine.connect().await {
        println!("{error}");
    }
    // ANCHOR_END: code
    Ok(())
}
