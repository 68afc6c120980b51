use drills::docchat::filled;
use drills::prelude::*;

use super::exercise::newest_by_user;

pub async fn check() -> Checked {
    let db = filled().await?;
    let found = newest_by_user(&mut db.session()).await?;
    let sent = db.sent().len();
    let (emails, titles): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    expect("every user has a line", emails, ["sam@uae.dev", "ann@uae.dev", "bo@uae.dev"])?;
    let newest_first = [vec!["Q2 Report", "Q3 Report", "Q1 Report"], vec!["Minutes", "Plan"], vec!["Letter"]];
    expect("the newest document of each user comes first", titles, newest_first)?;
    expect("two statements do, however many users there are", sent, 2)
}
