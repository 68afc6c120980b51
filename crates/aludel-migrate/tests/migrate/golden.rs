//! Revision folders that earlier versions wrote: every later version reads them as they were meant, runs them, and would write the same.

use std::fs;
use std::path::Path;

use aludel::{Dialect, MySqlDialect, PostgresDialect, SqliteDialect};
use aludel_migrate::{
    Migrator, RevisionId, ScriptDirectory, canonical_sql, diff, read_metadata, read_revision, render_files,
    verify, write_revision,
};
use aludel_suite::{Db, on_each_database};

/// The folders, each with the models that it adds up to beside it: `first.toml`. What PostgreSQL alone has is rendered for it alone.
const FOLDERS: &[&str] = &["first", "tables", "rows", "branches", "postgres"];

fn load(name: &str) -> ScriptDirectory {
    ScriptDirectory::load(&Path::new("tests/golden").join(name)).unwrap()
}

/// Tells whether a folder was rendered for a dialect.
fn is_for(scripts: &ScriptDirectory, dialect: &dyn Dialect) -> bool {
    let file = format!("up.{}.sql", dialect.key());
    let revisions = scripts.map().revisions();
    revisions.iter().all(|it| scripts.script(&it.id).is_some_and(|it| it.sql.contains_key(&file)))
}

#[test]
fn folders_of_earlier_versions_mean_what_they_meant() {
    for name in FOLDERS {
        let scripts = load(name);
        scripts.check_sum().unwrap_or_else(|error| panic!("{name}: {error:?}"));
        let state = scripts.map().state(&scripts.map().heads()).unwrap();
        let file = format!("tests/golden/{name}.toml");
        let models = read_metadata(&fs::read_to_string(&file).unwrap()).unwrap();
        assert_eq!(diff(&state, &models).unwrap(), [], "{name}");
        assert_eq!(diff(&models, &state).unwrap(), [], "{name}");
        for revision in scripts.map().revisions() {
            let written = write_revision(revision);
            assert_eq!(read_revision(&written).unwrap(), *revision, "{name}: {}", revision.id);
        }
    }
}

#[test]
fn the_sql_of_earlier_versions_is_rendered_again() {
    let dialects: [&dyn Dialect; 4] =
        [&SqliteDialect, &PostgresDialect, &MySqlDialect::default(), &MySqlDialect::mysql()];
    // `first` was rendered before there was a form that locks least; what was committed is what runs.
    for name in FOLDERS.iter().filter(|it| **it != "first") {
        let scripts = load(name);
        let dialects: Vec<&dyn Dialect> = dialects.into_iter().filter(|it| is_for(&scripts, *it)).collect();
        assert!(!dialects.is_empty(), "{name}");
        for revision in scripts.map().revisions() {
            let above: Vec<RevisionId> =
                revision.parents.iter().chain(&revision.depends_on).cloned().collect();
            let before = scripts.map().state(&above).unwrap();
            let committed = &scripts.script(&revision.id).unwrap().sql;
            for (file, text) in render_files(revision, &before, &dialects).unwrap() {
                assert_eq!(
                    canonical_sql(&text),
                    canonical_sql(&committed[&file]),
                    "{name}: {} {file}",
                    revision.id
                );
            }
        }
    }
}

on_each_database! {
    async fn folders_of_earlier_versions_are_run_undone_and_run_again(db: Db) {
        for name in FOLDERS {
            let scripts = load(name);
            if !is_for(&scripts, db.engine.dialect()) {
                continue;
            }
            // Each up, down and up again, with the state that it says each time.
            let found = verify(&db.engine, &scripts).await?;
            assert!(found.is_ok(), "{name}: {found:?}");
            let migrator = Migrator::new(&db.engine, &scripts).allow_data_loss(true);
            assert!(migrator.upgrade("heads").await?.is_empty(), "{name}");
            migrator.downgrade("base").await?;
            let left = db.engine.inspect().await?.reflect();
            let left: Vec<&str> = left.tables().iter().map(|it| it.name.as_str()).collect();
            assert_eq!(left, ["aludel_revisions"], "{name}");
        }
    }

    async fn the_first_version_is_run_and_undone(db: Db) {
        let scripts = load("first");
        let migrator = Migrator::new(&db.engine, &scripts).allow_data_loss(true);
        assert_eq!(migrator.upgrade("head").await?.len(), 2);
        db.run("INSERT INTO users (email) VALUES ('sam@uae.dev')").await?;
        db.run("INSERT INTO documents (title, owner_id) VALUES ('Q2', 1)").await?;
        migrator.downgrade("-1").await?;
        migrator.upgrade("head").await?;
        assert_eq!((db.count("users").await?, db.count("documents").await?), (1, 1));
        migrator.downgrade("base").await?;
    }
}
