//! Users and their articles over HTTP.
//!
//! | file | what it is |
//! |---|---|
//! | `database.rs` | the engine, and the revisions of its schema |
//! | `models.rs` | what is stored |
//! | `schemas.rs` | what comes in and what goes out |
//! | `passwords.rs` | hashes, made where they delay nobody |
//! | `crud/` | what can be done with users and articles, without a word of HTTP |
//! | `routers/` | the routes, without a word of SQL |

pub mod crud;
pub mod database;
pub mod models;
pub mod passwords;
pub mod routers;
pub mod schemas;

use aludel::Engine;
use axum::extract::FromRef;
use axum::routing::get;
use axum::{Json, Router};
use utoipa::OpenApi;

use passwords::Hasher;

/// What the routes share.
#[derive(Clone, Debug, FromRef)]
pub struct Shared {
    engine: Engine,
    hasher: Hasher,
}

/// The whole service, on a database whose tables are there.
pub fn app(engine: Engine) -> Router {
    Router::new()
        .merge(routers::users::routes())
        .merge(routers::articles::routes())
        .route("/health", get(aludel_axum::health))
        .route("/openapi.json", get(|| async { Json(routers::Description::openapi()) }))
        .layer(aludel_axum::layer(engine.clone()))
        .with_state(Shared { engine, hasher: Hasher::default() })
}
