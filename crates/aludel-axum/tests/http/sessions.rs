//! However a request ends, its session ends with it.

use aludel_axum::testing::TestClient;
use aludel_suite::{Db, on_each_database};
use std::time::Duration;

use crate::app::{self, client, text};

on_each_database! {
    async fn what_a_handler_adds_is_committed_before_the_response(db: Db) {
        let client = client(&db).await?;
        let response = client.send(text("/notebooks", "law")).await;
        assert_eq!(response.status, 201, "{}", response.text());
        assert_eq!(db.count("notebooks").await?, 1);
        assert_eq!(db.engine.status().in_use, 0);
    }

    async fn a_commit_that_fails_replaces_the_response(db: Db) {
        let client = client(&db).await?;
        client.send(text("/notebooks", "law")).await;
        let response = client.send(text("/notebooks", "law")).await; // the handler itself answers 201
        assert_eq!(response.status, 409);
        assert_eq!(db.count("notebooks").await?, 1);
        assert_eq!(db.engine.status().in_use, 0);
    }

    async fn a_refusal_rolls_back(db: Db) {
        let client = client(&db).await?;
        assert_eq!(client.send(text("/write_and/refuse", "")).await.status, 404);
        assert_eq!(client.send(text("/write_and/go", "")).await.status, 200);
        assert_eq!(db.value::<String>("SELECT name FROM notebooks").await?, "go");
        assert_eq!(db.engine.status().in_use, 0);
    }

    async fn a_panic_rolls_back(db: Db) {
        let client = client(&db).await?;
        let request = tokio::spawn(async move { client.send(text("/write_and/panic", "")).await });
        assert!(request.await.unwrap_err().is_panic());
        assert_eq!(db.count("notebooks").await?, 0);
        db.engine.ping().await?;
        assert_eq!(db.engine.status().in_use, 0);
    }

    /// Case 120 of the catalogue of reliability.
    async fn a_thousand_clients_that_hang_up_leave_nothing_behind(db: Db) {
        let client = client(&db).await?;
        for number in 0..1000_u64 {
            let end = if number % 2 == 0 { "hang" } else { "go" };
            let request = client.send(text(&format!("/write_and/{end}"), ""));
            // Longer and longer, so that each await of a request is the last one of some.
            let patience = Duration::from_micros(number * 5 % 2500);
            let _ = tokio::time::timeout(patience, request).await;
        }
        let again = client.send(text("/notebooks", "after")).await;
        assert_eq!(again.status, 201, "{}", again.text());
        assert_eq!(db.value::<i64>("SELECT count(*) FROM notebooks WHERE name = 'hang'").await?, 0);
        for _ in 0..200 {
            // A connection of a dropped request may still be on its way out.
            if db.engine.status().in_use == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(db.engine.status().in_use, 0);
    }

    async fn what_is_not_committed_is_rolled_back(db: Db) {
        let client = client(&db).await?;
        assert_eq!(client.send(text("/forget", "")).await.text(), "not committed");
        assert_eq!(db.count("notebooks").await?, 0);
        db.engine.ping().await?;
        assert_eq!(db.engine.status().in_use, 0);
    }

    async fn a_handler_that_asks_nothing_takes_no_connection(db: Db) {
        client(&db).await?;
        let engine = db.builder().pool_size(1).max_overflow(0).pool_timeout(Duration::from_millis(20)).build()?;
        let busy = engine.connect().await?;
        let client = TestClient::new(app::router(&engine));
        assert_eq!(client.send(text("/idle", "")).await.text(), "nothing was asked");
        assert_eq!(client.get("/notebooks").await.status, 503);
        drop(busy);
    }

    #[only(sqlite, "nothing of it depends on the database")]
    async fn without_the_layer_the_missing_line_is_named(db: Db) {
        let client = TestClient::new(app::routes().with_state(db.engine.clone()));
        let response = client.send(text("/notebooks", "law")).await;
        assert_eq!(response.status, 500);
        assert!(response.text().contains(".layer(aludel_axum::layer(engine))"), "{}", response.text());
    }

    #[only(sqlite, "nothing of it depends on the database")]
    async fn a_second_auto_commit_in_one_request_is_refused(db: Db) {
        let response = client(&db).await?.send(text("/two_sessions", "")).await;
        assert_eq!(response.status, 500);
        assert!(response.text().contains("a second AutoCommit"), "{}", response.text());
    }

    #[only(sqlite, "nothing of it depends on the database")]
    async fn an_auto_commit_that_outlives_its_handler_is_not_taken_for_committed(db: Db) {
        let response = client(&db).await?.send(text("/keep", "")).await;
        assert_eq!(response.status, 500);
        assert!(response.text().contains("outlived its handler"), "{}", response.text());
    }
}
