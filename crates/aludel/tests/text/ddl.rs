//! Functions, procedures, triggers and other DDL that comes with tables.

use aludel::Dialect;
use aludel::prelude::*;
use aludel::schema::{Ddl, DdlOrder, TableName};

use crate::check::{Sql, compare, each, postgres, sqlite, told};
use crate::models::{Document, User};

/// What each database is told: its statements, or why it cannot have it.
fn shown(write: impl Fn(&dyn Dialect) -> aludel::Result<Vec<String>>) -> Sql<String> {
    each(|dialect| match write(dialect) {
        Ok(statements) => statements.join(";\n"),
        Err(error) => told(&error),
    })
}

fn audit() -> Ddl {
    Ddl::trigger("audit", TableName { schema: Some("shop".into()), name: "order".into() })
        .sql("sqlite", "AFTER INSERT ON \"order\" BEGIN DELETE FROM a; DELETE FROM b; END;")
        .sql("postgres", "AFTER INSERT ON shop.\"order\" FOR EACH ROW EXECUTE FUNCTION audit()")
        .sql("mariadb", "AFTER INSERT ON shop.`order` FOR EACH ROW BEGIN DELETE FROM a; DELETE FROM b; END")
}

#[test]
fn a_trigger_is_created_in_the_schema_of_its_table_and_dropped() {
    compare(
        &shown(|dialect| dialect.create_ddl(&audit())),
        &Sql {
            sqlite: "CREATE TRIGGER shop.audit AFTER INSERT ON \"order\" BEGIN DELETE FROM a; DELETE FROM b; END".to_owned(),
            postgres: "CREATE TRIGGER audit AFTER INSERT ON shop.\"order\" FOR EACH ROW EXECUTE FUNCTION audit()".to_owned(),
            mariadb:
                "CREATE TRIGGER shop.audit AFTER INSERT ON shop.`order` FOR EACH ROW BEGIN DELETE FROM a; DELETE FROM b; END"
                    .to_owned(),
        },
    );
    compare(
        &shown(|dialect| dialect.drop_ddl(&audit())),
        &Sql {
            sqlite: "DROP TRIGGER shop.audit".to_owned(),
            postgres: "DROP TRIGGER audit ON shop.\"order\"".to_owned(),
            mariadb: "DROP TRIGGER shop.audit".to_owned(),
        },
    );
}

fn twice(body: &str) -> Ddl {
    Ddl::function("twice")
        .nothing("sqlite")
        .sql("postgres", format!("(n bigint) RETURNS bigint LANGUAGE sql RETURN {body}"))
        .sql("mariadb", format!("(n BIGINT) RETURNS BIGINT DETERMINISTIC RETURN {body}"))
}

#[test]
fn a_function_is_replaced_where_it_stands_unless_it_is_called_in_another_way() {
    compare(
        &shown(|dialect| dialect.replace_ddl(&twice("n + n"), &twice("n * 2"))),
        &Sql {
            sqlite: String::new(),
            postgres: "CREATE OR REPLACE FUNCTION twice(n bigint) RETURNS bigint LANGUAGE sql RETURN n * 2"
                .to_owned(),
            mariadb: "CREATE OR REPLACE FUNCTION twice(n BIGINT) RETURNS BIGINT DETERMINISTIC RETURN n * 2"
                .to_owned(),
        },
    );
    let integer =
        Ddl::function("twice").sql("postgres", "(n integer) RETURNS bigint LANGUAGE sql RETURN n * 2");
    assert_eq!(
        postgres().replace_ddl(&twice("n * 2"), &integer).unwrap(),
        ["DROP FUNCTION twice", "CREATE FUNCTION twice(n integer) RETURNS bigint LANGUAGE sql RETURN n * 2"]
    );
    // Nothing is done where nothing changes.
    let other = twice("n * 2").sql("mysql", "(n BIGINT) RETURNS BIGINT DETERMINISTIC RETURN n * 2");
    assert!(postgres().replace_ddl(&twice("n * 2"), &other).unwrap().is_empty());
}

#[test]
fn a_database_without_a_text_is_refused_by_name() {
    let count = Ddl::procedure("count_all").everywhere("() SELECT 1");
    compare(
        &shown(|dialect| dialect.create_ddl(&count)),
        &Sql {
            sqlite: "unsupported: SQLite has no procedures that SQL declares: `count_all`\n  help: say `.nothing(\"sqlite\")`, and do it in the trigger or the program"
                .to_owned(),
            postgres: "CREATE PROCEDURE count_all() SELECT 1".to_owned(),
            mariadb: "CREATE PROCEDURE count_all() SELECT 1".to_owned(),
        },
    );
    let error = sqlite().create_ddl(&Ddl::trigger("t", "documents").nothing("postgres")).unwrap_err();
    assert_eq!((error.kind(), error.what()), (ErrorKind::Schema, "the trigger `t` has no SQL for SQLite"));
    assert_eq!(error.table(), Some("documents"));
    assert!(error.advice().unwrap().contains("`.nothing(\"sqlite\")`"));
    let undone = Ddl::after_create("role").everywhere("CREATE ROLE r").drop_sql("postgres", "DROP ROLE r");
    let error = sqlite().drop_ddl(&undone).unwrap_err();
    assert!(error.advice().unwrap().contains("`.drop_sql(\"sqlite\", …)`"));
}

#[test]
fn the_text_of_a_trigger_is_the_rest_of_one_statement() {
    let refused = |text: &str| {
        let trigger = Ddl::trigger("t", "documents").sql("sqlite", text);
        sqlite().create_ddl(&trigger).unwrap_err().what().to_owned()
    };
    assert_eq!(
        refused("CREATE TRIGGER t AFTER INSERT ON documents BEGIN SELECT 1; END"),
        "the text of the trigger `t` begins with CREATE"
    );
    assert_eq!(
        refused("AFTER INSERT ON documents BEGIN SELECT 1; END; DROP TABLE users"),
        "the text of the trigger `t` has several statements"
    );
    let twice = Ddl::trigger("t", "documents").sql("sqlite", "AFTER …").sql("sqlite", "AFTER …");
    assert_eq!(
        sqlite().create_ddl(&twice).unwrap_err().what(),
        "the text of the trigger `t` is more than one"
    );
}

#[test]
fn functions_come_before_tables_and_triggers_after_them_in_their_order() {
    let metadata = Metadata::of((Document, User))
        .ddl(Ddl::after_create("of the whole"))
        .ddl(Ddl::trigger("of documents", "documents"))
        .ddl(Ddl::trigger("of users", "users"))
        .ddl(Ddl::function("reads tables").after_tables())
        .ddl(Ddl::function("of defaults"))
        .ddl(Ddl::before_create("first of all"));
    let (before, after) = metadata.ddl_order().unwrap();
    let names = |ddls: Vec<&Ddl>| ddls.iter().map(|it| it.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(before), ["first of all", "of defaults"]);
    assert_eq!(names(after), ["reads tables", "of users", "of documents", "of the whole"]);
    assert_eq!(Ddl { order: DdlOrder::BeforeTables, ..Ddl::after_create("a") }, Ddl::before_create("a"));
}

#[test]
fn a_trigger_of_no_table_and_one_that_is_there_twice_are_refused() {
    let error = Metadata::of(User).ddl(Ddl::trigger("t", "documents")).creation_order().unwrap_err();
    assert_eq!(error.what(), "the trigger `t` belongs to `documents`, which is not in the metadata");
    let twice = Metadata::of(User).ddl(Ddl::trigger("t", "users")).ddl(Ddl::trigger("t", "users"));
    assert_eq!(twice.creation_order().unwrap_err().what(), "the trigger `t` is there twice");
    // A function of the same name is another thing.
    assert!(
        Metadata::of(User).ddl(Ddl::trigger("t", "users")).ddl(Ddl::function("t")).creation_order().is_ok()
    );
}
