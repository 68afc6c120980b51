//! Running revisions on three databases.

use std::sync::{Arc, Mutex};

use aludel::events::{Listener, StatementEvent};
use aludel::prelude::*;
use aludel::schema::{Index, Operation, PerDialect, SqlBlock, split_statements};
use aludel::{Metadata, SqlType};
use aludel_migrate::{Comparison, Direction, Migrator, Revision, State, offline_script};
use aludel_suite::{Db, on_each_database, refused};

use crate::models::{documents, metadata, nullable, users};
use crate::project::Project;

/// Users; then documents, and a column; then an index.
fn three(db: &Db) -> Project {
    let mut project = Project::default();
    let mut with_bio = users();
    with_bio.columns.push(nullable("bio", SqlType::Text));
    let mut indexed = documents();
    indexed.indexes.push(Index::on("ix_documents_owner_id", ["owner_id"]));
    project
        .revision(db, &metadata([users()]))
        .revision(db, &metadata([with_bio.clone(), documents()]))
        .revision(db, &metadata([with_bio, indexed]));
    project
}

async fn tables(db: &Db) -> Vec<String> {
    let rows = db.rows(db.engine.dialect().object_names()).await.unwrap();
    let is_table = |row: &&aludel::Row| {
        row.at::<String>(0).unwrap() == "table" && row.at::<Option<String>>(1).unwrap().is_none()
    };
    let mut names: Vec<String> = rows.iter().filter(is_table).map(|row| row.at(2).unwrap()).collect();
    names.retain(|it| !it.starts_with("sqlite_"));
    names.sort();
    names
}

fn names(ids: &[aludel_migrate::RevisionId]) -> Vec<&str> {
    ids.iter().map(|it| it.as_str()).collect()
}

/// Writes down the statements that are sent.
#[derive(Clone, Default)]
struct Sent(Arc<Mutex<Vec<String>>>);

impl Listener for Sent {
    fn statement(&self, event: &StatementEvent<'_>) {
        self.0.lock().unwrap().push(event.sql.to_string());
    }
}

on_each_database! {
    async fn an_upgrade_runs_what_is_missing(db: Db) {
        let scripts = three(&db).scripts();
        let migrator = Migrator::new(&db.engine, &scripts);
        assert_eq!(names(&migrator.upgrade("+1").await?), ["r1"]);
        assert_eq!(tables(&db).await, ["aludel_revisions", "users"]);
        assert_eq!(names(&migrator.upgrade("head").await?), ["r2", "r3"]);
        assert_eq!(tables(&db).await, ["aludel_revisions", "documents", "users"]);
        assert!(migrator.upgrade("head").await?.is_empty());
        let current = migrator.current().await?;
        assert!(current.iter().all(|it| it.state == State::Applied && it.step == it.steps && it.error.is_none()));
        db.run("INSERT INTO users (email, bio) VALUES ('sam@example.org', 'b')").await?;
    }

    async fn a_downgrade_undoes_and_an_upgrade_does_it_again(db: Db) {
        let scripts = three(&db).scripts();
        let migrator = Migrator::new(&db.engine, &scripts);
        migrator.upgrade("head").await?;
        db.run("INSERT INTO users (email, bio) VALUES ('sam@example.org', 'b')").await?;
        assert_eq!(names(&migrator.downgrade("-1").await?), ["r3"]);
        let error = refused(migrator.downgrade("r1").await, ErrorKind::DataLoss);
        assert_eq!(error.what(), "the downgrade would lose what is in the database:\n    drop column users.bio (r2): 1 value");
        assert_eq!(names(&migrator.current().await?.into_iter().map(|it| it.id).collect::<Vec<_>>()), ["r1", "r2"]);
        let migrator = migrator.allow_data_loss(true);
        assert_eq!(names(&migrator.downgrade("r1").await?), ["r2"]);
        assert_eq!(tables(&db).await, ["aludel_revisions", "users"]);
        assert_eq!(db.count("users").await?, 1);
        assert!(db.rows("SELECT bio FROM users").await.is_err());
        migrator.upgrade("head").await?;
        assert_eq!(names(&migrator.downgrade("base").await?), ["r3", "r2", "r1"]);
        assert_eq!(tables(&db).await, ["aludel_revisions"]);
        assert!(migrator.current().await?.is_empty());
    }

    async fn asking_where_a_database_is_writes_nothing(db: Db) {
        let scripts = three(&db).scripts();
        assert!(Migrator::new(&db.engine, &scripts).current().await?.is_empty());
        assert_eq!(tables(&db).await, [""; 0]);
    }

    async fn a_database_that_is_up_to_date_is_only_read(db: Db) {
        let scripts = three(&db).scripts();
        Migrator::new(&db.engine, &scripts).upgrade("head").await?;
        let sent = Sent::default();
        let engine = db.builder().listen(sent.clone()).build()?;
        let migrator = Migrator::new(&engine, &scripts);
        assert_eq!(migrator.current().await?.len(), 3);
        assert!(migrator.upgrade("head").await?.is_empty());
        let sent = sent.0.lock().unwrap().clone();
        assert!(!sent.is_empty());
        let writes = ["INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "ALTER", "DROP", "BEGIN IMMEDIATE"];
        let written: Vec<_> = sent.iter().filter(|sql| writes.iter().any(|it| sql.trim().starts_with(it))).collect();
        assert_eq!(written, Vec::<&String>::new());
    }

    async fn a_revision_that_was_edited_is_refused(db: Db) {
        let mut project = three(&db);
        Migrator::new(&db.engine, &project.scripts()).upgrade("head").await?;
        project.edit("001/revision.toml", "number 1", "a better message");
        let key = db.engine.dialect().key();
        let file = format!("003/up.{key}.sql");
        project.edit(&file, "CREATE INDEX", "-- reviewed\r\nCREATE   INDEX");
        Migrator::new(&db.engine, &project.scripts()).upgrade("head").await?;
        project.edit(&file, "ix_documents_owner_id ON", "ix_owner ON");
        let scripts = project.scripts();
        let error = refused(Migrator::new(&db.engine, &scripts).upgrade("head").await, ErrorKind::Migration);
        let lines: Vec<&str> = error.what().lines().map(str::trim).collect();
        assert_eq!(lines[0], "revision r3 (`003`) was edited after it was applied to this database:");
        let create = db.pick("CREATE INDEX", "CREATE INDEX CONCURRENTLY", "CREATE INDEX");
        let online = db.pick("", "", " ALGORITHM=INPLACE LOCK=NONE");
        let line = |before: &str, name: &str| format!("{before} {name} ON documents (owner_id){online};");
        let written = create.replace("CREATE INDEX", "CREATE   INDEX");
        assert_eq!(lines[1..], [line(&format!("- {create}"), "ix_documents_owner_id"), line(&format!("+ {written}"), "ix_owner")]);
        // As it is told by whoever asks what is wrong, and no more once it was accepted.
        let migrator = Migrator::new(&db.engine, &scripts);
        assert!(migrator.complaints().await?[0].contains("\n    + CREATE   INDEX"));
        migrator.accept(&["r3"]).await?;
        assert!(migrator.complaints().await?.is_empty());
        migrator.upgrade("head").await?;
    }

    async fn a_database_that_knows_more_than_the_files_is_refused(db: Db) {
        let project = three(&db);
        Migrator::new(&db.engine, &project.scripts()).upgrade("head").await?;
        let mut less = Project::default();
        less.revision(&db, &metadata([users()]));
        let scripts = less.scripts();
        let error = refused(Migrator::new(&db.engine, &scripts).upgrade("head").await, ErrorKind::Migration);
        assert_eq!(error.what(), "the database has revision r2, which is not among the files");
    }

    async fn a_step_that_fails_names_itself(db: Db) {
        let mut project = three(&db);
        let block = |title: &str, sql: &str| {
            let up = PerDialect::All(vec![sql.to_owned()]);
            Operation::Sql(SqlBlock { title: title.into(), up, down: Some(PerDialect::default()) })
        };
        project.operations(&db, vec![block("make a", "CREATE TABLE a (b INTEGER)"), block("break", "DROP TABLE nowhere")]);
        let scripts = project.scripts();
        let migrator = Migrator::new(&db.engine, &scripts);
        let error = migrator.upgrade("head").await.unwrap_err();
        assert_eq!(error.context(), Some("revision r4 (number 4), step 2 of 2: break"));
        let transactional = db.engine.dialect().features().transactional_ddl;
        assert_eq!(tables(&db).await.contains(&"a".to_owned()), !transactional);
        assert_eq!(migrator.current().await?.len(), if transactional { 3 } else { 4 });
        if !transactional {
            let row = migrator.current().await?.pop().unwrap();
            assert_eq!((row.state, row.step, row.steps), (State::Upgrading, 1, 2));
            let error = refused(migrator.upgrade("head").await, ErrorKind::Migration);
            assert!(error.what().starts_with("the upgrade of revision r4 (number 4) stopped after step 1 of 2"), "{error}");
        }
    }

    async fn eight_migrators_at_once_do_the_work_once(db: Db) {
        let scripts = std::sync::Arc::new(three(&db).scripts());
        let mut tasks = Vec::new();
        for _ in 0..8 {
            let (engine, scripts) = (db.other(), scripts.clone());
            tasks.push(tokio::spawn(async move { Migrator::new(&engine, &scripts).upgrade("head").await }));
        }
        let mut done = Vec::new();
        for task in tasks {
            done.extend(task.await.unwrap()?);
        }
        done.sort();
        assert_eq!(names(&done), ["r1", "r2", "r3"]);
    }

    async fn a_database_made_in_another_way_is_stamped(db: Db) {
        let project = three(&db);
        let scripts = project.scripts();
        let migrator = Migrator::new(&db.engine, &scripts);
        db.create(&project.state).await?;
        migrator.stamp(&["head"], false).await?;
        assert!(migrator.upgrade("head").await?.is_empty());
        migrator.stamp(&["r1"], false).await?;
        assert_eq!(migrator.current().await?.len(), 1);
        migrator.stamp(&["base"], false).await?;
        assert!(migrator.current().await?.is_empty());
        assert_eq!(tables(&db).await, ["aludel_revisions", "documents", "users"]);
    }

    async fn a_history_that_a_newer_version_wrote_is_left_alone(db: Db) {
        let scripts = three(&db).scripts();
        let migrator = Migrator::new(&db.engine, &scripts);
        migrator.upgrade("+1").await?;
        db.run("UPDATE aludel_revisions SET format = 2").await?;
        let error = refused(migrator.upgrade("head").await, ErrorKind::Migration);
        assert_eq!(error.what(), "the table `aludel_revisions` was written by a newer Aludel");
    }

    async fn random_schemas_become_each_other_and_back(db: Db) {
        use proptest::strategy::{Strategy, ValueTree};
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let schemas = crate::models::schemas();
        let mut next = || schemas.new_tree(&mut runner).unwrap().current();
        let mut project = Project::default();
        for _ in 0..if aludel_suite::long() { 60 } else { 6 } {
            let models: Metadata = next();
            project.revision(&db, &models);
        }
        let scripts = project.scripts();
        let migrator = Migrator::new(&db.engine, &scripts);
        migrator.upgrade("head").await?;
        migrator.downgrade("base").await?;
        assert_eq!(tables(&db).await, ["aludel_revisions"]);
        migrator.upgrade("head").await?;
    }

    async fn case_98_scripts_of_random_revisions_do_what_the_migrator_does(db: Db) {
        use proptest::strategy::{Strategy, ValueTree};
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let schemas = crate::models::schemas();
        let mut project = Project::default();
        for _ in 0..if aludel_suite::long() { 60 } else { 6 } {
            project.revision(&db, &schemas.new_tree(&mut runner).unwrap().current());
        }
        let scripts = project.scripts();
        let migrator = Migrator::new(&db.engine, &scripts);
        let mut path: Vec<&Revision> = scripts.map().revisions().iter().collect();
        for (direction, is_first) in [(Direction::Up, true), (Direction::Down, false)] {
            let script = offline_script(&scripts, db.engine.dialect(), &path, direction, is_first)?;
            // On one connection, so that its settings and transactions last.
            let mut conn = db.other().connect().await?;
            for sql in split_statements(&script) {
                conn.run_plain(&[&sql]).await?;
            }
            conn.invalidate();
            if direction == Direction::Up {
                assert_eq!(Comparison::read(&db.engine, &project.state).await?.drift()?, []);
                assert_eq!(migrator.upgrade("head").await?, []);
                assert_eq!(migrator.complaints().await?, [""; 0]);
            }
            path.reverse();
        }
        assert_eq!(tables(&db).await, ["aludel_revisions"]);
        assert_eq!(migrator.current().await?, []);
    }
}
