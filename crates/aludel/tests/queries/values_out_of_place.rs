//! Part D of the catalogue of reliability: a cell that is not what its column was declared as. The cases have its numbers.

use aludel::prelude::*;
use aludel_suite::{Database, Db, on_each_database, refused};
use chrono::{DateTime, Utc};

/// What the program believes; the table was made by somebody else.
#[derive(Entity, Debug)]
#[entity(table = "drifted")]
pub struct Drifted {
    #[column(primary_key)]
    pub id: i64,
    pub count: i32,
    pub at: Option<DateTime<Utc>>,
    pub flag: Option<bool>,
    pub name: Option<String>,
}

#[derive(Projection, Debug)]
#[projection(Drifted)]
pub struct Counted {
    pub id: i64,
    pub count: i32,
}

#[derive(Entity, Debug)]
#[entity(table = "strictly", sqlite(strict))]
pub struct Strictly {
    #[column(primary_key)]
    pub id: i64,
    pub number: i64,
    pub real: f64,
    pub text: String,
    pub bytes: Vec<u8>,
}

/// The table as it is now, with one row.
async fn drifted(db: &Db) -> aludel::Result<()> {
    let bytes = db.pick("BLOB", "BYTEA", "BLOB");
    let hex = db.pick("X'6869'", "'\\x6869'", "X'6869'");
    db.run(&format!(
        "CREATE TABLE drifted (id BIGINT PRIMARY KEY, count VARCHAR(20), at BIGINT, flag DOUBLE PRECISION, name {bytes})"
    ))
    .await?;
    db.run(&format!("INSERT INTO drifted VALUES (1, 'many', 7, 0.5, {hex})")).await
}

/// The error names the column, what was expected and what was found, and not the value.
#[track_caller]
fn tells<T>(result: aludel::Result<T>, column: &str, what: &str) {
    let error = refused(result, ErrorKind::Decode);
    assert_eq!(error.column(), Some(column), "{error}");
    assert!(error.to_string().contains(what) && !error.to_string().contains("many"), "{error}");
}

on_each_database! {
    async fn case_68_another_type_than_declared_names_column_expected_and_found(db: Db) {
        drifted(&db).await?;
        let found = "expected an i32, found text";
        let mut conn = db.engine.connect().await?;
        tells(conn.scalars(select(Drifted)).all().await, "count", &format!("column `drifted.count`: {found}"));
        let tuple = || select((Drifted::ID, Drifted::COUNT));
        let named = format!("column `count`: {found}");
        tells(conn.execute(tuple()).all().await, "count", &named);
        tells(conn.execute(tuple()).stream().next().await, "count", &named);
        tells(conn.scalars(select(Drifted::COUNT)).all().await, "count", &named);
        tells(conn.execute(select((func::count(Drifted::ID), func::max(Drifted::COUNT).label("most")))).all().await, "most", found);
        tells(conn.scalars(select_as::<Counted>()).all().await, "count", &format!("`Counted.count`: {found}"));
        let row = conn.execute(text!("SELECT count AS c FROM drifted")).one().await?;
        tells(row.get::<i32>("c"), "c", &format!("column `c`: {found}"));
        let rest = || select((Drifted::ID, Drifted::AT, Drifted::FLAG));
        tells(conn.execute(rest()).all().await, "at", "expected a timestamp, found an integer");
        tells(conn.scalars(select(Drifted::FLAG)).all().await, "flag", "expected a bool, found a floating point number");
        tells(conn.scalars(select(Drifted::NAME)).all().await, "name", "expected text, found bytes");

        let mut session = db.session();
        tells(session.scalars(select(Drifted)).all().await, "count", found);
        tells(session.get::<Drifted>(1).await, "count", found);
        tells(session.execute(tuple()).all().await, "count", &named);
        let error = refused(session.together((select(Drifted::ID), tuple())).await, ErrorKind::Decode);
        assert_eq!(error.column(), Some("count"), "{error}");
        // Only what does not fit is refused; the connection goes on.
        assert_eq!(conn.scalars(select(Drifted::ID)).all().await?, [1]);
    }

    async fn case_58_text_that_is_not_utf8_is_a_decode_error_that_names_the_column(db: Db) {
        // No server keeps such text willingly: each has another way to be made to send it.
        match db.database {
            Database::Sqlite => {
                db.run("CREATE TABLE drifted (id BIGINT PRIMARY KEY, count INT, at TEXT, flag INT, name TEXT)").await?;
                db.run("INSERT INTO drifted VALUES (1, 1, NULL, NULL, CAST(X'ff63c328' AS TEXT))").await?;
            }
            Database::Postgres => {
                let raw = text!("SELECT 1 AS one, convert_from('\\xff63c328', 'SQL_ASCII') AS name");
                let error = db.engine.connect().await?.execute(raw).all().await.unwrap_err();
                assert_eq!((error.kind(), error.code()), (ErrorKind::Decode, Some("22021")), "{error}");
                return Ok(());
            }
            Database::MariaDb => {
                db.run("CREATE TABLE drifted (id BIGINT PRIMARY KEY, count INT, at DATETIME(6), flag TINYINT, name VARCHAR(9) CHARACTER SET latin1)").await?;
                db.run("INSERT INTO drifted VALUES (1, 1, NULL, NULL, 'ÿcÃ(')").await?;
            }
        }
        let mut conn = db.engine.connect().await?;
        if db.database == Database::MariaDb {
            // The text as its column has it, without a conversion.
            conn.run_plain(&["SET character_set_results = NULL"]).await?;
        }
        for error in [
            refused(conn.scalars(select(Drifted)).all().await, ErrorKind::Decode),
            refused(conn.execute(select((Drifted::ID, Drifted::NAME))).all().await, ErrorKind::Decode),
            refused(conn.execute(text!("SELECT id, name FROM drifted")).all().await, ErrorKind::Decode),
        ] {
            assert_eq!(error.column(), Some("name"), "{error}");
            assert!(error.to_string().contains("not UTF-8") && error.advice().is_some(), "{error}");
        }
        assert_eq!(conn.scalars(select(Drifted::ID)).all().await?, [1]);
    }

    #[only(sqlite, "its columns take values of any type")]
    async fn case_69_what_a_column_of_another_type_holds_is_a_decode_error(db: Db) {
        db.run("CREATE TABLE drifted (id INTEGER PRIMARY KEY, count INTEGER, at TEXT, flag BOOLEAN, name TEXT)").await?;
        db.run("INSERT INTO drifted VALUES (1, 'xyz', 'yesterday', 2, X'6869'), (2, 1.5, NULL, 't', 'ok')").await?;
        let mut conn = db.engine.connect().await?;
        let one = |id: i64| select(Drifted).filter(Drifted::ID.eq(id));
        tells(conn.scalars(one(1)).one().await, "count", "expected an i32, found text");
        tells(conn.scalars(one(2)).one().await, "count", "expected an i32, found a floating point number");
        tells(conn.scalars(select(Drifted::AT)).all().await, "at", "found other text");
        tells(conn.scalars(select(Drifted::FLAG)).all().await, "flag", "expected a bool, found the integer 2");
        tells(conn.scalars(select(Drifted::NAME)).all().await, "name", "expected text, found bytes");
    }

    #[only(sqlite, "it alone has STRICT tables")]
    async fn case_69_a_strict_table_refuses_values_of_another_type(db: Db) {
        db.create(&Metadata::of(Strictly)).await?;
        let row = |number: &str, real: &str, text: &str, bytes: &str| {
            format!("INSERT INTO strictly (number, real, text, bytes) VALUES ({number}, {real}, {text}, {bytes})")
        };
        db.run(&row("1", "2", "3", "X'04'")).await?;
        for wrong in [
            row("'xyz'", "2", "3", "X'04'"),
            row("1", "'xyz'", "3", "X'04'"),
            row("1", "2", "X'03'", "X'04'"),
            row("1", "2", "3", "'4'"),
            row("1.5", "2", "3", "X'04'"),
        ] {
            refused(db.run(&wrong).await, ErrorKind::CheckViolation);
        }
        let found = db.engine.connect().await?.scalars(select(Strictly)).one().await?;
        assert_eq!((found.number, found.real, &*found.text, &*found.bytes), (1, 2.0, "3", &[4][..]));
    }
}
