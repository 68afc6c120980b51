// A list in pages, the highest key first: `size` documents behind the one with the key
// `last`, or the first ones if there is none. A page reads no more rows than it shows,
// and what is added meanwhile shifts nothing: ask for what comes behind a key, not for
// an offset.
//
// Your turn: condition, order and limit.

use aludel::prelude::*;
use drills::docchat::Document;

pub async fn page(session: &mut Session, last: Option<i64>, size: u32) -> aludel::Result<Vec<Obj<Document>>> {
    let _ = (last, size);
    let stmt = select(Document).order_by(Document::ID.desc());
    session.scalars(stmt).all().await
}
