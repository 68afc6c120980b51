use drills::docchat::filled;
use drills::prelude::*;

use super::exercise::finish;

pub async fn check() -> Checked {
    let db = filled().await?;
    finish(&mut db.session()).await?;
    let loaded = db.rows_read();
    let sent = db.sent_as("UPDATE");
    let title = db.value::<String>("SELECT title FROM documents WHERE id = 5").await?;
    expect("the title is stored", title, "Final")?;
    expect("one UPDATE of one column is sent", sent, ["UPDATE documents SET title = ?1 WHERE id = ?2"])?;
    expect("the document was loaded, and nothing else", loaded, 1)?;
    let others = db.value::<i64>("SELECT count(*) FROM documents WHERE title = 'Final'").await?;
    expect("no other document is changed", others, 1)
}
