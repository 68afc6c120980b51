//! Going on after a step failed, or a migrator died.

use aludel::SqlType;
use aludel::prelude::*;
use aludel::schema::{Check, ColumnDef, Index, IndexOf, IndexPart, Operation, PerDialect, SqlBlock, Unique};
use aludel_migrate::{Begun, Migrator, State};
use aludel_suite::{Db, on_each_database, refused};

use crate::models::{column, foreign_key, metadata, nullable, table};
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
        let migrator = Migrator::new(&db.engine, &scripts).allow_data_loss(true);
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
        let migrator = Migrator::new(&db.engine, &scripts).allow_data_loss(true);
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
        let migrator = Migrator::new(&db.engine, &scripts).allow_data_loss(true);
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

    #[only(postgres, "it alone builds indexes outside of a transaction")]
    async fn an_index_that_could_not_be_built_is_named_and_built_again(db: Db) {
        let mut project = Project::default();
        project.revision(&db, &metadata([table("people", [column("age", SqlType::Integer)])]));
        let index = Index {
            parts: vec![IndexPart::new(IndexOf::Expression("(1 / age)".into()))],
            ..Index::on("ix_people_age", [""; 0])
        };
        project.operations(&db, vec![Operation::CreateIndex { table: "people".into(), index }]);
        let scripts = project.scripts();
        let migrator = Migrator::new(&db.engine, &scripts).allow_data_loss(true);
        migrator.upgrade("+1").await?;
        db.run("INSERT INTO people (age) VALUES (0)").await?;
        let error = migrator.upgrade("head").await.unwrap_err();
        assert_eq!(
            error.advice(),
            Some("0 of 1 steps are done and noted; the invalid index ix_people_age is left, which goes then; mend the cause, then go on with `aludel resume`")
        );
        db.run("UPDATE people SET age = 1").await?;
        migrator.resume(None).await?;
        assert_eq!(db.value::<i64>("SELECT count(*) FROM pg_index WHERE NOT indisvalid").await?, 0);
        assert_eq!(db.value::<i64>("SELECT count(*) FROM pg_indexes WHERE indexname = 'ix_people_age'").await?, 1);
    }

    async fn rows_that_are_in_the_way_are_counted_before_anything_is_done(db: Db) {
        let text = |length| nullable("name", SqlType::Varchar(length));
        let mut project = Project::default();
        let parent = table("teams", []);
        let before = table("people", [text(20), nullable("team_id", SqlType::BigInt)]);
        project.revision(&db, &metadata([parent.clone(), before.clone()]));
        let change = |column: ColumnDef| {
            let mut after = before.clone();
            after.columns[1] = column;
            after
        };
        let mut unique = before.clone();
        unique.uniques.push(Unique::over("uq_people_name", ["name"]));
        let mut checked = before.clone();
        checked.checks.push(Check::new("ck_people_name", "name <> 'Ada'"));
        let mut owned = before.clone();
        owned.foreign_keys.push(foreign_key("people", "team_id", "teams"));
        let cases = [
            (change(column("name", SqlType::Varchar(20))), "every row of people has name: 1"),
            (change(text(4)), "no people.name is longer than 4: 2"),
            (unique, "no two rows of people have the same name: 1"),
            (checked, "every row of people satisfies ck_people_name: 1"),
            (owned, "every people has its row of teams: 3"),
        ];
        Migrator::new(&db.engine, &project.scripts()).upgrade("head").await?;
        db.run("INSERT INTO people (name, team_id) VALUES ('Ada', 7), ('Grace', 7), ('Grace', 8), (NULL, NULL)").await?;
        for (after, message) in cases {
            let mut project = project.clone();
            project.revision(&db, &metadata([parent.clone(), after]));
            let scripts = project.scripts();
            let error = refused(Migrator::new(&db.engine, &scripts).upgrade("head").await, ErrorKind::Migration);
            assert_eq!(error.what(), format!("it does not hold that {message} in the way"));
            assert_eq!(db.count("people").await?, 4);
            assert_eq!(Migrator::new(&db.engine, &scripts).current().await?.len(), 1, "nothing was begun");
        }
    }
}
