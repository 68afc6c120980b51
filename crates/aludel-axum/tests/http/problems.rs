//! Errors as `application/problem+json`: the right status, and nothing that a client must not know.

use aludel::ErrorKind;
use aludel_axum::Problem;
use aludel_suite::{Db, on_each_database};
use serde_json::{Value, json};
use std::time::Duration;

use crate::app::{client, router, text};

on_each_database! {
    /// Case 121 of the catalogue of reliability.
    async fn bodies_tell_no_sql_and_no_names_of_tables(db: Db) {
        let client = client(&db).await?;
        client.send(text("/notebooks", "law")).await;
        let missing = client.get("/notes/7").await;
        let twice = client.send(text("/notebooks", "law")).await;
        let orphan = client.post("/notes", &json!({"text": "t", "notebook_id": 7})).await;
        for (response, status) in [(missing, 404), (twice, 409), (orphan, 422)] {
            assert_eq!(response.status, status, "{}", response.text());
            assert_eq!(response.header("content-type"), Some("application/problem+json"));
            let body: Value = response.json();
            assert_eq!(body["status"], status);
            assert_eq!(body["request_id"].as_str(), response.header("x-request-id"));
            for secret in ["notes", "notebooks", "INSERT", "SELECT", "law", "uq_", "fk_"] {
                assert!(!response.text().contains(secret), "{secret} in {}", response.text());
            }
        }
    }

    async fn a_pool_without_a_free_connection_is_503_with_a_time_to_wait(db: Db) {
        client(&db).await?;
        let engine = db.builder().pool_size(1).max_overflow(0).pool_timeout(Duration::from_millis(20)).build()?;
        let busy = engine.connect().await?;
        let client = aludel_axum::testing::TestClient::new(router(&engine));
        let response = client.get("/notebooks").await;
        assert_eq!((response.status.as_u16(), response.header("retry-after")), (503, Some("1")));
        drop(busy);
    }
}

on_each_database! {
    /// Case 121 of the catalogue of reliability: also what axum itself refuses.
    #[only(sqlite, "nothing of it depends on the database")]
    async fn a_refusal_in_plain_text_becomes_a_problem_that_keeps_its_words(db: Db) {
        let client = client(&db).await?;
        let put = axum::extract::Request::put("/notes/7").body("".into())?;
        let refused = [
            (client.get("/notes/seven").await, 400, "Invalid URL: Cannot parse `seven` to a `i64`"),
            (client.get("/nowhere").await, 404, "not found"),
            (client.send(put).await, 405, "method not allowed"),
        ];
        for (response, status, detail) in &refused {
            assert_eq!(response.status, *status, "{}", response.text());
            assert_eq!(response.header("content-type"), Some("application/problem+json"));
            let body: Value = response.json();
            assert_eq!((&body["status"], &body["detail"]), (&json!(status), &json!(detail)));
            assert_eq!(body["request_id"].as_str(), response.header("x-request-id"));
        }
        assert_eq!(refused[2].0.header("allow"), Some("GET,HEAD"));
    }
}

#[test]
fn each_kind_of_error_has_its_status() {
    let statuses = [
        (ErrorKind::NotFound, 404),
        (ErrorKind::UniqueViolation, 409),
        (ErrorKind::StaleData, 409),
        (ErrorKind::Serialization, 409),
        (ErrorKind::Deadlock, 409),
        (ErrorKind::ForeignKeyViolation, 422),
        (ErrorKind::NotNullViolation, 422),
        (ErrorKind::CheckViolation, 422),
        (ErrorKind::Encode, 422),
        (ErrorKind::PoolTimeout, 503),
        (ErrorKind::Timeout, 503),
        (ErrorKind::Disconnected, 503),
        (ErrorKind::CommitOutcomeUnknown, 500),
        (ErrorKind::NotLoaded, 500),
        (ErrorKind::Database, 500),
    ];
    for (kind, status) in statuses {
        let problem = Problem::from(aludel::Error::new(kind, "what happened"));
        assert_eq!(problem.status(), status, "{kind:?}");
    }
}
