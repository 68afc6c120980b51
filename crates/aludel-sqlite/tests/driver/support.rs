//! What the tests of the driver have in common.

use std::future::Future;
use std::path::PathBuf;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use aludel_engine::driver::{
    Batch, Begin, ColumnInfo, Discard, Done, Driver, End, Flow, Isolation, Params, Ran, RawConn, RowSink,
    ShapeId, Statement,
};
use aludel_sql::{Error, Result, Value, ValueRef};

/// A folder of this test's own, removed at its end.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("aludel-sqlite-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn driver(&self, options: &str) -> Arc<dyn Driver> {
        self.driver_of("test.db", options)
    }

    pub fn driver_of(&self, file: &str, options: &str) -> Arc<dyn Driver> {
        driver(&format!("sqlite:///{}{options}", self.0.join(file).display()))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.0);
    }
}

pub fn driver(url: &str) -> Arc<dyn Driver> {
    aludel_sqlite::driver(&url.parse().unwrap()).unwrap()
}

pub fn memory() -> Arc<dyn Driver> {
    driver("sqlite::memory:")
}

/// Keeps everything it is shown.
#[derive(Default)]
pub struct Seen {
    pub rows: Vec<Vec<Value>>,
    pub done: Vec<Done>,
    pub columns: Option<Vec<String>>,
    pub pause_every: usize,
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

pub fn with<'a>(sql: &'a str, values: &'a [ValueRef<'a>]) -> Statement<'a> {
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

pub fn shaped<'a>(shape: u64, sql: &'a str, values: &'a [ValueRef<'a>]) -> Statement<'a> {
    Statement { shape: Some(ShapeId(shape)), ..with(sql, values) }
}

pub const WRITE: Option<Begin> =
    Some(Begin { write: true, isolation: None, read_only: false, deferrable: false });
pub const SNAPSHOT: Option<Begin> =
    Some(Begin { write: false, isolation: Some(Isolation::Snapshot), read_only: false, deferrable: false });

pub fn batch<'a>(begin: Option<Begin>, statements: &'a [Statement<'a>], end: End) -> Batch<'a> {
    Batch { begin, statements, end }
}

pub type Conn = Box<dyn RawConn>;

/// Runs a batch as the engine does.
pub async fn run_batch(conn: &mut Conn, batch: &Batch<'_>, sink: &mut dyn RowSink) -> Result<Ran> {
    aludel_engine::driver::run(&mut **conn, batch, sink).await
}

pub async fn run(conn: &mut Conn, statement: Statement<'_>) -> Result<Seen> {
    let mut seen = Seen::default();
    let ran = run_batch(conn, &batch(None, &[statement], End::Open), &mut seen).await?;
    assert_eq!(ran, Ran::Done);
    Ok(seen)
}

pub async fn exec(conn: &mut Conn, sql: &str) {
    for sql in sql.split(';').filter(|sql| !sql.trim().is_empty()) {
        run(conn, Statement::plain(sql)).await.unwrap();
    }
}

pub async fn one(conn: &mut Conn, sql: &str) -> Value {
    run(conn, Statement::plain(sql)).await.unwrap().rows.remove(0).remove(0)
}

pub async fn fails(conn: &mut Conn, sql: &str) -> Error {
    run(conn, Statement::plain(sql)).await.err().unwrap()
}

pub async fn control(conn: &mut Conn, begin: Option<Begin>, end: End) -> Result<()> {
    run_batch(conn, &batch(begin, &[], end), &mut Discard::default()).await.map(|_| ())
}

/// Starts a timer of a millisecond, on the test's runtime: whether it has fired, and its task.
pub fn timer() -> (Arc<AtomicBool>, tokio::task::JoinHandle<()>) {
    let fired = Arc::new(AtomicBool::new(false));
    let task = tokio::spawn({
        let fired = Arc::clone(&fired);
        async move {
            tokio::time::sleep(Duration::from_millis(1)).await;
            fired.store(true, Ordering::SeqCst);
        }
    });
    (fired, task)
}

/// Runs a rule with one worker, and one thread that may wait.
pub fn with_one_of_each(rule: impl Future<Output = ()>) {
    let one_of_each =
        tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(1).build();
    one_of_each.unwrap().block_on(rule);
}

/// Runs a commit [`with_one_of_each`], on a slow disk: the only thread that may wait for it is busy until a timer has fired. Tells whether the commit
/// has waited for it.
pub async fn waits_for_the_disk(commit: impl Future<Output = ()>) -> bool {
    let (ready, disk) = std::sync::mpsc::channel();
    let waiting = tokio::task::spawn_blocking(move || disk.recv().unwrap());
    let committed = Arc::new(AtomicBool::new(false));
    let timer = tokio::spawn({
        let committed = Arc::clone(&committed);
        async move {
            tokio::time::sleep(Duration::from_millis(2)).await;
            ready.send(()).unwrap();
            !committed.load(Ordering::SeqCst)
        }
    });
    commit.await;
    committed.store(true, Ordering::SeqCst);
    waiting.await.unwrap();
    timer.await.unwrap()
}

/// Polls a future `n` times, then drops it.
pub async fn poll_then_drop<F: Future>(n: usize, future: F) -> Option<F::Output> {
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
pub fn at_once<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the future is pending, although nobody could wake it"),
    }
}

pub fn int(value: i64) -> Value {
    Value::Int(value)
}

pub fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

/// A thousand rows.
pub const COUNT_TO_1000: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i FROM n";
