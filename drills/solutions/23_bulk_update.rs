use aludel::prelude::*;
use drills::docchat::Document;

pub async fn archive(session: &mut Session, owner: i64) -> aludel::Result<u64> {
    let stmt = update(Document).filter(Document::OWNER_ID.eq(owner)).set(Document::TITLE, "Archived");
    let archived = session.execute(stmt).await?.rows_affected;
    session.commit().await?;
    Ok(archived)
}
