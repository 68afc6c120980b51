use drills::docchat::filled;
use drills::prelude::*;

use super::exercise::page;

pub async fn check() -> Checked {
    let db = filled().await?;
    let mut session = db.session();
    let first = page(&mut session, None, 4).await?;
    let keys: Vec<i64> = first.iter().map(|it| session[*it].id).collect();
    expect("the first page has the four highest keys", keys, [6, 5, 4, 3])?;
    expect("a page reads no more rows than it shows", db.rows_read(), 4)?;
    db.run("INSERT INTO documents (title, body, owner_id) VALUES ('new', '…', 1)").await?;
    let second = page(&mut session, Some(3), 4).await?;
    let keys: Vec<i64> = second.iter().map(|it| session[*it].id).collect();
    expect("the next page goes on behind the last key", keys, [2, 1])?;
    let third = page(&mut session, Some(1), 4).await?;
    expect("behind the last document there is nothing", third.len(), 0)
}
