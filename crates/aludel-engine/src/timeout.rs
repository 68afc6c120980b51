//! The most time that a batch may take.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use aludel_sql::{Error, ErrorKind, Result};

use crate::blocking::runtime;
use crate::driver::{Canceller, End, Ran, RawConn};

/// How long a server that was asked to stop has for that.
const GRACE: Duration = Duration::from_secs(2);

/// How long the first request to stop has before another one follows: between two statements there is nothing that it stops.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// Bounds a batch, and each piece of one that pauses.
pub(crate) struct Timeout {
    limit: Duration,
    since: Instant,
    /// `None`: the driver looks at the clock itself.
    cancel: Option<Canceller>,
    /// A request to stop was sent.
    asked_to_stop: bool,
}

impl Timeout {
    /// Begins to count.
    pub(crate) fn begin(limit: Duration, raw: &mut dyn RawConn) -> Result<Self> {
        let since = Instant::now();
        let cancel = if raw.set_timeout(Some(limit)) { None } else { Some(raw.canceller()) };
        if cancel.is_some() && runtime().is_none() {
            return Err(Error::new(ErrorKind::Unsupported, "a timeout of this driver needs a Tokio runtime")
                .help("run the statement in an async task, or without `timeout`"));
        }
        Ok(Self { limit, since, cancel, asked_to_stop: false })
    }

    /// Begins to count again, for the next piece. Where the batch was asked to stop the answer to that may still come.
    pub(crate) fn begin_again(&mut self, raw: &mut dyn RawConn) {
        self.since = Instant::now();
        raw.set_timeout(Some(self.limit));
    }

    /// Waits for a batch, which is asked to stop when the time is up. `None`: it does not answer any more.
    pub(crate) async fn wait<T>(&mut self, running: impl Future<Output = T>) -> Option<T> {
        let Some(cancel) = &self.cancel else { return Some(running.await) };
        let mut running = pin!(running);
        if let Ok(over) = tokio::time::timeout(self.limit, &mut running).await {
            return Some(over);
        }
        self.asked_to_stop = true;
        let stopping = async {
            let mut pause = FIRST_PAUSE;
            loop {
                let mut asking = pin!(cancel());
                let mut waiting = pin!(tokio::time::timeout(pause, &mut running));
                let (mut asked, mut waited) = (false, None);
                // The request is waited for even if it comes too late: otherwise it would stop what is sent next.
                let over = poll_fn(|cx| {
                    asked = asked || asking.as_mut().poll(cx).is_ready();
                    if waited.is_none()
                        && let Poll::Ready(over) = waiting.as_mut().poll(cx)
                    {
                        waited = Some(over);
                    }
                    if asked { waited.take().map_or(Poll::Pending, Poll::Ready) } else { Poll::Pending }
                });
                if let Ok(over) = over.await {
                    return over;
                }
                pause *= 2;
            }
        };
        tokio::time::timeout(GRACE, stopping).await.ok()
    }

    /// Tells whether a request to stop was sent that the batch did not need any more.
    pub(crate) fn was_late(&self, ran: &Result<Ran>) -> bool {
        self.asked_to_stop && matches!(ran, Ok(Ran::Done))
    }

    /// Says of an error that it comes of the timeout, if it does.
    pub(crate) fn explain(&self, error: Error) -> Error {
        let is_over = self.asked_to_stop || self.since.elapsed() >= self.limit;
        if error.kind() != ErrorKind::Timeout || !is_over {
            return error;
        }
        let what = format!("stopped after {}, its timeout: {}", self.time(), error.what());
        let mut explained = Error::new(ErrorKind::Timeout, what)
            .help("give it more time with `timeout`, or see with `explain` what it takes so long for");
        if let Some(sql) = error.sql() {
            explained = explained.with_sql(sql);
        }
        if let Some(code) = error.code() {
            explained = explained.with_code(code);
        }
        explained.with_source(error)
    }

    /// The error of a batch that does not answer any more.
    #[cold]
    pub(crate) fn no_answer(&self, end: End) -> Error {
        let what = format!("no answer after {}, its timeout, and none to the request to stop", self.time());
        match end {
            End::Commit => Error::new(ErrorKind::CommitOutcomeUnknown, what).help(
                "the transaction was kept or it was not: look for a row that it wrote before running it again",
            ),
            End::Open | End::Rollback => Error::new(ErrorKind::Timeout, what).help(
                "the connection was given up; a transaction is rolled back, a statement outside of one may have been kept",
            ),
        }
    }

    fn time(&self) -> String {
        format!("{} s", self.limit.as_secs_f64())
    }
}

impl fmt::Debug for Timeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.limit)
    }
}
