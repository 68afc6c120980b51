//! tokio-postgres reads the same rows: both must see the same values.

use aludel_engine::driver::{End, Statement};
use aludel_sql::{SqlType, Value, ValueRef};
use tokio_postgres::NoTls;

use super::support::{Scratch, execute, prepared, run, transact};

#[tokio::test]
async fn random_values_are_read_as_tokio_postgres_reads_them() {
    let Some(db) = Scratch::new("oracle").await else { return };
    let mut conn = db.connect().await;
    execute(
        &mut conn,
        "CREATE TABLE t (id bigint PRIMARY KEY, b bool, s smallint, i int, l bigint, f real, d float8, x text, y bytea)",
    )
    .await;
    let types = [
        SqlType::BigInt,
        SqlType::Boolean,
        SqlType::SmallInt,
        SqlType::Integer,
        SqlType::BigInt,
        SqlType::Float,
        SqlType::Double,
        SqlType::Text,
        SqlType::Bytes,
    ];
    let mut seed = 0x853c_49e6_748f_ea9b_u64;
    let mut random = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    let count = if aludel_testing::long() { 20_000 } else { 1_000 };
    let rows: Vec<Vec<Value>> = (0..count)
        .map(|id| {
            let mut row = vec![
                Value::Int(id),
                Value::Bool(random() & 1 == 0),
                Value::Int(i64::from(random() as i16)),
                Value::Int(i64::from(random() as i32)),
                Value::Int(random() as i64),
                Value::Real(f64::from(f32::from_bits(random() as u32))),
                Value::Real(f64::from_bits(random())),
                Value::Text(
                    (0..random() % 40)
                        .filter_map(|_| char::from_u32(1 + random() as u32 % 0x11_0000))
                        .collect(),
                ),
                Value::Blob((0..random() % 40).map(|_| random() as u8).collect()),
            ];
            for cell in &mut row[1..] {
                if matches!(cell, Value::Real(it) if !it.is_finite()) || random().is_multiple_of(10) {
                    *cell = Value::Null;
                }
            }
            row
        })
        .collect();
    let cells: Vec<Vec<ValueRef<'_>>> =
        rows.iter().map(|row| row.iter().map(Value::as_ref).collect()).collect();
    let insert = "INSERT INTO t VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let statements: Vec<Statement<'_>> = cells.iter().map(|row| prepared(1, insert, &types, row)).collect();
    transact(&mut conn, &statements).await.unwrap();
    let ours: Vec<Vec<Value>> =
        run(&mut conn, None, &[prepared(2, "SELECT * FROM t ORDER BY id", &[], &[])], End::Open)
            .await
            .unwrap()
            .rows
            .into_iter()
            .map(|(_, row)| row)
            .collect();

    let url = db.url();
    let mut config = tokio_postgres::Config::new();
    config
        .host(url.host().unwrap_or("localhost"))
        .port(url.port().unwrap_or(5432))
        .user(url.user().unwrap())
        .dbname(url.database().unwrap());
    if let Some(password) = url.password() {
        config.password(password);
    }
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    let theirs: Vec<Vec<Value>> = client
        .query("SELECT * FROM t ORDER BY id", &[])
        .await
        .unwrap()
        .iter()
        .map(|row| {
            let or_null = |it: Option<Value>| it.unwrap_or(Value::Null);
            vec![
                Value::Int(row.get(0)),
                or_null(row.get::<_, Option<bool>>(1).map(Value::Bool)),
                or_null(row.get::<_, Option<i16>>(2).map(|it| Value::Int(it.into()))),
                or_null(row.get::<_, Option<i32>>(3).map(|it| Value::Int(it.into()))),
                or_null(row.get::<_, Option<i64>>(4).map(Value::Int)),
                or_null(row.get::<_, Option<f32>>(5).map(|it| Value::Real(it.into()))),
                or_null(row.get::<_, Option<f64>>(6).map(Value::Real)),
                or_null(row.get::<_, Option<String>>(7).map(Value::Text)),
                or_null(row.get::<_, Option<Vec<u8>>>(8).map(Value::Blob)),
            ]
        })
        .collect();
    assert_eq!(ours.len(), rows.len());
    for (at, row) in rows.iter().enumerate() {
        // As text, because -0.0 == 0.0.
        assert_eq!(format!("{:?}", ours[at]), format!("{row:?}"));
        assert_eq!(format!("{:?}", theirs[at]), format!("{row:?}"));
    }
}
