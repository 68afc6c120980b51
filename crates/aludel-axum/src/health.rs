//! Is the database there?

use std::time::Duration;

use aludel::Engine;
use axum_core::body::Body;
use axum_core::extract::{FromRef, FromRequestParts};
use axum_core::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderValue, StatusCode};

use crate::Problem;

/// Longer than this, and the answer is no.
const PATIENCE: Duration = Duration::from_secs(2);

/// A route that asks the database: 200 and `{"status":"ok"}`, or a [`Problem`] 503 if no answer came within two seconds.
///
/// ```
/// # fn app(engine: aludel::Engine) -> axum::Router {
/// axum::Router::new().route("/health", axum::routing::get(aludel_axum::health)).with_state(engine)
/// # }
/// ```
pub async fn health(Health(engine): Health) -> Response {
    let failure = match tokio::time::timeout(PATIENCE, engine.ping()).await {
        Ok(Ok(())) => {
            let mut response = Response::new(Body::from(r#"{"status":"ok"}"#));
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            return response;
        }
        Ok(Err(error)) => Problem::unhealthy().caused_by(error),
        Err(elapsed) => Problem::unhealthy().caused_by(elapsed),
    };
    failure.into_response()
}

impl Problem {
    fn unhealthy() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "the database does not answer")
    }
}

/// The engine in the router's state.
#[derive(Debug)]
pub struct Health(Engine);

impl<S> FromRequestParts<S> for Health
where
    S: Send + Sync,
    Engine: FromRef<S>,
{
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(_: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(Engine::from_ref(state)))
    }
}
