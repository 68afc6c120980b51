use drills::docchat::filled;
use drills::prelude::*;

use super::exercise::busy;

pub async fn check() -> Checked {
    let db = filled().await?;
    let found = busy(&mut db.session()).await?;
    let expected = [("sam@uae.dev".to_owned(), 3), ("ann@uae.dev".to_owned(), 2)];
    expect("users with more than one document are counted, the most first", found, expected)?;
    expect("the database counts: a row for each line is read", db.rows_read(), 2)
}
