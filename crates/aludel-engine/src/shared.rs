//! Shared connections: statements of many tasks that only read travel together, a wave at a time.
//!
//! Whoever asks puts the statement into a queue. A task of the engine takes all that waits there, sends it as one batch, gives
//! each task its answer, and looks again; with an empty queue it gives its connection back and ends. While one wave is under
//! way the next one gathers.

use std::collections::VecDeque;
use std::fmt;
use std::panic::Location;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aludel_sql::{Error, ErrorKind, Result, ValueRef};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::connection::Connection;
use crate::driver::{ColumnInfo, Done, End, Flow, RowSink};
use crate::engine::Engine;
use crate::prepared;
use crate::query::Plan;
use crate::together::{Asked, Deal, Question};

/// The most statements of one wave.
const LARGEST_WAVE: usize = 128;

/// Answers statements that only read, of many tasks, over few connections: what [`Engine::shared`] gives.
///
/// On PostgreSQL all statements that wait travel in one batch, up to 128 of them, over two connections
/// ([`shared_connections`](crate::EngineBuilder::shared_connections)): a point read costs a fraction of what it costs on a connection
/// of its own. A slow statement keeps those waiting that travel with it, so give long reports a connection of their own.
/// Elsewhere, and on an engine with an isolation or access of its own, each statement takes a connection of the pool.
///
/// Nothing ties two statements together: each sees what was committed before it.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run_engine(async |engine| {
/// // In a hundred tasks at once: a few round trips.
/// let title = engine.shared().ask(select(Document::TITLE).filter(Document::ID.eq(1)).scalar()).await?;
/// assert_eq!(title, "Draft");
/// # Ok(()) });
/// ```
#[derive(Clone, Debug)]
pub struct Shared {
    engine: Engine,
}

impl Engine {
    /// Returns what answers statements of many tasks over few connections.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let shared = engine.shared(); // cheap: one for each task, or one for all
    /// let (title, users) = (
    ///     shared.ask(select(Document::TITLE).filter(Document::ID.eq(1)).scalar()).await?,
    ///     shared.ask(select(func::count(User::ID)).scalar()).await?,
    /// );
    /// assert_eq!((title.as_str(), users), ("Draft", 2));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn shared(&self) -> Shared {
        Shared { engine: self.clone() }
    }
}

impl Shared {
    /// Asks a statement that only reads: a SELECT, or one with `.scalars()`, `.scalar()` and their like, as
    /// [`Connection::together`] takes them.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let shared = engine.shared();
    /// let user: Option<User> = shared.ask(select(User).filter(User::ID.eq(1)).scalars().one_or_none()).await?;
    /// let rows: Vec<(i64, String)> = shared.ask(select((Document::ID, Document::TITLE))).await?;
    /// assert_eq!((user.is_some(), rows.len()), (true, 3));
    ///
    /// assert_eq!(shared.ask(delete(Document)).await.unwrap_err().kind(), ErrorKind::ReadOnly);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As those of a connection; a failing statement does no harm to others. Kind `ReadOnly` where the statement writes.
    #[track_caller]
    pub fn ask<A: Asked>(&self, statement: A) -> impl Future<Output = Result<A::Answer>> + Send + use<A> {
        let question = statement.into_question();
        let (engine, caller) = (self.engine.clone(), Location::caller());
        async move {
            if question.plan.writes() {
                return Err(Error::new(ErrorKind::ReadOnly, "shared connections only read")
                    .help("take a connection of your own for what writes: `engine.connect().await?`"));
            }
            if question.answering.is_whole() && engine.sends_waves() {
                engine.waves().ask(&engine, question).await
            } else {
                let mut conn = engine.connect_at(caller).await?;
                conn.together((question,)).await.map(|(answer,)| answer)
            }
        }
    }
}

impl Engine {
    fn sends_waves(&self) -> bool {
        let options = self.options();
        self.dialect().features().pipelining
            && !self.dialect().features().in_process
            && options.autocommit
            && options.is_usual_transaction()
            // The time of one is not that of all.
            && options.for_statements().timeout.is_none()
    }
}

/// The statements that wait for the next wave.
#[derive(Default)]
pub(crate) struct Waves {
    state: Mutex<State>,
    connections: usize,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Waiting>,
    /// Tasks that send waves.
    senders: usize,
}

struct Waiting {
    job: Box<dyn Job>,
    /// It was sent, and the connection was lost.
    sent: bool,
}

impl Waves {
    pub(crate) fn over(connections: usize) -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), connections })
    }

    /// Returns a queue of its own, for an engine with other options.
    pub(crate) fn another(&self) -> Arc<Self> {
        Self::over(self.connections)
    }

    async fn ask<A: Send + 'static>(self: &Arc<Self>, engine: &Engine, question: Question<A>) -> Result<A> {
        let Ok(runtime) = Handle::try_current() else {
            return Err(Error::new(ErrorKind::Config, "shared connections need a Tokio runtime"));
        };
        let (reply, answer) = oneshot::channel();
        let waiting = Waiting { job: Box::new(Asking { question, reply }), sent: false };
        if self.push(waiting) {
            runtime.spawn(Sender { waves: Arc::clone(self), engine: engine.clone(), left: false }.run());
        }
        answer.await.unwrap_or_else(|_| {
            Err(Error::new(ErrorKind::Disconnected, "the task that sends the shared statements is gone")
                .help("it ends with the Tokio runtime on which the first of them was asked"))
        })
    }

    /// Puts a statement into the queue. `true`: one more sender is wanted.
    fn push(&self, waiting: Waiting) -> bool {
        let mut state = self.lock();
        state.waiting.push_back(waiting);
        let wanted = state.senders < self.connections;
        state.senders += usize::from(wanted);
        wanted
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Waves {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        write!(f, "{} waiting, {} senders", state.waiting.len(), state.senders)
    }
}

/// A task that sends waves as long as something waits.
struct Sender {
    waves: Arc<Waves>,
    engine: Engine,
    left: bool,
}

impl Sender {
    async fn run(mut self) {
        let mut conn = None;
        loop {
            // Those who have just got their answers ask again first.
            tokio::task::yield_now().await;
            let Some(wave) = self.next_wave() else { return };
            let left = match &mut conn {
                Some(conn) => send(conn, wave).await,
                none => match self.engine.connect().await {
                    Ok(connected) => send(none.insert(connected), wave).await,
                    Err(error) => {
                        for waiting in wave {
                            waiting.job.answer(Err(error.clone()));
                        }
                        continue;
                    }
                },
            };
            for waiting in left.into_iter().rev() {
                self.waves.lock().waiting.push_front(waiting);
            }
            if conn.as_ref().is_some_and(|conn| !conn.is_clean()) {
                conn = None;
            }
        }
    }

    /// Takes what waits. `None`: nothing does, and this sender is not counted any more.
    fn next_wave(&mut self) -> Option<Vec<Waiting>> {
        let mut state = self.waves.lock();
        let mut wave = Vec::new();
        while wave.len() < LARGEST_WAVE
            && let Some(waiting) = state.waiting.pop_front()
        {
            if waiting.job.is_wanted() {
                wave.push(waiting);
            }
        }
        if wave.is_empty() {
            state.senders -= 1;
            self.left = true;
            return None;
        }
        Some(wave)
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        if !self.left {
            self.waves.lock().senders -= 1;
        }
    }
}

/// Sends a wave and gives the answers out. Returns the statements that were not run, or whose answers were lost for the first time.
async fn send(conn: &mut Connection, mut wave: Vec<Waiting>) -> Vec<Waiting> {
    let engine = conn.engine().clone();
    let (mut outcomes, ran) = {
        let mut outcomes: Vec<Option<Result<()>>> = Vec::new();
        outcomes.resize_with(wave.len(), || None);
        let mut prepared = Vec::with_capacity(wave.len());
        let mut places = Vec::with_capacity(wave.len());
        let mut sinks: Vec<&mut dyn RowSink> = Vec::with_capacity(wave.len());
        for (at, waiting) in wave.iter_mut().enumerate() {
            let (plan, sink) = waiting.job.parts();
            match plan.prepare(&engine, engine.scopes()) {
                Ok(it) => {
                    prepared.push(it);
                    places.push(at);
                    sinks.push(sink);
                }
                Err(error) => outcomes[at] = Some(Err(error)),
            }
        }
        let values = prepared::values(&prepared);
        let statements = prepared::batch(&prepared, &values);
        let mut failed = Vec::new();
        failed.resize_with(sinks.len(), || None);
        let mut sink = Apart { deal: Deal::new(sinks, engine.options().for_statements().max_rows), failed };
        let ran = conn.run(&statements, End::Open, &mut sink).await;
        let done = sink.deal.done;
        for (at, failed) in places.into_iter().zip(sink.failed).take(done) {
            outcomes[at] = Some(failed.map_or(Ok(()), Err));
        }
        (outcomes, ran)
    };
    let lost = ran.as_ref().is_err_and(Error::is_disconnect);
    if let Err(error) = ran {
        // The first one without an answer is the one that failed.
        let mut unanswered = outcomes.iter_mut().zip(&wave).filter(|(outcome, _)| outcome.is_none());
        if lost {
            for (outcome, _) in unanswered.filter(|(_, waiting)| waiting.sent) {
                *outcome = Some(Err(error.clone()));
            }
        } else if let Some((outcome, _)) = unanswered.next() {
            *outcome = Some(Err(error));
        }
    }
    let mut left = Vec::new();
    for (mut waiting, outcome) in wave.into_iter().zip(outcomes) {
        match outcome {
            Some(outcome) => waiting.job.answer(outcome),
            None => {
                waiting.job.restart();
                waiting.sent |= lost;
                left.push(waiting);
            }
        }
    }
    left
}

/// A statement that waits for its answer.
trait Job: Send {
    fn parts(&mut self) -> (&Plan, &mut dyn RowSink);

    /// Tells whether somebody still waits for the answer.
    fn is_wanted(&self) -> bool;

    /// Forgets the rows that it was shown.
    fn restart(&mut self);

    fn answer(self: Box<Self>, outcome: Result<()>);
}

struct Asking<A> {
    question: Question<A>,
    reply: oneshot::Sender<Result<A>>,
}

impl<A: Send> Job for Asking<A> {
    fn parts(&mut self) -> (&Plan, &mut dyn RowSink) {
        (&self.question.plan, &mut *self.question.answering)
    }

    fn is_wanted(&self) -> bool {
        !self.reply.is_closed()
    }

    fn restart(&mut self) {
        self.question.answering.restart();
    }

    fn answer(self: Box<Self>, outcome: Result<()>) {
        let Self { question, reply } = *self;
        // Nobody may wait any more.
        let _ = reply.send(outcome.and_then(|()| question.answering.answer()));
    }
}

/// Keeps the errors of sinks apart: a row that one task cannot read is nothing to the others.
struct Apart<'s> {
    deal: Deal<'s>,
    failed: Vec<Option<Error>>,
}

impl Apart<'_> {
    fn note<T>(&mut self, statement: usize, result: Result<T>) {
        if let Err(error) = result {
            self.failed[statement].get_or_insert(error);
        }
    }
}

impl RowSink for Apart<'_> {
    fn columns(&mut self, statement: usize, columns: &[ColumnInfo<'_>]) -> Result<()> {
        let told = self.deal.columns(statement, columns);
        self.note(statement, told);
        Ok(())
    }

    fn row(&mut self, statement: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        if self.failed[statement].is_none() {
            let shown = self.deal.row(statement, cells);
            self.note(statement, shown);
        }
        Ok(Flow::More)
    }

    fn done(&mut self, statement: usize, done: Done) {
        self.deal.done(statement, done);
    }

    fn wants_columns(&self) -> bool {
        self.deal.wants_columns()
    }
}
