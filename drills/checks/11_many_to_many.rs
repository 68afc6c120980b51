use drills::prelude::*;

use super::exercise::{tables, tag, tagged};

pub async fn check() -> Checked {
    let db = Db::create();
    db.create_tables(&tables()).await?;
    let schema = db.engine.inspect().await?;
    expect("there is a table between the two", schema.has_table("document_tag"), true)?;
    let key = &schema.primary_key("document_tag")?.columns;
    expect("its key is the pair of keys", key.clone(), ["document_id", "tag_id"])?;

    db.run("INSERT INTO documents (title) VALUES ('Q1 Report'), ('Q2 Report'), ('Minutes')").await?;
    tag(&mut db.session(), 1, "finance").await?;
    tag(&mut db.session(), 3, "draft").await?;
    let ties = db.column::<String>(
        "SELECT title || ': ' || name FROM document_tag JOIN documents ON documents.id = document_id \
         JOIN tags ON tags.id = tag_id ORDER BY document_id",
    );
    expect(
        "a tag that is pushed writes the row between",
        ties.await?,
        ["Q1 Report: finance", "Minutes: draft"],
    )?;
    db.run("INSERT INTO document_tag (document_id, tag_id) VALUES (2, 1)").await?;
    let titles = tagged(&mut db.session(), "finance").await?;
    expect("the documents of a tag are found", titles, ["Q1 Report", "Q2 Report"])
}
