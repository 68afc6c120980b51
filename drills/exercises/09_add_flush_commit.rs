// The three steps of a write. `stage` notes a tag in memory: nothing is sent. `send`
// sends the INSERT within a transaction: the key is known, and nobody else sees the
// row. `publish` makes it last: everybody sees it.
//
// Your turn: one call in each function.

use aludel::prelude::*;
use drills::docchat::Tag;

pub fn stage(session: &mut Session, name: &str) -> Option<Obj<Tag>> {
    let _ = (session, name);
    None
}

pub async fn send(session: &mut Session) -> aludel::Result<()> {
    let _ = session;
    Ok(())
}

pub async fn publish(session: &mut Session) -> aludel::Result<()> {
    let _ = session;
    Ok(())
}
