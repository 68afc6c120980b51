//! The rules that the SQLite driver keeps, one test a rule.

use std::future::Future;
use std::path::PathBuf;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use aludel_engine::driver::{
    Batch, Begin, ColumnInfo, Discard, Done, Driver, End, Flow, Isolation, Params, Ran, RawConn, RowBinding,
    RowSink, ShapeId, Statement, Status,
};
use aludel_sql::{Bind, Error, ErrorKind, Result, Value, ValueRef};

// ---- helpers -------------------------------------------------------------------------------------------------------------------

/// A folder of this test's own, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("aludel-sqlite-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn driver(&self, options: &str) -> Arc<dyn Driver> {
        self.driver_of("test.db", options)
    }

    fn driver_of(&self, file: &str, options: &str) -> Arc<dyn Driver> {
        driver(&format!("sqlite:///{}{options}", self.0.join(file).display()))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.0);
    }
}

fn driver(url: &str) -> Arc<dyn Driver> {
    aludel_sqlite::driver(&url.parse().unwrap()).unwrap()
}

fn memory() -> Arc<dyn Driver> {
    driver("sqlite::memory:")
}

/// Keeps everything it is shown.
#[derive(Default)]
struct Seen {
    rows: Vec<Vec<Value>>,
    done: Vec<Done>,
    columns: Option<Vec<String>>,
    pause_every: usize,
}

impl RowSink for Seen {
    fn columns(&mut self, _: usize, columns: &[ColumnInfo<'_>]) -> Result<()> {
        assert!(self.rows.is_empty(), "the columns come before the rows");
        self.columns = Some(columns.iter().map(|column| column.name.to_owned()).collect());
        Ok(())
    }

    fn row(&mut self, _: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        self.rows.push(cells.iter().map(|cell| cell.to_value()).collect());
        let pause = self.pause_every > 0 && self.rows.len().is_multiple_of(self.pause_every);
        Ok(if pause { Flow::Pause } else { Flow::More })
    }

    fn done(&mut self, _: usize, done: Done) {
        self.done.push(done);
    }

    fn wants_columns(&self) -> bool {
        self.columns.is_some()
    }
}

fn with<'a>(sql: &'a str, values: &'a [ValueRef<'a>]) -> Statement<'a> {
    Statement {
        shape: None,
        sql,
        types: &[],
        params: Params::One(values),
        expect: None,
        find_keys: None,
        decimals: &[],
        cached: false,
    }
}

fn shaped<'a>(shape: u64, sql: &'a str, values: &'a [ValueRef<'a>]) -> Statement<'a> {
    Statement { shape: Some(ShapeId(shape)), ..with(sql, values) }
}

const WRITE: Option<Begin> =
    Some(Begin { write: true, isolation: None, read_only: false, deferrable: false });
const SNAPSHOT: Option<Begin> =
    Some(Begin { write: false, isolation: Some(Isolation::Snapshot), read_only: false, deferrable: false });

fn batch<'a>(begin: Option<Begin>, statements: &'a [Statement<'a>], end: End) -> Batch<'a> {
    Batch { begin, statements, end }
}

type Conn = Box<dyn RawConn>;

async fn run(conn: &mut Conn, statement: Statement<'_>) -> Result<Seen> {
    let mut seen = Seen::default();
    let ran = conn.run(&batch(None, &[statement], End::Open), &mut seen).await?;
    assert_eq!(ran, Ran::Done);
    Ok(seen)
}

async fn exec(conn: &mut Conn, sql: &str) {
    for sql in sql.split(';').filter(|sql| !sql.trim().is_empty()) {
        run(conn, Statement::plain(sql)).await.unwrap();
    }
}

async fn one(conn: &mut Conn, sql: &str) -> Value {
    run(conn, Statement::plain(sql)).await.unwrap().rows.remove(0).remove(0)
}

async fn fails(conn: &mut Conn, sql: &str) -> Error {
    run(conn, Statement::plain(sql)).await.err().unwrap()
}

async fn control(conn: &mut Conn, begin: Option<Begin>, end: End) -> Result<()> {
    conn.run(&batch(begin, &[], end), &mut Discard::default()).await.map(|_| ())
}

/// Polls a future `n` times, then drops it.
async fn poll_then_drop<F: Future>(n: usize, future: F) -> Option<F::Output> {
    struct Polls<'f, F> {
        left: usize,
        future: Pin<&'f mut F>,
    }
    impl<F: Future> Future for Polls<'_, F> {
        type Output = Option<F::Output>;
        fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
            if let Poll::Ready(output) = self.future.as_mut().poll(context) {
                return Poll::Ready(Some(output));
            }
            self.left -= 1;
            if self.left == 0 { Poll::Ready(None) } else { Poll::Pending }
        }
    }
    Polls { left: n, future: pin!(future) }.await
}

/// Polls once, as the blocking API does.
fn at_once<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the future is pending, although nobody could wake it"),
    }
}

fn int(value: i64) -> Value {
    Value::Int(value)
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

// ---- values --------------------------------------------------------------------------------------------------------------------

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
        conn.run(&batch(None, &[shaped(u64::from(sql.len() as u32), sql, &[])], End::Open), &mut seen)
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

// ---- settings ------------------------------------------------------------------------------------------------------------------

#[tokio::test]
async fn foreign_keys_are_enforced() {
    let folder = Folder::new();
    for driver in [memory(), folder.driver("")] {
        let mut conn = driver.connect().await.unwrap();
        assert_eq!(one(&mut conn, "PRAGMA foreign_keys").await, int(1));
        exec(&mut conn, "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p_id REFERENCES p(id))")
            .await;
        assert_eq!(fails(&mut conn, "INSERT INTO c VALUES (7)").await.kind(), ErrorKind::ForeignKeyViolation);
    }
}

#[tokio::test]
async fn a_misspelt_column_in_double_quotes_is_an_error_and_not_a_string() {
    let mut conn = memory().connect().await.unwrap();
    exec(&mut conn, "CREATE TABLE t (name TEXT)").await;
    let error = fails(&mut conn, "SELECT * FROM t WHERE \"nmae\" = 'nmae'").await;
    assert_eq!((error.kind(), error.column()), (ErrorKind::Database, Some("nmae")));
    fails(&mut conn, "CREATE INDEX i ON t (\"nmae\")").await;
}

#[tokio::test]
async fn files_are_in_wal_mode_and_commits_wait_for_the_disk_unless_told() {
    let folder = Folder::new();
    for (options, level) in [("", 2), ("?synchronous=NORMAL", 1)] {
        let mut conn = folder.driver(options).connect().await.unwrap();
        assert_eq!(one(&mut conn, "PRAGMA journal_mode").await, text("wal"));
        assert_eq!(one(&mut conn, "PRAGMA synchronous").await, int(level));
    }
}

#[tokio::test]
async fn the_schema_cannot_be_rewritten_by_hand() {
    let mut conn = memory().connect().await.unwrap();
    exec(&mut conn, "CREATE TABLE t (a); PRAGMA writable_schema = ON").await;
    assert_eq!(fails(&mut conn, "DELETE FROM sqlite_schema").await.kind(), ErrorKind::Database);
}

#[tokio::test]
async fn a_database_in_memory_is_one_for_all_connections_of_a_driver_and_of_no_other() {
    let driver = memory();
    let mut a = driver.connect().await.unwrap();
    exec(&mut a, "CREATE TABLE t (id INTEGER); INSERT INTO t VALUES (1)").await;
    a.close().await;
    // Nobody is connected now.
    let mut b = driver.connect().await.unwrap();
    assert_eq!(one(&mut b, "SELECT id FROM t").await, int(1));
    let mut other = memory().connect().await.unwrap();
    assert_eq!(fails(&mut other, "SELECT id FROM t").await.table(), Some("t"));
}

// ---- errors --------------------------------------------------------------------------------------------------------------------

#[tokio::test]
async fn constraint_violations_are_sorted_by_meaning() {
    let mut conn = memory().connect().await.unwrap();
    exec(
        &mut conn,
        "CREATE TABLE p (id INTEGER PRIMARY KEY, a TEXT, b TEXT, c TEXT NOT NULL DEFAULT '', n INTEGER CONSTRAINT positive CHECK (n > 0), UNIQUE (a, b));
         CREATE TABLE w (k TEXT PRIMARY KEY) WITHOUT ROWID;
         CREATE TABLE s (i INTEGER) STRICT;
         CREATE TABLE x (k TEXT); CREATE UNIQUE INDEX ux_lower ON x (lower(k)); INSERT INTO x VALUES ('a');
         CREATE TABLE c (p_id INTEGER REFERENCES p(id));
         INSERT INTO p (id, a, b) VALUES (1, 'a', 'b');
         INSERT INTO w VALUES ('x')",
    )
    .await;
    let unique = fails(&mut conn, "INSERT INTO p (a, b) VALUES ('a', 'b')").await;
    assert_eq!(
        (unique.kind(), unique.table(), unique.column()),
        (ErrorKind::UniqueViolation, Some("p"), Some("a, b"))
    );
    assert_eq!((unique.code(), unique.sql()), (Some("2067"), Some("INSERT INTO p (a, b) VALUES ('a', 'b')")));
    let rowid = fails(&mut conn, "INSERT INTO p (id) VALUES (1)").await;
    assert_eq!(
        (rowid.kind(), rowid.column(), rowid.code()),
        (ErrorKind::UniqueViolation, Some("id"), Some("1555"))
    );
    let key = fails(&mut conn, "INSERT INTO w VALUES ('x')").await;
    assert_eq!((key.kind(), key.table()), (ErrorKind::UniqueViolation, Some("w")));
    let index = fails(&mut conn, "INSERT INTO x VALUES ('A')").await;
    assert_eq!((index.kind(), index.constraint()), (ErrorKind::UniqueViolation, Some("ux_lower")));
    let null = fails(&mut conn, "INSERT INTO p (c) VALUES (NULL)").await;
    assert_eq!(
        (null.kind(), null.table(), null.column()),
        (ErrorKind::NotNullViolation, Some("p"), Some("c"))
    );
    let check = fails(&mut conn, "INSERT INTO p (n) VALUES (0)").await;
    assert_eq!((check.kind(), check.constraint()), (ErrorKind::CheckViolation, Some("positive")));
    let strict = fails(&mut conn, "INSERT INTO s VALUES ('abc')").await;
    assert_eq!((strict.kind(), strict.column()), (ErrorKind::CheckViolation, Some("i")));
    let foreign = fails(&mut conn, "INSERT INTO c VALUES (9)").await;
    assert_eq!((foreign.kind(), foreign.code()), (ErrorKind::ForeignKeyViolation, Some("787")));
    assert_eq!(conn.status(), Status::Idle);
}

#[tokio::test]
async fn only_one_statement_is_taken_at_a_time() {
    let mut conn = memory().connect().await.unwrap();
    for sql in ["SELECT 1; SELECT 2", "CREATE TABLE t (a); DROP TABLE t", "", "-- nothing"] {
        assert_eq!(fails(&mut conn, sql).await.kind(), ErrorKind::Compile, "{sql}");
    }
    assert_eq!(one(&mut conn, "SELECT count(*) FROM sqlite_schema").await, int(0));
    assert_eq!(one(&mut conn, "SELECT 1; -- the end").await, int(1));
    assert_eq!(fails(&mut conn, "SELECT 1\0").await.kind(), ErrorKind::Encode);
}

#[tokio::test]
async fn a_missing_folder_is_named() {
    let folder = Folder::new();
    let error = folder.driver_of("no/such/test.db", "").connect().await.err().unwrap();
    let shown = error.to_string();
    assert!(shown.contains("no/such/test.db") && shown.contains("does not exist: create it"), "{shown}");
    let error = folder.driver_of("new.db", "?mode=rw").connect().await.err().unwrap().to_string();
    assert!(error.contains("`mode=rwc` creates it"), "{error}");
    std::fs::create_dir(folder.0.join("dir.db")).unwrap();
    let error = folder.driver_of("dir.db", "").connect().await.err().unwrap().to_string();
    assert!(error.contains("is a folder"), "{error}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_told_when_connecting() {
    let folder = Folder::new();
    std::fs::write(folder.0.join("test.db"), "this is certainly not a database".repeat(100)).unwrap();
    let error = folder.driver("").connect().await.err().unwrap();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Database, Some("26")));
    assert!(error.to_string().contains("is not a SQLite database"), "{error}");
}

#[tokio::test]
async fn a_damaged_file_is_an_error_with_advice() {
    let folder = Folder::new();
    let mut conn = folder.driver("").connect().await.unwrap();
    exec(&mut conn, "CREATE TABLE t (a TEXT); INSERT INTO t VALUES (hex(zeroblob(20000)))").await;
    conn.close().await;
    let path = folder.0.join("test.db");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[4096..8192].fill(0x55);
    std::fs::write(&path, bytes).unwrap();
    let mut conn = folder.driver("").connect().await.unwrap();
    let error = fails(&mut conn, "SELECT sum(length(a)) FROM t").await;
    assert!(
        error.to_string().contains("is damaged") && error.to_string().contains("integrity_check"),
        "{error}"
    );
}

#[tokio::test]
async fn a_file_opened_to_read_cannot_be_written() {
    let folder = Folder::new();
    let mut conn = folder.driver("").connect().await.unwrap();
    exec(&mut conn, "CREATE TABLE t (a); INSERT INTO t VALUES (1)").await;
    let mut reader = folder.driver("?mode=ro").connect().await.unwrap();
    assert_eq!(one(&mut reader, "SELECT a FROM t").await, int(1));
    let error = fails(&mut reader, "INSERT INTO t VALUES (2)").await;
    assert!(error.to_string().contains("`mode=ro`"), "{error}");
    assert_eq!(reader.status(), Status::Idle);
}

#[tokio::test]
async fn a_full_database_keeps_what_was_committed_and_can_be_written_later() {
    let folder = Folder::new();
    let mut conn = folder.driver("").connect().await.unwrap();
    exec(&mut conn, "CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('kept'); PRAGMA max_page_count = 10")
        .await;
    control(&mut conn, WRITE, End::Open).await.unwrap();
    let error = fails(&mut conn, "INSERT INTO t VALUES (hex(zeroblob(100000)))").await;
    assert!(error.to_string().contains("there is no room"), "{error}");
    control(&mut conn, None, End::Rollback).await.unwrap();
    assert_eq!(conn.status(), Status::Idle);
    exec(&mut conn, "PRAGMA max_page_count = 1000; INSERT INTO t VALUES (hex(zeroblob(100000)))").await;
    assert_eq!(one(&mut conn, "SELECT count(*) FROM t").await, int(2));
}

#[tokio::test]
async fn a_file_whose_name_looks_like_a_uri_is_a_file() {
    let folder = Folder::new();
    for (written, name) in
        [("a%3Fmode=memory%23x.db", "a?mode=memory#x.db"), ("file:b%3Fvfs=memdb", "file:b?vfs=memdb")]
    {
        let mut conn = folder.driver_of(written, "").connect().await.unwrap();
        exec(&mut conn, "CREATE TABLE t (a)").await;
        assert!(folder.0.join(name).exists(), "{name}");
    }
}

// ---- batches and transactions --------------------------------------------------------------------------------------------------

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
        conn.run(&batch(WRITE, &insert, End::Commit), &mut Discard::default()).await.unwrap();
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
            let error = conn.run(&batch(begin, &statements, end), &mut seen).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UniqueViolation);
            assert_eq!(seen.done.len(), 1, "the third statement must not run");
            assert_eq!(conn.status(), Status::Idle);
            assert_eq!(one(&mut conn, "SELECT count(*) FROM t").await, int(0));
        }
    }
    // In the caller's transaction what went before stays, for the caller to decide.
    control(&mut conn, WRITE, End::Open).await.unwrap();
    conn.run(&batch(None, &statements, End::Commit), &mut Discard::default()).await.unwrap_err();
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
        conn.run(&batch(None, &statements, End::Open), &mut Discard::default()).await.unwrap();
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
        let error = conn.run(&batch(begin, &insert, End::Commit), &mut Discard::default()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation);
        assert_eq!(conn.status(), Status::Idle);
    }
    assert_eq!(one(&mut conn, "SELECT count(*) FROM c").await, int(0));
}

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
            conn.run(&batch(None, &[statement], End::Open), &mut seen).await.unwrap();
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

// ---- streams -------------------------------------------------------------------------------------------------------------------

const COUNT_TO_1000: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i FROM n";

#[tokio::test]
async fn a_sink_can_pause_and_go_on() {
    let folder = Folder::new();
    for driver in [memory(), folder.driver("")] {
        let mut conn = driver.connect().await.unwrap();
        for pause_every in [1, 7, 256, 1000, 5000] {
            let mut seen = Seen { pause_every, ..Seen::default() };
            let statements = [shaped(1, COUNT_TO_1000, &[])];
            let mut ran = conn.run(&batch(None, &statements, End::Open), &mut seen).await.unwrap();
            let mut pauses = 0;
            while ran == Ran::Paused {
                assert_eq!(conn.status(), Status::InFlight);
                assert_eq!(seen.rows.len() % pause_every, 0);
                assert!(seen.done.is_empty());
                pauses += 1;
                ran = conn.resume(&mut seen).await.unwrap();
            }
            assert_eq!(pauses, 1000 / pause_every);
            assert_eq!(seen.rows, (1..=1000).map(|i| vec![int(i)]).collect::<Vec<_>>());
            assert_eq!(seen.done.len(), 1);
            assert_eq!(conn.status(), Status::Idle);
        }
        assert_eq!(conn.resume(&mut Seen::default()).await.unwrap_err().kind(), ErrorKind::State);
    }
}

#[tokio::test]
async fn a_stream_ends_its_batch_after_the_last_row() {
    let mut conn = memory().connect().await.unwrap();
    let mut seen = Seen { pause_every: 400, ..Seen::default() };
    let statements = [shaped(1, COUNT_TO_1000, &[])];
    assert_eq!(conn.run(&batch(SNAPSHOT, &statements, End::Commit), &mut seen).await.unwrap(), Ran::Paused);
    assert_eq!(conn.resume(&mut seen).await.unwrap(), Ran::Paused);
    assert_eq!(conn.resume(&mut seen).await.unwrap(), Ran::Done);
    assert_eq!((seen.rows.len(), conn.status()), (1000, Status::Idle));
    conn.run(&batch(SNAPSHOT, &statements, End::Open), &mut Discard::default()).await.unwrap();
    assert_eq!(conn.status(), Status::InTx);
}

#[tokio::test]
async fn an_abandoned_stream_leaves_the_mark_and_no_lock() {
    let driver = memory();
    let mut conn = driver.connect().await.unwrap();
    exec(&mut conn, "CREATE TABLE t (a); INSERT INTO t VALUES (1), (2), (3)").await;
    let mut seen = Seen { pause_every: 1, ..Seen::default() };
    let statements = [Statement::plain("SELECT a FROM t")];
    conn.run(&batch(None, &statements, End::Open), &mut seen).await.unwrap();
    assert_eq!(conn.status(), Status::InFlight);
    // The next batch lets go of it.
    exec(&mut conn, "INSERT INTO t VALUES (4)").await;
    assert_eq!(conn.status(), Status::Idle);
    conn.run(&batch(None, &statements, End::Open), &mut seen).await.unwrap();
    drop(conn);
    let mut other = driver.connect().await.unwrap();
    exec(&mut other, "DELETE FROM t").await;
}

#[tokio::test]
async fn a_write_that_is_paused_is_committed_and_holds_no_lock() {
    let driver = memory();
    let (mut a, mut b) = (driver.connect().await.unwrap(), driver.connect().await.unwrap());
    exec(&mut a, "CREATE TABLE t (id INTEGER PRIMARY KEY)").await;
    let mut seen = Seen { pause_every: 2, ..Seen::default() };
    let statements = [Statement::plain("INSERT INTO t VALUES (1), (2), (3), (4), (5) RETURNING id")];
    assert_eq!(a.run(&batch(WRITE, &statements, End::Commit), &mut seen).await.unwrap(), Ran::Paused);
    assert_eq!(seen.rows.len(), 2);
    exec(&mut b, "INSERT INTO t VALUES (6)").await;
    while a.resume(&mut seen).await.unwrap() == Ran::Paused {}
    assert_eq!(seen.rows.len(), 5);
    assert_eq!(seen.done, [Done { rows_affected: 5, generated_key: Some(5) }]);
    assert_eq!(a.status(), Status::Idle);
}

#[tokio::test]
async fn a_sink_that_fails_ends_the_statement() {
    struct Fails(usize);
    impl RowSink for Fails {
        fn row(&mut self, _: usize, _: &[ValueRef<'_>]) -> Result<Flow> {
            self.0 -= 1;
            if self.0 == 0 { Err(Error::new(ErrorKind::Decode, "too much")) } else { Ok(Flow::More) }
        }
    }
    let mut conn = memory().connect().await.unwrap();
    exec(&mut conn, "CREATE TABLE t (id INTEGER PRIMARY KEY)").await;
    for sql in [COUNT_TO_1000, "INSERT INTO t VALUES (1), (2), (3) RETURNING id"] {
        let error = conn
            .run(&batch(None, &[shaped(1 + sql.len() as u64, sql, &[])], End::Open), &mut Fails(2))
            .await
            .unwrap_err();
        assert_eq!((error.kind(), error.what()), (ErrorKind::Decode, "too much"));
        assert_eq!(conn.status(), Status::Idle);
    }
    assert_eq!(one(&mut conn, "SELECT count(*) FROM t").await, int(0));
}

// ---- long statements -----------------------------------------------------------------------------------------------------------

/// Notes at its first and its last row whether a timer had fired.
struct Watching {
    fired: Arc<AtomicBool>,
    rows: usize,
    at_last_row: bool,
}

impl RowSink for Watching {
    fn row(&mut self, _: usize, _: &[ValueRef<'_>]) -> Result<Flow> {
        self.rows += 1;
        self.at_last_row = self.fired.load(Ordering::SeqCst);
        Ok(Flow::More)
    }
}

async fn lets_a_timer_run(conn: &mut Conn, sql: &str) -> usize {
    let fired = Arc::new(AtomicBool::new(false));
    let timer = tokio::spawn({
        let fired = Arc::clone(&fired);
        async move {
            tokio::time::sleep(Duration::from_millis(1)).await;
            fired.store(true, Ordering::SeqCst);
        }
    });
    let mut sink = Watching { fired, rows: 0, at_last_row: false };
    conn.run(&batch(None, &[shaped(sql.len() as u64, sql, &[])], End::Open), &mut sink).await.unwrap();
    assert!(sink.at_last_row, "the only worker was held for the whole of `{sql}`");
    timer.await.unwrap();
    sink.rows
}

#[tokio::test(flavor = "current_thread")]
async fn a_long_scan_gives_the_worker_back_between_rows() {
    let mut conn = memory().connect().await.unwrap();
    let sql =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT i FROM n";
    assert_eq!(lets_a_timer_run(&mut conn, sql).await, 200_000);
}

#[tokio::test(flavor = "current_thread")]
async fn a_read_that_yields_no_row_in_time_goes_to_the_blocking_pool() {
    let mut conn = memory().connect().await.unwrap();
    let sum = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT sum(i) FROM n";
    for _ in 0..2 {
        assert_eq!(lets_a_timer_run(&mut conn, sum).await, 1);
    }
    let sorted = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT i, 'row ' || i, x'00ff' FROM n ORDER BY -i";
    assert_eq!(lets_a_timer_run(&mut conn, sorted).await, 100_000);
    // Its rows are the same, paused or not, and in a transaction too.
    for begin in [None, SNAPSHOT] {
        let mut seen = Seen { pause_every: 3333, columns: Some(vec![]), ..Seen::default() };
        let statements = [shaped(2, sorted, &[])];
        let mut ran = conn.run(&batch(begin, &statements, End::Rollback), &mut seen).await.unwrap();
        while ran == Ran::Paused {
            ran = conn.resume(&mut seen).await.unwrap();
        }
        assert_eq!(seen.rows.len(), 100_000);
        assert_eq!(seen.rows[99_999], [int(1), text("row 1"), Value::Blob(vec![0, 255])]);
        assert_eq!(seen.columns.unwrap()[0], "i");
        assert_eq!(conn.status(), Status::Idle);
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_long_read_inside_a_transaction_that_has_written_loses_nothing() {
    let mut conn = memory().connect().await.unwrap();
    exec(&mut conn, "CREATE TABLE t (a)").await;
    control(&mut conn, WRITE, End::Open).await.unwrap();
    exec(&mut conn, "INSERT INTO t VALUES (1)").await;
    let sum = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT sum(i) + (SELECT a FROM t) FROM n";
    lets_a_timer_run(&mut conn, sum).await;
    assert_eq!(conn.status(), Status::InTx);
    control(&mut conn, None, End::Commit).await.unwrap();
    assert_eq!(one(&mut conn, "SELECT a FROM t").await, int(1));
}

#[tokio::test(flavor = "current_thread")]
async fn many_short_statements_let_others_run() {
    let mut conn = memory().connect().await.unwrap();
    let fired = Arc::new(AtomicBool::new(false));
    let timer = tokio::spawn({
        let fired = Arc::clone(&fired);
        async move {
            tokio::time::sleep(Duration::from_millis(1)).await;
            fired.store(true, Ordering::SeqCst);
        }
    });
    // Would never end if a loop of point reads could keep the only worker.
    while !fired.load(Ordering::SeqCst) {
        run(&mut conn, shaped(1, "SELECT 1", &[])).await.unwrap();
    }
    timer.await.unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn a_running_statement_can_be_cancelled() {
    let mut conn = memory().connect().await.unwrap();
    let cancel = conn.canceller();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n";
    let canceller = tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_millis(1)).await;
            cancel().await;
        }
    });
    let error = fails(&mut conn, endless).await;
    canceller.abort();
    _ = canceller.await;
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(conn.status(), Status::Idle);
    assert_eq!(one(&mut conn, "SELECT 1").await, int(1));
}

#[tokio::test(flavor = "current_thread")]
async fn the_canceller_of_a_closed_connection_does_nothing() {
    let conn = memory().connect().await.unwrap();
    let cancel = conn.canceller();
    conn.close().await;
    cancel().await;
}

// ---- writers -------------------------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_queue_up_and_none_sees_a_busy_database() {
    let folder = Folder::new();
    for driver in [memory(), folder.driver(""), folder.driver_of("normal.db", "?synchronous=NORMAL")] {
        let mut conn = driver.connect().await.unwrap();
        exec(&mut conn, "CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (0)").await;
        let tasks: Vec<_> = (0..16)
            .map(|_| {
                let driver = Arc::clone(&driver);
                tokio::spawn(async move {
                    let mut conn = driver.connect().await?;
                    for round in 0..20 {
                        let update = [shaped(1, "UPDATE t SET n = n + 1", &[])];
                        // With a transaction and without one.
                        let begin = if round % 2 == 0 { WRITE } else { None };
                        conn.run(&batch(begin, &update, End::Commit), &mut Discard::default()).await?;
                        run(&mut conn, shaped(2, "SELECT n FROM t", &[])).await?;
                    }
                    Ok::<(), Error>(())
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        assert_eq!(one(&mut conn, "SELECT n FROM t").await, int(320));
    }
}

#[tokio::test(flavor = "current_thread")]
async fn the_writers_turn_is_first_come_first_served() {
    let driver = memory();
    let mut holder = driver.connect().await.unwrap();
    exec(&mut holder, "CREATE TABLE t (id INTEGER PRIMARY KEY, who INTEGER)").await;
    control(&mut holder, WRITE, End::Open).await.unwrap();
    let mut tasks = Vec::new();
    for who in 0..8_i64 {
        let driver = Arc::clone(&driver);
        tasks.push(tokio::spawn(async move {
            let mut conn = driver.connect().await.unwrap();
            run(&mut conn, with("INSERT INTO t (who) VALUES (?1)", &[ValueRef::Int(who)])).await.unwrap();
        }));
        tokio::task::yield_now().await;
    }
    control(&mut holder, None, End::Commit).await.unwrap();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(one(&mut holder, "SELECT group_concat(who, '') FROM t").await, text("01234567"));
}

#[tokio::test(flavor = "current_thread")]
async fn a_wait_for_the_turn_ends_with_an_error_that_says_who_holds_it() {
    let driver = driver("sqlite://?busy_timeout=30");
    let (mut a, mut b) = (driver.connect().await.unwrap(), driver.connect().await.unwrap());
    control(&mut a, WRITE, End::Open).await.unwrap();
    let error = control(&mut b, WRITE, End::Open).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("waited 0.03 s for the writer's turn"), "{error}");
    assert!(error.to_string().contains("other writers of this engine"), "{error}");
    assert_eq!(b.status(), Status::Idle);
    drop(a);
    control(&mut b, WRITE, End::Commit).await.unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn the_lock_of_another_program_is_waited_for_with_a_timer() {
    let folder = Folder::new();
    // Another driver on the same file knows nothing of this one's queue.
    let mut other = folder.driver("").connect().await.unwrap();
    exec(&mut other, "CREATE TABLE t (a)").await;
    control(&mut other, WRITE, End::Open).await.unwrap();
    let mut conn = folder.driver("?busy_timeout=30000").connect().await.unwrap();
    let released = Arc::new(AtomicBool::new(false));
    let waiter = tokio::spawn({
        let released = Arc::clone(&released);
        async move {
            exec(&mut conn, "INSERT INTO t VALUES (1)").await;
            assert!(released.load(Ordering::SeqCst), "the lock was free before it was released");
        }
    });
    // On the only worker: this runs because the waiter gives it back.
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert!(!waiter.is_finished());
    released.store(true, Ordering::SeqCst);
    control(&mut other, None, End::Commit).await.unwrap();
    waiter.await.unwrap();

    control(&mut other, WRITE, End::Open).await.unwrap();
    let mut hasty = folder.driver("?busy_timeout=20").connect().await.unwrap();
    let error = fails(&mut hasty, "INSERT INTO t VALUES (2)").await;
    assert_eq!((error.kind(), error.code()), (ErrorKind::Timeout, Some("5")));
    assert!(error.to_string().contains("another program"), "{error}");
    assert_eq!(hasty.status(), Status::Idle);
}

#[tokio::test(flavor = "current_thread")]
async fn a_snapshot_that_was_overtaken_is_a_retryable_error() {
    let folder = Folder::new();
    let driver = folder.driver("");
    let (mut a, mut b) = (driver.connect().await.unwrap(), driver.connect().await.unwrap());
    exec(&mut a, "CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (0)").await;
    control(&mut a, SNAPSHOT, End::Open).await.unwrap();
    assert_eq!(one(&mut a, "SELECT n FROM t").await, int(0));
    exec(&mut b, "UPDATE t SET n = 1").await;
    assert_eq!(one(&mut a, "SELECT n FROM t").await, int(0));
    let error = fails(&mut a, "UPDATE t SET n = n + 10").await;
    assert_eq!((error.kind(), error.code()), (ErrorKind::Serialization, Some("517")));
    assert!(error.is_retryable());
    // The turn is not kept by the one that failed.
    control(&mut a, None, End::Rollback).await.unwrap();
    exec(&mut b, "UPDATE t SET n = 2").await;
    // Not overtaken, it can become a writer.
    control(&mut a, SNAPSHOT, End::Open).await.unwrap();
    assert_eq!(one(&mut a, "SELECT n FROM t").await, int(2));
    exec(&mut a, "UPDATE t SET n = n + 10").await;
    control(&mut a, None, End::Commit).await.unwrap();
    assert_eq!(one(&mut b, "SELECT n FROM t").await, int(12));
}

#[tokio::test(flavor = "current_thread")]
async fn in_memory_a_reader_waits_for_the_writer() {
    let driver = memory();
    let (mut a, mut b) = (driver.connect().await.unwrap(), driver.connect().await.unwrap());
    exec(&mut a, "CREATE TABLE t (n INTEGER)").await;
    control(&mut a, WRITE, End::Open).await.unwrap();
    exec(&mut a, "INSERT INTO t VALUES (1)").await;
    let reader = tokio::spawn(async move { one(&mut b, "SELECT count(*) FROM t").await });
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert!(!reader.is_finished());
    control(&mut a, None, End::Commit).await.unwrap();
    assert_eq!(reader.await.unwrap(), int(1));
    exec(&mut a, "INSERT INTO t VALUES (2)").await;
}

#[tokio::test(flavor = "current_thread")]
async fn in_memory_a_reader_that_wants_to_write_does_not_wait_for_a_writer_who_waits_for_it() {
    let driver = memory();
    let (mut a, mut b) = (driver.connect().await.unwrap(), driver.connect().await.unwrap());
    exec(&mut a, "CREATE TABLE t (n INTEGER)").await;
    control(&mut a, SNAPSHOT, End::Open).await.unwrap();
    assert_eq!(one(&mut a, "SELECT count(*) FROM t").await, int(0));
    control(&mut b, WRITE, End::Open).await.unwrap();
    exec(&mut b, "INSERT INTO t VALUES (1)").await;
    assert_eq!(fails(&mut a, "INSERT INTO t VALUES (2)").await.kind(), ErrorKind::Serialization);
    control(&mut a, None, End::Rollback).await.unwrap();
    control(&mut b, None, End::Commit).await.unwrap();
    exec(&mut a, "INSERT INTO t VALUES (2)").await;
}

#[tokio::test(flavor = "current_thread")]
async fn in_memory_a_commit_waits_for_open_readers() {
    let driver = memory();
    let (mut a, mut b) = (driver.connect().await.unwrap(), driver.connect().await.unwrap());
    exec(&mut a, "CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1), (2)").await;
    let mut seen = Seen { pause_every: 1, ..Seen::default() };
    let statements = [Statement::plain("SELECT n FROM t")];
    assert_eq!(a.run(&batch(None, &statements, End::Open), &mut seen).await.unwrap(), Ran::Paused);
    let writer = tokio::spawn(async move {
        exec(&mut b, "INSERT INTO t VALUES (3)").await;
    });
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert!(!writer.is_finished());
    while a.resume(&mut seen).await.unwrap() == Ran::Paused {}
    assert_eq!(seen.rows.len(), 2);
    writer.await.unwrap();
    assert_eq!(one(&mut a, "SELECT count(*) FROM t").await, int(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_written_back_without_anybody_waiting_for_it() {
    let folder = Folder::new();
    let driver = folder.driver("?synchronous=NORMAL");
    let mut conn = driver.connect().await.unwrap();
    exec(&mut conn, "CREATE TABLE t (a TEXT)").await;
    for _ in 0..300 {
        exec(&mut conn, "INSERT INTO t VALUES (hex(zeroblob(20000)))").await;
    }
    let size = || std::fs::metadata(folder.0.join("test.db")).unwrap().len();
    for _ in 0..500 {
        if size() > 1_000_000 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the database file has {} bytes after 12 MB were written", size());
}

// ---- dropped futures -----------------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "current_thread")]
async fn a_dropped_future_leaves_the_connection_in_flight_and_nothing_half_done() {
    let folder = Folder::new();
    for driver in [memory(), folder.driver("")] {
        let mut check = driver.connect().await.unwrap();
        exec(&mut check, "CREATE TABLE t (n INTEGER); CREATE TABLE u (n INTEGER)").await;
        for polls in 1..60 {
            let mut conn = driver.connect().await.unwrap();
            let cell = |row: usize, _: usize| Bind::Ref(ValueRef::Int(row as i64));
            let bound = |binding, rows, sql| Statement {
                params: Params::Rows { binding, rows, columns: 1, cell: &cell },
                ..with(sql, &[])
            };
            // Together, in the blocking pool, or one by one, where it is awaited.
            let many = |sql| bound(RowBinding::Json, 501, sql);
            let each = |sql| bound(RowBinding::Each, 400, sql);
            let statements = [
                many("INSERT INTO t SELECT value->>0 FROM json_each(?1)"),
                Statement::plain(COUNT_TO_1000),
                Statement::plain(
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000) SELECT i FROM n",
                ),
                each("INSERT INTO u VALUES (?1)"),
                many("INSERT INTO u SELECT value->>0 FROM json_each(?1)"),
            ];
            let mut sink = Seen::default();
            let ran =
                poll_then_drop(polls, conn.run(&batch(WRITE, &statements, End::Commit), &mut sink)).await;
            match &ran {
                Some(ran) => assert_eq!((*ran.as_ref().unwrap(), conn.status()), (Ran::Done, Status::Idle)),
                None => {
                    assert_eq!(conn.status(), Status::InFlight);
                    assert_eq!(fails(&mut conn, "SELECT 1").await.kind(), ErrorKind::State);
                }
            }
            drop(conn);
            // Nobody holds the lock, and both tables have the same number of wholes.
            let counts = "SELECT (SELECT count(*) FROM t) / 501.0, (SELECT count(*) FROM u) / 901.0";
            exec(&mut check, "INSERT INTO t SELECT 0 WHERE 0").await;
            let row = run(&mut check, Statement::plain(counts)).await.unwrap().rows.remove(0);
            assert_eq!(row[0], row[1]);
            if ran.is_some() && polls > 1 {
                break;
            }
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_future_dropped_between_rows_holds_no_lock_even_before_its_connection_is_dropped() {
    let driver = memory();
    let (mut a, mut b) = (driver.connect().await.unwrap(), driver.connect().await.unwrap());
    exec(&mut a, "CREATE TABLE t (n INTEGER)").await;
    let sql =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000) SELECT i FROM n";
    let statements = [Statement::plain("INSERT INTO t VALUES (1)"), Statement::plain(sql)];
    let dropped =
        poll_then_drop(2, a.run(&batch(WRITE, &statements, End::Commit), &mut Discard::default())).await;
    assert!(dropped.is_none());
    assert_eq!(a.status(), Status::InFlight);
    exec(&mut b, "INSERT INTO t VALUES (2)").await;
    assert_eq!(one(&mut b, "SELECT sum(n) FROM t").await, int(2));
}

#[tokio::test(flavor = "current_thread")]
async fn a_read_in_the_blocking_pool_is_stopped_when_its_future_is_dropped() {
    let folder = Folder::new();
    let driver = folder.driver("");
    let mut conn = driver.connect().await.unwrap();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n";
    let dropped =
        tokio::time::timeout(Duration::from_millis(20), run(&mut conn, Statement::plain(endless))).await;
    assert!(dropped.is_err());
    assert_eq!(conn.status(), Status::InFlight);
    // The runtime's end would wait for the job for ever.
}

#[tokio::test(flavor = "current_thread")]
async fn a_waiter_that_gives_up_passes_its_place_on() {
    let driver = memory();
    let (mut a, mut b, mut c) =
        (driver.connect().await.unwrap(), driver.connect().await.unwrap(), driver.connect().await.unwrap());
    exec(&mut a, "CREATE TABLE t (n INTEGER)").await;
    control(&mut a, WRITE, End::Open).await.unwrap();
    assert!(poll_then_drop(1, run(&mut b, Statement::plain("INSERT INTO t VALUES (1)"))).await.is_none());
    let waiter = tokio::spawn(async move { exec(&mut c, "INSERT INTO t VALUES (2)").await });
    tokio::task::yield_now().await;
    control(&mut a, None, End::Commit).await.unwrap();
    waiter.await.unwrap();
    assert_eq!(one(&mut a, "SELECT sum(n) FROM t").await, int(2));
}

// ---- blocking use --------------------------------------------------------------------------------------------------------------

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
        at_once(conn.run(&batch(WRITE, &insert, End::Commit), &mut Discard::default())).unwrap();
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
