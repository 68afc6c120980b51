use aludel::prelude::*;

// ANCHOR: entity
#[derive(Entity, Debug)]
#[entity(table = "pages")]
pub struct Page {
    #[column(primary_key)]
    pub id: i64,
    pub text: String,
    #[column(version)]
    pub version: i32,
}
// ANCHOR_END: entity

pub async fn run(engine: Engine) -> aludel::Result<()> {
    engine.create_all(&Metadata::of(Page)).await?;
    let mut session = engine.session();
    session.add(Page::builder().text("Hello."));
    session.commit().await?;
    println!("---");
    // ANCHOR: code
    let (mut ann, mut sam) = (engine.session(), engine.session());
    let (hers, his) = (ann.get_one::<Page>(1).await?, sam.get_one::<Page>(1).await?);

    ann[hers].text = "Hello, world.".into();
    ann.commit().await?;

    sam[his].text = "Hi.".into(); // he has not seen hers
    if let Err(error) = sam.commit().await {
        println!("{error}");
        sam.rollback().await?;
        sam.refresh(his).await?;
        println!("he decides again, about {:?}", sam[his].text);
    }
    // ANCHOR_END: code
    Ok(())
}
