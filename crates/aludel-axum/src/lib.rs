//! Aludel in axum: a session for each request, commit on success, errors as `application/problem+json`.
//!
//! ```
//! use aludel::prelude::*;
//! use aludel_axum::{AutoCommit, Db, Page, Problem};
//! use axum::routing::get;
//! use axum::{Json, Router};
//!
//! #[derive(Entity, Debug)]
//! #[entity(table = "notes")]
//! pub struct Note {
//!     #[column(primary_key)]
//!     pub id: i64,
//!     pub text: String,
//! }
//!
//! /// Reads: the session is given back when the handler ends.
//! async fn list(mut db: Db, page: Page) -> Result<Json<Vec<String>>, Problem> {
//!     let notes = select(Note::TEXT).order_by(Note::ID);
//!     Ok(Json(db.scalars(page.of(notes)).all().await?))
//! }
//!
//! /// Writes: what the handler adds is committed before the response is sent, if it is a success.
//! async fn create(mut db: AutoCommit, text: String) -> Result<String, Problem> {
//!     let note = db.insert(Note::builder().text(text)).await?;
//!     Ok(db[note].id.to_string())
//! }
//!
//! fn app(engine: Engine) -> Router {
//!     Router::new()
//!         .route("/notes", get(list).post(create))
//!         .route("/health", get(aludel_axum::health))
//!         .layer(aludel_axum::layer(engine.clone()))
//!         .with_state(engine)
//! }
//! ```
//!
//! | | |
//! |---|---|
//! | [`Db`] | a session, taken from the [`Engine`](aludel::Engine) in the router's state; what is not committed is rolled back |
//! | [`AutoCommit`] | a session that the [`layer`] commits if the response is a success |
//! | [`Problem`] | an error as `application/problem+json`; `?` makes one of any [`aludel::Error`] |
//! | [`Page`] | `skip` and `limit` of the query string, bounded |
//! | `CursorPage` | `after`, `before` and `limit` of the query string, for lists that are read by cursor; feature `keyset` |
//! | [`Input`], `Valid` | a JSON body whose refusal is a [`Problem`] too, field by field |
//! | [`layer`] | a request id, one line in the log for each request with its number of statements, and what `AutoCommit` needs |
//! | [`health`], [`shutdown`] | a route that asks the database, and the end of the program on Ctrl-C or SIGTERM |
//! | `testing::TestClient` | calls a router without a socket |

mod auto_commit;
#[cfg(feature = "keyset")]
mod cursor_page;
mod db;
mod health;
mod input;
mod layer;
mod page;
mod problem;
mod request_id;
mod scope;
mod shutdown;
#[cfg(feature = "testing")]
pub mod testing;

pub use auto_commit::AutoCommit;
#[cfg(feature = "keyset")]
pub use cursor_page::CursorPage;
pub use db::Db;
pub use health::health;
pub use input::Input;
#[cfg(feature = "garde")]
pub use input::Valid;
pub use layer::{Layer, Service, layer};
pub use page::Page;
pub use problem::Problem;
pub use request_id::RequestId;
pub use shutdown::shutdown;
