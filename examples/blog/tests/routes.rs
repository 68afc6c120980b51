//! The routes, as a client meets them, on SQLite, PostgreSQL and MariaDB.

#![allow(missing_docs)]

use aludel_axum::testing::{TestClient, TestResponse};
use aludel_suite::{Db, example, long, on_each_database, openapi};
use axum::Router;
use serde_json::{Value, json};

async fn client(db: &Db) -> aludel::Result<TestClient<Router>> {
    blog::database::create_tables(&db.engine).await?;
    Ok(TestClient::new(blog::app(db.engine.clone())))
}

async fn post(client: &TestClient<Router>, title: &str) -> TestResponse {
    client.post("/posts/", &json!({"title": title, "body": "…"})).await
}

#[test]
fn each_layer_has_its_file_and_keeps_to_it() {
    example::is_laid_out_by_layers(env!("CARGO_MANIFEST_DIR"));
}

on_each_database! {
    async fn a_post_is_stored_with_what_the_database_fills_in(db: Db) {
        let client = client(&db).await?;
        let response = client.post("/posts/", &json!({"title": "Hello", "body": "World"})).await;
        assert_eq!(response.status, 201, "{}", response.text());
        let stored: Value = response.json();
        assert_eq!((&stored["id"], &stored["published"]), (&json!(1), &json!(false)));
        assert!(stored["created_at"].as_str().unwrap().ends_with('Z'), "{stored}");
        assert_eq!(client.get("/posts/1").await.json::<Value>(), stored);
    }

    async fn posts_come_page_by_page_in_their_order(db: Db) {
        let client = client(&db).await?;
        for title in ["a", "b", "c"] {
            post(&client, title).await;
        }
        let titles = async |query: &str| {
            let page: Vec<Value> = client.get(&format!("/posts/{query}")).await.json();
            page.iter().map(|it| it["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(titles("").await, ["a", "b", "c"]);
        assert_eq!(titles("?skip=1&limit=1").await, ["b"]);
        assert_eq!(client.get("/posts/?limit=-1").await.status, 400);
    }

    async fn a_post_that_is_not_there_is_404(db: Db) {
        let client = client(&db).await?;
        assert_eq!(client.get("/posts/7").await.status, 404);
        assert_eq!(client.patch("/posts/7", &json!({"title": "x"})).await.status, 404);
        assert_eq!(client.delete("/posts/7").await.status, 404);
        assert_eq!(client.get("/posts/seven").await.status, 400);
    }

    async fn a_patch_changes_only_what_was_sent(db: Db) {
        let client = client(&db).await?;
        let before: Value = post(&client, "Hello").await.json();
        let after: Value = client.patch("/posts/1", &json!({"published": true})).await.json();
        assert_eq!(after["published"], true);
        for unchanged in ["id", "title", "body", "created_at"] {
            assert_eq!(after[unchanged], before[unchanged]);
        }
        assert_eq!(client.get("/posts/1").await.json::<Value>(), after);
    }

    async fn a_deleted_post_is_gone(db: Db) {
        let client = client(&db).await?;
        post(&client, "Hello").await;
        let response = client.delete("/posts/1").await;
        assert_eq!((response.status.as_u16(), response.text()), (204, ""));
        assert_eq!(client.get("/posts/1").await.status, 404);
    }

    /// Case 113 of the catalogue of reliability.
    async fn what_a_client_must_not_set_is_refused(db: Db) {
        let client = client(&db).await?;
        let created = client.post("/posts/", &json!({"title": "t", "body": "b", "id": 9})).await;
        assert_eq!(created.status, 422, "{}", created.text());
        post(&client, "Hello").await;
        for forbidden in [json!({"id": 9}), json!({"created_at": null}), json!({"title": null}), json!({"title": 1})] {
            assert_eq!(client.patch("/posts/1", &forbidden).await.status, 422, "{forbidden}");
        }
        assert_eq!(client.get("/posts/1").await.json::<Value>()["title"], "Hello");
    }

    async fn a_title_that_is_too_long_is_refused_by_the_database(db: Db) {
        let client = client(&db).await?;
        assert_eq!(post(&client, &"é".repeat(200)).await.status, 201);
        assert_eq!(post(&client, &"é".repeat(201)).await.status, 422);
        assert_eq!(db.count("posts").await?, 1);
    }

    async fn it_answers_as_its_readme_says(db: Db) {
        example::answers_as_its_readme_says(&client(&db).await?, include_str!("../README.md")).await;
    }

    async fn the_service_does_what_its_description_says(db: Db) {
        openapi::hold(&client(&db).await?, if long() { 20_000 } else { 600 }).await;
    }

    async fn creating_the_tables_again_keeps_the_posts(db: Db) {
        post(&client(&db).await?, "Hello").await;
        assert_eq!(client(&db).await?.get("/posts/1").await.status, 200);
    }
}

#[tokio::test]
async fn the_routes_are_described() {
    let engine = blog::database::open("sqlite::memory:").unwrap();
    let description: Value = TestClient::new(blog::app(engine)).get("/openapi.json").await.json();
    let paths: Vec<&String> = description["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths, ["/posts/", "/posts/{id}"]);
    let update = &description["components"]["schemas"]["PostUpdate"];
    assert!(update["required"].is_null(), "{update}");
    assert_eq!(update["properties"]["title"]["type"], "string");
}
