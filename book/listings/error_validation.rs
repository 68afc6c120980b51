use aludel::prelude::*;

// ANCHOR: more
fn has_an_at(email: &str) -> Result<(), &'static str> {
    if email.contains('@') { Ok(()) } else { Err("it has no `@`") }
}

#[derive(Entity, Debug)]
#[entity(table = "members")]
pub struct Member {
    #[column(primary_key)]
    pub id: i64,
    #[column(validate = has_an_at)]
    pub email: String,
}
// ANCHOR_END: more

pub async fn run(engine: Engine) -> aludel::Result<()> {
    engine.create_all(&Metadata::of(Member)).await?;
    println!("---");
    // ANCHOR: code
    let mut session = engine.session();
    session.add(Member::builder().email("nobody"));
    if let Err(error) = session.commit().await {
        println!("{error}");
    }
    // ANCHOR_END: code
    Ok(())
}
