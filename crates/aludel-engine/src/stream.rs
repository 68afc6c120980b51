//! Rows one after the other, as the program asks for them: memory stays flat whatever their number.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use aludel_sql::{Error, ErrorKind, Item, Result, ValueRef};

use crate::connection::Connection;
use crate::driver::{AtOnce, BoxFuture, ColumnInfo, Flow, Ran, RowSink};
use crate::query::Plan;
use crate::result::Row;

/// The most rows that are read ahead, unless the options say otherwise: in the beginning, so that a short result leaves nothing open, and later
/// where the driver must be waited for each time.
const ROWS_AHEAD: usize = 256;

/// No more rows are read ahead once texts and bytes in those that wait take this much.
const BYTES_AHEAD: usize = 1024 * 1024;

/// How many rows are taken at once of those that are there. With more of them allocators leave their quickest path (that of glibc keeps seven
/// pieces of a size), which costs more than going on does.
const ROWS_AT_ONCE: usize = 4;

/// As [`BYTES_AHEAD`], of those that are there: large rows come one by one, as the driver has them anyway.
const BYTES_AT_ONCE: usize = 16 * 1024;

/// The rows of a statement, read from the database as they are asked for.
///
/// A few hundred rows may be read ahead, never more: the database waits for who reads. With the feature `futures` it is a
/// `futures_core::Stream` too. A future of [`next`](Self::next) may be dropped: no row is lost.
///
/// The connection is busy as long as the stream lives. Dropped midway, a SELECT is given up; the connection does what comes next
/// as if nothing had been, on servers after it has read what was still under way. A connection that is given back instead is
/// closed there, and the server told to stop; whether a statement that writes has then taken effect is not known. Dropped after a future
/// of [`next`](Self::next) that had still to wait for rows, a stream is as any call dropped before its end: the connection refuses what comes
/// next, and is closed when it is given back.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run_core(async |conn| {
/// // SELECT documents.id, … FROM documents ORDER BY documents.id
/// let mut documents = conn.scalars(select(Document).order_by(Document::ID)).stream();
/// while let Some(document) = documents.next().await? {
///     println!("{}", document.title);
/// }
/// # Ok(()) });
/// ```
#[must_use = "a stream does nothing until its rows are asked for"]
pub struct RowStream<'c, T> {
    state: State<'c, T>,
    /// Rows that were read and not yet asked for.
    ready: VecDeque<T>,
}

enum State<'c, T> {
    Opening(BoxFuture<'c, Result<RowStream<'c, T>>>),
    Resting(Source<'c, T>),
    Fetching(BoxFuture<'c, (Source<'c, T>, Result<Ran>)>),
    Failed(Error),
    Over,
}

impl<'c, T: Send + 'c> RowStream<'c, T> {
    pub(crate) fn new(conn: &'c mut Connection, plan: Plan, reader: Reader<T>) -> Self {
        let fetch_size = conn.options.for_statements().fetch_size.map_or(ROWS_AHEAD, |rows| rows as usize);
        let ahead = Ahead {
            rows: Vec::new(),
            bytes: 0,
            most: fetch_size,
            most_bytes: BYTES_AHEAD,
            fetch_size,
            names: Arc::default(),
            reader,
        };
        Self { state: State::Resting(Source { conn, plan: Some(plan), ahead }), ready: VecDeque::new() }
    }

    /// A stream that something must be done for first: a session flushes, and borrows a connection.
    #[doc(hidden)]
    pub fn opened_by(opening: impl Future<Output = Result<Self>> + Send + 'c) -> Self {
        Self { state: State::Opening(Box::pin(opening)), ready: VecDeque::new() }
    }

    /// A stream that gives nothing but an error.
    #[doc(hidden)]
    pub fn failed(error: Error) -> Self {
        Self { state: State::Failed(error), ready: VecDeque::new() }
    }

    /// As [`new`](Self::new), unless the rows are whole only after further statements.
    pub(crate) fn of_whole_rows<I: Item>(conn: &'c mut Connection, plan: Plan, reader: Reader<T>) -> Self {
        if I::follow_up().is_none() {
            return Self::new(conn, plan, reader);
        }
        let what = "rows that have collections cannot be streamed: the connection is busy with them";
        let error = Error::new(ErrorKind::Unsupported, what)
            .help("fetch them by pages: `.order_by(key).filter(key.gt(last)).limit(n)` and `all`");
        Self::failed(error)
    }

    /// Returns the next row; `None` after the last one.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let mut titles = conn.scalars(select(Document::TITLE).order_by(Document::ID)).stream();
    /// assert_eq!(titles.next().await?.as_deref(), Some("Draft"));
    /// drop(titles); // the rest is given up
    /// assert_eq!(conn.scalar(select(func::count(Document::ID))).await?, 3); // the connection is free again
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// An error of the database, or of kind `Decode`. No row comes after it.
    #[allow(clippy::should_implement_trait)]
    pub async fn next(&mut self) -> Result<Option<T>> {
        if let Some(row) = self.ready.pop_front() {
            return Ok(Some(row));
        }
        poll_fn(|cx| self.poll_row(cx)).await.transpose()
    }

    /// Returns the rows by `n`, the last time by fewer: SQLAlchemy's `yield_per`.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let mut pages = conn.scalars(select(Document::TITLE).order_by(Document::ID)).stream().partitions(2);
    /// assert_eq!(pages.next().await?, Some(vec!["Draft".to_owned(), "Plan".to_owned()]));
    /// assert_eq!(pages.next().await?, Some(vec!["Notes".to_owned()]));
    /// assert_eq!(pages.next().await?, None);
    /// # Ok(()) });
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `n` is 0.
    pub fn partitions(self, n: usize) -> Partitions<'c, T> {
        assert!(n > 0, "a partition has at least one row");
        Partitions { rows: self, n, part: Vec::new() }
    }

    fn poll_row(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        loop {
            if let Some(row) = self.ready.pop_front() {
                return Poll::Ready(Some(Ok(row)));
            }
            if let State::Resting(source) = &mut self.state
                && let Some(ran) = source.go_on_at_once(cx)
            {
                self.ready = source.ahead.take(mem::take(&mut self.ready));
                match ran {
                    Ok(Ran::Paused) => {}
                    Ok(Ran::Done) => self.state = State::Over,
                    // After the rows that came before it.
                    Err(error) => self.state = State::Failed(error),
                }
                continue;
            }
            let mut fetching = match mem::replace(&mut self.state, State::Over) {
                State::Over => return Poll::Ready(None),
                State::Failed(error) => return Poll::Ready(Some(Err(error))),
                State::Opening(mut opening) => {
                    match opening.as_mut().poll(cx) {
                        Poll::Pending => {
                            self.state = State::Opening(opening);
                            return Poll::Pending;
                        }
                        Poll::Ready(Ok(opened)) => *self = opened,
                        Poll::Ready(Err(error)) => self.state = State::Failed(error),
                    }
                    continue;
                }
                State::Fetching(fetching) => fetching,
                State::Resting(source) => Box::pin(source.fetched()),
            };
            let Poll::Ready((mut source, ran)) = fetching.as_mut().poll(cx) else {
                self.state = State::Fetching(fetching);
                return Poll::Pending;
            };
            self.ready = source.ahead.take(mem::take(&mut self.ready));
            self.state = match ran {
                Ok(Ran::Paused) => State::Resting(source),
                Ok(Ran::Done) => State::Over,
                Err(error) => State::Failed(error),
            };
        }
    }
}

impl<T> Drop for RowStream<'_, T> {
    fn drop(&mut self) {
        if let State::Resting(source) = &mut self.state {
            source.conn.give_up_paused();
        }
    }
}

/// Nothing in it is pinned.
impl<T> Unpin for RowStream<'_, T> {}

#[cfg(feature = "futures")]
impl<'c, T: Send + 'c> futures_core::Stream for RowStream<'c, T> {
    type Item = Result<T>;

    fn poll_next(mut self: std::pin::Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        self.poll_row(cx)
    }
}

impl<T> fmt::Debug for RowStream<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Resting(_) => "resting",
            State::Opening(_) | State::Fetching(_) => "fetching",
            State::Failed(_) | State::Over => "over",
        };
        f.debug_struct("RowStream").field("state", &state).field("ready", &self.ready.len()).finish()
    }
}

/// The rows of a stream, a number at a time. With the feature `futures` it is a `futures_core::Stream` too.
#[must_use = "a stream does nothing until its rows are asked for"]
#[derive(Debug)]
pub struct Partitions<'c, T> {
    rows: RowStream<'c, T>,
    n: usize,
    part: Vec<T>,
}

impl<'c, T: Send + 'c> Partitions<'c, T> {
    /// Returns the next rows; `None` after the last ones.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let mut pages = conn.scalars(select(Document::ID).order_by(Document::ID)).stream().partitions(2);
    /// let mut sizes = Vec::new();
    /// while let Some(page) = pages.next().await? {
    ///     sizes.push(page.len()); // two rows in memory, whatever the table holds
    /// }
    /// assert_eq!(sizes, [2, 1]);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// An error of the database, or of kind `Decode`. No rows come after it.
    #[allow(clippy::should_implement_trait)]
    pub async fn next(&mut self) -> Result<Option<Vec<T>>> {
        poll_fn(|cx| self.poll_part(cx)).await.transpose()
    }

    fn poll_part(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Vec<T>>>> {
        while self.part.len() < self.n {
            match ready!(self.rows.poll_row(cx)) {
                Some(Ok(row)) => self.part.push(row),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None if self.part.is_empty() => return Poll::Ready(None),
                None => break,
            }
        }
        Poll::Ready(Some(Ok(mem::take(&mut self.part))))
    }
}

/// Nothing in it is pinned.
impl<T> Unpin for Partitions<'_, T> {}

#[cfg(feature = "futures")]
impl<'c, T: Send + 'c> futures_core::Stream for Partitions<'c, T> {
    type Item = Result<Vec<T>>;

    fn poll_next(mut self: std::pin::Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Vec<T>>>> {
        self.poll_part(cx)
    }
}

/// Makes a row of its cells and, if it wants them, the names of its columns; it is put behind those before it.
pub(crate) struct Reader<T> {
    pub(crate) wants_names: bool,
    pub(crate) read: fn(&Arc<[String]>, &[ValueRef<'_>], &mut Vec<T>) -> Result<()>,
}

impl Reader<Row> {
    /// Of rows that are read by name.
    pub(crate) const WITH_NAMES: Self = Self {
        wants_names: true,
        read: |names, cells, rows| {
            rows.push(Row::of(names, cells));
            Ok(())
        },
    };
}

/// Where the rows come from.
struct Source<'c, T> {
    conn: &'c mut Connection,
    /// Until it was sent.
    plan: Option<Plan>,
    ahead: Ahead<T>,
}

impl<T: Send> Source<'_, T> {
    /// Reads the next rows, if they are there. `None`: they are to be fetched.
    fn go_on_at_once(&mut self, cx: &mut Context<'_>) -> Option<Result<Ran>> {
        if self.plan.is_some() {
            // What the connection has paused is of a stream before this one.
            return None;
        }
        self.ahead.begin(self.ahead.fetch_size.min(ROWS_AT_ONCE), BYTES_AT_ONCE);
        match self.conn.go_on_at_once(cx, &mut self.ahead) {
            AtOnce::Ran(ran) => Some(ran),
            // Those that have arrived before it must be waited for.
            AtOnce::More | AtOnce::Pending if !self.ahead.rows.is_empty() => Some(Ok(Ran::Paused)),
            AtOnce::Not => {
                self.ahead.begin(self.ahead.fetch_size, BYTES_AHEAD);
                None
            }
            AtOnce::More | AtOnce::Pending => {
                // Those behind it will have arrived, too.
                self.ahead.begin(1, BYTES_AHEAD);
                None
            }
        }
    }

    async fn fetched(mut self) -> (Self, Result<Ran>) {
        let ran = match self.plan.take() {
            Some(plan) => self.begin(&plan).await,
            None => self.conn.go_on(&mut self.ahead).await,
        };
        (self, ran)
    }

    async fn begin(&mut self, plan: &Plan) -> Result<Ran> {
        let engine = self.conn.engine().clone();
        let prepared = plan.prepare(&engine, engine.scopes())?;
        let values = prepared.values();
        self.conn.start(prepared.statement(&values), &mut self.ahead).await
    }
}

/// A sink that pauses when it has enough.
struct Ahead<T> {
    rows: Vec<T>,
    bytes: usize,
    /// How many rows are enough now, and how many bytes.
    most: usize,
    most_bytes: usize,
    /// How many rows are enough where the driver must be waited for.
    fetch_size: usize,
    names: Arc<[String]>,
    reader: Reader<T>,
}

impl<T> Ahead<T> {
    fn begin(&mut self, most: usize, most_bytes: usize) {
        self.bytes = 0;
        self.most = most;
        self.most_bytes = most_bytes;
    }

    /// Gives the rows away; the memory of those before them, which are all gone, is used again.
    fn take(&mut self, before: VecDeque<T>) -> VecDeque<T> {
        mem::replace(&mut self.rows, Vec::from(before)).into()
    }
}

impl<T: Send> RowSink for Ahead<T> {
    fn columns(&mut self, _: usize, columns: &[ColumnInfo<'_>]) -> Result<()> {
        self.names = columns.iter().map(|it| it.name.to_owned()).collect();
        Ok(())
    }

    fn row(&mut self, _: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        (self.reader.read)(&self.names, cells, &mut self.rows)?;
        if self.rows.len() >= self.most {
            return Ok(Flow::Pause);
        }
        self.bytes += cells.iter().map(size).sum::<usize>();
        Ok(if self.bytes >= self.most_bytes { Flow::Pause } else { Flow::More })
    }

    fn wants_columns(&self) -> bool {
        self.reader.wants_names
    }
}

/// Returns the size of what a cell holds outside of a row.
fn size(cell: &ValueRef<'_>) -> usize {
    match cell {
        ValueRef::Text(text) => text.len(),
        ValueRef::Blob(bytes) | ValueRef::Wire { bytes, .. } => bytes.len(),
        _ => 0,
    }
}
