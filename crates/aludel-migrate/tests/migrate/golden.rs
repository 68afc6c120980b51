//! Revision folders that earlier versions wrote: every later version runs them.

use std::path::Path;

use aludel_migrate::{Migrator, ScriptDirectory};
use aludel_suite::{Db, on_each_database};

on_each_database! {
    async fn the_first_version_is_run_and_undone(db: Db) {
        let scripts = ScriptDirectory::load(Path::new("tests/golden/first"))?;
        let migrator = Migrator::new(&db.engine, &scripts);
        assert_eq!(migrator.upgrade("head").await?.len(), 2);
        db.run("INSERT INTO users (email) VALUES ('sam@uae.dev')").await?;
        db.run("INSERT INTO documents (title, owner_id) VALUES ('Q2', 1)").await?;
        migrator.downgrade("-1").await?;
        migrator.upgrade("head").await?;
        assert_eq!((db.count("users").await?, db.count("documents").await?), (1, 1));
        migrator.downgrade("base").await?;
    }
}
