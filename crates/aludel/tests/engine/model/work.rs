//! What is said to the database.

use std::collections::BTreeMap;

use aludel::Row;
use aludel::driver::BoxFuture;
use aludel::prelude::*;
use aludel_suite::Database;

use crate::copy::Hesitant;

/// A row that says that something was kept.
#[derive(Entity, Debug)]
#[entity(table = "marks")]
pub struct Mark {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50, unique)]
    pub name: String,
    pub n: i64,
}

/// The same rows, read by who takes their names for numbers.
#[derive(Entity, Debug)]
#[entity(table = "marks")]
pub struct Misread {
    #[column(primary_key)]
    pub id: i64,
    pub name: i64,
}

/// Names and numbers, in the order of the names.
pub type Rows = Vec<(String, i64)>;

/// A row that is always there.
pub const FIXED: &str = "fixed";

/// What changes: the number of a name, or none.
pub type Change = (String, Option<i64>);

pub fn changed(rows: &BTreeMap<String, i64>, changes: &[Change]) -> BTreeMap<String, i64> {
    let mut rows = rows.clone();
    for (name, n) in changes {
        match n {
            Some(n) => rows.insert(name.clone(), *n),
            None => rows.remove(name),
        };
    }
    rows
}

#[derive(Clone, Debug, PartialEq)]
pub enum Work {
    Insert(String),
    /// In one batch.
    InsertTwo(String, String),
    /// The number of a mark is set, all are read, and set again.
    Together(String, i64),
    Update(String, i64),
    Delete(String),
    Fail(Fault),
    /// In one batch, with another that the database refuses.
    InsertHalf(String),
    Read,
    /// All columns, by a text that is kept prepared.
    ReadWide,
    /// So many rows are read, the others not.
    Stream(usize),
    /// From a source that fails at its end, or not.
    Copy(String, bool),
    /// A table, which is a row of the model as well.
    Create(String),
    LeaveSettings,
    TwoPhase(String, Outcome),
    /// How the session is, and its number on the server.
    Probe,
}

/// What the database refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Unique,
    Syntax,
    /// While it runs.
    Runtime,
    /// The program cannot read a row.
    Misread,
}

/// How a transaction of two phases ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Commit,
    Rollback,
    /// Before it is prepared.
    RollbackEarly,
    Drop,
    /// After a statement that failed.
    RollbackFailed,
    DropFailed,
}

fn mark(name: &str) -> aludel::Insert<Mark> {
    insert(Mark).values([Mark::builder().name(name).n(0)])
}

fn set(name: &str, n: i64) -> aludel::Update<Mark> {
    update(Mark).filter(Mark::NAME.eq(name.to_owned())).set(Mark::N, n)
}

macro_rules! all {
    () => {
        select((Mark::NAME, Mark::N)).order_by(Mark::NAME)
    };
}

/// Which database a connection leads to.
fn database(conn: &Connection) -> Database {
    match conn.engine().dialect().name() {
        "SQLite" => Database::Sqlite,
        "PostgreSQL" => Database::Postgres,
        _ => Database::MariaDb,
    }
}

impl Work {
    pub fn writes(&self) -> bool {
        !matches!(self, Self::Read | Self::ReadWide | Self::Stream(_) | Self::Probe | Self::Fail(_))
            || *self == Self::Fail(Fault::Unique)
    }

    /// What it changes, if all goes well.
    pub fn changes(&self) -> Vec<Change> {
        match self {
            Self::Insert(name)
            | Self::InsertHalf(name)
            | Self::Create(name)
            | Self::Copy(name, true)
            | Self::TwoPhase(name, Outcome::Commit) => vec![(name.clone(), Some(0))],
            Self::InsertTwo(one, two) => vec![(one.clone(), Some(0)), (two.clone(), Some(0))],
            Self::Together(name, n) | Self::Update(name, n) => vec![(name.clone(), Some(*n))],
            Self::Delete(name) => vec![(name.clone(), None)],
            _ => Vec::new(),
        }
    }

    pub fn run<'f>(&'f self, conn: &'f mut Connection) -> BoxFuture<'f, aludel::Result<Rows>> {
        Box::pin(async move {
            let database = database(conn);
            match self {
                Self::Insert(name) => drop(conn.execute(mark(name)).await?),
                Self::InsertTwo(one, two) => conn.run_plain(&[&insert_text(one), &insert_text(two)]).await?,
                Self::Together(name, n) => {
                    let (_, rows, _) = conn.together((set(name, n - 1), all!(), set(name, *n))).await?;
                    return Ok(rows);
                }
                Self::Update(name, n) => {
                    assert_eq!(conn.execute(set(name, *n)).await?.rows_affected, 1, "{name} is there");
                }
                Self::Delete(name) => {
                    conn.execute(delete(Mark).filter(Mark::NAME.eq(name.clone()))).await?;
                }
                Self::InsertHalf(name) => conn.run_plain(&[&insert_text(name), &insert_text(FIXED)]).await?,
                Self::Fail(fault) => fault.run(conn, database).await?,
                Self::Read => return conn.execute(all!()).all().await,
                Self::ReadWide => {
                    let wide = text!("SELECT * FROM marks WHERE n >= :least ORDER BY name", least = -1_i64);
                    return conn.execute(wide).all().await?.iter().map(of_row).collect();
                }
                Self::Stream(rows) => {
                    let mut read = Rows::new();
                    let mut stream = conn.execute(all!()).stream();
                    while read.len() < *rows
                        && let Some(row) = stream.next().await?
                    {
                        read.push(row);
                    }
                    return Ok(read);
                }
                Self::Copy(name, ends_well) => {
                    let end = if *ends_well { Ok("0\n") } else { Err("the source has failed") };
                    let pieces = Hesitant::new([Ok(name.as_str()), Ok(","), end]);
                    conn.copy_in_stream("COPY marks (name, n) FROM STDIN (FORMAT csv)", pieces).await?;
                }
                Self::Create(name) => conn.run_plain(&[&format!("CREATE TABLE {name} (id integer)")]).await?,
                Self::LeaveSettings => conn.run_plain(settings(database)).await?,
                Self::TwoPhase(name, outcome) => two_phase(conn, name, *outcome).await?,
                Self::Probe => {
                    let row = conn.execute(text_unchecked(probe(database))).one().await?;
                    return Ok(vec![(row.at(0)?, row.at(1)?)]);
                }
            }
            Ok(Rows::new())
        })
    }
}

fn of_row(row: &Row) -> aludel::Result<(String, i64)> {
    Ok((row.get("name")?, row.get("n")?))
}

fn insert_text(name: &str) -> String {
    format!("INSERT INTO marks (name, n) VALUES ('{name}', 0)")
}

impl Fault {
    async fn run(self, conn: &mut Connection, database: Database) -> aludel::Result<()> {
        let runtime = match database {
            Database::Sqlite => "SELECT json_extract('{', '$')",
            Database::Postgres => "SELECT 1 / (n - n) FROM marks",
            Database::MariaDb => "SELECT (SELECT 1 UNION SELECT 2)",
        };
        match self {
            Self::Unique => conn.execute(mark(FIXED)).await.map(drop),
            Self::Syntax => conn.run_plain(&["SELEC 1"]).await,
            Self::Runtime => conn.execute(text_unchecked(runtime)).all().await.map(drop),
            Self::Misread => conn.scalars(select(Misread)).all().await.map(drop),
        }
    }
}

/// Changes what only a reset of the session undoes.
fn settings(database: Database) -> &'static [&'static str] {
    match database {
        Database::Sqlite => &["CREATE TEMPORARY TABLE IF NOT EXISTS leftover (id integer)"],
        Database::Postgres => &[
            "CREATE TEMPORARY TABLE IF NOT EXISTS leftover (id integer)",
            "SET application_name = 'leftover'",
            "SET default_transaction_isolation = 'serializable'",
            "SELECT pg_advisory_lock_shared(7)",
        ],
        Database::MariaDb => &[
            "SET @leftover = 1",
            "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE",
            "SELECT get_lock(concat('leftover ', connection_id()), 0)",
        ],
    }
}

/// What the next borrower must not find, and the number of the session.
fn probe(database: Database) -> &'static str {
    match database {
        Database::Sqlite => {
            "SELECT query_only || '/' || (SELECT count(*) FROM temp.sqlite_master) AS state, 0 AS number FROM pragma_query_only"
        }
        Database::Postgres => {
            "SELECT current_setting('transaction_read_only') || '/' || current_setting('transaction_isolation') || \
             current_setting('application_name') || (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()) \
             || coalesce(to_regclass('pg_temp.leftover')::text, ''), pg_backend_pid()::bigint"
        }
        Database::MariaDb => {
            "SELECT concat(@@tx_read_only, @@autocommit, '/', @@tx_isolation, coalesce(CAST(@leftover AS CHAR CHARACTER SET utf8mb4), 'none'), \
             coalesce(is_used_lock(concat('leftover ', connection_id())), 0)), connection_id()"
        }
    }
}

async fn two_phase(conn: &mut Connection, name: &str, outcome: Outcome) -> aludel::Result<()> {
    let mut tx = conn.begin_two_phase(&format!("{name}-{}", std::process::id())).await?;
    tx.execute(mark(name)).await?;
    if matches!(outcome, Outcome::RollbackFailed | Outcome::DropFailed) {
        aludel_suite::refused(tx.execute(mark(FIXED)).await, ErrorKind::UniqueViolation);
    }
    match outcome {
        Outcome::Drop | Outcome::DropFailed => drop(tx),
        Outcome::RollbackEarly | Outcome::RollbackFailed => tx.rollback().await?,
        Outcome::Commit => tx.prepare().await?.commit().await?,
        Outcome::Rollback => tx.prepare().await?.rollback().await?,
    }
    Ok(())
}
