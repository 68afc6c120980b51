//! Arrays in conditions: PostgreSQL has them.

use aludel::prelude::*;
use aludel_suite::{Database, Db, on_each_database};

/// Has tags and marks.
#[derive(Entity, Clone, Debug)]
#[entity(table = "articles_with_tags")]
pub struct Tagged {
    #[column(primary_key)]
    pub id: i64,
    pub tags: Vec<String>,
    pub marks: Option<Vec<i64>>,
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

on_each_database! {
    async fn elements_are_looked_for(db: Db) {
        let mut conn = db.engine.connect().await?;
        let of = |condition| select(Tagged::ID).filter(condition).order_by(Tagged::ID);
        if db.database != Database::Postgres {
            let refused = conn.scalars(of(Tagged::TAGS.has("red"))).all().await.unwrap_err();
            assert_eq!(refused.kind(), aludel::ErrorKind::Unsupported);
            assert!(refused.to_string().contains("has no arrays"), "{refused}");
            return Ok(());
        }
        db.create(&Metadata::of(Tagged)).await?;
        conn.execute(insert(Tagged).values([
            Tagged::builder().tags(texts(&["red", "blue"])).marks(vec![1, 2]),
            Tagged::builder().tags(texts(&["red"])).marks(Vec::new()),
            Tagged::builder().tags(Vec::new()).marks(None),
        ]))
        .await?;
        assert_eq!(conn.scalars(of(Tagged::TAGS.has("blue"))).all().await?, [1]);
        assert_eq!(conn.scalars(of(Tagged::TAGS.has_all(texts(&["red"])))).all().await?, [1, 2]);
        assert_eq!(conn.scalars(of(Tagged::TAGS.overlaps(texts(&["blue", "green"])))).all().await?, [1]);
        assert_eq!(conn.scalars(of(Tagged::TAGS.contained_by(texts(&["red", "green"])))).all().await?, [2, 3]);
        assert_eq!(conn.scalars(of(Tagged::MARKS.has(2_i64))).all().await?, [1]);
        let lengths = select(Tagged::MARKS.cardinality().nullable()).order_by(Tagged::ID);
        assert_eq!(conn.scalars(lengths).all().await?, [Some(2), Some(0), None]);
    }
}
