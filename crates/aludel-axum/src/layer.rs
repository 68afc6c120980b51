//! The layer around the routes: ids, one log line a request, and the commit of `AutoCommit`.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use aludel::Engine;
use axum_core::extract::Request;
use axum_core::response::{IntoResponse, Response};
use tracing::Instrument;

use crate::input::PATIENCE;
use crate::request_id;
use crate::scope::{CURRENT, Lent, Scope};
use crate::{Problem, RequestId, problem};

/// Makes the layer that commits for [`AutoCommit`](crate::AutoCommit), gives each request an id, and logs it.
///
/// One event a request, target `aludel_axum`, level INFO: `request_id`, `method`, `path` (without the query string), `status`, `statements` (how many the
/// request's sessions sent) and `milliseconds`. What happens meanwhile is inside a span `request` with the same id; the response carries the
/// id in `x-request-id`.
///
/// A 4xx in plain text or without a body becomes a [`Problem`] with this text for its detail: that is what axum's own extractors answer to a path or a query
/// that they cannot read, and its router to a path that leads nowhere. So all that a client is refused by is `application/problem+json`.
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
    Layer { engine, body_timeout: PATIENCE }
}

/// What [`layer`] gives.
#[derive(Clone, Debug)]
pub struct Layer {
    engine: Engine,
    body_timeout: Duration,
}

impl Layer {
    /// Sets how long an [`Input`](crate::Input) waits for the whole body: 30 seconds unless this says otherwise. A client that takes longer is told so, by a 408.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aludel::prelude::*;
    ///
    /// # fn app(engine: Engine) -> axum::Router {
    /// let layer = aludel_axum::layer(engine).body_timeout(Duration::from_secs(5));
    /// axum::Router::new().layer(layer)
    /// # }
    /// ```
    #[must_use]
    pub fn body_timeout(self, body_timeout: Duration) -> Self {
        Self { body_timeout, ..self }
    }
}

impl<S> tower_layer::Layer<S> for Layer {
    type Service = Service<S>;

    fn layer(&self, inner: S) -> Service<S> {
        Service { inner, layer: self.clone() }
    }
}

/// A service under the [`layer`].
#[derive(Clone, Debug)]
pub struct Service<S> {
    inner: S,
    layer: Layer,
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
        let Layer { engine, body_timeout } = self.layer.clone();
        let scope = Arc::new(Scope::new(id.clone(), engine, body_timeout));
        request.extensions_mut().insert(id.clone());
        request.extensions_mut().insert(scope.clone());
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let span = tracing::info_span!(target: "aludel_axum", "request", request_id = %id);
        let handled = self.inner.call(request);
        let current = scope.clone();
        let settled = async move {
            let response = handled.await?.into_response();
            let response = settle(&current, response).await;
            Ok(problem::of_refusal(response).await)
        };
        let settled = CURRENT.scope(scope.clone(), settled.instrument(span));
        Box::pin(async move {
            let mut response = settled.await?;
            response.headers_mut().insert(request_id::HEADER, id.header());
            // The span has the id too: outside of it, a line has it once.
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
        })
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
