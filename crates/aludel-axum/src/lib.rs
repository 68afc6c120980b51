//! Aludel in axum: a session for each request, commit on success, errors as `application/problem+json`.
//!
//! It holds the joints and nothing else: routes, extractors and handlers are axum's, entities and statements Aludel's.
//!
//! # A session for each request
//!
//! The [`Engine`](aludel::Engine) is the router's state, and [`Db`] is a session that was opened on it for one request. It takes a connection at its first
//! statement. However the handler ends, what it has not committed is rolled back, and the connection goes back to the pool: after a response, an
//! error, a panic, or a client that hung up.
//!
//! # Commit on success
//!
//! With [`AutoCommit`] in the place of `Db` the handler does not commit: the [`layer`] around the routes does, when the response is a success
//! and before it is sent. A commit that fails replaces the response, so that nobody is told what did not happen. The layer gives each request
//! an id too, and writes one line a request into the log, with the number of statements that it took.
//!
//! # Errors
//!
//! A handler returns [`Problem`], and `?` makes one of any [`aludel::Error`]: a missing row is a 404, a value that must be unique and is there
//! already a 409. The client reads what it may know; the log has the rest, with the id of the request.
//!
//! # Input and pages
//!
//! [`Input`] is a JSON body whose refusal is a problem that names the field, and `Valid` one that keeps the rules of `garde`. [`Page`] reads `?skip=…&limit=…`
//! and bounds both; `CursorPage` reads `?after=…`, for lists that are long or change while they are read.
//!
//! # A service
//!
//! ```
//! use aludel::prelude::*;
//! use aludel_axum::testing::TestClient;
//! use aludel_axum::{AutoCommit, Db, Input, Page, Problem};
//! use axum::extract::Path;
//! use axum::routing::get;
//! use axum::{Json, Router};
//! use http::StatusCode;
//! use serde::{Deserialize, Serialize};
//! use serde_json::json;
//!
//! #[derive(Entity, Debug)]
//! #[entity(table = "notes")]
//! pub struct Note {
//!     #[column(primary_key)]
//!     pub id: i64,
//!     #[column(length = 200, unique)]
//!     pub title: String,
//!     pub text: String,
//! }
//!
//! #[derive(Deserialize)]
//! struct NoteCreate {
//!     title: String,
//!     #[serde(default)]
//!     text: String,
//! }
//!
//! #[derive(Serialize)]
//! struct NoteRead {
//!     id: i64,
//!     title: String,
//! }
//!
//! /// Reads: `SELECT notes.id, notes.title FROM notes ORDER BY notes.id LIMIT ? OFFSET ?`.
//! async fn list(mut db: Db, page: Page) -> Result<Json<Vec<NoteRead>>, Problem> {
//!     let notes = select((Note::ID, Note::TITLE)).order_by(Note::ID);
//!     let rows = db.execute(page.of(notes)).all().await?;
//!     Ok(Json(rows.into_iter().map(|(id, title)| NoteRead { id, title }).collect()))
//! }
//!
//! async fn read(mut db: Db, Path(id): Path<i64>) -> Result<String, Problem> {
//!     let note = db.get::<Note>(id).await?.ok_or_else(|| Problem::not_found("there is no such note"))?;
//!     Ok(db[note].text.clone())
//! }
//!
//! /// Writes: what is added is committed before the response is sent.
//! async fn create(
//!     mut db: AutoCommit,
//!     Input(new): Input<NoteCreate>,
//! ) -> Result<(StatusCode, Json<NoteRead>), Problem> {
//!     if new.title.trim().is_empty() {
//!         return Err(Problem::invalid("the note is not valid").field("title", "must not be empty"));
//!     }
//!     let note = db.insert(Note::builder().title(new.title).text(new.text)).await?; // BEGIN; INSERT INTO notes …
//!     Ok((StatusCode::CREATED, Json(NoteRead { id: db[note].id, title: db[note].title.clone() })))
//! } // COMMIT
//!
//! fn app(engine: Engine) -> Router {
//!     Router::new()
//!         .route("/notes", get(list).post(create))
//!         .route("/notes/{id}", get(read))
//!         .route("/health", get(aludel_axum::health))
//!         .layer(aludel_axum::layer(engine.clone())) // after the routes
//!         .with_state(engine)
//! }
//!
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let engine = Engine::builder("sqlite::memory:").build()?;
//! engine.create_all(&Metadata::of((Note,))).await?;
//! let client = TestClient::new(app(engine)); // no socket
//!
//! let created = client.post("/notes", &json!({ "title": "Milk", "text": "Two pints." })).await;
//! assert_eq!(created.status, 201);
//! assert_eq!(client.get("/notes/1").await.text(), "Two pints.");
//! assert_eq!(client.get("/notes?limit=5").await.json::<serde_json::Value>(), json!([{ "id": 1, "title": "Milk" }]));
//!
//! assert_eq!(client.post("/notes", &json!({ "title": "Milk" })).await.status, 409); // it must be unique
//! assert_eq!(client.post("/notes", &json!({ "title": " " })).await.status, 422);
//! assert_eq!(client.get("/notes/7").await.header("content-type"), Some("application/problem+json"));
//! # Ok::<(), Error>(()) }).unwrap();
//! ```
//!
//! # The end of the program
//!
//! [`health`] is a route that asks the database. [`shutdown`] waits for Ctrl-C or SIGTERM: axum then answers the requests that it has, and
//! `engine.close(grace)` ends the pool.
//!
//! | | |
//! |---|---|
//! | [`Db`] | a session, taken from the [`Engine`](aludel::Engine) in the router's state; what is not committed is rolled back |
//! | [`AutoCommit`] | a session that the [`layer`] commits if the response is a success |
//! | [`Problem`] | an error as `application/problem+json`; `?` makes one of any [`aludel::Error`] |
//! | [`Page`] | `skip` and `limit` of the query string, bounded |
//! | `CursorPage` | `after`, `before` and `limit` of the query string, for lists that are read by cursor; feature `keyset` |
//! | [`Input`], `Valid` | a JSON body whose refusal is a [`Problem`] too, field by field; `Valid` with the feature `garde` |
//! | [`layer`] | a request id, one line in the log for each request with its number of statements, problems in the place of plain refusals, and what `AutoCommit` needs |
//! | [`RequestId`] | the id of a request, for what the handler calls |
//! | [`health`], [`shutdown`] | a route that asks the database, and the end of the program on Ctrl-C or SIGTERM |
//! | `testing::TestClient` | calls a router without a socket; feature `testing` |

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
