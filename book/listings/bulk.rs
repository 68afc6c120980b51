use crate::models::*;
use aludel::prelude::*;

// ANCHOR: changeset
#[derive(Changeset)]
#[changeset(Document)]
struct Retitled {
    title: Option<String>,
}
// ANCHOR_END: changeset

pub async fn run(engine: Engine) -> aludel::Result<()> {
    fill(&engine).await?;
    // ANCHOR: insert
    let mut session = engine.session();
    let lines = ["law", "tax", "house", "car"]; // or a file of a million lines
    let tags = lines.into_iter().skip(1).map(|name| Tag::builder().name(name));
    session.insert_all(tags).batch_size(500).await?;
    // ANCHOR_END: insert
    // ANCHOR: update
    let titles = [(1, "First quarter"), (2, "Second quarter")];
    let rows = titles.map(|(key, title)| (key, Retitled { title: Some(title.to_owned()) }));
    session.bulk_update::<Document, _, _>(rows).await?;
    // ANCHOR_END: update
    // ANCHOR: statement
    let changed = session
        .execute(delete(Document).filter(Document::TITLE.starts_with("Min")))
        .await?;
    println!("{} row", changed.rows_affected);
    session.commit().await?;
    // ANCHOR_END: statement
    Ok(())
}
