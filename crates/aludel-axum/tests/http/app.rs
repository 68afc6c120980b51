//! Notes in notebooks, behind the routes that the rules need.

use aludel::prelude::*;
use aludel_axum::testing::TestClient;
use aludel_axum::{AutoCommit, Db as Reads, Input, Page, Problem};
use aludel_suite::Db;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;

#[derive(Entity, Debug)]
#[entity(table = "notebooks")]
pub struct Notebook {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50, unique)]
    pub name: String,
    #[relation(back_populates = Note::NOTEBOOK)]
    pub notes: HasMany<Note>,
}

#[derive(Entity, Debug)]
#[entity(table = "notes")]
pub struct Note {
    #[column(primary_key)]
    pub id: i64,
    pub text: String,
    #[column(foreign_key = Notebook::ID)]
    pub notebook_id: i64,
    #[relation(back_populates = Notebook::NOTES)]
    pub notebook: BelongsTo<Notebook>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoteCreate {
    pub text: String,
    pub notebook_id: i64,
}

type Answer<T> = Result<T, Problem>;

async fn notebooks(mut db: Reads, page: Page<50>) -> Answer<Json<Vec<String>>> {
    let names = select(Notebook::NAME).order_by(Notebook::ID);
    Ok(Json(db.scalars(page.of(names)).all().await?))
}

async fn create_notebook(mut db: AutoCommit, name: String) -> (StatusCode, &'static str) {
    db.add(Notebook::builder().name(name)); // sent by the commit
    (StatusCode::CREATED, "created")
}

async fn create_note(mut db: AutoCommit, Input(note): Input<NoteCreate>) -> Answer<String> {
    let note = db.insert(Note::builder().text(note.text).notebook_id(note.notebook_id)).await?;
    Ok(db[note].id.to_string())
}

async fn note(mut db: Reads, Path(id): Path<i64>) -> Answer<String> {
    let note = db.get_one::<Note>(id).await?;
    Ok(db[note].text.clone())
}

/// Writes, and ends as the path says.
async fn write_and(mut db: AutoCommit, Path(end): Path<String>) -> Answer<String> {
    db.insert(Notebook::builder().name(end.as_str())).await?;
    match end.as_str() {
        "refuse" => Err(Problem::not_found("there is no such thing")),
        "panic" => panic!("as the test asked"),
        "hang" => std::future::pending().await,
        _ => Ok(end),
    }
}

/// Writes through a session that is not committed.
async fn forget(mut db: Reads) -> Answer<&'static str> {
    db.insert(Notebook::builder().name("forgotten")).await?;
    Ok("not committed")
}

/// Has its sessions, and asks nothing.
async fn idle(_: Reads, _: AutoCommit) -> &'static str {
    "nothing was asked"
}

async fn two_sessions(_: AutoCommit, _: AutoCommit) {}

/// Keeps the session beyond the handler.
async fn keep(db: AutoCommit) -> &'static str {
    std::mem::forget(db);
    "kept"
}

pub fn routes() -> Router<Engine> {
    Router::new()
        .route("/notebooks", get(notebooks).post(create_notebook))
        .route("/notes", post(create_note))
        .route("/notes/{id}", get(note))
        .route("/write_and/{end}", post(write_and))
        .route("/forget", post(forget))
        .route("/idle", post(idle))
        .route("/two_sessions", post(two_sessions))
        .route("/keep", post(keep))
        .route("/health", get(aludel_axum::health))
}

pub fn router(engine: &Engine) -> Router {
    routes().layer(aludel_axum::layer(engine.clone())).with_state(engine.clone())
}

/// A client of the app, over empty tables.
pub async fn client(db: &Db) -> aludel::Result<TestClient<Router>> {
    db.create(&Metadata::of((Notebook, Note))).await?;
    Ok(TestClient::new(router(&db.engine)))
}

/// A request with a text for its body.
pub fn text(path: &str, body: &str) -> axum::extract::Request {
    axum::extract::Request::post(path).body(body.to_owned().into()).expect("the path of a test is a URI")
}
