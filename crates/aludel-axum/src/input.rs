//! JSON bodies whose refusal is a problem as well.

use std::sync::Arc;
use std::time::Duration;

use axum_core::RequestExt;
use axum_core::extract::{FromRequest, Request};
use axum_core::response::IntoResponse;
use bytes::Bytes;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;

use crate::Problem;
use crate::scope::Scope;

/// How long a body is waited for, unless the layer says otherwise.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A JSON body, like axum's `Json`, whose refusals are [`Problem`]s.
///
/// | the body | status |
/// |---|---|
/// | is not declared as JSON | 415 |
/// | is larger than the limit (2 MB unless the router sets another) | 413 |
/// | has not come within 30 seconds (or what [`body_timeout`](crate::Layer::body_timeout) says) | 408 |
/// | is not JSON, or nested too deep | 400 |
/// | is JSON of another shape: an unknown field where the type refuses them, a missing one, a value of another type | 422, the field named |
///
/// ```
/// use aludel_axum::Input;
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// #[serde(deny_unknown_fields)]
/// struct NoteCreate {
///     text: String,
/// }
///
/// async fn create(Input(note): Input<NoteCreate>) -> String {
///     note.text
/// }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::post(create));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Input<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Input<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !is_json(&request) {
            let detail = "the body must be JSON: send `Content-Type: application/json`";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
        }
        let scope = request.extensions().get::<Arc<Scope>>();
        let patience = scope.map_or(PATIENCE, |scope| scope.body_timeout);
        let body: Result<Bytes, _> = tokio::time::timeout(patience, request.extract())
            .await
            .map_err(|_| Problem::new(StatusCode::REQUEST_TIMEOUT, "the body did not come in time"))?;
        let body = body.map_err(|rejection: <Bytes as FromRequest<()>>::Rejection| {
            let status = rejection.into_response().status();
            let detail = match status {
                StatusCode::PAYLOAD_TOO_LARGE => "the body is too large",
                _ => "the body could not be read to its end",
            };
            Problem::new(status, detail)
        })?;
        read(&body).map(Self)
    }
}

fn is_json(request: &Request) -> bool {
    let declared = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let Some(Ok(kind)) = declared.map(str::parse::<mime::Mime>) else { return false };
    kind.type_() == "application"
        && (kind.subtype() == "json" || kind.suffix().is_some_and(|it| it == "json"))
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let input = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let (field, error) = (error.path().to_string(), error.into_inner());
        match error.classify() {
            serde_json::error::Category::Data if field == "." => Problem::invalid(without_place(&error)),
            serde_json::error::Category::Data => {
                Problem::invalid("the input is not valid").field(field, without_place(&error))
            }
            _ => Problem::bad_request(format!("the body is not JSON: {error}")),
        }
    })?;
    json.end().map_err(|error| Problem::bad_request(format!("the body is not JSON: {error}")))?;
    Ok(input)
}

/// Line and column say little about a body that a program wrote.
fn without_place(error: &serde_json::Error) -> String {
    let message = error.to_string();
    match message.rsplit_once(" at line ") {
        Some((message, _)) => message.to_owned(),
        None => message,
    }
}

/// A JSON body that keeps the rules which `garde` derives for its type; a broken rule is a [`Problem`] 422 that names the field.
///
/// ```
/// use aludel_axum::Valid;
/// use garde::Validate;
/// use serde::Deserialize;
///
/// #[derive(Deserialize, Validate)]
/// struct UserCreate {
///     #[garde(email)]
///     email: String,
/// }
///
/// async fn create(Valid(user): Valid<UserCreate>) -> String {
///     user.email
/// }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::post(create));
/// ```
#[cfg(feature = "garde")]
#[derive(Clone, Copy, Debug)]
pub struct Valid<T>(pub T);

#[cfg(feature = "garde")]
impl<S, T> FromRequest<S> for Valid<T>
where
    S: Send + Sync,
    T: DeserializeOwned + garde::Validate<Context = ()>,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let Input(input) = Input::<T>::from_request(request, state).await?;
        match input.validate() {
            Ok(()) => Ok(Self(input)),
            Err(report) => Err(report
                .iter()
                .fold(Problem::invalid("the input is not valid"), |problem, (field, error)| {
                    problem.field(field.to_string(), error.message())
                })),
        }
    }
}
