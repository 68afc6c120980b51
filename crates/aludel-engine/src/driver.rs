//! The seam between the engine and a database's protocol.
//!
//! A [`Driver`] opens [`RawConn`]s; a `RawConn` runs one [`Batch`] at a time and shows each row to a [`RowSink`] as a borrowed
//! slice of cells. Nothing here knows tables, expressions or objects. To add a database, implement these traits and
//! `aludel_sql::Dialect`.
//!
//! The rules that every driver keeps:
//!
//! - `run` sets [`Status::InFlight`] before its first await, and only the end of the batch clears it. A dropped future leaves the
//!   mark; the pool then discards the connection, and a driver whose server would go on regardless has it stopped as the
//!   connection is dropped.
//! - A batch is one conversation: where the protocol allows, begin, statements and end travel in one write, and after a
//!   statement that failed none of the later ones has run.
//! - No value is formatted into SQL text, ever.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use aludel_sql::{Bind, Error, ErrorKind, Result, SqlType, Value, ValueRef};

/// A boxed, sendable future: what trait objects return.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Opens connections to one database. Made by a backend from a URL; no I/O happens before [`Driver::connect`].
pub trait Driver: Send + Sync + fmt::Debug {
    /// Opens a connection and sets what `semantics` requires of every connection (time zone, SQL mode, foreign keys, …).
    fn connect(&self) -> BoxFuture<'_, Result<Box<dyn RawConn>>>;

    /// Opens a connection with another password than that of the URL.
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` where the database has no passwords.
    fn connect_with_password<'a>(&'a self, password: &'a str) -> BoxFuture<'a, Result<Box<dyn RawConn>>> {
        let _ = password;
        Box::pin(async { Err(Error::new(ErrorKind::Unsupported, "this database has no passwords")) })
    }
}

/// One open connection.
pub trait RawConn: Send {
    /// Runs a batch and shows its rows to `sink`, in the order of the statements.
    ///
    /// Returns [`Ran::Paused`] only when the sink answered [`Flow::Pause`], which only a sink of a batch of one statement may do;
    /// [`RawConn::resume`] goes on.
    ///
    /// # Errors
    ///
    /// The first error of the database, with kind, code, table, constraint and column where known and the text of the failing
    /// statement (`Error::with_sql`). If the batch began the transaction, it is rolled back.
    fn run<'a>(&'a mut self, batch: &'a Batch<'a>, sink: &'a mut dyn RowSink) -> BoxFuture<'a, Result<Ran>>;

    /// Goes on with a paused batch.
    fn resume<'a>(&'a mut self, sink: &'a mut dyn RowSink) -> BoxFuture<'a, Result<Ran>>;

    /// Gives up a paused batch of which nobody wants more rows, if that needs no waiting: what it wrote stays written.
    ///
    /// `false`: it must be resumed to its end.
    fn give_up(&mut self) -> bool {
        false
    }

    /// Returns the state of the connection, as the protocol last told it.
    fn status(&self) -> Status;

    /// Looks, without waiting, whether the peer has closed an idle connection.
    fn is_closed(&mut self) -> bool {
        false
    }

    /// Returns something that can stop the running statement from elsewhere.
    fn canceller(&self) -> Canceller;

    /// Brings the session of an idle connection back to what it was when the connection was opened: settings, temporary tables,
    /// locks, listened channels and whatever else the database keeps for a session.
    ///
    /// A driver that leaves this out says that it cannot: then the pool closes the connection and opens another, to the same effect.
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` where the database has nothing of the sort. Whatever the error, the connection is not lent again.
    fn reset(&mut self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async {
            Err(Error::new(
                ErrorKind::Unsupported,
                "a session of this database is reset by closing its connection",
            ))
        })
    }

    /// Runs a batch of one statement that takes data from the client (`COPY … FROM STDIN`), and gives it what `source` has.
    ///
    /// Where the source fails, so does the statement, and nothing of it is kept.
    ///
    /// # Errors
    ///
    /// As [`RawConn::run`]; kind `Unsupported` where the database has nothing of the sort.
    fn copy_in<'a>(
        &'a mut self,
        batch: &'a Batch<'a>,
        source: &'a mut dyn CopySource,
        sink: &'a mut dyn RowSink,
    ) -> BoxFuture<'a, Result<Ran>> {
        let _ = (batch, source, sink);
        Box::pin(async { Err(Error::new(ErrorKind::Unsupported, "this database has no COPY")) })
    }

    /// Waits for the next notification, on a connection that does nothing else meanwhile. Giving up the wait loses nothing.
    ///
    /// # Errors
    ///
    /// Kind `Disconnected` where the connection ends, `Unsupported` where the database has no notifications.
    fn poll_notification(&mut self, cx: &mut Context<'_>) -> Poll<Result<Notification>> {
        let _ = cx;
        Poll::Ready(Err(Error::new(ErrorKind::Unsupported, "this database has no notifications")))
    }

    /// Takes the oldest of the notices that the server has sent with its answers.
    fn take_notice(&mut self) -> Option<Notice> {
        None
    }

    /// Tells whether the connection works only as long as the Tokio runtime that it was opened on, as everything with a socket.
    fn needs_its_runtime(&self) -> bool {
        true
    }

    /// Says good-bye and closes.
    fn close(self: Box<Self>) -> BoxFuture<'static, ()>;
}

/// Where the data of [`RawConn::copy_in`] comes from.
pub trait CopySource: Send {
    /// Returns the types of the values in a [`CopyPiece::Row`].
    fn types(&self) -> &[SqlType] {
        &[]
    }

    /// Returns the next piece; `None` after the last one.
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<CopyPiece>>>;
}

/// A piece of the data of a COPY. All pieces of one are of the same sort.
#[derive(Clone, Debug, PartialEq)]
pub enum CopyPiece {
    /// Bytes in the form that the statement says, cut anywhere.
    Bytes(Vec<u8>),
    /// A row, which the driver writes in its binary form.
    Row(Vec<Value>),
}

/// A message that a connection has sent to all who listen to its channel: PostgreSQL's NOTIFY.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// The process of the server that serves the sender.
    pub process: i32,
    /// The channel.
    pub channel: String,
    /// The text that was sent along; often empty.
    pub payload: String,
}

/// What a server remarks about a statement that has not failed: a notice or a warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// `WARNING`, `NOTICE`, `INFO`, `LOG` or `DEBUG`.
    pub severity: String,
    /// The SQLSTATE or number.
    pub code: String,
    /// What the server says, in its own language.
    pub message: String,
}

/// Stops the statement that is running on a connection: CancelRequest, `sqlite3_interrupt` or KILL QUERY.
pub type Canceller = std::sync::Arc<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

/// What the connection is known to be doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Outside a transaction, nothing unread: the only state that goes back to the pool.
    Idle,
    /// Inside a transaction that works.
    InTx,
    /// Inside a transaction that the database has given up; only ROLLBACK is accepted.
    Failed,
    /// A batch was begun and its end was not seen.
    InFlight,
    /// The connection cannot be used any more.
    Broken,
}

/// Whether the sink wants more rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    More,
    /// Stop after this row and keep the place.
    Pause,
}

/// Whether a batch is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ran {
    /// Over.
    Done,
    /// The sink asked for a pause.
    Paused,
}

/// Receives the rows of a batch.
pub trait RowSink: Send {
    /// Tells the columns of a statement's result, before its first row. Only drivers that know them without a round trip
    /// of their own call this with types; the names are always there.
    fn columns(&mut self, statement: usize, columns: &[ColumnInfo<'_>]) -> Result<()> {
        let _ = (statement, columns);
        Ok(())
    }

    /// Receives one row; the cells are valid for this call only.
    fn row(&mut self, statement: usize, cells: &[ValueRef<'_>]) -> Result<Flow>;

    /// Tells that a statement is over. A statement run once per row ([`RowBinding::Each`]) is over once.
    fn done(&mut self, statement: usize, done: Done) {
        let _ = (statement, done);
    }

    /// Tells whether the sink wants [`RowSink::columns`] to be called.
    fn wants_columns(&self) -> bool {
        false
    }
}

/// A sink for statements whose rows nobody wants; it keeps the sum of the rows affected.
#[derive(Debug, Default)]
pub struct Discard {
    /// Rows affected, over all statements.
    pub rows_affected: u64,
}

impl RowSink for Discard {
    fn row(&mut self, _: usize, _: &[ValueRef<'_>]) -> Result<Flow> {
        Ok(Flow::More)
    }

    fn done(&mut self, _: usize, done: Done) {
        self.rows_affected += done.rows_affected;
    }
}

/// A column of a result.
#[derive(Clone, Copy, Debug)]
pub struct ColumnInfo<'a> {
    /// Its name in the result.
    pub name: &'a str,
}

/// How a statement ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Rows inserted, deleted or *matched* by an UPDATE (never "really changed").
    pub rows_affected: u64,
    /// SQLite: the rowid of the last row inserted. MariaDB, MySQL: the **first** key generated by the statement. Elsewhere `None`.
    pub generated_key: Option<i64>,
}

/// Statements that travel together.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// Begin a transaction before the first statement.
    pub begin: Option<Begin>,
    /// The statements, in order.
    pub statements: &'a [Statement<'a>],
    /// What follows the last statement.
    pub end: End,
}

/// How a transaction begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Begin {
    /// It is going to write: SQLite takes the writer's turn (`BEGIN IMMEDIATE`).
    pub write: bool,
    /// Its isolation; `None` is the connection's usual one.
    pub isolation: Option<Isolation>,
    /// It is not allowed to write.
    pub read_only: bool,
    /// It waits for a snapshot with which it cannot fail; for one that only reads and is serializable.
    pub deferrable: bool,
}

/// What a transaction sees of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Isolation {
    /// Each statement sees what was committed before it began.
    ReadCommitted,
    /// The whole transaction sees one snapshot (REPEATABLE READ on servers).
    Snapshot,
    /// As if transactions ran one after the other.
    Serializable,
}

/// What follows the last statement of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Nothing: the transaction, if any, stays open.
    Open,
    /// COMMIT.
    Commit,
    /// ROLLBACK.
    Rollback,
}

/// One statement of a batch.
#[derive(Clone, Copy, Debug)]
pub struct Statement<'a> {
    /// Names the text among all texts of the engine; the key of a connection's cache of prepared statements.
    /// `None`: run once and forget.
    pub shape: Option<ShapeId>,
    /// The text, in the database's own placeholders.
    pub sql: &'a str,
    /// The type of each parameter (of each column of a row for [`Params::Rows`]; an array parameter has its element's type).
    pub types: &'a [SqlType],
    /// The values.
    pub params: Params<'a>,
    /// Rows that must be affected; another number is an error of kind `StaleData` saying how many were.
    pub expect: Option<u64>,
    /// The quoted name of the key column that an INSERT of [`Params::Rows`] generates: show one row for each row inserted, in
    /// order, with the generated key as its only cell. The text has no RETURNING; the driver counts from the key that the
    /// database reports, or adds ` RETURNING ` and the name where counting would be wrong.
    pub find_keys: Option<&'a str>,
    /// Which cells of a row are decimals that this database keeps as integers, and how many digits they have behind the point. The driver gives them
    /// as decimals, and takes decimals as integers, by `types`.
    pub decimals: &'a [(usize, u16)],
    /// The text was in the engine's cache: for those who watch.
    pub cached: bool,
}

impl<'a> Statement<'a> {
    /// A statement without parameters that is not worth preparing: DDL, SAVEPOINT, PRAGMA.
    #[must_use]
    pub fn plain(sql: &'a str) -> Self {
        Self {
            shape: None,
            sql,
            types: &[],
            params: Params::One(&[]),
            expect: None,
            find_keys: None,
            decimals: &[],
            cached: false,
        }
    }
}

/// Names one SQL text of one engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ShapeId(pub u64);

/// The values of a statement.
#[derive(Clone, Copy)]
pub enum Params<'a> {
    /// One value per placeholder.
    One(&'a [ValueRef<'a>]),
    /// The same columns for many rows, bound the way `binding` says.
    Rows {
        /// How rows become parameters.
        binding: RowBinding,
        /// Number of rows, at least 1.
        rows: usize,
        /// Number of columns.
        columns: usize,
        /// The values.
        cell: &'a dyn RowSource,
    },
}

/// The values of many rows, read from wherever the rows live.
///
/// A closure that makes its values is one too.
pub trait RowSource: Sync {
    /// Returns the value of a row and column.
    fn bind(&self, row: usize, column: usize) -> Bind<'_>;
}

impl<F: Fn(usize, usize) -> Bind<'static> + Sync> RowSource for F {
    fn bind(&self, row: usize, column: usize) -> Bind<'_> {
        self(row, column)
    }
}

impl fmt::Debug for Params<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Params::One(values) => write!(f, "{} values", values.len()),
            Params::Rows { binding, rows, columns, .. } => {
                write!(f, "{rows} rows of {columns} columns, {binding:?}")
            }
        }
    }
}

pub use aludel_sql::RowBinding;
