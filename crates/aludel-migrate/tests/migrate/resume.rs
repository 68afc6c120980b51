//! Going on after a step failed, or a migrator died.

use aludel::prelude::*;
use aludel::schema::{Operation, PerDialect, SqlBlock};
use aludel_migrate::{Begun, Migrator, State};
use aludel_suite::{Db, on_each_database, refused};

use crate::project::Project;

const STEPS: usize = 4;

/// A revision that creates tables `s1` to `s4`, a step each, with rows in between.
fn steps(db: &Db) -> Project {
    let block = |number: usize| {
        let (up, down) = if number.is_multiple_of(2) {
            (format!("INSERT INTO s1 (a) VALUES ({number})"), format!("DELETE FROM s1 WHERE a = {number}"))
        } else {
            (format!("CREATE TABLE s{number} (a INTEGER)"), format!("DROP TABLE s{number}"))
        };
        let all = |sql| PerDialect::All(vec![sql]);
        Operation::Sql(SqlBlock { title: format!("number {number}"), up: all(up), down: Some(all(down)) })
    };
    let mut project = Project::default();
    project.operations(db, (1..=STEPS).map(block).collect());
    project
}

async fn rows(db: &Db) -> Vec<i64> {
    let rows = db.rows("SELECT a FROM s1 ORDER BY a").await.unwrap();
    rows.iter().map(|row| row.at(0).unwrap()).collect()
}

on_each_database! {
    async fn after_a_step_that_failed_what_is_left_is_done(db: Db) {
        let scripts = steps(&db).scripts();
        let migrator = Migrator::new(&db.engine, &scripts);
        for failing in [1, 3] {
            db.run(&format!("CREATE TABLE s{failing} (a INTEGER)")).await?;
            assert!(migrator.upgrade("head").await.is_err());
            if db.engine.dialect().features().transactional_ddl {
                assert!(migrator.current().await?.is_empty());
            } else {
                let row = migrator.current().await?.remove(0);
                assert_eq!((row.state, row.step, row.begun), (State::Upgrading, failing - 1, false));
                let error = refused(migrator.upgrade("head").await, ErrorKind::Migration);
                assert!(error.advice().unwrap().contains("aludel resume"), "{error}");
                assert!(migrator.resume(None).await.is_err(), "the cause is still there");
            }
            db.run(&format!("DROP TABLE s{failing}")).await?;
            let resumed = migrator.resume(None).await?;
            let upgraded = migrator.upgrade("head").await?;
            assert_eq!(resumed.len() + upgraded.len(), 1);
            assert_eq!(rows(&db).await, [2, 4]);
            migrator.downgrade("base").await?;
        }
    }

    #[only(mariadb, "elsewhere a transaction keeps the steps together")]
    async fn a_step_that_had_begun_is_asked_for(db: Db) {
        let project = steps(&db);
        let scripts = project.scripts();
        let migrator = Migrator::new(&db.engine, &scripts);
        for (done, begun) in [(0, true), (0, false), (1, false), (2, true), (2, false), (3, false), (4, false)] {
            migrator.upgrade("head").await?;
            // As if the migrator had died there.
            db.run(&format!(
                "UPDATE aludel_revisions SET state = 'upgrading', step = {done}, begun = {}", i64::from(begun)
            )).await?;
            for gone in (done + 1..=STEPS).rev() {
                match gone {
                    2 | 4 => db.run(&format!("DELETE FROM s1 WHERE a = {gone}")).await?,
                    // The step that had begun may have been done all the same.
                    gone if begun && gone == done + 1 && done == 2 => {}
                    gone => db.run(&format!("DROP TABLE s{gone}")).await?,
                }
            }
            assert_eq!(migrator.resume(None).await?, project.ids, "{done} {begun}");
            assert_eq!(rows(&db).await, [2, 4]);
            assert!(migrator.upgrade("head").await?.is_empty());
            migrator.downgrade("base").await?;
        }
    }

    #[only(mariadb, "elsewhere a transaction keeps the steps together")]
    async fn what_nothing_tells_is_asked_of_people(db: Db) {
        let all = |sql: &str| PerDialect::All(vec![sql.to_owned()]);
        let block = SqlBlock { title: "analyze".into(), up: all("ANALYZE TABLE aludel_revisions"), down: Some(PerDialect::default()) };
        let mut project = Project::default();
        project.operations(&db, vec![Operation::Sql(block)]);
        let scripts = project.scripts();
        let migrator = Migrator::new(&db.engine, &scripts);
        migrator.upgrade("head").await?;
        for begun in [Begun::Done, Begun::NotDone] {
            db.run("UPDATE aludel_revisions SET state = 'upgrading', step = 0, begun = 1").await?;
            let error = refused(migrator.resume(None).await, ErrorKind::Migration);
            assert_eq!(error.what(), "step 1 of revision r1 (analyze) had begun, and nothing tells whether it was done");
            assert_eq!(migrator.resume(Some(begun)).await?.len(), 1);
            assert!(migrator.upgrade("head").await?.is_empty());
        }
    }

    async fn a_hook_runs_in_its_revision(db: Db) {
        let hook = Operation::Hook { name: "fill".into(), down: Some("empty".into()) };
        let mut project = steps(&db);
        project.operations(&db, vec![hook]);
        let scripts = project.scripts();
        let error = refused(Migrator::new(&db.engine, &scripts).upgrade("head").await, ErrorKind::Migration);
        assert!(error.what().starts_with("revision r2 (number 2) runs the hook `fill`"), "{error}");
        let mut hooks = aludel_migrate::Hooks::new();
        hooks.insert("fill", |conn| Box::pin(async move { conn.run_plain(&["INSERT INTO s1 (a) VALUES (9)"]).await }));
        hooks.insert("empty", |conn| Box::pin(async move { conn.run_plain(&["DELETE FROM s1 WHERE a = 9", "DROP TABLE nowhere"]).await }));
        let migrator = Migrator::new(&db.engine, &scripts).hooks(&hooks);
        migrator.upgrade("head").await?;
        assert_eq!(rows(&db).await, [2, 4, 9]);
        // What fails in a hook is undone with its revision.
        let error = migrator.downgrade("-1").await.unwrap_err();
        assert_eq!(error.context(), Some("revision r2 (number 2), step 1 of 1: run the hook empty"));
        if db.engine.dialect().features().transactional_ddl {
            assert_eq!(rows(&db).await, [2, 4, 9]);
        }
    }
}
