//! `/search`: by words and by meaning.

use aludel_suite::{Db, on_each_database};
use axum::Router;
use serde_json::{Value, json};

use crate::{client, create, titles};

type Client = aludel_axum::testing::TestClient<Router>;

async fn filled(db: &Db) -> aludel::Result<Client> {
    let client = client(db).await?;
    create(&client, "Bread", "Flour, water, salt. Knead the dough, and bake it for an hour.", &[]).await;
    create(
        &client,
        "Migrations",
        "A migration changes the tables of a database.\n\nEach migration has an inverse.",
        &[],
    )
    .await;
    create(&client, "Databases", "A database keeps tables. A table keeps rows.", &[]).await;
    Ok(client)
}

/// Any text, as a part of a URI.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

async fn search(client: &Client, q: &str) -> Value {
    let response = client.get(&format!("/search?q={}", encoded(q))).await;
    assert_eq!(response.status, 200, "{}", response.text());
    response.json()
}

on_each_database! {
    async fn documents_are_found_by_their_words_the_best_first(db: Db) {
        let client = filled(&db).await?;
        assert_eq!(titles(&search(&client, "migration").await["documents"]), ["Migrations"]);
        assert_eq!(titles(&search(&client, "tables rows").await["documents"])[..1], ["Databases"]);
        assert_eq!(titles(&search(&client, "zebra").await["documents"]), [""; 0]);
        assert_eq!(titles(&search(&client, "").await["documents"]), [""; 0]);
    }

    async fn the_index_follows_the_documents(db: Db) {
        let client = filled(&db).await?;
        client.patch("/documents/1", &json!({"body": "Cheese on toast."})).await;
        assert_eq!(titles(&search(&client, "dough").await["documents"]), [""; 0]);
        assert_eq!(titles(&search(&client, "toast").await["documents"]), ["Bread"]);
        client.delete("/documents/1").await;
        assert_eq!(titles(&search(&client, "toast").await["documents"]), [""; 0]);
    }

    async fn passages_are_found_by_what_they_mean_the_nearest_first(db: Db) {
        let client = filled(&db).await?;
        let passages = search(&client, "Each migration has an inverse.").await["passages"].clone();
        assert_eq!(passages[0]["text"], "Each migration has an inverse.");
        assert!(passages[0]["similarity"].as_f64().unwrap() > 0.999, "{passages}");
        let similarities: Vec<f64> =
            passages.as_array().unwrap().iter().map(|it| it["similarity"].as_f64().unwrap()).collect();
        assert!(similarities.is_sorted_by(|a, b| a >= b), "{similarities:?}");
    }

    /// Case 123 of the catalogue of reliability.
    async fn what_is_looked_for_is_data_and_no_query_language(db: Db) {
        let client = filled(&db).await?;
        for hostile in [
            "\"", "'", "*", "NEAR(", "title:", "a AND", "OR", "-", "^", "(", "{a}", "+bread -", "@", "~", "<", "%", "\\",
            "'; DROP TABLE documents; --", ":*", "&", "!", "|", "<->",
        ] {
            search(&client, hostile).await;
        }
        let nul = client.get("/search?q=a%00b").await;
        assert!([200, 422].contains(&nul.status.as_u16()), "{}", nul.text());
        assert_eq!(db.count("documents").await?, 3);
    }

    /// Case 123 of the catalogue of reliability.
    #[except(mariadb, "FULLTEXT looks for any of the words: each more is one to be ranked by")]
    async fn a_word_that_is_an_operator_elsewhere_is_a_word(db: Db) {
        let client = filled(&db).await?;
        assert_eq!(titles(&search(&client, "flour or tables").await["documents"]), [""; 0]);
        assert_eq!(titles(&search(&client, "flour and water").await["documents"]), ["Bread"]);
    }

    /// Case 123 of the catalogue of reliability.
    async fn a_search_among_the_documents_of_a_user_finds_no_others(db: Db) {
        let client = filled(&db).await?;
        client.post("/users", &json!({"email": "sam@uae.dev"})).await;
        let mine = json!({"title": "Mine", "body": "My own database of tables.", "owner_id": 2});
        client.post("/documents", &mine).await;
        let found: Value = client.get("/search?q=database&owner_id=2").await.json();
        assert_eq!(titles(&found["documents"]), ["Mine"]);
        assert_eq!(titles(&found["passages"]), ["Mine"]);
    }

    async fn a_search_that_is_too_long_is_a_bad_request(db: Db) {
        let client = client(&db).await?;
        assert_eq!(client.get(&format!("/search?q={}", "x".repeat(1001))).await.status, 400);
        assert_eq!(client.get("/search").await.status, 400);
    }
}
