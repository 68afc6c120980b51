use drills::prelude::*;

use super::exercise::{Note, long_notes};

pub async fn check() -> Checked {
    let db = Db::create();
    db.create_tables(&Metadata::of((Note,))).await?;
    // The third has twenty characters, and more bytes.
    let bodies = ["A note that is rather long.", "Short.", "Zwölf süße Äpfel öäü", "Twenty-one characters"];
    let mut session = db.session();
    let notes = session.add_all(bodies.map(|body| Note::builder().body(body)));
    session.commit().await?;
    let long: Vec<bool> = notes.iter().map(|it| session[*it].is_long()).collect();
    expect("a note in memory knows whether it is long", long, [true, false, false, true])?;

    let mut session = db.session();
    db.forget();
    let found = long_notes(&mut session).await?;
    let keys: Vec<i64> = found.iter().map(|it| session[*it].id).collect();
    expect("the long notes are found", keys, [1, 4])?;
    expect("the database filters: only long notes are read", db.rows_read(), 2)
}
