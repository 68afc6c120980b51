use aludel::prelude::*;

pub async fn with_db<T>(
    engine: &Engine,
    route: impl AsyncFnOnce(&mut Session) -> aludel::Result<T>,
) -> aludel::Result<T> {
    let mut session = engine.session();
    let answer = route(&mut session).await;
    session.commit().await?;
    answer
}
