//! Calls a router without a socket, for tests.

use std::convert::Infallible;

use axum_core::body::Body;
use axum_core::extract::Request;
use axum_core::response::Response;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, StatusCode};
use http_body_util::BodyExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tower_service::Service;

/// A client of one router.
///
/// ```
/// use aludel_axum::testing::TestClient;
/// use axum::{Router, routing::get};
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let client = TestClient::new(Router::new().route("/", get(|| async { "hello" })));
/// let response = client.get("/").await;
/// assert_eq!((response.status, response.text()), (200.try_into().unwrap(), "hello"));
/// # });
/// ```
#[derive(Clone, Debug)]
pub struct TestClient<R> {
    router: R,
}

/// What the router answered, read to its end.
#[derive(Clone, Debug)]
pub struct TestResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl<R> TestClient<R>
where
    R: Service<Request, Response = Response, Error = Infallible> + Clone,
{
    /// Makes a client of a router whose state is filled in.
    pub fn new(router: R) -> Self {
        Self { router }
    }

    /// Sends a GET.
    pub async fn get(&self, path: &str) -> TestResponse {
        self.send(request(Method::GET, path, None)).await
    }

    /// Sends a DELETE.
    pub async fn delete(&self, path: &str) -> TestResponse {
        self.send(request(Method::DELETE, path, None)).await
    }

    /// Sends a POST of JSON.
    pub async fn post(&self, path: &str, body: &impl Serialize) -> TestResponse {
        self.send(request(Method::POST, path, Some(json(body)))).await
    }

    /// Sends a PUT of JSON.
    pub async fn put(&self, path: &str, body: &impl Serialize) -> TestResponse {
        self.send(request(Method::PUT, path, Some(json(body)))).await
    }

    /// Sends a PATCH of JSON.
    pub async fn patch(&self, path: &str, body: &impl Serialize) -> TestResponse {
        self.send(request(Method::PATCH, path, Some(json(body)))).await
    }

    /// Sends a request of the test's own, and reads the response to its end.
    ///
    /// # Panics
    ///
    /// Panics if the body of the response ends with an error.
    pub async fn send(&self, request: Request) -> TestResponse {
        let mut router = self.router.clone();
        let ready = std::future::poll_fn(|context| router.poll_ready(context)).await;
        ready.unwrap_or_else(|never| match never {});
        let response = router.call(request).await.unwrap_or_else(|never| match never {});
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("the body of the response can be read");
        TestResponse { status: parts.status, headers: parts.headers, body: body.to_bytes().to_vec() }
    }
}

fn json(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).expect("what a test sends is JSON")
}

fn request(method: Method, path: &str, json: Option<Vec<u8>>) -> Request {
    let mut request = Request::builder().method(method).uri(path);
    if json.is_some() {
        request = request.header(CONTENT_TYPE, "application/json");
    }
    request.body(Body::from(json.unwrap_or_default())).expect("the path of a test is a URI")
}

impl TestResponse {
    /// Reads the body as JSON.
    ///
    /// # Panics
    ///
    /// Panics, with the body, if it is not JSON of this type.
    #[track_caller]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in the body of a {}: {}", self.status, self.text()))
    }

    /// Reads the body as text.
    ///
    /// # Panics
    ///
    /// Panics if it is not UTF-8.
    #[track_caller]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is UTF-8")
    }

    /// Returns a header that is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}
