//! The health route asks the database.

use aludel_axum::testing::TestClient;
use aludel_suite::{Db, on_each_database};
use std::time::Duration;

use crate::app::{client, router};

on_each_database! {
    async fn it_answers_while_the_database_does(db: Db) {
        let response = client(&db).await?.get("/health").await;
        assert_eq!((response.status.as_u16(), response.text()), (200, r#"{"status":"ok"}"#));
    }

    async fn it_is_503_while_no_connection_is_to_be_had(db: Db) {
        let engine = db.builder().pool_size(1).max_overflow(0).pool_timeout(Duration::from_secs(60)).build()?;
        let busy = engine.connect().await?;
        let client = TestClient::new(router(&engine));
        let response = client.get("/health").await;
        assert_eq!(response.status, 503, "{}", response.text());
        drop(busy);
        assert_eq!(client.get("/health").await.status, 200);
    }
}
