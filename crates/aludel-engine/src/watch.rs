//! What is told of a batch: its statements with their times and rows, and the steps of its transaction.
//!
//! Where nobody listens none of this runs.

mod span;

use std::time::{Duration, Instant};

use aludel_sql::{Error, Printable, Result, ValueRef};

use crate::connection::Connection;
use crate::driver::{self, Batch, ColumnInfo, CopySource, Done, End, Flow, Ran, RowSink, Statement, Status};
use crate::engine::Engine;
use crate::events::{StatementEvent, TransactionEvent, TransactionStep, Values};
use crate::savepoint::Step;

use span::Span;

/// The level and target of what `tracing` hears of statements.
macro_rules! statement_event {
    ($macro:ident, $($rest:tt)*) => { tracing::$macro!(target: "aludel::sql", $($rest)*) };
}

impl Connection {
    /// Tells whether anybody wants to know what runs.
    #[inline(always)]
    pub(crate) fn is_watched(&self) -> bool {
        self.engine().events().are_heard()
            || Span::is_wanted()
            || statement_event!(enabled, tracing::Level::DEBUG)
    }

    /// Runs a batch, the first statements of which are steps of savepoints, and tells of it. Of a batch that has paused it tells
    /// when it is over: then there is a watch.
    pub(crate) async fn run_watched(
        &mut self,
        batch: &Batch<'_>,
        ahead: &[Step],
        copy: Option<&mut dyn CopySource>,
        sink: &mut dyn RowSink,
    ) -> (Result<Ran>, Option<Box<Watch>>) {
        let had_transaction = self.conn.status() != Status::Idle;
        let span = Span::of(self.engine(), batch, self.options.for_statements().logging_token);
        let mut watching = Watching::new(sink, batch.statements.len());
        let ran = match copy {
            None => span.around(driver::run(self.conn.raw(), batch, &mut watching)).await,
            Some(source) => span.around(self.conn.raw().copy_in(batch, source, &mut watching)).await,
        };
        let Watching { tallies, since, .. } = watching;
        let teller = self.teller();
        if batch.begin.is_some() {
            teller.step(TransactionStep::Begin, Duration::ZERO, None);
        }
        let error = ran.as_ref().err();
        let mut all_done = true;
        for (at, (statement, tally)) in batch.statements.iter().zip(&tallies).enumerate() {
            if let Ok(Ran::Paused) = ran {
                let watch = Watch::of(statement, tally, batch, span, self.engine().hides_parameters());
                return (ran, Some(Box::new(watch)));
            }
            let error = error.filter(|_| !tally.done);
            match ahead.get(at) {
                Some(step) => teller.step((*step).into(), Duration::ZERO, error),
                None => {
                    let values = Values::of(statement.params, self.engine().hides_parameters());
                    teller.statement(statement.sql, values, statement.cached, tally, error);
                }
            }
            if error.is_some() {
                // Those after it have not run.
                all_done = false;
                break;
            }
        }
        if all_done {
            teller.end(batch.end, since.elapsed(), error);
        }
        if error.is_some()
            && (had_transaction || batch.begin.is_some())
            && batch.end != End::Rollback
            && self.conn.status() == Status::Idle
        {
            teller.step(TransactionStep::Rollback, Duration::ZERO, None);
        }
        span.over(&ran, tallies.iter().map(|it| it.rows).sum());
        (ran, None)
    }

    /// Goes on with a batch that has paused, and tells of it if it is over.
    pub(crate) async fn resume_watched(
        &mut self,
        watch: &mut Option<Box<Watch>>,
        sink: &mut dyn RowSink,
    ) -> Result<Ran> {
        let Some(mut it) = watch.take() else { return self.conn.raw().resume(sink).await };
        let mut watching = Watching::new(sink, 1);
        let ran = it.span.around(self.conn.raw().resume(&mut watching)).await;
        let Watching { tallies, since, .. } = watching;
        it.tally.add(&tallies[0]);
        if let Ok(Ran::Paused) = ran {
            *watch = Some(it);
            return ran;
        }
        let since = if tallies[0].done { since.elapsed() } else { Duration::ZERO };
        self.tell_stream(&it, since, ran.as_ref().err());
        it.span.over(&ran, it.tally.rows);
        ran
    }

    fn teller(&self) -> Teller<'_> {
        Teller {
            engine: self.engine(),
            connection: self.conn.number(),
            logging_token: self.options.for_statements().logging_token,
        }
    }

    /// Tells of a stream that is over.
    pub(crate) fn tell_stream(&self, watch: &Watch, ending: Duration, error: Option<&Error>) {
        let teller = self.teller();
        let Watch { sql, values, count, cached, tally, begins, end, .. } = watch;
        if *begins {
            teller.step(TransactionStep::Begin, Duration::ZERO, None);
        }
        teller.statement(sql, Values::described(values, *count), *cached, tally, error);
        if error.is_none() {
            teller.end(*end, ending, None);
        }
    }
}

/// What is known of a statement that has paused.
#[derive(Debug)]
pub(crate) struct Watch {
    sql: Box<str>,
    values: Box<str>,
    count: usize,
    cached: bool,
    tally: Tally,
    begins: bool,
    end: End,
    span: Span,
}

impl Watch {
    fn of(statement: &Statement<'_>, tally: &Tally, batch: &Batch<'_>, span: Span, hidden: bool) -> Self {
        let values = Values::of(statement.params, hidden);
        Self {
            sql: statement.sql.into(),
            values: values.to_string().into(),
            count: values.len(),
            cached: statement.cached,
            tally: tally.clone(),
            begins: batch.begin.is_some(),
            end: batch.end,
            span,
        }
    }
}

/// What came of one statement.
#[derive(Clone, Debug, Default)]
struct Tally {
    rows: u64,
    affected: u64,
    elapsed: Duration,
    done: bool,
}

impl Tally {
    fn add(&mut self, more: &Self) {
        self.rows += more.rows;
        self.affected += more.affected;
        self.elapsed += more.elapsed;
        self.done |= more.done;
    }
}

/// Takes the time and counts the rows of statements.
struct Watching<'s> {
    sink: &'s mut dyn RowSink,
    tallies: Vec<Tally>,
    /// When the last statement ended.
    since: Instant,
}

impl<'s> Watching<'s> {
    fn new(sink: &'s mut dyn RowSink, statements: usize) -> Self {
        Self { sink, tallies: vec![Tally::default(); statements], since: Instant::now() }
    }
}

impl RowSink for Watching<'_> {
    fn columns(&mut self, statement: usize, columns: &[ColumnInfo<'_>]) -> Result<()> {
        self.sink.columns(statement, columns)
    }

    fn row(&mut self, statement: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        self.tallies[statement].rows += 1;
        let flow = self.sink.row(statement, cells);
        if !matches!(flow, Ok(Flow::More)) {
            self.tallies[statement].elapsed = self.since.elapsed();
        }
        flow
    }

    fn done(&mut self, statement: usize, done: Done) {
        let now = Instant::now();
        let tally = &mut self.tallies[statement];
        tally.affected = done.rows_affected;
        tally.elapsed = now - self.since;
        tally.done = true;
        self.since = now;
        self.sink.done(statement, done);
    }

    fn wants_columns(&self) -> bool {
        self.sink.wants_columns()
    }
}

struct Teller<'c> {
    engine: &'c Engine,
    connection: u64,
    logging_token: Option<&'static str>,
}

impl Teller<'_> {
    fn statement(&self, sql: &str, values: Values<'_>, cached: bool, tally: &Tally, error: Option<&Error>) {
        let Tally { rows, affected: rows_affected, elapsed, .. } = *tally;
        let Self { connection, logging_token, .. } = *self;
        statement_event!(
            debug,
            sql = %Printable::line(sql),
            %values,
            elapsed_ms = elapsed.as_secs_f64() * 1000.0,
            rows,
            rows_affected,
            cached,
            connection,
            logging_token,
            error = error.map(|it| it.kind().describe()),
        );
        let event = StatementEvent {
            sql,
            values,
            connection,
            logging_token,
            elapsed,
            rows,
            rows_affected,
            cached,
            error,
        };
        self.engine.events().statement(&event);
    }

    fn end(&self, end: End, elapsed: Duration, error: Option<&Error>) {
        match end {
            End::Open => {}
            End::Commit => self.step(TransactionStep::Commit, elapsed, error),
            End::Rollback => self.step(TransactionStep::Rollback, elapsed, error),
        }
    }

    fn step(&self, step: TransactionStep, elapsed: Duration, error: Option<&Error>) {
        let Self { connection, logging_token, .. } = *self;
        statement_event!(debug, sql = %step, connection, logging_token, error = error.map(|it| it.kind().describe()));
        let event = TransactionEvent { step, connection, logging_token, elapsed, error };
        self.engine.events().transaction(&event);
    }
}

impl From<Step> for TransactionStep {
    fn from(step: Step) -> Self {
        match step {
            Step::Set(_) => Self::Savepoint,
            Step::Release(_) => Self::ReleaseSavepoint,
            Step::RollBackTo(_) => Self::RollbackSavepoint,
        }
    }
}
