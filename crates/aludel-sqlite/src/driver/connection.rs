//! One connection: how a batch runs.
//!
//! Everything runs where it is awaited, except
//!
//! - a wait for the writer's turn ([`super::turn`]: a queue) or for another program's lock (a timer);
//! - a read that yields no row within 300 µs: it is interrupted and runs again, whole, in the blocking pool, from where its rows
//!   come in chunks. One that does yield rows gives the worker back every 300 µs between two of them;
//! - what is known to take long: a commit that waits for the disk, more than 500 rows in one execution, CREATE and its like, and a
//!   statement that took long the last time.
//!
//! A write is never interrupted, unless a timeout says so: SQLite rolls back the whole transaction then. Outside a runtime all of it runs, and waits, on the
//! calling thread, and no future is ever pending.
//!
//! Statements that write run in a transaction always: one is begun for a batch that comes without, and committed at its end, so
//! that a batch is kept whole or not at all.

mod at_once;
mod cached_read;
mod cached_write;
mod parameters;
mod patience;
mod read;
mod resume;
mod transaction;
mod write;

use std::panic::Location;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use aludel_engine::blocking::runtime;
use aludel_engine::driver::{
    AtOnce, Batch, Begin, BoxFuture, Canceller, ColumnInfo, Done, End, Flow, Params, Ran, RawConn,
    RowBinding, RowSink, RowSource, Statement, Status,
};
use aludel_sql::{Error, ErrorKind, Result, ValueRef};
use tokio::task::coop;

use at_once::{Short, may_run_at_once};
use cached_read::Shown;
use parameters::Parameters;
use patience::Waiting;
use read::Pulled;
use write::{Results, Wrote};

use super::Shared;
use super::cache::Entry;
use super::checkpoint;
use super::core::{Control, Core, Write};
use super::decimals;
use super::encode::{self, Target};
use super::keys::{self, Keys};
use super::kind::Kind;
use super::rows::Rows;
use super::statement::{Copies, Database, Holds, Parameter, Pull};
use super::turn::Place;
use super::waiting::Patience;
use super::watch::{SLICE, Watch};
use crate::dialect::LARGEST_INSERT;
use crate::errors::Stop;

/// Rows between two looks at the clock.
const ROWS_BETWEEN_LOOKS: usize = 64;

/// How often a stream, which takes a few rows each time, goes on for one unit of the task's budget: all of it takes about as long as a
/// slice.
const RESUMED_FOR_BUDGET: u32 = 4;

/// An execution with more rows of parameters than this runs in the blocking pool. One that has its rows executed one by one does not:
/// it gives the worker back between two of them, and copying the values would cost more than the way there and back.
/// The session's own inserts stay below.
const MANY_ROWS: usize = LARGEST_INSERT;

/// A write that took longer than this goes to the blocking pool the next time.
const LONG_WRITE: Duration = Duration::from_millis(1);

/// An open connection.
pub(super) struct SqliteConnection {
    /// Away while a job of the blocking pool has it, and for ever if that job was lost.
    core: Option<Box<Core>>,
    shared: Arc<Shared>,
    interrupt: Arc<rusqlite::InterruptHandle>,
    /// Made on a runtime: may wait there.
    on_runtime: bool,
    mark: Mark,
    /// SQLite has rolled back a transaction of which the caller does not know yet.
    failed: bool,
    /// The open transaction was begun as one that does not write.
    read_only: bool,
    paused: Option<Paused>,
    /// Which of its cells are decimals.
    paused_decimals: Vec<Vec<(usize, u16)>>,
    /// The job in the blocking pool only reads, so that it may be interrupted.
    job_reads: bool,
    /// When this task last gave its worker back.
    slice: Option<Instant>,
    /// Where it was lent the last time.
    lent_at: Place,
    /// When what runs is stopped.
    deadline: Option<Instant>,
    /// How often a stream went on at once.
    at_once: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Clean,
    InFlight,
    Broken,
}

/// Whose transaction a batch runs in.
#[derive(Clone, Copy, Default)]
struct Scope {
    /// One was open before the batch.
    was_open: bool,
    /// The batch began it, so that an error ends it.
    own: bool,
    /// Nobody asked for it, so that the end of the batch commits it.
    implicit: bool,
}

/// A batch that waits for `resume`.
struct Paused {
    entry: Entry,
    index: usize,
    sql: Box<str>,
    rest: Rest,
    /// What the sink is told behind the last row.
    done: Option<Done>,
    /// What is left to do after the last row.
    end: Option<End>,
    scope: Scope,
}

/// The rows that a sink has not seen yet.
struct Rest {
    /// Those that have left SQLite, from number `next` on.
    rows: Rows,
    next: usize,
    /// Whether the statement has more.
    live: bool,
    /// Whether it runs in the blocking pool.
    pooled: bool,
}

impl SqliteConnection {
    pub(super) fn new(
        connection: rusqlite::Connection,
        shared: Arc<Shared>,
        on_runtime: bool,
    ) -> Result<Self> {
        let interrupt = Arc::new(connection.get_interrupt_handle());
        let counts_frames = on_runtime && !shared.is_memory();
        let db = Database::new(connection, Arc::new(Watch::new()), counts_frames)
            .ok_or_else(|| Error::new(ErrorKind::Disconnected, "the connection is closed"))?;
        let core = Core::new(db, shared.options.statement_cache);
        Ok(Self {
            core: Some(Box::new(core)),
            shared,
            interrupt,
            on_runtime,
            mark: Mark::Clean,
            failed: false,
            read_only: false,
            paused: None,
            paused_decimals: Vec::new(),
            job_reads: false,
            slice: None,
            lent_at: None,
            deadline: None,
            at_once: 0,
        })
    }

    fn core(&mut self) -> Result<&mut Core> {
        self.core.as_deref_mut().ok_or_else(lost)
    }

    fn error(&self, stop: Stop) -> Error {
        stop.into_error(&self.shared.place)
    }

    /// Runs any batch.
    async fn any_batch(&mut self, batch: &Batch<'_>, sink: &mut dyn RowSink) -> Result<Ran> {
        let was_open = self.failed || !self.core()?.db.is_autocommit();
        let mut scope = Scope { was_open, ..Scope::default() };
        let ran = self.conversation(batch, sink, &mut scope).await;
        if ran.is_err() {
            self.after_error(scope);
        }
        ran
    }

    async fn conversation(
        &mut self,
        batch: &Batch<'_>,
        sink: &mut dyn RowSink,
        scope: &mut Scope,
    ) -> Result<Ran> {
        if self.failed
            && !(batch.begin.is_none() && batch.statements.is_empty() && batch.end == End::Rollback)
        {
            return Err(Error::new(ErrorKind::State, "an error has ended the transaction")
                .help("SQLite has rolled it back; roll back here too, and begin again"));
        }
        if let Some(begin) = batch.begin {
            if scope.was_open {
                return Err(Error::new(ErrorKind::State, "a transaction is open already")
                    .help("commit it or roll it back first, or use a savepoint"));
            }
            self.begin(begin).await?;
            scope.own = true;
        }
        for (index, statement) in batch.statements.iter().enumerate() {
            let (rest, done) = match self.statement(index, statement, sink, scope).await {
                Ok(None) => continue,
                Ok(Some(paused)) => paused,
                Err(error) => return Err(error.with_sql(statement.sql)),
            };
            if batch.statements.len() > 1 {
                return Err(Error::new(ErrorKind::State, "only a batch of one statement can pause"));
            }
            let Some(entry) = self.core()?.running() else { return Err(lost()) };
            // A statement that has left SQLite does not keep its transaction open: a paused reader must not hold the writer's turn.
            let end = if rest.live {
                Some(batch.end)
            } else {
                self.end(batch.end, scope).await?;
                None
            };
            let sql = statement.sql.into();
            self.paused = Some(Paused { entry, index, sql, rest, done: Some(done), end, scope: *scope });
            return Ok(Ran::Paused);
        }
        self.end(batch.end, scope).await?;
        Ok(Ran::Done)
    }

    async fn end(&mut self, end: End, scope: &mut Scope) -> Result<()> {
        let core = self.core()?;
        core.stop();
        let open = !core.db.is_autocommit();
        match end {
            End::Open if open && !scope.implicit => {}
            End::Open | End::Commit if open => self.commit().await?,
            // A statement has ended the transaction, or a read has borrowed the turn.
            End::Open | End::Commit => self.outside(),
            End::Rollback => self.roll_back()?,
        }
        Ok(())
    }

    fn after_error(&mut self, scope: Scope) {
        let Some(core) = self.core.as_deref_mut() else { return };
        core.stop();
        let open = !core.db.is_autocommit();
        if scope.own {
            // An error of the rollback breaks the connection, which says enough.
            _ = self.roll_back();
        } else if !open {
            self.outside();
            self.failed = scope.was_open;
        }
    }

    /// Runs one statement. Returns what is left of its rows if the sink paused.
    async fn statement(
        &mut self,
        index: usize,
        statement: &Statement<'_>,
        sink: &mut dyn RowSink,
        scope: &mut Scope,
    ) -> Result<Option<(Rest, Done)>> {
        if index > 0 {
            self.spend_budget().await;
        }
        let mut waiting = Waiting::default();
        let entry = loop {
            match self.core()?.start(statement) {
                Ok(entry) => break entry,
                // Preparing reads the schema.
                Err(stop) => self.wait_out(stop, &mut waiting).await?,
            }
        };
        let parameters = Parameters::of(statement.params)?;
        let paused = if matches!(entry.kind, Kind::Read | Kind::Undo) {
            let pulled = self.read(entry, index, &parameters, sink, &mut waiting).await?;
            if waiting.borrowed_turn {
                self.core()?.turn = None;
            }
            if entry.kind == Kind::Undo {
                self.core()?.schema_changed();
            }
            match pulled {
                Pulled::Done => {
                    sink.done(index, Done::default());
                    None
                }
                Pulled::Paused(rest) => Some((rest, Done::default())),
            }
        } else {
            match self.write(entry, index, &parameters, statement, sink, scope).await? {
                Wrote::Done => None,
                Wrote::Paused(rest, done) => Some((rest, done)),
            }
        };
        if paused.is_none() {
            self.core()?.stop();
        }
        Ok(paused)
    }

    /// Runs a batch with decimals in it as one without.
    async fn run_with_decimals(&mut self, batch: &Batch<'_>, sink: &mut dyn RowSink) -> Result<Ran> {
        let input = |it| decimals::Input::of(it).map_err(|error| error.with_sql(it.sql));
        let inputs: Vec<decimals::Input<'_>> = batch.statements.iter().map(input).collect::<Result<_>>()?;
        let values: Vec<Vec<ValueRef<'_>>> = inputs.iter().map(decimals::Input::values).collect();
        let given = batch.statements.iter().zip(inputs.iter().zip(&values));
        let statements: Vec<Statement<'_>> =
            given.map(|(it, (input, values))| input.statement(it, values)).collect();
        let scales: Vec<_> = batch.statements.iter().map(|it| it.decimals.to_vec()).collect();
        let mut unscaled = decimals::Unscaled { sink, decimals: &scales };
        let ran = self.run(&Batch { statements: &statements, ..*batch }, &mut unscaled).await?;
        if ran == Ran::Paused {
            self.paused_decimals = scales;
        }
        Ok(ran)
    }

    /// Cleans up after a future that was dropped. The mark stays, but no lock does.
    fn dropped(&mut self) {
        match self.core.as_deref_mut() {
            Some(core) => {
                core.stop();
                _ = self.roll_back();
            }
            // The job ends on its own and drops the connection, which rolls back. A write must not be interrupted.
            None if self.job_reads => self.interrupt.interrupt(),
            None => {}
        }
    }
}

impl RawConn for SqliteConnection {
    fn run<'a>(&'a mut self, batch: &'a Batch<'a>, sink: &'a mut dyn RowSink) -> BoxFuture<'a, Result<Ran>> {
        if decimals::concern(batch) {
            return Box::pin(self.run_with_decimals(batch, sink));
        }
        Box::pin(async move {
            self.abandon_pause();
            let running = Running::begin(self)?;
            running.connection.spend_budget().await;
            let ran = running.connection.any_batch(batch, sink).await;
            running.over(!matches!(ran, Ok(Ran::Paused)));
            ran
        })
    }

    fn runs_at_once(&self) -> bool {
        true
    }

    fn run_at_once(&mut self, cx: &mut Context<'_>, batch: &Batch<'_>, sink: &mut dyn RowSink) -> AtOnce {
        if self.failed || !may_run_at_once(batch) {
            return AtOnce::Not;
        }
        if self.on_runtime {
            // Reads in a loop never wait, and give way to others all the same.
            match coop::poll_proceed(cx) {
                Poll::Ready(spent) => spent.made_progress(),
                Poll::Pending => return AtOnce::Not,
            }
        }
        self.abandon_pause();
        let Ok(running) = Running::begin(self) else { return AtOnce::Not };
        let ran = running.connection.at_once(cx, batch, sink);
        running.over(!matches!(ran, AtOnce::Ran(Ok(Ran::Paused)) | AtOnce::More));
        ran
    }

    fn resume<'a>(&'a mut self, sink: &'a mut dyn RowSink) -> BoxFuture<'a, Result<Ran>> {
        Box::pin(async move {
            let Some(paused) = self.paused.take() else {
                return Err(Error::new(ErrorKind::State, "nothing is paused on this connection"));
            };
            let decimals = std::mem::take(&mut self.paused_decimals);
            let mut unscaled = decimals::Unscaled { sink, decimals: &decimals };
            let sink: &mut dyn RowSink = if decimals.is_empty() { unscaled.sink } else { &mut unscaled };
            self.mark = Mark::Clean;
            let running = Running::begin(self)?;
            running.connection.spend_budget().await;
            let ran = running.connection.resumed_or_cleaned_up(paused, sink).await;
            let paused = matches!(ran, Ok(Ran::Paused));
            running.over(!paused);
            if paused {
                self.paused_decimals = decimals;
            }
            ran
        })
    }

    fn resume_at_once(&mut self, cx: &mut Context<'_>, sink: &mut dyn RowSink) -> AtOnce {
        self.resumed_at_once(cx, sink)
    }

    fn give_up(&mut self) -> bool {
        self.abandon_pause();
        true
    }

    fn status(&self) -> Status {
        match (self.mark, self.core.as_deref()) {
            (Mark::Broken, _) | (Mark::Clean, None) => Status::Broken,
            (Mark::InFlight, _) => Status::InFlight,
            (Mark::Clean, Some(_)) if self.failed => Status::Failed,
            (Mark::Clean, Some(core)) if core.db.is_autocommit() => Status::Idle,
            (Mark::Clean, Some(_)) => Status::InTx,
        }
    }

    /// Opened on a runtime, it waits there; but whichever runtime it is, nothing of it is registered with one.
    fn needs_its_runtime(&self) -> bool {
        false
    }

    fn lent(&mut self, at: &'static Location<'static>) {
        self.lent_at = Some(at);
    }

    fn set_timeout(&mut self, limit: Option<Duration>) -> bool {
        self.deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
        if let Some(core) = self.core.as_deref_mut() {
            core.db.watch().set_deadline(self.deadline);
        }
        true
    }

    fn canceller(&self) -> Canceller {
        let interrupt = Arc::clone(&self.interrupt);
        Arc::new(move || {
            interrupt.interrupt();
            Box::pin(std::future::ready(()))
        })
    }

    fn close(mut self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            let core = self.core.take();
            // The last one to close a file writes its log back.
            if !self.shared.is_memory() && self.can_wait() {
                _ = tokio::task::spawn_blocking(move || drop(core)).await;
            }
        })
    }
}

/// Sets the mark, and cleans up if the future is dropped before the end.
struct Running<'c> {
    connection: &'c mut SqliteConnection,
    over: bool,
}

impl<'c> Running<'c> {
    fn begin(connection: &'c mut SqliteConnection) -> Result<Self> {
        match connection.mark {
            Mark::Clean if connection.core.is_some() => {}
            Mark::InFlight => {
                return Err(Error::new(
                    ErrorKind::State,
                    "an earlier call on this connection was dropped before its end",
                )
                .help("discard the connection: the pool does"));
            }
            Mark::Clean | Mark::Broken => return Err(lost()),
        }
        connection.mark = Mark::InFlight;
        connection.slice = None;
        Ok(Self { connection, over: false })
    }

    /// The call has come to its end, and with it the batch (`clean`), unless that has paused.
    fn over(mut self, clean: bool) {
        self.over = true;
        if clean && self.connection.mark == Mark::InFlight {
            self.connection.mark = Mark::Clean;
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if !self.over {
            self.connection.dropped();
        }
    }
}

#[cold]
fn lost() -> Error {
    Error::new(ErrorKind::Disconnected, "the connection was lost with the task that was using it")
        .help("the runtime shut down, or a job in its blocking pool panicked; take another connection")
}

#[cold]
fn stale(expected: u64, matched: u64) -> Error {
    let rows = if expected == 1 { "row" } else { "rows" };
    Error::new(ErrorKind::StaleData, format!("expected to match {expected} {rows}, matched {matched}"))
}
