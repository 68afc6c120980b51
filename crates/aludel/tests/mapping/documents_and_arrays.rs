//! JSON documents, arrays, and lengths of time.

use std::collections::BTreeMap;
use std::time::Duration;

use aludel::prelude::*;
use aludel::schema::Metadata;
use aludel_suite::{Db, on_each_database, refused};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
pub struct Settings {
    pub theme: String,
    pub sizes: Vec<u64>,
    pub more: BTreeMap<String, Option<f64>>,
}

#[derive(Entity, Debug)]
#[entity(table = "profiles")]
pub struct Profile {
    #[column(primary_key)]
    pub id: i64,
    pub settings: Json<Settings>,
    pub extra: Option<Json<serde_json::Value>>,
    pub session: Duration,
    pub offset: Option<TimeDelta>,
}

#[derive(Entity, Debug)]
#[entity(table = "samples")]
pub struct Sample {
    #[column(primary_key)]
    pub id: i64,
    pub numbers: Vec<i64>,
    pub texts: Option<Vec<String>>,
    pub holes: Vec<Option<f64>>,
    pub ids: Vec<Uuid>,
    pub times: Vec<DateTime<Utc>>,
    pub blobs: Vec<Vec<u8>>,
    pub flags: Vec<bool>,
    pub amounts: Vec<rust_decimal::Decimal>,
}

fn settings() -> Settings {
    Settings {
        theme: "é \"quoted\" 'text' \\ 😀 \u{1}".into(),
        sizes: vec![0, (1 << 53) + 1, u64::MAX],
        more: BTreeMap::from([("a".into(), None), ("b".into(), Some(0.1))]),
    }
}

on_each_database! {
    async fn a_document_comes_back_as_it_was_stored(db: Db) {
        db.create(&Metadata::of((Profile,))).await?;
        let mut session = db.session();
        for extra in [None, Some(serde_json::Value::Null), Some(serde_json::json!(1)), Some(serde_json::json!("1"))] {
            session.add(Profile::builder().settings(settings()).extra(extra.map(Json)).session(Duration::ZERO));
        }
        session.commit().await?;
        let mut other = db.session();
        let found = other.scalars(select(Profile).order_by(Profile::ID)).all().await?;
        assert_eq!(other[found[0]].settings.0, settings());
        // A document that is null is not a missing document.
        let extras: Vec<_> = found.iter().map(|it| other[*it].extra.clone().map(|it| it.to_string())).collect();
        assert_eq!(extras, [None, Some("null".into()), Some("1".into()), Some("\"1\"".into())]);
        let missing = select(Profile::ID).filter(Profile::EXTRA.is_null());
        assert_eq!(db.engine.connect().await?.scalars(missing).all().await?, [1]);
    }

    async fn a_change_within_a_document_is_noticed_and_sent(db: Db) {
        db.create(&Metadata::of((Profile,))).await?;
        let mut session = db.session();
        let two = [1, 2].map(|_| session.add(Profile::builder().settings(settings()).session(Duration::ZERO)));
        session.commit().await?;
        for (at, profile) in two.into_iter().enumerate() {
            session[profile].settings.sizes.push(at as u64);
        }
        session.commit().await?;
        session[two[0]].settings.sizes.push(1);
        session[two[0]].settings.sizes.pop();
        let before = session.query_count();
        session.commit().await?;
        assert_eq!(session.query_count(), before, "it is what it was");
        let mut other = db.session();
        let second = other.get_one::<Profile>(2).await?;
        assert_eq!(other[second].settings.sizes.last(), Some(&1));
    }

    async fn text_that_is_no_such_document_is_an_error_that_names_the_column(db: Db) {
        db.create(&Metadata::of((Profile,))).await?;
        db.run("INSERT INTO profiles (settings, session) VALUES ('[1, 2]', 0)").await?;
        let mut session = db.session();
        let error = refused(session.scalars(select(Profile)).all().await, ErrorKind::Decode);
        assert!(error.to_string().contains("column `profiles.settings`: the JSON is not a"), "{error}");
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        // MariaDB and SQLite have limits of their own.
        if db.run(&format!("UPDATE profiles SET extra = '{deep}', settings = '{{\"theme\":\"\",\"sizes\":[],\"more\":{{}}}}'")).await.is_ok() {
            let error = refused(session.scalars(select(Profile)).all().await, ErrorKind::Decode);
            assert!(error.to_string().contains("recursion limit"), "{error}");
        }
    }

    async fn lengths_of_time_are_microseconds(db: Db) {
        db.create(&Metadata::of((Profile,))).await?;
        let mut session = db.session();
        let lengths = [
            (Duration::ZERO, TimeDelta::microseconds(i64::MIN)),
            (Duration::from_micros(i64::MAX as u64), TimeDelta::microseconds(i64::MAX)),
            (Duration::new(1, 500_000_000), TimeDelta::milliseconds(-1)),
        ];
        for (length, offset) in lengths {
            session.add(Profile::builder().settings(Settings::default()).session(length).offset(offset));
        }
        session.commit().await?;
        let mut conn = db.engine.connect().await?;
        let stmt = select((Profile::SESSION, Profile::OFFSET)).order_by(Profile::ID);
        let found: Vec<(Duration, Option<TimeDelta>)> = conn.execute(stmt).all().await?;
        assert_eq!(found, lengths.map(|(length, offset)| (length, Some(offset))));
        let long = select(func::count_star()).select_from(Profile).filter(Profile::SESSION.gt(Duration::from_secs(1)));
        assert_eq!(conn.scalars(long).one().await?, 2);

        session.add(Profile::builder().settings(Settings::default()).session(Duration::MAX));
        let error = refused(session.commit().await, ErrorKind::Encode);
        assert!(error.to_string().contains("longer than 64 bits of microseconds"), "{error}");
    }

    #[only(postgres, "only it has arrays")]
    async fn arrays_come_back_as_they_were_stored(db: Db) {
        db.create(&Metadata::of((Sample,))).await?;
        let mut session = db.session();
        let sample = |n: i64| {
            Sample::builder()
                .numbers(vec![i64::MIN, n, i64::MAX])
                .texts((n % 2 == 0).then(|| vec![String::new(), "a,b {\"} \\ é".to_owned(), "NULL".to_owned()]))
                .holes(vec![None, Some(0.1), Some(-0.0)])
                .ids(vec![Uuid::from_u128(7)])
                .times(vec![DateTime::from_timestamp_micros(-1).unwrap()])
                .blobs(vec![vec![], vec![0, 255]])
                .flags(vec![true, false])
                .amounts(vec!["1.50".parse().unwrap()])
        };
        let objects = [session.add(sample(0)), session.add(sample(1)), session.add(sample(2))];
        session.commit().await?;
        // Several rows are changed in one batch, to arrays of different lengths.
        for (at, object) in objects.into_iter().enumerate() {
            session[object].numbers.truncate(at);
        }
        session.commit().await?;
        let mut conn = db.engine.connect().await?;
        let found = conn.scalars(select(Sample).order_by(Sample::ID)).all().await?;
        assert_eq!(found[0].numbers, [0; 0]);
        assert_eq!(found[2].numbers, [i64::MIN, 2]);
        assert_eq!(found[0].texts.as_ref().unwrap()[1], "a,b {\"} \\ é");
        assert_eq!(found[1].texts, None);
        assert_eq!(found[0].holes, [None, Some(0.1), Some(-0.0)]);
        assert_eq!((found[0].ids.len(), found[0].blobs[1].as_slice()), (1, &[0, 255][..]));
        assert_eq!(found[0].times[0].timestamp_micros(), -1);
        assert_eq!(found[0].amounts[0].to_string(), "1.50");
        let same = select(Sample::ID).filter(Sample::NUMBERS.eq(vec![i64::MIN]));
        assert_eq!(conn.scalars(same).all().await?, [2]);
    }

    #[only(postgres, "only it has arrays")]
    async fn an_array_that_is_no_list_of_such_values_is_an_error(db: Db) {
        let mut conn = db.engine.connect().await?;
        let row = conn.execute(text!("SELECT ARRAY[1, NULL] AS holes, '[5:6]={1,2}'::int[] AS late")).one().await?;
        assert_eq!(row.get::<Vec<i32>>("late")?, [1, 2], "wherever it begins to count");
        assert_eq!(row.get::<Vec<Option<i32>>>("holes")?, [Some(1), None]);
        let error = row.get::<Vec<i32>>("holes").unwrap_err().to_string();
        assert!(error.contains("element 2: expected an i32, found NULL"), "{error}");
        let error = refused(conn.execute(text!("SELECT ARRAY[[1], [2]]")).all().await, ErrorKind::Decode);
        assert!(error.to_string().contains("several dimensions"), "{error}");
    }

    #[except(postgres, "it has arrays")]
    async fn where_there_are_no_arrays_the_table_is_refused_with_what_to_do(db: Db) {
        let error = refused(db.create(&Metadata::of((Sample,))).await, ErrorKind::Unsupported);
        let name = db.pick("SQLite", "", "MariaDB");
        assert!(error.to_string().contains(&format!("{name} has no type for bigint[]")), "{error}");
        assert!(error.advice().unwrap().contains("Json<Vec<T>>"), "{error}");
    }
}
