//! Transactions: one conversation, one Sync.

use aludel_engine::driver::{
    Begin, End, Isolation, Params, RawConn, RowBinding, RowSource, Statement, Status,
};
use aludel_sql::{Bind, ErrorKind, SqlType, Value, ValueRef};

use super::support::{Rows, Scratch, execute, number, prepared, query, run, run_into, transact, try_execute};

#[tokio::test]
async fn a_batch_that_fails_keeps_nothing_and_names_the_statement() {
    let Some(db) = Scratch::new("fails").await else { return };
    let mut conn = db.connect().await;
    execute(&mut conn, "CREATE TABLE t (id int PRIMARY KEY)").await;
    let insert = "INSERT INTO t VALUES ($1)";
    let types = [SqlType::Integer];
    let values = [ValueRef::Int(1)];
    for round in 0..2 {
        let mut rows = Rows::default();
        let statements = [
            prepared(1, insert, &types, &values),
            prepared(2, "INSERT INTO t SELECT 1", &[], &[]),
            prepared(3, "INSERT INTO t SELECT 3", &[], &[]),
        ];
        let error = run_into(&mut conn, Some(Begin::default()), &statements, End::Commit, &mut rows)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UniqueViolation);
        assert_eq!(
            (error.code(), error.table(), error.constraint()),
            (Some("23505"), Some("t"), Some("t_pkey"))
        );
        assert_eq!(error.sql(), Some("INSERT INTO t SELECT 1"), "round {round}");
        assert_eq!(rows.done, [(0, 1)], "what comes after the failure has not run");
        assert_eq!(conn.status(), Status::Idle);
        assert_eq!(number(&mut conn, "SELECT count(*) FROM t").await, 0);
    }
}

#[tokio::test]
async fn a_failure_in_an_open_transaction_leaves_it_failed_until_rollback() {
    let Some(db) = Scratch::new("open").await else { return };
    let mut conn = db.connect().await;
    execute(&mut conn, "CREATE TABLE t (id int PRIMARY KEY)").await;
    run(&mut conn, Some(Begin::default()), &[Statement::plain("INSERT INTO t VALUES (1)")], End::Open)
        .await
        .unwrap();
    assert_eq!(conn.status(), Status::InTx);
    let error = run(&mut conn, Some(Begin::default()), &[], End::Open).await.err().unwrap();
    assert_eq!((error.kind(), conn.status()), (ErrorKind::State, Status::InTx));
    assert!(try_execute(&mut conn, "INSERT INTO t VALUES (1)").await.is_err());
    assert_eq!(conn.status(), Status::Failed);
    assert_eq!(try_execute(&mut conn, "SELECT 1").await.err().unwrap().kind(), ErrorKind::State);
    run(&mut conn, None, &[], End::Rollback).await.unwrap();
    assert_eq!(conn.status(), Status::Idle);
    assert_eq!(number(&mut conn, "SELECT count(*) FROM t").await, 0);
}

#[tokio::test]
async fn a_commit_of_a_failed_transaction_is_an_error() {
    let Some(db) = Scratch::new("failed_commit").await else { return };
    let mut conn = db.connect().await;
    run(&mut conn, Some(Begin::default()), &[], End::Open).await.unwrap();
    assert!(try_execute(&mut conn, "SELECT 1 / 0").await.is_err());
    let error = run(&mut conn, None, &[], End::Commit).await.err().unwrap();
    assert_eq!((error.kind(), conn.status()), (ErrorKind::State, Status::Idle), "{error}");
}

#[tokio::test]
async fn a_commit_that_the_server_refuses_is_its_error() {
    let Some(db) = Scratch::new("deferred").await else { return };
    let mut conn = db.connect().await;
    execute(&mut conn, "CREATE TABLE t (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)").await;
    let twice = Statement::plain("INSERT INTO t VALUES (1), (1)");
    let error = transact(&mut conn, &[twice]).await.err().unwrap();
    assert_eq!((error.kind(), error.context()), (ErrorKind::UniqueViolation, Some("committing")));
    assert_eq!(conn.status(), Status::Idle);
    assert_eq!(
        try_execute(&mut conn, "INSERT INTO t VALUES (1), (1)").await.err().unwrap().kind(),
        ErrorKind::UniqueViolation
    );
    assert_eq!(number(&mut conn, "SELECT count(*) FROM t").await, 0);
}

#[tokio::test]
async fn each_way_of_beginning_is_what_it_says() {
    let Some(db) = Scratch::new("begins").await else { return };
    let mut conn = db.connect().await;
    for isolation in
        [None, Some(Isolation::ReadCommitted), Some(Isolation::Snapshot), Some(Isolation::Serializable)]
    {
        for read_only in [false, true] {
            let begin = Begin { write: !read_only, isolation, read_only, deferrable: false };
            let show = Statement::plain(
                "SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')",
            );
            let rows = run(&mut conn, Some(begin), &[show], End::Rollback).await.unwrap().rows;
            let level = match isolation {
                None | Some(Isolation::ReadCommitted) => "read committed",
                Some(Isolation::Snapshot) => "repeatable read",
                _ => "serializable",
            };
            let expected = [level, if read_only { "on" } else { "off" }].map(|it| Value::Text(it.to_owned()));
            assert_eq!(rows[0].1, expected);
            assert_eq!(conn.status(), Status::Idle);
        }
    }
}

#[tokio::test]
async fn many_point_reads_travel_together() {
    let Some(db) = Scratch::new("point_reads").await else { return };
    let mut conn = db.connect().await;
    execute(
        &mut conn,
        "CREATE TABLE t AS SELECT g AS id, 'name ' || g AS name FROM generate_series(1, 1000) g",
    )
    .await;
    let keys: Vec<[ValueRef<'_>; 1]> = (1..=1_000).map(|key| [ValueRef::Int(key)]).collect();
    let types = [SqlType::Integer];
    let statements: Vec<Statement<'_>> =
        keys.iter().map(|key| prepared(1, "SELECT id, name FROM t WHERE id = $1", &types, key)).collect();
    let rows = run(&mut conn, None, &statements, End::Open).await.unwrap().rows;
    for (at, (statement, row)) in rows.iter().enumerate() {
        assert_eq!(*statement, at);
        assert_eq!(*row, [Value::Int(at as i64 + 1), Value::Text(format!("name {}", at + 1))]);
    }
    assert_eq!(rows.len(), 1_000);
}

/// Names, and for two of three an age.
struct People(Vec<String>);

impl RowSource for People {
    fn bind(&self, row: usize, column: usize) -> Bind<'_> {
        match column {
            0 => Bind::Ref(ValueRef::Text(&self.0[row])),
            _ if row.is_multiple_of(3) => Bind::Ref(ValueRef::Null),
            _ => Bind::Own(Value::Int(row as i64)),
        }
    }
}

#[tokio::test]
async fn ten_thousand_rows_are_one_statement_and_their_keys_come_back_in_order() {
    let Some(db) = Scratch::new("unnest").await else { return };
    let mut conn = db.connect().await;
    execute(&mut conn, "CREATE TABLE t (id bigserial PRIMARY KEY, name text NOT NULL, age int)").await;
    let people = People((0..10_000).map(|at| format!("name {at}")).collect());
    let insert = Statement {
        params: Params::Rows {
            binding: RowBinding::Arrays { counted: false },
            rows: 10_000,
            columns: 2,
            cell: &people,
        },
        ..prepared(
            1,
            "INSERT INTO t (name, age) SELECT a, b FROM unnest($1::text[], $2::int[]) WITH ORDINALITY v(a, b, o) ORDER BY o RETURNING id",
            &[SqlType::Text, SqlType::Integer],
            &[],
        )
    };
    let got = transact(&mut conn, &[insert]).await.unwrap();
    assert_eq!(got.done, [(0, 10_000)]);
    assert!(got.rows.iter().enumerate().all(|(at, (_, row))| row[..] == [Value::Int(at as i64 + 1)]));
    assert_eq!(number(&mut conn, "SELECT count(*) FROM t WHERE name = 'name ' || (id - 1) AND age IS NOT DISTINCT FROM CASE WHEN (id - 1) % 3 > 0 THEN id - 1 END").await, 10_000);
}

const CHECKED_UPDATE: &str = "WITH u AS (UPDATE t SET name = v.name FROM unnest($1::bigint[], $2::text[]) v(id, name) \
    WHERE t.id = v.id RETURNING 1) \
    SELECT CASE WHEN count(*) = $3 THEN 0 ELSE ('aludel: stale, matched ' || count(*))::int END FROM u";

#[tokio::test]
async fn an_update_that_counts_its_rows_is_never_committed_stale() {
    let Some(db) = Scratch::new("counted").await else { return };
    let mut conn = db.connect().await;
    execute(
        &mut conn,
        "CREATE TABLE t AS SELECT g::bigint AS id, 'old' AS name FROM generate_series(1, 3) g",
    )
    .await;
    let types = [SqlType::BigInt, SqlType::Text];
    for (rows, stale) in [(5, true), (3, false)] {
        let cell = |row: usize, column: usize| {
            Bind::Ref(if column == 0 { ValueRef::Int(row as i64 + 1) } else { ValueRef::Text("new") })
        };
        let params =
            Params::Rows { binding: RowBinding::Arrays { counted: true }, rows, columns: 2, cell: &cell };
        let update = Statement { params, ..prepared(1, CHECKED_UPDATE, &types, &[]) };
        let result = transact(&mut conn, &[update]).await;
        assert_eq!(conn.status(), Status::Idle);
        if stale {
            let error = result.err().unwrap();
            assert_eq!(error.kind(), ErrorKind::StaleData);
            assert!(error.what().ends_with("matched 3"), "{error}");
        } else {
            assert_eq!(result.unwrap().rows[0].1, [Value::Int(0)]);
        }
        let changed = number(&mut conn, "SELECT count(*) FROM t WHERE name = 'new'").await;
        assert_eq!(changed, if stale { 0 } else { 3 });
    }
}

#[tokio::test]
async fn a_wrong_number_of_rows_is_never_committed() {
    let Some(db) = Scratch::new("expect").await else { return };
    let mut conn = db.connect().await;
    execute(&mut conn, "CREATE TABLE t AS SELECT g AS id, 0 AS n FROM generate_series(1, 3) g").await;
    let update = Statement { expect: Some(4), ..prepared(1, "UPDATE t SET n = n + 1", &[], &[]) };
    // In a transaction of its own, outside of any, and in one that was open before.
    for case in 0..3 {
        let begin = (case == 0).then(Begin::default);
        if case == 2 {
            run(&mut conn, Some(Begin::default()), &[], End::Open).await.unwrap();
        }
        let end = if case == 1 { End::Open } else { End::Commit };
        let error = run(&mut conn, begin, &[update], end).await.err().unwrap();
        assert_eq!((error.kind(), error.sql()), (ErrorKind::StaleData, Some("UPDATE t SET n = n + 1")));
        assert!(error.what().contains("expected to match 4 rows, matched 3"), "{error}");
        assert_eq!(conn.status(), Status::Idle);
        assert_eq!(number(&mut conn, "SELECT sum(n) FROM t").await, 0, "case {case}");
    }
    let right = Statement { expect: Some(3), ..update };
    for (case, sum) in [(0, 3), (1, 6)] {
        let (begin, end) = if case == 0 { (Some(Begin::default()), End::Commit) } else { (None, End::Open) };
        assert_eq!(run(&mut conn, begin, &[right], end).await.unwrap().done, [(0, 3)]);
        assert_eq!((number(&mut conn, "SELECT sum(n) FROM t").await, conn.status()), (sum, Status::Idle));
    }
}

#[tokio::test]
async fn a_statement_run_for_each_row_is_over_once() {
    let Some(db) = Scratch::new("each").await else { return };
    let mut conn = db.connect().await;
    execute(&mut conn, "CREATE TABLE t (id serial PRIMARY KEY, n int)").await;
    let cell = |row: usize, _: usize| Bind::Ref(ValueRef::Int(row as i64 * 10));
    let params = Params::Rows { binding: RowBinding::Each, rows: 500, columns: 1, cell: &cell };
    let insert = Statement {
        params,
        expect: Some(500),
        ..prepared(1, "INSERT INTO t (n) VALUES ($1) RETURNING id, n", &[SqlType::Integer], &[])
    };
    let got = transact(&mut conn, &[insert, prepared(2, "SELECT count(*) FROM t", &[], &[])]).await.unwrap();
    assert_eq!(got.done, [(0, 500), (1, 0)]);
    assert_eq!(got.columns, [(0, vec!["id".to_owned(), "n".to_owned()]), (1, vec!["count".to_owned()])][..]);
    for (at, (statement, row)) in got.rows[..500].iter().enumerate() {
        assert_eq!((*statement, &row[..]), (0, &[Value::Int(at as i64 + 1), Value::Int(at as i64 * 10)][..]));
    }
    assert_eq!(got.rows[500], (1, vec![Value::Int(500)]));
}

#[tokio::test]
async fn values_of_all_rows_can_stand_one_after_the_other() {
    let Some(db) = Scratch::new("flat").await else { return };
    let mut conn = db.connect().await;
    let cell = |row: usize, column: usize| {
        Bind::Ref(if row == 0 && column == 0 {
            ValueRef::Null
        } else {
            ValueRef::Int((row * 2 + column) as i64)
        })
    };
    let params = Params::Rows { binding: RowBinding::Values, rows: 2, columns: 2, cell: &cell };
    let statement = Statement {
        params,
        ..prepared(1, "VALUES ($1, $2), ($3, $4)", &[SqlType::BigInt, SqlType::Integer], &[])
    };
    let rows = run(&mut conn, None, &[statement], End::Open).await.unwrap().rows;
    assert_eq!(rows, [(0, vec![Value::Null, Value::Int(1)]), (0, vec![Value::Int(2), Value::Int(3)])]);

    let params = Params::Rows { binding: RowBinding::Json, rows: 2, columns: 2, cell: &cell };
    let error = run(&mut conn, None, &[Statement { params, ..statement }], End::Open).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let params = Params::Rows { binding: RowBinding::Values, rows: 32_768, columns: 2, cell: &cell };
    let error = run(&mut conn, None, &[Statement { params, ..statement }], End::Open).await.err().unwrap();
    assert!(error.what().contains("65536"), "{error}");
}

#[tokio::test]
async fn a_batch_of_seven_megabytes_each_way_does_not_wait_for_itself() {
    let Some(db) = Scratch::new("deadlock").await else { return };
    let mut conn = db.connect().await;
    let text = "x".repeat(35_000);
    let values = [ValueRef::Text(&text)];
    let types = [SqlType::Text];
    let statements = vec![prepared(1, "SELECT $1", &types, &values); 200];
    let work = transact(&mut conn, &statements);
    let rows = tokio::time::timeout(std::time::Duration::from_secs(60), work)
        .await
        .expect("no deadlock")
        .unwrap()
        .rows;
    assert_eq!(rows.len(), 200);
    assert!(rows.iter().all(|(_, row)| row[0] == Value::Text(text.clone())));
}

#[tokio::test]
async fn an_empty_batch_asks_nothing() {
    let Some(db) = Scratch::new("empty").await else { return };
    let mut conn = db.connect().await;
    assert!(run(&mut conn, None, &[], End::Open).await.unwrap().done.is_empty());
    assert_eq!(run(&mut conn, None, &[Statement::plain("")], End::Open).await.unwrap().done, [(0, 0)]);
    assert_eq!(query(&mut conn, "SELECT 1").await, [[Value::Int(1)]]);
}

#[tokio::test]
async fn two_statements_in_one_text_are_refused() {
    let Some(db) = Scratch::new("two_in_one").await else { return };
    let mut conn = db.connect().await;
    let error = try_execute(&mut conn, "SELECT 1; SELECT 2").await.err().unwrap();
    assert_eq!((error.code(), conn.status()), (Some("42601"), Status::Idle));
}

#[tokio::test]
async fn keys_are_found_for_every_row_in_order() {
    let Some(db) = Scratch::new("find_keys").await else { return };
    let mut conn = db.connect().await;
    execute(&mut conn, "CREATE TABLE t (\"Id\" serial PRIMARY KEY, n int)").await;
    let cell = |row: usize, _: usize| Bind::Ref(ValueRef::Int(row as i64));
    let types = [SqlType::Integer];
    for (binding, sql) in [
        (RowBinding::Each, "INSERT INTO t (n) VALUES ($1)"),
        (RowBinding::Values, "INSERT INTO t (n) VALUES ($1), ($2), ($3)"),
        (
            RowBinding::Arrays { counted: false },
            "INSERT INTO t (n) SELECT a FROM unnest($1::int[]) WITH ORDINALITY v(a, o) ORDER BY o",
        ),
    ] {
        execute(&mut conn, "TRUNCATE t RESTART IDENTITY").await;
        let params = Params::Rows { binding, rows: 3, columns: 1, cell: &cell };
        let with = Statement { params, find_keys: Some("\"Id\""), ..prepared(1, sql, &types, &[]) };
        let without = Statement { find_keys: None, ..with };
        // The same shape with and without its keys, one after the other.
        for round in 0..2 {
            let got = transact(&mut conn, &[with, without]).await.unwrap();
            let keys: Vec<(usize, Vec<Value>)> =
                (1..=3).map(|key| (0, vec![Value::Int(round * 6 + key)])).collect();
            assert_eq!((got.rows, got.done), (keys, vec![(0, 3), (1, 3)]), "{binding:?}");
        }
        execute(&mut conn, "SELECT 1").await;
        conn = db.connect().await;
    }
}
