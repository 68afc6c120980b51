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
//! A write is never interrupted: SQLite would roll back the whole transaction. Outside a runtime all of it runs, and waits, on the
//! calling thread, and no future is ever pending.
//!
//! Statements that write run in a transaction always: one is begun for a batch that comes without, and committed at its end, so
//! that a batch is kept whole or not at all.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aludel_engine::blocking::runtime;
use aludel_engine::driver::{
    Batch, Begin, BoxFuture, Canceller, ColumnInfo, Done, End, Flow, Params, Ran, RawConn, RowBinding,
    RowSink, RowSource, Statement, Status,
};
use aludel_sql::{Error, ErrorKind, Result, ValueRef};

use super::Shared;
use super::cache::Entry;
use super::checkpoint;
use super::core::{Control, Core, Write};
use super::decimals;
use super::encode::{self, Target};
use super::keys::{self, Keys};
use super::kind::Kind;
use super::rows::Rows;
use super::statement::{Database, Holds, Parameter, Pull};
use super::waiting::Patience;
use super::watch::{SLICE, Watch};
use crate::errors::Stop;

/// Rows between two looks at the clock.
const ROWS_BETWEEN_LOOKS: usize = 64;

/// An execution with more rows of parameters than this runs in the blocking pool. One that has its rows executed one by one does not:
/// it gives the worker back between two of them, and copying the values would cost more than the way there and back.
const MANY_ROWS: usize = 500;

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
    done: Done,
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

enum Pulled {
    Done,
    Paused(Rest),
}

/// What became of a read that was begun without further ado.
enum CachedRead {
    Over(Result<Ran>),
    /// It has more rows than a few.
    More(Box<Paused>),
}

/// Counts what a sink was shown.
struct Shown<'s> {
    sink: &'s mut dyn RowSink,
    calls: usize,
}

impl RowSink for Shown<'_> {
    fn columns(&mut self, statement: usize, columns: &[ColumnInfo<'_>]) -> Result<()> {
        self.calls += 1;
        self.sink.columns(statement, columns)
    }

    fn row(&mut self, statement: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        self.calls += 1;
        self.sink.row(statement, cells)
    }

    fn wants_columns(&self) -> bool {
        self.sink.wants_columns()
    }
}

enum Wrote {
    Done,
    /// The statement is over; the sink paused before it had seen all rows.
    Paused(Rest, Done),
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
        })
    }

    /// Tells whether this call may wait on a runtime.
    fn can_wait(&self) -> bool {
        self.on_runtime && runtime().is_some()
    }

    fn core(&mut self) -> Result<&mut Core> {
        self.core.as_deref_mut().ok_or_else(lost)
    }

    fn error(&self, stop: Stop) -> Error {
        stop.into_error(&self.shared.place)
    }

    /// Runs a job where it may take its time: in the blocking pool, or here if there is none.
    async fn in_pool<T: Send + 'static>(
        &mut self,
        job: impl FnOnce(&mut Core) -> T + Send + 'static,
    ) -> Result<T> {
        if !self.can_wait() {
            return Ok(job(self.core()?));
        }
        let mut core = self.core.take().ok_or_else(lost)?;
        let task = tokio::task::spawn_blocking(move || {
            let answer = job(&mut core);
            (core, answer)
        });
        match task.await {
            Ok((core, answer)) => {
                self.core = Some(core);
                self.slice = None;
                Ok(answer)
            }
            Err(cause) => {
                self.mark = Mark::Broken;
                Err(lost().with_source(cause))
            }
        }
    }

    /// Gives the worker back if this task has held it for too long.
    async fn breathe(&mut self) {
        if self.on_runtime {
            self.breathe_at(Instant::now()).await;
        }
    }

    async fn breathe_at(&mut self, now: Instant) {
        match self.slice {
            Some(since) if now.duration_since(since) > SLICE => {
                tokio::task::yield_now().await;
                self.slice = Some(Instant::now());
            }
            Some(_) => {}
            None => self.slice = Some(now),
        }
    }

    /// Waits where somebody else holds a lock; any other error is returned.
    ///
    /// Boxed, because it is rare: every future that may wait would have room for it.
    #[cold]
    fn wait_out<'a>(&'a mut self, stop: Stop, waiting: &'a mut Waiting) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.waited_out(stop, waiting))
    }

    async fn waited_out(&mut self, stop: Stop, waiting: &mut Waiting) -> Result<()> {
        if !stop.is_busy() {
            return Err(self.error(stop));
        }
        // A database in memory has one lock for all, so that a reader waits for the writer's end: in the same queue as writers do.
        if self.shared.is_memory() && self.core()?.turn.is_none() {
            waiting.borrowed_turn = true;
            return self.take_turn().await;
        }
        let limit = self.shared.options.busy_timeout;
        let on_runtime = self.can_wait();
        if waiting.patience.get_or_insert_with(|| Patience::new(limit)).wait(on_runtime).await {
            return Ok(());
        }
        Err(self.error(stop).doing(format!("waiting {} s for the lock", limit.as_secs_f64())))
    }

    async fn take_turn(&mut self) -> Result<()> {
        if self.core()?.turn.is_some() {
            return Ok(());
        }
        let turn = match self.shared.writers.try_take() {
            Some(turn) => turn,
            None => {
                let on_runtime = self.can_wait();
                // Boxed, because it is rare: every write would have room for it.
                Box::pin(self.shared.writers.take(self.shared.options.busy_timeout, on_runtime)).await?
            }
        };
        self.core()?.turn = Some(turn);
        Ok(())
    }

    async fn begin(&mut self, begin: Begin) -> Result<()> {
        if begin.write {
            return self.begin_to_write().await;
        }
        let begun = self.core()?.control(Control::Begin);
        begun.map_err(|stop| self.error(stop))?;
        self.read_only = begin.read_only;
        Ok(())
    }

    async fn begin_to_write(&mut self) -> Result<()> {
        self.take_turn().await?;
        let mut waiting = Waiting::default();
        loop {
            match self.core()?.control(Control::BeginImmediate) {
                Ok(()) => return Ok(()),
                Err(stop) => self.wait_out(stop, &mut waiting).await?,
            }
        }
    }

    async fn commit(&mut self) -> Result<()> {
        let waits = self.core()?.turn.is_some() && self.shared.commit_waits();
        let mut waiting = Waiting::default();
        loop {
            let committed = if waits {
                self.in_pool(|core| core.control(Control::Commit))
                    .await
                    .map_err(|error| error.with_kind(ErrorKind::CommitOutcomeUnknown))?
            } else {
                self.core()?.control(Control::Commit)
            };
            match committed {
                Ok(()) => break,
                Err(stop) => self.wait_out(stop, &mut waiting).await?,
            }
        }
        self.outside();
        Ok(())
    }

    fn roll_back(&mut self) -> Result<()> {
        let core = self.core()?;
        core.schema_changed();
        let rolled_back = if core.db.is_autocommit() { Ok(()) } else { core.control(Control::Rollback) };
        self.outside();
        rolled_back.map_err(|stop| {
            self.mark = Mark::Broken;
            self.error(stop)
        })
    }

    /// Forgets a transaction that is over.
    fn outside(&mut self) {
        self.failed = false;
        self.read_only = false;
        let Some(core) = self.core.as_deref_mut() else { return };
        core.outside();
        let frames = core.db.watch().take_wal_frames();
        if frames > 0 && checkpoint::is_due(&self.shared, frames) && self.can_wait() {
            checkpoint::start(&self.shared, frames);
        }
    }

    /// Begins a batch that is one cached read, the commonest of all, without the machinery of [`Self::conversation`], which would be a
    /// tenth of a point read. `None`: it is something else, or must wait, and nothing was shown.
    fn cached_read(&mut self, batch: &Batch<'_>, sink: &mut dyn RowSink) -> Option<CachedRead> {
        let Batch { begin: None, statements: [statement], end: End::Open } = batch else { return None };
        let Params::One(values) = statement.params else { return None };
        if self.failed {
            return None;
        }
        let on_runtime = self.on_runtime;
        let core = self.core.as_deref_mut()?;
        let entry = core.start_cached(statement.shape?)?;
        if entry.kind != Kind::Read || entry.long {
            return None;
        }
        let scope = Scope { was_open: !core.db.is_autocommit(), ..Scope::default() };
        // What goes wrong before the first row goes wrong once more, with all that must be done about it.
        core.db.bind(entry.id, |copies| Parameters::One(values).fill(0, copies)).ok()?;
        if on_runtime {
            core.db.watch().arm();
        }
        let mut shown = Shown { sink, calls: 0 };
        let pulled = core.db.pull(entry.id, 0, &mut shown, ROWS_BETWEEN_LOOKS);
        match pulled {
            Ok(Pull::Done) => {
                core.stop();
                sink.done(0, Done::default());
                Some(CachedRead::Over(Ok(Ran::Done)))
            }
            Ok(pulled) => {
                let rest = Rest { rows: Rows::default(), next: 0, live: true, pooled: false };
                let sql = statement.sql.into();
                let (done, end) = (Done::default(), Some(End::Open));
                let paused = Paused { entry, index: 0, sql, rest, done, end, scope };
                if pulled == Pull::Paused {
                    self.paused = Some(paused);
                    return Some(CachedRead::Over(Ok(Ran::Paused)));
                }
                Some(CachedRead::More(Box::new(paused)))
            }
            Err(_) if shown.calls == 0 => {
                let long = core.db.watch().take_fired();
                core.set_long(entry, long);
                None
            }
            Err(stop) => {
                self.after_error(scope);
                Some(CachedRead::Over(Err(self.error(stop).with_sql(statement.sql))))
            }
        }
    }

    /// Runs a batch that may be a cached read.
    ///
    /// What comes when it is none has an allocation of its own: so the future that most reads are is small.
    async fn short_batch(&mut self, batch: &Batch<'_>, sink: &mut dyn RowSink) -> Result<Ran> {
        self.spend_budget().await;
        match self.cached_read(batch, sink) {
            Some(CachedRead::Over(ran)) => ran,
            Some(CachedRead::More(paused)) => Box::pin(self.resumed_or_cleaned_up(*paused, sink)).await,
            None => Box::pin(self.long_batch(batch, sink)).await,
        }
    }

    /// Runs any batch.
    async fn long_batch(&mut self, batch: &Batch<'_>, sink: &mut dyn RowSink) -> Result<Ran> {
        let was_open = self.failed || !self.core()?.db.is_autocommit();
        let mut scope = Scope { was_open, ..Scope::default() };
        let ran = self.conversation(batch, sink, &mut scope).await;
        if ran.is_err() {
            self.after_error(scope);
        }
        ran
    }

    /// Spends one unit of what tokio lets a task do before it must give its worker back.
    async fn spend_budget(&mut self) {
        if self.on_runtime {
            tokio::task::coop::consume_budget().await;
        }
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
            self.paused = Some(Paused { entry, index, sql, rest, done, end, scope: *scope });
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
        let parameters = match statement.params {
            Params::One(values) => Parameters::One(values),
            Params::Rows { binding: RowBinding::Each, rows, columns, cell } => {
                Parameters::Each { rows, columns, cell }
            }
            Params::Rows { binding: RowBinding::Values, rows, columns, cell } => {
                Parameters::Values { rows, columns, cell }
            }
            Params::Rows { binding: RowBinding::Json, rows, columns, cell } => {
                Parameters::Json { rows, text: json_rows(rows, columns, cell)? }
            }
            Params::Rows { binding: RowBinding::Arrays { .. }, .. } => {
                return Err(Error::new(ErrorKind::Unsupported, "SQLite has no array parameters")
                    .help("bind the rows with `Each`, `Values` or `Json`"));
            }
        };
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

    async fn read(
        &mut self,
        entry: Entry,
        index: usize,
        parameters: &Parameters<'_>,
        sink: &mut dyn RowSink,
        waiting: &mut Waiting,
    ) -> Result<Pulled> {
        let executions = parameters.executions();
        if executions == 1 {
            self.bind(entry, parameters, 0)?;
            return self.pull(entry, index, sink, waiting, true, false).await;
        }
        let mut results = Results { sink, told: false, paused: false, rest: Rows::default() };
        for execution in 0..executions {
            self.bind(entry, parameters, execution)?;
            self.pull(entry, index, &mut results, waiting, true, false).await?;
            if results.paused {
                return Err(Error::new(ErrorKind::State, "a read that runs once per row cannot pause"));
            }
            self.breathe().await;
        }
        Ok(Pulled::Done)
    }

    fn bind(&mut self, entry: Entry, parameters: &Parameters<'_>, execution: usize) -> Result<()> {
        let bound = self.core()?.db.bind(entry.id, |copies| parameters.fill(execution, copies));
        bound.map_err(|stop| self.error(stop))
    }

    /// Shows the rows of a bound statement; `fresh` says that none was seen yet.
    async fn pull(
        &mut self,
        entry: Entry,
        index: usize,
        sink: &mut dyn RowSink,
        waiting: &mut Waiting,
        fresh: bool,
        pooled: bool,
    ) -> Result<Pulled> {
        let mut pooled = pooled || (fresh && entry.long && self.can_wait());
        let watched = fresh && self.on_runtime;
        if watched && !pooled {
            self.core()?.db.watch().arm();
        }
        loop {
            if pooled {
                let wants_columns = sink.wants_columns();
                self.job_reads = true;
                let fetched = self.in_pool(move |core| core.fetch(entry, index, wants_columns)).await;
                self.job_reads = false;
                let fetched = match fetched? {
                    Ok(fetched) => fetched,
                    Err(stop) => {
                        self.wait_out(stop, waiting).await?;
                        continue;
                    }
                };
                let (mut rows, live) = (fetched.rows, fetched.more);
                if fetched.short {
                    self.core()?.set_long(entry, false);
                }
                if let Some(next) = rows.show(0, index, sink)? {
                    return Ok(Pulled::Paused(Rest { rows, next, live, pooled }));
                }
                if !live {
                    return Ok(Pulled::Done);
                }
                continue;
            }
            let core = self.core()?;
            match core.db.pull(entry.id, index, sink, ROWS_BETWEEN_LOOKS) {
                Ok(Pull::Done) => return Ok(Pulled::Done),
                Ok(Pull::Paused) => {
                    return Ok(Pulled::Paused(Rest { rows: Rows::default(), next: 0, live: true, pooled }));
                }
                Ok(Pull::More) => self.breathe().await,
                Err(stop) if stop.is_interrupt() && core.db.watch().take_fired() => {
                    core.set_long(entry, true);
                    // Where there is no runtime after all, it runs here, unwatched from now on.
                    pooled = self.can_wait();
                }
                Err(stop) => {
                    self.wait_out(stop, waiting).await?;
                    if watched {
                        self.core()?.db.watch().arm();
                    }
                }
            }
        }
    }

    async fn write(
        &mut self,
        entry: Entry,
        index: usize,
        parameters: &Parameters<'_>,
        statement: &Statement<'_>,
        sink: &mut dyn RowSink,
        scope: &mut Scope,
    ) -> Result<Wrote> {
        if self.read_only {
            return Err(Error::new(ErrorKind::ReadOnly, "the transaction was begun as one that only reads")
                .help("write in a transaction without `read_only`"));
        }
        self.prepare_to_write(entry, scope).await?;
        let kind = entry.kind;
        let rows = parameters.rows() / parameters.executions().max(1);
        let keys = self.core()?.keys(entry, statement.sql, statement.find_keys, rows);
        let (keys, id) = keys.map_err(|stop| self.error(stop))?;
        let write = Write { id, kind, keys };
        let before = self.core()?.before_insert(kind);
        let mut results = Results { sink, told: false, paused: false, rest: Rows::default() };
        if let (Keys::Counted { .. }, Some(name)) = (keys, statement.find_keys) {
            results.tell_key(index, name)?;
        }
        let many = rows > MANY_ROWS || matches!(kind, Kind::Schema | Kind::Alone) || entry.long;
        let affected = if many && self.can_wait() {
            Box::pin(self.write_in_pool(entry, write, index, parameters, &mut results)).await
        } else {
            self.write_here(entry, write, index, parameters, &mut results).await
        };
        let generated_key = match self.core.as_deref_mut() {
            Some(core) => core.after_insert(kind, before),
            None => None,
        };
        let rows_affected = affected?;
        if kind == Kind::Schema || kind == Kind::Alone {
            self.core()?.schema_changed();
        }
        if let (Keys::Counted { rows: 2.. }, Some(last)) = (keys, generated_key) {
            let checked = self.core()?.check_counted(statement.sql, last);
            checked.map_err(|stop| self.error(stop))?;
        }
        if let Some(expected) = statement.expect
            && rows_affected != expected
        {
            return Err(stale(expected, rows_affected));
        }
        let done = Done { rows_affected, generated_key };
        let Results { sink, paused, rest, .. } = results;
        if paused {
            return Ok(Wrote::Paused(Rest { rows: rest, next: 0, live: false, pooled: false }, done));
        }
        sink.done(index, done);
        Ok(Wrote::Done)
    }

    /// Makes sure that a transaction is open and the turn is ours.
    async fn prepare_to_write(&mut self, entry: Entry, scope: &mut Scope) -> Result<()> {
        if entry.kind == Kind::Alone {
            // VACUUM does not run in a transaction, and a PRAGMA in one may do nothing without saying so.
            if scope.implicit && !self.core()?.db.is_autocommit() {
                self.commit().await?;
                (scope.own, scope.implicit) = (false, false);
            }
            if self.core()?.db.is_autocommit() {
                return self.take_turn().await;
            }
        } else if self.core()?.db.is_autocommit() {
            self.begin_to_write().await?;
            (scope.own, scope.implicit) = (true, true);
            return Ok(());
        }
        let core = self.core()?;
        if core.turn.is_some() {
            return Ok(());
        }
        // A transaction that began as a reader. In memory the writer who has the turn waits for us to end: do not wait for it.
        if self.shared.is_memory() && self.core()?.db.holds() == Holds::Snapshot {
            let Some(turn) = self.shared.writers.try_take() else {
                return Err(Error::new(
                    ErrorKind::Serialization,
                    "the transaction has read, and another one is writing: it cannot become a writer now",
                )
                .help("run the whole transaction again; one that begins as a writer never meets this"));
            };
            self.core()?.turn = Some(turn);
            return Ok(());
        }
        self.take_turn().await
    }

    async fn write_here(
        &mut self,
        entry: Entry,
        write: Write,
        index: usize,
        parameters: &Parameters<'_>,
        results: &mut Results<'_>,
    ) -> Result<u64> {
        let since = self.on_runtime.then(Instant::now);
        if self.slice.is_none() {
            self.slice = since;
        }
        let mut affected = 0;
        let mut waiting = Waiting::default();
        for execution in 0..parameters.executions() {
            loop {
                let core = self.core()?;
                match core.execute(write, |loans| parameters.fill(execution, loans), index, results) {
                    Ok(rows) => break affected += rows,
                    Err(stop) => self.wait_out(stop, &mut waiting).await?,
                }
            }
            if execution % 16 == 15 {
                self.breathe().await;
            }
        }
        if let Some(since) = since {
            let now = Instant::now();
            if matches!(parameters, Parameters::One(_)) && now.duration_since(since) > LONG_WRITE {
                self.core()?.set_long(entry, true);
            }
            self.breathe_at(now).await;
        }
        Ok(affected)
    }

    async fn write_in_pool(
        &mut self,
        entry: Entry,
        write: Write,
        index: usize,
        parameters: &Parameters<'_>,
        results: &mut Results<'_>,
    ) -> Result<u64> {
        let mut values = Rows::default();
        for execution in 0..parameters.executions() {
            parameters.fill(execution, &mut values).map_err(|stop| self.error(stop))?;
            values.end_row();
        }
        let wants_columns = results.wants_columns();
        let mut waiting = Waiting::default();
        let (affected, mut rows, took) = loop {
            let (affected, rows, back, took) = self
                .in_pool(move |core| {
                    let since = Instant::now();
                    let mut rows = Rows::of_results(wants_columns);
                    let affected = core.execute_rows(write, &values, index, &mut rows);
                    (affected, rows, values, since.elapsed())
                })
                .await?;
            match affected {
                Ok(affected) => break (affected, rows, took),
                // Only the first execution can find the database locked: nothing was written.
                Err(stop) => self.wait_out(stop, &mut waiting).await?,
            }
            values = back;
        };
        if took < SLICE {
            self.core()?.set_long(entry, false);
        }
        rows.show(0, index, results)?;
        Ok(affected)
    }

    async fn resumed_or_cleaned_up(&mut self, paused: Paused, sink: &mut dyn RowSink) -> Result<Ran> {
        let (scope, sql) = (paused.scope, paused.sql.clone());
        let ran = self.resumed(paused, sink).await;
        if ran.is_err() {
            self.after_error(scope);
        }
        ran.map_err(|error| error.with_sql(sql))
    }

    async fn resumed(&mut self, mut paused: Paused, sink: &mut dyn RowSink) -> Result<Ran> {
        let index = paused.index;
        match paused.rest.rows.show(paused.rest.next, index, sink)? {
            Some(next) => {
                paused.rest.next = next;
                self.paused = Some(paused);
                return Ok(Ran::Paused);
            }
            None if paused.rest.live => {
                let pulled = self
                    .pull(paused.entry, index, sink, &mut Waiting::default(), false, paused.rest.pooled)
                    .await?;
                if let Pulled::Paused(rest) = pulled {
                    self.paused = Some(Paused { rest, ..paused });
                    return Ok(Ran::Paused);
                }
            }
            None => {}
        }
        sink.done(index, paused.done);
        if let Some(end) = paused.end {
            self.end(end, &mut paused.scope).await?;
        }
        Ok(Ran::Done)
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

    /// Lets go of a stream that nobody resumed.
    fn abandon_pause(&mut self) {
        self.paused_decimals.clear();
        let Some(paused) = self.paused.take() else { return };
        if let Some(core) = self.core.as_deref_mut() {
            core.stop();
            if paused.scope.own && paused.end.is_some() {
                _ = self.roll_back();
            }
        }
        if self.mark == Mark::InFlight {
            self.mark = Mark::Clean;
        }
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
        if may_be_cached_read(batch) {
            return Box::pin(async move {
                self.abandon_pause();
                let running = Running::begin(self)?;
                let ran = running.connection.short_batch(batch, sink).await;
                running.over(ran)
            });
        }
        Box::pin(async move {
            self.abandon_pause();
            let running = Running::begin(self)?;
            running.connection.spend_budget().await;
            let ran = running.connection.long_batch(batch, sink).await;
            running.over(ran)
        })
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
            let ran = running.connection.resumed_or_cleaned_up(paused, sink).await;
            let ran = running.over(ran);
            if matches!(ran, Ok(Ran::Paused)) {
                self.paused_decimals = decimals;
            }
            ran
        })
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

/// Tells whether [`SqliteConnection::cached_read`] is worth trying.
fn may_be_cached_read(batch: &Batch<'_>) -> bool {
    matches!(
        batch,
        Batch {
            begin: None,
            statements: [Statement { shape: Some(_), params: Params::One(_), .. }],
            end: End::Open
        }
    )
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

    fn over(mut self, ran: Result<Ran>) -> Result<Ran> {
        self.over = true;
        if self.connection.mark == Mark::InFlight && !matches!(ran, Ok(Ran::Paused)) {
            self.connection.mark = Mark::Clean;
        }
        ran
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if !self.over {
            self.connection.dropped();
        }
    }
}

/// How a statement waits for a lock.
#[derive(Default)]
struct Waiting {
    patience: Option<Patience>,
    /// It took the writer's turn only to read, in a database in memory.
    borrowed_turn: bool,
}

type Cell<'v> = &'v dyn RowSource;

/// The values of a statement, in the forms that SQLite takes.
enum Parameters<'v> {
    One(&'v [ValueRef<'v>]),
    Each { rows: usize, columns: usize, cell: Cell<'v> },
    Values { rows: usize, columns: usize, cell: Cell<'v> },
    Json { rows: usize, text: String },
}

impl<'v> Parameters<'v> {
    /// Returns how often the statement runs.
    fn executions(&self) -> usize {
        match self {
            Self::Each { rows, .. } => *rows,
            Self::One(_) | Self::Values { .. } | Self::Json { .. } => 1,
        }
    }

    /// Returns the number of rows sent.
    fn rows(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Each { rows, .. } | Self::Values { rows, .. } | Self::Json { rows, .. } => *rows,
        }
    }

    /// Sends the values of one execution.
    #[inline]
    fn fill(&self, execution: usize, target: &mut impl Target<'v>) -> Result<(), Stop> {
        match self {
            Self::Json { text, .. } => target.copy(Parameter::Text(text))?,
            Self::One(values) => {
                for (at, value) in values.iter().enumerate() {
                    encode::encode(*value, at, target)?;
                }
            }
            Self::Each { columns, cell, .. } => {
                for column in 0..*columns {
                    encode::encode_bind(cell.bind(execution, column), column, target)?;
                }
            }
            Self::Values { rows, columns, cell } => {
                for row in 0..*rows {
                    for column in 0..*columns {
                        encode::encode_bind(cell.bind(row, column), row * columns + column, target)?;
                    }
                }
            }
        }
        Ok(())
    }
}

fn json_rows(rows: usize, columns: usize, cell: Cell<'_>) -> Result<String> {
    let mut json = String::from("[");
    for row in 0..rows {
        json.push_str(if row == 0 { "[" } else { ",[" });
        for column in 0..columns {
            if column > 0 {
                json.push(',');
            }
            encode::write_element(&mut json, cell.bind(row, column).as_ref(), column, encode::Bytes::Hex)?;
        }
        json.push(']');
    }
    json.push(']');
    Ok(json)
}

/// Shows the rows of a write, or of a statement that runs several times. SQLite has made them all before it gives the first one, and must come to its end before the row
/// counts are known: what follows a pause is kept.
struct Results<'s> {
    sink: &'s mut dyn RowSink,
    /// The sink knows the columns; a statement that runs once per row tells them once.
    told: bool,
    paused: bool,
    rest: Rows,
}

impl RowSink for Results<'_> {
    fn columns(&mut self, statement: usize, columns: &[ColumnInfo<'_>]) -> Result<()> {
        self.told = true;
        self.sink.columns(statement, columns)
    }

    #[inline]
    fn row(&mut self, statement: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        if self.paused {
            return self.rest.row(statement, cells);
        }
        self.paused = self.sink.row(statement, cells)? == Flow::Pause;
        Ok(Flow::More)
    }

    fn wants_columns(&self) -> bool {
        !self.told && self.sink.wants_columns()
    }
}

impl Results<'_> {
    /// Tells the column of keys that no RETURNING clause names.
    fn tell_key(&mut self, statement: usize, quoted: &str) -> Result<()> {
        if !self.wants_columns() {
            return Ok(());
        }
        let name = keys::unquoted(quoted).unwrap_or_else(|| quoted.to_owned());
        self.columns(statement, &[ColumnInfo { name: &name }])
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
