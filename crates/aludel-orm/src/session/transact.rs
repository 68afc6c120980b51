//! `engine.transact`: a unit of work that runs again when the database asks for that.

use std::future::IntoFuture;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aludel_engine::driver::BoxFuture;
use aludel_engine::{Engine, pause};
use aludel_sql::{Error, ErrorKind, Result};

use super::{Session, SessionOptions};

/// A unit of work that is about to run, and runs again where the database cannot serialize it with others; await it.
///
/// Each run gets a fresh session. What the closure captures it borrows: `let title = &title;` before it.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run_engine(async |engine| {
/// let title = String::from("Final");
/// let title = &title;
/// let transact = engine.transact(|mut session| async move {
///     let doc = session.get_one::<Document>(1).await?;
///     session[doc].title.clone_from(title);
///     session.commit().await?;
///     Ok(session[doc].owner_id)
/// });
/// let owner = transact.max_attempts(3).session_with(|o| o.isolation(Isolation::Serializable)).await?;
/// assert_eq!(owner, 1);
/// # Ok(()) });
/// ```
#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` them"]
pub struct Transact<'e, F> {
    engine: &'e Engine,
    work: F,
    attempts: Attempts,
    options: SessionOptions,
    opened_at: &'static Location<'static>,
}

impl<'e, F> Transact<'e, F> {
    /// Makes ready to run a unit of work.
    #[doc(hidden)]
    #[track_caller]
    pub fn new(engine: &'e Engine, work: F) -> Self {
        let opened_at = Location::caller();
        Self { engine, work, attempts: Attempts::default(), options: SessionOptions::default(), opened_at }
    }

    /// How often it runs at most (default: 10 times); 0 is taken for 1.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let outcome = engine.transact(|mut session| async move {
    ///     session.add(User::builder().email("sam@example.org")); // Sam is there already: another attempt cannot help
    ///     session.commit().await
    /// }).max_attempts(3).await;
    /// assert_eq!(outcome.unwrap_err().kind(), ErrorKind::UniqueViolation); // after one
    /// # Ok(()) });
    /// ```
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.attempts = Attempts::at_most(attempts);
        self
    }

    /// Sets the options of its sessions.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let users = engine.transact(|mut session| async move {
    ///     let users = session.scalar(select(func::count(User::ID))).await?; // BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT …
    ///     session.commit().await?;
    ///     Ok(users)
    /// }).session_with(|o| o.isolation(Isolation::Serializable)).await?;
    /// assert_eq!(users, 2);
    /// # Ok(()) });
    /// ```
    pub fn session_with(mut self, options: impl FnOnce(SessionOptions) -> SessionOptions) -> Self {
        self.options = options(self.options);
        self
    }
}

impl<'e, F, R, T> IntoFuture for Transact<'e, F>
where
    F: FnMut(Session) -> R + Send + 'e,
    R: Future<Output = Result<T>> + Send + 'e,
    T: Send + 'e,
{
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'e, Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { engine, mut work, mut attempts, options, opened_at } = self;
        Box::pin(async move {
            loop {
                let (session, report) = attempts.begin(engine, options, opened_at);
                let outcome = work(session).await;
                match attempts.end(outcome, &report) {
                    Attempt::Done(outcome) => return outcome,
                    Attempt::Again(longest) => pause(longest).await,
                }
            }
        })
    }
}

/// The attempts at a unit of work.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Attempts {
    made: u32,
    most: u32,
}

/// What comes after an attempt.
#[doc(hidden)]
#[derive(Debug)]
pub enum Attempt<T> {
    /// Nothing: this is the outcome.
    Done(Result<T>),
    /// A pause of up to this, and another attempt.
    Again(Duration),
}

/// What a session has committed, and whether it left something undone.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct Report {
    committed: AtomicBool,
    left_undone: AtomicBool,
}

impl Default for Attempts {
    fn default() -> Self {
        Self::at_most(10)
    }
}

impl Attempts {
    /// At most this many.
    #[must_use]
    #[doc(hidden)]
    pub fn at_most(attempts: u32) -> Self {
        Self { made: 0, most: attempts.max(1) }
    }

    /// Opens the session of the next attempt. After the first one it takes its turn as a writer with its first statement: who was overtaken
    /// once is not overtaken again.
    #[doc(hidden)]
    pub fn begin(
        &mut self,
        engine: &Engine,
        mut options: SessionOptions,
        opened_at: &'static Location<'static>,
    ) -> (Session, Arc<Report>) {
        options.writes_first = self.made > 0 && options.read_only != Some(true);
        self.made += 1;
        let mut session = Session::with_options(engine, options);
        session.opened_at = opened_at;
        let report = Arc::new(Report::default());
        session.report = Some(Arc::clone(&report));
        (session, report)
    }

    /// Decides what comes after an attempt.
    #[doc(hidden)]
    pub fn end<T>(&self, outcome: Result<T>, report: &Report) -> Attempt<T> {
        let committed = report.committed.load(Ordering::Relaxed);
        match outcome {
            Ok(_) if report.left_undone.load(Ordering::Relaxed) => Attempt::Done(Err(not_committed())),
            Err(error) if !error.is_retryable() || error.is_disconnect() => Attempt::Done(Err(error)),
            Err(error) if committed => Attempt::Done(Err(error.doing(
                "running a unit of work that had committed something before, so that it is not run again",
            ))),
            Err(error) if self.made >= self.most => Attempt::Done(Err(
                error.doing(format!("running a unit of work, attempt {0} of {0}", self.most))
            )),
            Err(_) => Attempt::Again(self.longest_pause()),
            Ok(value) => Attempt::Done(Ok(value)),
        }
    }

    /// Pauses double, up to a second.
    fn longest_pause(&self) -> Duration {
        Duration::from_millis(5 << self.made.min(8)).min(Duration::from_secs(1))
    }
}

impl Session {
    /// Notes that the transaction was committed.
    pub(super) fn report_commit(&mut self) {
        if std::mem::take(&mut self.wrote)
            && let Some(report) = &self.report
        {
            report.committed.store(true, Ordering::Relaxed);
        }
    }

    /// Notes what the session is about to leave undone, for the unit of work that it runs in.
    #[doc(hidden)]
    pub fn report_end(&self) {
        let Some(report) = &self.report else { return };
        let has_changes = || !(self.new().is_empty() && self.dirty().is_empty() && self.deleted().is_empty());
        if self.wrote || has_changes() {
            report.left_undone.store(true, Ordering::Relaxed);
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.report_end();
    }
}

#[cold]
fn not_committed() -> Error {
    Error::new(
        ErrorKind::NotCommitted,
        "a unit of work ended with `Ok`, but not all that it changed was committed",
    )
    .help(
        "end it with `session.commit().await?`; or with `session.rollback().await?` if nothing is to be kept",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(attempts: Attempts, error: Error) -> Attempt<()> {
        attempts.end(Err(error), &Report::default())
    }

    #[test]
    fn a_commit_whose_outcome_is_unknown_is_not_tried_again() {
        let attempts = Attempts { made: 1, most: 10 };
        let lost = Error::new(ErrorKind::CommitOutcomeUnknown, "lost");
        assert!(matches!(after(attempts, lost.clone()), Attempt::Done(Err(_))));
        assert!(matches!(after(attempts, lost.retryable()), Attempt::Done(Err(_))));
        assert!(matches!(after(attempts, Error::new(ErrorKind::Deadlock, "victim")), Attempt::Again(_)));
    }

    #[test]
    fn pauses_grow_and_are_bounded() {
        let pause = |made| Attempts { made, most: u32::MAX }.longest_pause();
        assert_eq!((1..4).map(|it| pause(it).as_millis()).collect::<Vec<_>>(), [10, 20, 40]);
        assert_eq!(pause(1_000), Duration::from_secs(1));
    }
}
