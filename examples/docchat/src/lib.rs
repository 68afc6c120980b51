//! Documents of users, with tags, shared with readers, cut into passages, and found again by words and by meaning.
//!
//! | file | what it is |
//! |---|---|
//! | `database.rs` | the engine, the tables, the index of words |
//! | `models.rs` | what is stored |
//! | `schemas.rs` | what comes in and what goes out |
//! | `search/` | the index of words, passages and their vectors |
//! | `crud/` | what can be done with users and documents, without a word of HTTP |
//! | `routers/` | the routes, without a word of SQL |
//! | `page/` | the page at `/` |

pub mod crud;
pub mod database;
pub mod models;
pub mod routers;
pub mod schemas;
pub mod search;

use aludel::Engine;
use axum::Router;
use axum::routing::get;
use utoipa::OpenApi;
use utoipa_swagger_ui::SwaggerUi;

/// The whole service, on a database that [`database::prepare`] has prepared.
pub fn app(engine: Engine) -> Router {
    Router::new()
        .merge(routers::page::routes())
        .merge(routers::users::routes())
        .merge(routers::documents::routes())
        .merge(routers::search::routes())
        .route("/health", get(aludel_axum::health))
        .merge(SwaggerUi::new("/docs").url("/openapi.json", routers::Description::openapi()))
        .layer(aludel_axum::layer(engine.clone()))
        .with_state(engine)
}
