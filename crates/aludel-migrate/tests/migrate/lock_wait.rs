//! Tables that others use while a revision changes them.

use std::sync::Mutex;
use std::time::Duration;

use aludel::SqlType;
use aludel::prelude::*;
use aludel_migrate::{Migrator, Progress, Waits};
use aludel_suite::{Db, Outcome, on_each_database, refused};

use crate::models::{metadata, nullable, users};
use crate::project::Project;

/// Users; then a column more.
fn two(db: &Db) -> Project {
    let mut project = Project::default();
    let mut with_bio = users();
    with_bio.columns.push(nullable("bio", SqlType::Text));
    project.revision(db, &metadata([users()])).revision(db, &metadata([with_bio]));
    project
}

/// The engine of a migrator. SQLite says in the URL how long it waits.
fn engine(db: &Db) -> Engine {
    let url = db.pick(format!("{}?busy_timeout=100", db.url), db.url.clone(), db.url.clone());
    Engine::builder(&url).build().unwrap()
}

/// Runs something while a transaction of somebody else, who is known by a comment in the statement, holds a lock on the users.
async fn held<T>(
    db: &Db,
    work: impl AsyncFnOnce(Transaction<'_>) -> Result<T, aludel_suite::Failure>,
) -> Result<T, aludel_suite::Failure> {
    let other = db.other();
    let mut conn = other.connect().await?;
    let mut tx = conn.begin().await?;
    tx.run_plain(&["INSERT INTO users (email) VALUES ('a@b.c')"]).await?;
    work(tx).await
}

const fn waits(lock_retries: u32) -> Waits {
    let lock_timeout = Duration::from_millis(600);
    let [statement_timeout, migrator] = [Duration::from_secs(30), Duration::from_secs(60)];
    Waits { lock_timeout, lock_retries, statement_timeout, migrator }
}

on_each_database! {
    async fn case_94_a_lock_is_tried_for_again_until_it_is_let_go(db: Db) {
        let scripts = two(&db).scripts();
        let engine = engine(&db);
        Migrator::new(&engine, &scripts).upgrade("+1").await?;
        let outcome: Outcome = held(&db, async |tx| {
            // Whoever holds it lets go when the migrator has given up for the first time.
            let (tell, told) = tokio::sync::oneshot::channel::<()>();
            let tell = Mutex::new(Some(tell));
            let seen = Mutex::new(Vec::new());
            let listener = |progress: Progress<'_>| if let Progress::Blocked(blocked) = progress {
                seen.lock().unwrap().push(blocked.clone());
                if let Some(tell) = tell.lock().unwrap().take() {
                    tell.send(()).unwrap();
                }
            };
            let migrator = Migrator::new(&engine, &scripts).waits(waits(20)).listener(&listener);
            let (done, let_go) = tokio::join!(migrator.upgrade("head"), async {
                told.await.unwrap();
                tx.commit().await
            });
            let_go?;
            assert_eq!(done?.len(), 1);
            let seen = seen.lock().unwrap();
            assert_eq!(seen[0].tries, 1);
            let who = db.pick("", "in the way: process ", "in the way may be: process ");
            assert!(seen[0].describe().starts_with(who), "{seen:?}");
            assert!(seen[0].pause <= Duration::from_millis(300), "{seen:?}");
            Ok(())
        }).await;
        outcome?;
        assert_eq!(db.count("users WHERE bio IS NULL").await?, 1);
    }

    async fn case_94_after_the_last_try_the_one_in_the_way_is_named_and_nothing_is_done(db: Db) {
        let scripts = two(&db).scripts();
        let engine = engine(&db);
        let migrator = Migrator::new(&engine, &scripts).waits(waits(1));
        migrator.upgrade("+1").await?;
        let outcome: Outcome = held(&db, async |tx| {
            let error = refused(migrator.upgrade("head").await, ErrorKind::Timeout);
            let what = db.pick(
                "others hold the lock of the database; it was waited for 2 times, as long as `busy_timeout` in the URL says",
                "others hold a lock that is needed here; it was waited for 2 times, 0.6 s each; in the way: process ",
                "others hold a lock that is needed here; it was waited for 2 times, 0.6 s each; in the way may be: process ",
            );
            assert!(error.what().starts_with(what), "{error:?}");
            let idle = db.pick("", "idle in transaction", "idle in transaction");
            assert!(error.what().contains(idle), "{error:?}");
            let help = db.pick("nothing of the revision was kept", "nothing of the revision was kept", "0 of 1 steps are done and noted");
            assert!(error.advice().unwrap().starts_with(help), "{error:?}");
            if db.engine.dialect().migration_lock().is_some() {
                assert_eq!(error.context(), Some("revision r2 (number 2), step 1 of 1: add column users.bio"));
            }
            // Who reads does not wait behind a migrator that has given up.
            assert_eq!(db.count("users").await?, 0);
            tx.rollback().await?;
            Ok(())
        }).await;
        outcome?;
        assert!(db.rows("SELECT bio FROM users").await.is_err());
        let (resumed, upgraded) = (migrator.resume(None).await?, migrator.upgrade("head").await?);
        assert_eq!(resumed.len() + upgraded.len(), 1);
        db.rows("SELECT bio FROM users").await?;
    }

    #[only(postgres, "it alone builds indexes outside of a transaction")]
    async fn case_94_what_blocks_nobody_waits_as_long_as_it_must(db: Db) {
        let mut indexed = users();
        indexed.indexes.push(aludel::schema::Index::on("ix_users_name", ["name"]));
        let mut project = Project::default();
        project.revision(&db, &metadata([users()])).revision(&db, &metadata([indexed]));
        let scripts = project.scripts();
        let migrator = Migrator::new(&db.engine, &scripts).waits(Waits { lock_timeout: Duration::from_millis(50), ..waits(0) });
        migrator.upgrade("+1").await?;
        let outcome: Outcome = held(&db, async |tx| {
            let (done, let_go) = tokio::join!(migrator.upgrade("head"), async {
                // It waits for the end of this transaction far longer than the limit.
                while db.value::<i64>("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype IN ('virtualxid', 'transactionid')").await? == 0 {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                tokio::time::sleep(Duration::from_millis(300)).await;
                tx.commit().await
            });
            let_go?;
            assert_eq!(done?.len(), 1);
            Ok(())
        }).await;
        outcome?;
    }

    #[only(postgres, "it alone has a limit that is for DDL")]
    async fn case_94_a_statement_without_rows_has_little_time_and_others_take_theirs(db: Db) {
        // Whatever is created, or gets a comment, takes half a second.
        db.run("CREATE FUNCTION slow() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.5); END $$").await?;
        let mut indexed = users();
        indexed.indexes.push(aludel::schema::Index::on("ix_users_name", ["name"]));
        let said = aludel::schema::Table { comment: Some("people".into()), ..indexed.clone() };
        let mut project = Project::default();
        project.revision(&db, &metadata([users()])).revision(&db, &metadata([indexed])).revision(&db, &metadata([said]));
        let scripts = project.scripts();
        // The program's own limit is for its queries.
        let url = format!("{}{}options=-c%20statement_timeout%3D200ms", db.url, if db.url.contains('?') { '&' } else { '?' });
        let engine = Engine::builder(&url).build()?;
        let short = Waits { lock_timeout: Duration::from_millis(50), statement_timeout: Duration::from_millis(100), ..waits(0) };
        let migrator = Migrator::new(&engine, &scripts).waits(short);
        migrator.upgrade("r1").await?;
        db.run("CREATE EVENT TRIGGER slow ON ddl_command_start WHEN TAG IN ('CREATE INDEX', 'COMMENT') EXECUTE FUNCTION slow()").await?;
        let outcome: Outcome = async {
            migrator.upgrade("r2").await?;
            let error = refused(migrator.upgrade("r3").await, ErrorKind::Timeout);
            assert!(error.context().unwrap().contains("comment on table users"), "{error:?}");
            assert!(error.advice().unwrap().contains("`statement_timeout`"), "{error:?}");
            assert_eq!(migrator.current().await?.len(), 2);
            Migrator::new(&engine, &scripts).waits(waits(0)).upgrade("r3").await?;
            Ok(())
        }.await;
        db.run("DROP EVENT TRIGGER slow").await?;
        outcome?;
    }

    #[except(sqlite, "its URL says how long it waits")]
    async fn case_94_a_connection_is_lent_on_without_the_limit(db: Db) {
        let scripts = two(&db).scripts();
        let engine = db.builder().pool_size(2).build()?;
        Migrator::new(&engine, &scripts).waits(waits(0)).upgrade("head").await?;
        let query = db.pick("", "SELECT setting::bigint FROM pg_settings WHERE name = 'lock_timeout'", "SELECT CAST(@@lock_wait_timeout AS SIGNED)");
        let usual = db.value::<i64>(query).await?;
        let mut first = engine.connect().await?;
        let mut second = engine.connect().await?;
        for conn in [&mut first, &mut second] {
            let there: i64 = conn.execute(text_unchecked(query)).one().await?.at(0)?;
            assert_eq!(there, usual);
        }
    }
}
