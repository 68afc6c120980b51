//! Engine, connections and transactions.

use std::time::Duration;

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database};

use crate::models::{Document, User, fill};

on_each_database! {
    async fn an_engine_is_built_from_a_url_and_tried(db: Db) {
        let engine = Engine::builder(&db.url)
            .pool_size(5)
            .max_overflow(10)
            .pool_timeout(Duration::from_secs(30))
            .pool_pre_ping(true)
            .pool_recycle(Duration::from_secs(1800))
            .echo(true)
            .build()?;
        engine.ping().await?;
    }

    async fn core_gives_values(db: Db) {
        fill(&db).await?;
        let mut conn = db.engine.connect().await?;
        let rows: Vec<(i64, String)> = conn.execute(select((Document::ID, Document::TITLE))).all().await?;
        assert_eq!(rows.len(), 3);
        let docs: Vec<Document> = conn.scalars(select(Document)).all().await?;
        assert_eq!(docs[0].title, "Q1 Report");
        let mut tx = conn.begin().await?;
        tx.execute(delete(User).filter(User::ID.eq(2))).await?;
        drop(tx);
        assert_eq!(db.count("users").await?, 2);
    }

    async fn independent_statements_are_asked_together(db: Db) {
        fill(&db).await?;
        let mut conn = db.engine.connect().await?;
        let (users, titles) =
            conn.together((select(func::count(User::ID)), select(Document::TITLE).order_by(Document::ID))).await?;
        assert_eq!((users.len(), titles.len()), (1, 3));
    }

    async fn rows_are_streamed(db: Db) {
        fill(&db).await?;
        let mut conn = db.engine.connect().await?;
        let mut stream = conn.scalars(select(Document::TITLE)).stream();
        let mut titles = 0;
        while let Some(title) = stream.next().await? {
            assert!(!title.is_empty());
            titles += 1;
        }
        assert_eq!(titles, 3);
    }
}
