//! Without a runtime, and with several.

use std::time::Duration;

use aludel_engine::driver::{Discard, End, Params, RowBinding, Statement};
use aludel_sql::{Bind, ErrorKind, ValueRef};

use crate::support::{
    Folder, WRITE, at_once, batch, control, exec, fails, int, memory, one, run, run_batch, shaped, with,
};

#[test]
fn outside_a_runtime_no_future_is_ever_pending() {
    let folder = Folder::new();
    for driver in [memory(), folder.driver("")] {
        let mut conn = at_once(driver.connect()).unwrap();
        at_once(exec(&mut conn, "CREATE TABLE t (n INTEGER)"));
        let cell = |row: usize, _: usize| Bind::Ref(ValueRef::Int(row as i64));
        let insert = [Statement {
            params: Params::Rows { binding: RowBinding::Each, rows: 2000, columns: 1, cell: &cell },
            ..with("INSERT INTO t VALUES (?1)", &[])
        }];
        at_once(run_batch(&mut conn, &batch(WRITE, &insert, End::Commit), &mut Discard::default())).unwrap();
        for sql in [
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT sum(i) FROM n",
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT i FROM n",
        ] {
            at_once(run(&mut conn, shaped(1 + sql.len() as u64, sql, &[]))).unwrap();
        }
        at_once(conn.close());
    }
}

#[test]
fn outside_a_runtime_waiting_is_done_on_the_calling_thread() {
    let folder = Folder::new();
    let mut other = at_once(folder.driver("").connect()).unwrap();
    at_once(exec(&mut other, "CREATE TABLE t (n INTEGER)"));
    at_once(control(&mut other, WRITE, End::Open)).unwrap();
    let mut conn = at_once(folder.driver("?busy_timeout=20").connect()).unwrap();
    let error = at_once(fails(&mut conn, "INSERT INTO t VALUES (1)"));
    assert_eq!((error.kind(), error.code()), (ErrorKind::Timeout, Some("5")));

    let driver = folder.driver_of("turn.db", "");
    let (mut a, mut b) = (at_once(driver.connect()).unwrap(), at_once(driver.connect()).unwrap());
    at_once(exec(&mut a, "CREATE TABLE t (n INTEGER)"));
    at_once(control(&mut a, WRITE, End::Open)).unwrap();
    let writer = std::thread::spawn(move || at_once(exec(&mut b, "INSERT INTO t VALUES (1)")));
    std::thread::sleep(Duration::from_millis(10));
    assert!(!writer.is_finished());
    at_once(control(&mut a, None, End::Commit)).unwrap();
    writer.join().unwrap();
    assert_eq!(at_once(one(&mut a, "SELECT n FROM t")), int(1));
}

#[test]
fn a_runtime_that_ends_takes_its_connections_with_it_and_the_next_one_starts_clean() {
    let folder = Folder::new();
    let driver = folder.driver("");
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut conn = runtime().block_on(async {
        let mut conn = driver.connect().await.unwrap();
        exec(&mut conn, "CREATE TABLE t (n INTEGER)").await;
        control(&mut conn, WRITE, End::Open).await.unwrap();
        conn
    });
    // Made on a runtime and used on none, it does not ask for one.
    at_once(exec(&mut conn, "INSERT INTO t VALUES (1)"));
    at_once(control(&mut conn, None, End::Commit)).unwrap();
    // On another runtime it works as well.
    runtime().block_on(async {
        exec(&mut conn, "INSERT INTO t VALUES (2)").await;
        assert_eq!(one(&mut conn, "SELECT count(*) FROM t").await, int(2));
    });
}
