//! `/users`.

use aludel_axum::{AutoCommit, Db, Page, Problem, Valid};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};

use crate::Shared;
use crate::crud::UserRepository;
use crate::passwords::Hasher;
use crate::schemas::{Listed, UserCreate, UserListed, UserOut};

/// The routes of users.
pub fn routes() -> Router<Shared> {
    Router::new().route("/users", get(list).post(create)).route("/users/{id}", get(read))
}

/// Lists users, the newest first, each with the number of articles.
#[utoipa::path(get, path = "/users", params(Page), responses((status = 200, body = Listed<UserListed>), (status = 400, body = Problem)))]
pub(super) async fn list(mut db: Db, page: Page) -> Result<Json<Listed<UserListed>>, Problem> {
    Ok(Json(UserRepository(&mut db).list(page).await?))
}

/// Stores a user.
#[utoipa::path(
    post,
    path = "/users",
    request_body = UserCreate,
    responses((status = 201, body = UserOut), (status = 409, body = Problem), (status = 422, body = Problem))
)]
pub(super) async fn create(
    State(hasher): State<Hasher>,
    mut db: AutoCommit,
    Valid(user): Valid<UserCreate>,
) -> Result<(StatusCode, Json<UserOut>), Problem> {
    let hashed_password = hasher.hash(user.password).await?;
    let user = UserRepository(&mut db).create(&user.email, hashed_password).await?;
    Ok((StatusCode::CREATED, Json(user)))
}

/// Returns a user.
#[utoipa::path(get, path = "/users/{id}", params(("id" = i64, Path)), responses((status = 200, body = UserOut), (status = 404, body = Problem)))]
pub(super) async fn read(mut db: Db, Path(id): Path<i64>) -> Result<Json<UserOut>, Problem> {
    let user = UserRepository(&mut db).get_by_id(id).await?;
    user.map(Json).ok_or_else(|| Problem::not_found("there is no such user"))
}
