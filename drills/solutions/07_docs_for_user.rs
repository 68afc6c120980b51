use aludel::prelude::*;
use drills::docchat::Document;

pub async fn docs_for_user(session: &mut Session, user_id: i64) -> aludel::Result<Vec<Obj<Document>>> {
    let stmt = select(Document).filter(Document::OWNER_ID.eq(user_id)).order_by(Document::CREATED_AT.desc());
    session.scalars(stmt).all().await
}
