//! The engine.

use aludel::PoolMode;
use aludel::prelude::*;
use aludel_testing::Database;

use super::Sample;
use aludel_suite::{Db, on_each_database};

on_each_database! {
    async fn ping_tells_whether_the_database_answers(db: Db) {
        db.engine.ping().await?;
        assert_eq!((db.engine.status().in_use, db.engine.status().idle), (0, 1));
        db.engine.dispose().await;
        assert_eq!(db.engine.status().idle, 0);
        db.engine.ping().await?;
    }

    async fn making_an_engine_does_no_io(db: Db) {
        let elsewhere: Engine = match db.database {
            Database::Sqlite => Engine::builder("sqlite:////nowhere/at/all.db"),
            Database::Postgres => Engine::builder("postgresql://sam@127.0.0.1:1/nowhere"),
            Database::MariaDb => Engine::builder("mysql://127.0.0.1:1/nowhere"),
        }.build()?;
        assert!(elsewhere.ping().await.is_err());
        assert_eq!(elsewhere.status().in_use, 0);
    }

    async fn tasks_share_an_engine(db: Db) {
        db.create(&Metadata::of(Sample)).await?;
        let tasks: Vec<_> = (0..16_i64).map(|task| {
            let engine = db.engine.clone();
            tokio::spawn(async move {
                for n in 0..5 {
                    let mut session = engine.session();
                    session.add(Sample::builder().a(task).b(n));
                    session.commit().await?;
                }
                Ok::<(), Error>(())
            })
        }).collect();
        for task in tasks {
            task.await??;
        }
        assert_eq!(db.count("samples").await?, 80);
        assert_eq!(db.engine.status().in_use, 0);
    }

    async fn an_engine_without_a_pool_opens_a_connection_each_time(db: Db) {
        let engine: Engine = db.builder().pool_mode(PoolMode::Null).build()?;
        engine.ping().await?;
        assert_eq!((engine.status().idle, engine.status().in_use), (0, 0));
    }
}
