use drills::docchat::filled;
use drills::prelude::*;

use super::exercise::newest_first;

pub async fn check() -> Checked {
    let db = filled().await?;
    let mut session = db.session();
    let found = newest_first(&mut session).await?;
    let owners: Vec<i64> = found.iter().map(|it| session[*it].owner_id).collect();
    expect("only documents of owner 1 are found", owners, [1, 1, 1])?;
    let titles: Vec<&str> = found.iter().map(|it| session[*it].title.as_str()).collect();
    expect("the newest document comes first", titles, ["Q2 Report", "Q3 Report", "Q1 Report"])?;
    expect("only rows that are wanted are read", db.rows_read(), 3)
}
