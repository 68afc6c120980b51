//! A tie with data of its own.

use aludel_suite::{Db, on_each_database};
use serde_json::{Value, json};

use crate::{client, create};

on_each_database! {
    async fn a_share_tells_who_may_read_since_when_and_by_whom(db: Db) {
        let client = client(&db).await?;
        client.post("/users", &json!({"email": "sam@uae.dev"})).await;
        create(&client, "Q2 Report", "…", &[]).await;
        let response = client.post("/documents/1/shares", &json!({"user_id": 2, "added_by": 1})).await;
        assert_eq!(response.status, 201, "{}", response.text());
        let readers: Value = client.get("/documents/1/shares").await.json();
        assert_eq!(response.json::<Value>(), readers);
        assert_eq!((&readers[0]["email"], &readers[0]["added_by"]), (&json!("sam@uae.dev"), &json!(1)));
        assert!(readers[0]["added_at"].is_string());
        let again = client.post("/documents/1/shares", &json!({"user_id": 2, "added_by": 1})).await;
        assert_eq!(again.status, 409);
        let nobody = client.post("/documents/1/shares", &json!({"user_id": 7, "added_by": 1})).await;
        assert_eq!(nobody.status, 422);
        assert_eq!(client.get("/documents/7/shares").await.status, 404);
        client.delete("/documents/1").await;
        assert_eq!(db.count("shares").await?, 0);
    }
}
