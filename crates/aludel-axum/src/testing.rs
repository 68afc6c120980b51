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
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # use aludel_axum::testing::TestClient;
    /// # use axum::{Router, extract::State, routing::get};
    /// let router = Router::new().route("/", get(|State(name): State<&'static str>| async move { name }));
    /// let client = TestClient::new(router.with_state("Sam"));
    /// assert_eq!(client.get("/").await.text(), "Sam");
    /// # });
    /// ```
    pub fn new(router: R) -> Self {
        Self { router }
    }

    /// Sends a GET.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # use aludel_axum::testing::TestClient;
    /// # use aludel_axum::Page;
    /// # use axum::{Router, routing::get};
    /// let client = TestClient::new(Router::new().route("/", get(|page: Page| async move { page.limit.to_string() })));
    /// assert_eq!(client.get("/?limit=1000").await.text(), "100");
    /// assert_eq!(client.get("/?limit=all").await.status, 400);
    /// # });
    /// ```
    pub async fn get(&self, path: &str) -> TestResponse {
        self.send(request(Method::GET, path, None)).await
    }

    /// Sends a DELETE.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # use aludel_axum::testing::TestClient;
    /// # use axum::{Router, routing::delete};
    /// # use http::StatusCode;
    /// let client = TestClient::new(Router::new().route("/notes/1", delete(|| async { StatusCode::NO_CONTENT })));
    /// assert_eq!(client.delete("/notes/1").await.status, StatusCode::NO_CONTENT);
    /// # });
    /// ```
    pub async fn delete(&self, path: &str) -> TestResponse {
        self.send(request(Method::DELETE, path, None)).await
    }

    /// Sends a POST of JSON.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # use aludel_axum::testing::TestClient;
    /// # use aludel_axum::Input;
    /// # use axum::{Router, routing::post};
    /// use serde::Deserialize;
    /// use serde_json::json;
    ///
    /// #[derive(Deserialize)]
    /// struct NoteCreate {
    ///     text: String,
    /// }
    ///
    /// let create = |Input(note): Input<NoteCreate>| async move { note.text };
    /// let client = TestClient::new(Router::new().route("/notes", post(create)));
    /// assert_eq!(client.post("/notes", &json!({ "text": "milk" })).await.text(), "milk");
    /// assert_eq!(client.post("/notes", &json!({ "txt": "milk" })).await.status, 422);
    /// # });
    /// ```
    pub async fn post(&self, path: &str, body: &impl Serialize) -> TestResponse {
        self.send(request(Method::POST, path, Some(json(body)))).await
    }

    /// Sends a PUT of JSON.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # use aludel_axum::testing::TestClient;
    /// # use aludel_axum::Input;
    /// # use axum::{Router, routing::put};
    /// let client = TestClient::new(Router::new().route("/size", put(|Input(size): Input<u8>| async move { size.to_string() })));
    /// assert_eq!(client.put("/size", &7).await.text(), "7");
    /// assert_eq!(client.put("/size", &700).await.status, 422);
    /// # });
    /// ```
    pub async fn put(&self, path: &str, body: &impl Serialize) -> TestResponse {
        self.send(request(Method::PUT, path, Some(json(body)))).await
    }

    /// Sends a PATCH of JSON.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # use aludel_axum::testing::TestClient;
    /// # use aludel_axum::Input;
    /// # use axum::{Router, routing::patch};
    /// use serde::Deserialize;
    /// use serde_json::json;
    ///
    /// #[derive(Deserialize)]
    /// struct NoteUpdate {
    ///     text: Option<String>,
    /// }
    ///
    /// let update = |Input(note): Input<NoteUpdate>| async move { note.text.unwrap_or_else(|| "as it was".to_owned()) };
    /// let client = TestClient::new(Router::new().route("/notes/1", patch(update)));
    /// assert_eq!(client.patch("/notes/1", &json!({})).await.text(), "as it was");
    /// # });
    /// ```
    pub async fn patch(&self, path: &str, body: &impl Serialize) -> TestResponse {
        self.send(request(Method::PATCH, path, Some(json(body)))).await
    }

    /// Sends a request of the test's own, and reads the response to its end.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # use aludel_axum::testing::TestClient;
    /// # use axum::{Router, body::Body, routing::post};
    /// # use http::Request;
    /// let client = TestClient::new(Router::new().route("/notes", post(|text: String| async move { text })));
    /// let request = Request::post("/notes").header("content-type", "text/plain").body(Body::from("milk")).unwrap();
    /// assert_eq!(client.send(request).await.text(), "milk");
    /// # });
    /// ```
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
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # use aludel_axum::testing::TestClient;
    /// # use axum::{Json, Router, routing::get};
    /// let client = TestClient::new(Router::new().route("/", get(|| async { Json(vec!["Draft", "Plan"]) })));
    /// assert_eq!(client.get("/").await.json::<Vec<String>>(), ["Draft", "Plan"]);
    /// # });
    /// ```
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
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # use aludel_axum::testing::TestClient;
    /// # use axum::{Router, routing::get};
    /// let client = TestClient::new(Router::new().route("/", get(|| async { "hello" })));
    /// let response = client.get("/").await;
    /// assert_eq!(response.text(), "hello");
    /// assert_eq!(response.body, b"hello");
    /// # });
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if it is not UTF-8.
    #[track_caller]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is UTF-8")
    }

    /// Returns a header that is text.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # use aludel_axum::testing::TestClient;
    /// # use aludel_axum::Problem;
    /// # use axum::{Router, routing::get};
    /// let client = TestClient::new(Router::new().route("/", get(|| async { Problem::not_found("there is nothing") })));
    /// let response = client.get("/").await;
    /// assert_eq!(response.header("content-type"), Some("application/problem+json"));
    /// assert_eq!(response.header("retry-after"), None);
    /// # });
    /// ```
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}
