//! Waiting for what others use: not long, because everybody who comes later waits behind us; but again and again.

use std::future::poll_fn;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aludel_engine::Connection;
use aludel_sql::schema::{LockLimit, Step, StepKind};
use aludel_sql::{Error, ErrorKind, Result, text_unchecked};

use super::{Migrator, Progress};

const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How long a migrator waits.
///
/// A statement that waits for a table which a long query reads lets everybody wait who comes after it. So it gives up after
/// `lock_timeout`, and the transaction (or the step, where there is none) is run again after a pause, which is a part of `lock_timeout` left
/// to chance and twice as long each time, up to a minute.
///
/// ```
/// # aludel::doc::run_engine(async |engine| {
/// use std::time::Duration;
/// use aludel_migrate::{Migrator, ScriptDirectory, Waits};
///
/// let scripts = ScriptDirectory::from_files([])?;
/// let patient = Waits { lock_retries: 30, ..Waits::default() };
/// Migrator::new(&engine, &scripts).waits(patient).upgrade("heads").await?;
/// # Ok(()) });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waits {
    /// How long a statement waits for a lock (default: 2 s; zero: as long as the database lets it). PostgreSQL: `lock_timeout`; MariaDB:
    /// `lock_wait_timeout`, in whole seconds. On SQLite, `busy_timeout` in the URL says it.
    pub lock_timeout: Duration,
    /// How often it is tried again (default: 10).
    pub lock_retries: u32,
    /// How long a statement takes that reads and writes no rows (default: 30 s; zero: as long as it must). PostgreSQL: `statement_timeout`, which is off
    /// for everything else, whatever the URL or the role says: an index, a check or a backfill takes its time.
    pub statement_timeout: Duration,
    /// How long to wait for another migrator (default: a minute). On SQLite a migrator is a writer like any other.
    pub migrator: Duration,
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            lock_timeout: Duration::from_secs(2),
            lock_retries: 10,
            statement_timeout: Duration::from_secs(30),
            migrator: Duration::from_secs(60),
        }
    }
}

/// A lock that was not to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// Who was in the way, as far as the database tells, one line each.
    pub by: Vec<String>,
    /// Whether all of them were: otherwise, they may have been.
    pub is_certain: bool,
    /// How often it was tried.
    pub tries: u32,
    /// When it is tried again.
    pub pause: Duration,
}

/// Those who were in the way when somebody looked last.
#[derive(Debug, Default)]
pub(super) struct Blockers(Mutex<Vec<String>>);

impl Blockers {
    fn set(&self, found: Vec<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = found;
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A step whose wait for locks is limited.
pub(super) struct Limited {
    limit: LockLimit,
    /// The number of the connection that runs it.
    connection: i64,
    /// Whether it has only one statement, which asks for its locks at once.
    is_one: bool,
}

impl Migrator<'_> {
    /// Limits how long a step waits for locks, where the database has a limit for it.
    pub(super) async fn limit(&self, conn: &mut Connection, step: &Step) -> Result<Option<Limited>> {
        let limit = self.engine.dialect().lock_wait().and_then(|it| it.limit);
        let Some(limit) = limit.filter(|_| !self.waits.lock_timeout.is_zero()) else { return Ok(None) };
        let in_transaction = conn.in_transaction();
        let is_patient = step.statements.iter().any(|it| (limit.is_patient)(it));
        let most = if is_patient { Duration::ZERO } else { self.waits.lock_timeout };
        let is_brief = step.statements.iter().all(|it| (limit.is_brief)(it));
        let in_all = self.waits.statement_timeout;
        // The wait is limited by itself.
        let in_all = if is_brief && !in_all.is_zero() { in_all + most } else { Duration::ZERO };
        if !in_transaction {
            // A connection without its usual settings must not be lent to anybody else.
            conn.invalidate();
        }
        let statements = (limit.statements)(most, in_all, in_transaction);
        let Some((query, settings)) = statements.split_last() else { return Ok(None) };
        if !settings.is_empty() {
            conn.run_plain(&settings.iter().map(String::as_str).collect::<Vec<_>>()).await?;
        }
        let connection = conn.execute(text_unchecked(query.clone())).one().await?.at(0)?;
        let is_one = step.kind == StepKind::Statement && step.statements.len() == 1;
        Ok((!is_patient).then_some(Limited { limit, connection, is_one }))
    }

    /// Does some work, and looks meanwhile who is in its way: once it has given up, nobody is.
    pub(super) async fn watched<T>(&self, limited: Option<Limited>, work: impl Future<Output = T>) -> T {
        let Some(limited) = limited else { return work.await };
        let (mut work, mut watch) = (pin!(work), pin!(self.watch(limited)));
        let mut is_watching = true;
        poll_fn(|context| {
            let done = work.as_mut().poll(context);
            if done.is_pending() && is_watching {
                is_watching = watch.as_mut().poll(context).is_pending();
            }
            done
        })
        .await
    }

    /// Looks who is in the way of a connection, if it takes so long that somebody may be.
    async fn watch(&self, limited: Limited) {
        self.blockers.take();
        let half = self.waits.lock_timeout / 2;
        tokio::time::sleep(half).await;
        // Without a connection to spare, or without the right to look, nobody is named.
        let Ok(mut conn) = self.engine.connect().await else { return };
        let query = (limited.limit.blockers)(limited.connection);
        let mut looks = 0;
        while !limited.is_one || looks < 4 {
            let Ok(rows) = conn.execute(text_unchecked(query.clone())).all().await else { return };
            let found: Vec<String> = rows.iter().filter_map(|row| row.at(0).ok()).collect();
            if !found.is_empty() {
                self.blockers.set(found);
            }
            looks += 1;
            tokio::time::sleep(half / 3).await;
        }
    }

    /// Tells whether an error says that others hold what is needed, or that we and others waited for each other.
    pub(super) fn is_blocked(&self, error: &Error) -> bool {
        let codes = self.engine.dialect().lock_wait().map_or(&[][..], |it| it.codes);
        error.kind() == ErrorKind::Deadlock || error.code().is_some_and(|it| codes.contains(&it))
    }

    /// Waits until it is time to try again; fails with a better message when it was tried often enough.
    pub(super) async fn try_again(&self, tries: &mut u32, error: Error) -> Result<()> {
        *tries += 1;
        let limit = self.engine.dialect().lock_wait().and_then(|it| it.limit);
        let blocked = Blocked {
            by: self.blockers.take(),
            is_certain: limit.is_some_and(|it| it.is_certain),
            tries: *tries,
            // Where the URL limits the wait, nobody waits behind us: there is no reason for a pause.
            pause: if limit.is_some() { self.pause(*tries) } else { super::lock::PAUSE },
        };
        if *tries > self.waits.lock_retries {
            return Err(blocked.error(&self.waits, limit.is_some(), error));
        }
        self.tell(Progress::Blocked(&blocked));
        tokio::time::sleep(blocked.pause).await;
        Ok(())
    }

    /// Twice as long each time, of which up to a half is left to chance: others who wait as well do not come back at the same moment.
    fn pause(&self, tries: u32) -> Duration {
        let longest = (self.waits.lock_timeout / 2).saturating_mul(1 << tries.saturating_sub(1).min(20));
        let chance = RandomState::new().build_hasher().finish() as f64 / u64::MAX as f64;
        longest.min(LONGEST_PAUSE).mul_f64(0.5 + chance / 2.0)
    }
}

impl Blocked {
    /// Says who was in the way: `in the way: process 12 (app, idle in transaction, for 40 s): SELECT …`. Empty where nobody knows.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aludel_migrate::Blocked;
    ///
    /// let by = vec!["process 12 (app, idle in transaction, for 40 s): SELECT 1".to_owned()];
    /// let blocked = Blocked { by, is_certain: true, tries: 1, pause: Duration::from_secs(1) };
    /// assert_eq!(blocked.describe(), "in the way: process 12 (app, idle in transaction, for 40 s): SELECT 1");
    /// ```
    #[must_use]
    pub fn describe(&self) -> String {
        match (self.by.as_slice(), self.is_certain) {
            ([], _) => String::new(),
            (by, true) => format!("in the way: {}", by.join("; ")),
            (by, false) => format!("in the way may be: {}", by.join("; ")),
        }
    }

    /// The error after the last try. What was being done is kept.
    fn error(&self, waits: &Waits, is_limited: bool, cause: Error) -> Error {
        let times = if self.tries == 1 { "once".to_owned() } else { format!("{} times", self.tries) };
        let what = if is_limited {
            format!(
                "others hold a lock that is needed here; it was waited for {times}, {} s each",
                waits.lock_timeout.as_secs_f64()
            )
        } else {
            format!(
                "others hold the lock of the database; it was waited for {times}, as long as `busy_timeout` in the URL says"
            )
        };
        let who = self.describe();
        let what = if who.is_empty() { what } else { format!("{what}; {who}") };
        let mut error = Error::new(ErrorKind::Timeout, what);
        if let Some(doing) = cause.context() {
            error = error.doing(doing.to_owned());
        }
        if let Some(code) = cause.code() {
            error = error.with_code(code.to_owned());
        }
        if let Some(sql) = cause.sql() {
            error = error.with_sql(sql.to_owned());
        }
        error.with_source(cause)
    }
}
