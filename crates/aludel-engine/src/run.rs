//! How a batch is sent: what must be settled before it, what travels in front of it, and what an error does to the transaction.

use std::future::poll_fn;
use std::task::{Context, Poll};
use std::time::Duration;

use aludel_sql::{Error, ErrorKind, Result};

use crate::connection::Connection;
use crate::driver::{
    self, AtOnce, Batch, Begin, CopySource, Discard, End, Notice, Ran, RowSink, Statement, Status,
};
use crate::events::NoticeEvent;
use crate::savepoint::{Behind, Step};
use crate::timeout::Timeout;
use crate::watch::Watch;

/// What is known of a batch whose sink has paused.
#[derive(Debug)]
pub(crate) struct Paused {
    /// It runs in a transaction that does not end with it.
    pub(crate) in_transaction: bool,
    /// What is to be told of it when it is over.
    watch: Option<Box<Watch>>,
    /// What is left to read may take only so long.
    timeout: Option<Box<Timeout>>,
}

impl Paused {
    /// Tells whether it goes on without further ado.
    fn is_plain(&self) -> bool {
        self.watch.is_none() && self.timeout.is_none()
    }
}

/// A batch that the driver has, and what is to be known of it where it is not done at once.
#[derive(Clone, Copy)]
pub(crate) struct Sent {
    begin: Option<Begin>,
    end: End,
    /// It runs in a transaction that does not end with it.
    in_transaction: bool,
    /// Some of its rows were shown: it is not to be run, but to be resumed.
    resumes: bool,
}

impl Sent {
    fn if_paused(self) -> Paused {
        Paused { in_transaction: self.in_transaction, watch: None, timeout: None }
    }
}

impl Connection {
    /// Runs statements as one batch and shows their rows to `sink`.
    ///
    /// `end` says what follows the last one of a transaction. Outside of a transaction they are one unit of work on PostgreSQL and SQLite; MariaDB and
    /// MySQL keep each by itself, so that those before one that fails stay.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// use aludel::driver::{Discard, End, Statement};
    ///
    /// conn.begin_writing();
    /// let statements = ["DELETE FROM profiles", "DELETE FROM documents WHERE owner_id = 2"].map(Statement::plain);
    /// let mut sink = Discard::default();
    /// conn.run(&statements, End::Commit, &mut sink).await?; // BEGIN IMMEDIATE; DELETE …; DELETE …; COMMIT, in one batch
    /// assert_eq!(sink.rows_affected, 2);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// The first error; the statements after it have not run. Kind `State` where an error has ended the transaction before: it says which one.
    pub async fn run(
        &mut self,
        statements: &[Statement<'_>],
        end: End,
        sink: &mut dyn RowSink,
    ) -> Result<()> {
        let mut sent = None;
        let ran = poll_fn(|cx| match sent {
            None => {
                let status = self.conn.status();
                if statements.is_empty() || !self.is_ready(status) {
                    return Poll::Ready(None);
                }
                self.send_at_once(cx, &mut sent, status, statements, end, sink)
            }
            Some(ref mut sent) => self.go_on_running(cx, sent, sink),
        });
        match ran.await {
            Some(ran) => ran,
            // In a box: the future that most statements are has no room for what they do not need.
            None => Box::pin(self.run_on(sent, statements, end, sink)).await,
        }
    }

    /// Sends a batch for which the connection is [ready](Self::is_ready), and runs it as far as the driver can where it is asked to. `None`: the
    /// rest is for [`run_on`](Self::run_on).
    ///
    /// Pending, it is for [`go_on_running`](Self::go_on_running).
    #[inline(always)] // Where it is one statement, little is left of the batch.
    pub(crate) fn send_at_once(
        &mut self,
        cx: &mut Context<'_>,
        sent: &mut Option<Sent>,
        status: Status,
        statements: &[Statement<'_>],
        end: End,
        sink: &mut dyn RowSink,
    ) -> Poll<Option<Result<()>>> {
        self.statements += statements.len() as u64;
        let batch = match self.batch(status, statements, end) {
            Ok(batch) => batch,
            Err(error) => return Poll::Ready(Some(Err(error))),
        };
        let in_transaction = stays_open(&batch, status);
        let sent = sent.insert(Sent { begin: batch.begin, end: batch.end, in_transaction, resumes: false });
        let ran = self.conn.raw().run_at_once(cx, &batch, sink);
        self.ran_at_once(ran, sent)
    }

    /// Goes on with a batch for which [`send_at_once`](Self::send_at_once) is pending, or this is.
    #[inline]
    pub(crate) fn go_on_running(
        &mut self,
        cx: &mut Context<'_>,
        sent: &mut Sent,
        sink: &mut dyn RowSink,
    ) -> Poll<Option<Result<()>>> {
        let ran = self.conn.raw().go_on_at_once(cx, sink);
        self.ran_at_once(ran, sent)
    }

    #[inline(always)] // The commonest answers are hardly any work.
    fn ran_at_once(&mut self, ran: AtOnce, sent: &mut Sent) -> Poll<Option<Result<()>>> {
        match ran {
            AtOnce::Pending => Poll::Pending,
            AtOnce::Ran(Ok(Ran::Done)) => {
                self.done();
                Poll::Ready(Some(Ok(())))
            }
            other => Poll::Ready(self.rarer_answer(other, sent)),
        }
    }

    #[inline(never)]
    fn rarer_answer(&mut self, ran: AtOnce, sent: &mut Sent) -> Option<Result<()>> {
        match ran {
            AtOnce::Ran(ran) => Some(self.heed(ran, sent.if_paused()).map(drop)),
            AtOnce::More => {
                sent.resumes = true;
                None
            }
            AtOnce::Not | AtOnce::Pending => None,
        }
    }

    /// Runs what [`send_at_once`](Self::send_at_once) has left of a batch, or all of one that was not sent.
    pub(crate) async fn run_on(
        &mut self,
        sent: Option<Sent>,
        statements: &[Statement<'_>],
        end: End,
        sink: &mut dyn RowSink,
    ) -> Result<()> {
        let Some(sent) = sent else { return self.run_with_care(statements, end, sink).await };
        let ran = if sent.resumes {
            self.conn.raw().resume(sink).await
        } else {
            self.conn.raw().run(&Batch { begin: sent.begin, statements, end: sent.end }, sink).await
        };
        self.heed(ran, sent.if_paused()).map(drop)
    }

    /// Tells whether a batch can be sent without more ado: nothing is to be settled before it, said in front of it, or told of it.
    #[inline]
    pub(crate) fn is_ready(&self, status: Status) -> bool {
        matches!(status, Status::Idle | Status::InTx)
            && self.failure.is_none()
            && !self.is_unsettled()
            && !self.savepoints.has_ahead()
            && self.options.for_statements().timeout.is_none()
            && !self.is_watched()
    }

    async fn run_with_care(
        &mut self,
        statements: &[Statement<'_>],
        end: End,
        sink: &mut dyn RowSink,
    ) -> Result<()> {
        if end == End::Rollback && statements.is_empty() {
            self.forget_rest().await?;
        }
        self.settle().await?;
        self.statements += statements.len() as u64;
        if self.failure.is_some() {
            if end == End::Rollback && statements.is_empty() {
                self.savepoints.clear();
                if self.is_gone() || self.is_lost() {
                    self.failure = None;
                    return Ok(());
                }
            } else {
                self.check_not_gone()?;
                if end == End::Commit {
                    self.check_not_failed()?;
                }
            }
        }
        if self.savepoints.has_ahead() {
            return self.run_behind(statements, end, sink).await;
        }
        self.converse(statements, &[], end, None, sink).await.map(drop)
    }

    /// Runs one statement that takes its data from `source`.
    pub(crate) async fn run_copy(
        &mut self,
        statement: Statement<'_>,
        source: &mut dyn CopySource,
        sink: &mut dyn RowSink,
    ) -> Result<()> {
        self.settle().await?;
        self.statements += 1;
        self.check_not_gone()?;
        // What stands before it in a batch would be sent before anybody knows whether the server takes data.
        self.send_ahead().await?;
        self.converse(&[statement], &[], End::Open, Some(source), sink).await.map(drop)
    }

    /// Runs one statement and shows its rows to a sink that may pause.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub(crate) async fn start(&mut self, statement: Statement<'_>, sink: &mut dyn RowSink) -> Result<Ran> {
        self.settle().await?;
        self.statements += 1;
        self.check_not_gone()?;
        // Only a statement that travels alone may pause.
        self.send_ahead().await?;
        self.converse(&[statement], &[], End::Open, None, sink).await
    }

    /// Goes on where a sink has paused.
    pub(crate) async fn go_on(&mut self, sink: &mut dyn RowSink) -> Result<Ran> {
        let Some(mut paused) = self.paused.take() else {
            return Err(Error::new(ErrorKind::State, "there is no stream to go on with"));
        };
        let ran = match &mut paused.timeout {
            None => self.resume_watched(&mut paused.watch, sink).await,
            Some(timeout) => Box::pin(self.resume_within(timeout, &mut paused.watch, sink)).await,
        };
        self.heed(ran, paused)
    }

    /// Goes on where a sink has paused, as far as that takes no waiting.
    pub(crate) fn go_on_at_once(&mut self, cx: &mut Context<'_>, sink: &mut dyn RowSink) -> AtOnce {
        if !self.paused.as_ref().is_some_and(Paused::is_plain) {
            return AtOnce::Not;
        }
        match self.conn.raw().resume_at_once(cx, sink) {
            AtOnce::Ran(ran) if !matches!(ran, Ok(Ran::Paused)) => match self.paused.take() {
                Some(paused) => AtOnce::Ran(self.heed(ran, paused)),
                None => AtOnce::Ran(ran),
            },
            other => other,
        }
    }

    /// Lets go of a statement that is paused, now or with what the connection does next.
    pub(crate) fn give_up_paused(&mut self) {
        if self.paused.is_some() && self.conn.raw().give_up() {
            if let Some(Paused { watch: Some(watch), .. }) = self.paused.take() {
                self.tell_stream(&watch, Duration::ZERO, None);
            }
            self.over();
        }
    }

    /// Ends the open transaction.
    pub(crate) async fn end(&mut self, end: End) -> Result<()> {
        if end == End::Rollback {
            self.begin = None;
        }
        let unsent = self.begin.is_some() && self.conn.status() == Status::Idle;
        if unsent || (self.failure.is_none() && self.conn.status() == Status::Idle) {
            // Nothing was begun, so there is nothing to end.
            self.begin = None;
            self.savepoints.clear();
            return Ok(());
        }
        self.run(&[], end, &mut Discard::default()).await
    }

    fn is_unsettled(&self) -> bool {
        self.abandoned || self.paused.is_some()
    }

    /// Sees to what a dropped stream or guard has left: reads what is still under way, rolls back what is open.
    pub(crate) async fn settle(&mut self) -> Result<()> {
        if self.abandoned || self.savepoints.revives() {
            self.forget_rest().await?;
        }
        self.read_rest().await?;
        if !self.abandoned {
            return Ok(());
        }
        self.begin = None;
        self.begun = None;
        self.failure = None;
        self.savepoints.clear();
        if let Some(name) = self.two_phase.take() {
            self.abandoned = false;
            let words = self.engine().dialect().two_phase()?;
            let end: Vec<String> = words.abandon.iter().map(|it| format!("{it}{name}")).collect();
            let mut ended = Ok(Ran::Done);
            // One by one: a transaction that the database has rolled back itself takes only the last of them.
            for sql in &end {
                let end = [Statement::plain(sql)];
                ended = self.converse(&end, &[], End::Open, None, &mut Discard::default()).await;
            }
            return ended.map(drop);
        }
        if matches!(self.conn.status(), Status::InTx | Status::Failed) {
            self.converse(&[], &[], End::Rollback, None, &mut Discard::default()).await?;
        }
        self.abandoned = false;
        Ok(())
    }

    /// Reads what a dropped stream has left.
    async fn read_rest(&mut self) -> Result<()> {
        while self.paused.is_some() {
            let read = self.go_on(&mut Discard::default()).await;
            read.map_err(|error| error.doing("reading the rest of a stream that was dropped"))?;
        }
        Ok(())
    }

    /// Reads what a dropped stream has left, before what it was part of is rolled back: whatever went wrong there is undone too.
    pub(crate) async fn forget_rest(&mut self) -> Result<()> {
        match self.read_rest().await {
            Err(error) if error.is_disconnect() || self.conn.status() == Status::Broken => Err(error),
            _ => Ok(()),
        }
    }

    /// Sends what is to be said about savepoints, without a statement behind it.
    pub(crate) async fn send_ahead(&mut self) -> Result<()> {
        if self.savepoints.has_ahead() {
            self.run_behind(&[], End::Open, &mut Discard::default()).await?;
        }
        Ok(())
    }

    async fn run_behind(
        &mut self,
        statements: &[Statement<'_>],
        end: End,
        sink: &mut dyn RowSink,
    ) -> Result<()> {
        if statements.is_empty() && end == End::Rollback {
            self.savepoints.clear();
            return self.converse(statements, &[], end, None, sink).await.map(drop);
        }
        let steps = self.savepoints.take_ahead();
        let texts: Vec<String> = steps.iter().map(|step| step.text()).collect();
        let mut all: Vec<Statement<'_>> = texts.iter().map(|sql| Statement::plain(sql)).collect();
        // A batch that begins the transaction ends it when it fails: then there would be nothing to roll back to.
        let apart = self.begin.is_some() && !statements.is_empty();
        let mut behind = Behind::new(sink, all.len());
        let ran = if apart {
            self.converse(&all, &steps, End::Open, None, &mut behind).await
        } else {
            all.extend_from_slice(statements);
            self.converse(&all, &steps, end, None, &mut behind).await
        };
        let sent = behind.ahead_done();
        if ran.is_err() && self.conn.status() != Status::Idle {
            self.savepoints.put_back(&steps[sent..]);
        }
        ran?;
        if apart {
            self.converse(statements, &[], end, None, sink).await?;
        }
        Ok(())
    }

    /// Sends a batch, the first statements of which are steps of savepoints, and the data of one that takes some.
    async fn converse(
        &mut self,
        statements: &[Statement<'_>],
        ahead: &[Step],
        end: End,
        copy: Option<&mut dyn CopySource>,
        sink: &mut dyn RowSink,
    ) -> Result<Ran> {
        let before = self.conn.status();
        let limit =
            self.options.for_statements().timeout.filter(|_| copy.is_none() && !statements.is_empty());
        let mut timeout =
            limit.map(|limit| Timeout::begin(limit, self.conn.raw()).map(Box::new)).transpose()?;
        let batch = self.batch(before, statements, end)?;
        // Nothing was begun, so there is nothing to end.
        if statements.is_empty() && (batch.begin.is_some() || before == Status::Idle) {
            return Ok(Ran::Done);
        }
        let (ran, watch) = match &mut timeout {
            None => self.send(&batch, ahead, copy, sink).await,
            Some(timeout) => Box::pin(self.send_within(timeout, &batch, ahead, sink)).await,
        };
        self.heed(ran, Paused { in_transaction: stays_open(&batch, before), watch, timeout })
    }

    /// Makes a batch of statements, with the transaction that is to begin before them.
    fn batch<'a>(&mut self, before: Status, statements: &'a [Statement<'a>], end: End) -> Result<Batch<'a>> {
        let (begin, end) = match (self.begin.take(), before) {
            (Some(begin), Status::Idle) => {
                self.begun = Some(begin).filter(|_| !statements.is_empty());
                (Some(begin), end)
            }
            (None, Status::Idle) if self.begins_by_itself() => {
                let by_itself = self.options.autocommit && end == End::Open;
                (Some(self.options.transaction.begin()?), if by_itself { End::Commit } else { end })
            }
            _ => (None, end),
        };
        if end != End::Open {
            self.begun = None;
        }
        Ok(Batch { begin, statements, end })
    }

    async fn send(
        &mut self,
        batch: &Batch<'_>,
        ahead: &[Step],
        copy: Option<&mut dyn CopySource>,
        sink: &mut dyn RowSink,
    ) -> (Result<Ran>, Option<Box<Watch>>) {
        if self.is_watched() {
            return self.run_watched(batch, ahead, copy, sink).await;
        }
        let ran = match copy {
            None => driver::run(self.conn.raw(), batch, sink).await,
            Some(source) => self.conn.raw().copy_in(batch, source, sink).await,
        };
        (ran, None)
    }

    /// Sends a batch that is stopped when its time is up.
    async fn send_within(
        &mut self,
        timeout: &mut Timeout,
        batch: &Batch<'_>,
        ahead: &[Step],
        sink: &mut dyn RowSink,
    ) -> (Result<Ran>, Option<Box<Watch>>) {
        let sent = timeout.wait(self.send(batch, ahead, None, sink)).await;
        let (ran, watch) = match sent {
            Some((ran, watch)) => (Some(ran), watch),
            None => (None, None),
        };
        (self.in_time(timeout, ran, batch.end), watch)
    }

    /// Goes on with a batch that has paused, and is stopped when the time of the next rows is up.
    async fn resume_within(
        &mut self,
        timeout: &mut Timeout,
        watch: &mut Option<Box<Watch>>,
        sink: &mut dyn RowSink,
    ) -> Result<Ran> {
        timeout.begin_again(self.conn.raw());
        let ran = timeout.wait(self.resume_watched(watch, sink)).await;
        self.in_time(timeout, ran, End::Open)
    }

    /// Says what became of a batch under a timeout.
    fn in_time(&mut self, timeout: &Timeout, ran: Option<Result<Ran>>, end: End) -> Result<Ran> {
        self.conn.raw().set_timeout(None);
        let ran = ran.unwrap_or_else(|| Err(timeout.no_answer(end)));
        if timeout.was_late(&ran) {
            self.conn.invalidate();
        }
        ran.map_err(|error| timeout.explain(error))
    }

    /// Takes notice of how far a batch came; `if_paused` is what to remember of it where it is not over.
    #[inline(never)]
    fn heed(&mut self, ran: Result<Ran>, if_paused: Paused) -> Result<Ran> {
        match ran {
            Ok(Ran::Done) => self.done(),
            Ok(Ran::Paused) => {
                self.tell_notices();
                self.paused = Some(if_paused);
            }
            Err(error) => {
                self.tell_notices();
                let error = self.conn.explain(error);
                return Err(self.failed(error, if_paused.in_transaction));
            }
        }
        ran
    }

    /// Takes notice that a batch is done.
    #[inline]
    fn done(&mut self) {
        self.tell_notices();
        self.over();
    }

    #[inline]
    fn tell_notices(&mut self) {
        while let Some(notice) = self.conn.raw().take_notice() {
            self.tell_notice(&notice);
        }
    }

    #[cold]
    pub(crate) fn tell_notice(&self, notice: &Notice) {
        let Notice { severity, code, message } = notice;
        let event = NoticeEvent { severity, code, message, connection: self.conn.number() };
        match severity.as_str() {
            "WARNING" => tracing::warn!(target: "aludel::notice", connection = event.connection, "{event}"),
            "NOTICE" | "INFO" => {
                tracing::info!(target: "aludel::notice", connection = event.connection, "{event}")
            }
            _ => tracing::debug!(target: "aludel::notice", connection = event.connection, "{event}"),
        }
        self.engine().events().notice(&event);
    }

    /// Tells whether a batch outside of a transaction gets one around it.
    fn begins_by_itself(&self) -> bool {
        !self.options.autocommit || !self.options.transaction.is_usual()
    }

    /// Takes notice of a batch that went well.
    #[inline]
    fn over(&mut self) {
        self.failure = None;
        if (self.begun.is_some() || !self.savepoints.is_empty()) && self.conn.status() == Status::Idle {
            self.savepoints.clear();
            self.begin_anew();
        }
    }

    /// Begins the transaction anew with the next statement, where one has ended it that was not told to: on MariaDB and MySQL CREATE, ALTER,
    /// DROP and their like commit. Otherwise what comes next would be kept by itself, whatever whoever has the transaction says later.
    #[cold]
    fn begin_anew(&mut self) {
        if let Some(begun) = self.begun.take() {
            tracing::warn!(target: "aludel::transaction", "a statement has ended the transaction; the next one begins it anew");
            self.begin = Some(begun);
        }
    }

    /// Takes notice of an error, and of what it did to the transaction: one that was open before, or was begun to stay open.
    #[cold]
    fn failed(&mut self, error: Error, in_transaction: bool) -> Error {
        self.conn.failed(&error);
        if !in_transaction {
            return error;
        }
        self.undecided |= error.kind() == ErrorKind::CommitOutcomeUnknown;
        let now = self.conn.status();
        if now == Status::Idle {
            self.begun = None;
            self.savepoints.clear();
        }
        match &self.failure {
            // What the database says about its aborted transaction helps less than what went wrong first.
            Some(cause) if error.kind() == ErrorKind::State => {
                error.doing(format!("in a transaction that had failed: {cause}"))
            }
            Some(_) => error,
            None => {
                if now != Status::InTx {
                    self.failure = Some(error.what().into());
                }
                error
            }
        }
    }

    /// Tells whether an error has ended the transaction, and the database has rolled it back already.
    fn is_gone(&self) -> bool {
        self.failure.is_some() && self.conn.status() == Status::Idle
    }

    /// Tells whether the connection was lost with the transaction, so that the server rolls it back, or has done so; not where it was being committed.
    fn is_lost(&self) -> bool {
        self.failure.is_some() && !self.undecided && self.conn.status() == Status::Broken
    }

    /// Refuses what only a working transaction can do.
    pub(crate) fn check_not_failed(&self) -> Result<()> {
        match &self.failure {
            Some(_) if self.savepoints.revives() && !self.is_gone() => Ok(()),
            Some(cause) => Err(transaction_failed(cause)),
            None => Ok(()),
        }
    }

    /// Refuses what an error has rolled back.
    pub(crate) fn check_not_gone(&self) -> Result<()> {
        if self.is_gone() { self.check_not_failed() } else { Ok(()) }
    }
}

/// Tells whether a batch runs in a transaction that it begins to stay open, or that was open before it.
fn stays_open(batch: &Batch<'_>, before: Status) -> bool {
    let begun = batch.begin.is_some() && batch.end == End::Open;
    begun || matches!(before, Status::InTx | Status::Failed)
}

#[cold]
fn transaction_failed(cause: &str) -> Error {
    Error::new(ErrorKind::State, format!("the transaction has failed: {cause}"))
        .help("roll it back, or back to a savepoint, before anything else")
}
