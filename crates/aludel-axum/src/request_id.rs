//! The id of a request: in its log lines, in its response, in the problems it meets.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::{HeaderMap, HeaderName, HeaderValue};

/// The header that carries it, in both directions.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Longer ids of a client are replaced by one of our own.
const LONGEST: usize = 64;

/// The id of a request, as the [`layer`](crate::layer) gave it: that of the header `x-request-id`, or a new one.
///
/// An id of the client counts only if it has 1 to 64 characters out of `A-Z a-z 0-9 - _ .`, so that it can be logged as it is. The layer puts it into
/// the request's extensions.
///
/// ```
/// # async fn example(request: axum::extract::Request) {
/// let id = request.extensions().get::<aludel_axum::RequestId>();
/// # let _ = id;
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// Takes the client's, if it has a sound one, or makes one.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let theirs = headers.get(HEADER).and_then(|value| value.to_str().ok());
        match theirs.filter(|id| is_sound(id)) {
            Some(id) => Self(id.into()),
            None => Self::random(),
        }
    }

    /// 128 bits from the keys that the standard library draws for its hash maps, told apart by a counter.
    fn random() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let half = || RandomState::new().hash_one(number);
        Self(format!("{:016x}{:016x}", half(), half()).into())
    }

    /// Returns the id.
    ///
    /// ```
    /// use aludel_axum::RequestId;
    /// use aludel_axum::testing::TestClient;
    /// use axum::{Extension, Router, routing::get};
    /// use http::Request;
    ///
    /// async fn id(Extension(id): Extension<RequestId>) -> String {
    ///     id.as_str().to_owned() // to be handed on to the services that this one calls
    /// }
    ///
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let engine = aludel::Engine::builder("sqlite::memory:").build().unwrap();
    /// let client = TestClient::new(Router::new().route("/", get(id)).layer(aludel_axum::layer(engine)));
    /// let request = Request::get("/").header("x-request-id", "from-the-proxy").body(axum::body::Body::empty()).unwrap();
    /// let response = client.send(request).await;
    /// assert_eq!((response.text(), response.header("x-request-id")), ("from-the-proxy", Some("from-the-proxy")));
    /// # });
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).expect("an id is made of letters, digits and three marks")
    }
}

fn is_sound(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=LONGEST).contains(&id.len()) && id.bytes().all(plain)
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
