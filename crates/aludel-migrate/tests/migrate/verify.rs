//! Revisions are tried up, down and up again.

use aludel::SqlType;
use aludel::schema::Index;
use aludel_migrate::verify;
use aludel_suite::{Db, on_each_database};

use crate::models::{documents, metadata, nullable, schemas, users};
use crate::project::Project;

on_each_database! {
    async fn random_revisions_give_the_same_states_each_time(db: Db) {
        use proptest::strategy::{Strategy, ValueTree};
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let schemas = schemas();
        let mut project = Project::default();
        for _ in 0..if aludel_suite::long() { 40 } else { 5 } {
            project.revision(&db, &schemas.new_tree(&mut runner).unwrap().current());
        }
        assert_eq!(verify(&db.engine, &project.scripts()).await?, []);
    }

    async fn a_downgrade_that_forgets_something_is_found(db: Db) {
        let mut project = Project::default();
        let mut after = documents();
        after.indexes.push(Index::on("ix_owner", ["owner_id"]));
        project.revision(&db, &metadata([users(), documents()])).revision(&db, &metadata([users(), after]));
        let file = format!("002/down.{}.sql", db.engine.dialect().key());
        let (from, to) = db.pick(
            ("DROP INDEX ix_owner", "DROP INDEX IF EXISTS ix_nothing"),
            ("DROP INDEX CONCURRENTLY ix_owner", "DROP INDEX CONCURRENTLY IF EXISTS ix_nothing"),
            ("DROP INDEX ix_owner", "DROP INDEX IF EXISTS ix_nothing"),
        );
        project.edit(&file, from, to);
        let error = verify(&db.engine, &project.scripts()).await;
        // The index is still there when it is created again; where that is no error, the states tell.
        assert!(error.is_err() || !error.unwrap().is_empty());
    }

    async fn an_upgrade_that_does_something_else_is_found(db: Db) {
        let mut project = Project::default();
        let mut after = users();
        after.columns.push(nullable("bio", SqlType::Text));
        project.revision(&db, &metadata([users()])).revision(&db, &metadata([after]));
        let file = format!("002/up.{}.sql", db.engine.dialect().key());
        project.edit(&file, "bio", "biography");
        let down = format!("002/down.{}.sql", db.engine.dialect().key());
        if db.database.name() != "sqlite" {
            project.edit(&down, "DROP COLUMN bio", "DROP COLUMN biography");
        }
        let found = verify(&db.engine, &project.scripts()).await?;
        let titles: Vec<String> = found[0].operations.iter().map(ToString::to_string).collect();
        assert_eq!((found[0].revision.as_str(), found[0].when), ("r2", "upgrade"));
        assert_eq!(titles, ["add column users.biography", "drop column users.bio"]);
    }
}
