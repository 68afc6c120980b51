//! The route as one writes it by hand: prepared statements on connections of a pool, rows into a struct.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use serde::Serialize;
use tokio_postgres::NoTls;

use crate::Result;

#[derive(Serialize)]
struct DocumentOut {
    id: i64,
    title: String,
    body: String,
    owner_id: i64,
    owner_email: String,
    created_at: DateTime<Utc>,
    tags: Vec<TagOut>,
}

#[derive(Serialize)]
struct TagOut {
    name: String,
}

pub fn app(url: &str) -> Result<Router> {
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(url.parse()?, NoTls, recycling);
    let pool = Pool::builder(manager).max_size(10).build()?;
    Ok(Router::new().route("/documents/{id}", get(read)).with_state(pool))
}

async fn read(
    State(pool): State<Pool>,
    Path(id): Path<i64>,
) -> std::result::Result<Json<DocumentOut>, StatusCode> {
    let failed = |_| StatusCode::INTERNAL_SERVER_ERROR;
    let client = pool.get().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let document = "SELECT d.id, d.title, d.body, d.owner_id, u.email, d.created_at \
                    FROM documents d JOIN users u ON u.id = d.owner_id WHERE d.id = $1";
    let document = client.prepare_cached(document).await.map_err(failed)?;
    let row = client.query_opt(&document, &[&id]).await.map_err(failed)?.ok_or(StatusCode::NOT_FOUND)?;
    let tags = "SELECT t.name FROM tags t JOIN document_tag dt ON dt.tag_id = t.id WHERE dt.document_id = $1";
    let tags = client.prepare_cached(tags).await.map_err(failed)?;
    let tags = client.query(&tags, &[&id]).await.map_err(failed)?;
    Ok(Json(DocumentOut {
        id: row.get(0),
        title: row.get(1),
        body: row.get(2),
        owner_id: row.get(3),
        owner_email: row.get(4),
        created_at: row.get(5),
        tags: tags.iter().map(|row| TagOut { name: row.get(0) }).collect(),
    }))
}
