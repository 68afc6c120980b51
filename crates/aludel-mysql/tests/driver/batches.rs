//! Batches, transactions, and rows in many forms.

use aludel_engine::ErrorKind;
use aludel_engine::driver::{
    Begin, Done, End, Flow, Isolation, Params, Ran, RowBinding, RowSink, Statement, Status,
};
use aludel_sql::{Bind, Value, ValueRef};

use super::support::*;

const BEGIN: Option<Begin> =
    Some(Begin { write: true, isolation: None, read_only: false, deferrable: false });
const ITEMS: &str = "CREATE TABLE items (id BIGINT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(50) UNIQUE, n INT NOT NULL DEFAULT 0)";

fn done(rows_affected: u64, generated_key: Option<i64>) -> Done {
    Done { rows_affected, generated_key }
}

#[tokio::test]
async fn a_batch_begins_runs_and_commits() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.with(&[ITEMS]).await;
    let (a, b) = ([ValueRef::Text("a")], [ValueRef::Text("b")]);
    let insert = "INSERT INTO items (name) VALUES (?)";
    let statements =
        [prepared(1, insert, &a), prepared(1, insert, &b), Statement::plain("SELECT count(*) FROM items")];
    let keep = batch(&mut conn, BEGIN, &statements, End::Commit).await.unwrap();
    assert_eq!(keep.rows, [[Value::Int(2)]]);
    assert_eq!(keep.done, [(0, done(1, Some(1))), (1, done(1, Some(2))), (2, done(0, None))]);
    assert_clean(&mut conn).await;
    assert_eq!(one(&mut db.connect().await, "SELECT count(*) FROM items").await, Value::Int(2));
}

#[tokio::test]
async fn a_batch_that_rolls_back_leaves_nothing() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.with(&[ITEMS]).await;
    let insert = Statement::plain("INSERT INTO items (name) VALUES ('a')");
    batch(&mut conn, BEGIN, &[insert], End::Rollback).await.unwrap();
    assert_clean(&mut conn).await;
    assert_eq!(one(&mut conn, "SELECT count(*) FROM items").await, Value::Int(0));
}

#[tokio::test]
async fn a_failing_statement_rolls_its_batch_back_and_the_later_ones_do_not_run() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.with(&[ITEMS]).await;
    let insert = "INSERT INTO items (name) VALUES (?)";
    let (a, b) = ([ValueRef::Text("a")], [ValueRef::Text("b")]);
    let statements = [prepared(1, insert, &a), prepared(1, insert, &a), prepared(1, insert, &b)];
    let error = batch(&mut conn, BEGIN, &statements, End::Commit).await.err().unwrap();
    assert_eq!(
        (error.kind(), error.constraint(), error.sql()),
        (ErrorKind::UniqueViolation, Some("name"), Some(insert))
    );
    assert_clean(&mut conn).await;
    assert_eq!(one(&mut conn, "SELECT count(*) FROM items").await, Value::Int(0));
}

#[tokio::test]
async fn the_status_is_what_the_server_says() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.with(&[ITEMS]).await;
    batch(&mut conn, BEGIN, &[], End::Open).await.unwrap();
    assert_eq!(conn.status(), Status::InTx);
    plain(&mut conn, "SELECT * FROM items").await.unwrap();
    assert_eq!(conn.status(), Status::InTx);
    // DDL commits, whether it was meant to or not.
    plain(&mut conn, "CREATE TABLE other (a INT)").await.unwrap();
    assert_eq!(conn.status(), Status::Idle);
    plain(&mut conn, "START TRANSACTION").await.unwrap();
    assert_eq!(conn.status(), Status::InTx);
    let error = batch(&mut conn, BEGIN, &[], End::Open).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::State);
    assert_eq!(conn.status(), Status::InTx);
    batch(&mut conn, None, &[], End::Commit).await.unwrap();
    assert_clean(&mut conn).await;
}

#[tokio::test]
async fn after_an_error_in_an_open_transaction_only_rollback_is_accepted() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.with(&[ITEMS, "INSERT INTO items (name) VALUES ('canary')"]).await;
    batch(&mut conn, BEGIN, &[Statement::plain("INSERT INTO items (name) VALUES ('x')")], End::Open)
        .await
        .unwrap();
    let first = plain(&mut conn, "INSERT INTO items (name) VALUES ('canary')").await.err().unwrap();
    assert_eq!(first.kind(), ErrorKind::UniqueViolation);
    assert_eq!(conn.status(), Status::Failed);
    for sql in ["SELECT 1", "INSERT INTO items (name) VALUES ('y')", "COMMIT"] {
        let error = plain(&mut conn, sql).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::State, "{sql}");
        assert!(
            error.what().contains("the unique key `name`") && !error.to_string().contains("canary"),
            "{error}"
        );
    }
    assert_eq!(batch(&mut conn, None, &[], End::Commit).await.err().unwrap().kind(), ErrorKind::State);
    assert_eq!(conn.status(), Status::Failed);
    batch(&mut conn, None, &[], End::Rollback).await.unwrap();
    assert_clean(&mut conn).await;
    assert_eq!(one(&mut conn, "SELECT count(*) FROM items").await, Value::Int(1));
}

#[tokio::test]
async fn rolling_back_to_a_savepoint_revives_a_failed_transaction() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.with(&[ITEMS]).await;
    let begin = [Statement::plain("INSERT INTO items (name) VALUES ('a')"), Statement::plain("SAVEPOINT s1")];
    batch(&mut conn, BEGIN, &begin, End::Open).await.unwrap();
    plain(&mut conn, "INSERT INTO items (name) VALUES ('b')").await.unwrap();
    plain(&mut conn, "INSERT INTO items (name) VALUES ('a')").await.err().unwrap();
    assert_eq!(conn.status(), Status::Failed);
    let statements = [
        Statement::plain("ROLLBACK TO SAVEPOINT s1"),
        Statement::plain("INSERT INTO items (name) VALUES ('c')"),
    ];
    batch(&mut conn, None, &statements, End::Open).await.unwrap();
    assert_eq!(conn.status(), Status::InTx);
    batch(&mut conn, None, &[], End::Commit).await.unwrap();
    let names = query(&mut conn, "SELECT name FROM items ORDER BY name", &[]).await.unwrap();
    assert_eq!(names, [[text("a")], [text("c")]]);
}

#[tokio::test]
async fn an_error_outside_of_a_transaction_leaves_the_connection_idle() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.connect().await;
    for sql in ["SELECT * FROM nosuch", "SELEKT", "DROP TABLE nosuch"] {
        let error = plain(&mut conn, sql).await.err().unwrap();
        assert_eq!((error.kind(), error.sql()), (ErrorKind::Database, Some(sql)));
        assert_clean(&mut conn).await;
    }
}

#[tokio::test]
async fn several_statements_in_one_text_are_refused() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.with(&[ITEMS]).await;
    for sql in [
        "DO 0; DROP TABLE items",
        "SET @a = 1; DROP TABLE items",
        "SELECT 1; DROP TABLE items",
        "SAVEPOINT a; /*! DROP TABLE items */",
    ] {
        assert!(plain(&mut conn, sql).await.is_err(), "{sql}");
    }
    assert_eq!(one(&mut conn, "SELECT count(*) FROM items").await, Value::Int(0));
    // One statement with semicolons inside is one statement.
    plain(
        &mut conn,
        "CREATE TRIGGER tr BEFORE INSERT ON items FOR EACH ROW BEGIN SET NEW.n = 7; SET NEW.n = NEW.n + 1; END",
    )
    .await
    .unwrap();
    plain(&mut conn, "INSERT INTO items (name) VALUES ('a;b');").await.unwrap();
    assert_eq!(
        query(&mut conn, "SELECT name, n FROM items", &[]).await.unwrap(),
        [[text("a;b"), Value::Int(8)]]
    );
}

#[tokio::test]
async fn a_transaction_that_only_reads_cannot_write() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.with(&[ITEMS]).await;
    for isolation in [None, Some(Isolation::Snapshot), Some(Isolation::Serializable)] {
        let begin = Some(Begin { read_only: true, isolation, ..Begin::default() });
        let insert = [Statement::plain("INSERT INTO items (name) VALUES ('a')")];
        let error = batch(&mut conn, begin, &insert, End::Commit).await.err().unwrap();
        assert!(error.to_string().contains("read-only"), "{error}");
        assert_clean(&mut conn).await;
    }
}

#[tokio::test]
async fn read_committed_sees_what_others_commit_and_a_snapshot_does_not() {
    let Some(db) = Db::new().await else { return };
    let (mut conn, mut other) = (db.with(&[ITEMS]).await, db.connect().await);
    let count = [Statement::plain("SELECT count(*) FROM items")];
    for (at, (isolation, fresh)) in
        [(None, true), (Some(Isolation::ReadCommitted), true), (Some(Isolation::Snapshot), false)]
            .into_iter()
            .enumerate()
    {
        let begin = Some(Begin { isolation, ..Begin::default() });
        let before = batch(&mut conn, begin, &count, End::Open).await.unwrap().rows;
        plain(&mut other, &format!("INSERT INTO items (name) VALUES ('{at}')")).await.unwrap();
        let after = batch(&mut conn, None, &count, End::Commit).await.unwrap().rows;
        assert_eq!(before != after, fresh, "{isolation:?}");
        assert_clean(&mut conn).await;
    }
    // The isolation was that transaction's only.
    let found =
        batch(&mut conn, BEGIN, &[Statement::plain("SELECT @@tx_isolation")], End::Rollback).await.unwrap();
    assert_eq!(found.rows, [[text("READ-COMMITTED")]]);
}

#[tokio::test]
async fn a_write_on_a_row_that_changed_since_the_snapshot_is_a_serialization_error() {
    let Some(db) = Db::new().await else { return };
    let (mut conn, mut other) =
        (db.with(&[ITEMS, "INSERT INTO items (name) VALUES ('a')"]).await, db.connect().await);
    if query(&mut conn, "SHOW VARIABLES LIKE 'innodb_snapshot_isolation'", &[]).await.unwrap().is_empty() {
        return;
    }
    let update = "UPDATE items SET n = n + 1";
    let begin = Some(Begin { isolation: Some(Isolation::Snapshot), ..Begin::default() });
    batch(&mut conn, begin, &[Statement::plain("SELECT * FROM items")], End::Open).await.unwrap();
    plain(&mut other, update).await.unwrap();
    let error = plain(&mut conn, update).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Serialization);
    assert!(error.is_retryable());
    assert_eq!(conn.status(), Status::Failed);
    batch(&mut conn, None, &[], End::Rollback).await.unwrap();
    // Later transactions of this connection are read committed again, and wait for no snapshot.
    batch(&mut conn, BEGIN, &[Statement::plain("SELECT * FROM items")], End::Open).await.unwrap();
    plain(&mut other, update).await.unwrap();
    batch(&mut conn, None, &[Statement::plain(update)], End::Commit).await.unwrap();
    assert_eq!(one(&mut conn, "SELECT n FROM items").await, Value::Int(3));
}

#[tokio::test]
async fn an_update_to_the_same_values_counts_as_matched() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.with(&[ITEMS, "INSERT INTO items (name, n) VALUES ('a', 1), ('b', 1)"]).await;
    let keep = plain(&mut conn, "UPDATE items SET n = 1").await.unwrap();
    assert_eq!(keep.done, [(0, done(2, None))]);
}

#[tokio::test]
async fn returning_gives_the_keys_in_the_order_of_the_rows() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.with(&[ITEMS, "INSERT INTO items (name) VALUES ('first')"]).await;
    let sql = format!("INSERT INTO items (name) VALUES {} RETURNING id, name", vec!["(?)"; 100].join(","));
    let cell = |row: usize, _: usize| Bind::Own(text(&format!("n{}", 100 - row)));
    let statement = Statement { expect: Some(100), ..rows(&sql, RowBinding::Values, (100, 1), &cell) };
    let keep = batch(&mut conn, BEGIN, &[statement], End::Commit).await.unwrap();
    let expected: Vec<_> =
        (0..100).map(|at| vec![Value::Int(at + 2), text(&format!("n{}", 100 - at))]).collect();
    assert_eq!(keep.rows, expected);
    assert_eq!(keep.done[0].1.rows_affected, 100);
    let gone = Statement { expect: Some(101), ..Statement::plain("DELETE FROM items RETURNING id") };
    assert_eq!(batch(&mut conn, None, &[gone], End::Open).await.unwrap().rows.len(), 101);
}

#[tokio::test]
async fn the_generated_key_is_the_first_of_the_statement() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.with(&[ITEMS]).await;
    plain(&mut conn, "INSERT INTO items (name) VALUES ('a')").await.unwrap();
    let keep = plain(&mut conn, "INSERT INTO items (name) VALUES ('b'), ('c'), ('d')").await.unwrap();
    assert_eq!(keep.done, [(0, done(3, Some(2)))]);
    let cell = |row: usize, _: usize| Bind::Own(text(&format!("e{row}")));
    let each = rows("INSERT INTO items (name) VALUES (?)", RowBinding::Each, (3, 1), &cell);
    assert_eq!(batch(&mut conn, BEGIN, &[each], End::Commit).await.unwrap().done, [(0, done(3, Some(5)))]);
}

#[tokio::test]
async fn keys_are_found_for_every_form_of_rows() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.with(&[ITEMS]).await;
    let mut next = 1;
    for begin in [None, BEGIN] {
        let end = if begin.is_some() { End::Commit } else { End::Open };
        for count in [1, 3] {
            let values = format!("INSERT INTO items (name) VALUES {}", vec!["(?)"; count].join(","));
            let json = "INSERT INTO items (name) SELECT name FROM JSON_TABLE(?, '$[*]' COLUMNS (o FOR ORDINALITY, \
                        name VARCHAR(50) PATH '$[0]')) v ORDER BY o";
            for (shape, sql, binding) in [
                (10 + count as u64, values.as_str(), RowBinding::Values),
                (20, "INSERT INTO items (name) VALUES (?)", RowBinding::Each),
                (21, json, RowBinding::Json),
            ] {
                let cell = move |row: usize, _: usize| Bind::Own(text(&format!("{}", next + row as i64)));
                let statement = Statement {
                    find_keys: Some("`id`"),
                    shape: Some(aludel_engine::driver::ShapeId(shape)),
                    ..rows(sql, binding, (count, 1), &cell)
                };
                let keep = batch(&mut conn, begin, &[statement], end).await.unwrap();
                let keys: Vec<_> = keep.rows.iter().map(|row| row[0].clone()).collect();
                let Value::Int(first) = keys[0] else { panic!() };
                assert_eq!(
                    keys,
                    (0..count as i64).map(|at| Value::Int(first + at)).collect::<Vec<_>>(),
                    "{sql}"
                );
                assert_eq!(keep.done[0].1.rows_affected, count as u64);
                next += count as i64;
                // The key belongs to the row: names were given in the order of the rows.
                let named = query(&mut conn, "SELECT name FROM items WHERE id = ?", &[ValueRef::Int(first)])
                    .await
                    .unwrap();
                assert_eq!(named, [[text(&format!("{}", next - count as i64))]], "{sql}");
                assert_clean(&mut conn).await;
            }
        }
    }
    let cell = |_: usize, _: usize| int(1);
    plain(&mut conn, "CREATE TABLE plain (a INT)").await.unwrap();
    let keyless = Statement {
        find_keys: Some("`a`"),
        ..rows("INSERT INTO plain VALUES (?)", RowBinding::Values, (1, 1), &cell)
    };
    assert!(batch(&mut conn, None, &[keyless], End::Open).await.is_err());
    assert_clean(&mut conn).await;
}

#[tokio::test]
async fn a_thousand_rows_are_updated_by_one_json_text() {
    let Some(db) = Db::new().await else { return };
    let mut conn =
        db.with(&[ITEMS, "INSERT INTO items (name) SELECT concat('n', seq) FROM seq_1_to_1000"]).await;
    let sql = "UPDATE items t JOIN JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$[0]', name VARCHAR(50) PATH '$[1]', \
               n INT PATH '$[2]')) v ON t.id = v.id SET t.name = v.name, t.n = v.n";
    // Half of the rows are given the name they have.
    let cell = |row: usize, column: usize| match column {
        0 => int(row + 1),
        1 => Bind::Own(text(&format!("{}{}", if row.is_multiple_of(2) { "n" } else { "\"é\\" }, row + 1))),
        _ => int(row / 2 * row % 2),
    };
    let statement = Statement { expect: Some(1_000), ..rows(sql, RowBinding::Json, (1_000, 3), &cell) };
    let keep = batch(&mut conn, BEGIN, &[statement], End::Commit).await.unwrap();
    assert_eq!(keep.done, [(0, done(1_000, None))]);
    assert_eq!(one(&mut conn, "SELECT name FROM items WHERE id = 1000").await, text("\"é\\1000"));
    let missing = Statement { expect: Some(1_001), ..rows(sql, RowBinding::Json, (1_001, 3), &cell) };
    let error = batch(&mut conn, BEGIN, &[missing], End::Commit).await.err().unwrap();
    assert_eq!(
        (error.kind(), error.what()),
        (ErrorKind::StaleData, "UPDATE expected to match 1001 rows, matched 1000")
    );
    assert_clean(&mut conn).await;
}

#[tokio::test]
async fn each_runs_once_a_row_and_is_over_once() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.with(&[ITEMS, "INSERT INTO items (name) VALUES ('a'), ('b'), ('c')"]).await;
    let cell = |row: usize, column: usize| if column == 0 { int(7) } else { int(row + 1) };
    let sql = "UPDATE items SET n = ? WHERE id = ?";
    let keep =
        batch(&mut conn, None, &[rows(sql, RowBinding::Each, (3, 2), &cell)], End::Open).await.unwrap();
    assert_eq!(keep.done, [(0, done(3, None))]);
    let stale = Statement { expect: Some(4), ..rows(sql, RowBinding::Each, (4, 2), &cell) };
    let error = batch(&mut conn, BEGIN, &[stale], End::Commit).await.err().unwrap();
    assert_eq!(
        (error.kind(), error.what()),
        (ErrorKind::StaleData, "UPDATE expected to match 4 rows, matched 3")
    );
    assert_clean(&mut conn).await;
}

#[tokio::test]
async fn each_outside_of_a_transaction_is_all_or_nothing_like_one_statement() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.with(&[ITEMS]).await;
    // The third row has the name of the first.
    let cell = |row: usize, _: usize| Bind::Own(text(["a", "b", "a"][row]));
    let each = rows("INSERT INTO items (name) VALUES (?)", RowBinding::Each, (3, 1), &cell);
    let error = batch(&mut conn, None, &[each], End::Open).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    assert_clean(&mut conn).await;
    assert_eq!(one(&mut conn, "SELECT count(*) FROM items").await, Value::Int(0));
}

#[tokio::test]
async fn another_number_of_rows_than_expected_is_stale_data_and_rolls_back() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.with(&[ITEMS, "INSERT INTO items (name) VALUES ('a')"]).await;
    let values = [ValueRef::Int(99)];
    let update = Statement { expect: Some(1), ..prepared(1, "UPDATE items SET n = 5 WHERE id = ?", &values) };
    let first = Statement::plain("UPDATE items SET n = 4");
    let error = batch(&mut conn, BEGIN, &[first, update], End::Commit).await.err().unwrap();
    assert_eq!(
        (error.kind(), error.what()),
        (ErrorKind::StaleData, "UPDATE expected to match 1 row, matched 0")
    );
    assert_clean(&mut conn).await;
    assert_eq!(one(&mut conn, "SELECT n FROM items").await, Value::Int(0));
}

#[tokio::test]
async fn a_write_that_is_its_own_transaction_is_committed_and_seen_by_others() {
    let Some(db) = Db::new().await else { return };
    let (mut conn, mut other) = (db.with(&[ITEMS]).await, db.connect().await);
    let trips =
        "SELECT variable_value FROM information_schema.session_status WHERE variable_name = 'QUESTIONS'";
    let name = [ValueRef::Text("a")];
    let insert = |shape| {
        prepared(shape, "INSERT INTO items (name) VALUES (?) ON DUPLICATE KEY UPDATE n = n + 1", &name)
    };
    batch(&mut conn, BEGIN, &[insert(1)], End::Commit).await.unwrap();
    assert_eq!(one(&mut other, "SELECT count(*) FROM items").await, Value::Int(1));
    // Once prepared it is one question to the server.
    let questions = |keep: Keep| match &keep.rows[0][0] {
        Value::Text(it) => it.parse::<u64>().unwrap(),
        other => panic!("{other:?}"),
    };
    let count = prepared(2, trips, &[]);
    batch(&mut conn, None, &[count], End::Open).await.unwrap();
    let before = questions(batch(&mut conn, None, &[count], End::Open).await.unwrap());
    batch(&mut conn, BEGIN, &[insert(1)], End::Commit).await.unwrap();
    let after = questions(batch(&mut conn, None, &[count], End::Open).await.unwrap());
    assert_eq!(after - before, 2);
    assert_clean(&mut conn).await;
}

#[tokio::test]
async fn a_statement_out_of_the_cache_is_closed_on_the_server() {
    let Some(db) = Db::new().await else { return };
    let url = format!("{}?statement_cache=2", db.spelled()).parse().unwrap();
    let mut conn = aludel_mysql::driver(&url).unwrap().connect().await.unwrap();
    let texts: Vec<_> = (0..5).map(|at| format!("SELECT {at} FROM dual")).collect();
    for round in 0..3 {
        for (at, sql) in texts.iter().enumerate() {
            let keep = batch(&mut conn, None, &[prepared(at as u64, sql, &[])], End::Open).await.unwrap();
            assert_eq!(keep.rows, [[Value::Int(at as i64)]], "round {round}");
        }
    }
    let sql = "SHOW SESSION STATUS LIKE 'Com_stmt_prepare'";
    assert_eq!(plain(&mut conn, sql).await.unwrap().rows[0][1], text("15"));
    let closed =
        plain(&mut conn, "SHOW SESSION STATUS LIKE 'Com_stmt_close'").await.unwrap().rows[0][1].clone();
    assert_eq!(closed, text("13"));
}

#[tokio::test]
async fn a_prepared_statement_follows_a_table_that_was_altered() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.with(&["CREATE TABLE t (a INT)", "INSERT INTO t VALUES (1)"]).await;
    let select = prepared(1, "SELECT * FROM t", &[]);
    assert_eq!(batch(&mut conn, None, &[select], End::Open).await.unwrap().rows, [[Value::Int(1)]]);
    plain(&mut conn, "ALTER TABLE t ADD b VARCHAR(5) DEFAULT 'x', MODIFY a DOUBLE").await.unwrap();
    let keep = batch(&mut conn, None, &[select], End::Open).await.unwrap();
    assert_eq!(keep.rows, [[Value::Real(1.0), text("x")]]);
    assert_eq!(keep.names, ["a", "b"]);
}

#[tokio::test]
async fn a_procedure_shows_one_result_and_no_more() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db
        .with(&[
            "CREATE PROCEDURE p1() SELECT 1",
            "CREATE PROCEDURE p2() BEGIN SELECT 1; SELECT 2; END",
            "CREATE PROCEDURE p0() DO 0",
        ])
        .await;
    assert_eq!(plain(&mut conn, "CALL p1()").await.unwrap().rows, [[Value::Int(1)]]);
    assert!(plain(&mut conn, "CALL p0()").await.unwrap().rows.is_empty());
    assert_eq!(plain(&mut conn, "CALL p2()").await.err().unwrap().kind(), ErrorKind::Unsupported);
    assert_clean(&mut conn).await;
}

#[tokio::test]
async fn a_stream_pauses_and_goes_on() {
    let Some(db) = Db::new().await else { return };
    let mut conn =
        db.with(&[ITEMS, "INSERT INTO items (name) SELECT concat('n', seq) FROM seq_1_to_1000"]).await;
    for begin in [None, BEGIN] {
        let mut keep = Keep { pause_every: 256, ..Keep::default() };
        let statements = [prepared(1, "SELECT id FROM items ORDER BY id", &[])];
        let end = if begin.is_some() { End::Commit } else { End::Open };
        let mut ran = run_into(&mut conn, begin, &statements, end, &mut keep).await.unwrap();
        let mut pauses = 0;
        while ran == Ran::Paused {
            pauses += 1;
            assert_eq!(conn.status(), Status::InFlight);
            assert_eq!(keep.rows.len(), 256 * pauses);
            ran = conn.resume(&mut keep).await.unwrap();
        }
        assert_eq!((pauses, keep.rows.len(), keep.done.len()), (3, 1_000, 1));
        assert_eq!(keep.rows[999], [Value::Int(1_000)]);
        assert_clean(&mut conn).await;
    }
    // Text results pause as well, and a pause at the very last row is one.
    let mut keep = Keep { pause_every: 2, ..Keep::default() };
    let statements = [Statement::plain("EXECUTE IMMEDIATE 'SELECT id FROM items LIMIT 2'")];
    assert_eq!(run_into(&mut conn, None, &statements, End::Open, &mut keep).await.unwrap(), Ran::Paused);
    assert_eq!(conn.resume(&mut keep).await.unwrap(), Ran::Done);
    assert_clean(&mut conn).await;
    assert_eq!(conn.resume(&mut keep).await.unwrap_err().kind(), ErrorKind::State);
}

#[tokio::test]
async fn a_paused_statement_is_kept_or_closed_like_any_other() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.connect().await;
    let sql = "SELECT seq FROM seq_1_to_3";
    for round in 0..3 {
        for statement in [prepared(1, sql, &[]), Statement::plain(sql)] {
            let mut keep = Keep { pause_every: 1, ..Keep::default() };
            let mut ran = run_into(&mut conn, None, &[statement], End::Open, &mut keep).await.unwrap();
            while ran == Ran::Paused {
                ran = conn.resume(&mut keep).await.unwrap();
            }
            assert_eq!(keep.rows.len(), 3, "round {round}");
        }
    }
    // One that is kept, three that were closed.
    for (name, count) in [("Com_stmt_prepare", "4"), ("Com_stmt_close", "3")] {
        let found = plain(&mut conn, &format!("SHOW SESSION STATUS LIKE '{name}'")).await.unwrap();
        assert_eq!(found.rows[0][1], text(count), "{name}");
    }
}

#[tokio::test]
async fn a_pause_between_statements_is_refused() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.connect().await;
    let mut keep = Keep { pause_every: 1, ..Keep::default() };
    let statements = [Statement::plain("SELECT 1"), Statement::plain("SELECT 2")];
    let error = run_into(&mut conn, None, &statements, End::Open, &mut keep).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::State);
    assert_eq!(conn.status(), Status::Broken);
}

#[tokio::test]
async fn an_error_of_the_sink_rolls_back_and_the_connection_stays_while_the_rest_is_short() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.with(&[ITEMS]).await;
    let statements = [
        Statement::plain("INSERT INTO items (name) VALUES ('a')"),
        Statement::plain("SELECT seq FROM seq_1_to_500"),
    ];
    let mut keep = Keep { fail_at: Some(3), ..Keep::default() };
    let error = run_into(&mut conn, BEGIN, &statements, End::Commit, &mut keep).await.unwrap_err();
    assert_eq!((error.what(), keep.rows.len()), ("the sink has had enough", 3));
    assert_clean(&mut conn).await;
    assert_eq!(one(&mut conn, "SELECT count(*) FROM items").await, Value::Int(0));
    // In a transaction that the batch did not begin the server has nothing to complain of.
    batch(&mut conn, BEGIN, &[], End::Open).await.unwrap();
    let mut keep = Keep { fail_at: Some(3), ..Keep::default() };
    run_into(&mut conn, None, &statements[1..], End::Open, &mut keep).await.unwrap_err();
    assert_eq!(conn.status(), Status::InTx);
    batch(&mut conn, None, &[], End::Rollback).await.unwrap();
    let long = [Statement::plain("SELECT seq FROM seq_1_to_1000000")];
    let mut keep = Keep { fail_at: Some(3), ..Keep::default() };
    run_into(&mut conn, None, &long, End::Open, &mut keep).await.unwrap_err();
    assert_eq!(conn.status(), Status::Broken);
}

#[tokio::test]
async fn an_empty_batch_asks_nothing() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.connect().await;
    for end in [End::Open, End::Commit, End::Rollback] {
        batch(&mut conn, None, &[], end).await.unwrap();
    }
    assert_clean(&mut conn).await;
}

/// Counts rows; keeps nothing.
struct Count(usize);

impl RowSink for Count {
    fn row(&mut self, _: usize, cells: &[ValueRef<'_>]) -> aludel_engine::Result<Flow> {
        self.0 += usize::from(!cells.is_empty());
        Ok(Flow::More)
    }
}

#[tokio::test]
async fn wide_rows_and_long_results_arrive_whole() {
    let Some(db) = Db::new().await else { return };
    let mut conn = db.connect().await;
    let wide =
        format!("SELECT {} FROM dual", (0..1_000).map(|it| it.to_string()).collect::<Vec<_>>().join(","));
    assert_eq!(query(&mut conn, &wide, &[]).await.unwrap()[0].len(), 1_000);
    let mut count = Count(0);
    let statements = [Statement {
        params: Params::One(&[]),
        ..Statement::plain("SELECT seq, 'text' FROM seq_1_to_200000")
    }];
    run_into(&mut conn, None, &statements, End::Open, &mut count).await.unwrap();
    assert_eq!(count.0, 200_000);
    let long = query(&mut conn, "SELECT repeat('é', 9000000)", &[]).await;
    match long {
        Ok(rows) => assert!(
            matches!(&rows[0][0], Value::Text(it) if it.len() == 18_000_000) || rows[0][0] == Value::Null
        ),
        Err(error) => assert_eq!(error.code(), Some("1301"), "{error}"),
    }
    assert_clean(&mut conn).await;
}
