use aludel::prelude::*;
use drills::docchat::{Document, User};

pub async fn busy(session: &mut Session) -> aludel::Result<Vec<(String, i64)>> {
    let documents = func::count(Document::ID);
    let stmt = select((User::EMAIL, documents.clone().label("documents")))
        .join(User::DOCUMENTS)
        .group_by(User::EMAIL)
        .having(documents.gt(1))
        .order_by(desc("documents"));
    session.execute(stmt).all().await
}
