//! `/users`.

use aludel::Engine;
use aludel_axum::{AutoCommit, Db, Page, Problem, Valid};
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};

use crate::crud;
use crate::schemas::{DocumentOut, UserCreate, UserOut};

/// The routes of users.
pub fn routes() -> Router<Engine> {
    Router::new().route("/users", get(list).post(create)).route("/users/{id}/documents", get(documents))
}

/// Lists users.
#[utoipa::path(get, path = "/users", params(Page), responses((status = 200, body = Vec<UserOut>), (status = 400, body = Problem)))]
pub(super) async fn list(mut db: Db, page: Page) -> Result<Json<Vec<UserOut>>, Problem> {
    Ok(Json(crud::users::list(&mut db, page).await?))
}

/// Stores a user.
#[utoipa::path(
    post,
    path = "/users",
    request_body = UserCreate,
    responses((status = 201, body = UserOut), (status = 409, body = Problem), (status = 422, body = Problem))
)]
pub(super) async fn create(
    mut db: AutoCommit,
    Valid(user): Valid<UserCreate>,
) -> Result<(StatusCode, Json<UserOut>), Problem> {
    Ok((StatusCode::CREATED, Json(crud::users::create(&mut db, user).await?)))
}

/// Lists all documents of a user, the newest first.
#[utoipa::path(
    get,
    path = "/users/{id}/documents",
    params(("id" = i64, Path)),
    responses((status = 200, body = Vec<DocumentOut>), (status = 404, body = Problem))
)]
pub(super) async fn documents(mut db: Db, Path(id): Path<i64>) -> Result<Json<Vec<DocumentOut>>, Problem> {
    let documents = crud::documents::docs_of_user(&mut db, id).await?;
    documents.map(Json).ok_or_else(|| Problem::not_found("there is no such user"))
}
