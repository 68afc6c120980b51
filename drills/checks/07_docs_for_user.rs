use drills::docchat::filled;
use drills::prelude::*;

use super::exercise::docs_for_user;

pub async fn check() -> Checked {
    let db = filled().await?;
    let all = [vec!["Q2 Report", "Q3 Report", "Q1 Report"], vec!["Minutes", "Plan"], vec!["Letter"], vec![]];
    for (user_id, expected) in (1..).zip(all) {
        let mut session = db.session();
        db.forget();
        let found = docs_for_user(&mut session, user_id).await?;
        let titles: Vec<&str> = found.iter().map(|it| session[*it].title.as_str()).collect();
        let (mut sorted, mut wanted) = (titles.clone(), expected.clone());
        sorted.sort_unstable();
        wanted.sort_unstable();
        expect(&format!("the documents of user {user_id} are found"), sorted, wanted)?;
        expect("the newest document comes first", titles, expected.clone())?;
        expect("one statement is enough", db.sent().len(), 1)?;
        expect("only rows that are wanted are read", db.rows_read(), expected.len() as u64)?;
    }
    Ok(())
}
