use aludel::prelude::*;
use drills::docchat::Document;

pub async fn newest_first(session: &mut Session) -> aludel::Result<Vec<Obj<Document>>> {
    let stmt = select(Document).filter(Document::OWNER_ID.eq(1)).order_by(Document::CREATED_AT.desc());
    session.scalars(stmt).all().await
}
