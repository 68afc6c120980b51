//! Values there and back.

use aludel_engine::driver::{End, Params, RawConn, Statement, Status};
use aludel_sql::{ErrorKind, SqlType, Value, ValueRef};

use super::support::{Scratch, prepared, query, run, run_into, try_execute};

/// The first and the last microsecond that both PostgreSQL and Aludel know.
const FIRST: i64 = -210_866_803_200_000_000;

fn boundaries() -> Vec<(SqlType, Vec<Value>)> {
    let text = |it: &str| Value::Text(it.to_owned());
    vec![
        (SqlType::Boolean, vec![Value::Bool(true), Value::Bool(false)]),
        (SqlType::SmallInt, [0, -1, i64::from(i16::MIN), i64::from(i16::MAX)].map(Value::Int).to_vec()),
        (SqlType::Integer, [0, -1, i64::from(i32::MIN), i64::from(i32::MAX)].map(Value::Int).to_vec()),
        (SqlType::BigInt, [0, -1, i64::MIN, i64::MAX].map(Value::Int).to_vec()),
        (
            SqlType::Float,
            [0.0, -0.0, 1.5, f64::from(f32::MIN), f64::from(f32::MAX), f64::from(f32::MIN_POSITIVE)]
                .map(Value::Real)
                .to_vec(),
        ),
        (SqlType::Double, [0.0, -0.0, 0.1, f64::MIN, f64::MAX, 5e-324].map(Value::Real).to_vec()),
        (
            SqlType::Text,
            vec![
                text(""),
                text("plain"),
                text("Grüße, 世界 🦀"),
                text("'\";--\\"),
                text(&"x".repeat(300_000)),
            ],
        ),
        (SqlType::Varchar(10), vec![text(""), text("ten chars!")]),
        (
            SqlType::Bytes,
            vec![Value::Blob(vec![]), Value::Blob((0..=255).collect()), Value::Blob(vec![0; 300_000])],
        ),
        (
            SqlType::Timestamp,
            [0, 1, -1, FIRST, i64::MAX - 1, 1_700_000_000_123_456].map(Value::Timestamp).to_vec(),
        ),
        (SqlType::Date, [0, 1, -1, -2_440_588, 2_145_042_541].map(Value::Date).to_vec()),
        (SqlType::Time, [0, 1, 86_399_999_999, 86_400_000_000].map(Value::Time).to_vec()),
        (
            SqlType::Uuid,
            vec![
                Value::Uuid([0; 16]),
                Value::Uuid([0xff; 16]),
                Value::Uuid(std::array::from_fn(|at| at as u8)),
            ],
        ),
    ]
}

#[tokio::test]
async fn every_type_goes_there_and_back_to_its_boundaries() {
    let Some(db) = Scratch::new("round_trip").await else { return };
    let mut conn = db.connect().await;
    for (shape, (ty, values)) in boundaries().into_iter().enumerate() {
        for value in values.into_iter().chain([Value::Null]) {
            let cells = [value.as_ref()];
            let statement = prepared(shape as u64, "SELECT $1", std::slice::from_ref(&ty), &cells);
            let got = run(&mut conn, None, &[statement], End::Open).await.unwrap().rows;
            // `-0.0 == 0.0`: compared as they print.
            assert_eq!(format!("{:?}", got[0].1[0]), format!("{value:?}"), "{ty:?}");
        }
    }
}

#[tokio::test]
async fn a_list_is_one_array_parameter() {
    let Some(db) = Scratch::new("lists").await else { return };
    let mut conn = db.connect().await;
    for (shape, (ty, mut values)) in boundaries().into_iter().enumerate() {
        values.push(Value::Null);
        let cells = [ValueRef::List(&values)];
        let types = [ty];
        let all = prepared(
            shape as u64,
            "SELECT v FROM unnest($1) WITH ORDINALITY x(v, o) ORDER BY o",
            &types,
            &cells,
        );
        let got: Vec<Value> = run(&mut conn, None, &[all], End::Open)
            .await
            .unwrap()
            .rows
            .into_iter()
            .map(|(_, mut row)| row.remove(0))
            .collect();
        assert_eq!(format!("{got:?}"), format!("{values:?}"), "{ty:?}");
    }
    let empty = [ValueRef::List(&[])];
    let none = prepared(100, "SELECT cardinality($1)", &[SqlType::Text], &empty);
    assert_eq!(run(&mut conn, None, &[none], End::Open).await.unwrap().rows[0].1, [Value::Int(0)]);
}

#[tokio::test]
async fn the_server_reads_instants_as_they_were_meant() {
    let Some(db) = Scratch::new("instants").await else { return };
    let mut conn = db.connect().await;
    let types = [SqlType::Timestamp, SqlType::Date, SqlType::Time, SqlType::Uuid];
    let values = [
        ValueRef::Timestamp(1_700_000_000_123_456),
        ValueRef::Date(19_675),
        ValueRef::Time(3_723_000_001),
        ValueRef::Uuid(*b"\x12\x3e\x45\x67\xe8\x9b\x12\xd3\xa4\x56\x42\x66\x14\x17\x40\x00"),
    ];
    let statement = prepared(
        1,
        "SELECT $1::text, $2::text, $3::text, $4::text, current_setting('TimeZone')",
        &types,
        &values,
    );
    let got = run(&mut conn, None, &[statement], End::Open).await.unwrap().rows;
    let expected = [
        "2023-11-14 22:13:20.123456+00",
        "2023-11-14",
        "01:02:03.000001",
        "123e4567-e89b-12d3-a456-426614174000",
        "UTC",
    ];
    assert_eq!(got[0].1, expected.map(|it| Value::Text(it.to_owned())));
}

#[tokio::test]
async fn types_that_the_driver_does_not_know_stay_on_the_wire() {
    struct Wire(Vec<u32>);
    impl aludel_engine::driver::RowSink for Wire {
        fn row(
            &mut self,
            _: usize,
            cells: &[ValueRef<'_>],
        ) -> aludel_sql::Result<aludel_engine::driver::Flow> {
            for cell in cells {
                let ValueRef::Wire { ty, bytes } = cell else { panic!("{cell:?}") };
                assert!(!bytes.is_empty());
                self.0.push(*ty);
            }
            Ok(aludel_engine::driver::Flow::More)
        }
    }
    let Some(db) = Scratch::new("wire").await else { return };
    let mut conn = db.connect().await;
    let statements = [Statement::plain("SELECT '1 day'::interval, '::1'::inet")];
    let mut sink = Wire(Vec::new());
    run_into(&mut conn, None, &statements, End::Open, &mut sink).await.unwrap();
    assert_eq!(sink.0, [1186, 869]);

    // And go back as what they are.
    let values = [ValueRef::Wire { ty: 1700, bytes: &[0, 1, 0, 0, 0, 0, 0, 0, 0, 42] }];
    let statement = prepared(1, "SELECT $1::text", &[SqlType::Text], &values);
    assert_eq!(
        run(&mut conn, None, &[statement], End::Open).await.unwrap().rows[0].1,
        [Value::Text("42".into())]
    );
}

#[tokio::test]
async fn texts_of_every_kind_are_text() {
    let Some(db) = Scratch::new("texts").await else { return };
    let mut conn = db.connect().await;
    let sql = "SELECT 'a'::text, 'a'::varchar(3), 'a'::char(3), 'a'::name, 'a'::\"char\", '{}'::json, '<a/>'::xml, 7::oid";
    let text = |it: &str| Value::Text(it.to_owned());
    assert_eq!(
        query(&mut conn, sql).await,
        [vec![
            text("a"),
            text("a"),
            text("a"),
            text("a"),
            text("a"),
            text("{}"),
            text("<a/>"),
            Value::Int(7)
        ]]
    );
}

#[tokio::test]
async fn an_infinite_timestamp_is_a_decode_error_and_the_connection_goes_on() {
    let Some(db) = Scratch::new("infinity").await else { return };
    let mut conn = db.connect().await;
    for sql in [
        "SELECT 1, 'infinity'::timestamptz AS at",
        "SELECT 1, '-infinity'::date AS at",
        "SELECT 1, '294276-12-31'::timestamp AS at",
    ] {
        let error = try_execute(&mut conn, sql).await.err().unwrap();
        assert_eq!((error.kind(), error.sql()), (ErrorKind::Decode, Some(sql)), "{error}");
        assert_eq!(error.column(), Some("at"), "{error}");
        assert_eq!(conn.status(), Status::Idle);
    }
}

#[tokio::test]
async fn rows_wider_than_the_stack_are_shown_too() {
    let Some(db) = Scratch::new("wide").await else { return };
    let mut conn = db.connect().await;
    for width in [31, 32, 33, 1_000] {
        let columns: Vec<String> = (0..width).map(|at| at.to_string()).collect();
        let rows =
            query(&mut conn, &format!("SELECT {} FROM generate_series(1, 3)", columns.join(", "))).await;
        let expected: Vec<Value> = (0..width).map(Value::Int).collect();
        assert_eq!(rows, [expected.clone(), expected.clone(), expected]);
    }
    assert_eq!(query(&mut conn, "SELECT FROM generate_series(1, 2)").await, [[], []] as [[Value; 0]; 2]);
}

#[tokio::test]
async fn a_value_that_cannot_be_sent_is_an_error_before_anything_is_sent() {
    let Some(db) = Scratch::new("unsendable").await else { return };
    let mut conn = db.connect().await;
    let types = [SqlType::Integer, SqlType::SmallInt];
    let values = [ValueRef::Int(1), ValueRef::Int(70_000)];
    let insert = prepared(1, "SELECT $1, $2", &types, &values);
    let error = run(&mut conn, Some(Default::default()), &[insert], End::Open).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Encode);
    assert!(error.what().starts_with("parameter 2: "), "{error}");
    assert!(!error.to_string().contains("70000"));
    assert_eq!(conn.status(), Status::Idle, "not even BEGIN was sent");
    let error = try_execute(&mut conn, "SELECT 1 -- \0").await.err().unwrap();
    assert_eq!((error.kind(), conn.status()), (ErrorKind::Encode, Status::Idle));
}

#[tokio::test]
async fn numbers_of_types_and_values_must_agree() {
    let Some(db) = Scratch::new("counts").await else { return };
    let mut conn = db.connect().await;
    let one = [ValueRef::Int(1)];
    let error = run(&mut conn, None, &[prepared(1, "SELECT $1", &[], &one)], End::Open).await.err().unwrap();
    assert!(error.what().contains("0 types for 1 values"), "{error}");
    // More placeholders than values is what the server says; the connection goes on.
    let error =
        run(&mut conn, None, &[prepared(2, "SELECT $1, $2::int", &[SqlType::BigInt], &one)], End::Open)
            .await
            .err()
            .unwrap();
    assert_eq!((error.kind(), conn.status()), (ErrorKind::Encode, Status::Idle));
    assert!(error.what().contains("has 2 placeholders, the number of values is 1"), "{error}");
    let error = run(&mut conn, None, &[prepared(3, "SELECT $1", &[SqlType::Text], &one)], End::Open)
        .await
        .err()
        .unwrap();
    assert!(error.what().contains("an integer cannot be bound as Text"), "{error}");
}

#[tokio::test]
async fn more_parameters_than_a_message_can_count_are_refused() {
    let Some(db) = Scratch::new("parameters").await else { return };
    let mut conn = db.connect().await;
    let sql = |n: usize| {
        format!(
            "SELECT count(*) FROM (VALUES {}) v",
            (1..=n).map(|at| format!("(${at})")).collect::<Vec<_>>().join(",")
        )
    };
    let values = vec![ValueRef::Int(1); 65_536];
    let types = vec![SqlType::Integer; 65_536];
    let most = sql(65_535);
    let statement =
        Statement { types: &types[1..], params: Params::One(&values[1..]), ..Statement::plain(&most) };
    assert_eq!(run(&mut conn, None, &[statement], End::Open).await.unwrap().rows[0].1, [Value::Int(65_535)]);
    let statement = Statement { types: &types, params: Params::One(&values), ..Statement::plain("SELECT 1") };
    let error = run(&mut conn, None, &[statement], End::Open).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Encode);
    assert!(error.what().contains("65536, PostgreSQL takes at most 65535"), "{error}");
    assert_eq!(conn.status(), Status::Idle);
}
