//! What comes with the tables: functions, triggers and other DDL, made by create_all and dropped by drop_all.

use aludel::prelude::*;
use aludel::schema::{ColumnDef, Ddl, ServerDefault, Table, TableName};
use aludel::{Metadata, SqlType, text_unchecked};
use aludel_suite::{Database, Db, on_each_database, refused};

/// Has a trigger that makes its title loud.
#[derive(Entity, Debug)]
#[entity(table = "posters", ddl = loud)]
pub struct Poster {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub title: String,
}

/// Has a trigger that calls the same function.
#[derive(Entity, Debug)]
#[entity(table = "flyers", ddl = quiet)]
pub struct Flyer {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub title: String,
}

/// Has a trigger, and is in a schema.
#[derive(Entity, Debug)]
#[entity(table = "bills", schema = "attic", ddl = due)]
pub struct Bill {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub title: String,
}

fn due() -> Vec<Ddl> {
    let table = TableName { schema: Some("attic".into()), name: "bills".into() };
    vec![Ddl { table: Some(table), ..shouts("bills") }]
}

fn shout() -> Ddl {
    let everywhere = Ddl::function("shout").nothing("sqlite").sql(
        "postgres",
        "() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.title = upper(NEW.title); RETURN NEW; END; $$",
    );
    let ours = "(title VARCHAR(50)) RETURNS VARCHAR(50) DETERMINISTIC BEGIN DECLARE loud VARCHAR(50); SET loud = upper(title); RETURN loud; END";
    everywhere.sql("mariadb", ours).sql("mysql", ours)
}

fn shouts(table: &'static str) -> Ddl {
    let ours = format!("BEFORE INSERT ON {table} FOR EACH ROW SET NEW.title = shout(NEW.title)");
    Ddl::trigger(format!("{table}_shout"), table)
        .sql(
            "sqlite",
            format!(
                "AFTER INSERT ON {table} BEGIN UPDATE {table} SET title = upper(title) WHERE id = NEW.id; END"
            ),
        )
        .sql("postgres", format!("BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION shout()"))
        .sql("mariadb", ours.clone())
        .sql("mysql", ours)
}

fn loud() -> Vec<Ddl> {
    vec![shouts("posters"), shout()]
}

fn quiet() -> Vec<Ddl> {
    vec![shout(), shouts("flyers")]
}

/// What there is of functions and triggers, by name.
async fn there(db: &Db) -> aludel::Result<Vec<String>> {
    let names = text_unchecked(db.engine.dialect().ddl_names().unwrap());
    let mut there = Vec::new();
    for row in db.engine.connect().await?.execute(names).all().await? {
        if row.at::<Option<String>>(1)?.is_none() {
            there.push(format!("{} {}", row.at::<String>(0)?, row.at::<String>(2)?));
        }
    }
    there.sort();
    Ok(there)
}

async fn log(db: &Db) -> aludel::Result<Vec<String>> {
    let rows = db.rows("SELECT line FROM log ORDER BY id").await?;
    rows.iter().map(|row| row.at(0)).collect()
}

/// Statements that note when they ran.
fn noted(ddl: Ddl) -> Ddl {
    let created = format!("INSERT INTO log (line) VALUES ('{} created')", ddl.name);
    let dropped = format!("INSERT INTO log (line) VALUES ('{} dropped')", ddl.name);
    ["sqlite", "postgres", "mariadb"]
        .into_iter()
        .fold(ddl, |ddl, key| ddl.sql(key, created.clone()).drop_sql(key, dropped.clone()))
}

on_each_database! {
    async fn functions_and_triggers_come_with_their_tables_and_go_with_them(db: Db) {
        let metadata = Metadata::of((Poster, Flyer));
        let expected = db.pick(
            vec!["trigger flyers_shout", "trigger posters_shout"],
            vec!["function shout", "trigger flyers_shout", "trigger posters_shout"],
            vec!["function shout", "trigger flyers_shout", "trigger posters_shout"],
        );
        let created = db.engine.create_all(&metadata).await?;
        assert_eq!((created.tables().len(), created.ddls().len()), (2, 3));
        assert_eq!(there(&db).await?, expected);
        let mut session = db.session();
        let poster = session.add(Poster::builder().title("sale"));
        session.commit().await?;
        session.refresh(poster).await?;
        assert_eq!(session[poster].title, "SALE");
        // What is there stays; what is missing comes back.
        let none = db.pick(vec![shout()], vec![], vec![]);
        assert_eq!(db.engine.create_all(&metadata).await?.ddls(), none);
        db.run(db.pick("DROP TRIGGER flyers_shout", "DROP TRIGGER flyers_shout ON flyers", "DROP TRIGGER flyers_shout")).await?;
        let again = db.engine.create_all(&metadata).await?;
        assert!(again.tables().is_empty() && again.ddls().contains(&shouts("flyers")));
        assert_eq!(there(&db).await?, expected);
        db.engine.drop_all(&metadata).await?;
        assert!(there(&db).await?.is_empty());
        db.engine.drop_all(&metadata).await?;
    }

    #[only(sqlite, "others have one catalogue for all schemas")]
    async fn a_trigger_in_an_attached_database_is_found_again(db: Db) {
        let attach = format!("ATTACH '{}' AS attic", db.url.trim_start_matches("sqlite:///").replace("suite.db", "attic.db"));
        let attaching = db.builder().on_connect(move |conn| {
            let attach = attach.clone();
            Box::pin(async move { conn.run_plain(&[&attach]).await })
        });
        let (engine, metadata) = (attaching.build()?, Metadata::of(Bill));
        assert_eq!(engine.create_all(&metadata).await?.ddls().len(), 1);
        engine.connect().await?.execute(insert(Bill).values([Bill::builder().title("due")])).await?;
        assert_eq!(engine.connect().await?.scalars(select(Bill::TITLE)).all().await?, ["DUE"]);
        assert!(engine.create_all(&metadata).await?.ddls().is_empty());
        engine.drop_all(&metadata).await?;
        engine.drop_all(&metadata).await?;
        assert_eq!(engine.create_all(&metadata).await?.ddls().len(), 1);
    }

    async fn statements_run_before_and_after_creation_and_dropping_in_the_order_of_the_tables(db: Db) {
        db.run(db.pick(
            "CREATE TABLE log (id INTEGER PRIMARY KEY, line TEXT)",
            "CREATE TABLE log (id BIGINT GENERATED ALWAYS AS IDENTITY, line TEXT)",
            "CREATE TABLE log (id BIGINT AUTO_INCREMENT PRIMARY KEY, line TEXT)",
        )).await?;
        let metadata = Metadata::of((Flyer, Poster))
            .ddl(noted(Ddl::after_create("the end")))
            .ddl(noted(Ddl::after_create("after posters").of("posters")))
            .ddl(noted(Ddl::after_create("after flyers").of("flyers")))
            .ddl(noted(Ddl::before_create("before posters").of("posters")))
            .ddl(noted(Ddl::before_create("the beginning")));
        db.engine.create_all(&metadata).await?;
        let created =
            ["the beginning", "before posters", "after flyers", "after posters", "the end"].map(|it| format!("{it} created"));
        assert_eq!(log(&db).await?, created);
        // The tables are there: only what belongs to the whole runs again.
        db.run("DELETE FROM log").await?;
        db.engine.create_all(&metadata).await?;
        assert_eq!(log(&db).await?, ["the beginning created", "the end created"]);
        db.run("DELETE FROM log").await?;
        db.engine.drop_all(&metadata).await?;
        let dropped =
            ["the end", "after posters", "after flyers", "before posters", "the beginning"].map(|it| format!("{it} dropped"));
        assert_eq!(log(&db).await?, dropped);
    }

    async fn a_text_that_is_missing_is_told_before_anything_is_created(db: Db) {
        let metadata = Metadata::of(Poster).ddl(Ddl::trigger("t", "posters").nothing("oracle"));
        let error = refused(db.engine.create_all(&metadata).await, ErrorKind::Schema);
        assert_eq!(error.what(), format!("the trigger `t` has no SQL for {}", db.engine.dialect().name()));
        assert!(db.count("posters").await.is_err(), "the table is there");
        db.engine.create_all(&Metadata::of(Poster).ddl(Ddl::trigger("t", "posters").nothing(db.engine.dialect().key()))).await?;
        assert_eq!(db.count("posters").await?, 0);
    }

    #[except(sqlite, "it has no functions that SQL declares")]
    async fn a_function_is_there_before_the_tables_or_reads_them(db: Db) {
        let key = db.engine.dialect().key();
        let seven = db.pick("", "() RETURNS bigint LANGUAGE sql RETURN 7", "() RETURNS BIGINT DETERMINISTIC RETURN 7");
        let last = db.pick(
            "",
            "() RETURNS bigint LANGUAGE sql RETURN (SELECT max(id) FROM numbers)",
            "() RETURNS BIGINT READS SQL DATA RETURN (SELECT max(id) FROM numbers)",
        );
        let mut numbers = Table::new("numbers");
        numbers.columns.push(ColumnDef::new("id", SqlType::BigInt));
        // MariaDB lets no default call a function.
        let default = db.pick(None, Some(ServerDefault::Sql("seven()".to_owned())), None);
        numbers.columns.push(ColumnDef { server_default: default, nullable: true, ..ColumnDef::new("seven", SqlType::BigInt) });
        let metadata = Metadata::from_tables(vec![numbers])
            .ddl(Ddl::function("last_number").after_tables().sql(key, last))
            .ddl(Ddl::function("seven").sql(key, seven));
        db.engine.create_all(&metadata).await?;
        db.run("INSERT INTO numbers (id) VALUES (seven())").await?;
        assert_eq!(db.value::<i64>("SELECT last_number()").await?, 7);
        assert_eq!(db.value::<Option<i64>>("SELECT seven FROM numbers").await?, db.pick(None, Some(7), None));
        db.engine.drop_all(&metadata).await?;
        assert!(there(&db).await?.is_empty());
    }

    #[only(sqlite, "the others have functions")]
    async fn a_function_is_refused_where_there_are_none(db: Db) {
        let metadata = Metadata::of(Poster).ddl(Ddl::function("seven").sql("sqlite", "() RETURN 7"));
        let error = refused(db.engine.create_all(&metadata).await, ErrorKind::Unsupported);
        assert_eq!(error.what(), "SQLite has no functions that SQL declares: `seven`");
        assert!(there(&db).await?.is_empty());
    }

    async fn a_transaction_reads_a_table_as_it_has_altered_it(db: Db) {
        db.run("CREATE TABLE notes (id INTEGER)").await?;
        db.run("INSERT INTO notes VALUES (1)").await?;
        let mut conn = db.engine.connect().await?;
        let all = || text!("SELECT * FROM notes");
        let mut tx = conn.begin().await?;
        assert_eq!(tx.execute(all()).one().await?.names(), ["id"]);
        tx.run_plain(&["ALTER TABLE notes ADD COLUMN title VARCHAR(9)"]).await?;
        assert_eq!(tx.execute(all()).one().await?.names(), ["id", "title"]);
        let mut nested = tx.begin_nested().await?;
        nested.run_plain(&["ALTER TABLE notes ADD COLUMN body VARCHAR(9)"]).await?;
        assert_eq!(nested.execute(all()).one().await?.names(), ["id", "title", "body"]);
        if nested.rollback().await.is_ok() {
            assert_eq!(tx.execute(all()).one().await?.names(), ["id", "title"]);
        } else {
            assert_eq!(db.database, Database::MariaDb, "where a savepoint ends with the transaction that ALTER commits");
        }
        tx.rollback().await?;

        let mut tx = conn.begin().await?;
        tx.run_plain(&["UPDATE notes SET id = 2"]).await?;
        let left = db.pick(1, 1, 3);
        assert_eq!(tx.execute(all()).one().await?.names().len(), left, "the rollback has undone it where it can be undone");
        tx.commit().await?;
    }
}
