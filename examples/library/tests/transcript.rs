//! The program prints what its book promises, on every database.

#![allow(missing_docs)]

use std::process::Command;

use aludel_suite::{Db, on_each_database};
use aludel_testing::Database;

const TRANSCRIPT: &str = include_str!("transcript.txt");

#[track_caller]
fn check(database_url: Option<&str>) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_library"));
    match database_url {
        Some(url) => program.env("DATABASE_URL", url),
        None => program.env_remove("DATABASE_URL"),
    };
    let output = program.output().expect("the program can be started");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaints}");
    assert_eq!(complaints, "");
    assert_eq!(String::from_utf8_lossy(&output.stdout), TRANSCRIPT);
}

#[test]
fn the_program_prints_the_transcript_in_memory() {
    check(None);
}

on_each_database! {
    async fn the_program_prints_the_transcript_and_leaves_no_tables(db: Db) {
        check(Some(&db.url));
        let tables = match db.database {
            Database::Sqlite => "SELECT count(*) FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'",
            Database::Postgres => "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'",
            Database::MariaDb => "SELECT count(*) FROM information_schema.tables WHERE table_schema = database()",
        };
        assert_eq!(db.value::<i64>(tables).await?, 0);
    }

    async fn tables_of_somebody_else_are_left_alone(db: Db) {
        db.run("CREATE TABLE authors (id BIGINT PRIMARY KEY, name VARCHAR(20))").await?;
        db.run("INSERT INTO authors (id, name) VALUES (1, 'somebody')").await?;
        let output = Command::new(env!("CARGO_BIN_EXE_library")).env("DATABASE_URL", &db.url).output()?;
        assert!(!output.status.success());
        let complaints = String::from_utf8_lossy(&output.stderr);
        assert!(complaints.contains("the database has a table `authors` or `books` already"), "{complaints}");
        assert_eq!(db.value::<i64>("SELECT count(*) FROM authors").await?, 1);
    }

    /// Nothing of a run is left, so that it can be run again.
    async fn the_program_runs_twice(db: Db) {
        check(Some(&db.url));
        check(Some(&db.url));
    }
}
