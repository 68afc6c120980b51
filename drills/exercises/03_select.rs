// The documents of the owner with the key 1, the newest first, as objects.
//
// The models are those of `drills::docchat` (drills/src/docchat.rs), here and in most
// drills from now on.
//
// Your turn: the condition and the order.

use aludel::prelude::*;
use drills::docchat::Document;

pub async fn newest_first(session: &mut Session) -> aludel::Result<Vec<Obj<Document>>> {
    let stmt = select(Document);
    session.scalars(stmt).all().await
}
