use drills::prelude::*;

use super::exercise::{Chunk, Document};

pub async fn check() -> Checked {
    let db = Db::create();
    db.create_tables(&Metadata::of((Document, Chunk))).await?;
    let mut session = db.session();
    let document = |title: &str| {
        let chunks = ["first", "second"].map(|it| Chunk::builder().text(format!("{title}, {it}")));
        Document::builder().title(title).chunks(chunks)
    };
    let [q1, q2, _] = ["Q1", "Q2", "Q3"].map(|title| session.add(document(title)));
    session.commit().await?;
    let chunks = || db.column::<String>("SELECT text FROM chunks ORDER BY text");

    session.delete(q1);
    let deleted = session.commit().await;
    let found = deleted.as_ref().map_or_else(ToString::to_string, |()| "it is deleted".to_owned());
    that("a document with chunks can be deleted", deleted.is_ok(), "it is deleted", found)?;
    let left = ["Q2, first", "Q2, second", "Q3, first", "Q3, second"];
    expect("a deleted document takes its chunks along", chunks().await?, left)?;

    session.load(q2, Document::CHUNKS).await?;
    let first = session[q2].chunks.handles().and_then(|it| it.first().copied());
    let Some(first) = first else { return that("a document has its chunks", false, "2 chunks", "none") };
    session[q2].chunks.remove(first);
    let removed = session.commit().await;
    let found = removed.as_ref().map_or_else(ToString::to_string, |()| "it is stored".to_owned());
    that("a chunk can be taken out of its document", removed.is_ok(), "it is stored", found)?;
    expect(
        "a chunk without a document is deleted",
        chunks().await?,
        ["Q2, second", "Q3, first", "Q3, second"],
    )?;

    let stray = db.run("DELETE FROM documents WHERE title = 'Q3'").await;
    let found = stray.as_ref().map_or_else(ToString::to_string, |()| "it is deleted".to_owned());
    that("the database deletes the chunks of a stray DELETE", stray.is_ok(), "it is deleted", found)?;
    expect("the database deletes the chunks of a stray DELETE", chunks().await?, ["Q2, second"])
}
