//! Prepared statements: kept, evicted, found stale.

use aludel_engine::driver::{Begin, End, RawConn, Statement, Status};
use aludel_sql::{ErrorKind, SqlType, Value, ValueRef};

use super::support::{Scratch, execute, number, prepared, run, transact};

const PREPARED: &str = "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 's%'";

#[tokio::test]
async fn a_statement_is_prepared_once() {
    let Some(db) = Scratch::new("once").await else { return };
    let mut conn = db.connect().await;
    for n in 0..5 {
        let values = [ValueRef::Int(n)];
        let got =
            run(&mut conn, None, &[prepared(1, "SELECT $1 + 1", &[SqlType::BigInt], &values)], End::Open)
                .await
                .unwrap();
        assert_eq!(got.rows[0].1, [Value::Int(n + 1)]);
    }
    assert_eq!(number(&mut conn, PREPARED).await, 1);
}

#[tokio::test]
async fn the_cache_keeps_no_more_than_it_may() {
    let Some(db) = Scratch::new("evict").await else { return };
    let mut conn = db.connect_with("statement_cache=3").await;
    let texts: Vec<String> = (0..20).map(|n| format!("SELECT {n}")).collect();
    for round in 0..2 {
        for (n, text) in texts.iter().enumerate() {
            let got = run(&mut conn, None, &[prepared(n as u64, text, &[], &[])], End::Open).await.unwrap();
            assert_eq!(got.rows[0].1, [Value::Int(n as i64)], "round {round}");
        }
    }
    assert_eq!(number(&mut conn, PREPARED).await, 3);
    // A batch of more shapes than the cache holds works, and the next ones evict what is too much.
    let statements: Vec<Statement<'_>> =
        texts.iter().enumerate().map(|(n, text)| prepared(n as u64, text, &[], &[])).collect();
    let got = transact(&mut conn, &statements).await.unwrap();
    assert!(got.rows.iter().enumerate().all(|(n, (at, row))| *at == n && row[..] == [Value::Int(n as i64)]));
    run(&mut conn, None, &[prepared(99, "SELECT 99", &[], &[])], End::Open).await.unwrap();
    assert_eq!(number(&mut conn, PREPARED).await, 3);
}

#[tokio::test]
async fn a_cache_of_nothing_prepares_nothing() {
    let Some(db) = Scratch::new("no_cache").await else { return };
    let mut conn = db.connect_with("statement_cache=0").await;
    execute(&mut conn, "CREATE TABLE t (id int)").await;
    let values = [ValueRef::Int(1)];
    let insert = prepared(1, "INSERT INTO t VALUES ($1)", &[SqlType::Integer], &values);
    for _ in 0..2 {
        transact(&mut conn, &[insert, insert]).await.unwrap();
        run(&mut conn, Some(Begin::default()), &[insert], End::Rollback).await.unwrap();
    }
    assert_eq!(number(&mut conn, "SELECT count(*) FROM t").await, 4);
    assert_eq!(number(&mut conn, "SELECT count(*) FROM pg_prepared_statements").await, 0);
}

#[tokio::test]
async fn a_plan_that_an_alter_table_made_stale_is_prepared_again_unseen() {
    let Some(db) = Scratch::new("stale_plan").await else { return };
    let (mut conn, mut other) = (db.connect().await, db.connect().await);
    execute(&mut conn, "CREATE TABLE t (id int)").await;
    execute(&mut conn, "INSERT INTO t VALUES (1)").await;
    let select = prepared(1, "SELECT * FROM t", &[], &[]);
    let types = ["bigint", "text", "smallint"];
    assert_eq!(run(&mut conn, None, &[select], End::Open).await.unwrap().rows[0].1, [Value::Int(1)]);
    for (round, ty) in types.into_iter().enumerate() {
        execute(&mut other, &format!("ALTER TABLE t ALTER COLUMN id TYPE {ty} USING id::{ty}")).await;
        let expected = if ty == "text" { Value::Text("1".into()) } else { Value::Int(1) };
        // Outside of a transaction, and as the first statement of one.
        let got = match round {
            0 => run(&mut conn, None, &[select], End::Open).await,
            _ => transact(&mut conn, &[select]).await,
        };
        assert_eq!(got.unwrap().rows, [(0, vec![expected])]);
        assert_eq!(conn.status(), Status::Idle);
    }
}

#[tokio::test]
async fn a_stale_plan_inside_a_transaction_is_an_error_and_forgotten() {
    let Some(db) = Scratch::new("stale_in_tx").await else { return };
    let (mut conn, mut other) = (db.connect().await, db.connect().await);
    execute(&mut conn, "CREATE TABLE t (id int)").await;
    let select = prepared(1, "SELECT * FROM t", &[], &[]);
    run(&mut conn, None, &[select], End::Open).await.unwrap();
    execute(&mut other, "ALTER TABLE t ADD COLUMN name text").await;
    run(&mut conn, Some(Begin::default()), &[Statement::plain("INSERT INTO t VALUES (1)")], End::Open)
        .await
        .unwrap();
    let error = run(&mut conn, None, &[select], End::Open).await.err().unwrap();
    assert_eq!((error.code(), conn.status()), (Some("0A000"), Status::Failed));
    assert!(error.advice().unwrap().contains("run the transaction again"), "{error}");
    run(&mut conn, None, &[], End::Rollback).await.unwrap();
    assert_eq!(run(&mut conn, None, &[select], End::Open).await.unwrap().columns[0].1, ["id", "name"]);
}

#[tokio::test]
async fn statements_that_somebody_dropped_are_prepared_again() {
    let Some(db) = Scratch::new("dropped").await else { return };
    let mut conn = db.connect().await;
    let select = prepared(1, "SELECT 7", &[], &[]);
    transact(&mut conn, &[select]).await.unwrap();
    execute(&mut conn, "DEALLOCATE ALL").await;
    transact(&mut conn, &[select]).await.unwrap();
    execute(&mut conn, "DISCARD ALL").await;
    transact(&mut conn, &[select]).await.unwrap();
    // Behind our back: nobody sees a command tag.
    execute(&mut conn, "DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$").await;
    assert_eq!(transact(&mut conn, &[select]).await.unwrap().rows, [(0, vec![Value::Int(7)])]);
    assert_eq!(conn.status(), Status::Idle);
    // And where COMMIT itself is gone, the transaction is lost, said so, and the connection works.
    run(
        &mut conn,
        Some(Begin::default()),
        &[Statement::plain("DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$")],
        End::Open,
    )
    .await
    .unwrap();
    assert_eq!(run(&mut conn, None, &[], End::Commit).await.err().unwrap().code(), Some("26000"));
    assert_eq!(conn.status(), Status::Idle);
    assert_eq!(transact(&mut conn, &[select]).await.unwrap().rows, [(0, vec![Value::Int(7)])]);
}

#[tokio::test]
async fn a_shape_with_other_types_is_prepared_again() {
    let Some(db) = Scratch::new("other_types").await else { return };
    let mut conn = db.connect().await;
    let (one, list, null) = ([ValueRef::Int(1)], [Value::Int(1), Value::Int(2)], [ValueRef::Null]);
    let many = [ValueRef::List(&list)];
    let sql = "SELECT pg_typeof($1)::text";
    let types = [SqlType::BigInt];
    let all = [
        prepared(1, sql, &types, &one),
        prepared(1, sql, &types, &many),
        prepared(1, sql, &types, &null),
        prepared(1, sql, &types, &one),
    ];
    let got = run(&mut conn, None, &all, End::Open).await.unwrap().rows;
    let types: Vec<Value> = got.into_iter().map(|(_, mut row)| row.remove(0)).collect();
    // A NULL takes the type that the statement has.
    assert_eq!(types, ["bigint", "bigint[]", "bigint[]", "bigint"].map(|it| Value::Text(it.into())));
    run(&mut conn, None, &[prepared(2, "SELECT 2", &[], &[])], End::Open).await.unwrap();
    assert_eq!(number(&mut conn, PREPARED).await, 2);
}

#[tokio::test]
async fn a_statement_that_does_not_parse_is_not_kept() {
    let Some(db) = Scratch::new("no_parse").await else { return };
    let mut conn = db.connect().await;
    let bad = prepared(1, "SELECT * FROM nowhere", &[], &[]);
    for _ in 0..2 {
        let error =
            run(&mut conn, None, &[prepared(2, "SELECT 2", &[], &[]), bad], End::Open).await.err().unwrap();
        assert_eq!(
            (error.kind(), error.code(), error.sql()),
            (ErrorKind::Database, Some("42P01"), Some("SELECT * FROM nowhere"))
        );
    }
    execute(&mut conn, "CREATE TABLE nowhere (id int)").await;
    assert!(run(&mut conn, None, &[bad], End::Open).await.unwrap().rows.is_empty());
}

#[tokio::test]
async fn a_wrong_number_of_values_is_the_same_error_each_time() {
    let Some(db) = Scratch::new("values").await else { return };
    let mut conn = db.connect().await;
    for _ in 0..3 {
        let error = run(&mut conn, None, &[prepared(1, "SELECT $1::bigint", &[], &[])], End::Open)
            .await
            .err()
            .unwrap();
        assert_eq!((error.kind(), conn.status()), (ErrorKind::Encode, Status::Idle), "{error}");
    }
    let values = [ValueRef::Int(7)];
    let right = prepared(1, "SELECT $1::bigint", &[SqlType::BigInt], &values);
    assert_eq!(run(&mut conn, None, &[right], End::Open).await.unwrap().rows[0].1, [Value::Int(7)]);
}
