//! Values go there and come back.

use aludel_engine::ErrorKind;
use aludel_engine::driver::{End, Params, RowBinding, Statement};
use aludel_sql::{Bind, Value, ValueRef};

use super::support::*;

/// Each column of a table, the values to store, and the cell that comes back.
const ALL: &str = "CREATE TABLE v (id INT PRIMARY KEY, b BOOLEAN, t TINYINT UNSIGNED, s SMALLINT, m MEDIUMINT, i INT ZEROFILL, \
                   l BIGINT, u BIGINT UNSIGNED, y YEAR, f FLOAT, d DOUBLE, n DECIMAL(20,0), p DECIMAL(10,2), bits BIT(12), \
                   c CHAR(5), vc VARCHAR(100), x LONGTEXT, e ENUM('a','é'), st SET('x','y'), j JSON, uu UUID, \
                   bi BINARY(4), vb VARBINARY(300), bl LONGBLOB, ts DATETIME(6), st0 TIMESTAMP NULL, da DATE, ti TIME(6))";

const COLUMNS: &str =
    "b, t, s, m, i, l, u, y, f, d, n, p, bits, c, vc, x, e, st, j, uu, bi, vb, bl, ts, st0, da, ti";

fn sent() -> Vec<ValueRef<'static>> {
    vec![
        ValueRef::Bool(true),
        ValueRef::Int(255),
        ValueRef::Int(-32_768),
        ValueRef::Int(-8_388_608),
        ValueRef::Int(42),
        ValueRef::Int(i64::MIN),
        ValueRef::Int(i64::MAX),
        ValueRef::Int(2_026),
        ValueRef::Real(0.5),
        ValueRef::Real(0.1 + 0.2),
        ValueRef::Decimal("-9223372036854775808"),
        ValueRef::Decimal("-12.50"),
        ValueRef::Int(0xABC),
        ValueRef::Text("ab"),
        ValueRef::Text("'; DROP TABLE v; -- \\ \" ` ? :name"),
        ValueRef::Text("é, ß, 😀, \u{202e}"),
        ValueRef::Text("é"),
        ValueRef::Text("x,y"),
        ValueRef::Text("{\"a\": [1, \"é\"]}"),
        ValueRef::Uuid([0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0x4d, 0xef, 0x80, 1, 2, 3, 4, 5, 6, 7]),
        ValueRef::Blob(&[0, 255, 0, 39]),
        ValueRef::Blob(BYTES.as_slice()),
        ValueRef::Blob(b""),
        ValueRef::Timestamp(-1),
        ValueRef::Timestamp(1_700_000_000_000_000),
        ValueRef::Date(19_782),
        ValueRef::Time(86_399_999_999),
    ]
}

const BYTES: [u8; 256] = {
    let mut bytes = [0; 256];
    let mut at = 0;
    while at < 256 {
        bytes[at] = at as u8;
        at += 1;
    }
    bytes
};

/// What comes back: integers for booleans, text for UUIDs.
fn received() -> Vec<Value> {
    sent()
        .into_iter()
        .map(|value| match value {
            ValueRef::Bool(it) => Value::Int(i64::from(it)),
            ValueRef::Uuid(_) => text("12345678-9abc-4def-8001-020304050607"),
            other => other.to_value(),
        })
        .collect()
}

#[tokio::test]
async fn every_kind_of_value_goes_there_and_back() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.with(&[ALL]).await;
    let places = vec!["?"; 27].join(", ");
    let sql = format!("INSERT INTO v (id, {COLUMNS}) VALUES (1, {places})");
    query(&mut conn, &sql, &sent()).await.unwrap();
    let back = query(&mut conn, &format!("SELECT {COLUMNS} FROM v"), &[]).await.unwrap();
    let names: Vec<_> = COLUMNS.split(", ").collect();
    for ((name, found), expected) in names.iter().zip(&back[0]).zip(received()) {
        assert_eq!(*found, expected, "{name}");
    }
}

#[tokio::test]
async fn a_text_result_has_the_same_cells_as_a_prepared_one() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.with(&[ALL]).await;
    let places = vec!["?"; 27].join(", ");
    query(&mut conn, &format!("INSERT INTO v (id, {COLUMNS}) VALUES (1, {places})"), &sent()).await.unwrap();
    plain(&mut conn, "INSERT INTO v (id) VALUES (2)").await.unwrap();
    let select = format!(
        "SELECT {COLUMNS}, CAST('-25:00:00.5' AS TIME(2)), CAST('838:59:59' AS TIME), CAST('-00:00:01' AS TIME(6)), \
         (SELECT sum(id) FROM v), (SELECT avg(id) FROM v), (SELECT count(*) FROM v), NULL, now(6) > '2020-01-01', x'00ff', 1.50, 1e300, ST_GeomFromText('POINT(1 2)') \
         FROM v ORDER BY id"
    );
    let prepared = query(&mut conn, &select, &[]).await.unwrap();
    // EXECUTE is sent as text, and so its result is text.
    let immediate = format!("EXECUTE IMMEDIATE '{}'", select.replace('\'', "''"));
    let textual = plain(&mut conn, &immediate).await.unwrap();
    assert_eq!(textual.rows, prepared);
    assert_eq!(textual.names[0], "b");
    assert_eq!(prepared.len(), 2);
    assert_eq!(prepared[0][27..30], [text("-25:00:00.50"), text("838:59:59"), text("-00:00:01.000000")]);
    assert_eq!(prepared[1][..27], vec![Value::Null; 27]);
}

#[tokio::test]
async fn bytes_are_compared_as_bytes_and_empty_is_not_null() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.with(&["CREATE TABLE t (a VARBINARY(300), b VARCHAR(10))"]).await;
    query(&mut conn, "INSERT INTO t VALUES (?, ?)", &[ValueRef::Blob(&BYTES), ValueRef::Text("")])
        .await
        .unwrap();
    let found =
        query(&mut conn, "SELECT count(*), b FROM t WHERE a = ? GROUP BY b", &[ValueRef::Blob(&BYTES)]).await;
    assert_eq!(found.unwrap(), [[Value::Int(1), text("")]]);
}

#[tokio::test]
async fn doubles_keep_every_bit_also_through_json() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.with(&["CREATE TABLE t (id INT PRIMARY KEY, d DOUBLE)"]).await;
    let mut numbers = vec![
        0.0,
        1.0,
        -1.0,
        0.1,
        1.0 / 3.0,
        f64::MAX,
        f64::MIN,
        f64::MIN_POSITIVE,
        5e-324,
        1e22,
        123_456_789.123_456_79,
    ];
    let mut seed = 88_172_645_463_325_252_u64;
    for _ in 0..500 {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let number = f64::from_bits(seed);
        if number.is_finite() {
            numbers.push(number);
        }
    }
    let cell =
        |row: usize, column: usize| if column == 0 { int(row) } else { Bind::Own(Value::Real(numbers[row])) };
    let sql = "INSERT INTO t SELECT id, d FROM JSON_TABLE(?, '$[*]' COLUMNS (id INT PATH '$[0]', d DOUBLE PATH '$[1]')) v";
    batch(&mut conn, None, &[rows(sql, RowBinding::Json, (numbers.len(), 2), &cell)], End::Open)
        .await
        .unwrap();
    let back = query(&mut conn, "SELECT d FROM t ORDER BY id", &[]).await.unwrap();
    for (row, number) in back.iter().zip(&numbers) {
        assert_eq!(row[0], Value::Real(*number));
    }
    for number in &numbers {
        assert_eq!(
            query(&mut conn, "SELECT ?", &[ValueRef::Real(*number)]).await.unwrap(),
            [[Value::Real(*number)]]
        );
    }
}

#[tokio::test]
async fn json_rows_carry_every_kind_of_value() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db
        .with(&["CREATE TABLE t (i BIGINT, x LONGTEXT, b LONGBLOB, ts DATETIME(6), d DATE, ti TIME(6), u UUID, bo BOOLEAN)"])
        .await;
    let values = [
        [
            ValueRef::Int(i64::MIN),
            ValueRef::Text("é \"\\ \n\t 😀 '"),
            ValueRef::Blob(&BYTES),
            ValueRef::Timestamp(-1),
            ValueRef::Date(-1),
            ValueRef::Time(1),
            ValueRef::Uuid([0xAB; 16]),
            ValueRef::Bool(true),
        ],
        [ValueRef::Null; 8],
    ];
    let cell = |row: usize, column: usize| Bind::Own(values[row][column].to_value());
    let sql = "INSERT INTO t SELECT i, x, unhex(b), ts, d, ti, u, bo FROM JSON_TABLE(?, '$[*]' COLUMNS (o FOR ORDINALITY, \
               i BIGINT PATH '$[0]', x LONGTEXT PATH '$[1]', b LONGTEXT PATH '$[2]', ts DATETIME(6) PATH '$[3]', \
               d DATE PATH '$[4]', ti TIME(6) PATH '$[5]', u CHAR(36) PATH '$[6]', bo BOOLEAN PATH '$[7]')) v ORDER BY o";
    batch(&mut conn, None, &[rows(sql, RowBinding::Json, (2, 8), &cell)], End::Open).await.unwrap();
    let back = query(&mut conn, "SELECT * FROM t ORDER BY i IS NULL", &[]).await.unwrap();
    let mut expected: Vec<_> = values[0].iter().map(|it| it.to_value()).collect();
    expected[6] = text("abababab-abab-abab-abab-abababababab");
    expected[7] = Value::Int(1);
    assert_eq!(back, [expected, vec![Value::Null; 8]]);
}

#[tokio::test]
async fn an_unsigned_integer_beyond_63_bits_is_an_error_that_names_the_column() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db
        .with(&["CREATE TABLE t (big BIGINT UNSIGNED)", "INSERT INTO t VALUES (18446744073709551615)"])
        .await;
    let error = query(&mut conn, "SELECT big FROM t", &[]).await.unwrap_err();
    assert_eq!((error.kind(), error.column()), (ErrorKind::Decode, Some("big")));
    assert!(!error.to_string().contains("18446744073709551615"), "{error}");
    assert_clean(&mut conn).await;
    assert_eq!(one(&mut conn, "SELECT sum(big) FROM t").await, Value::Decimal("18446744073709551615".into()));
}

#[tokio::test]
async fn a_date_that_is_on_no_calendar_is_an_error_and_no_guess() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.with(&["SET sql_mode = 'ALLOW_INVALID_DATES'", "CREATE TABLE t (d DATE, n INT)"]).await;
    for day in ["0000-00-00", "2024-00-10", "2024-02-31"] {
        plain(&mut conn, "TRUNCATE t").await.unwrap();
        query(&mut conn, "INSERT INTO t VALUES (?, 1)", &[ValueRef::Text(day)]).await.unwrap();
        let error = query(&mut conn, "SELECT n, d FROM t", &[]).await.unwrap_err();
        assert_eq!((error.kind(), error.column()), (ErrorKind::Decode, Some("d")), "{day}");
        let error = plain(&mut conn, "EXECUTE IMMEDIATE 'SELECT n, d FROM t'").await.err().unwrap();
        assert_eq!((error.kind(), error.column()), (ErrorKind::Decode, Some("d")), "{day}");
    }
    assert_clean(&mut conn).await;
}

#[tokio::test]
async fn what_the_server_cannot_hold_is_refused_and_the_connection_stays() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.connect().await;
    for value in [ValueRef::Real(f64::NAN), ValueRef::Real(f64::INFINITY), ValueRef::Date(i32::MIN)] {
        let error = query(&mut conn, "SELECT ?", &[value]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Encode);
    }
    let cell = |_: usize, _: usize| int(1);
    let arrays = rows("SELECT ?", RowBinding::Arrays { counted: false }, (1, 1), &cell);
    assert_eq!(
        batch(&mut conn, None, &[arrays], End::Open).await.err().unwrap().kind(),
        ErrorKind::Unsupported
    );
    assert_clean(&mut conn).await;
}

#[tokio::test]
async fn too_many_parameters_are_refused_before_sending() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.connect().await;
    let sql = |count: usize| format!("SELECT {}", vec!["?"; count].join("+"));
    let values = vec![ValueRef::Null; 65_536];
    let error = query(&mut conn, &sql(65_536), &values).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Encode);
    assert!(error.to_string().contains("65535") && error.to_string().contains("65536"), "{error}");
    let cell = |_: usize, _: usize| int(1);
    let flat = rows("INSERT INTO t VALUES …", RowBinding::Values, (32_768, 2), &cell);
    assert_eq!(batch(&mut conn, None, &[flat], End::Open).await.err().unwrap().kind(), ErrorKind::Encode);
    assert_clean(&mut conn).await;
    // The most that is allowed does run.
    let sql = format!("SELECT 1 FROM (SELECT 1 AS a) q WHERE a IN ({})", vec!["?"; 65_535].join(","));
    assert_eq!(query(&mut conn, &sql, &vec![ValueRef::Int(1); 65_535]).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_number_of_values_that_does_not_fit_the_text_is_an_error_and_the_connection_stays() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.connect().await;
    let error = query(&mut conn, "SELECT ?, ?", &[ValueRef::Int(1)]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Encode);
    assert!(error.to_string().contains("2 parameters and was given 1"), "{error}");
    assert_clean(&mut conn).await;
}

#[tokio::test]
async fn more_than_max_allowed_packet_is_refused_and_the_setting_named() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.with(&["CREATE TABLE t (a LONGBLOB, b LONGBLOB)"]).await;
    let Value::Int(limit) = one(&mut conn, "SELECT @@max_allowed_packet").await else { panic!() };
    let long = vec![7; limit as usize + 1];
    let insert = "INSERT INTO t VALUES (?, ?)";
    let error = query(&mut conn, insert, &[ValueRef::Blob(&long), ValueRef::Null]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Encode);
    assert!(error.to_string().contains("`max_allowed_packet`"), "{error}");
    assert_clean(&mut conn).await;
    // Whatever passes the check, the server takes.
    for length in [limit as usize - 100, limit as usize - 8] {
        let just = &long[..length];
        match query(&mut conn, insert, &[ValueRef::Blob(just), ValueRef::Null]).await {
            Ok(_) => {}
            Err(error) => assert_eq!(error.kind(), ErrorKind::Encode, "{length}: {error}"),
        }
        assert_clean(&mut conn).await;
    }
    // Two values that are too long only together.
    let half = &long[..limit as usize * 6 / 10];
    if 2 * half.len() > 16 << 20 {
        query(&mut conn, insert, &[ValueRef::Blob(half), ValueRef::Blob(half)]).await.unwrap();
        let sum = one(&mut conn, "SELECT sum(length(b)) FROM t").await;
        assert_eq!(sum, Value::Decimal(half.len().to_string()));
    }
}

#[tokio::test]
async fn a_colon_is_no_parameter() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.connect().await;
    let found =
        query(&mut conn, "SELECT ':name', \"it's :x\", ? /* :y */", &[ValueRef::Int(1)]).await.unwrap();
    assert_eq!(found, [[text(":name"), text("it's :x"), Value::Int(1)]]);
    // The wire's client would take the backslash for an escape and change the text after it.
    let error = query(&mut conn, r"SELECT '\', ':name'", &[]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_clean(&mut conn).await;
}

#[tokio::test]
async fn lists_are_json_texts() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.connect().await;
    let list = [Value::Int(3), text("a\"b"), Value::Null];
    let found = query(&mut conn, "SELECT json_value(?, '$[1]')", &[ValueRef::List(&list)]).await.unwrap();
    assert_eq!(found, [[text("a\"b")]]);
}

#[tokio::test]
async fn names_of_columns_are_told_before_the_rows() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.connect().await;
    let statement =
        Statement { params: Params::One(&[]), ..prepared(1, "SELECT 1 AS `é a`, 2 AS b WHERE FALSE", &[]) };
    let keep = batch(&mut conn, None, &[statement], End::Open).await.unwrap();
    assert_eq!((keep.names, keep.rows.len()), (vec!["é a".to_owned(), "b".to_owned()], 0));
}
