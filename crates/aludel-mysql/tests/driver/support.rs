//! A database per test, and a sink that keeps everything.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use aludel_engine::driver::{
    Batch, Begin, ColumnInfo, Done, Driver, End, Flow, Params, Ran, RawConn, RowBinding, RowSink, RowSource,
    ShapeId, Statement, Status,
};
use aludel_engine::{Error, Result, Url};
use aludel_sql::{Bind, Value, ValueRef};
use aludel_testing::Database;

/// A database of its own for one test, dropped at its end.
pub struct Db {
    pub driver: Arc<dyn Driver>,
    pub url: Url,
    server: Url,
    pub name: String,
}

impl Db {
    /// Creates the database; `None` where there is no server.
    pub async fn new() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let server: Url = Database::MariaDb.server()?.parse().unwrap();
        let name = format!("aludel_mysql_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let mut admin = aludel_mysql::driver(&server).unwrap().connect().await.unwrap();
        plain(&mut admin, &format!("CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"))
            .await
            .unwrap();
        let url = server.clone().with_database(&name);
        Some(Self { driver: aludel_mysql::driver(&url).unwrap(), url, server, name })
    }

    pub async fn connect(&self) -> Box<dyn RawConn> {
        self.driver.connect().await.unwrap()
    }

    /// Connects, and makes tables.
    pub async fn with(&self, ddl: &[&str]) -> Box<dyn RawConn> {
        let mut conn = self.connect().await;
        for sql in ddl {
            plain(&mut conn, sql).await.unwrap();
        }
        conn
    }

    /// The URL as text, with its password.
    pub fn spelled(&self) -> String {
        let url = &self.url;
        let password = url.password().map(|it| format!(":{it}")).unwrap_or_default();
        let (host, port) = (url.host().unwrap_or("127.0.0.1"), url.port().unwrap_or(3306));
        format!("mysql://{}{password}@{host}:{port}/{}", url.user().unwrap_or("root"), self.name)
    }
}

impl Drop for Db {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        // A runtime of its own: the test's may be of one thread, and is busy dropping this.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut admin = aludel_mysql::driver(&server).unwrap().connect().await.unwrap();
                plain(&mut admin, "SET lock_wait_timeout = 5").await.unwrap();
                let _ = plain(&mut admin, &format!("DROP DATABASE {name}")).await;
                admin.close().await;
            });
        });
        let _ = dropping.join();
    }
}

/// Keeps rows, names and ends; pauses after each `pause_every` rows.
#[derive(Default)]
pub struct Keep {
    pub rows: Vec<Vec<Value>>,
    pub names: Vec<String>,
    pub done: Vec<(usize, Done)>,
    pub pause_every: usize,
    pub fail_at: Option<usize>,
}

impl RowSink for Keep {
    fn columns(&mut self, _: usize, columns: &[ColumnInfo<'_>]) -> Result<()> {
        self.names = columns.iter().map(|it| it.name.to_owned()).collect();
        Ok(())
    }

    fn row(&mut self, _: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        self.rows.push(cells.iter().map(|cell| cell.to_value()).collect());
        if self.fail_at == Some(self.rows.len()) {
            return Err(Error::new(aludel_engine::ErrorKind::Decode, "the sink has had enough"));
        }
        let pause = self.pause_every > 0 && self.rows.len().is_multiple_of(self.pause_every);
        Ok(if pause { Flow::Pause } else { Flow::More })
    }

    fn done(&mut self, statement: usize, done: Done) {
        self.done.push((statement, done));
    }

    fn wants_columns(&self) -> bool {
        true
    }
}

/// A batch of these statements.
pub async fn batch(
    conn: &mut Box<dyn RawConn>,
    begin: Option<Begin>,
    statements: &[Statement<'_>],
    end: End,
) -> Result<Keep> {
    let mut keep = Keep::default();
    match run_into(conn, begin, statements, end, &mut keep).await? {
        Ran::Done => Ok(keep),
        Ran::Paused => panic!("nobody asked for a pause"),
    }
}

/// Runs a batch into a sink of one's own.
pub async fn run_into(
    conn: &mut Box<dyn RawConn>,
    begin: Option<Begin>,
    statements: &[Statement<'_>],
    end: End,
    sink: &mut dyn RowSink,
) -> Result<Ran> {
    conn.run(&Batch { begin, statements, end }, sink).await
}

/// A statement on its own, neither shape nor parameters.
pub async fn plain(conn: &mut Box<dyn RawConn>, sql: &str) -> Result<Keep> {
    batch(conn, None, &[Statement::plain(sql)], End::Open).await
}

/// A prepared statement with parameters.
pub fn prepared<'a>(shape: u64, sql: &'a str, values: &'a [ValueRef<'a>]) -> Statement<'a> {
    Statement { shape: Some(ShapeId(shape)), params: Params::One(values), ..Statement::plain(sql) }
}

/// A statement on its own with parameters, prepared for this once.
pub async fn query(
    conn: &mut Box<dyn RawConn>,
    sql: &str,
    values: &[ValueRef<'_>],
) -> Result<Vec<Vec<Value>>> {
    let statement = Statement { params: Params::One(values), ..Statement::plain(sql) };
    Ok(batch(conn, None, &[statement], End::Open).await?.rows)
}

/// The one value of the one row.
pub async fn one(conn: &mut Box<dyn RawConn>, sql: &str) -> Value {
    let mut rows = query(conn, sql, &[]).await.unwrap();
    assert_eq!((rows.len(), rows[0].len()), (1, 1), "{sql}");
    rows.remove(0).remove(0)
}

/// A statement for many rows.
pub fn rows<'a>(
    sql: &'a str,
    binding: RowBinding,
    (rows, columns): (usize, usize),
    cell: &'a dyn RowSource,
) -> Statement<'a> {
    Statement { params: Params::Rows { binding, rows, columns, cell }, ..prepared(900, sql, &[]) }
}

pub fn int(value: usize) -> Bind<'static> {
    Bind::Own(Value::Int(value as i64))
}

pub fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

/// The connection is idle and gives a right answer.
pub async fn assert_clean(conn: &mut Box<dyn RawConn>) {
    assert_eq!(conn.status(), Status::Idle);
    assert_eq!(one(conn, "SELECT 4711").await, Value::Int(4711));
}

/// Waits until a question about the server has this answer.
pub async fn eventually(conn: &mut Box<dyn RawConn>, sql: &str, expected: i64) {
    let begun = std::time::Instant::now();
    loop {
        let found = one(conn, sql).await;
        if found == Value::Int(expected) {
            return;
        }
        assert!(begun.elapsed() < std::time::Duration::from_secs(30), "{sql}: {found:?}, not {expected}");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}
