use drills::docchat::filled;
use drills::prelude::*;

use super::exercise::{publish, send, stage};

pub async fn check() -> Checked {
    let db = filled().await?;
    let others_see = || db.column::<String>("SELECT name FROM tags WHERE id > 2");
    let nothing: [&str; 0] = [];

    let mut session = db.session();
    let tag = stage(&mut session, "law");
    that(
        "`stage` adds the tag to the session",
        session.new().len() == 1,
        "1 new object",
        session.new().len(),
    )?;
    let Some(tag) = tag else { return that("`stage` returns the handle", false, "Some(handle)", "None") };
    expect("`stage` sends nothing", db.sent(), nothing)?;
    expect("a staged object has no key yet", session.key(tag).is_some(), false)?;

    send(&mut session).await?;
    expect("`send` sends the INSERT", db.sent_as("INSERT").len(), 1)?;
    expect("the key is known after `send`", session[tag].id, 3)?;
    expect("`send` does not commit", db.sent_as("COMMIT"), nothing)?;
    expect("nobody else sees what is not committed", others_see().await?, nothing)?;

    db.forget();
    publish(&mut session).await?;
    expect("`publish` commits", db.sent_as("COMMIT").len(), 1)?;
    expect("everybody sees what is committed", others_see().await?, ["law"])
}
