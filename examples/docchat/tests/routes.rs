//! The routes, as a client meets them, on SQLite, PostgreSQL and MariaDB.

#![allow(missing_docs)]

#[path = "routes/documents.rs"]
mod documents;
#[path = "routes/migrations.rs"]
mod migrations;
#[path = "routes/page.rs"]
mod page;
#[path = "routes/search.rs"]
mod search;
#[path = "routes/sharing.rs"]
mod sharing;

use aludel_axum::testing::{TestClient, TestResponse};
use aludel_suite::{Db, example, long, on_each_database, openapi};
use axum::Router;
use serde_json::{Value, json};

async fn client(db: &Db) -> aludel::Result<TestClient<Router>> {
    docchat::database::prepare(&db.engine).await?;
    Ok(TestClient::new(docchat::app(db.engine.clone())))
}

async fn create(client: &TestClient<Router>, title: &str, body: &str, tags: &[&str]) -> TestResponse {
    client.post("/documents", &json!({"title": title, "body": body, "tags": tags})).await
}

/// The titles of a list of documents.
fn titles(documents: &Value) -> Vec<&str> {
    documents.as_array().unwrap().iter().map(|it| it["title"].as_str().unwrap()).collect()
}

#[test]
fn each_layer_has_its_file_and_keeps_to_it() {
    example::is_laid_out_by_layers(env!("CARGO_MANIFEST_DIR"));
}

on_each_database! {
    async fn it_answers_as_its_readme_says(db: Db) {
        example::answers_as_its_readme_says(&client(&db).await?, include_str!("../README.md")).await;
    }

    async fn the_service_does_what_its_description_says(db: Db) {
        openapi::hold(&client(&db).await?, if long() { 20_000 } else { 600 }).await;
    }
}
