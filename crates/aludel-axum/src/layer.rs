//! The layer around the routes: ids, one log line a request, and the commit of `AutoCommit`.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use aludel::Engine;
use axum_core::extract::Request;
use axum_core::response::{IntoResponse, Response};
use tracing::Instrument;

use crate::request_id;
use crate::scope::{CURRENT, Lent, Scope};
use crate::{Problem, RequestId};

/// Makes the layer that commits for [`AutoCommit`](crate::AutoCommit), gives each request an id, and logs it.
///
/// One event a request, target `aludel_axum`, level INFO: `request_id`, `method`, `path` (without the query string), `status`, `statements` (how many the
/// request's sessions sent) and `milliseconds`. What happens meanwhile is inside a span `request` with the same id; the response carries the
/// id in `x-request-id`.
///
/// ```
/// use aludel::prelude::*;
/// use axum::{Router, routing::get};
///
/// # fn app() -> aludel::Result<Router> {
/// let engine = Engine::builder("sqlite:///blog.db").build()?;
/// let app = Router::new()
///     .route("/health", get(aludel_axum::health))
///     .layer(aludel_axum::layer(engine.clone()))
///     .with_state(engine);
/// # Ok(app)
/// # }
/// ```
#[must_use]
pub fn layer(engine: Engine) -> Layer {
    Layer { engine }
}

/// What [`layer`] gives.
#[derive(Clone, Debug)]
pub struct Layer {
    engine: Engine,
}

impl<S> tower_layer::Layer<S> for Layer {
    type Service = Service<S>;

    fn layer(&self, inner: S) -> Service<S> {
        Service { inner, engine: self.engine.clone() }
    }
}

/// A service under the [`layer`].
#[derive(Clone, Debug)]
pub struct Service<S> {
    inner: S,
    engine: Engine,
}

impl<S> tower_service::Service<Request> for Service<S>
where
    S: tower_service::Service<Request>,
    S::Response: IntoResponse,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let began = Instant::now();
        let id = RequestId::of(request.headers());
        let scope = Arc::new(Scope::new(id.clone(), self.engine.clone()));
        request.extensions_mut().insert(id.clone());
        request.extensions_mut().insert(scope.clone());
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let span = tracing::info_span!(target: "aludel_axum", "request", request_id = %id);
        let handled = self.inner.call(request);
        let current = scope.clone();
        let answered = async move {
            let response = handled.await?.into_response();
            let mut response = settle(&scope, response).await;
            response.headers_mut().insert(request_id::HEADER, id.header());
            tracing::info!(
                target: "aludel_axum",
                request_id = %id,
                %method,
                path,
                status = response.status().as_u16(),
                statements = scope.statements(),
                milliseconds = began.elapsed().as_micros() as f64 / 1e3,
                "answered"
            );
            Ok(response)
        };
        Box::pin(CURRENT.scope(current, answered.instrument(span)))
    }
}

/// Commits what the handler left in an [`AutoCommit`](crate::AutoCommit), or rolls it back.
async fn settle(scope: &Scope, response: Response) -> Response {
    let success = !(response.status().is_client_error() || response.status().is_server_error());
    match scope.take() {
        Lent::Never => response,
        Lent::Out if success => Problem::mistake(
            "AutoCommit outlived its handler, so that it cannot be committed before the response: end it before the body begins, \
             or use `Db` and commit",
        )
        .into_response(),
        Lent::Out => response,
        Lent::Back(mut session) => {
            // A rollback that fails has nothing to tell the client: the pool discards the connection.
            let ended = if success { session.commit().await } else { session.rollback().await.or(Ok(())) };
            scope.count(&session);
            match ended {
                Ok(()) => response,
                Err(error) => Problem::from(error).into_response(),
            }
        }
    }
}
