//! Values of every type.

use aludel::prelude::*;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use uuid::Uuid;

use aludel_suite::{Db, on_each_database, refused};

/// Every type a column can have, once as it is and once as an `Option`.
#[derive(Entity, Debug, Clone, PartialEq)]
#[entity(table = "everything")]
pub struct Everything {
    #[column(primary_key)]
    pub id: i64,
    pub boolean: bool,
    pub small: i16,
    pub int: i32,
    pub big: i64,
    pub unsigned: u32,
    pub float: f32,
    pub double: f64,
    pub text: String,
    #[column(length = 40)]
    pub short: String,
    pub bytes: Vec<u8>,
    pub instant: DateTime<Utc>,
    pub date: NaiveDate,
    pub time: NaiveTime,
    pub uuid: Uuid,
    pub o_boolean: Option<bool>,
    pub o_small: Option<i16>,
    pub o_int: Option<i32>,
    pub o_big: Option<i64>,
    pub o_unsigned: Option<u32>,
    pub o_float: Option<f32>,
    pub o_double: Option<f64>,
    pub o_text: Option<String>,
    #[column(length = 40)]
    pub o_short: Option<String>,
    pub o_bytes: Option<Vec<u8>>,
    pub o_instant: Option<DateTime<Utc>>,
    pub o_date: Option<NaiveDate>,
    pub o_time: Option<NaiveTime>,
    pub o_uuid: Option<Uuid>,
}

/// Rows at the ends of what the types can hold; `n` counts up to `EVERYTHING`.
fn everything(n: usize) -> Everything {
    let at = |list: &[&str]| list[n % list.len()].to_owned();
    let long = "ä😀".repeat(50_000);
    let instants = [0, -1, 1_767_225_599_123_456, -62_135_596_800_000_000, 253_402_300_799_999_999];
    let dates = [(1970, 1, 1), (1969, 12, 31), (1, 1, 1), (9999, 12, 31), (2024, 2, 29)];
    let (year, month, day) = dates[n % dates.len()];
    let it = Everything {
        id: n as i64 + 1,
        boolean: n.is_multiple_of(2),
        small: [0, i16::MIN, i16::MAX, -1, 1][n % 5],
        int: [0, i32::MIN, i32::MAX, -1, 1][n % 5],
        big: [0, i64::MIN, i64::MAX, -1, 1 << 53][n % 5],
        unsigned: [0, u32::MAX, 1, 1 << 31, 7][n % 5],
        float: [0.0, f32::MIN, f32::MAX, f32::MIN_POSITIVE, 0.1][n % 5],
        double: [0.0, f64::MIN, f64::MAX, f64::MIN_POSITIVE, 0.1][n % 5],
        text: at(&["", "it's", "ünï \u{1F600} 漢字 \u{10FFFF}", " leading and trailing ", &long]),
        short: at(&["", "\\ % _ ' \" ` \n\t\r", "e\u{301} ≠ é", "1", "NULL"]),
        bytes: [vec![], vec![0], (0..=255).collect(), b"\\x00'\\".to_vec(), vec![255; 70_000]][n % 5].clone(),
        instant: DateTime::from_timestamp_micros(instants[n % 5]).unwrap(),
        date: NaiveDate::from_ymd_opt(year, month, day).unwrap(),
        time: NaiveTime::from_num_seconds_from_midnight_opt(
            [0, 86_399, 43_200, 1, 3_600][n % 5],
            [0, 999_999_000, 1_000, 0, 500_000_000][n % 5],
        )
        .unwrap(),
        // MariaDB takes versions above 5 only with the variant of RFC 9562: a UUID is not any 16 bytes there.
        uuid: [
            Uuid::nil(),
            Uuid::max(),
            Uuid::from_u128(1),
            Uuid::from_u128(0x0123_4567_89ab_7def_8123_4567_89ab_cdef),
            Uuid::from_u128(1 << 127),
        ][n % 5],
        o_boolean: None,
        o_small: None,
        o_int: None,
        o_big: None,
        o_unsigned: None,
        o_float: None,
        o_double: None,
        o_text: None,
        o_short: None,
        o_bytes: None,
        o_instant: None,
        o_date: None,
        o_time: None,
        o_uuid: None,
    };
    if n < 5 {
        return it;
    }
    let it2 = it.clone();
    Everything {
        o_boolean: Some(it.boolean),
        o_small: Some(it.small),
        o_int: Some(it.int),
        o_big: Some(it.big),
        o_unsigned: Some(it.unsigned),
        o_float: Some(it.float),
        o_double: Some(it.double),
        o_text: Some(it.text),
        o_short: Some(it.short),
        o_bytes: Some(it.bytes),
        o_instant: Some(it.instant),
        o_date: Some(it.date),
        o_time: Some(it.time),
        o_uuid: Some(it.uuid),
        ..it2
    }
}

const EVERYTHING: usize = 10;

fn everything_builder(it: Everything) -> impl aludel::Insertable<Everything> + Related<Everything> {
    Everything::builder()
        .id(it.id)
        .boolean(it.boolean)
        .small(it.small)
        .int(it.int)
        .big(it.big)
        .unsigned(it.unsigned)
        .float(it.float)
        .double(it.double)
        .text(it.text)
        .short(it.short)
        .bytes(it.bytes)
        .instant(it.instant)
        .date(it.date)
        .time(it.time)
        .uuid(it.uuid)
        .o_boolean(it.o_boolean)
        .o_small(it.o_small)
        .o_int(it.o_int)
        .o_big(it.o_big)
        .o_unsigned(it.o_unsigned)
        .o_float(it.o_float)
        .o_double(it.o_double)
        .o_text(it.o_text)
        .o_short(it.o_short)
        .o_bytes(it.o_bytes)
        .o_instant(it.o_instant)
        .o_date(it.o_date)
        .o_time(it.o_time)
        .o_uuid(it.o_uuid)
}

// Values of every type.
on_each_database! {
    async fn every_type_comes_back_as_it_was_sent(db: Db) {
        db.create(&Metadata::of(Everything)).await?;
        let expected: Vec<Everything> = (0..EVERYTHING).map(everything).collect();
        // Several rows at once, and one by one: a database may bind them in two ways.
        let mut conn = db.engine.connect().await?;
        conn.execute(insert(Everything).values(expected.iter().cloned().map(everything_builder))).await?;
        let found: Vec<Everything> = conn.scalars(select(Everything).order_by(Everything::ID)).all().await?;
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found, expected, "inserted together");
        }
        assert_eq!(found.len(), EVERYTHING);
        conn.execute(delete(Everything)).await?;
        for it in &expected {
            conn.execute(insert(Everything).values([everything_builder(it.clone())])).await?;
            let found = conn.scalars(select(Everything).filter(Everything::ID.eq(it.id))).one().await?;
            assert_eq!(&found, it, "inserted alone");
        }
    }

    async fn every_type_goes_through_a_session_and_is_updated_one_by_one_and_together(db: Db) {
        db.create(&Metadata::of(Everything)).await?;
        let mut session = db.session();
        let objects = session.add_all((0..EVERYTHING).map(|n| everything_builder(everything(n))));
        session.commit().await?;
        // Every object takes the values of its successor, in one flush.
        for (n, object) in objects.iter().enumerate() {
            let id = session[*object].id;
            session[*object] = Everything { id, ..everything((n + 1) % EVERYTHING) };
        }
        session.commit().await?;
        let mut conn = db.engine.connect().await?;
        let found: Vec<Everything> = conn.scalars(select(Everything).order_by(Everything::ID)).all().await?;
        for (n, found) in found.iter().enumerate() {
            assert_eq!(*found, Everything { id: n as i64 + 1, ..everything((n + 1) % EVERYTHING) }, "row {n}");
        }
        // One alone.
        session[objects[0]] = everything(0);
        session.commit().await?;
        assert_eq!(conn.scalars(select(Everything).order_by(Everything::ID)).first().await?, Some(everything(0)));
        // Reading it anew finds no change.
        let mut session = db.session();
        let objects = session.scalars(select(Everything)).all().await?;
        for object in objects {
            let same = session[object].clone();
            session[object] = same;
            assert!(!session.is_modified(object));
        }
    }

    async fn every_type_can_be_compared_and_listed(db: Db) {
        db.create(&Metadata::of(Everything)).await?;
        let mut conn = db.engine.connect().await?;
        conn.execute(insert(Everything).values((0..5).map(|n| everything_builder(everything(n))))).await?;
        macro_rules! check {
            ($($column:ident $field:ident),*) => {$(
                for n in 0..5 {
                    let value = everything(n).$field;
                    let expected: Vec<i64> =
                        (0..5).filter(|it| everything(*it).$field == value).map(|it| everything(it).id).collect();
                    let ids = || select(Everything::ID).order_by(Everything::ID);
                    let equal = conn.scalars(ids().filter(Everything::$column.eq(value.clone()))).all().await?;
                    assert_eq!(equal, expected, "{} = value {n}", stringify!($field));
                    let listed = conn.scalars(ids().filter(Everything::$column.in_([value.clone()]))).all().await?;
                    assert_eq!(listed, expected, "{} IN (value {n})", stringify!($field));
                    let all = conn.scalars(ids().filter(Everything::$column.in_((0..5).map(|it| everything(it).$field)))).all().await?;
                    assert_eq!(all, [1, 2, 3, 4, 5], "{} IN (all)", stringify!($field));
                    let none = conn.scalars(ids().filter(Everything::$column.not_in((0..5).map(|it| everything(it).$field)))).all().await?;
                    assert_eq!(none, [0; 0], "{} NOT IN (all)", stringify!($field));
                }
            )*};
        }
        check!(SMALL small, INT int, BIG big, UNSIGNED unsigned, DOUBLE double, TEXT text, SHORT short, BYTES bytes,
               INSTANT instant, DATE date, TIME time, UUID uuid, BOOLEAN boolean);
    }

    async fn values_are_ordered_by_what_they_mean(db: Db) {
        db.create(&Metadata::of(Everything)).await?;
        let mut conn = db.engine.connect().await?;
        conn.execute(insert(Everything).values((0..5).map(|n| everything_builder(everything(n))))).await?;
        macro_rules! check {
            ($($column:ident $field:ident),*) => {$(
                let found = conn.scalars(select(Everything::$column).order_by(Everything::$column)).all().await?;
                let mut expected: Vec<_> = (0..5).map(|n| everything(n).$field).collect();
                expected.sort_by(|a, b| a.partial_cmp(b).unwrap());
                assert_eq!(found, expected, "{}", stringify!($field));
            )*};
        }
        check!(SMALL small, INT int, BIG big, UNSIGNED unsigned, DOUBLE double, INSTANT instant, DATE date, TIME time);
    }

    async fn a_timestamp_keeps_its_microseconds(db: Db) {
        db.create(&Metadata::of(Everything)).await?;
        let mut session = db.session();
        for (n, micros) in [0, 1, 999_999, 500_000].into_iter().enumerate() {
            let instant = DateTime::from_timestamp_micros(1_700_000_000_000_000 + micros).unwrap();
            let it = Everything { id: n as i64 + 1, instant, o_instant: Some(instant), ..everything(0) };
            session.add(everything_builder(it));
        }
        session.commit().await?;
        let mut conn = db.engine.connect().await?;
        let found = conn.execute(select((Everything::INSTANT, Everything::O_INSTANT)).order_by(Everything::ID)).all().await?;
        for ((plain, optional), micros) in found.into_iter().zip([0, 1, 999_999, 500_000]) {
            assert_eq!(plain.timestamp_subsec_micros(), micros);
            assert_eq!(optional, Some(plain));
        }
    }

    async fn a_default_of_now_is_now(db: Db) {
        #[derive(Entity, Debug)]
        #[entity(table = "events")]
        pub struct Event {
            #[column(primary_key)]
            pub id: i64,
            #[column(server_default = now())]
            pub at: DateTime<Utc>,
        }
        db.create(&Metadata::of(Event)).await?;
        let mut session = db.session();
        let (event, other) = (session.add(Event::builder()), session.add(Event::builder()));
        session.commit().await?;
        let elapsed = Utc::now() - session[event].at;
        assert!(elapsed.num_minutes().abs() < 5, "in UTC: {}", session[event].at);
        assert_ne!(session[event].id, session[other].id);
        let later = session.scalar(select(func::now())).await?;
        assert!(later >= session[event].at);
    }

    async fn a_value_that_does_not_fit_is_an_error_that_names_the_column(db: Db) {
        #[derive(Entity, Debug)]
        #[entity(table = "narrow")]
        pub struct Narrow {
            #[column(primary_key)]
            pub id: i64,
            pub small: i16,
            pub number: i64,
            pub text: String,
        }
        db.run("CREATE TABLE narrow (id BIGINT PRIMARY KEY, small BIGINT, number VARCHAR(20), text VARCHAR(20))").await?;
        db.run("INSERT INTO narrow VALUES (1, 40000, 'x', 'x')").await?;
        let mut conn = db.engine.connect().await?;
        let error = refused(conn.scalars(select(Narrow)).all().await, ErrorKind::Decode);
        assert_eq!((error.table(), error.column()), (Some("narrow"), Some("small")), "{error}");
        assert!(error.to_string().contains("40000 does not fit an i16"), "{error}");
        db.run("UPDATE narrow SET small = 1").await?;
        let error = refused(conn.scalars(select(Narrow)).all().await, ErrorKind::Decode);
        assert_eq!(error.column(), Some("number"), "{error}");
        db.run("UPDATE narrow SET small = NULL").await?;
        let error = refused(db.session().scalars(select(Narrow)).all().await, ErrorKind::Decode);
        assert_eq!(error.column(), Some("small"), "{error}");
        assert!(error.to_string().contains("declare it as an `Option`"), "{error}");
    }
}
