use aludel::prelude::*;
use drills::docchat::Document;

#[derive(Projection, Debug)]
#[projection(Document)]
pub struct Line {
    pub id: i64,
    pub title: String,
    #[projection(path = owner.email)]
    pub owner: String,
}

pub async fn lines(session: &mut Session) -> aludel::Result<Vec<Line>> {
    session.scalars(select_as::<Line>().order_by(Document::ID)).all().await
}
