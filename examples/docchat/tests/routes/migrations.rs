//! The revisions of the schema.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database};
use docchat::database::MIGRATIONS;
use serde_json::{Value, json};

use crate::client;

#[test]
fn every_change_of_the_models_has_a_revision() {
    // The program that prints the models for `aludel revision` links the library in the same way.
    let _ = docchat::models::User;
    assert_eq!(MIGRATIONS.check(&Metadata::linked()).unwrap(), []);
}

on_each_database! {
    async fn documents_of_the_first_version_are_kept_and_found(db: Db) {
        MIGRATIONS.upgrade(&db.engine, "325aebc7a2e1").await?;
        let mut conn = db.engine.connect().await?;
        conn.run_plain(&[
            "INSERT INTO users (email) VALUES ('ann@docchat.local')",
            "INSERT INTO documents (title, content, owner_id) VALUES ('Minutes', 'The harvest was good.', 1)",
        ])
        .await?;
        drop(conn);

        let client = client(&db).await?;
        let document: Value = client.get("/documents/1").await.json();
        assert_eq!((&document["title"], &document["body"]), (&json!("Minutes"), &json!("The harvest was good.")));
        let found: Value = client.get("/search?q=harvest").await.json();
        assert_eq!(found["documents"][0]["title"], "Minutes");
    }

    async fn back_to_nothing_and_up_again(db: Db) {
        MIGRATIONS.upgrade(&db.engine, "head").await?;
        MIGRATIONS.allow_data_loss(true).downgrade(&db.engine, "base").await?;
        assert_eq!(MIGRATIONS.upgrade(&db.engine, "head").await?.len(), 4);
    }
}
