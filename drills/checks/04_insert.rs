use drills::docchat::filled;
use drills::prelude::*;

use super::exercise::store;

pub async fn check() -> Checked {
    let db = filled().await?;
    let mut session = db.session();
    let id = store(&mut session).await?;
    drop(session);
    let stored = db.column::<String>("SELECT title FROM documents WHERE owner_id = 1 AND id > 6").await?;
    expect("the document is stored", stored, ["Q4 Report"])?;
    let key = db.value::<i64>("SELECT id FROM documents WHERE title = 'Q4 Report'").await?;
    expect("the id is the one that the database gave", id, key)
}
