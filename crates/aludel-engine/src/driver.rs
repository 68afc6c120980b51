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
use std::future::{Future, poll_fn};
use std::ops::{ControlFlow, RangeInclusive};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use aludel_sql::{Bind, Error, ErrorKind, Result, SqlType, Value, ValueRef};

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
    /// the task was woken, with the same batch and sink.
    fn go_on_at_once(&mut self, cx: &mut Context<'_>, batch: &Batch<'_>, sink: &mut dyn RowSink) -> AtOnce {
        let _ = (cx, batch, sink);
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

/// Where the data of [`RawConn::copy_in`] comes from.
pub trait CopySource: Send {
    /// Returns the types of the values in a [`CopyPiece::Row`].
    ///
    /// The driver asks once, before the first piece; only those with rows have an answer.
    ///
    /// ```
    /// use std::task::{Context, Poll};
    /// use aludel_engine::Result;
    /// use aludel_engine::driver::{CopyPiece, CopySource};
    /// use aludel_sql::{SqlType, Value};
    ///
    /// /// Shelves with the numbers from here on.
    /// struct Shelves(std::ops::Range<i64>);
    ///
    /// impl CopySource for Shelves {
    ///     fn types(&self) -> &[SqlType] {
    ///         &[SqlType::BigInt, SqlType::Text]
    ///     }
    ///
    ///     fn poll_piece(&mut self, _: &mut Context<'_>) -> Poll<Option<Result<CopyPiece>>> {
    ///         let row = |id| CopyPiece::Row(vec![Value::Int(id), Value::Text(format!("Shelf {id}"))]);
    ///         Poll::Ready(self.0.next().map(|id| Ok(row(id))))
    ///     }
    /// }
    ///
    /// assert_eq!(Shelves(1..4).types().len(), 2);
    /// ```
    fn types(&self) -> &[SqlType] {
        &[]
    }

    /// Returns the next piece; `None` after the last one.
    ///
    /// An error ends the COPY, and the database keeps nothing of it.
    ///
    /// ```
    /// use std::task::{Context, Poll, Waker};
    /// use aludel_engine::Result;
    /// use aludel_engine::driver::{CopyPiece, CopySource};
    ///
    /// struct Lines<I>(I);
    ///
    /// impl<I: Iterator<Item = String> + Send> CopySource for Lines<I> {
    ///     fn poll_piece(&mut self, _: &mut Context<'_>) -> Poll<Option<Result<CopyPiece>>> {
    ///         Poll::Ready(self.0.next().map(|line| Ok(CopyPiece::Bytes(line.into_bytes()))))
    ///     }
    /// }
    ///
    /// let mut lines = Lines(["1,History\n".to_owned()].into_iter());
    /// let cx = &mut Context::from_waker(Waker::noop());
    /// assert!(matches!(lines.poll_piece(cx), Poll::Ready(Some(Ok(CopyPiece::Bytes(line)))) if line == b"1,History\n"));
    /// assert!(matches!(lines.poll_piece(cx), Poll::Ready(None)));
    /// ```
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
    /// No further row can come or is wanted: a driver may end a statement that only reads here, and may as well go on.
    Enough,
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
pub async fn run(raw: &mut dyn RawConn, batch: &Batch<'_>, sink: &mut dyn RowSink) -> Result<Ran> {
    let mut begun = false;
    let at_once = poll_fn(|cx| {
        let ran = if std::mem::replace(&mut begun, true) {
            raw.go_on_at_once(cx, batch, sink)
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

/// Receives the rows of a batch.
pub trait RowSink: Send {
    /// Tells the columns of a statement's result, before its first row. Only drivers that know them without a round trip
    /// of their own call this with types; the names are always there.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, driver::*};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// use aludel_sql::ValueRef;
    ///
    /// #[derive(Default)]
    /// struct Names(Vec<String>);
    ///
    /// impl RowSink for Names {
    ///     fn columns(&mut self, _: usize, columns: &[ColumnInfo<'_>]) -> aludel_engine::Result<()> {
    ///         self.0 = columns.iter().map(|it| it.name.to_owned()).collect();
    ///         Ok(())
    ///     }
    ///
    ///     fn row(&mut self, _: usize, _: &[ValueRef<'_>]) -> aludel_engine::Result<Flow> {
    ///         Ok(Flow::More)
    ///     }
    ///
    ///     fn wants_columns(&self) -> bool {
    ///         true
    ///     }
    /// }
    ///
    /// let mut conn = driver.connect().await?;
    /// let statements = [Statement::plain("SELECT 1 AS id, 'Sam' AS name")];
    /// let mut sink = Names::default();
    /// conn.run(&Batch { begin: None, statements: &statements, end: End::Open }, &mut sink).await?;
    /// assert_eq!(sink.0, ["id", "name"]);
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    fn columns(&mut self, statement: usize, columns: &[ColumnInfo<'_>]) -> Result<()> {
        let _ = (statement, columns);
        Ok(())
    }

    /// Receives one row; the cells are valid for this call only.
    ///
    /// An error of it ends the batch, and is the batch's.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, driver::*};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// use aludel_sql::ValueRef;
    ///
    /// /// Adds numbers up without keeping a row.
    /// #[derive(Default)]
    /// struct Sum(i64);
    ///
    /// impl RowSink for Sum {
    ///     fn row(&mut self, _: usize, cells: &[ValueRef<'_>]) -> aludel_engine::Result<Flow> {
    ///         if let [ValueRef::Int(n), ..] = cells {
    ///             self.0 += n;
    ///         }
    ///         Ok(Flow::More)
    ///     }
    /// }
    ///
    /// let mut conn = driver.connect().await?;
    /// let statements = [Statement::plain("SELECT 1 UNION ALL SELECT 2"), Statement::plain("SELECT 4")];
    /// let mut sum = Sum::default();
    /// conn.run(&Batch { begin: None, statements: &statements, end: End::Open }, &mut sum).await?;
    /// assert_eq!(sum.0, 7);
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    fn row(&mut self, statement: usize, cells: &[ValueRef<'_>]) -> Result<Flow>;

    /// Receives the generated keys of rows that were inserted together, where they are known to follow each other, and tells whether it took them. Those that it
    /// does not take come as rows of one cell.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, driver::*};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// use aludel_sql::{Bind, RowBinding, Value, ValueRef};
    /// use std::ops::RangeInclusive;
    ///
    /// #[derive(Default)]
    /// struct Keys(Vec<i64>);
    ///
    /// impl RowSink for Keys {
    ///     fn row(&mut self, _: usize, cells: &[ValueRef<'_>]) -> aludel_engine::Result<Flow> {
    ///         self.0.extend(cells.iter().filter_map(|it| if let ValueRef::Int(key) = it { Some(key) } else { None }));
    ///         Ok(Flow::More)
    ///     }
    ///
    ///     fn keys(&mut self, _: usize, keys: RangeInclusive<i64>) -> bool {
    ///         self.0.extend(keys); // without a call for each
    ///         true
    ///     }
    /// }
    ///
    /// let mut conn = driver.connect().await?;
    /// let labels = |row: usize, _column: usize| Bind::Own(Value::Text(format!("shelf {row}")));
    /// let params = Params::Rows { binding: RowBinding::Values, rows: 3, columns: 1, cell: &labels };
    /// let insert = Statement { params, find_keys: Some("\"id\""), ..Statement::plain("INSERT INTO shelves (label) VALUES (?), (?), (?)") };
    /// let statements = [Statement::plain("CREATE TABLE shelves (id INTEGER PRIMARY KEY, label TEXT)"), insert];
    /// let mut sink = Keys::default();
    /// conn.run(&Batch { begin: None, statements: &statements, end: End::Open }, &mut sink).await?;
    /// assert_eq!(sink.0, [1, 2, 3]);
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    fn keys(&mut self, statement: usize, keys: RangeInclusive<i64>) -> bool {
        let _ = (statement, keys);
        false
    }

    /// Tells that a statement is over. A statement run once per row ([`RowBinding::Each`]) is over once.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, driver::*};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// use aludel_sql::ValueRef;
    ///
    /// /// The rows affected, statement by statement.
    /// #[derive(Default)]
    /// struct Affected(Vec<u64>);
    ///
    /// impl RowSink for Affected {
    ///     fn row(&mut self, _: usize, _: &[ValueRef<'_>]) -> aludel_engine::Result<Flow> {
    ///         Ok(Flow::More)
    ///     }
    ///
    ///     fn done(&mut self, statement: usize, done: Done) {
    ///         assert_eq!(statement, self.0.len());
    ///         self.0.push(done.rows_affected);
    ///     }
    /// }
    ///
    /// let mut conn = driver.connect().await?;
    /// let statements = ["CREATE TABLE shelves (id INTEGER)", "INSERT INTO shelves VALUES (1), (2)", "DELETE FROM shelves WHERE id = 2"];
    /// let statements = statements.map(Statement::plain);
    /// let mut sink = Affected::default();
    /// conn.run(&Batch { begin: None, statements: &statements, end: End::Open }, &mut sink).await?;
    /// assert_eq!(sink.0, [0, 2, 1]);
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    fn done(&mut self, statement: usize, done: Done) {
        let _ = (statement, done);
    }

    /// Tells whether the sink wants [`RowSink::columns`] to be called.
    ///
    /// ```
    /// use aludel_engine::driver::{Discard, RowSink};
    ///
    /// assert!(!Discard::default().wants_columns()); // so a driver need not look the names up
    /// ```
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
    ///
    /// The text must not hold values: it is sent as it is.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// use aludel::driver::{Discard, End, Statement};
    ///
    /// let statements = [Statement::plain("PRAGMA optimize"), Statement::plain("ANALYZE")];
    /// conn.run(&statements, End::Open, &mut Discard::default()).await?;
    /// # Ok(()) });
    /// ```
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
    ///
    /// ```
    /// use aludel_engine::driver::RowSource;
    /// use aludel_sql::{Bind, Value, ValueRef};
    ///
    /// struct Shelf {
    ///     id: i64,
    ///     label: String,
    /// }
    ///
    /// /// Borrows what the shelves hold: nothing is copied on the way to the driver.
    /// struct Shelves(Vec<Shelf>);
    ///
    /// impl RowSource for Shelves {
    ///     fn bind(&self, row: usize, column: usize) -> Bind<'_> {
    ///         let shelf = &self.0[row];
    ///         Bind::Ref(if column == 0 { ValueRef::Int(shelf.id) } else { ValueRef::Text(&shelf.label) })
    ///     }
    /// }
    ///
    /// let shelves = Shelves(vec![Shelf { id: 1, label: "History".to_owned() }]);
    /// assert_eq!(shelves.bind(0, 1).into_value(), Value::Text("History".to_owned()));
    ///
    /// let numbers = |row: usize, _column: usize| Bind::Own(Value::Int(row as i64)); // a closure is one too
    /// assert_eq!(numbers.bind(7, 0).into_value(), Value::Int(7));
    /// ```
    fn bind(&self, row: usize, column: usize) -> Bind<'_>;

    /// Shows the values of the first so many columns of a row, in order, until it is told to stop. A source whose rows are found first, and then
    /// their values, does that once for a row instead of once for a value.
    ///
    /// ```
    /// use aludel_engine::driver::RowSource;
    /// use aludel_sql::{Bind, Value};
    /// use std::ops::ControlFlow;
    ///
    /// let numbers = |row: usize, column: usize| Bind::Own(Value::Int((row * 10 + column) as i64));
    /// let mut shown = Vec::new();
    /// let stopped = numbers.row(7, 3, &mut |value| {
    ///     shown.push(value.into_value());
    ///     ControlFlow::Continue(())
    /// });
    /// assert_eq!(shown, [Value::Int(70), Value::Int(71), Value::Int(72)]);
    /// assert!(stopped.is_continue());
    /// ```
    fn row<'s>(
        &'s self,
        row: usize,
        columns: usize,
        each: &mut dyn FnMut(Bind<'s>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        (0..columns).try_for_each(|column| each(self.bind(row, column)))
    }
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
