//! The routes.

use aludel::Engine;
use aludel_axum::{AutoCommit, Db, Input, Page, Problem};
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use utoipa::OpenApi;

use crate::crud;
use crate::schemas::{PostCreate, PostOut, PostUpdate};

/// `/posts/`, `/health`, and `/openapi.json`, which describes them.
pub fn posts() -> Router<Engine> {
    Router::new()
        .route("/posts/", get(list).post(create))
        .route("/posts/{id}", get(read).patch(update).delete(remove))
        .route("/health", get(aludel_axum::health))
        .route("/openapi.json", get(|| async { Json(Description::openapi()) }))
}

#[derive(OpenApi)]
#[openapi(paths(list, create, read, update, remove), info(title = "Blog"))]
struct Description;

fn no_such_post() -> Problem {
    Problem::not_found("there is no such post")
}

/// Lists posts.
#[utoipa::path(get, path = "/posts/", params(Page), responses((status = 200, body = Vec<PostOut>), (status = 400, body = Problem)))]
async fn list(mut db: Db, page: Page) -> Result<Json<Vec<PostOut>>, Problem> {
    Ok(Json(crud::list(&mut db, page).await?))
}

/// Stores a post.
#[utoipa::path(post, path = "/posts/", request_body = PostCreate, responses((status = 201, body = PostOut), (status = 422, body = Problem)))]
async fn create(
    mut db: AutoCommit,
    Input(post): Input<PostCreate>,
) -> Result<(StatusCode, Json<PostOut>), Problem> {
    Ok((StatusCode::CREATED, Json(crud::create(&mut db, post).await?)))
}

/// Returns a post.
#[utoipa::path(get, path = "/posts/{id}", params(("id" = i64, Path)), responses((status = 200, body = PostOut), (status = 404, body = Problem)))]
async fn read(mut db: Db, Path(id): Path<i64>) -> Result<Json<PostOut>, Problem> {
    crud::find(&mut db, id).await?.map(Json).ok_or_else(no_such_post)
}

/// Changes the fields that are sent.
#[utoipa::path(
    patch,
    path = "/posts/{id}",
    params(("id" = i64, Path)),
    request_body = PostUpdate,
    responses((status = 200, body = PostOut), (status = 404, body = Problem), (status = 422, body = Problem))
)]
async fn update(
    mut db: AutoCommit,
    Path(id): Path<i64>,
    Input(changes): Input<PostUpdate>,
) -> Result<Json<PostOut>, Problem> {
    crud::update(&mut db, id, changes).await?.map(Json).ok_or_else(no_such_post)
}

/// Deletes a post.
#[utoipa::path(delete, path = "/posts/{id}", params(("id" = i64, Path)), responses((status = 204), (status = 404, body = Problem)))]
async fn remove(mut db: AutoCommit, Path(id): Path<i64>) -> Result<StatusCode, Problem> {
    match crud::remove(&mut db, id).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(no_such_post()),
    }
}
