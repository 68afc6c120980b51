//! Locks on rows: what another connection sees of them.

use aludel::prelude::*;
use aludel_suite::{Database, Db, on_each_database};

use crate::models::{Employee, company};

on_each_database! {
    async fn rows_that_somebody_has_locked_are_skipped(db: Db) {
        let mut first = company(&db).await?;
        let next = || select(Employee::ID).order_by(Employee::ID).limit(2).for_update().skip_locked();
        if db.database == Database::Sqlite {
            let refused = first.scalars(next()).all().await.unwrap_err();
            assert!(refused.to_string().contains("SQLite has no FOR UPDATE"), "{refused}");
            return Ok(());
        }
        let mut second = db.engine.connect().await?;
        let (mut mine, mut theirs) = (first.begin().await?, second.begin().await?);
        assert_eq!(mine.scalars(next()).all().await?, [1, 2]);
        assert_eq!(theirs.scalars(next()).all().await?, [3, 4]);
        mine.rollback().await?;
        theirs.rollback().await?;
    }

    async fn rows_that_somebody_has_locked_are_an_error(db: Db) {
        let mut first = company(&db).await?;
        let one = || select(Employee::ID).filter(Employee::ID.eq(1));
        if db.database == Database::Sqlite {
            assert!(first.scalars(one().for_share()).all().await.is_err());
            return Ok(());
        }
        let mut second = db.engine.connect().await?;
        let (mut mine, mut theirs) = (first.begin().await?, second.begin().await?);
        // Two may share a row, but neither may have it alone.
        assert_eq!(mine.scalars(one().for_share()).all().await?, [1]);
        assert_eq!(theirs.scalars(one().for_share().nowait()).all().await?, [1]);
        theirs.rollback().await?;
        let mut theirs = second.begin().await?;
        assert!(theirs.scalars(one().for_update().nowait()).all().await.is_err());
        theirs.rollback().await?;
        mine.rollback().await?;
    }
}
