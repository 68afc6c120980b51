use drills::docchat::{Tag, User, filled};
use drills::prelude::*;

use super::exercise::with_db;

pub async fn check() -> Checked {
    let db = filled().await?;
    let answer = with_db(&db.engine, async |session| {
        let tag = session.add(Tag::builder().name("law"));
        session.flush().await?;
        Ok(session[tag].id)
    });
    expect("the answer of the route is passed on", answer.await?, 3)?;
    let tags = || db.column::<String>("SELECT name FROM tags ORDER BY id");
    expect("what a successful route did is committed", tags().await?, ["finance", "draft", "law"])?;

    let failed = with_db(&db.engine, async |session| {
        session.add(Tag::builder().name("lost"));
        session.flush().await?;
        session.get_one::<User>(99).await
    });
    let error = failed.await.map(|_| "an answer").map_err(|error| error.kind());
    expect("the error of a route is passed on", error, Err(ErrorKind::NotFound))?;
    expect("what a failed route did is rolled back", tags().await?, ["finance", "draft", "law"])?;
    // What was dropped is rolled back in the background.
    for _ in 0..200 {
        if db.engine.status().in_use == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    expect("every connection is given back", db.engine.status().in_use, 0)
}
