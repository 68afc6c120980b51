use drills::prelude::*;

use super::exercise::{Document, remove, restore};

pub async fn check() -> Checked {
    let db = Db::create();
    db.create_tables(&Metadata::of((Document,))).await?;
    let mut session = db.session();
    session.add_all(["Q1", "Q2", "Q3"].map(|title| Document::builder().title(title)));
    session.commit().await?;
    let rows = || db.column::<String>("SELECT title FROM documents ORDER BY id");
    let found = async || db.session().scalars(select(Document::TITLE).order_by(Document::ID)).all().await;

    remove(&mut db.session(), 2).await?;
    expect("the row of a deleted document stays", rows().await?, ["Q1", "Q2", "Q3"])?;
    expect("no query finds a deleted document", found().await?, ["Q1", "Q3"])?;
    let gone = db.session().get::<Document>(2).await?.is_none();
    expect("a deleted document is not found by its key", gone, true)?;
    restore(&mut db.session(), 2).await?;
    expect("a document that was brought back is found", found().await?, ["Q1", "Q2", "Q3"])
}
