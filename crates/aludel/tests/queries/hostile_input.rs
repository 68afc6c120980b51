//! Part E of the catalogue of reliability: what text of others can do to SQL. The cases have its numbers.

use aludel::prelude::*;
use aludel_suite::{Database, Db, on_each_database, refused};

/// Pieces of text that SQL, or one of its databases, reads as something else.
const PIECES: [&str; 24] = [
    "'",
    "''",
    "\"",
    "`",
    "\\",
    "\\'",
    "--",
    "/*",
    "*/",
    "#",
    ";",
    "%",
    "_",
    "$1",
    "?",
    ":x",
    "\u{bf}",
    "\u{4e00}",
    "\u{1f600}",
    "\u{a0}",
    "\n",
    "\u{202e}",
    "DROP TABLE quotes",
    "OR 1=1",
];

/// Texts that look random, and are the same in every run.
fn hostile_texts(count: usize) -> Vec<String> {
    let mut state = 7_u64;
    let mut roll = |sides: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % sides
    };
    (0..count).map(|n| (0..1 + n % 6).map(|_| PIECES[roll(PIECES.len())]).collect()).collect()
}

#[derive(Entity, Debug)]
#[entity(table = "quotes")]
pub struct Quote {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 200)]
    pub text: String,
    pub number: Option<i64>,
}

/// A document under a key of somebody else.
#[derive(Entity, Debug)]
#[entity(table = "keyed")]
pub struct Keyed {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 200)]
    pub key: String,
    pub data: Json<serde_json::Value>,
}

/// Names that no program would choose.
#[derive(Entity, Debug)]
#[entity(table = "sel\"ect `from` [x]; -- 'a'")]
pub struct Odd {
    #[column(primary_key, name = "I D.\"")]
    pub id: i64,
    #[column(name = "\u{e4}\u{4e00} 'text' /* */", length = 20)]
    pub text: String,
    #[column(name = "ORDER", foreign_key = Odd::ID)]
    pub order: Option<i64>,
    #[relation(foreign_key = order)]
    pub other: BelongsTo<Odd>,
}

/// What a database fills in, and what it says about a table, is written as text of SQL.
#[derive(Entity, Debug)]
#[entity(table = "literals", comment = "it's \\ \"so\"; -- /* \u{e4} */ %s")]
pub struct Literal {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 60, server_default = "it's \\ \"so\"; -- /* \u{e4}\u{1f600} */ %s $1 ? :x")]
    pub text: String,
    #[column(comment = "\\'; DROP TABLE literals; --")]
    pub number: i64,
}

on_each_database! {
    async fn case_72_hostile_text_stays_data(db: Db) {
        db.create(&Metadata::of(Quote)).await?;
        let texts = hostile_texts(if aludel_suite::long() { 3_000 } else { 300 });
        let mut session = db.session();
        let quotes = session.add_all(texts.iter().map(|text| Quote::builder().text(text.as_str())));
        session.commit().await?;
        let mut conn = db.engine.connect().await?;
        assert_eq!(conn.scalars(select(Quote::TEXT).order_by(Quote::ID)).all().await?, texts);
        let mut different = texts.clone();
        different.sort();
        different.dedup();
        for text in different.iter().take(60) {
            let same = texts.iter().filter(|it| *it == text).count() as i64;
            let count = || select(func::count(Quote::ID));
            assert_eq!(conn.scalar(count().filter(Quote::TEXT.eq(text))).await?, same, "{text:?}");
            assert_eq!(conn.scalar(count().filter(Quote::TEXT.in_([text.as_str()]))).await?, same, "{text:?}");
            let by_hand = text!("SELECT count(*) AS n FROM quotes WHERE text = :t", t = text.as_str());
            assert_eq!(conn.execute(by_hand).one().await?.get::<i64>("n")?, same, "{text:?}");
        }
        for (quote, text) in quotes.iter().zip(&texts).take(60) {
            session[*quote].text = format!("{text}{text}").chars().take(200).collect();
        }
        session.commit().await?;
        assert_eq!(db.count("quotes").await?, texts.len() as i64);
    }

    async fn case_73_hostile_names_are_quoted_wherever_they_stand(db: Db) {
        db.create(&Metadata::of(Odd)).await?;
        db.create(&Metadata::of(Odd)).await?;
        let mut session = db.session();
        let first = session.add(Odd::builder().text("a"));
        session.add(Odd::builder().text("b").other(first));
        session.commit().await?;
        session[first].text = "c".into();
        session.commit().await?;
        let mut session = db.session();
        let stmt = select(Odd).filter(Odd::TEXT.eq("b")).order_by(Odd::ORDER).options(selectinload(Odd::OTHER));
        let second = session.scalars(stmt).one().await?;
        assert_eq!(session.view(second).other()?.map(|it| it.text.clone()).as_deref(), Some("c"));
        let boss = alias(Odd, "x\" y");
        let joined = select((Odd::TEXT, boss.col(Odd::TEXT))).join(Odd::OTHER.to(boss));
        assert_eq!(session.execute(joined).all().await?, [("b".to_owned(), "c".to_owned())]);
        let labelled = select(func::max(Odd::TEXT).label("l'\"`")).group_by(Odd::ORDER).order_by(asc("l'\"`"));
        assert_eq!(session.scalars(labelled).all().await?, [Some("b".to_owned()), Some("c".to_owned())]);
        session.delete(second);
        session.commit().await?;
        db.engine.drop_all(&Metadata::of(Odd)).await?;
    }

    #[except(mariadb, "its names are of the basic plane of Unicode, and it says so")]
    async fn case_73_a_name_may_be_a_picture(db: Db) {
        #[derive(Entity, Debug)]
        #[entity(table = "\u{1f600}")]
        pub struct Picture {
            #[column(primary_key)]
            pub id: i64,
            #[column(name = "\u{1f9ea}", length = 20)]
            pub text: String,
        }
        db.create(&Metadata::of(Picture)).await?;
        let mut session = db.session();
        session.add(Picture::builder().text("\u{1f680}"));
        session.commit().await?;
        assert_eq!(session.scalars(select(Picture::TEXT).filter(Picture::TEXT.eq("\u{1f680}"))).all().await?, ["\u{1f680}"]);
    }

    #[only(sqlite, "only there a name in quotes that is no column was ever taken for text")]
    async fn case_75_a_quoted_name_that_is_no_column_is_an_error(db: Db) {
        db.create(&Metadata::of(Quote)).await?;
        let mut conn = db.engine.connect().await?;
        refused(conn.execute(text!("SELECT \"no_such_column\" FROM quotes")).all().await, ErrorKind::Database);
        refused(conn.run_plain(&["CREATE INDEX i ON quotes (\"no_such_column\")"]).await, ErrorKind::Database);
    }

    async fn case_78_a_path_of_a_user_is_data_within_a_document(db: Db) {
        db.create(&Metadata::of(Keyed)).await?;
        let mut keys = hostile_texts(if aludel_suite::long() { 600 } else { 60 });
        keys.extend(["$", "$.*", "[0]", ".", "", "{a}", "a.b", "**", "@", "last", "-", "-1", "--", "-a-b\"\n"].map(str::to_owned));
        keys.sort();
        keys.dedup();
        let mut conn = db.engine.connect().await?;
        let document = |key: &str| Json(serde_json::json!({ key: { key: 7 }, "other": 8 }));
        conn.execute(insert(Keyed).values(keys.iter().map(|key| Keyed::builder().key(key.as_str()).data(document(key))))).await?;
        for key in &keys {
            let inner = || Keyed::DATA.path((key.clone(), key.clone())).as_int();
            let found = conn.execute(select((Keyed::KEY, inner())).filter(inner().eq(7))).all().await?;
            assert_eq!(found, [(key.clone(), Some(7))], "{key:?}");
            let count = |condition| select(func::count(Keyed::ID)).filter(condition);
            let there = Keyed::DATA.path((key.clone(), key.clone())).exists();
            assert_eq!(conn.scalar(count(there)).await?, 1, "{key:?}");
            let missing = Keyed::DATA.path(format!("{key}x")).exists();
            assert_eq!(conn.scalar(count(missing)).await?, 0, "{key:?}");
            let own = || Keyed::KEY.eq(key.as_str());
            let path = || (key.clone(), key.clone());
            conn.execute(update(Keyed).filter(own()).set(Keyed::DATA, Keyed::DATA.json_set(path(), 9))).await?;
            conn.execute(update(Keyed).filter(own()).set(Keyed::DATA, Keyed::DATA.json_set((key.clone(), "-new"), 10))).await?;
            conn.execute(update(Keyed).filter(own()).set(Keyed::DATA, Keyed::DATA.json_remove("other"))).await?;
            let changed = conn.scalar(select(Keyed::DATA).filter(own())).await?;
            assert_eq!(changed.0, serde_json::json!({ key: { key: 9, "-new": 10 } }), "{key:?}");
        }
    }

    async fn case_79_what_is_written_into_ddl_is_read_back_as_it_was(db: Db) {
        db.create(&Metadata::of(Literal)).await?;
        let mut session = db.session();
        let literal = session.insert(Literal::builder().number(1)).await?;
        session.commit().await?;
        let expected = "it's \\ \"so\"; -- /* \u{e4}\u{1f600} */ %s $1 ? :x";
        assert_eq!(session[literal].text, expected);
        assert_eq!(db.value::<String>("SELECT text FROM literals").await?, expected);
        if let Some(comment) = db.pick(
            None,
            Some("SELECT obj_description('literals'::regclass)"),
            Some("SELECT table_comment FROM information_schema.tables WHERE table_name = 'literals' AND table_schema = database()"),
        ) {
            assert_eq!(db.value::<String>(comment).await?, "it's \\ \"so\"; -- /* \u{e4} */ %s");
        }
    }

    async fn case_80_limits_offsets_and_savepoints_are_no_text(db: Db) {
        db.create(&Metadata::of(Quote)).await?;
        let mut session = db.session();
        session.add_all(["a", "b", "c"].map(|text| Quote::builder().text(text)));
        session.commit().await?;
        let all = || select(Quote::TEXT).order_by(Quote::ID);
        assert_eq!(session.scalars(all().limit(0)).all().await?, [""; 0]);
        assert_eq!(session.scalars(all().limit(u32::MAX).offset(1)).all().await?, ["b", "c"]);
        assert_eq!(session.scalars(all().offset(u64::MAX)).all().await?, [""; 0]);
        // The names of savepoints are the session's own.
        let mut nested = session.begin_nested().await?;
        nested.add(Quote::builder().text("d"));
        nested.rollback().await?;
        assert_eq!(session.scalar(select(func::count(Quote::ID))).await?, 3);
    }

    async fn case_83_several_statements_in_one_text_are_refused(db: Db) {
        db.create(&Metadata::of(Quote)).await?;
        let mut conn = db.engine.connect().await?;
        for sql in ["SELECT 1; DROP TABLE quotes", "DELETE FROM quotes; DROP TABLE quotes", "SELECT 1; SELECT 2"] {
            let error = conn.execute(text_unchecked(sql)).all().await.expect_err(sql);
            assert!(!error.is_disconnect(), "{error}");
        }
        assert_eq!(conn.scalar(select(func::count(Quote::ID))).await?, 0, "the table is there, and the connection works");
    }

    async fn case_84_more_rows_than_a_program_expects_are_an_error(db: Db) {
        db.create(&Metadata::of(Quote)).await?;
        let engine = db.engine.with_options(|o| o.max_rows(10));
        let mut session = engine.session();
        session.add_all((0..11).map(|n| Quote::builder().text("x").number(n)));
        session.commit().await?;
        let error = refused(session.scalars(select(Quote)).all().await, ErrorKind::TooManyRows);
        assert!(error.to_string().contains("read them with `stream`, add a `limit`"), "{error}");
        assert_eq!(session.scalars(select(Quote).limit(10)).all().await?.len(), 10);
        let mut rows = session.stream(select(Quote::NUMBER).order_by(Quote::ID));
        let mut sum = 0;
        while let Some(number) = rows.next().await? {
            sum += number.unwrap_or(0);
        }
        assert_eq!(sum, 55);
    }

    async fn case_85_a_hundred_thousand_values_in_a_list(db: Db) {
        db.create(&Metadata::of(Quote)).await?;
        let mut session = db.session();
        session.add_all((0..3).map(|n| Quote::builder().text("x").number(n * 40_000)));
        session.commit().await?;
        let listed = select(Quote::NUMBER).filter(Quote::NUMBER.in_(0..100_000_i64)).order_by(Quote::NUMBER);
        let answer = session.scalars(listed).all().await;
        // Where each value is a parameter, more than the protocol takes is an error before anything is sent.
        if db.database == Database::MariaDb {
            match answer {
                Ok(found) => assert_eq!(found, [Some(0), Some(40_000), Some(80_000)]),
                Err(error) => assert_eq!(error.kind(), ErrorKind::Compile, "{error}"),
            }
        } else {
            assert_eq!(answer?, [Some(0), Some(40_000), Some(80_000)]);
        }
    }
}
