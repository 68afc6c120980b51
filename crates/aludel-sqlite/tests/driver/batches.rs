//! Batches, and the transactions they run in.

use aludel_engine::driver::{Begin, Discard, Done, End, Params, RowBinding, Statement, Status};
use aludel_sql::{Bind, ErrorKind, Value, ValueRef};

use crate::support::{
    Folder, Seen, WRITE, batch, control, driver, exec, fails, int, memory, one, run, run_batch, shaped, text,
};

#[tokio::test]
async fn the_status_follows_the_transaction() {
    let folder = Folder::new();
    for driver in [memory(), folder.driver("")] {
        let mut conn = driver.connect().await.unwrap();
        exec(&mut conn, "CREATE TABLE t (a)").await;
        control(&mut conn, WRITE, End::Open).await.unwrap();
        assert_eq!(conn.status(), Status::InTx);
        assert_eq!(control(&mut conn, WRITE, End::Open).await.unwrap_err().kind(), ErrorKind::State);
        assert_eq!(conn.status(), Status::InTx);
        exec(&mut conn, "INSERT INTO t VALUES (1)").await;
        control(&mut conn, None, End::Rollback).await.unwrap();
        assert_eq!(conn.status(), Status::Idle);
        assert_eq!(one(&mut conn, "SELECT count(*) FROM t").await, int(0));
        let insert = [Statement::plain("INSERT INTO t VALUES (1)")];
        run_batch(&mut conn, &batch(WRITE, &insert, End::Commit), &mut Discard::default()).await.unwrap();
        assert_eq!(conn.status(), Status::Idle);
        exec(&mut conn, "SAVEPOINT s").await;
        assert_eq!(conn.status(), Status::InTx);
        exec(&mut conn, "INSERT INTO t VALUES (2); ROLLBACK TO s; INSERT INTO t VALUES (3); RELEASE s").await;
        assert_eq!(conn.status(), Status::Idle);
        assert_eq!(one(&mut conn, "SELECT sum(a) FROM t").await, int(4));
    }
}

#[tokio::test]
async fn a_batch_that_fails_is_undone_whole_and_stops_there() {
    let mut conn = memory().connect().await.unwrap();
    exec(&mut conn, "CREATE TABLE t (id INTEGER PRIMARY KEY)").await;
    let statements = [
        Statement::plain("INSERT INTO t VALUES (1)"),
        Statement::plain("INSERT INTO t VALUES (1)"),
        Statement::plain("INSERT INTO t VALUES (2)"),
    ];
    // With a transaction of its own, asked for or not.
    for begin in [WRITE, None] {
        for end in [End::Commit, End::Open] {
            let mut seen = Seen::default();
            let error = run_batch(&mut conn, &batch(begin, &statements, end), &mut seen).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UniqueViolation);
            assert_eq!(seen.done.len(), 1, "the third statement must not run");
            assert_eq!(conn.status(), Status::Idle);
            assert_eq!(one(&mut conn, "SELECT count(*) FROM t").await, int(0));
        }
    }
    // In the caller's transaction what went before stays, for the caller to decide.
    control(&mut conn, WRITE, End::Open).await.unwrap();
    run_batch(&mut conn, &batch(None, &statements, End::Commit), &mut Discard::default()).await.unwrap_err();
    assert_eq!(conn.status(), Status::InTx);
    assert_eq!(one(&mut conn, "SELECT count(*) FROM t").await, int(1));
}

#[tokio::test]
async fn a_transaction_that_sqlite_gave_up_takes_nothing_but_a_rollback() {
    let mut conn = memory().connect().await.unwrap();
    exec(&mut conn, "CREATE TABLE t (id INTEGER PRIMARY KEY)").await;
    control(&mut conn, WRITE, End::Open).await.unwrap();
    exec(&mut conn, "INSERT INTO t VALUES (1)").await;
    fails(&mut conn, "INSERT OR ROLLBACK INTO t VALUES (1)").await;
    assert_eq!(conn.status(), Status::Failed);
    assert_eq!(fails(&mut conn, "INSERT INTO t VALUES (2)").await.kind(), ErrorKind::State);
    assert_eq!(control(&mut conn, None, End::Commit).await.unwrap_err().kind(), ErrorKind::State);
    assert_eq!(conn.status(), Status::Failed);
    control(&mut conn, None, End::Rollback).await.unwrap();
    assert_eq!(conn.status(), Status::Idle);
    assert_eq!(one(&mut conn, "SELECT count(*) FROM t").await, int(0));
}

#[tokio::test]
async fn a_transaction_that_may_not_write_does_not() {
    let mut conn = memory().connect().await.unwrap();
    exec(&mut conn, "CREATE TABLE t (a)").await;
    let begin = Some(Begin { read_only: true, ..Begin::default() });
    control(&mut conn, begin, End::Open).await.unwrap();
    assert_eq!(fails(&mut conn, "INSERT INTO t VALUES (1)").await.kind(), ErrorKind::ReadOnly);
    control(&mut conn, None, End::Commit).await.unwrap();
    exec(&mut conn, "INSERT INTO t VALUES (1)").await;
}

#[tokio::test]
async fn vacuum_and_pragmas_run_outside_of_transactions() {
    let folder = Folder::new();
    for driver in [memory(), folder.driver("")] {
        let mut conn = driver.connect().await.unwrap();
        let statements = [
            Statement::plain("CREATE TABLE t (a)"),
            Statement::plain("PRAGMA user_version = 7"),
            Statement::plain("INSERT INTO t VALUES (1)"),
            Statement::plain("VACUUM"),
            Statement::plain("ANALYZE"),
        ];
        run_batch(&mut conn, &batch(None, &statements, End::Open), &mut Discard::default()).await.unwrap();
        assert_eq!(conn.status(), Status::Idle);
        assert_eq!(one(&mut conn, "PRAGMA user_version").await, int(7));
    }
}

#[tokio::test]
async fn a_deferred_foreign_key_fails_the_commit_and_undoes_the_batch() {
    let mut conn = memory().connect().await.unwrap();
    exec(&mut conn, "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p_id REFERENCES p(id) DEFERRABLE INITIALLY DEFERRED)")
        .await;
    let insert = [Statement::plain("INSERT INTO c VALUES (1)")];
    for begin in [WRITE, None] {
        let error = run_batch(&mut conn, &batch(begin, &insert, End::Commit), &mut Discard::default())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation);
        assert_eq!(conn.status(), Status::Idle);
    }
    assert_eq!(one(&mut conn, "SELECT count(*) FROM c").await, int(0));
}

#[tokio::test]
async fn the_dialects_functions_exist_in_queries_and_not_in_schemas() {
    let mut conn = memory().connect().await.unwrap();
    assert_eq!(
        one(&mut conn, "SELECT aludel_lower('GRÜSSE') || aludel_upper('straße')").await,
        text("grüsseSTRASSE")
    );
    assert_eq!(one(&mut conn, "SELECT aludel_lower(NULL)").await, Value::Null);
    assert_eq!(one(&mut conn, "SELECT aludel_lower(7)").await, int(7));
    exec(&mut conn, "CREATE TABLE t (a TEXT)").await;
    fails(&mut conn, "CREATE INDEX i ON t (aludel_lower(a))").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_rows_are_written_wherever_with_the_same_outcome() {
    let folder = Folder::new();
    // One by one, where they are awaited; together, in the blocking pool.
    let values = format!(
        "INSERT INTO t (name, data, x) VALUES {} RETURNING id, name",
        vec!["(?, ?, ?)"; 2000].join(", ")
    );
    let each = "INSERT INTO t (name, data, x) VALUES (?, ?, ?) RETURNING id, name";
    for (sql, binding) in [(each, RowBinding::Each), (&values, RowBinding::Values)] {
        for driver in [memory(), folder.driver("")] {
            let mut conn = driver.connect().await.unwrap();
            exec(
                &mut conn,
                "DROP TABLE IF EXISTS t; CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, data BLOB, x REAL)",
            )
            .await;
            let cell = |row: usize, column: usize| match column {
                0 => Bind::Own(Value::Text(format!("name {row}"))),
                1 => Bind::Own(Value::Blob(vec![row as u8; 3])),
                _ if row.is_multiple_of(2) => Bind::Ref(ValueRef::Null),
                _ => Bind::Ref(ValueRef::Real(row as f64)),
            };
            let insert = |expect| Statement {
                expect: Some(expect),
                params: Params::Rows { binding, rows: 2000, columns: 3, cell: &cell },
                ..shaped(1, sql, &[])
            };
            let error = run(&mut conn, insert(1999)).await.err().unwrap();
            assert_eq!(error.what(), "expected to match 1999 rows, matched 2000");
            let seen = run(&mut conn, insert(2000)).await.unwrap();
            assert_eq!(seen.done, [Done { rows_affected: 2000, generated_key: Some(2000) }]);
            assert_eq!(seen.rows[1999], [int(2000), text("name 1999")]);
            let sums = "SELECT count(*) || ' ' || count(x) || ' ' || hex(max(data)) FROM t";
            assert_eq!(one(&mut conn, sums).await, text("2000 1000 FFFFFF"));
        }
    }
}

#[tokio::test]
async fn a_row_that_does_not_match_is_stale_data_and_nothing_is_kept() {
    let mut conn = memory().connect().await.unwrap();
    exec(
        &mut conn,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO t VALUES (1, 0), (2, 0), (4, 0)",
    )
    .await;
    let update =
        |expect| Statement { expect: Some(expect), ..Statement::plain("UPDATE t SET n = 1 WHERE id = 3") };
    let keys = |row: usize, _: usize| Bind::Ref(ValueRef::Int(row as i64 + 1));
    let each = Statement {
        expect: Some(3),
        params: Params::Rows { binding: RowBinding::Each, rows: 3, columns: 1, cell: &keys },
        ..shaped(1, "UPDATE t SET n = 1 WHERE id = ?1", &[])
    };
    for (statement, words) in [
        (update(1), "expected to match 1 row, matched 0"),
        (update(2), "expected to match 2 rows, matched 0"),
        (each, "expected to match 3 rows, matched 2"),
    ] {
        for begin in [WRITE, None] {
            let after = Statement::plain("DELETE FROM t");
            let error = conn
                .run(&batch(begin, &[statement, after], End::Commit), &mut Discard::default())
                .await
                .unwrap_err();
            assert_eq!((error.kind(), error.what()), (ErrorKind::StaleData, words));
            assert_eq!(error.sql(), Some(statement.sql));
            assert_eq!(conn.status(), Status::Idle);
            assert_eq!(one(&mut conn, "SELECT count(*) + sum(n) FROM t").await, int(3));
        }
    }
    // In the caller's transaction it is the caller's to undo.
    control(&mut conn, WRITE, End::Open).await.unwrap();
    assert_eq!(run(&mut conn, update(1)).await.err().unwrap().kind(), ErrorKind::StaleData);
    assert_eq!(conn.status(), Status::InTx);
}

#[tokio::test]
async fn more_shapes_than_the_cache_holds_go_on_working() {
    for size in [0, 1, 2] {
        let mut conn = driver(&format!("sqlite://?statement_cache={size}")).connect().await.unwrap();
        for round in 0..3 {
            for shape in 0..5 {
                let sql = format!("SELECT ?1 + {shape}");
                let seen = run(&mut conn, shaped(shape, &sql, &[ValueRef::Int(round)])).await.unwrap();
                assert_eq!(seen.rows, [[int(round + shape as i64)]]);
            }
        }
    }
}
