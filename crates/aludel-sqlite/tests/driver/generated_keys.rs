//! Keys that the database generates, and rows bound in each of the ways.

use aludel_engine::driver::{Done, End, Params, RowBinding, Statement};
use aludel_sql::{Bind, ErrorKind, Value, ValueRef};

use crate::support::{
    Conn, Seen, WRITE, batch, control, exec, fails, int, memory, one, run, run_batch, shaped, text, with,
};

#[tokio::test]
async fn an_insert_tells_its_key_and_whoever_inserted_nothing_has_none() {
    let mut conn = memory().connect().await.unwrap();
    exec(&mut conn, "CREATE TABLE t (id INTEGER PRIMARY KEY, k TEXT UNIQUE, n INTEGER); CREATE TABLE w (k TEXT PRIMARY KEY) WITHOUT ROWID")
        .await;
    let done = async |conn: &mut Conn, sql: &str| {
        let done = run(conn, Statement::plain(sql)).await.unwrap().done[0];
        (done.rows_affected, done.generated_key)
    };
    assert_eq!(done(&mut conn, "INSERT INTO t (k) VALUES ('a'), ('b')").await, (2, Some(2)));
    assert_eq!(done(&mut conn, "INSERT INTO t (k) VALUES ('c') RETURNING id").await, (1, Some(3)));
    assert_eq!(
        done(&mut conn, "INSERT INTO t (k) VALUES ('a') ON CONFLICT (k) DO UPDATE SET n = 1").await,
        (1, None)
    );
    assert_eq!(done(&mut conn, "INSERT OR IGNORE INTO t (k) VALUES ('a')").await, (0, None));
    assert_eq!(done(&mut conn, "INSERT INTO w VALUES ('a')").await, (1, None));
    assert_eq!(done(&mut conn, "SELECT last_insert_rowid()").await, (0, None));
    assert_eq!(one(&mut conn, "SELECT last_insert_rowid()").await, int(3));
    assert_eq!(done(&mut conn, "INSERT INTO t (n) VALUES (last_insert_rowid())").await, (1, Some(4)));
    assert_eq!(one(&mut conn, "SELECT n FROM t WHERE id = 4").await, int(3));
    assert_eq!(done(&mut conn, "UPDATE t SET n = n").await, (4, None));
    assert_eq!(
        done(&mut conn, "WITH x AS (SELECT 1) INSERT INTO t (id) SELECT 10 FROM x").await,
        (1, Some(10))
    );
    assert_eq!(done(&mut conn, "CREATE TABLE later (a)").await, (0, None));
    assert_eq!(done(&mut conn, "DELETE FROM t").await, (5, None));
    fails(&mut conn, "INSERT INTO t (id, k) VALUES (1, 'x'), (2, 'x')").await;
    assert_eq!(one(&mut conn, "SELECT last_insert_rowid() > 0").await, int(1));
}

#[tokio::test]
async fn rows_can_be_bound_one_by_one_all_at_once_or_as_json() {
    let mut conn = memory().connect().await.unwrap();
    exec(&mut conn, "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, at TEXT)").await;
    let names = ["a", "b", "c"];
    // One owned and one borrowed column.
    let cell = |row: usize, column: usize| match column {
        0 => Bind::Own(Value::Text(names[row].to_owned())),
        _ => Bind::Ref(ValueRef::Date(row as i32)),
    };
    let json_cell = |row: usize, column: usize| match column {
        0 => Bind::Ref(ValueRef::Text(names[row])),
        _ => Bind::Own(Value::Blob(vec![0xab, row as u8])),
    };
    let rows = |binding, cell| Params::Rows { binding, rows: 3, columns: 2, cell };
    let each = Statement {
        expect: Some(3),
        params: rows(RowBinding::Each, &cell),
        ..shaped(1, "INSERT INTO t (name, at) VALUES (?1, ?2) RETURNING id, name, at", &[])
    };
    let seen = run(&mut conn, each).await.unwrap();
    assert_eq!(seen.rows[2], [int(3), text("c"), text("1970-01-03")]);
    assert_eq!(seen.rows.iter().map(|row| row[0].clone()).collect::<Vec<_>>(), [int(1), int(2), int(3)]);
    assert_eq!(seen.done, [Done { rows_affected: 3, generated_key: Some(3) }]);
    let values = Statement {
        expect: Some(3),
        params: rows(RowBinding::Values, &cell),
        ..shaped(2, "INSERT INTO t (name, at) VALUES (?, ?), (?, ?), (?, ?)", &[])
    };
    assert_eq!(
        run(&mut conn, values).await.unwrap().done,
        [Done { rows_affected: 3, generated_key: Some(6) }]
    );
    let json = Statement {
        expect: Some(3),
        params: rows(RowBinding::Json, &json_cell),
        ..shaped(3, "INSERT INTO t (name, at) SELECT value->>0, value->>1 FROM json_each(?1)", &[])
    };
    assert_eq!(run(&mut conn, json).await.unwrap().done[0].rows_affected, 3);
    assert_eq!(one(&mut conn, "SELECT group_concat(name, '') FROM t").await, text("abcabcabc"));
    assert_eq!(one(&mut conn, "SELECT at FROM t WHERE id = 9").await, text("AB02"));
    let arrays =
        Statement { params: rows(RowBinding::Arrays { counted: false }, &cell), ..with("SELECT 1", &[]) };
    assert_eq!(run(&mut conn, arrays).await.err().unwrap().kind(), ErrorKind::Unsupported);
    // A read, row by row.
    let keys = |row: usize, _: usize| Bind::Ref(ValueRef::Int(3 - row as i64));
    let reads = Params::Rows { binding: RowBinding::Each, rows: 3, columns: 1, cell: &keys };
    let seen =
        run(&mut conn, Statement { params: reads, ..shaped(4, "SELECT name FROM t WHERE id = ?1", &[]) })
            .await
            .unwrap();
    assert_eq!(seen.rows, [[text("c")], [text("b")], [text("a")]]);
    assert_eq!(seen.done.len(), 1);
}

fn finds_keys<'a>(shape: u64, sql: &'a str, params: Params<'a>) -> Statement<'a> {
    Statement { params, find_keys: Some("\"id\""), ..shaped(shape, sql, &[]) }
}

fn ints(range: impl Iterator<Item = i64>) -> Vec<Vec<Value>> {
    range.map(|it| vec![int(it)]).collect()
}

#[tokio::test]
async fn generated_keys_are_found_whatever_the_table_does() {
    let mut conn = memory().connect().await.unwrap();
    exec(
        &mut conn,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER);
         CREATE TABLE auto (id INTEGER PRIMARY KEY AUTOINCREMENT, n INTEGER);
         CREATE TABLE made (id TEXT PRIMARY KEY DEFAULT (lower(hex(randomblob(4)))), n INTEGER);
         CREATE TABLE log (id INTEGER PRIMARY KEY, n INTEGER)",
    )
    .await;
    let cell = |row: usize, _: usize| Bind::Ref(ValueRef::Int(row as i64));
    let rows = |rows, binding| Params::Rows { binding, rows, columns: 1, cell: &cell };
    let mut next = 1;
    for _ in 0..2 {
        for (shape, table) in [(1, "t"), (2, "auto")] {
            let values = format!("INSERT INTO {table} (n) VALUES (?), (?), (?)");
            let each = format!("INSERT INTO {table} (n) VALUES (?)");
            let mut seen = Seen { columns: Some(vec![]), ..Seen::default() };
            let statement = finds_keys(shape, &values, rows(3, RowBinding::Values));
            run_batch(&mut conn, &batch(None, &[statement], End::Open), &mut seen).await.unwrap();
            assert_eq!((seen.rows, seen.columns.unwrap()), (ints(next..next + 3), vec!["id".to_owned()]));
            let seen =
                run(&mut conn, finds_keys(shape + 10, &each, rows(2, RowBinding::Each))).await.unwrap();
            assert_eq!(seen.rows, ints(next + 3..next + 5));
            assert_eq!(seen.done, [Done { rows_affected: 2, generated_key: Some(next + 4) }]);
            let many =
                run(&mut conn, finds_keys(shape + 10, &each, rows(600, RowBinding::Each))).await.unwrap();
            assert_eq!(many.rows, ints(next + 5..next + 605));
            let one =
                run(&mut conn, finds_keys(shape + 10, &each, Params::One(&[ValueRef::Null]))).await.unwrap();
            assert_eq!(one.rows, ints(next + 605..next + 606));
        }
        next += 606;
    }
    // The key is not the rowid.
    let sql = "INSERT INTO made (n) VALUES (?), (?), (?)";
    for _ in 0..2 {
        let seen = run(&mut conn, finds_keys(3, sql, rows(3, RowBinding::Values))).await.unwrap();
        assert_eq!(seen.rows.len(), 3);
        assert!(
            seen.rows.iter().all(|row| matches!(&row[0], Value::Text(key) if key.len() == 8)),
            "{:?}",
            seen.rows
        );
    }
    // A trigger puts rows between, on a statement that was counted before.
    exec(&mut conn, "DELETE FROM t; DROP TABLE log; CREATE TABLE log (n)").await;
    let trigger = "CREATE TRIGGER doubles AFTER INSERT ON t WHEN new.n < 100 BEGIN INSERT INTO t (n) VALUES (new.n + 100); END";
    run(&mut conn, Statement::plain(trigger)).await.unwrap();
    let values = "INSERT INTO t (n) VALUES (?), (?), (?)";
    let seen = run(&mut conn, finds_keys(1, values, rows(3, RowBinding::Values))).await.unwrap();
    assert_eq!(seen.rows, [[int(1)], [int(3)], [int(5)]]);
    // A trigger that is made and undone in a transaction, and one that is dropped and undone.
    run(&mut conn, Statement::plain("DROP TRIGGER doubles")).await.unwrap();
    control(&mut conn, WRITE, End::Open).await.unwrap();
    run(&mut conn, Statement::plain(trigger)).await.unwrap();
    run(&mut conn, finds_keys(1, values, rows(3, RowBinding::Values))).await.unwrap();
    control(&mut conn, None, End::Rollback).await.unwrap();
    exec(&mut conn, "DELETE FROM t").await;
    let seen = run(&mut conn, finds_keys(1, values, rows(3, RowBinding::Values))).await.unwrap();
    assert_eq!(seen.rows, ints(1..4));
    run(&mut conn, Statement::plain(trigger)).await.unwrap();
    control(&mut conn, WRITE, End::Open).await.unwrap();
    run(&mut conn, Statement::plain("DROP TRIGGER doubles")).await.unwrap();
    run(&mut conn, finds_keys(1, values, rows(3, RowBinding::Values))).await.unwrap();
    control(&mut conn, None, End::Rollback).await.unwrap();
    exec(&mut conn, "DELETE FROM t; CREATE INDEX i ON t (n)").await;
    let seen = run(&mut conn, finds_keys(1, values, rows(3, RowBinding::Values))).await.unwrap();
    assert_eq!(seen.rows, [[int(1)], [int(3)], [int(5)]]);
    // The same with a savepoint.
    exec(&mut conn, "DELETE FROM t").await;
    control(&mut conn, WRITE, End::Open).await.unwrap();
    exec(&mut conn, "SAVEPOINT s; DROP TRIGGER doubles").await;
    let seen = run(&mut conn, finds_keys(1, values, rows(3, RowBinding::Values))).await.unwrap();
    assert_eq!(seen.rows, ints(1..4));
    exec(&mut conn, "ROLLBACK TO s").await;
    let seen = run(&mut conn, finds_keys(1, values, rows(3, RowBinding::Values))).await.unwrap();
    assert_eq!(seen.rows, [[int(1)], [int(3)], [int(5)]]);
    control(&mut conn, None, End::Commit).await.unwrap();
    // A conflict clause leaves rows out.
    run(&mut conn, Statement::plain("DROP TRIGGER doubles")).await.unwrap();
    exec(&mut conn, "DELETE FROM t; CREATE UNIQUE INDEX u ON t (n); INSERT INTO t (n) VALUES (1)").await;
    let ignoring = "INSERT OR IGNORE INTO t (n) VALUES (?), (?), (?)";
    let seen = run(&mut conn, finds_keys(4, ignoring, rows(3, RowBinding::Values))).await.unwrap();
    assert_eq!(seen.rows, [[int(2)], [int(3)]]);
}

#[tokio::test]
async fn keys_that_sqlite_gives_out_at_random_are_not_counted() {
    let mut conn = memory().connect().await.unwrap();
    exec(
        &mut conn,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO t VALUES (9223372036854775806, 0)",
    )
    .await;
    let cell = |_: usize, _: usize| Bind::Ref(ValueRef::Null);
    let params = Params::Rows { binding: RowBinding::Values, rows: 2, columns: 1, cell: &cell };
    let error =
        run(&mut conn, finds_keys(1, "INSERT INTO t (n) VALUES (?), (?)", params)).await.err().unwrap();
    assert_eq!((error.kind(), error.table()), (ErrorKind::Database, Some("t")));
    assert_eq!(one(&mut conn, "SELECT count(*) FROM t").await, int(1));
    exec(&mut conn, "DELETE FROM t; INSERT INTO t VALUES (9223372036854775800, 0)").await;
    let seen = run(&mut conn, finds_keys(1, "INSERT INTO t (n) VALUES (?), (?)", params)).await.unwrap();
    assert_eq!(seen.rows, ints(9_223_372_036_854_775_801..9_223_372_036_854_775_803));
}

#[tokio::test]
async fn another_connections_trigger_is_seen_before_keys_are_counted() {
    let driver = memory();
    let (mut a, mut b) = (driver.connect().await.unwrap(), driver.connect().await.unwrap());
    exec(&mut a, "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)").await;
    let cell = |row: usize, _: usize| Bind::Ref(ValueRef::Int(row as i64));
    let params = Params::Rows { binding: RowBinding::Values, rows: 2, columns: 1, cell: &cell };
    let insert = finds_keys(1, "INSERT INTO t (n) VALUES (?), (?)", params);
    assert_eq!(run(&mut a, insert).await.unwrap().rows, ints(1..3));
    let trigger = "CREATE TRIGGER doubles AFTER INSERT ON t WHEN new.n < 100 BEGIN INSERT INTO t (n) VALUES (new.n + 100); END";
    run(&mut b, Statement::plain(trigger)).await.unwrap();
    assert_eq!(run(&mut a, insert).await.unwrap().rows, [[int(3)], [int(5)]]);
    // One of its own, which no other connection sees and SQLite's schema number does not count.
    run(&mut b, Statement::plain("DROP TRIGGER doubles")).await.unwrap();
    assert_eq!(run(&mut a, insert).await.unwrap().rows, ints(7..9));
    run(&mut a, Statement::plain(&trigger.replace("CREATE", "CREATE TEMP"))).await.unwrap();
    assert_eq!(run(&mut a, insert).await.unwrap().rows, [[int(9)], [int(11)]]);
}
