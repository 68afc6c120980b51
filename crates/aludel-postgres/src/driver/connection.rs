//! The thin loop around the core: it moves bytes, on the task that waits for them.
//!
//! It reads while it writes, because a server that cannot send its answers stops reading questions. No task of its own, no
//! channel, no buffer for each row.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use aludel_engine::driver::{
    AtOnce, Batch, BoxFuture, Canceller, CopySource, Discard, End, Notice, Notification, Ran, RawConn,
    RowSink, Statement, Status,
};
use aludel_sql::{Error, ErrorKind, Result};
use postgres_protocol::message::frontend;
use tokio::io::ReadBuf;

use super::batch::Plan;
use super::busy_poll::{BusyPoll, poll_again};
use super::cancel::canceller;
use super::copy::Feed;
use super::core::{Copy, Core, Failure, Step};
use super::options::Options;
use super::startup::Startup;
use super::stream::{Peer, Stream};

/// One connection to PostgreSQL.
///
/// The engine uses it through [`RawConn`]. What only PostgreSQL has is here: parameters of the server and notifications.
///
/// A batch whose statements say how many rows they must match ([`Statement::expect`]) is never committed unseen: its COMMIT goes
/// out when the counts are known, one round trip later, and a batch outside of a transaction gets one around it. A statement
/// that counts its own rows in SQL does without the round trip.
pub struct Connection {
    stream: Stream,
    core: Core,
    activity: Activity,
    canceller: Canceller,
    /// Kept until all is read: the server may have said why before the socket refused our bytes.
    write_error: Option<io::Error>,
    busy_poll: BusyPoll,
}

const READING_COMMITTED: &str = "reading the rows of what is committed";
const COMMITTED: &str = "the batch was committed all the same: only its answer could not be read";

/// What the connection is doing, beside what the protocol says.
enum Activity {
    None,
    Running,
    /// A batch is polled, and no future of its own waits for it.
    Polled(Plan),
    /// Likewise, and came to something that [`Connection::run_batch`] must say with the batch in hands.
    PolledTo(Plan, Result<Step>),
    /// The sink wanted a pause; kept for its errors: the statement's text.
    Paused(Plan, String),
    /// Likewise, and all answers are in: what is left is to end the batch.
    Answered(Plan, String),
    Broken,
}

impl Connection {
    /// Connects to a server and logs in, in the time that the options give it.
    pub(super) async fn establish(options: &Arc<Options>, peer: &Peer) -> Result<Self> {
        let opened =
            tokio::time::timeout(options.connect_timeout, Self::establish_patiently(options, peer)).await;
        opened.unwrap_or_else(|_| {
            Err(Error::new(
                ErrorKind::Disconnected,
                format!("the server did not answer within {} s", options.connect_timeout.as_secs()),
            )
            .help("check the host and port of the URL and the network, or raise `connect_timeout`"))
        })
    }

    async fn establish_patiently(options: &Arc<Options>, peer: &Peer) -> Result<Self> {
        let (stream, channel) = peer.connect(options).await?;
        let mut core = Core::new(options.statement_cache);
        let mut startup = Startup::begin(options, channel, &mut core)?;
        let mut it = Self {
            stream,
            core,
            activity: Activity::Running,
            canceller: canceller(options, peer.clone(), None),
            write_error: None,
            busy_poll: BusyPoll::default(),
        };
        while !startup.step(&mut it.core)? {
            it.pump().await?;
        }
        if it.parameter("integer_datetimes") == Some("off") {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "the server stores timestamps as floating point numbers",
            ));
        }
        it.canceller = canceller(options, peer.clone(), startup.key);
        it.activity = Activity::None;
        Ok(it)
    }

    /// Returns a parameter that the server reports by itself, such as `server_version` or `in_hot_standby`.
    ///
    /// ```
    /// # fn main() -> aludel_engine::Result<()> {
    /// # let Some(url) = aludel_testing::Database::Postgres.server() else { return Ok(()) };
    /// # aludel_engine::blocking::run_alone(async {
    /// use aludel_postgres::Postgres;
    ///
    /// let conn = Postgres::new(&url.parse()?)?.open().await?;
    /// assert_eq!(conn.parameter("TimeZone"), Some("UTC")); // on every connection of Aludel
    /// assert_eq!(conn.parameter("search_path_of_mine"), None);
    /// # Ok(()) }) }
    /// ```
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.core.talk.parameters.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }

    /// Takes the oldest notification that has arrived.
    ///
    /// They arrive with the answers to a batch, and an idle connection is looked at by [`RawConn::is_closed`]. Of more than
    /// 1,024 that nobody takes the oldest are lost.
    ///
    /// ```
    /// # fn main() -> aludel_engine::Result<()> {
    /// # let Some(url) = aludel_testing::Database::Postgres.server() else { return Ok(()) };
    /// # aludel_engine::blocking::run_alone(async {
    /// use aludel_engine::driver::{Batch, Discard, End, RawConn, Statement};
    /// use aludel_postgres::Postgres;
    ///
    /// let mut conn = Postgres::new(&url.parse()?)?.open().await?;
    /// let statements = [Statement::plain("LISTEN jobs"), Statement::plain("NOTIFY jobs, 'wash up'")];
    /// let batch = Batch { begin: None, statements: &statements, end: End::Open };
    /// conn.run(&batch, &mut Discard::default()).await?;
    /// let job = conn.take_notification().unwrap();
    /// assert_eq!((job.channel.as_str(), job.payload.as_str()), ("jobs", "wash up"));
    /// assert!(conn.take_notification().is_none());
    /// # Ok(()) }) }
    /// ```
    pub fn take_notification(&mut self) -> Option<Notification> {
        let waiting: &mut VecDeque<Notification> = &mut self.core.talk.notifications;
        waiting.pop_front()
    }

    async fn run_batch(&mut self, batch: &Batch<'_>, sink: &mut dyn RowSink) -> Result<Ran> {
        let (mut plan, mut polled) = match std::mem::replace(&mut self.activity, Activity::Running) {
            Activity::PolledTo(plan, step) => (plan, Some(step)),
            other => {
                self.activity = other;
                self.check(batch)?;
                if is_empty(batch) {
                    return Ok(Ran::Done);
                }
                let idle = self.core.talk.status == b'I';
                let plan = self.core.batch(batch, idle, false)?;
                self.activity = Activity::Running;
                (plan, None)
            }
        };
        let sql = |at: usize| batch.statements.get(at).map(|it: &Statement<'_>| it.sql);
        loop {
            let step = match polled.take() {
                Some(step) => step,
                None => self.exchange(sink).await,
            };
            match step {
                Ok(Step::Paused) => return Ok(self.paused(plan, batch)),
                Ok(_) => {}
                Err(error) => return self.lost(error, sql).map(|()| Ran::Done),
            }
            let talk = &mut self.core.talk;
            let stale_plan = talk.failure.as_ref().is_some_and(|it| it.stale_plan);
            if stale_plan && !talk.shown && plan.repeatable {
                // The table was altered, or somebody has dropped the prepared statements. Nothing was done and nothing shown.
                let rollback_first = talk.status != b'I';
                self.core.statements.end_batch(true);
                self.core.statements.forget_all();
                // Not a second time.
                plan = Plan { repeatable: false, ..self.core.batch(batch, true, rollback_first)? };
                continue;
            }
            return self.finish(plan, sql).await.map(|()| Ran::Done);
        }
    }

    fn paused(&mut self, plan: Plan, batch: &Batch<'_>) -> Ran {
        let at = self.core.talk.current_statement().unwrap_or(0);
        let sql = batch.statements.get(at).map_or("", |it| it.sql);
        self.activity = Activity::Paused(plan, sql.to_owned());
        Ran::Paused
    }

    /// Begins a batch, if it is one that can be begun.
    fn begin_polled(&mut self, cx: &mut Context<'_>, batch: &Batch<'_>, sink: &mut dyn RowSink) -> AtOnce {
        let idle = self.core.talk.status == b'I';
        if !matches!(self.activity, Activity::None) || is_empty(batch) || batch.begin.is_some() && !idle {
            return AtOnce::Not;
        }
        match self.core.batch(batch, idle, false) {
            Ok(plan) => {
                self.activity = Activity::Polled(plan);
                self.send_at_once();
                if self.is_sent() && self.stream.poll_readable(cx).is_pending() {
                    return AtOnce::Pending;
                }
                match self.poll_answers(cx) {
                    Poll::Pending => AtOnce::Pending,
                    Poll::Ready(read) => self.poll_batch(cx, read, plan, sink),
                }
            }
            Err(error) => AtOnce::Ran(Err(error)),
        }
    }

    /// Understands what was `read`, and moves bytes as far as that takes no waiting. What is not the ordinary end of a batch is left to
    /// [`Self::run_batch`].
    fn poll_batch(
        &mut self,
        cx: &mut Context<'_>,
        mut read: Result<()>,
        plan: Plan,
        sink: &mut dyn RowSink,
    ) -> AtOnce {
        let step = loop {
            if let Err(error) = read {
                break Err(error);
            }
            match self.core.step(sink) {
                Ok(Step::Need) => match self.poll_answers(cx) {
                    Poll::Pending => return AtOnce::Pending,
                    Poll::Ready(more) => read = more,
                },
                Ok(Step::Done) if !plan.commit_held && self.core.talk.failure.is_none() => {
                    self.core.statements.end_batch(false);
                    self.activity = Activity::None;
                    return AtOnce::Ran(Ok(Ran::Done));
                }
                step => break step,
            }
        };
        self.activity = Activity::PolledTo(plan, step);
        AtOnce::Not
    }

    async fn copy_batch(
        &mut self,
        batch: &Batch<'_>,
        source: &mut dyn CopySource,
        sink: &mut dyn RowSink,
    ) -> Result<Ran> {
        self.check(batch)?;
        let [statement] = batch.statements else {
            return Err(Error::new(ErrorKind::State, "a COPY travels alone"));
        };
        let idle = self.core.talk.status == b'I';
        // What would travel behind it the server would take for data.
        let open = Batch { end: End::Open, ..*batch };
        let plan = self.core.batch(&open, idle, false)?;
        let plan = Plan { end: batch.end, commit_held: batch.end == End::Commit, ..plan };
        self.core.talk.copy = Copy::Expected;
        self.activity = Activity::Running;
        let sql = |_| Some(statement.sql);
        let mut feed = Feed::new(source);
        let copied = poll_fn(|cx| self.poll_copy(cx, &mut feed, sink)).await;
        if self.core.talk.copy == Copy::Expected {
            self.core.talk.fail(
                Error::new(ErrorKind::State, "the statement took no data: it is no COPY from the client")
                    .help("write `COPY … FROM STDIN`"),
            );
        }
        match copied {
            Ok(_) => self.finish(plan, sql).await.map(|()| Ran::Done),
            Err(error) => self.lost(error, sql).map(|()| Ran::Done),
        }
    }

    fn poll_copy(
        &mut self,
        cx: &mut Context<'_>,
        feed: &mut Feed<'_>,
        sink: &mut dyn RowSink,
    ) -> Poll<Result<Step>> {
        loop {
            match self.core.step(sink)? {
                Step::Need => {}
                step => return Poll::Ready(Ok(step)),
            }
            let appended = feed.poll(&mut self.core, cx);
            match self.poll_pump(cx)? {
                Poll::Ready(()) => {}
                Poll::Pending if appended && self.core.unsent().is_empty() => {}
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    async fn resume_batch(&mut self, sink: &mut dyn RowSink) -> Result<Ran> {
        let (plan, text) = match std::mem::replace(&mut self.activity, Activity::Running) {
            Activity::Paused(plan, text) => (plan, text),
            Activity::Answered(plan, text) => {
                return self.finish(plan, |_| Some(&text)).await.map(|()| Ran::Done);
            }
            other => {
                self.activity = other;
                return Err(Error::new(ErrorKind::State, "there is no paused statement to go on with"));
            }
        };
        match self.exchange(sink).await {
            Ok(Step::Paused) => {
                self.activity = Activity::Paused(plan, text);
                Ok(Ran::Paused)
            }
            Ok(_) => self.finish(plan, |_| Some(&text)).await.map(|()| Ran::Done),
            Err(error) => self.lost(error, |_| Some(&text)).map(|()| Ran::Done),
        }
    }

    fn resume_at_once(&mut self, sink: &mut dyn RowSink) -> AtOnce {
        if !matches!(self.activity, Activity::Paused(..)) {
            return AtOnce::Not;
        }
        let step = self.core.step(sink);
        if let Ok(Step::Paused) = step {
            return AtOnce::Ran(Ok(Ran::Paused));
        }
        let Activity::Paused(plan, text) = std::mem::replace(&mut self.activity, Activity::Running) else {
            return AtOnce::Not;
        };
        match step {
            Ok(Step::Done) => self.activity = Activity::Answered(plan, text),
            Ok(_) => self.activity = Activity::Paused(plan, text),
            Err(error) => return AtOnce::Ran(self.lost(error, |_| Some(&text)).map(|()| Ran::Done)),
        }
        AtOnce::More
    }

    fn check(&self, batch: &Batch<'_>) -> Result<()> {
        match self.status() {
            Status::Broken => Err(Error::new(ErrorKind::Disconnected, "the connection is closed")
                .help("an earlier error ended it; take another connection")),
            Status::InFlight => Err(Error::new(
                ErrorKind::State,
                "an earlier batch of this connection was not waited for",
            )
            .help("its future was dropped or its stream abandoned; close the connection and take another")),
            Status::InTx | Status::Failed if batch.begin.is_some() => {
                Err(Error::new(ErrorKind::State, "a transaction is already open on this connection"))
            }
            _ => Ok(()),
        }
    }

    /// Ends a batch whose answers are all in.
    async fn finish<'a>(&mut self, plan: Plan, sql: impl Fn(usize) -> Option<&'a str>) -> Result<()> {
        let mut failure = self.core.talk.failure.take();
        self.core.statements.end_batch(failure.is_some());
        if failure.is_none() && plan.commit_held {
            failure = match self.end(End::Commit).await {
                Ok(failure) => failure,
                Err(error) => return self.lost(error, sql),
            };
        }
        let Some(Failure { error, statement, stale_plan }) = failure else {
            self.activity = Activity::None;
            return Ok(());
        };
        if stale_plan {
            self.core.statements.forget_all();
        }
        let error = match statement.and_then(sql) {
            Some(sql) => error.with_sql(sql),
            None => error,
        };
        let ends = plan.begun || plan.end != End::Open;
        let by_itself = !ends && self.core.talk.kept && self.core.talk.status == b'I';
        if self.core.talk.committed || by_itself {
            // What went wrong is on our side: a row that could not be read.
            self.activity = Activity::None;
            return Err(error.doing(READING_COMMITTED).help(COMMITTED));
        }
        if ends
            && self.core.talk.status != b'I'
            && let Err(lost) = self.rollback().await
        {
            // The server rolls back what a lost connection leaves. What the caller asked for failed before that.
            let _ = self.lost(lost, |_| None);
            return Err(error);
        }
        self.activity = Activity::None;
        Err(error)
    }

    /// Sends ROLLBACK alone. Should somebody have dropped the prepared statement, it is prepared again.
    async fn rollback(&mut self) -> Result<()> {
        for _ in 0..2 {
            match self.end(End::Rollback).await? {
                Some(failure) if failure.stale_plan => self.core.statements.forget_all(),
                Some(failure) => return Err(failure.error),
                None => return Ok(()),
            }
        }
        Err(Error::new(ErrorKind::Protocol, "the server does not roll back"))
    }

    /// Sends COMMIT or ROLLBACK alone.
    async fn end(&mut self, end: End) -> Result<Option<Failure>> {
        self.core.talk.begin_batch();
        self.core.statements.begin_batch();
        self.core.end(end)?;
        self.exchange(&mut Discard::default()).await?;
        let failure = self.core.talk.failure.take();
        self.core.statements.end_batch(failure.is_some());
        Ok(failure)
    }

    /// Moves bytes until the batch is over or the sink has had enough.
    async fn exchange(&mut self, sink: &mut dyn RowSink) -> Result<Step> {
        loop {
            match self.core.step(sink)? {
                Step::Need => poll_fn(|cx| self.poll_answers(cx)).await?,
                step => return Ok(step),
            }
        }
    }

    /// Writes what can be written and waits for something to read.
    async fn pump(&mut self) -> Result<()> {
        poll_fn(|cx| self.poll_pump(cx)).await
    }

    /// [`Self::poll_pump`], which does not sleep at once for the rest of a result.
    fn poll_answers(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let pumped = self.poll_pump(cx);
        if self.core.talk.shown {
            match pumped {
                Poll::Ready(_) => self.busy_poll.found(),
                Poll::Pending if self.busy_poll.again() => poll_again(cx),
                Poll::Pending => {}
            }
        }
        pumped
    }

    /// Sends what the socket takes at once of a batch: nearly always all of it, so that there is nothing to be woken for.
    ///
    /// One write of each batch comes without the task's budget. To go on it has to wait for answers.
    #[inline]
    fn send_at_once(&mut self) {
        match self.stream.try_write(self.core.unsent()) {
            Ok(n) => self.core.sent(n),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => self.write_error = Some(error),
        }
    }

    /// Tells whether all was written, as far as the socket takes it.
    #[inline]
    fn is_sent(&self) -> bool {
        self.core.unsent().is_empty() && self.write_error.is_none()
    }

    /// [`Self::poll_answers`] of a task that was woken, most likely for the answers. One read of each waking comes without the task's budget.
    #[inline]
    fn poll_arrived(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        if self.core.talk.shown || !self.core.unsent().is_empty() {
            return self.poll_answers(cx);
        }
        match self.stream.try_read(self.core.inb.space()) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.poll_answers(cx),
            read => Poll::Ready(self.take_read(read)),
        }
    }

    #[inline]
    fn take_read(&mut self, read: io::Result<usize>) -> Result<()> {
        match read {
            Ok(n) if n > 0 => {
                self.core.inb.filled(n);
                Ok(())
            }
            Ok(_) => Err(closed(self.write_error.take())),
            Err(error) => Err(closed(Some(error))),
        }
    }

    fn poll_pump(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        while !self.core.unsent().is_empty() && self.write_error.is_none() {
            match self.stream.poll_write(cx, self.core.unsent()) {
                Poll::Ready(Ok(0)) => self.write_error = Some(io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(n)) => self.core.sent(n),
                Poll::Ready(Err(error)) => self.write_error = Some(error),
                Poll::Pending => break,
            }
        }
        if let Poll::Ready(Err(error)) = self.stream.poll_flush(cx) {
            self.write_error.get_or_insert(error);
        }
        let mut buffer = ReadBuf::new(self.core.inb.space());
        let read = ready!(self.stream.poll_read(cx, &mut buffer));
        let read = read.map(|()| buffer.filled().len());
        Poll::Ready(self.take_read(read))
    }

    /// Marks the connection as unusable and says what that means for the batch.
    fn lost<'a>(&mut self, error: Error, sql: impl Fn(usize) -> Option<&'a str>) -> Result<()> {
        self.activity = Activity::Broken;
        let unsent = self.core.unsent().len();
        let talk = &mut self.core.talk;
        let mut at = talk.current_statement();
        let mut failed = |failure: Failure| {
            at = failure.statement;
            failure.error
        };
        let error = match talk.failure.take() {
            _ if talk.commit_unknown(unsent) => {
                Error::new(ErrorKind::CommitOutcomeUnknown, "the connection was lost while COMMIT was under way")
                    .help("the transaction was kept or it was not: look for a row that it wrote before running it again")
                    .with_source(error)
            }
            Some(failure) if talk.committed => failed(failure).help(COMMITTED),
            // What was asked for is done and kept; that the next batch needs another connection, the status says.
            None if talk.committed => return Ok(()),
            // The server's own error is the better answer, if it came before the end.
            Some(failure) => failed(failure),
            None => error,
        };
        Err(match at.and_then(sql) {
            Some(sql) => error.with_sql(sql),
            None => error,
        })
    }

    /// Reads what has arrived unasked. `true`: the connection is at its end.
    fn look(&mut self) -> bool {
        let mut cx = Context::from_waker(Waker::noop());
        loop {
            match self.poll_pump(&mut cx) {
                Poll::Pending => return false,
                Poll::Ready(Err(_)) => return true,
                // Between batches only messages that the server sends when it likes are allowed.
                Poll::Ready(Ok(())) => match self.core.step(&mut Discard::default()) {
                    Ok(Step::Need) => {}
                    Ok(_) | Err(_) => return true,
                },
            }
        }
    }
}

impl RawConn for Connection {
    fn run<'a>(&'a mut self, batch: &'a Batch<'a>, sink: &'a mut dyn RowSink) -> BoxFuture<'a, Result<Ran>> {
        Box::pin(self.run_batch(batch, sink))
    }

    fn runs_at_once(&self) -> bool {
        true
    }

    fn run_at_once(&mut self, cx: &mut Context<'_>, batch: &Batch<'_>, sink: &mut dyn RowSink) -> AtOnce {
        self.begin_polled(cx, batch, sink)
    }

    fn go_on_at_once(&mut self, cx: &mut Context<'_>, sink: &mut dyn RowSink) -> AtOnce {
        match self.activity {
            Activity::Polled(plan) => match self.poll_arrived(cx) {
                Poll::Pending => AtOnce::Pending,
                Poll::Ready(read) => self.poll_batch(cx, read, plan, sink),
            },
            _ => AtOnce::Not,
        }
    }

    fn resume<'a>(&'a mut self, sink: &'a mut dyn RowSink) -> BoxFuture<'a, Result<Ran>> {
        Box::pin(self.resume_batch(sink))
    }

    fn resume_at_once(&mut self, _: &mut Context<'_>, sink: &mut dyn RowSink) -> AtOnce {
        self.resume_at_once(sink)
    }

    fn status(&self) -> Status {
        match (&self.activity, self.core.talk.status) {
            (Activity::Broken, _) => Status::Broken,
            (Activity::None, b'I') => Status::Idle,
            (Activity::None, b'T') => Status::InTx,
            (Activity::None, _) => Status::Failed,
            (
                Activity::Running
                | Activity::Polled(_)
                | Activity::PolledTo(..)
                | Activity::Paused(..)
                | Activity::Answered(..),
                _,
            ) => Status::InFlight,
        }
    }

    fn copy_in<'a>(
        &'a mut self,
        batch: &'a Batch<'a>,
        source: &'a mut dyn CopySource,
        sink: &'a mut dyn RowSink,
    ) -> BoxFuture<'a, Result<Ran>> {
        Box::pin(self.copy_batch(batch, source, sink))
    }

    fn poll_notification(&mut self, cx: &mut Context<'_>) -> Poll<Result<Notification>> {
        self.check(&Batch { begin: None, statements: &[], end: End::Open })?;
        loop {
            if let Some(notification) = self.take_notification() {
                return Poll::Ready(Ok(notification));
            }
            let looked =
                ready!(self.poll_pump(cx)).and_then(|()| match self.core.step(&mut Discard::default())? {
                    Step::Need => Ok(()),
                    _ => Err(Error::new(ErrorKind::Protocol, "an answer came to no question")),
                });
            if let Err(error) = looked {
                self.activity = Activity::Broken;
                return Poll::Ready(Err(error));
            }
        }
    }

    fn take_notice(&mut self) -> Option<Notice> {
        self.core.talk.notices.pop_front()
    }

    fn is_closed(&mut self) -> bool {
        if matches!(self.activity, Activity::None) && self.look() {
            self.activity = Activity::Broken;
        }
        matches!(self.activity, Activity::Broken)
    }

    fn canceller(&self) -> Canceller {
        self.canceller.clone()
    }

    fn reset(&mut self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let statements = [Statement::plain("DISCARD ALL")];
            let batch = Batch { begin: None, statements: &statements, end: End::Open };
            self.run_batch(&batch, &mut Discard::default()).await?;
            self.core.statements.discarded();
            Ok(())
        })
    }

    fn close(mut self: Box<Self>) -> BoxFuture<'static, ()> {
        if matches!(self.activity, Activity::None) {
            frontend::terminate(&mut self.core.out);
            // Good manners, not worth waiting for: a server that gets no Terminate notices the closed socket.
            let _ = self.poll_pump(&mut Context::from_waker(Waker::noop()));
        }
        Box::pin(async {})
    }
}

impl Drop for Connection {
    /// Closes the socket. Where a batch was in flight, the server is told to stop it: it would notice the closed socket only
    /// when it has something to send, and others may be waiting for the statement's locks.
    fn drop(&mut self) {
        if matches!(self.activity, Activity::Running | Activity::Polled(_) | Activity::Paused(..))
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn((self.canceller)());
        }
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("status", &self.status()).finish_non_exhaustive()
    }
}

/// Tells whether there is nothing to send.
fn is_empty(batch: &Batch<'_>) -> bool {
    batch.begin.is_none() && batch.statements.is_empty() && batch.end == End::Open
}

#[cold]
fn closed(error: Option<io::Error>) -> Error {
    let lost = Error::new(ErrorKind::Disconnected, "the server closed the connection")
        .help("it was restarted, it ended the session, or the network between was interrupted; run the transaction again");
    match error {
        Some(error) => lost.with_source(error),
        None => lost,
    }
}
