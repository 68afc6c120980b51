//! The routes, as a client meets them, on SQLite, PostgreSQL and MariaDB.

#![allow(missing_docs)]

#[path = "routes/articles.rs"]
mod articles;
#[path = "routes/users.rs"]
mod users;

use aludel_axum::testing::{TestClient, TestResponse};
use aludel_suite::{Db, example, long, on_each_database, openapi};
use axum::Router;
use serde_json::{Value, json};

async fn client(db: &Db) -> aludel::Result<TestClient<Router>> {
    platform::database::migrate(&db.engine).await?;
    Ok(TestClient::new(platform::app(db.engine.clone())))
}

const PASSWORD: &str = "correct horse";

async fn create_user(client: &TestClient<Router>, email: &str) -> TestResponse {
    client.post("/users", &json!({"email": email, "password": PASSWORD})).await
}

async fn create_article(client: &TestClient<Router>, owner: i64, title: &str) -> TestResponse {
    client.post("/articles", &json!({"title": title, "content": "…", "owner_id": owner})).await
}

#[test]
fn every_change_of_the_models_has_a_revision() {
    let _ = platform::models::User;
    assert_eq!(platform::database::MIGRATIONS.check(&aludel::Metadata::linked()).unwrap(), []);
}

#[tokio::test]
async fn the_routes_are_described_and_no_output_has_a_password() {
    let engine = platform::database::open("sqlite::memory:").unwrap();
    let response = TestClient::new(platform::app(engine)).get("/openapi.json").await;
    let description: Value = response.json();
    let paths: Vec<&String> = description["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths, ["/articles", "/articles/{id}", "/users", "/users/{id}"]);
    let schemas = description["components"]["schemas"].as_object().unwrap();
    for (name, schema) in schemas {
        assert_eq!(schema.to_string().contains("password"), name == "UserCreate", "{name}: {schema}");
    }
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
