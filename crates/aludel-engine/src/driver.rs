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

mod batch;
mod copy;
mod sink;

use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use aludel_sql::{Error, ErrorKind, Result};

pub use batch::{Batch, Begin, End, Isolation, Params, RowBinding, RowSource, ShapeId, Statement};
pub use copy::{CopyPiece, CopySource};
pub use sink::{ColumnInfo, Discard, Done, Flow, RowSink};

/// A boxed, sendable future: what trait objects return.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Opens connections to one database. Made by a backend from a URL; no I/O happens before [`Driver::connect`].
pub trait Driver: Send + Sync + fmt::Debug {
    /// Opens a connection and sets what `semantics` requires of every connection (time zone, SQL mode, foreign keys, …).
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, driver::*};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// use aludel_sql::ValueRef;
    ///
    /// /// Keeps the first cell of the last row.
    /// struct Answer(bool);
    ///
    /// impl RowSink for Answer {
    ///     fn row(&mut self, _: usize, cells: &[ValueRef<'_>]) -> aludel_engine::Result<Flow> {
    ///         self.0 = matches!(cells, [ValueRef::Int(1)]);
    ///         Ok(Flow::More)
    ///     }
    /// }
    ///
    /// let mut conn = driver.connect().await?;
    /// let statements = [Statement::plain("PRAGMA foreign_keys")];
    /// let mut sink = Answer(false);
    /// conn.run(&Batch { begin: None, statements: &statements, end: End::Open }, &mut sink).await?;
    /// assert!(sink.0); // SQLite itself would not look at them
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    fn connect(&self) -> BoxFuture<'_, Result<Box<dyn RawConn>>>;

    /// Opens a connection with another password than that of the URL.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, driver::*};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// let refused = driver.connect_with_password("s3cret").await.err().expect("SQLite has no passwords");
    /// assert_eq!(refused.kind(), aludel_engine::ErrorKind::Unsupported);
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
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
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, driver::*};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// let mut conn = driver.connect().await?;
    /// let statements = [
    ///     Statement::plain("CREATE TABLE shelves (id INTEGER)"),
    ///     Statement::plain("INSERT INTO shelves VALUES (1), (2)"),
    /// ];
    /// let mut sink = Discard::default();
    /// let batch = Batch { begin: Some(Begin { write: true, ..Begin::default() }), statements: &statements, end: End::Commit };
    /// assert_eq!(conn.run(&batch, &mut sink).await?, Ran::Done); // BEGIN IMMEDIATE; CREATE …; INSERT …; COMMIT
    /// assert_eq!((sink.rows_affected, conn.status()), (2, Status::Idle));
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// The first error of the database, with kind, code, table, constraint and column where known and the text of the failing
    /// statement (`Error::with_sql`). If the batch began the transaction, it is rolled back.
    fn run<'a>(&'a mut self, batch: &'a Batch<'a>, sink: &'a mut dyn RowSink) -> BoxFuture<'a, Result<Ran>>;

    /// Tells whether [`run_at_once`](RawConn::run_at_once) is worth asking: whether there is anything that this driver runs there.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, driver::*};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// assert!(driver.connect().await?.runs_at_once());
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    fn runs_at_once(&self) -> bool {
        false
    }

    /// Runs a batch where it is asked to, if that takes no waiting: a database in the program has answered a short statement before a
    /// future for it is made.
    ///
    /// The engine asks for it before it asks to [`run`](RawConn::run) the batch; a driver need not have it. `cx` is there to give way to
    /// other tasks from time to time.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, driver::*};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// use std::future::poll_fn;
    /// use std::task::Poll;
    ///
    /// let mut conn = driver.connect().await?;
    /// let statements = [Statement { shape: Some(ShapeId(1)), ..Statement::plain("SELECT 1") }];
    /// let batch = Batch { begin: None, statements: &statements, end: End::Open };
    /// let mut sink = Discard::default();
    /// let first = poll_fn(|cx| Poll::Ready(conn.run_at_once(cx, &batch, &mut sink))).await;
    /// assert!(matches!(first, AtOnce::Not)); // it must be prepared
    /// conn.run(&batch, &mut sink).await?;
    /// let again = poll_fn(|cx| Poll::Ready(conn.run_at_once(cx, &batch, &mut sink))).await;
    /// assert!(matches!(again, AtOnce::Ran(Ok(Ran::Done)))); // SQLite has answered, and no future was made
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    fn run_at_once(&mut self, cx: &mut Context<'_>, batch: &Batch<'_>, sink: &mut dyn RowSink) -> AtOnce {
        let _ = (cx, batch, sink);
        AtOnce::Not
    }

    /// Goes on with a batch that [`run_at_once`](RawConn::run_at_once) has begun and answered [`AtOnce::Pending`], or this did: asked again when
    /// the task was woken, with the same sink.
    ///
    /// The batch itself is not there. A driver that needs it for the rest answers [`AtOnce::Not`], and is asked to [`run`](RawConn::run) it.
    fn go_on_at_once(&mut self, cx: &mut Context<'_>, sink: &mut dyn RowSink) -> AtOnce {
        let _ = (cx, sink);
        AtOnce::Not
    }

    /// Goes on with a paused batch.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, driver::*};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// use aludel_sql::ValueRef;
    ///
    /// /// Wants one row at a time.
    /// #[derive(Default)]
    /// struct OneByOne(Vec<i64>);
    ///
    /// impl RowSink for OneByOne {
    ///     fn row(&mut self, _: usize, cells: &[ValueRef<'_>]) -> aludel_engine::Result<Flow> {
    ///         self.0.extend(cells.iter().filter_map(|it| if let ValueRef::Int(n) = it { Some(*n) } else { None }));
    ///         Ok(Flow::Pause)
    ///     }
    /// }
    ///
    /// let mut conn = driver.connect().await?;
    /// let statements = [Statement::plain("SELECT value FROM json_each('[1, 2]')")];
    /// let mut sink = OneByOne::default();
    /// let ran = conn.run(&Batch { begin: None, statements: &statements, end: End::Open }, &mut sink).await?;
    /// assert_eq!((ran, &sink.0[..]), (Ran::Paused, &[1][..]));
    /// while conn.resume(&mut sink).await? == Ran::Paused {}
    /// assert_eq!(sink.0, [1, 2]);
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    fn resume<'a>(&'a mut self, sink: &'a mut dyn RowSink) -> BoxFuture<'a, Result<Ran>>;

    /// Goes on with a paused batch where it is asked to, as far as that takes no waiting: rows that have arrived need no future of their own.
    ///
    /// Asked for before [`resume`](RawConn::resume), as [`run_at_once`](RawConn::run_at_once) is before `run`.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, driver::*};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// # use aludel_sql::ValueRef;
    /// # struct OneByOne(usize);
    /// # impl RowSink for OneByOne {
    /// #     fn row(&mut self, _: usize, _: &[ValueRef<'_>]) -> aludel_engine::Result<Flow> { self.0 += 1; Ok(Flow::Pause) }
    /// # }
    /// use std::future::poll_fn;
    /// use std::task::Poll;
    ///
    /// let mut conn = driver.connect().await?;
    /// let statements = [Statement::plain("SELECT value FROM json_each('[1, 2]')")];
    /// let mut sink = OneByOne(0);
    /// conn.run(&Batch { begin: None, statements: &statements, end: End::Open }, &mut sink).await?; // the first row
    /// let second = poll_fn(|cx| Poll::Ready(conn.resume_at_once(cx, &mut sink))).await;
    /// assert!(matches!(second, AtOnce::Ran(Ok(Ran::Paused))));
    /// let third = poll_fn(|cx| Poll::Ready(conn.resume_at_once(cx, &mut sink))).await;
    /// assert!(matches!(third, AtOnce::More)); // there is none, and the end of a batch may have to wait
    /// assert_eq!((conn.resume(&mut sink).await?, sink.0), (Ran::Done, 2));
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    fn resume_at_once(&mut self, cx: &mut Context<'_>, sink: &mut dyn RowSink) -> AtOnce {
        let _ = (cx, sink);
        AtOnce::Not
    }

    /// Gives up a paused batch of which nobody wants more rows, if that needs no waiting: what it wrote stays written.
    ///
    /// `false`: it must be resumed to its end.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, driver::*};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// # use aludel_sql::ValueRef;
    /// # struct First;
    /// # impl RowSink for First {
    /// #     fn row(&mut self, _: usize, _: &[ValueRef<'_>]) -> aludel_engine::Result<Flow> { Ok(Flow::Pause) }
    /// # }
    /// let mut conn = driver.connect().await?;
    /// let statements = [Statement::plain("SELECT value FROM json_each('[1, 2]')")];
    /// let ran = conn.run(&Batch { begin: None, statements: &statements, end: End::Open }, &mut First).await?;
    /// assert_eq!((ran, conn.status()), (Ran::Paused, Status::InFlight));
    /// assert!(conn.give_up()); // SQLite reads the second row only if it is asked for; a server sends it anyway
    /// assert_eq!(conn.status(), Status::Idle);
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    fn give_up(&mut self) -> bool {
        false
    }

    /// Returns the state of the connection, as the protocol last told it.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, driver::*};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// let mut conn = driver.connect().await?;
    /// let statements = [Statement::plain("SELECT 1")];
    /// let batch = Batch { begin: Some(Begin::default()), statements: &statements, end: End::Open };
    /// conn.run(&batch, &mut Discard::default()).await?;
    /// assert_eq!(conn.status(), Status::InTx);
    ///
    /// drop(conn.run(&batch, &mut Discard::default())); // never polled: nothing has happened
    /// assert_eq!(conn.status(), Status::InTx);
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    fn status(&self) -> Status;

    /// Looks, without waiting, whether the peer has closed an idle connection.
    ///
    /// The pool asks before it lends. What it says is a hint: the peer may go away right after it.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, driver::*};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// let mut conn = driver.connect().await?;
    /// assert!(!conn.is_closed()); // a library cannot hang up
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    fn is_closed(&mut self) -> bool {
        false
    }

    /// Says which line of the program has got the connection: a driver in which one waits for another can name it.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, driver::*};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite://?busy_timeout=10".parse()?)?;
    /// use std::panic::Location;
    ///
    /// let (mut first, mut second) = (driver.connect().await?, driver.connect().await?);
    /// first.lent(Location::caller()); // the pool says it
    /// let statements = [Statement::plain("CREATE TABLE shelves (id INTEGER)")];
    /// let batch = Batch { begin: Some(Begin { write: true, ..Begin::default() }), statements: &statements, end: End::Open };
    /// first.run(&batch, &mut Discard::default()).await?;
    /// let error = second.run(&batch, &mut Discard::default()).await.unwrap_err(); // two writers in one task
    /// assert!(error.to_string().contains(file!()));
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    fn lent(&mut self, at: &'static Location<'static>) {
        let _ = at;
    }

    /// Says how long a batch, or a piece of one that pauses, may take from now on: one that takes longer is stopped, with an error of kind
    /// `Timeout`. `None`: as long as it must.
    ///
    /// `false`: the driver does not look at the clock. Then the engine does, and calls the [`canceller`](RawConn::canceller).
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, driver::*};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// use std::time::Duration;
    ///
    /// let mut conn = driver.connect().await?;
    /// assert!(conn.set_timeout(Some(Duration::from_millis(20)))); // SQLite runs here, where it can be asked to look
    /// let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n";
    /// let statements = [Statement::plain(endless)];
    /// let batch = Batch { begin: None, statements: &statements, end: End::Open };
    /// let error = conn.run(&batch, &mut Discard::default()).await.unwrap_err();
    /// assert_eq!((error.kind(), conn.status()), (aludel_engine::ErrorKind::Timeout, Status::Idle));
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    fn set_timeout(&mut self, limit: Option<Duration>) -> bool {
        let _ = limit;
        false
    }

    /// Returns something that can stop the running statement from elsewhere.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, driver::*};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// use std::time::Duration;
    ///
    /// let mut conn = driver.connect().await?;
    /// let stop = conn.canceller(); // before the statement, which borrows the connection
    /// let watchdog = tokio::spawn(async move {
    ///     loop {
    ///         tokio::time::sleep(Duration::from_millis(20)).await;
    ///         stop().await;
    ///     }
    /// });
    /// let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n";
    /// let statements = [Statement::plain(endless)];
    /// let batch = Batch { begin: None, statements: &statements, end: End::Open };
    /// let error = conn.run(&batch, &mut Discard::default()).await.unwrap_err();
    /// watchdog.abort();
    /// assert_eq!((error.kind(), conn.status()), (aludel_engine::ErrorKind::Timeout, Status::Idle));
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    fn canceller(&self) -> Canceller;

    /// Brings the session of an idle connection back to what it was when the connection was opened: settings, temporary tables,
    /// locks, listened channels and whatever else the database keeps for a session.
    ///
    /// A driver that leaves this out says that it cannot: then the pool closes the connection and opens another, to the same effect.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, driver::*};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// let mut conn = driver.connect().await?;
    /// let refused = conn.reset().await.unwrap_err();
    /// assert_eq!(refused.kind(), aludel_engine::ErrorKind::Unsupported); // SQLite: the pool opens another connection
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
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
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, driver::*};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// use std::task::{Context, Poll};
    ///
    /// struct Lines(std::vec::IntoIter<&'static str>);
    ///
    /// impl CopySource for Lines {
    ///     fn poll_piece(&mut self, _: &mut Context<'_>) -> Poll<Option<aludel_engine::Result<CopyPiece>>> {
    ///         Poll::Ready(self.0.next().map(|line| Ok(CopyPiece::Bytes(line.into()))))
    ///     }
    /// }
    ///
    /// let mut conn = driver.connect().await?;
    /// let statements = [Statement::plain("COPY shelves FROM STDIN")];
    /// let batch = Batch { begin: None, statements: &statements, end: End::Open };
    /// let mut lines = Lines(vec!["1\n", "2\n"].into_iter());
    /// let refused = conn.copy_in(&batch, &mut lines, &mut Discard::default()).await.unwrap_err();
    /// assert_eq!(refused.kind(), aludel_engine::ErrorKind::Unsupported); // PostgreSQL would take them
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
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
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, driver::*};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// use std::future::poll_fn;
    ///
    /// let mut conn = driver.connect().await?;
    /// let refused = poll_fn(|cx| conn.poll_notification(cx)).await.unwrap_err();
    /// assert_eq!(refused.kind(), aludel_engine::ErrorKind::Unsupported); // SQLite
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Disconnected` where the connection ends, `Unsupported` where the database has no notifications.
    fn poll_notification(&mut self, cx: &mut Context<'_>) -> Poll<Result<Notification>> {
        let _ = cx;
        Poll::Ready(Err(Error::new(ErrorKind::Unsupported, "this database has no notifications")))
    }

    /// Takes the oldest of the notices that the server has sent with its answers.
    ///
    /// The engine asks after each batch, until there is none.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, driver::*};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// let mut conn = driver.connect().await?;
    /// while let Some(notice) = conn.take_notice() {
    ///     println!("{} {}: {}", notice.severity, notice.code, notice.message);
    /// }
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    fn take_notice(&mut self) -> Option<Notice> {
        None
    }

    /// Tells whether the connection works only as long as the Tokio runtime that it was opened on, as everything with a socket.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, driver::*};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// let conn = driver.connect().await?;
    /// assert!(!conn.needs_its_runtime()); // SQLite has no socket: another runtime, or none, will do as well
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    fn needs_its_runtime(&self) -> bool {
        true
    }

    /// Says good-bye and closes.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, driver::*};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// let conn = driver.connect().await?;
    /// let stop = conn.canceller();
    /// conn.close().await;
    /// stop().await; // nothing: there is nothing to stop
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    fn close(self: Box<Self>) -> BoxFuture<'static, ()>;
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

/// Whether a batch is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ran {
    /// Over.
    Done,
    /// The sink asked for a pause.
    Paused,
}

/// How far [`RawConn::run_at_once`] came.
#[derive(Debug)]
pub enum AtOnce {
    /// The batch is to be run, or resumed: nothing was done, or nothing that a run would not go on with.
    Not,
    /// The batch is over, or the sink has asked for a pause.
    Ran(Result<Ran>),
    /// The rest must be waited for: the batch is to be resumed.
    More,
    /// The batch is under way, and the task is woken when there is something to do for it: then [`RawConn::go_on_at_once`] is asked.
    Pending,
}

/// Runs a batch as the engine does: at once, if that is possible.
///
/// ```
/// # aludel_engine::blocking::run_alone(async {
/// # use aludel_engine::{Backend, driver::*};
/// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
/// use aludel_engine::driver;
///
/// let mut conn = driver.connect().await?;
/// let statements = [Statement::plain("CREATE TABLE shelves (id INTEGER)")];
/// let batch = Batch { begin: None, statements: &statements, end: End::Open };
/// assert_eq!(driver::run(&mut *conn, &batch, &mut Discard::default()).await?, Ran::Done);
/// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
/// ```
///
/// # Errors
///
/// As [`RawConn::run`].
#[allow(clippy::manual_async_fn)] // That would keep the arguments twice, and each statement's future has this one in it.
pub fn run<'a>(
    raw: &'a mut dyn RawConn,
    batch: &'a Batch<'_>,
    sink: &'a mut dyn RowSink,
) -> impl Future<Output = Result<Ran>> + Send + 'a {
    async move {
        let mut begun = false;
        let at_once = poll_fn(|cx| {
            let ran = if std::mem::replace(&mut begun, true) {
                raw.go_on_at_once(cx, sink)
            } else {
                raw.run_at_once(cx, batch, sink)
            };
            if let AtOnce::Pending = ran { Poll::Pending } else { Poll::Ready(ran) }
        });
        match at_once.await {
            AtOnce::Not | AtOnce::Pending => raw.run(batch, sink).await,
            AtOnce::Ran(ran) => ran,
            AtOnce::More => raw.resume(sink).await,
        }
    }
}
