//! A session that is committed if the response is a success.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use aludel::Session;
use axum_core::extract::FromRequestParts;
use http::request::Parts;

use crate::Problem;
use crate::scope::Scope;

/// A session of this request that the [`layer`](crate::layer) commits when the handler has answered with a success (1xx to 3xx), before the
/// response is sent. A failed commit replaces the response by its [`Problem`]. Every other end rolls back: a response of 4xx or 5xx, a panic, a
/// client that hung up.
///
/// ```
/// use aludel::prelude::*;
/// use aludel_axum::{AutoCommit, Problem};
///
/// # #[derive(Entity, Debug)]
/// # #[entity(table = "notes")]
/// # pub struct Note { #[column(primary_key)] pub id: i64, pub text: String }
/// async fn create(mut db: AutoCommit, text: String) -> Result<String, Problem> {
///     let note = db.insert(Note::builder().text(text)).await?; // BEGIN; INSERT INTO notes …
///     Ok(db[note].id.to_string())
/// } // COMMIT
///
/// # fn app(engine: Engine) -> axum::Router {
/// axum::Router::new()
///     .route("/notes", axum::routing::post(create))
///     .layer(aludel_axum::layer(engine))
/// # }
/// ```
///
/// Without the layer there is nobody who commits, so the request is refused with a 500 that names the missing line. A handler has one
/// `AutoCommit`, and keeps it: one that lives on in the body of the response is a 500 too, for it could not be committed in time.
pub struct AutoCommit {
    /// Empty only in `drop`.
    session: Option<Session>,
    scope: Arc<Scope>,
}

impl<S: Send + Sync> FromRequestParts<S> for AutoCommit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(scope) = parts.extensions.get::<Arc<Scope>>().cloned() else {
            return Err(Problem::mistake(
                "AutoCommit without its layer: add `.layer(aludel_axum::layer(engine))` after the routes of the router",
            ));
        };
        match scope.lend() {
            Some(session) => Ok(Self { session: Some(session), scope }),
            None => Err(Problem::mistake(
                "a second AutoCommit in one request: a handler and its extractors share one; take `Db` for reading beside it",
            )),
        }
    }
}

const HELD: &str = "the session is there until the extractor is dropped";

impl Deref for AutoCommit {
    type Target = Session;

    fn deref(&self) -> &Session {
        self.session.as_ref().expect(HELD)
    }
}

impl DerefMut for AutoCommit {
    fn deref_mut(&mut self) -> &mut Session {
        self.session.as_mut().expect(HELD)
    }
}

impl fmt::Debug for AutoCommit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.session.fmt(f)
    }
}

impl Drop for AutoCommit {
    fn drop(&mut self) {
        // A panic on its way out answers for itself: the session is rolled back here.
        if let Some(session) = self.session.take().filter(|_| !std::thread::panicking()) {
            self.scope.give_back(session);
        }
    }
}
