//! Enum types, sequences and options of tables as objects of revisions.

use aludel::SqlType;
use aludel::schema::{
    ColumnDef, DialectOptions, EnumType, Index, Operation, Sequence, ServerDefault, Table, Type,
};
use aludel_migrate::{Comparison, Migrator, diff, verify};
use aludel_suite::{Db, on_each_database};

use crate::models::{column, metadata, nullable, table};
use crate::project::Project;

fn mood(values: &[&str]) -> EnumType {
    EnumType::new("mood", values.iter().copied())
}

fn people(mood: &EnumType) -> Table {
    let default = ServerDefault::Text("ok".into());
    let mood = ColumnDef { server_default: Some(default), ..column("mood", Type::Enum(mood.clone())) };
    table("people", [column("name", SqlType::Varchar(20)), mood])
}

fn titles(operations: &[Operation]) -> Vec<String> {
    operations.iter().map(ToString::to_string).collect()
}

#[test]
fn an_enum_type_is_created_before_its_tables_and_dropped_after_them() {
    let models = metadata([people(&mood(&["sad", "ok"]))]);
    assert_eq!(titles(&diff(&metadata([]), &models).unwrap()), ["create enum mood", "create table people"]);
    assert_eq!(titles(&diff(&models, &metadata([])).unwrap()), ["drop table people", "drop enum mood"]);
    assert_eq!(diff(&models, &models).unwrap(), []);
}

#[test]
fn a_hint_renames_an_enum_type() {
    let mut feeling = EnumType { name: "feeling".into(), ..mood(&["sad", "ok"]) };
    feeling.renamed_from = Some("mood".into());
    let (from, to) = (metadata([people(&mood(&["sad", "ok"]))]), metadata([people(&feeling)]));
    assert_eq!(titles(&diff(&from, &to).unwrap()), ["rename enum mood to feeling"]);
}

on_each_database! {
    async fn values_are_added_removed_and_put_in_another_order(db: Db) {
        let mut project = Project::default();
        let first = mood(&["sad", "ok"]);
        for values in [&["sad", "ok"][..], &["furious", "sad", "it's", "ok", "happy"], &["happy", "ok", "sad"], &["ok"]] {
            project.revision(&db, &metadata([people(&mood(values))]));
        }
        let scripts = project.scripts();
        let migrator = Migrator::new(&db.engine, &scripts).allow_data_loss(true);
        migrator.upgrade("+1").await?;
        db.run("INSERT INTO people (name) VALUES ('Ada')").await?;
        migrator.upgrade("+1").await?;
        db.run("INSERT INTO people (name, mood) VALUES ('Bob', 'it''s')").await?;
        db.run("UPDATE people SET mood = 'ok' WHERE name = 'Bob'").await?;
        migrator.upgrade("head").await?;
        assert!(db.run("INSERT INTO people (name, mood) VALUES ('Eve', 'sad')").await.is_err());
        assert_eq!(Comparison::read(&db.engine, &project.state).await?.drift()?, []);
        migrator.downgrade("r1").await?;
        assert_eq!(db.count("people").await?, 2);
        assert_eq!(Comparison::read(&db.engine, &metadata([people(&first)])).await?.drift()?, []);
        migrator.downgrade("base").await?;
        assert!(db.engine.inspect().await?.enums().is_empty());
    }

    async fn an_enum_type_gets_another_name(db: Db) {
        let mut feeling = EnumType { name: "feeling".into(), ..mood(&["sad", "ok"]) };
        feeling.renamed_from = Some("mood".into());
        let mut project = Project::default();
        project.revision(&db, &metadata([people(&mood(&["sad", "ok"]))])).revision(&db, &metadata([people(&feeling)]));
        assert_eq!(verify(&db.engine, &project.scripts()).await?.mismatches, []);
    }

    async fn a_text_becomes_an_enum_and_a_text_again(db: Db) {
        let mut text = people(&mood(&["sad", "ok"]));
        text.columns[2].sql_type = SqlType::Varchar(20).into();
        let mut project = Project::default();
        project.revision(&db, &metadata([text.clone()]));
        project.revision(&db, &metadata([people(&mood(&["sad", "ok"]))])).revision(&db, &metadata([text]));
        assert_eq!(verify(&db.engine, &project.scripts()).await?.mismatches, []);
    }

    #[except(sqlite, "it has no sequences")]
    async fn sequences_are_created_changed_and_dropped(db: Db) {
        let mut project = Project::default();
        let numbers = Sequence::new("numbers").start(10);
        let by_tens = Sequence { options: aludel::schema::SequenceOptions { max: Some(500), cycle: true, ..numbers.options.clone() }, ..numbers.clone() }.increment(10);
        project
            .revision(&db, &metadata([]).sequence(numbers.clone()))
            .revision(&db, &metadata([]).sequence(by_tens))
            .revision(&db, &metadata([]));
        let names = titles(&diff(&metadata([]), &metadata([]).sequence(numbers))?);
        assert_eq!(names, ["create sequence numbers"]);
        assert_eq!(verify(&db.engine, &project.scripts()).await?.mismatches, []);
    }

    async fn options_of_a_table_are_changed_and_changed_back(db: Db) {
        let mut before = table("pages", [column("title", SqlType::Varchar(50)), nullable("body", SqlType::Text)]);
        before.indexes.push(Index::on("ix_title", ["title"]));
        let mut after = before.clone();
        after.options = DialectOptions::default()
            .with("sqlite", "strict", "true")
            .with("sqlite", "autoincrement", "true")
            .with("postgres", "unlogged", "true")
            .with("postgres", "with", "fillfactor=70")
            .with("mysql", "row_format", "DYNAMIC")
            .with("mysql", "collate", "utf8mb4_general_ci");
        let mut last = after.clone();
        last.options = DialectOptions::default()
            .with("sqlite", "autoincrement", "true")
            .with("postgres", "with", "autovacuum_enabled=false")
            .with("mysql", "engine", "Aria");
        let mut project = Project::default();
        project.revision(&db, &metadata([before])).revision(&db, &metadata([after])).revision(&db, &metadata([last]));
        assert_eq!(verify(&db.engine, &project.scripts()).await?.mismatches, []);
    }

    #[only(sqlite, "others alter a table where it stands")]
    async fn a_rebuild_keeps_rows_children_and_what_was_made_by_hand(db: Db) {
        let mut notes = table("notes", [column("title", SqlType::Varchar(50)), ColumnDef { collation: Some("NOCASE".into()), ..nullable("word", SqlType::Text) }]);
        notes.options.set("sqlite", "autoincrement", "true");
        notes.indexes = vec![Index::on("ix_title", ["title"]), Index::on("ix_goes", ["word"])];
        let mut lines = table("lines", [column("note_id", SqlType::BigInt)]);
        lines.foreign_keys = vec![aludel::schema::ForeignKey {
            on_delete: aludel::schema::ReferentialAction::Cascade,
            ..crate::models::foreign_key("lines", "note_id", "notes")
        }];
        let mut after = notes.clone();
        after.columns[1].sql_type = SqlType::Varchar(80).into();
        after.indexes.remove(1);
        let mut project = Project::default();
        project.revision(&db, &metadata([notes, lines.clone()])).revision(&db, &metadata([after, lines]));
        let scripts = project.scripts();
        let migrator = Migrator::new(&db.engine, &scripts).allow_data_loss(true);
        migrator.upgrade("r1").await?;
        for sql in [
            "INSERT INTO notes (title, word) VALUES ('a', 'X'), ('b', 'y'), ('c', 'z')",
            "INSERT INTO lines (note_id) VALUES (1), (1), (2)",
            "DELETE FROM notes WHERE id = 3",
            "CREATE TABLE log (what TEXT)",
            "CREATE TRIGGER by_hand AFTER INSERT ON notes BEGIN INSERT INTO log VALUES (new.title); END",
            "CREATE INDEX ix_by_hand ON notes (lower(word)) WHERE word <> ''",
            "CREATE VIEW short AS SELECT title FROM notes",
        ] {
            db.run(sql).await?;
        }
        migrator.upgrade("r2").await?;
        db.run("INSERT INTO notes (title, word) VALUES ('d', 'w')").await?;
        assert_eq!(db.value::<i64>("SELECT max(id) FROM notes").await?, 4);
        assert_eq!(db.value::<String>("SELECT group_concat(what) FROM log").await?, "d");
        assert_eq!((db.count("notes").await?, db.count("lines").await?, db.count("short").await?), (3, 3, 3));
        assert_eq!(db.value::<i64>("SELECT count(*) FROM notes WHERE word = 'x'").await?, 1);
        let inspector = db.engine.inspect().await?;
        let names: Vec<&str> = inspector.indexes("notes")?.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["ix_title", "ix_by_hand"]);
        assert_eq!(inspector.table_options("notes")?, [("autoincrement", "true")]);
        db.run("DELETE FROM notes WHERE id = 1").await?;
        assert_eq!(db.count("lines").await?, 1);
    }

    #[only(sqlite, "others alter a table where it stands")]
    async fn a_script_refuses_to_rebuild_a_table_that_has_more_than_it_knows(db: Db) {
        let before = table("notes", [column("title", SqlType::Varchar(50))]);
        let mut after = before.clone();
        after.columns[1].sql_type = SqlType::Varchar(80).into();
        let mut project = Project::default();
        project.revision(&db, &metadata([before])).revision(&db, &metadata([after]));
        let scripts = project.scripts();
        Migrator::new(&db.engine, &scripts).upgrade("r1").await?;
        let path: Vec<_> = scripts.map().revisions().iter().skip(1).collect();
        let script = aludel_migrate::offline_script(&scripts, db.engine.dialect(), &path, aludel_migrate::Direction::Up, false)?;
        let statements = aludel::schema::split_statements(&script);
        let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
        db.run("CREATE INDEX ix_by_hand ON notes (title)").await?;
        let error = db.other().connect().await?.run_plain(&statements).await.unwrap_err();
        assert!(error.to_string().contains("that no revision knows"), "{error}");
        db.run("DROP INDEX ix_by_hand").await?;
        db.other().connect().await?.run_plain(&statements).await?;
        assert_eq!(Comparison::read(&db.engine, &project.state).await?.drift()?, []);
    }
}
