use aludel::prelude::*;
use drills::docchat::Document;

pub async fn page(session: &mut Session, last: Option<i64>, size: u32) -> aludel::Result<Vec<Obj<Document>>> {
    let mut stmt = select(Document).order_by(Document::ID.desc()).limit(size);
    if let Some(last) = last {
        stmt = stmt.filter(Document::ID.lt(last));
    }
    session.scalars(stmt).all().await
}
