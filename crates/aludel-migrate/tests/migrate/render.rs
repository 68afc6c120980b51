//! The SQL that operations become, on each database, and its file.

use aludel::schema::{Index, Operation, PerDialect, SqlBlock, Step, StepKind};
use aludel::{Dialect, Metadata, MySqlDialect, PostgresDialect, SqlType, SqliteDialect};
use aludel_migrate::{canonical_sql, diff, read_script, render, write_script};
use proptest::prelude::*;

use crate::models::{column, documents, foreign_key, metadata, nullable, schemas, users};

fn sql(dialect: &dyn Dialect, from: &Metadata, to: &Metadata) -> Vec<String> {
    let steps = render(dialect, &diff(from, to).unwrap(), from).unwrap();
    steps.into_iter().flat_map(|it| it.statements).collect()
}

#[track_caller]
fn check(from: &Metadata, to: &Metadata, sqlite: &[&str], postgres: &[&str], mariadb: &[&str]) {
    assert_eq!(sql(&PostgresDialect, from, to), postgres, "PostgreSQL");
    assert_eq!(sql(&MySqlDialect::default(), from, to), mariadb, "MariaDB");
    assert_eq!(sql(&SqliteDialect, from, to), sqlite, "SQLite");
}

#[test]
fn a_column_that_may_be_null_is_added_in_place() {
    let mut after = users();
    after.columns.push(nullable("bio", SqlType::Text));
    check(
        &metadata([users()]),
        &metadata([after]),
        &[
            "ALTER TABLE users ADD COLUMN bio TEXT CONSTRAINT ck_users_bio_type CHECK (bio IS NULL OR (typeof(bio) = 'text'))",
        ],
        &["ALTER TABLE users ADD COLUMN bio text"],
        &["ALTER TABLE users ADD COLUMN bio LONGTEXT NULL, ALGORITHM=INPLACE, LOCK=NONE"],
    );
}

#[test]
fn names_are_renamed_in_place() {
    let mut after = users();
    after.name = "people".into();
    after.renamed_from = Some("users".into());
    after.columns[2].name = "full_name".into();
    after.columns[2].renamed_from = Some("name".into());
    let sql = ["ALTER TABLE users RENAME TO people", "ALTER TABLE people RENAME COLUMN name TO full_name"];
    check(&metadata([users()]), &metadata([after]), &sql, &sql, &sql);
}

#[test]
fn a_change_of_a_column_names_what_differs() {
    let mut after = users();
    after.columns[2].nullable = false;
    after.columns[2].sql_type = SqlType::Varchar(200).into();
    let from = metadata([users()]);
    let to = metadata([after]);
    assert_eq!(
        sql(&PostgresDialect, &from, &to),
        ["ALTER TABLE users ALTER COLUMN name TYPE varchar(200),\n  ALTER COLUMN name SET NOT NULL"]
    );
    assert_eq!(
        sql(&MySqlDialect::default(), &from, &to),
        ["ALTER TABLE users MODIFY COLUMN name VARCHAR(200) NOT NULL"]
    );
}

#[test]
fn sqlite_rebuilds_a_table_once_for_all_its_changes() {
    let mut after = documents();
    after.columns[1].sql_type = SqlType::Varchar(400).into();
    after.columns.push(column("pages", SqlType::Integer));
    after.columns.pop();
    after.indexes.push(Index::on("ix_documents_owner_id", ["owner_id"]));
    let (from, to) = (metadata([users(), documents()]), metadata([users(), after]));
    let steps = render(&SqliteDialect, &diff(&from, &to).unwrap(), &from).unwrap();
    let [step] = steps.as_slice() else { panic!("{steps:?}") };
    assert_eq!(step.kind, StepKind::Rebuild("documents".into()));
    let [create, copy, drop, legacy, rename, usual, title, owner] = step.statements.as_slice() else {
        panic!("{step:?}")
    };
    assert!(create.starts_with(
        "CREATE TABLE aludel_new_documents (\n  id INTEGER NOT NULL CONSTRAINT pk_documents PRIMARY KEY"
    ));
    assert_eq!(
        copy,
        "INSERT INTO aludel_new_documents (id, title, owner_id, created_at)\n\
         SELECT id, title, owner_id, created_at FROM documents"
    );
    assert_eq!(
        [drop, rename],
        ["DROP TABLE documents", "ALTER TABLE aludel_new_documents RENAME TO documents"]
    );
    assert_eq!([legacy, usual], ["PRAGMA legacy_alter_table = ON", "PRAGMA legacy_alter_table = OFF"]);
    assert_eq!(title, "CREATE INDEX ix_documents_title ON documents (title)");
    assert_eq!(owner, "CREATE INDEX ix_documents_owner_id ON documents (owner_id)");
}

#[test]
fn on_sqlite_tables_that_refer_to_each_other_have_their_foreign_keys_from_the_beginning() {
    let mut users = users();
    users.columns.push(nullable("favourite_id", SqlType::BigInt));
    users.foreign_keys.push(foreign_key("users", "favourite_id", "documents"));
    let circle = metadata([users, documents()]);
    let created = sql(&SqliteDialect, &metadata([]), &circle);
    assert_eq!(created.len(), 3);
    assert!(created[0].contains("CONSTRAINT fk_users_favourite_id_documents"));
    assert_eq!(sql(&SqliteDialect, &circle, &metadata([])), ["DROP TABLE documents", "DROP TABLE users"]);
}

#[test]
fn sql_of_a_revision_is_that_of_the_dialect() {
    let up = [("sqlite", "DELETE FROM a; DELETE FROM b"), ("postgres", "TRUNCATE a")];
    let each = up.map(|(dialect, sql)| (dialect.to_owned(), vec![sql.to_owned()])).into();
    let block = SqlBlock { title: "empty a".into(), up: PerDialect::Each(each), down: None };
    let operations = [Operation::Sql(block)];
    let steps = render(&SqliteDialect, &operations, &metadata([])).unwrap();
    assert_eq!(steps, [Step::new("empty a", "DELETE FROM a"), Step::new("empty a", "DELETE FROM b")]);
    let error = render(&MySqlDialect::default(), &operations, &metadata([])).unwrap_err();
    assert_eq!(error.what(), "`empty a` has no SQL for MariaDB");
}

#[test]
fn a_file_is_read_as_it_was_written() {
    let steps = vec![
        Step::new("create table users", "CREATE TABLE users (\n  id bigint -- ;\n)"),
        Step { in_transaction: false, ..Step::new("index\nit", "CREATE INDEX CONCURRENTLY i ON users (id)") },
        Step {
            kind: StepKind::Rebuild(aludel::schema::TableName {
                schema: Some("My \"S\"".into()),
                name: "users".into(),
            }),
            statements: vec!["CREATE TABLE n (a TEXT DEFAULT ';')".into(), "DROP TABLE users".into()],
            ..Step::new("alter column users.a", "")
        },
    ];
    let text = write_script(&["Revision ab12".to_owned()], &steps).unwrap();
    assert!(
        text.starts_with("-- Revision ab12\n\n-- aludel:step create table users\nCREATE TABLE users (\n"),
        "{text}"
    );
    let mut read = steps;
    read[1].title = "index it".into();
    assert_eq!(read_script(&text).unwrap(), read);
    assert_eq!(read_script(&text.replace('\n', "\r\n")).unwrap(), read);
}

#[test]
fn sql_outside_of_a_step_is_refused() {
    let error = read_script("-- a comment\nDROP TABLE users;\n").unwrap_err();
    assert_eq!(error.what(), "line 2: SQL before the first step");
    let error = read_script("-- aludel:step a\n-- aludel:new\nDROP TABLE users;\n").unwrap_err();
    assert_eq!(error.what(), "line 2: this mark is not known; was the file written by a newer Aludel?");
}

#[test]
fn formatting_is_no_part_of_the_canonical_form() {
    assert_eq!(
        canonical_sql("-- about\r\nSELECT  'a  b' -- why\n\tFROM t;\n"),
        canonical_sql("SELECT 'a  b'\nFROM t;")
    );
    assert_ne!(canonical_sql("SELECT 'a  b'"), canonical_sql("SELECT 'a b'"));
    assert_ne!(canonical_sql("-- aludel:tx=none\nSELECT 1"), canonical_sql("SELECT 1"));
}

proptest! {
    #[test]
    fn every_difference_has_steps_on_every_database_and_back(from in schemas(), to in schemas()) {
        let operations = diff(&from, &to).unwrap();
        let inverse: Vec<_> = operations.iter().rev().map(|it| it.inverse().unwrap()).collect();
        let mut after = from.clone();
        operations.iter().for_each(|it| it.apply(&mut after).unwrap());
        for dialect in [&SqliteDialect as &dyn Dialect, &PostgresDialect, &MySqlDialect::default()] {
            let steps = render(dialect, &operations, &from).unwrap();
            prop_assert_eq!(&read_script(&write_script(&[], &steps).unwrap()).unwrap(), &steps);
            render(dialect, &inverse, &after).unwrap();
        }
    }
}
