//! `/documents` and `/users`.

use aludel_suite::{Db, on_each_database};
use serde_json::{Value, json};

use crate::{client, create, titles};

on_each_database! {
    async fn a_document_of_the_first_user_is_stored(db: Db) {
        let client = client(&db).await?;
        let response = client.post("/documents", &json!({"title": "Q2 Report", "body": "All is well."})).await;
        assert_eq!(response.status, 201, "{}", response.text());
        let document: Value = response.json();
        assert_eq!((&document["owner_id"], &document["owner_email"]), (&json!(1), &json!("you@docchat.local")));
        assert_eq!(document["tags"], json!([]));
        assert_eq!(client.get("/documents/1").await.json::<Value>(), document);
    }

    async fn documents_are_listed_the_newest_first(db: Db) {
        let client = client(&db).await?;
        for title in ["one", "two", "three"] {
            create(&client, title, "…", &[]).await;
        }
        assert_eq!(titles(&client.get("/documents").await.json()), ["three", "two", "one"]);
        assert_eq!(titles(&client.get("/documents?skip=1&limit=1").await.json()), ["two"]);
    }

    async fn restarting_loses_nothing(db: Db) {
        create(&client(&db).await?, "kept", "…", &["law"]).await;
        db.engine.dispose().await;
        let again = client(&db).await?; // prepares the database once more
        assert_eq!(titles(&again.get("/documents").await.json()), ["kept"]);
        assert_eq!(db.count("users").await?, 1);
    }

    async fn documents_of_a_user_both_ways(db: Db) {
        let client = client(&db).await?;
        client.post("/users", &json!({"email": "Sam@UAE.dev", "name": "Sam"})).await;
        for (title, owner) in [("first", 2), ("other", 1), ("second", 2)] {
            client.post("/documents", &json!({"title": title, "body": "…", "owner_id": owner})).await;
        }
        let answer: Value = client.get("/users/2/documents").await.json();
        assert_eq!(titles(&answer), ["second", "first"]);
        let by_query = docchat::crud::documents::docs_for_user(&mut db.session(), 2).await?;
        assert_eq!(serde_json::to_value(by_query)?, answer);
        assert_eq!(client.get("/users/7/documents").await.status, 404);
    }

    async fn the_documents_of_a_user_take_four_statements_however_many(db: Db) {
        let client = client(&db).await?;
        for number in 0..10 {
            create(&client, &format!("{number}"), "…", &["law", "tax"]).await;
        }
        let mut session = db.session();
        let documents = docchat::crud::documents::docs_of_user(&mut session, 1).await?;
        assert_eq!(documents.map(|it| it.len()), Some(10));
        assert!(session.query_count() <= 4, "{}", session.query_count());
    }

    async fn a_patch_changes_what_is_sent_and_the_passages_follow_the_text(db: Db) {
        let client = client(&db).await?;
        create(&client, "Q2 Report", "One.\n\nTwo.\n\nThree.", &[]).await;
        assert_eq!(db.count("chunks").await?, 3);
        let changed: Value = client.patch("/documents/1", &json!({"title": "Q3 Report"})).await.json();
        assert_eq!((&changed["title"], &changed["body"]), (&json!("Q3 Report"), &json!("One.\n\nTwo.\n\nThree.")));
        assert_eq!(db.count("chunks").await?, 3);
        client.patch("/documents/1", &json!({"body": "Four."})).await;
        assert_eq!(db.value::<String>("SELECT text FROM chunks").await?, "Four.");
        for wrong in [json!({"owner_id": 2}), json!({"title": ""}), json!({"title": "x".repeat(201)})] {
            assert_eq!(client.patch("/documents/1", &wrong).await.status, 422, "{wrong}");
        }
        assert_eq!(client.patch("/documents/7", &json!({})).await.status, 404);
    }

    async fn a_deleted_document_takes_its_passages_along(db: Db) {
        let client = client(&db).await?;
        create(&client, "Q2 Report", "One.\n\nTwo.", &["law"]).await;
        assert_eq!(client.delete("/documents/1").await.status, 204);
        for table in ["documents", "chunks", "document_tag"] {
            assert_eq!(db.count(table).await?, 0, "{table}");
        }
        assert_eq!(db.count("tags").await?, 1);
        assert_eq!(client.delete("/documents/1").await.status, 404);
    }

    async fn tags_are_put_on_and_taken_off_whatever_their_case(db: Db) {
        let client = client(&db).await?;
        create(&client, "a", "…", &["Law"]).await;
        create(&client, "b", "…", &["law", "tax"]).await;
        assert_eq!(client.get("/tags").await.json::<Value>(), json!([{"name": "law"}, {"name": "tax"}]));
        client.post("/documents/1/tags", &json!({"name": "TAX"})).await;
        let again: Value = client.post("/documents/1/tags", &json!({"name": "tax"})).await.json();
        assert_eq!(again["tags"].as_array().unwrap().len(), 2, "{again}");
        assert_eq!(titles(&client.get("/documents?tag=tax").await.json()), ["b", "a"]);
        let off: Value = client.delete("/documents/1/tags/tax").await.json();
        assert_eq!(off["tags"], json!([{"name": "law"}]));
        assert_eq!(titles(&client.get("/documents?tag=tax").await.json()), ["b"]);
        assert_eq!(client.post("/documents/7/tags", &json!({"name": "law"})).await.status, 404);
    }

    async fn long_documents_are_those_of_more_than_5000_characters(db: Db) {
        let client = client(&db).await?;
        create(&client, "short", &"ä".repeat(5000), &[]).await;
        create(&client, "long", &"ä".repeat(5001), &[]).await;
        assert_eq!(titles(&client.get("/documents?is_long=true").await.json()), ["long"]);
        assert_eq!(titles(&client.get("/documents?is_long=false").await.json()), ["short"]);
    }

    async fn what_is_not_valid_is_refused_and_nothing_is_stored(db: Db) {
        let client = client(&db).await?;
        let wrong = [
            json!({"title": "", "body": "b"}),
            json!({"title": "x".repeat(201), "body": "b"}),
            json!({"title": "t"}),
            json!({"title": "t", "body": "b", "owner_id": 7}),
            json!({"title": "t", "body": "b", "id": 1}),
            json!({"title": "t", "body": "b", "tags": [""]}),
            json!({"title": "t", "body": "b", "tags": [" "]}),
        ];
        for document in wrong {
            assert_eq!(client.post("/documents", &document).await.status, 422, "{document}");
        }
        assert_eq!(client.post("/documents/1/tags", &json!({"name": "\t"})).await.status, 422);
        assert_eq!(client.post("/users", &json!({"email": "nobody"})).await.status, 422);
        assert_eq!(client.post("/users", &json!({"email": "You@DocChat.local"})).await.status, 409);
        assert_eq!((db.count("documents").await?, db.count("users").await?), (0, 1));
    }
}
