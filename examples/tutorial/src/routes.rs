//! The routes.

// ANCHOR: app
use aludel::prelude::*;
use aludel_axum::{AutoCommit, Db, Input, Page, Problem};
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::get;
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::models::*;

/// The whole service, on a database whose schema is there.
pub fn app(engine: Engine) -> Router {
    Router::new()
        .route("/", get(|| async { Html(include_str!("page.html")) }))
        .route("/documents", get(list).post(create))
        .route("/documents/{id}", get(read).patch(update).delete(remove))
        .route("/health", get(aludel_axum::health))
        .layer(aludel_axum::layer(engine.clone()))
        .with_state(engine)
}
// ANCHOR_END: app

// ANCHOR: schemas
/// What comes in.
#[derive(Deserialize)]
struct DocumentIn {
    title: String,
    body: String,
    #[serde(default)]
    tags: Vec<String>,
}

/// What changes: a field that is not sent stays as it is.
#[derive(Changeset, Deserialize, Default)]
#[changeset(Document)]
#[serde(default, deny_unknown_fields)]
struct DocumentChange {
    title: Change<String>,
    body: Change<String>,
}

/// What goes out.
#[derive(Projection, Serialize)]
#[projection(Document)]
struct DocumentOut {
    id: i64,
    title: String,
    body: String,
    created_at: DateTime<Utc>,
    #[projection(path = owner.email)]
    owner: String,
    tags: Vec<TagOut>,
}

/// A tag of a document.
#[derive(Projection, Serialize)]
#[projection(Tag)]
struct TagOut {
    name: String,
}
// ANCHOR_END: schemas

// ANCHOR: read
fn no_such_document() -> Problem {
    Problem::not_found("there is no such document")
}

/// The documents, the newest first: three statements, however many there are.
async fn list(mut db: Db, page: Page) -> Result<Json<Vec<DocumentOut>>, Problem> {
    let newest_first = (Document::CREATED_AT.desc(), Document::ID.desc());
    let stmt = select_as::<DocumentOut>().order_by(newest_first);
    Ok(Json(db.scalars(page.of(stmt)).all().await?))
}

async fn find(session: &mut Session, id: i64) -> Result<Json<DocumentOut>, Problem> {
    let stmt = select_as::<DocumentOut>().filter(Document::ID.eq(id));
    session.scalars(stmt).one_or_none().await?.map(Json).ok_or_else(no_such_document)
}

async fn read(mut db: Db, Path(id): Path<i64>) -> Result<Json<DocumentOut>, Problem> {
    find(&mut db, id).await
}
// ANCHOR_END: read

// ANCHOR: create
/// Stores a document with its tags. The response is a success, so what was flushed is committed before it is sent.
async fn create(
    mut db: AutoCommit,
    Input(new): Input<DocumentIn>,
) -> Result<(StatusCode, Json<DocumentOut>), Problem> {
    let owner = match db.scalars(select(User).order_by(User::ID)).first().await? {
        Some(user) => user,
        None => db.add(User::builder().email("you@docchat.local")),
    };
    let mut tags = db.scalars(select(Tag).filter(Tag::NAME.in_(new.tags.clone()))).all().await?;
    for name in new.tags {
        if !tags.iter().any(|tag| db[*tag].name == name) {
            tags.push(db.add(Tag::builder().name(name)));
        }
    }
    let document = db.add(Document::builder().title(new.title).body(new.body).owner(owner).tags(tags));
    db.flush().await?;
    let id = db[document].id;
    Ok((StatusCode::CREATED, find(&mut db, id).await?))
}
// ANCHOR_END: create

// ANCHOR: change
async fn update(
    mut db: AutoCommit,
    Path(id): Path<i64>,
    Input(changes): Input<DocumentChange>,
) -> Result<Json<DocumentOut>, Problem> {
    let document = db.get::<Document>(id).await?.ok_or_else(no_such_document)?;
    db.apply(document, changes);
    find(&mut db, id).await // flushed first
}

async fn remove(mut db: AutoCommit, Path(id): Path<i64>) -> Result<StatusCode, Problem> {
    let document = db.get::<Document>(id).await?.ok_or_else(no_such_document)?;
    db.delete(document); // with its passages
    Ok(StatusCode::NO_CONTENT)
}
// ANCHOR_END: change

// ANCHOR: test
#[cfg(test)]
mod tests {
    use aludel_axum::testing::TestClient;
    use serde_json::{Value, json};

    use super::*;

    async fn client() -> aludel::Result<TestClient<Router>> {
        let engine = Engine::builder("sqlite::memory:").build()?;
        aludel::embed_migrations!("migrations").upgrade(&engine, "head").await?;
        Ok(TestClient::new(app(engine)))
    }

    #[tokio::test]
    async fn a_document_is_stored_listed_changed_and_deleted() -> aludel::Result<()> {
        let client = client().await?;
        let report = json!({"title": "Q2 Report", "body": "Revenue grew.", "tags": ["finance"]});
        let stored = client.post("/documents", &report).await;
        assert_eq!(stored.status, 201, "{}", stored.text());
        client.post("/documents", &json!({"title": "Minutes", "body": "We met.", "tags": ["finance"]})).await;

        let listed: Vec<Value> = client.get("/documents").await.json();
        let titles: Vec<_> = listed.iter().map(|it| it["title"].as_str().unwrap()).collect();
        assert_eq!(titles, ["Minutes", "Q2 Report"]);
        assert_eq!(listed[1]["tags"], json!([{"name": "finance"}]));

        let changed: Value = client.patch("/documents/1", &json!({"title": "Final"})).await.json();
        assert_eq!((&changed["title"], &changed["body"]), (&json!("Final"), &json!("Revenue grew.")));
        assert_eq!(client.delete("/documents/1").await.status, 204);
        assert_eq!(client.get("/documents/1").await.status, 404);
        Ok(())
    }

    #[test]
    fn every_change_of_the_models_has_a_revision() -> aludel::Result<()> {
        let missing = aludel::embed_migrations!("migrations").check(&Metadata::linked())?;
        assert!(missing.is_empty(), "{missing:?}");
        Ok(())
    }
}
// ANCHOR_END: test
