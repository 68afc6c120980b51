//! Errors as `application/problem+json` (RFC 9457).

use std::borrow::Cow;
use std::fmt;

use aludel::ErrorKind;
use axum_core::body::Body;
use axum_core::response::{IntoResponse, Response};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};
use http_body::Body as _;
use http_body_util::BodyExt;
use serde::Serialize;

use crate::RequestId;
use crate::scope::Scope;

/// An error as a response: `application/problem+json`, as RFC 9457 has it.
///
/// `?` makes one of any [`aludel::Error`]. The body says what a client may know: never SQL, the name of a table, or a value. The whole error is logged
/// with the id of the request (5xx as ERROR, the rest as DEBUG, target `aludel_axum`).
///
/// | kind of the error | status |
/// |---|---|
/// | `Scope` | 403 |
/// | `NotFound` | 404 |
/// | `UniqueViolation`, `StaleData`, `Serialization`, `Deadlock` | 409 |
/// | `ForeignKeyViolation`, `NotNullViolation`, `CheckViolation`, `Validation`, `Encode` | 422 |
/// | `PoolTimeout`, `Timeout`, `Disconnected` | 503 with `Retry-After` |
/// | any other | 500 |
///
/// ```
/// use aludel::prelude::*;
/// use aludel_axum::{Db, Problem};
///
/// # #[derive(Entity, Debug)]
/// # #[entity(table = "notes")]
/// # pub struct Note { #[column(primary_key)] pub id: i64, pub text: String }
/// async fn read(mut db: Db, id: i64) -> Result<String, Problem> {
///     let note = db.get::<Note>(id).await?.ok_or_else(|| Problem::not_found("there is no such note"))?;
///     Ok(db[note].text.clone())
/// }
/// ```
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
    /// What the log is told.
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What is wrong with one field of the input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
struct FieldError {
    field: String,
    message: String,
}

/// The body as it is sent.
#[derive(Serialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "utoipa", schema(as = Problem, title = "Problem"))]
struct ProblemBody {
    /// What kind of problem it is: always `about:blank`, the status says it.
    r#type: &'static str,
    /// The status in words.
    title: &'static str,
    /// The status of the response.
    status: u16,
    /// What went wrong.
    detail: String,
    /// The id of the request, by which the log is searched.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    /// What is wrong with which field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

impl Problem {
    /// Makes a problem of a status and a sentence for the client.
    ///
    /// ```
    /// use aludel_axum::Problem;
    /// use http::StatusCode;
    ///
    /// let problem = Problem::new(StatusCode::FORBIDDEN, "the article is somebody else's");
    /// assert_eq!(problem.status(), 403);
    /// ```
    #[must_use]
    pub fn new(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { status, detail: detail.into(), errors: Vec::new(), cause: None }
    }

    /// Makes a 404: `.ok_or_else(|| Problem::not_found("there is no such post"))?`.
    ///
    /// ```
    /// use aludel_axum::Problem;
    ///
    /// let titles = ["Draft", "Plan"];
    /// let title = |n: usize| titles.get(n).ok_or_else(|| Problem::not_found("there is no such title"));
    /// assert_eq!(title(7).unwrap_err().status(), 404);
    /// ```
    #[must_use]
    pub fn not_found(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// Makes a 400 that says what is wrong with the request.
    ///
    /// ```
    /// use aludel_axum::Problem;
    ///
    /// let number = |text: &str| text.parse::<u32>().map_err(|_| Problem::bad_request("`year` is not a number"));
    /// assert_eq!(number("MMXXIV").unwrap_err().status(), 400);
    /// ```
    #[must_use]
    pub fn bad_request(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// Makes a 422: the input can be read and is not valid. Say which field by [`field`](Self::field).
    ///
    /// ```
    /// let problem = aludel_axum::Problem::invalid("the user is not valid").field("email", "is taken");
    /// assert_eq!(problem.status(), 422);
    /// ```
    #[must_use]
    pub fn invalid(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    /// Says what is wrong with one field of the input: a member of `errors` in the body.
    ///
    /// ```
    /// use aludel_axum::Problem;
    /// use axum::response::IntoResponse;
    ///
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let problem = Problem::invalid("the user is not valid").field("email", "is taken").field("name", "is too long");
    /// let body = axum::body::to_bytes(problem.into_response().into_body(), 1024).await.unwrap();
    /// let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    /// assert_eq!(body["errors"][0], serde_json::json!({ "field": "email", "message": "is taken" }));
    /// # });
    /// ```
    #[must_use]
    pub fn field(mut self, field: impl Into<String>, message: impl Into<String>) -> Self {
        self.errors.push(FieldError { field: field.into(), message: message.into() });
        self
    }

    /// Keeps the cause for the log; the client does not see it.
    ///
    /// ```
    /// use std::error::Error;
    /// use aludel_axum::Problem;
    /// use http::StatusCode;
    ///
    /// let cause = std::io::Error::other("disk /dev/sdb1 is full");
    /// let problem = Problem::new(StatusCode::INSUFFICIENT_STORAGE, "the file cannot be kept").caused_by(cause);
    /// assert_eq!(problem.to_string(), "507 Insufficient Storage: the file cannot be kept"); // what the client learns
    /// assert_eq!(problem.source().unwrap().to_string(), "disk /dev/sdb1 is full"); // what the log is told besides
    /// ```
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Makes a 500 for a mistake in the program; it holds nothing of the request, so the client may read it.
    pub(crate) fn mistake(detail: &'static str) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
    }

    /// Returns the status.
    ///
    /// ```
    /// use aludel::{Error, ErrorKind};
    /// use aludel_axum::Problem;
    ///
    /// let taken = Error::new(ErrorKind::UniqueViolation, "users.email is there already");
    /// assert_eq!(Problem::from(taken).status(), 409);
    /// ```
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    fn log(&self) {
        let cause = self.cause.as_ref().map(|cause| format!("{cause:?}"));
        let (status, detail, cause) = (self.status.as_u16(), &*self.detail, cause.as_deref());
        if self.status.is_server_error() {
            tracing::error!(target: "aludel_axum", status, detail, cause, "problem");
        } else {
            tracing::debug!(target: "aludel_axum", status, detail, cause, "problem");
        }
    }
}

impl From<aludel::Error> for Problem {
    fn from(error: aludel::Error) -> Self {
        use ErrorKind as Kind;
        let (status, detail) = match error.kind() {
            Kind::NotFound => (StatusCode::NOT_FOUND, "there is no such record"),
            Kind::Scope => (StatusCode::FORBIDDEN, "the record would belong to somebody else"),
            Kind::UniqueViolation => (StatusCode::CONFLICT, "a value that must be unique is there already"),
            Kind::StaleData => (StatusCode::CONFLICT, "somebody else has changed the record meanwhile"),
            Kind::Serialization | Kind::Deadlock => {
                (StatusCode::CONFLICT, "another request was in the way; send it again")
            }
            Kind::ForeignKeyViolation => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "it names a record that does not exist, or one that others still refer to",
            ),
            Kind::NotNullViolation => (StatusCode::UNPROCESSABLE_ENTITY, "a required value is missing"),
            Kind::CheckViolation | Kind::Validation => {
                (StatusCode::UNPROCESSABLE_ENTITY, "a value is not allowed")
            }
            Kind::Encode => (StatusCode::UNPROCESSABLE_ENTITY, "a value cannot be stored"),
            Kind::PoolTimeout | Kind::Timeout => {
                (StatusCode::SERVICE_UNAVAILABLE, "the service is busy; try again shortly")
            }
            Kind::Disconnected => {
                (StatusCode::SERVICE_UNAVAILABLE, "the database cannot be reached; try again shortly")
            }
            _ => (StatusCode::INTERNAL_SERVER_ERROR, "something went wrong; the log has the details"),
        };
        Self::new(status, detail).caused_by(error)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status, self.detail)
    }
}

impl std::error::Error for Problem {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_ref().map(|cause| &**cause as _)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.log();
        let body = ProblemBody {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: self.detail.into_owned(),
            request_id: Scope::current_id().as_ref().map(RequestId::to_string),
            errors: self.errors,
        };
        let json = serde_json::to_vec(&body).expect("texts and a number are JSON");
        let mut response = Response::new(Body::from(json));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

/// The longest text that can be the detail of a problem.
const LONGEST: u64 = 4096;

/// Turns a 4xx in plain text, or without a body, into a problem of the same status; any other response stays as it is.
pub(crate) async fn of_refusal(response: Response) -> Response {
    let length = response.body().size_hint().exact();
    let is_refusal = response.status().is_client_error() && is_plain(response.headers(), length);
    if !is_refusal || length.is_none_or(|length| length > LONGEST) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let Ok(text) = body.collect().await else { return parts.status.into_response() };
    let detail = match std::str::from_utf8(&text.to_bytes()) {
        Ok(text) if !text.is_empty() => text.to_owned(),
        _ => parts.status.canonical_reason().unwrap_or("the request is refused").to_lowercase(),
    };
    let mut problem = Problem::new(parts.status, detail).into_response();
    // What else the refusal says stays said: `Allow` of a 405.
    for (name, value) in &parts.headers {
        if name != CONTENT_TYPE && name != CONTENT_LENGTH {
            problem.headers_mut().append(name, value.clone());
        }
    }
    problem
}

fn is_plain(headers: &HeaderMap, length: Option<u64>) -> bool {
    match headers.get(CONTENT_TYPE) {
        Some(kind) => kind.to_str().is_ok_and(|kind| kind.starts_with("text/plain")),
        None => length == Some(0),
    }
}

#[cfg(feature = "utoipa")]
impl utoipa::PartialSchema for Problem {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        <ProblemBody as utoipa::PartialSchema>::schema()
    }
}

#[cfg(feature = "utoipa")]
impl utoipa::ToSchema for Problem {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Problem")
    }

    fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>)>) {
        <ProblemBody as utoipa::ToSchema>::schemas(schemas);
    }
}
