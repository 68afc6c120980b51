//! Functions, triggers and other DDL of the models as objects of revisions.

use aludel::schema::{ColumnDef, Ddl, Operation, Table, TableName, split_statements};
use aludel::{Metadata, SqlType};
use aludel_migrate::{
    Comparison, Direction, Migrator, diff, offline_script, read_metadata, verify, write_metadata,
};
use aludel_suite::{Db, on_each_database};

use crate::models::{column, metadata, nullable, table, users};
use crate::project::Project;

const DATABASES: [&str; 3] = ["sqlite", "postgres", "mariadb"];

fn titles(operations: &[Operation]) -> Vec<String> {
    operations.iter().map(ToString::to_string).collect()
}

fn notes() -> Table {
    table("notes", [column("title", SqlType::Varchar(50)), nullable("mark", SqlType::Varchar(50))])
}

/// What PostgreSQL and MariaDB call in their triggers.
fn marked(with: &str) -> Ddl {
    Ddl::function("marked")
        .nothing("sqlite")
        .sql("postgres", format!("() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.mark = '{with}' || NEW.title; RETURN NEW; END; $$"))
        .sql("mariadb", format!("(title VARCHAR(50)) RETURNS VARCHAR(50) DETERMINISTIC BEGIN RETURN concat('{with}', title); END"))
}

fn mark(sqlite: &str) -> Ddl {
    Ddl::trigger("mark", "notes")
        .sql("sqlite", format!("AFTER INSERT ON notes BEGIN UPDATE notes SET mark = '{sqlite}' || title WHERE id = NEW.id; END"))
        .sql("postgres", "BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION marked()")
        .sql("mariadb", "BEFORE INSERT ON notes FOR EACH ROW BEGIN SET NEW.mark = marked(NEW.title); END")
}

/// Notes whose trigger marks their title.
fn marks(with: &str) -> Metadata {
    metadata([users(), notes()]).ddl(mark(with)).ddl(marked(with))
}

async fn marks_of(db: &Db) -> aludel::Result<Vec<Option<String>>> {
    db.run("INSERT INTO notes (title) VALUES ('a')").await?;
    db.rows("SELECT mark FROM notes ORDER BY id").await?.iter().map(|row| row.at(0)).collect()
}

fn some(marks: &[&str]) -> Vec<Option<String>> {
    marks.iter().map(|it| Some((*it).to_owned())).collect()
}

#[test]
fn a_function_comes_before_the_tables_and_a_trigger_after_them() {
    let created = titles(&diff(&metadata([]), &marks("*")).unwrap());
    assert_eq!(
        created,
        [
            "create function marked",
            "create table users",
            "create table notes",
            "create trigger mark on notes"
        ]
    );
    let dropped = titles(&diff(&marks("*"), &metadata([])).unwrap());
    assert_eq!(
        dropped,
        ["drop trigger mark on notes", "drop table notes", "drop table users", "drop function marked"]
    );
    assert_eq!(diff(&marks("*"), &marks("*")).unwrap(), []);
}

#[test]
fn a_text_that_changed_in_the_models_is_a_change() {
    let operations = diff(&marks("*"), &marks("+")).unwrap();
    assert_eq!(titles(&operations), ["alter function marked", "alter trigger mark on notes"]);
    let undone: Vec<_> = operations.iter().map(|it| it.inverse().unwrap()).collect();
    assert_eq!(undone, diff(&marks("+"), &marks("*")).unwrap());
}

#[test]
fn a_trigger_makes_way_for_a_change_of_a_column_that_it_names() {
    let mut after = marks("*");
    after.tables_mut()[1].columns[2].sql_type = SqlType::Varchar(20).into();
    let operations = diff(&marks("*"), &after).unwrap();
    assert_eq!(
        titles(&operations),
        ["drop trigger mark on notes", "alter column notes.mark", "create trigger mark on notes"]
    );
}

#[test]
fn statements_of_a_table_run_around_it() {
    let ddl = |ddl: Ddl| ddl.of("notes").everywhere("SELECT 1");
    let models = metadata([notes()])
        .ddl(ddl(Ddl::after_create("after")))
        .ddl(ddl(Ddl::before_create("before")))
        .ddl(Ddl::before_create("first").everywhere("SELECT 1"));
    let created = titles(&diff(&metadata([]), &models).unwrap());
    assert_eq!(
        created,
        ["create ddl first", "create ddl before on notes", "create table notes", "create ddl after on notes"]
    );
    let dropped = titles(&diff(&models, &metadata([])).unwrap());
    assert_eq!(
        dropped,
        ["drop ddl after on notes", "drop table notes", "drop ddl before on notes", "drop ddl first"]
    );
}

#[test]
fn what_the_metadata_program_prints_has_them() {
    let mut models = marks("it's\n");
    models = models.ddl(
        Ddl::after_create("a role")
            .sql("postgres", "CREATE ROLE r")
            .drop_sql("postgres", "DROP ROLE r")
            .nothing("sqlite"),
    );
    models = models
        .ddl(Ddl::function("app_f").schema("app").after_tables())
        .ddl(Ddl::before_create("x").everywhere("SELECT 1"));
    let printed = write_metadata(&models);
    assert!(
        printed.contains("[[ddl]]\nname = \"mark\"\nkind = \"trigger\"\ntable = \"notes\"\nsql.mariadb = "),
        "{printed}"
    );
    assert_eq!(read_metadata(&printed).unwrap(), models);
}

#[test]
fn a_table_cannot_go_while_its_trigger_is_there() {
    let mut state = marks("*");
    let error = Operation::DropTable(notes()).apply(&mut state).unwrap_err();
    assert!(error.to_string().contains("`notes` still has the trigger mark on notes"), "{error}");
}

on_each_database! {
    async fn functions_and_triggers_are_created_changed_and_dropped(db: Db) {
        let mut project = Project::default();
        project
            .revision(&db, &metadata([users(), notes()]))
            .revision(&db, &marks("*"))
            .revision(&db, &marks("+"))
            .revision(&db, &metadata([users(), notes()]));
        let scripts = project.scripts();
        let migrator = Migrator::new(&db.engine, &scripts).allow_data_loss(true);
        migrator.upgrade("r2").await?;
        assert_eq!(marks_of(&db).await?, some(&["*a"]));
        migrator.upgrade("r3").await?;
        assert_eq!(marks_of(&db).await?, some(&["*a", "+a"]));
        migrator.upgrade("head").await?;
        assert_eq!(marks_of(&db).await?.pop(), Some(None));
        migrator.downgrade("r3").await?;
        assert_eq!(marks_of(&db).await?.pop(), some(&["+a"]).pop());
        migrator.downgrade("r2").await?;
        assert_eq!(marks_of(&db).await?.pop(), some(&["*a"]).pop());
        migrator.downgrade("base").await?;
        for row in db.rows(db.engine.dialect().ddl_names().unwrap()).await? {
            assert!(row.at::<Option<String>>(1)?.is_some(), "{} is left", row.at::<String>(2)?);
        }
    }

    async fn there_and_back_leaves_them_as_they_were(db: Db) {
        let mut project = Project::default();
        let mut wider = marks("+");
        wider.tables_mut()[1].columns[2].sql_type = SqlType::Varchar(80).into();
        let renamed = Table { name: "remarks".into(), renamed_from: Some("notes".into()), ..wider.tables()[1].clone() };
        let on_remarks = DATABASES.into_iter().fold(Ddl::trigger("mark", "remarks"), |ddl, key| {
            ddl.sql(key, mark("+").create.get(key).unwrap()[0].replace("notes", "remarks"))
        });
        project
            .revision(&db, &marks("*"))
            .revision(&db, &wider)
            .revision(&db, &metadata([users(), renamed]).ddl(on_remarks).ddl(marked("+")))
            .revision(&db, &metadata([users()]));
        assert_eq!(verify(&db.engine, &project.scripts()).await?.mismatches, []);
    }

    async fn a_trigger_that_is_not_there_is_told(db: Db) {
        let mut project = Project::default();
        project.revision(&db, &marks("*"));
        Migrator::new(&db.engine, &project.scripts()).upgrade("head").await?;
        assert_eq!(Comparison::read(&db.engine, &marks("*")).await?.drift()?, []);
        db.run(db.pick("DROP TRIGGER mark", "DROP TRIGGER mark ON notes", "DROP TRIGGER mark")).await?;
        let there = Comparison::read(&db.engine, &marks("*")).await?;
        assert_eq!(titles(&there.drift()?), ["drop trigger mark on notes"]);
        assert_eq!(titles(&there.missing()?), ["create trigger mark on notes"]);
        // One that no model declares is somebody else's.
        assert_eq!(Comparison::read(&db.engine, &metadata([users(), notes()])).await?.drift()?, []);
    }

    async fn what_is_in_a_schema_that_is_not_there_is_told(db: Db) {
        let attic = Table { schema: Some("attic".to_owned()), ..notes() };
        let mark = Ddl::trigger("mark", TableName::of(&attic)).everywhere("…");
        let models = metadata([users(), attic]).ddl(mark);
        db.create(&metadata([users()])).await?;
        let expected = ["drop trigger mark on attic.notes", "drop table attic.notes"];
        assert_eq!(titles(&Comparison::read(&db.engine, &models).await?.drift()?), expected);
    }

    async fn a_script_does_what_an_upgrade_does(db: Db) {
        let mut project = Project::default();
        let mut wider = marks("+");
        // On SQLite, this makes the table again: the script knows its trigger.
        wider.tables_mut()[1].columns[1].sql_type = SqlType::Varchar(80).into();
        project.revision(&db, &marks("*")).revision(&db, &marks("+")).revision(&db, &wider);
        let scripts = project.scripts();
        let path: Vec<_> = scripts.map().revisions().iter().collect();
        let script = offline_script(&scripts, db.engine.dialect(), &path, Direction::Up, true)?;
        let ends = script.matches("DELIMITER //\n").count();
        assert_eq!(ends, db.pick(0, 0, 4), "a statement with a semicolon within");
        let script = script.replace("DELIMITER //\n", "").replace("DELIMITER ;\n", "").replace("//\n", ";\n");
        // On one connection, so that its settings and transactions last.
        let mut conn = db.other().connect().await?;
        for sql in split_statements(&script) {
            conn.run_plain(&[&sql]).await?;
        }
        conn.invalidate();
        assert_eq!(marks_of(&db).await?, some(&["+a"]));
        assert!(Migrator::new(&db.engine, &scripts).upgrade("head").await?.is_empty());
        assert_eq!(Comparison::read(&db.engine, &wider).await?.drift()?, []);
    }

    async fn a_revision_that_stops_between_them_is_resumed(db: Db) {
        let mut project = Project::default();
        project.revision(&db, &metadata([users(), notes()]));
        let mut models = marks("*");
        models = models.ddl(DATABASES.into_iter().fold(Ddl::after_create("rows").of("notes"), |ddl, key| ddl.sql(key, "INSERT INTO users (email) VALUES ('a')")));
        project.revision(&db, &models);
        let scripts = project.scripts();
        let migrator = Migrator::new(&db.engine, &scripts);
        migrator.upgrade("r1").await?;
        db.run("INSERT INTO users (email) VALUES ('a')").await?;
        assert!(migrator.upgrade("head").await.is_err(), "the last step finds a row in its way");
        db.run("DELETE FROM users").await?;
        if db.engine.dialect().features().transactional_ddl {
            migrator.upgrade("head").await?;
        } else {
            migrator.resume(None).await?;
        }
        assert_eq!(marks_of(&db).await?, some(&["*a"]));
        assert_eq!((db.count("users").await?, Comparison::read(&db.engine, &models).await?.drift()?), (1, vec![]));
    }

    async fn a_database_without_a_text_is_named_when_the_revision_is_written(db: Db) {
        let other = DATABASES.into_iter().find(|it| *it != db.engine.dialect().key()).unwrap();
        let models = metadata([notes()]).ddl(Ddl::trigger("t", "notes").sql(other, "…"));
        let operations = diff(&metadata([notes()]), &models)?;
        let error = aludel_migrate::render(db.engine.dialect(), &operations, &metadata([notes()])).unwrap_err();
        assert_eq!(error.what(), format!("the trigger `t` has no SQL for {}", db.engine.dialect().name()));
        assert!(error.advice().unwrap().contains(&format!("`sql.{}` in revision.toml", db.engine.dialect().key())));
    }

    #[only(sqlite, "others alter a table where it stands")]
    async fn a_rebuild_makes_the_triggers_again_that_revisions_know_and_those_made_by_hand(db: Db) {
        let mut project = Project::default();
        let mut after = marks("*");
        after.tables_mut()[1].columns.push(ColumnDef { nullable: true, server_default: Some(aludel::schema::ServerDefault::Now), ..column("at", SqlType::Timestamp) });
        project.revision(&db, &marks("*")).revision(&db, &after);
        let scripts = project.scripts();
        let migrator = Migrator::new(&db.engine, &scripts);
        migrator.upgrade("r1").await?;
        db.run("CREATE TRIGGER by_hand AFTER INSERT ON notes BEGIN INSERT INTO users (email) VALUES (NEW.title); END").await?;
        migrator.upgrade("head").await?;
        assert_eq!((marks_of(&db).await?, db.count("users").await?), (some(&["*a"]), 1));
        assert_eq!(db.value::<i64>("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'").await?, 2);
    }
}
