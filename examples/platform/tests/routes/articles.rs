//! `/articles`.

use aludel_suite::{Db, on_each_database};
use serde_json::{Value, json};

use crate::{client, create_article, create_user};

on_each_database! {
    async fn an_article_shows_its_owners_address(db: Db) {
        let client = client(&db).await?;
        create_user(&client, "sam@uae.dev").await;
        let response = create_article(&client, 1, "Hello").await;
        assert_eq!(response.status, 201, "{}", response.text());
        let article: Value = response.json();
        assert_eq!((&article["owner_id"], &article["owner_email"]), (&json!(1), &json!("sam@uae.dev")));
        assert_eq!(article["is_published"], false);
        assert_eq!(client.get("/articles/1").await.json::<Value>(), article);
    }

    async fn an_article_of_nobody_is_refused_by_the_database(db: Db) {
        let client = client(&db).await?;
        assert_eq!(create_article(&client, 7, "Hello").await.status, 422);
        assert_eq!(db.count("articles").await?, 0);
        let raw = db.run("INSERT INTO articles (title, content, owner_id) VALUES ('t', 'c', 7)").await;
        aludel_suite::refused(raw, aludel::ErrorKind::ForeignKeyViolation);
    }

    async fn a_patch_publishes_and_the_list_is_filtered(db: Db) {
        let client = client(&db).await?;
        create_user(&client, "sam@uae.dev").await;
        for title in ["draft", "news"] {
            create_article(&client, 1, title).await;
        }
        let published: Value = client.patch("/articles/2", &json!({"is_published": true})).await.json();
        assert_eq!((&published["title"], &published["is_published"]), (&json!("news"), &json!(true)));
        let titles = async |query: &str| {
            let page: Vec<Value> = client.get(&format!("/articles{query}")).await.json();
            page.iter().map(|it| it["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(titles("?is_published=true").await, ["news"]);
        assert_eq!(titles("?is_published=false").await, ["draft"]);
        assert_eq!(titles("").await, ["news", "draft"]);
        assert_eq!(titles("?skip=1&limit=1").await, ["draft"]);
        assert_eq!(client.get("/articles?is_published=perhaps").await.status, 400);
    }

    /// Case 113 of the catalogue of reliability.
    async fn a_patch_cannot_give_an_article_to_somebody_else(db: Db) {
        let client = client(&db).await?;
        create_user(&client, "sam@uae.dev").await;
        create_user(&client, "kim@uae.dev").await;
        create_article(&client, 1, "Hello").await;
        assert_eq!(client.patch("/articles/1", &json!({"owner_id": 2})).await.status, 422);
        assert_eq!(client.get("/articles/1").await.json::<Value>()["owner_id"], 1);
    }

    async fn a_deleted_article_is_gone_for_readers_and_its_row_stays(db: Db) {
        let client = client(&db).await?;
        create_user(&client, "sam@uae.dev").await;
        for title in ["one", "two"] {
            create_article(&client, 1, title).await;
        }
        assert_eq!(client.delete("/articles/1").await.status, 204);
        assert_eq!(client.get("/articles/1").await.status, 404);
        assert_eq!(client.patch("/articles/1", &json!({"title": "again"})).await.status, 404);
        assert_eq!(client.delete("/articles/1").await.status, 404);
        assert_eq!(client.get("/articles").await.json::<Vec<Value>>().len(), 1);
        assert_eq!(client.get("/users").await.json::<Value>()["items"][0]["article_count"], 1);
        assert_eq!(db.value::<String>("SELECT title FROM articles WHERE deleted_at IS NOT NULL").await?, "one");
    }

    async fn a_change_is_dated(db: Db) {
        let client = client(&db).await?;
        create_user(&client, "sam@uae.dev").await;
        let created: Value = create_article(&client, 1, "Hello").await.json();
        let changed: Value = client.patch("/articles/1", &json!({"title": "Hello again"})).await.json();
        let (before, after) = (created["updated_at"].as_str().unwrap(), changed["updated_at"].as_str().unwrap());
        assert!(before < after, "{before} {after}");
        assert_eq!(created["created_at"], changed["created_at"]);
    }

    async fn a_title_is_held_to_the_same_rules_when_it_comes_and_when_it_changes(db: Db) {
        let client = client(&db).await?;
        create_user(&client, "sam@uae.dev").await;
        create_article(&client, 1, "Hello").await;
        for wrong in [String::new(), "x".repeat(201)] {
            assert_eq!(create_article(&client, 1, &wrong).await.status, 422);
            let changed = client.patch("/articles/1", &json!({"title": wrong})).await;
            assert_eq!(changed.status, 422, "{}", changed.text());
            assert_eq!(changed.json::<Value>()["errors"][0]["field"], "title");
        }
        assert_eq!(client.get("/articles/1").await.json::<Value>()["title"], "Hello");
    }

    async fn an_article_that_is_not_there_is_404(db: Db) {
        let client = client(&db).await?;
        assert_eq!(client.get("/articles/7").await.status, 404);
        assert_eq!(client.patch("/articles/7", &json!({})).await.status, 404);
    }
}
