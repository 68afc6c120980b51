//! `/articles`.

use aludel_axum::{AutoCommit, Db, Page, Problem, Valid};
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::Shared;
use crate::crud::ArticleRepository;
use crate::schemas::{ArticleCreate, ArticleOut, ArticleUpdate};

/// The routes of articles.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/articles", get(list).post(create))
        .route("/articles/{id}", get(read).patch(update).delete(remove))
}

/// Which articles are listed.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Only those that are, or are not, published.
    is_published: Option<bool>,
}

fn no_such_article() -> Problem {
    Problem::not_found("there is no such article")
}

/// Lists articles, the newest first.
#[utoipa::path(get, path = "/articles", params(Which, Page), responses((status = 200, body = Vec<ArticleOut>), (status = 400, body = Problem)))]
pub(super) async fn list(
    mut db: Db,
    Query(which): Query<Which>,
    page: Page,
) -> Result<Json<Vec<ArticleOut>>, Problem> {
    Ok(Json(ArticleRepository(&mut db).list(which.is_published, page).await?))
}

/// Stores an article of a user.
#[utoipa::path(post, path = "/articles", request_body = ArticleCreate, responses((status = 201, body = ArticleOut), (status = 422, body = Problem)))]
pub(super) async fn create(
    mut db: AutoCommit,
    Valid(article): Valid<ArticleCreate>,
) -> Result<(StatusCode, Json<ArticleOut>), Problem> {
    Ok((StatusCode::CREATED, Json(ArticleRepository(&mut db).create(article).await?)))
}

/// Returns an article.
#[utoipa::path(get, path = "/articles/{id}", params(("id" = i64, Path)), responses((status = 200, body = ArticleOut), (status = 404, body = Problem)))]
pub(super) async fn read(mut db: Db, Path(id): Path<i64>) -> Result<Json<ArticleOut>, Problem> {
    ArticleRepository(&mut db).get_by_id(id).await?.map(Json).ok_or_else(no_such_article)
}

/// Changes the fields that are sent; `{"is_published": true}` publishes.
#[utoipa::path(
    patch,
    path = "/articles/{id}",
    params(("id" = i64, Path)),
    request_body = ArticleUpdate,
    responses((status = 200, body = ArticleOut), (status = 404, body = Problem), (status = 422, body = Problem))
)]
pub(super) async fn update(
    mut db: AutoCommit,
    Path(id): Path<i64>,
    Valid(changes): Valid<ArticleUpdate>,
) -> Result<Json<ArticleOut>, Problem> {
    ArticleRepository(&mut db).update(id, changes).await?.map(Json).ok_or_else(no_such_article)
}

/// Deletes an article.
#[utoipa::path(delete, path = "/articles/{id}", params(("id" = i64, Path)), responses((status = 204), (status = 404, body = Problem)))]
pub(super) async fn remove(mut db: AutoCommit, Path(id): Path<i64>) -> Result<StatusCode, Problem> {
    match ArticleRepository(&mut db).delete(id).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(no_such_article()),
    }
}
