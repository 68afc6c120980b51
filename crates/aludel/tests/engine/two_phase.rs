//! Rules of two-phase commit, on servers of their own: what is prepared outlives clients and servers.

use aludel::prelude::*;

use crate::models::*;
use aludel_suite::{Database, Db, Outcome, Place, on_each_database, refused};
use aludel_testing::PrivateServer;

const TAKE: &str = "UPDATE accounts SET balance = balance - 10 WHERE owner = 'ada'";

async fn balance(db: &Db) -> aludel::Result<i64> {
    db.other().connect().await?.scalar(select(Account::BALANCE).filter(Account::OWNER.eq("ada"))).await
}

/// Commits or rolls back as soon as the connection that has prepared is gone.
async fn decide(db: &Db, name: &str, commit: bool) -> Outcome {
    let other = db.other();
    let mut conn = other.connect().await?;
    loop {
        let decided =
            if commit { conn.commit_prepared(name).await } else { conn.rollback_prepared(name).await };
        match decided {
            Ok(()) => return Ok(()),
            Err(error) if db.database == Database::MariaDb && error.kind() == ErrorKind::Database => {
                tokio::task::yield_now().await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

async fn rule(db: &Db) -> Outcome {
    bank(db).await?;
    let engine = db.builder().pool_size(1).max_overflow(0).build()?;
    // Prepared and committed, and prepared and rolled back, on the connection itself.
    let mut conn = engine.connect().await?;
    let mut tx = conn.begin_two_phase("one").await?;
    tx.run_plain(&[TAKE]).await?;
    let prepared = tx.prepare().await?;
    assert_eq!(balance(db).await?, 100);
    assert_eq!(db.other().connect().await?.recover_two_phase().await?, ["one"]);
    prepared.commit().await?;
    assert_eq!(balance(db).await?, 90);
    let mut tx = conn.begin_two_phase("two").await?;
    tx.run_plain(&[TAKE]).await?;
    tx.prepare().await?.rollback().await?;
    assert_eq!(balance(db).await?, 90);
    // Dropped or rolled back before it is prepared: nothing is left, and the connection goes on.
    let mut tx = conn.begin_two_phase("three").await?;
    tx.run_plain(&[TAKE]).await?;
    drop(tx);
    assert_eq!(conn.scalar(select(func::count(Account::ID))).await?, 2);
    let mut tx = conn.begin_two_phase("three").await?;
    tx.run_plain(&[TAKE]).await?;
    refused(tx.begin().await, ErrorKind::State);
    tx.rollback().await?;
    assert_eq!(balance(db).await?, 90);
    drop(conn);
    // A transaction of which only the name is left, committed and rolled back by another program.
    for (name, commit, left) in [("four", true, 80), ("five", false, 80)] {
        let mut conn = engine.connect().await?;
        let mut tx = conn.begin_two_phase(name).await?;
        tx.run_plain(&[TAKE]).await?;
        let _ = tx.prepare().await?;
        drop(conn);
        assert_eq!(db.other().connect().await?.recover_two_phase().await?, [name]);
        decide(db, name, commit).await?;
        assert_eq!(balance(db).await?, left);
    }
    let mut conn = engine.connect().await?;
    assert_eq!(conn.recover_two_phase().await?, [""; 0]);
    refused(conn.begin_two_phase("it's").await, ErrorKind::Encode);
    refused(conn.commit_prepared("nobody").await, ErrorKind::Database);
    conn.release().await;
    assert_eq!(engine.status().in_use, 0);
    Ok(())
}

fn on_a_private_server(database: Database) {
    let Some(mut server) = PrivateServer::start(database) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let place = Place::create(database, &server.url).await.unwrap();
        let db =
            Db { database, engine: Engine::builder(&place.url).build().unwrap(), url: place.url.clone() };
        rule(&db).await.unwrap();
        // What was prepared outlives the server.
        let mut conn = db.engine.connect().await.unwrap();
        let mut tx = conn.begin_two_phase("six").await.unwrap();
        tx.run_plain(&[TAKE]).await.unwrap();
        let _ = tx.prepare().await.unwrap();
        drop(conn);
        db.engine.dispose().await;
        tokio::task::block_in_place(|| server.crash());
        assert_eq!(db.other().connect().await.unwrap().recover_two_phase().await.unwrap(), ["six"]);
        decide(&db, "six", true).await.unwrap();
        assert_eq!(balance(&db).await.unwrap(), 70);
    });
}

mod what_was_prepared_waits_for_its_outcome_whatever_happens {
    use super::*;

    #[test]
    fn postgres() {
        on_a_private_server(Database::Postgres);
    }

    #[test]
    fn mariadb() {
        on_a_private_server(Database::MariaDb);
    }
}

on_each_database! {
    #[only(mariadb, "it is as any other transaction until it is prepared, and SQLite has none")]
    async fn one_in_which_a_statement_has_failed_is_rolled_back(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let name = format!("failed-{}", std::process::id());
        for n in 0..3 {
            let mut tx = conn.begin_two_phase(&name).await?;
            tx.run_plain(&[TAKE]).await?;
            refused(tx.execute(open("ada")).await, ErrorKind::UniqueViolation);
            match n {
                0 => tx.rollback().await?,
                1 => drop(tx),
                _ => _ = refused(tx.prepare().await, ErrorKind::State),
            }
            assert_eq!(conn.scalar(select(func::count(Account::ID))).await?, 2);
        }
        assert_eq!((balance(&db).await?, owners(&db).await?), (100, "ada bob".to_owned()));
    }

    #[only(sqlite, "servers have two-phase commit")]
    async fn a_database_without_two_phase_commit_says_so(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let error = refused(conn.begin_two_phase("one").await, ErrorKind::Unsupported);
        assert!(error.to_string().contains("SQLite has no two-phase commit"), "{error}");
        refused(conn.recover_two_phase().await, ErrorKind::Unsupported);
    }
}
