use drills::docchat::filled;
use drills::prelude::*;

use super::exercise::{by_hand, by_statement};

pub async fn check() -> Checked {
    let db = filled().await?;
    let mut session = db.session();
    for (email, key) in [("sam@uae.dev", vec![1]), ("ann@uae.dev", vec![2]), ("nobody@uae.dev", vec![])] {
        expect("the statement finds the user", by_statement(&mut session, email).await?, key.clone())?;
        expect("the SQL by hand finds the same", by_hand(&mut session, email).await?, key)?;
    }
    let hostile = "' OR 1 = 1 --";
    let nobody: [i64; 0] = [];
    expect(
        "the statement takes what looks like SQL as text",
        by_statement(&mut session, hostile).await?,
        nobody,
    )?;
    expect("the SQL by hand takes what looks like SQL as text", by_hand(&mut session, hostile).await?, nobody)
}
