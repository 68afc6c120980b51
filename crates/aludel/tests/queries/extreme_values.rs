//! Part D of the catalogue of reliability: values at the edge of what a database can keep. The cases have its numbers.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

#[derive(Entity, Debug)]
#[entity(table = "words")]
pub struct Word {
    #[column(primary_key, length = 40)]
    pub text: String,
    #[column(length = 80)]
    pub note: Option<String>,
    pub data: Option<Json<serde_json::Value>>,
}

/// What only MariaDB has, as this program reads it.
#[derive(Entity, Debug)]
#[entity(table = "peculiar")]
pub struct Peculiar {
    #[column(primary_key)]
    pub id: i64,
    pub length: String,
    pub bits: i64,
    pub flag: bool,
    pub year: i16,
    #[column(length = 40)]
    pub colours: String,
    pub tiny: u8,
    pub number: u32,
    pub large: u64,
}

#[derive(Entity, Debug)]
#[entity(table = "moments")]
pub struct Moment {
    #[column(primary_key)]
    pub id: i64,
    pub at: DateTime<Utc>,
    pub day: NaiveDate,
    pub clock: NaiveTime,
}

/// The same column, read as a time of day.
#[derive(Entity, Debug)]
#[entity(table = "peculiar")]
pub struct Clock {
    #[column(primary_key)]
    pub id: i64,
    pub length: NaiveTime,
}

on_each_database! {
    async fn case_59_text_of_any_script_is_kept_and_found_as_it_is(db: Db) {
        db.create(&Metadata::of(Word)).await?;
        // One letter composed and the same decomposed, right to left with marks of direction, four bytes, joined, beyond all planes in use.
        let words = [
            "caf\u{e9}",
            "cafe\u{301}",
            "\u{5e9}\u{5dc}\u{5d5}\u{5dd} abc",
            "\u{202e}abc\u{202c}",
            "\u{1f9d1}\u{200d}\u{1f680}",
            "\u{1f1e9}\u{1f1ea}",
            "\u{10ffff}",
            "\u{fffd}",
            "\u{feff}a",
            "a",
            "a ",
            "A",
            "\u{ff21}",
        ];
        let mut session = db.session();
        session.add_all(words.map(|it| Word::builder().text(it).note(it).data(Json(serde_json::json!({ it: it })))));
        session.commit().await?;
        let mut session = db.session();
        for text in words {
            let word = session.get_one::<Word>(text).await?;
            assert_eq!((&*session[word].text, session[word].note.as_deref()), (text, Some(text)));
            assert_eq!(session[word].data.as_deref(), Some(&serde_json::json!({ text: text })));
            assert_eq!(session.scalars(select(Word::TEXT).filter(Word::NOTE.eq(text))).all().await?, [text]);
        }
        assert_eq!(session.query_count(), 2 * words.len() as u64, "each key is an object of its own");
    }

    async fn case_59_half_a_character_in_json_is_refused(db: Db) {
        db.create(&Metadata::of(Word)).await?;
        let half = r#"{"a": "\ud800"}"#;
        let insert = db.pick(
            format!("INSERT INTO words (text, data) VALUES ('a', '{half}')"),
            format!("INSERT INTO words (text, data) VALUES ('a', '{half}'::jsonb)"),
            format!("INSERT INTO words (text, data) VALUES ('a', '{half}')"),
        );
        match db.run(&insert).await {
            // The database refuses it.
            Err(error) => assert!(matches!(error.kind(), ErrorKind::Database | ErrorKind::CheckViolation), "{error}"),
            Ok(()) => {
                let error = refused(db.engine.connect().await?.scalars(select(Word)).all().await, ErrorKind::Decode);
                assert_eq!((error.table(), error.column()), (Some("words"), Some("data")), "{error}");
            }
        }
    }

    #[only(mariadb, "only there text has a character set of three bytes")]
    async fn case_59_what_utf8mb3_cannot_hold_is_refused_and_names_the_column(db: Db) {
        db.run("CREATE TABLE words (text VARCHAR(40) CHARACTER SET utf8mb3 PRIMARY KEY, note TEXT CHARACTER SET latin1, data JSON)").await?;
        let mut session = db.session();
        session.add(Word::builder().text("caf\u{e9}").note("caf\u{e9}"));
        session.commit().await?;
        for wrong in [Word::builder().text("\u{1f600}"), Word::builder().text("a").note("\u{4e00}")] {
            let mut conn = db.engine.connect().await?;
            let error = refused(conn.execute(insert(Word).values([wrong])).await, ErrorKind::Encode);
            assert!(matches!(error.column(), Some("text" | "note")), "{error}");
            assert!(error.advice().is_some_and(|it| it.contains("utf8mb4")), "{error}");
        }
        session.add(Word::builder().text("\u{1f600}"));
        refused(session.commit().await, ErrorKind::Encode);
        session.rollback().await?;
        assert_eq!(db.count("words").await?, 1);
        // Nor is it compared with: the server refuses to.
        let mut conn = db.engine.connect().await?;
        let compared = select(Word::TEXT).filter(Word::TEXT.eq("\u{1f600}"));
        refused(conn.scalars(compared).all().await, ErrorKind::Database);
        let mode: String = conn.execute(text!("SELECT @@sql_mode AS m")).one().await?.get("m")?;
        assert!(mode.contains("STRICT_ALL_TABLES"), "every connection asks for it: {mode}");
    }

    async fn case_63_an_instant_is_the_same_whatever_the_time_zone_of_the_connection(db: Db) {
        db.create(&Metadata::of(Moment)).await?;
        let mut conn = db.engine.connect().await?;
        let row = |id: i64, at: DateTime<Utc>| Moment::builder().id(id).at(at).day(at.date_naive()).clock(at.time());
        // An hour that summer time leaves out in New York, one that it repeats, and the last microsecond before a leap second.
        let texts = ["2024-03-10T07:30:00.123456Z", "2024-11-03T05:30:00Z", "2024-11-03T06:30:00Z", "2016-12-31T23:59:59.999999Z"];
        let instants = texts.map(|it| it.parse::<DateTime<Utc>>().unwrap());
        conn.execute(insert(Moment).values([row(0, instants[0])])).await?;
        if let Some(elsewhere) = db.pick(None, Some("SET TIME ZONE 'America/New_York'"), Some("SET time_zone = '-05:00'")) {
            conn.run_plain(&[elsewhere]).await?;
        }
        conn.execute(insert(Moment).values((1..4).map(|at| row(at as i64, instants[at])))).await?;
        for conn in [&mut conn, &mut db.other().connect().await?] {
            let found = conn.scalars(select(Moment).order_by(Moment::ID)).all().await?;
            let found: Vec<_> = found.iter().map(|it| (it.at, it.day, it.clock)).collect();
            assert_eq!(found, instants.map(|it| (it, it.date_naive(), it.time())));
            let late = select(Moment::ID).filter(Moment::AT.gt(instants[1])).order_by(Moment::ID);
            assert_eq!(conn.scalars(late).all().await?, [2]);
        }
    }

    async fn case_63_what_is_no_moment_is_a_decode_error_that_names_the_column(db: Db) {
        db.create(&Metadata::of(Moment)).await?;
        let good = ("'2024-02-29 00:00:00'", "'2024-02-29'", "'23:59:59'");
        let wrong: Vec<(&str, (&str, &str, &str))> = db.pick(
            vec![
                ("at", ("'2024-02-30 00:00:00'", good.1, good.2)),
                ("at", ("'infinity'", good.1, good.2)),
                ("day", (good.0, "'0000-00-00'", good.2)),
                ("clock", (good.0, good.1, "'24:00:00'")),
            ],
            vec![
                ("at", ("'infinity'", good.1, good.2)),
                ("day", (good.0, "'-infinity'", good.2)),
                // chrono's years end before those of the database.
                ("day", (good.0, "'5874897-12-31'", good.2)),
                ("clock", (good.0, good.1, "'24:00:00'")),
            ],
            vec![
                ("at", ("'0000-00-00 00:00:00'", good.1, good.2)),
                ("day", (good.0, "'0000-00-00'", good.2)),
                ("day", (good.0, "'2024-00-10'", good.2)),
                ("clock", (good.0, good.1, "'24:00:00'")),
            ],
        );
        // As other programs may have stored it.
        let relaxed = db.pick("PRAGMA ignore_check_constraints = ON", "SELECT 1", "SET sql_mode = ''");
        let other = db.other();
        for (column, (at, day, clock)) in wrong {
            let store = format!("INSERT INTO moments (at, day, clock) VALUES ({at}, {day}, {clock})");
            other.connect().await?.run_plain(&["DELETE FROM moments", relaxed, &store]).await?;
            let mut conn = db.engine.connect().await?;
            let error = refused(conn.scalars(select(Moment)).all().await, ErrorKind::Decode);
            assert_eq!(error.column(), Some(column), "{at} {day} {clock}: {error}");
            refused(conn.execute(select((Moment::AT, Moment::DAY, Moment::CLOCK))).all().await, ErrorKind::Decode);
        }
    }

    #[only(mariadb, "only it has these types")]
    async fn case_64_times_bits_years_sets_and_unsigned_numbers_are_kept(db: Db) {
        db.run(
            "CREATE TABLE peculiar (id BIGINT PRIMARY KEY, length TIME(6), bits BIT(40), flag BIT(1), year YEAR, \
             colours SET('red', 'green', 'blue'), tiny TINYINT UNSIGNED, number INT UNSIGNED, large BIGINT UNSIGNED)",
        )
        .await?;
        // As the program gives them, and as the server is to understand them.
        let rows = [
            ("838:59:59.999999", 0, false, 1901, "", 0, 0, 0),
            ("-838:59:59.999999", (1 << 40) - 1, true, 2155, "red,blue", u8::MAX, u32::MAX, i64::MAX as u64),
            ("24:00:00.000001", 1, true, 0, "green", 1, 1, 1),
            ("-00:00:00.000001", 1 << 39, false, 2026, "red,green,blue", 128, 1 << 31, 1 << 62),
        ];
        let mut conn = db.engine.connect().await?;
        let row = |at: usize| {
            let (length, bits, flag, year, colours, tiny, number, large) = rows[at];
            Peculiar::builder()
                .id(at as i64)
                .length(length)
                .bits(bits)
                .flag(flag)
                .year(year)
                .colours(colours)
                .tiny(tiny)
                .number(number)
                .large(large)
        };
        conn.execute(insert(Peculiar).values([row(0)])).await?;
        conn.execute(insert(Peculiar).values((1..rows.len()).map(row))).await?;
        let found = conn.scalars(select(Peculiar).order_by(Peculiar::ID)).all().await?;
        let found: Vec<_> = found
            .iter()
            .map(|it| (&*it.length, it.bits, it.flag, it.year, &*it.colours, it.tiny, it.number, it.large))
            .collect();
        assert_eq!(found, rows);
        // In the text protocol they are the same, and the server means the same.
        let texts = db.rows("SELECT CAST(length AS CHAR) AS l, bits + 0 AS b, CAST(colours AS CHAR) AS c FROM peculiar ORDER BY id").await?;
        for (text, (length, bits, _, _, colours, ..)) in texts.iter().zip(rows) {
            assert_eq!((text.get::<String>("l")?, text.get::<i64>("b")?, text.get::<String>("c")?), (length.into(), bits, colours.into()));
        }
        // Read as a time of day, a length of time is an error that names the column.
        let error = refused(conn.scalars(select(Clock)).all().await, ErrorKind::Decode);
        assert_eq!((error.table(), error.column()), (Some("peculiar"), Some("length")), "{error}");
        // What no signed integer holds is an error that names the column and the cure.
        db.run("UPDATE peculiar SET large = 18446744073709551615 WHERE id = 1").await?;
        let error = refused(conn.scalars(select(Peculiar)).all().await, ErrorKind::Decode);
        assert_eq!(error.column(), Some("large"), "{error}");
        assert!(error.advice().is_some_and(|it| it.contains("CAST(… AS CHAR)")), "{error}");
        let text: String = conn.execute(text!("SELECT CAST(large AS CHAR) AS t FROM peculiar WHERE id = 1")).one().await?.get("t")?;
        assert_eq!(text, "18446744073709551615");
    }
}
