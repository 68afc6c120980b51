//! Values, there and back.

use aludel_engine::driver::{End, Status};
use aludel_sql::{ErrorKind, Value, ValueRef};

use crate::support::{Seen, batch, exec, fails, int, memory, one, run, run_batch, shaped, text, with};

#[tokio::test]
async fn values_of_every_kind_come_back() {
    let mut conn = memory().connect().await.unwrap();
    let uuid = [0x0f, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xf0];
    let long = "ü".repeat(100_000);
    let list = [Value::Int(7), Value::Text("a\"b".to_owned()), Value::Null];
    let cases: Vec<(ValueRef<'_>, Value)> = vec![
        (ValueRef::Null, Value::Null),
        (ValueRef::Bool(true), int(1)),
        (ValueRef::Bool(false), int(0)),
        (ValueRef::Int(i64::MIN), int(i64::MIN)),
        (ValueRef::Int(i64::MAX), int(i64::MAX)),
        (ValueRef::Real(-0.1), Value::Real(-0.1)),
        (ValueRef::Real(f64::MAX), Value::Real(f64::MAX)),
        (ValueRef::Real(5e-324), Value::Real(5e-324)),
        (ValueRef::Text(""), text("")),
        (ValueRef::Text("grüße 🙂 'quoted' \"too\""), text("grüße 🙂 'quoted' \"too\"")),
        (ValueRef::Text(&long), text(&long)),
        (ValueRef::Blob(&[]), Value::Blob(vec![])),
        (ValueRef::Blob(&[0, 255, 0]), Value::Blob(vec![0, 255, 0])),
        (ValueRef::Timestamp(1_700_000_000_123_456), text("2023-11-14 22:13:20.123456")),
        (ValueRef::Date(-1), text("1969-12-31")),
        (ValueRef::Time(3_661_000_001), text("01:01:01.000001")),
        (ValueRef::Uuid(uuid), text("0f010203-0405-0607-0809-0a0b0c0d0ef0")),
        (ValueRef::List(&list), text("[7,\"a\\\"b\",null]")),
    ];
    for (sent, expected) in cases {
        // Once cached and once not, by reading and through a table.
        for statement in [with("SELECT ?1", &[sent]), shaped(1, "SELECT ?1", &[sent])] {
            assert_eq!(run(&mut conn, statement).await.unwrap().rows, [[expected.clone()]]);
        }
        exec(&mut conn, "DROP TABLE IF EXISTS t; CREATE TABLE t (v)").await;
        run(&mut conn, with("INSERT INTO t VALUES (?1)", &[sent])).await.unwrap();
        assert_eq!(one(&mut conn, "SELECT v FROM t").await, expected);
    }
    let elements =
        run(&mut conn, with("SELECT value FROM json_each(?1)", &[ValueRef::List(&list)])).await.unwrap();
    assert_eq!(elements.rows, [[int(7)], [text("a\"b")], [Value::Null]]);
}

#[tokio::test]
async fn what_sqlite_would_change_in_silence_is_refused_before_it_is_sent() {
    let mut conn = memory().connect().await.unwrap();
    for (value, word) in [
        (ValueRef::Real(f64::NAN), "finite"),
        (ValueRef::Real(f64::INFINITY), "finite"),
        (ValueRef::Text("a\0b"), "NUL"),
        (ValueRef::List(&[Value::Blob(vec![1])]), "bytes"),
        (ValueRef::Wire { ty: 1, bytes: &[1] }, "undecoded"),
    ] {
        let error = run(&mut conn, with("SELECT ?1", &[value])).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Encode);
        assert!(error.to_string().contains(word), "{error}");
        assert_eq!(error.sql(), Some("SELECT ?1"));
        assert_eq!(conn.status(), Status::Idle);
    }
}

#[tokio::test]
async fn text_that_is_not_utf8_is_a_decode_error_that_names_the_column() {
    let mut conn = memory().connect().await.unwrap();
    for sql in
        ["SELECT 1, CAST(x'ff' AS TEXT) AS broken", "SELECT 1, CAST(x'ff' AS TEXT) AS broken ORDER BY 2"]
    {
        let error = fails(&mut conn, sql).await;
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert_eq!(error.column(), Some("broken"));
        assert!(error.to_string().contains("column 1"), "{error}");
    }
    assert_eq!(one(&mut conn, "SELECT CAST(x'ff' AS BLOB)").await, Value::Blob(vec![255]));
    assert_eq!(conn.status(), Status::Idle);
}

#[tokio::test]
async fn the_number_of_values_must_be_that_of_the_parameters() {
    let mut conn = memory().connect().await.unwrap();
    let few = run(&mut conn, shaped(1, "SELECT ?1, ?2", &[ValueRef::Int(1)])).await.err().unwrap();
    assert_eq!(few.kind(), ErrorKind::Encode);
    assert!(few.to_string().contains("2 parameters, 1 values"), "{few}");
    let three = [ValueRef::Int(1), ValueRef::Int(2), ValueRef::Int(3)];
    let many = run(&mut conn, shaped(1, "SELECT ?1, ?2", &three)).await.err().unwrap();
    assert!(many.to_string().contains("2 parameters, more values"), "{many}");
    // The values of an earlier run must not stand in for missing ones.
    run(&mut conn, shaped(1, "SELECT ?1, ?2", &three[..2])).await.unwrap();
    assert!(run(&mut conn, shaped(1, "SELECT ?1, ?2", &three[..1])).await.is_err());
    exec(&mut conn, "CREATE TABLE t (a, b)").await;
    assert!(run(&mut conn, shaped(2, "INSERT INTO t VALUES (?1, ?2)", &three[..1])).await.is_err());
    assert_eq!(conn.status(), Status::Idle);
}

#[tokio::test]
async fn columns_are_told_to_a_sink_that_wants_them_even_without_rows() {
    let mut conn = memory().connect().await.unwrap();
    exec(&mut conn, "CREATE TABLE t (id INTEGER PRIMARY KEY, \"größe\" TEXT)").await;
    for (sql, rows) in [
        ("SELECT id, \"größe\" FROM t", 0),
        ("INSERT INTO t VALUES (1, 'a') RETURNING id, \"größe\"", 1),
        ("SELECT id, \"größe\" FROM t", 1),
    ] {
        let mut seen = Seen { columns: Some(vec![]), ..Seen::default() };
        run_batch(
            &mut conn,
            &batch(None, &[shaped(u64::from(sql.len() as u32), sql, &[])], End::Open),
            &mut seen,
        )
        .await
        .unwrap();
        assert_eq!(seen.columns.unwrap(), ["id", "größe"]);
        assert_eq!(seen.rows.len(), rows);
    }
}

#[tokio::test]
async fn a_cached_statement_follows_a_change_of_the_schema() {
    let driver = memory();
    let (mut a, mut b) = (driver.connect().await.unwrap(), driver.connect().await.unwrap());
    exec(&mut a, "CREATE TABLE t (id INTEGER); INSERT INTO t VALUES (1)").await;
    assert_eq!(run(&mut a, shaped(1, "SELECT * FROM t", &[])).await.unwrap().rows, [[int(1)]]);
    exec(&mut b, "ALTER TABLE t ADD COLUMN name TEXT DEFAULT 'x'").await;
    assert_eq!(run(&mut a, shaped(1, "SELECT * FROM t", &[])).await.unwrap().rows, [[int(1), text("x")]]);
}
