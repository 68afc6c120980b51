use aludel::prelude::*;

pub async fn run(_engine: Engine) -> aludel::Result<()> {
    // ANCHOR: code
    if let Err(error) = Engine::builder("sqlite://docchat.db").build() {
        println!("{error}");
    }
    // ANCHOR_END: code
    Ok(())
}
