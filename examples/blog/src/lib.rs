//! Posts over HTTP: create, read, change, delete.
//!
//! | file | what it is |
//! |---|---|
//! | `database.rs` | the engine, and the tables |
//! | `models.rs` | what is stored |
//! | `schemas.rs` | what comes in and what goes out |
//! | `crud.rs` | what can be done with posts, without a word of HTTP |
//! | `routers.rs` | the routes, without a word of SQL |

pub mod crud;
pub mod database;
pub mod models;
pub mod routers;
pub mod schemas;

use aludel::Engine;
use axum::Router;

/// The whole service, on a database whose tables are there.
pub fn app(engine: Engine) -> Router {
    Router::new().merge(routers::posts()).layer(aludel_axum::layer(engine.clone())).with_state(engine)
}
