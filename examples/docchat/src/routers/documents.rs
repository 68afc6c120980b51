//! `/documents`.

use aludel::Engine;
use aludel_axum::{AutoCommit, Db, Input, Page, Problem, Valid};
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use axum::{Json, Router};

use crate::crud::{documents, shares, tags};
use crate::schemas::{DocumentCreate, DocumentOut, DocumentUpdate, ShareCreate, ShareOut, TagCreate, Which};

/// The routes of documents.
pub fn routes() -> Router<Engine> {
    Router::new()
        .route("/documents", get(list).post(create))
        .route("/documents/{id}", get(read).patch(update).delete(remove))
        .route("/documents/{id}/tags", post(put_tag))
        .route("/documents/{id}/tags/{name}", delete(take_tag))
        .route("/documents/{id}/shares", get(self::shares).post(share))
}

fn no_such_document() -> Problem {
    Problem::not_found("there is no such document")
}

/// Lists documents, the newest first.
#[utoipa::path(get, path = "/documents", params(Which, Page), responses((status = 200, body = Vec<DocumentOut>), (status = 400, body = Problem)))]
pub(super) async fn list(
    mut db: Db,
    Query(which): Query<Which>,
    page: Page,
) -> Result<Json<Vec<DocumentOut>>, Problem> {
    Ok(Json(documents::list(&mut db, which, page).await?))
}

/// Stores a document.
#[utoipa::path(post, path = "/documents", request_body = DocumentCreate, responses((status = 201, body = DocumentOut), (status = 422, body = Problem)))]
pub(super) async fn create(
    mut db: AutoCommit,
    Valid(document): Valid<DocumentCreate>,
) -> Result<(StatusCode, Json<DocumentOut>), Problem> {
    Ok((StatusCode::CREATED, Json(documents::create(&mut db, document).await?)))
}

/// Returns a document.
#[utoipa::path(get, path = "/documents/{id}", params(("id" = i64, Path)), responses((status = 200, body = DocumentOut), (status = 404, body = Problem)))]
pub(super) async fn read(mut db: Db, Path(id): Path<i64>) -> Result<Json<DocumentOut>, Problem> {
    documents::find(&mut db, id).await?.map(Json).ok_or_else(no_such_document)
}

/// Changes the fields that are sent.
#[utoipa::path(
    patch,
    path = "/documents/{id}",
    params(("id" = i64, Path)),
    request_body = DocumentUpdate,
    responses((status = 200, body = DocumentOut), (status = 404, body = Problem), (status = 422, body = Problem))
)]
pub(super) async fn update(
    mut db: AutoCommit,
    Path(id): Path<i64>,
    Valid(changes): Valid<DocumentUpdate>,
) -> Result<Json<DocumentOut>, Problem> {
    documents::update(&mut db, id, changes).await?.map(Json).ok_or_else(no_such_document)
}

/// Deletes a document with its passages.
#[utoipa::path(delete, path = "/documents/{id}", params(("id" = i64, Path)), responses((status = 204), (status = 404, body = Problem)))]
pub(super) async fn remove(mut db: AutoCommit, Path(id): Path<i64>) -> Result<StatusCode, Problem> {
    match documents::remove(&mut db, id).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(no_such_document()),
    }
}

/// Puts a tag on a document.
#[utoipa::path(
    post,
    path = "/documents/{id}/tags",
    params(("id" = i64, Path)),
    request_body = TagCreate,
    responses((status = 200, body = DocumentOut), (status = 404, body = Problem), (status = 422, body = Problem))
)]
pub(super) async fn put_tag(
    mut db: AutoCommit,
    Path(id): Path<i64>,
    Valid(tag): Valid<TagCreate>,
) -> Result<Json<DocumentOut>, Problem> {
    tags::put(&mut db, id, &tag.name).await?.map(Json).ok_or_else(no_such_document)
}

/// Takes a tag off a document.
#[utoipa::path(
    delete,
    path = "/documents/{id}/tags/{name}",
    params(("id" = i64, Path), ("name" = String, Path)),
    responses((status = 200, body = DocumentOut), (status = 404, body = Problem))
)]
pub(super) async fn take_tag(
    mut db: AutoCommit,
    Path((id, name)): Path<(i64, String)>,
) -> Result<Json<DocumentOut>, Problem> {
    tags::take(&mut db, id, &name).await?.map(Json).ok_or_else(no_such_document)
}

/// Lists the readers of a document.
#[utoipa::path(get, path = "/documents/{id}/shares", params(("id" = i64, Path)), responses((status = 200, body = Vec<ShareOut>), (status = 404, body = Problem)))]
pub(super) async fn shares(mut db: Db, Path(id): Path<i64>) -> Result<Json<Vec<ShareOut>>, Problem> {
    shares::list(&mut db, id).await?.map(Json).ok_or_else(no_such_document)
}

/// Gives a document to a reader.
#[utoipa::path(
    post,
    path = "/documents/{id}/shares",
    params(("id" = i64, Path)),
    request_body = ShareCreate,
    responses((status = 201, body = Vec<ShareOut>), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem))
)]
pub(super) async fn share(
    mut db: AutoCommit,
    Path(id): Path<i64>,
    Input(share): Input<ShareCreate>,
) -> Result<(StatusCode, Json<Vec<ShareOut>>), Problem> {
    let readers = shares::create(&mut db, id, share).await?.ok_or_else(no_such_document)?;
    Ok((StatusCode::CREATED, Json(readers)))
}
