//! `/search` and `/tags`.

use aludel::Engine;
use aludel_axum::{Db, Problem};
use axum::extract::Query;
use axum::routing::get;
use axum::{Json, Router};

use crate::crud;
use crate::schemas::{Found, TagOut, Wanted};
use crate::search as searching;

/// The routes by which documents are found.
pub fn routes() -> Router<Engine> {
    Router::new().route("/search", get(search)).route("/tags", get(tags))
}

/// Lists all tags.
#[utoipa::path(get, path = "/tags", responses((status = 200, body = Vec<TagOut>)))]
pub(super) async fn tags(mut db: Db) -> Result<Json<Vec<TagOut>>, Problem> {
    Ok(Json(crud::tags::list(&mut db).await?))
}

/// Finds documents by their words, and passages by what they mean.
#[utoipa::path(get, path = "/search", params(Wanted), responses((status = 200, body = Found), (status = 400, body = Problem)))]
pub(super) async fn search(mut db: Db, Query(wanted): Query<Wanted>) -> Result<Json<Found>, Problem> {
    if wanted.q.len() > 1000 {
        return Err(Problem::bad_request("a search is at most 1,000 bytes long"));
    }
    let documents = searching::by_words(&mut db, &wanted.q, wanted.owner_id).await?;
    let documents = crud::documents::out(&db, &documents)?;
    let passages = searching::by_meaning(&mut db, &wanted.q, wanted.owner_id).await?;
    Ok(Json(Found { documents, passages }))
}
