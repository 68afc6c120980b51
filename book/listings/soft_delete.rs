use aludel::prelude::*;
use chrono::{DateTime, Utc};

// ANCHOR: entity
#[derive(Entity, Debug)]
#[entity(table = "notes", soft_delete = deleted_at)]
pub struct Note {
    #[column(primary_key)]
    pub id: i64,
    pub text: String,
    pub deleted_at: Option<DateTime<Utc>>,
}
// ANCHOR_END: entity

pub async fn run(engine: Engine) -> aludel::Result<()> {
    engine.create_all(&Metadata::of(Note)).await?;
    let mut session = engine.session();
    let note = session.add(Note::builder().text("Buy milk"));
    session.commit().await?;
    println!("---");
    // ANCHOR: code
    session.delete(note);
    session.commit().await?;
    println!("{:?}", session.get::<Note>(1).await?);

    let note = session.get_one::<Note>(1).with_deleted().await?;
    session.restore(note);
    session.commit().await?;
    // ANCHOR_END: code
    Ok(())
}
