use drills::docchat::{Document, filled};
use drills::prelude::*;

use super::exercise::archive;

pub async fn check() -> Checked {
    let db = filled().await?;
    let mut session = db.session();
    let loaded = session.get_one::<Document>(1).await?;
    db.forget();
    let archived = archive(&mut session, 1).await?;
    let sent = db.sent();
    let titles = db.column::<String>("SELECT title FROM documents ORDER BY id").await?;
    let expected = ["Archived", "Archived", "Archived", "Minutes", "Plan", "Letter"];
    expect("the documents of the user are archived, and no others", titles, expected)?;
    expect("the number of documents is returned", archived, 3)?;
    expect("what is loaded follows", session[loaded].title.as_str(), "Archived")?;
    let first = sent.iter().find(|it| it.contains(' ')).map_or("nothing", String::as_str);
    that("nothing is read before the UPDATE", first.starts_with("UPDATE"), "an UPDATE", first)?;
    expect("one UPDATE is sent", sent.iter().filter(|it| it.starts_with("UPDATE")).count(), 1)
}
