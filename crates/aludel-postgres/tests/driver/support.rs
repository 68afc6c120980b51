//! A database for each test, and short words for what the tests do.

use aludel_engine::Url;
use aludel_engine::driver::{
    Batch, Begin, ColumnInfo, Done, End, Flow, Params, Ran, RawConn, RowSink, ShapeId, Statement,
};
use aludel_postgres::{Connection, Postgres};
use aludel_sql::{Result, SqlType, Value, ValueRef};
use aludel_testing::Database;

/// A database that is dropped with this value.
pub struct Scratch {
    server: Url,
    name: String,
}

impl Scratch {
    /// Creates a database, or returns `None` where there is no server.
    pub async fn new(test: &str) -> Option<Self> {
        let server: Url = Database::Postgres.server()?.parse().unwrap();
        let name = format!("aludel_{test}_{}", std::process::id());
        let mut admin = Postgres::new(&server).unwrap().open().await.unwrap();
        execute(&mut admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        execute(&mut admin, &format!("CREATE DATABASE {name}")).await;
        Some(Self { server, name })
    }

    pub fn url(&self) -> Url {
        self.server.clone().with_database(&self.name)
    }

    /// The URL with options; the test server's own has none.
    pub fn url_with(&self, options: &str) -> Url {
        let user = self.server.user().unwrap();
        let login = match self.server.password() {
            Some(password) => format!("{user}:{}", escaped(password)),
            None => user.to_owned(),
        };
        let (host, port) = (self.server.host().unwrap_or("localhost"), self.server.port().unwrap_or(5432));
        format!("postgresql://{login}@{}:{port}/{}?{options}", escaped(host), self.name).parse().unwrap()
    }

    pub async fn connect(&self) -> Connection {
        Postgres::new(&self.url()).unwrap().open().await.unwrap()
    }

    pub async fn connect_with(&self, options: &str) -> Connection {
        Postgres::new(&self.url_with(options)).unwrap().open().await.unwrap()
    }
}

pub fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || byte == b'.' {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        // Also after a panic: a runtime of its own, because the test's may be the one that is unwinding.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut admin = Postgres::new(&server).unwrap().open().await.unwrap();
                execute(&mut admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
            });
        })
        .join();
        if !std::thread::panicking() {
            dropped.unwrap();
        }
    }
}

/// Keeps everything that a batch shows.
#[derive(Default)]
pub struct Rows {
    pub rows: Vec<(usize, Vec<Value>)>,
    pub done: Vec<(usize, u64)>,
    pub columns: Vec<(usize, Vec<String>)>,
}

impl RowSink for Rows {
    fn columns(&mut self, statement: usize, columns: &[ColumnInfo<'_>]) -> Result<()> {
        self.columns.push((statement, columns.iter().map(|it| it.name.to_owned()).collect()));
        Ok(())
    }

    fn row(&mut self, statement: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        self.rows.push((statement, cells.iter().map(|it| it.to_value()).collect()));
        Ok(Flow::More)
    }

    fn done(&mut self, statement: usize, done: Done) {
        self.done.push((statement, done.rows_affected));
    }

    fn wants_columns(&self) -> bool {
        true
    }
}

pub async fn run(
    conn: &mut Connection,
    begin: Option<Begin>,
    statements: &[Statement<'_>],
    end: End,
) -> Result<Rows> {
    let mut rows = Rows::default();
    assert_eq!(run_into(conn, begin, statements, end, &mut rows).await?, Ran::Done);
    Ok(rows)
}

pub async fn run_into(
    conn: &mut Connection,
    begin: Option<Begin>,
    statements: &[Statement<'_>],
    end: End,
    sink: &mut dyn RowSink,
) -> Result<Ran> {
    conn.run(&Batch { begin, statements, end }, sink).await
}

/// BEGIN, the statements, COMMIT.
pub async fn transact(conn: &mut Connection, statements: &[Statement<'_>]) -> Result<Rows> {
    run(conn, Some(Begin { write: true, ..Begin::default() }), statements, End::Commit).await
}

pub async fn try_execute(conn: &mut Connection, sql: &str) -> Result<Rows> {
    run(conn, None, &[Statement::plain(sql)], End::Open).await
}

pub async fn execute(conn: &mut Connection, sql: &str) {
    try_execute(conn, sql).await.unwrap();
}

pub async fn query(conn: &mut Connection, sql: &str) -> Vec<Vec<Value>> {
    try_execute(conn, sql).await.unwrap().rows.into_iter().map(|(_, row)| row).collect()
}

/// The one number that a query gives.
pub async fn number(conn: &mut Connection, sql: &str) -> i64 {
    match query(conn, sql).await[..] {
        [ref row] => match row[..] {
            [Value::Int(it)] => it,
            ref other => panic!("{other:?}"),
        },
        ref other => panic!("{other:?}"),
    }
}

pub fn prepared<'a>(
    shape: u64,
    sql: &'a str,
    types: &'a [SqlType],
    values: &'a [ValueRef<'a>],
) -> Statement<'a> {
    Statement { shape: Some(ShapeId(shape)), types, params: Params::One(values), ..Statement::plain(sql) }
}
