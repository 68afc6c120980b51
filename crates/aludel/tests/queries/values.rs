//! Rows of the program as a table: joined, looked for, and part of a change.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

use crate::models::{Employee, Task, company, names};

/// A column of every type that rows may have.
#[derive(Entity, Clone, Debug, PartialEq)]
#[entity(table = "samples")]
struct Sample {
    #[column(primary_key)]
    id: i64,
    flag: Option<bool>,
    small: Option<i16>,
    number: Option<i32>,
    real: Option<f64>,
    #[column(precision = 10, scale = 2)]
    price: Option<Decimal>,
    #[column(precision = 18, scale = 4)]
    weight: Option<Decimal>,
    #[column(length = 80)]
    word: Option<String>,
    text: Option<String>,
    bytes: Option<Vec<u8>>,
    at: Option<DateTime<Utc>>,
    day: Option<NaiveDate>,
    clock: Option<NaiveTime>,
    uuid: Option<Uuid>,
    document: Option<Json<serde_json::Value>>,
}

fn decimal(text: &str) -> Decimal {
    Decimal::from_str_exact(text).expect("a decimal")
}

/// Values of column after column, extremes among them.
fn samples() -> [Sample; 4] {
    let whole = Sample {
        id: 1,
        flag: Some(true),
        small: Some(i16::MIN),
        number: Some(i32::MAX),
        real: Some(0.1),
        price: Some(decimal("12.50")),
        weight: Some(decimal("-0.0001")),
        word: Some("it's \"quoted\" \\ \u{1}\n\u{e9}\u{1f600}".to_owned()),
        text: Some("x".repeat(70_000)),
        bytes: Some((0..=255).collect()),
        at: Some("2024-02-29T23:59:59.999999Z".parse().expect("an instant")),
        day: NaiveDate::from_ymd_opt(1000, 1, 1),
        clock: NaiveTime::from_hms_micro_opt(23, 59, 59, 999_999),
        uuid: Some(Uuid::from_u128(u128::MAX / 3)),
        document: Some(Json(json!({"a": [1, null, "\u{e9}\""]}))),
    };
    let zero = Sample {
        id: -5,
        flag: Some(false),
        small: Some(0),
        number: Some(0),
        real: Some(2.0),
        price: Some(decimal("0")),
        weight: Some(decimal("99999999999999.9999")),
        word: Some(String::new()),
        text: Some("null".to_owned()),
        bytes: Some(Vec::new()),
        ..whole.clone()
    };
    let large =
        Sample { id: i64::MAX, real: Some(-1.5e300), price: Some(decimal("-99999999.99")), ..zero.clone() };
    let none = Sample {
        id: 0,
        flag: None,
        small: None,
        number: None,
        real: None,
        price: None,
        weight: None,
        word: None,
        text: None,
        bytes: None,
        at: None,
        day: None,
        clock: None,
        uuid: None,
        document: None,
    };
    [zero, none, whole, large]
}

/// Checks that a column of values comes back, and equals the column that keeps the same.
macro_rules! check_columns {
    ($conn:ident: $($column:ident $field:ident),*) => {$(
        let table = values((Sample::ID, Sample::$column), "v").data(samples().map(|it| (it.id, it.$field)));
        let rows = $conn.execute(select((table.col(Sample::ID), table.col(Sample::$column)))).all().await?;
        let mut rows: Vec<_> = rows.into_iter().collect();
        rows.sort_by_key(|(id, _)| *id);
        let mut sent = samples().map(|it| (it.id, it.$field)).to_vec();
        sent.sort_by_key(|(id, _)| *id);
        assert_eq!(rows, sent, stringify!($field));
    )*};
}

macro_rules! check_same {
    ($conn:ident: $($column:ident $field:ident),*) => {$(
        let table = values((Sample::ID, Sample::$column), "v").data(samples().map(|it| (it.id, it.$field)));
        let same = select(func::count_star())
            .select_from(Sample)
            .join_on(&table, table.col(Sample::ID).eq(Sample::ID))
            .filter(table.col(Sample::$column).is_not_distinct_from(Sample::$column));
        assert_eq!($conn.scalars(same).one().await?, 4, stringify!($field));
    )*};
}

on_each_database! {
    async fn a_table_of_values_is_joined(db: Db) {
        let mut conn = company(&db).await?;
        let (place, note) = (column::<i32>("place"), column::<Option<String>>("note"));
        let wanted = values((Employee::ID, place, note), "wanted")
            .data([(6, 1, Some("first".to_owned())), (2, 2, None), (99, 3, None), (6, 4, None)]);
        let joined = select((Employee::NAME, wanted.col(note)))
            .join_on(&wanted, wanted.col(Employee::ID).eq(Employee::ID))
            .order_by(wanted.col(place));
        let rows: Vec<(String, Option<String>)> = conn.execute(joined).all().await?;
        let rows: Vec<_> = rows.iter().map(|(name, note)| (&**name, note.as_deref())).collect();
        // A row twice is there twice.
        assert_eq!(rows, [("Fay", Some("first")), ("Bob", None), ("Fay", None)]);

        let missing = select((wanted.col(place), Employee::ID.nullable()))
            .select_from(&wanted)
            .outer_join_on(Employee, wanted.col(Employee::ID).eq(Employee::ID))
            .filter(Employee::ID.is_null());
        assert_eq!(conn.execute(missing).all().await?, [(3, None)]);
        let outer = select((Employee::NAME, wanted.col(place).nullable()))
            .outer_join_on(&wanted, wanted.col(Employee::ID).eq(Employee::ID))
            .filter(Employee::ID.le(2))
            .order_by(Employee::ID);
        assert_eq!(conn.execute(outer).all().await?, [("Ada".to_owned(), None), ("Bob".to_owned(), Some(2))]);
    }

    async fn it_is_looked_for_grouped_and_compared(db: Db) {
        let mut conn = company(&db).await?;
        let ids = values((Employee::ID,), "ids").data([(2,), (5,)]);
        let listed = select(Employee::NAME).filter(Employee::ID.in_(select(ids.col(Employee::ID)))).order_by(Employee::ID);
        assert_eq!(conn.scalars(listed).all().await?, names(&["Bob", "Eve"]));
        let others = select(Employee::NAME)
            .filter(Employee::ID.not_in(select(ids.col(Employee::ID))))
            .order_by(Employee::ID);
        assert_eq!(conn.scalars(others).all().await?, names(&["Ada", "Cyd", "Dan", "Fay"]));

        let (team, least) = (column::<String>("team"), column::<i64>("least"));
        let limits = values((team, least), "limits").data([("build", 110), ("sales", 250)]);
        let paid = select(func::count(Employee::ID))
            .filter(Employee::TEAM.eq(limits.col(team)).and(Employee::SALARY.ge(limits.col(least))))
            .scalar_subquery();
        let per_team = select((limits.col(team), paid)).order_by(limits.col(team));
        assert_eq!(
            conn.execute(per_team).all().await?,
            [("build".to_owned(), Some(2)), ("sales".to_owned(), Some(0))]
        );
        let both = select((func::sum(limits.col(least)), func::max(limits.col(team))));
        assert_eq!(conn.execute(both).all().await?, [(Some(360), Some("sales".to_owned()))]);
        // One table twice, under a name each, and as a CTE.
        let named = select((limits.col(team), limits.col(least))).cte("named");
        let again = named.alias("again");
        let pairs = select((named.col(limits.col(team)), again.col(limits.col(team))))
            .join_on(&again, again.col(limits.col(least)).gt(named.col(limits.col(least))));
        assert_eq!(conn.execute(pairs).all().await?, [("build".to_owned(), "sales".to_owned())]);
    }

    async fn it_may_have_no_rows_or_very_many(db: Db) {
        let mut conn = company(&db).await?;
        for count in [0, 1, 2, 70_000] {
            let numbers = values((column::<i64>("n"), column::<String>("text")), "numbers")
                .data((0..count).map(|it| (it, it.to_string())));
            let n = numbers.col(column::<i64>("n"));
            let row = conn.execute(select((func::count_star(), func::max(n.clone()))).select_from(&numbers)).one().await?;
            assert_eq!(row, (count, (count > 0).then(|| count - 1)));
            let found = select(func::count(Employee::ID)).join_on(&numbers, n.eq(Employee::ID));
            assert_eq!(conn.scalars(found).one().await?, (count - 1).clamp(0, 6));
        }
    }

    async fn it_gives_the_values_of_changes(db: Db) {
        let mut conn = company(&db).await?;
        let raises = values((Employee::ID, Employee::SALARY), "raises").data([(4, 111), (5, 131), (77, 1)]);
        let raised = update(Employee)
            .join_on(&raises, raises.col(Employee::ID).eq(Employee::ID))
            .set(Employee::SALARY, raises.col(Employee::SALARY));
        assert_eq!(conn.execute(raised).await?.rows_affected, 2);
        let salaries = select(Employee::SALARY).filter(Employee::TEAM.eq("build")).order_by(Employee::ID);
        assert_eq!(conn.scalars(salaries).all().await?, [200, 111, 131]);

        let done = values((Task::ID,), "done").data([(1,), (3,), (5,)]);
        let gone = delete(Task).join_on(&done, done.col(Task::ID).eq(Task::ID));
        assert_eq!(conn.execute(gone).await?.rows_affected, 3);
        let rows = values((Task::ID, Task::TITLE, Task::HOURS), "fresh").data([(8, "dig", 4), (9, "fill", 5)]);
        let fresh = select((rows.col(Task::ID), rows.col(Task::TITLE), rows.col(Task::HOURS), literal(false), literal(1_i64)));
        let columns = (Task::ID, Task::TITLE, Task::HOURS, Task::DONE, Task::EMPLOYEE_ID);
        let inserted = insert(Task).from_select(columns, fresh);
        assert_eq!(conn.execute(inserted).await?.rows_affected, 2);
        let hours = select(func::sum(Task::HOURS)).filter(Task::EMPLOYEE_ID.eq(1));
        assert_eq!(conn.scalars(hours).one().await?, Some(9));
    }

    async fn values_of_every_type_come_back(db: Db) {
        db.create(&Metadata::of(Sample)).await?;
        let mut conn = db.engine.connect().await?;
        check_columns!(conn: FLAG flag, SMALL small, NUMBER number, REAL real, PRICE price, WEIGHT weight, WORD word, TEXT text,
            BYTES bytes, AT at, DAY day, CLOCK clock, UUID uuid, DOCUMENT document);
    }

    async fn values_of_every_type_equal_those_that_are_stored(db: Db) {
        db.create(&Metadata::of(Sample)).await?;
        let mut session = db.session();
        for it in samples() {
            session.add(
                Sample::builder().id(it.id).flag(it.flag).small(it.small).number(it.number).real(it.real)
                    .price(it.price).weight(it.weight).word(it.word).text(it.text).bytes(it.bytes)
                    .at(it.at).day(it.day).clock(it.clock).uuid(it.uuid).document(it.document),
            );
        }
        session.commit().await?;
        let mut conn = db.engine.connect().await?;
        check_same!(conn: FLAG flag, SMALL small, NUMBER number, REAL real, PRICE price, WEIGHT weight, WORD word, TEXT text,
            BYTES bytes, AT at, DAY day, CLOCK clock, UUID uuid);
    }

    async fn what_a_column_would_round_or_cut_is_refused(db: Db) {
        let mut conn = db.engine.connect().await?;
        for price in ["0.005", "100000000"] {
            let table = values((Sample::PRICE,), "v").data([(Some(decimal(price)),)]);
            let error = refused(conn.scalars(select(table.col(Sample::PRICE))).all().await, ErrorKind::Encode);
            assert!(error.to_string().contains("a decimal has"), "{error}");
        }
    }
}
