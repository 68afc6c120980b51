//! `type = "…"`: the type that the table declares, where it is not that of the field.

use aludel::prelude::*;
use aludel::schema::{Type, canonical_table};
use aludel_suite::{Db, on_each_database, refused};

/// Types that every database has.
#[derive(Entity, Debug)]
#[entity(table = "measures")]
pub struct Measure {
    #[column(primary_key)]
    pub id: i64,
    #[column(type = "smallint")]
    pub level: i32,
    #[column(type = "varchar(40)")]
    pub place: String,
    #[column(type = "double")]
    pub depth: Option<f32>,
}

/// Types of SQLite: whatever they are called.
#[derive(Entity, Debug)]
#[entity(table = "papers")]
pub struct OnSqlite {
    #[column(primary_key)]
    pub id: i64,
    #[column(type = "CLOB")]
    pub text: String,
    #[column(type = "mediumint")]
    pub pages: i32,
}

#[derive(Entity, Debug)]
#[entity(table = "papers")]
pub struct OnPostgres {
    #[column(primary_key)]
    pub id: i64,
    #[column(type = "CHAR(5)", index)]
    pub text: String,
    #[column(type = "int4")]
    pub pages: i64,
}

#[derive(Entity, Debug)]
#[entity(table = "papers")]
pub struct OnMariaDb {
    #[column(primary_key)]
    pub id: i64,
    #[column(type = "MEDIUMTEXT")]
    pub text: String,
    #[column(type = "int unsigned")]
    pub pages: u32,
}

/// What is in the database is what was declared.
async fn assert_is_as_declared(db: &Db, declared: &Metadata) -> aludel::Result<()> {
    let (reflected, dialect) = (db.engine.inspect().await?.reflect(), db.engine.dialect());
    for table in declared.tables() {
        let there = reflected.table(None, &table.name).expect("it was created");
        assert_eq!(canonical_table(dialect, there).columns, canonical_table(dialect, table).columns);
    }
    Ok(())
}

on_each_database! {
    async fn a_type_that_every_database_has_is_declared_and_the_values_stay_those_of_the_field(db: Db) {
        let tables = Metadata::of(Measure);
        db.create(&tables).await?;
        assert_is_as_declared(&db, &tables).await?;
        let mut session = db.session();
        let new = |level| Measure::builder().level(level).place("Überlingen").depth(2.5_f32);
        let measures = session.add_all((1..300).map(new));
        session.commit().await?;
        session[measures[0]].level = 7;
        session[measures[1]].place = "Konstanz".into();
        session.commit().await?;
        let found = session.scalars(select(Measure).filter(Measure::LEVEL.eq(7)).order_by(Measure::ID)).all().await?;
        assert_eq!(found, [measures[0], measures[6]]);
        assert_eq!((&*session[found[0]].place, session[found[0]].depth), ("Überlingen", Some(2.5)));
        session.add(new(40_000)); // more than the column takes
        if db.pick(false, true, true) {
            assert!(session.flush().await.is_err());
        }
    }

    #[only(sqlite, "its types are names")]
    async fn a_type_of_sqlite_is_kept_as_it_was_declared(db: Db) {
        let tables = Metadata::of(OnSqlite);
        db.create(&tables).await?;
        assert_is_as_declared(&db, &tables).await?;
        let sql: String = db.value("SELECT sql FROM sqlite_master WHERE name = 'papers'").await?;
        assert!(sql.contains("text CLOB NOT NULL") && sql.contains("pages mediumint NOT NULL"), "{sql}");
        let mut session = db.session();
        let paper = session.insert(OnSqlite::builder().text("Text").pages(3)).await?;
        session.refresh(paper).await?;
        assert_eq!((&*session[paper].text, session[paper].pages), ("Text", 3));
    }

    #[only(postgres, "blank-padded text, and short names")]
    async fn a_type_of_postgres_takes_and_gives_what_the_field_holds(db: Db) {
        let tables = Metadata::of(OnPostgres);
        db.create(&tables).await?;
        assert_is_as_declared(&db, &tables).await?;
        let types = "SELECT string_agg(format_type(atttypid, atttypmod), ' ' ORDER BY attnum) FROM pg_attribute \
                     WHERE attrelid = 'papers'::regclass AND attnum > 0";
        assert_eq!(db.value::<String>(types).await?, "bigint character(5) integer");
        let mut session = db.session();
        let papers = session.add_all([3, 4].map(|it| OnPostgres::builder().text("abcde").pages(it)));
        session.commit().await?;
        session[papers[0]].pages = 9;
        session[papers[1]].text = "ab".into();
        session.commit().await?;
        session.expire_all();
        session.scalars(select(OnPostgres)).all().await?;
        let found: Vec<_> = papers.iter().map(|it| (session[*it].text.as_str(), session[*it].pages)).collect();
        // The spaces with which the database fills the type up are no part of the value.
        assert_eq!(found, [("abcde", 9), ("ab", 4)]);
    }

    #[only(mariadb, "unsigned numbers and texts of several sizes")]
    async fn a_type_of_mariadb_takes_and_gives_what_the_field_holds(db: Db) {
        let tables = Metadata::of(OnMariaDb);
        db.create(&tables).await?;
        assert_is_as_declared(&db, &tables).await?;
        let mut session = db.session();
        let new = |pages| OnMariaDb::builder().text("ß").pages(pages);
        let papers = session.add_all([u32::MAX, 1, 2].map(new));
        session.commit().await?;
        session[papers[1]].pages = 9;
        session[papers[2]].text = "ä".repeat(70_000);
        session.commit().await?;
        session.expire_all();
        session.scalars(select(OnMariaDb)).all().await?;
        let pages: Vec<u32> = papers.iter().map(|it| session[*it].pages).collect();
        assert_eq!((pages, session[papers[2]].text.len()), (vec![u32::MAX, 9, 2], 140_000));
    }

    async fn a_type_that_the_database_does_not_have_is_refused_before_anything_is_sent(db: Db) {
        let tables = db.pick(Metadata::of(Measure), Metadata::of(OnMariaDb), Metadata::of(Foreign));
        let error = match db.create(&tables).await {
            // Whatever a type is called, SQLite has it.
            Ok(()) => return assert_is_as_declared(&db, &tables).await.map_err(Into::into),
            Err(error) => error,
        };
        let error = refused::<()>(Err(error), ErrorKind::Unsupported);
        let name = db.pick("", "PostgreSQL has no type `mediumtext`", "MariaDB has no type `citext`");
        assert!(error.to_string().contains(name), "{error}");
        assert!(db.engine.inspect().await?.reflect().tables().is_empty());
    }
}

/// Of another database.
#[derive(Entity, Debug)]
#[entity(table = "foreign_types")]
pub struct Foreign {
    #[column(primary_key)]
    pub id: i64,
    #[column(type = "citext")]
    pub text: String,
}

#[test]
fn a_name_that_every_database_knows_is_no_native_one() {
    let native = |name: &str| Type::Native(name.to_owned());
    let type_of = |table: &aludel::schema::Table, column: &str| {
        table.column(column).expect("it is there").sql_type.clone()
    };
    assert_eq!(type_of(&Measure::table(), "level"), aludel::SqlType::SmallInt);
    assert_eq!(type_of(&Foreign::table(), "text"), native("citext"));
    assert_eq!(type_of(&OnMariaDb::table(), "pages"), native("int unsigned"));
}
