// A session for a request: what a successful route did is committed; what a failed one
// did is rolled back, and its error is passed on. Either way the connection goes back
// to the pool.
//
// Your turn: what happens after the route.

use aludel::prelude::*;

pub async fn with_db<T>(
    engine: &Engine,
    route: impl AsyncFnOnce(&mut Session) -> aludel::Result<T>,
) -> aludel::Result<T> {
    let mut session = engine.session();
    route(&mut session).await
}
