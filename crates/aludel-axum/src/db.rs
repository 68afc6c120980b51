//! A session per request.

use std::convert::Infallible;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use aludel::{Engine, Session};
use axum_core::extract::{FromRef, FromRequestParts};
use http::request::Parts;

use crate::scope::Scope;

/// A session of this request, opened on the [`Engine`] in the router's state.
///
/// It takes a connection at its first statement, and not before. However the handler ends (by a response, an error, a panic, or because the
/// client hung up), what was not committed is rolled back and the connection goes back to the pool.
///
/// ```
/// use aludel::prelude::*;
/// use aludel_axum::{Db, Problem};
///
/// # #[derive(Entity, Debug)]
/// # #[entity(table = "notes")]
/// # pub struct Note { #[column(primary_key)] pub id: i64, pub text: String }
/// async fn create(mut db: Db, text: String) -> Result<String, Problem> {
///     let note = db.add(Note::builder().text(text));
///     db.commit().await?; // BEGIN; INSERT INTO notes …; COMMIT
///     Ok(db[note].id.to_string())
/// }
/// # let _: axum::Router<Engine> = axum::Router::new().route("/", axum::routing::post(create));
/// ```
pub struct Db {
    session: Session,
    scope: Option<Arc<Scope>>,
}

impl<S> FromRequestParts<S> for Db
where
    S: Send + Sync,
    Engine: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let session = Engine::from_ref(state).session();
        Ok(Self { session, scope: parts.extensions.get::<Arc<Scope>>().cloned() })
    }
}

impl Deref for Db {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}

impl DerefMut for Db {
    fn deref_mut(&mut self) -> &mut Session {
        &mut self.session
    }
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.session.fmt(f)
    }
}

impl Drop for Db {
    fn drop(&mut self) {
        if let Some(scope) = &self.scope {
            scope.count(&self.session);
        }
    }
}
