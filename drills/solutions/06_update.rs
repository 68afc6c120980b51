use aludel::prelude::*;
use drills::docchat::Document;

pub async fn finish(session: &mut Session) -> aludel::Result<()> {
    let document = session.get_one::<Document>(5).await?;
    session[document].title = "Final".into();
    session.commit().await
}
