//! `/search`: by words and by meaning.

use aludel_suite::{Db, on_each_database};
use axum::Router;
use docchat::search::pgvector;
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

/// The same passages were found in the same order; how near they are may differ by what a float is rounded by.
fn alike(one: &Value, other: &Value) {
    let passages = |it: &Value| it["passages"].as_array().expect("a list").clone();
    let (one, other) = (passages(one), passages(other));
    assert!(!one.is_empty() && one.len() == other.len(), "{one:?} {other:?}");
    for (one, other) in one.iter().zip(&other) {
        assert_eq!(one["text"], other["text"]);
        let similarity = |it: &Value| it["similarity"].as_f64().expect("a number");
        assert!((similarity(one) - similarity(other)).abs() < 1e-4, "{one} {other}");
    }
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

    #[only(postgres, "it is an extension of PostgreSQL")]
    async fn pgvector_finds_what_a_look_at_all_passages_finds(db: Db) {
        let client = filled(&db).await?;
        let found = |question| search(&client, question);
        let (one, two) = (found("Each migration has an inverse.").await, found("tables and rows").await);
        if !pgvector::is_there(&mut db.session()).await? {
            eprintln!("left out: the server has no pgvector");
            return Ok(());
        }
        let kept = db.count("chunk_vectors").await?;
        assert_eq!(kept, db.count("chunks").await?, "one for each passage");
        // Without its table every passage is looked at; the next start fills it again.
        db.run("DROP TABLE chunk_vectors").await?;
        alike(&one, &found("Each migration has an inverse.").await);
        alike(&two, &found("tables and rows").await);
        assert!(pgvector::prepare(&db.engine).await?);
        assert_eq!(db.count("chunk_vectors").await?, kept);
        client.delete("/documents/2").await;
        assert_eq!(db.count("chunk_vectors").await?, db.count("chunks").await?);
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
