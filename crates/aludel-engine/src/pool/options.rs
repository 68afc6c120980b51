//! How a pool behaves.

use std::time::Duration;

use aludel_sql::{Error, ErrorKind, Result};

/// How a pool behaves; the names and defaults are those of SQLAlchemy's `create_engine`.
///
/// ```
/// # use std::time::Duration;
/// # use aludel_engine::PoolOptions;
/// let options = PoolOptions::new().pool_size(10).pool_pre_ping(true).pool_recycle(Duration::from_secs(1800));
/// assert_eq!(options.max_overflow, 10);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolOptions {
    /// Connections that are kept open when they come back: 5. With 0 none is kept.
    pub pool_size: usize,
    /// Connections that may be open beyond `pool_size`: 10. They are closed when they come back and nobody waits for one.
    /// `usize::MAX` means as many as asked for.
    pub max_overflow: usize,
    /// How long a borrower waits for a connection that others hold: 30 s. Zero means not at all.
    pub pool_timeout: Duration,
    /// Age from which a connection is replaced, at its checkout or its return and never while it is lent; `None` means never.
    /// Wanted where something between here and the server drops old connections.
    pub pool_recycle: Option<Duration>,
    /// Asks the server whether it is still there before an idle connection is lent, and replaces the connection silently if not:
    /// off. A connection used within the last second is not asked.
    pub pool_pre_ping: bool,
    /// Lends the connection that came back last instead of the one that has rested longest: off. On, a quiet pool lets the
    /// server or a proxy close the connections that it does not need.
    pub pool_use_lifo: bool,
    /// What is undone of a connection that comes back: [`ResetOnReturn::Rollback`].
    pub reset_on_return: ResetOnReturn,
    /// Warns of a connection that has been lent for so long, once for each loan and with the place that asked for it: off.
    pub pool_hold_warning: Option<Duration>,
    /// How many connections there are at all: [`PoolMode::Queue`].
    pub mode: PoolMode,
}

/// What is undone of a connection before its next borrower gets it.
///
/// Whatever is chosen, a connection never goes back with an open transaction or with answers that nobody has read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResetOnReturn {
    /// An open transaction is rolled back; settings, temporary tables and locks of the session stay.
    #[default]
    Rollback,
    /// Nothing is undone: a connection that comes back with an open transaction is closed.
    None,
    /// After the rollback the whole session is brought back to what it was when the connection was opened, after every loan:
    /// `DISCARD ALL` on PostgreSQL, `COM_RESET_CONNECTION` on MariaDB and MySQL, a new connection on SQLite. It costs a round
    /// trip, and the statements that were kept prepared.
    Full,
}

/// How many connections a pool has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PoolMode {
    /// `pool_size` connections and `max_overflow` more in a rush.
    #[default]
    Queue,
    /// One connection for all, kept open; a borrower waits until the other gives it back. `pool_size` and `max_overflow` have no
    /// meaning.
    Single,
    /// No pooling: each borrower gets a connection of its own, closed at return, and nobody waits. `pool_size` and
    /// `max_overflow` have no meaning. For programs behind a pooler, and for tests.
    Null,
}

impl PoolOptions {
    /// Returns the defaults.
    ///
    /// ```
    /// use aludel_engine::{PoolMode, PoolOptions};
    ///
    /// let options = PoolOptions::new();
    /// assert_eq!((options.pool_size, options.max_overflow, options.pool_timeout.as_secs()), (5, 10, 30));
    /// assert_eq!(options.mode, PoolMode::Queue);
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how many connections are kept open.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, Pool, PoolOptions};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// let pool = Pool::new(driver, PoolOptions::new().pool_size(1).max_overflow(1));
    /// let (one, two) = (pool.acquire().await?, pool.acquire().await?);
    /// drop((one, two));
    /// assert_eq!(pool.status().idle, 1); // the other was closed when it came back
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    #[must_use]
    pub fn pool_size(mut self, connections: usize) -> Self {
        self.pool_size = connections;
        self
    }

    /// Sets how many connections may be open beyond `pool_size`.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, Pool, PoolOptions};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// use std::time::Duration;
    ///
    /// let options = PoolOptions::new().pool_size(1).max_overflow(0).pool_timeout(Duration::ZERO);
    /// let pool = Pool::new(driver, options);
    /// let held = pool.acquire().await?;
    /// assert_eq!(pool.acquire().await.unwrap_err().kind(), aludel_engine::ErrorKind::PoolTimeout); // there is no second one
    /// # drop(held);
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    #[must_use]
    pub fn max_overflow(mut self, connections: usize) -> Self {
        self.max_overflow = connections;
        self
    }

    /// Sets how long a borrower waits.
    ///
    /// Zero means not at all: the error is there at once, and names the holders.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, Pool, PoolOptions};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// use std::time::Duration;
    ///
    /// let pool = Pool::new(driver, PoolOptions::new().pool_size(1).max_overflow(0).pool_timeout(Duration::ZERO));
    /// let held = pool.acquire().await?;
    /// let error = pool.acquire().await.unwrap_err();
    /// assert!(error.to_string().contains(file!())); // where the one that is lent was asked for
    /// # drop(held);
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    #[must_use]
    pub fn pool_timeout(mut self, timeout: Duration) -> Self {
        self.pool_timeout = timeout;
        self
    }

    /// Sets the age from which a connection is replaced.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aludel_engine::PoolOptions;
    ///
    /// // The firewall between here and the server forgets connections after half an hour.
    /// let options = PoolOptions::new().pool_recycle(Duration::from_secs(25 * 60));
    /// assert_eq!(options.pool_recycle(None).pool_recycle, None); // never
    /// ```
    #[must_use]
    pub fn pool_recycle(mut self, age: impl Into<Option<Duration>>) -> Self {
        self.pool_recycle = age.into();
        self
    }

    /// Sets whether an idle connection is tried before it is lent.
    ///
    /// ```
    /// // A failed request after each restart of the server, or a round trip before each loan: the program's choice.
    /// let options = aludel_engine::PoolOptions::new().pool_pre_ping(true);
    /// assert!(options.pool_pre_ping && !aludel_engine::PoolOptions::new().pool_pre_ping);
    /// ```
    #[must_use]
    pub fn pool_pre_ping(mut self, on: bool) -> Self {
        self.pool_pre_ping = on;
        self
    }

    /// Sets whether the connection that came back last is lent first.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, Pool, PoolOptions};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// let pool = Pool::new(driver, PoolOptions::new().pool_use_lifo(true));
    /// let (first, mut second) = (pool.acquire().await?, pool.acquire().await?);
    /// let latest = std::ptr::from_mut(second.raw()).addr();
    /// drop(first);
    /// drop(second);
    /// let mut next = pool.acquire().await?; // the first one rests, until it is closed for its age
    /// assert_eq!(std::ptr::from_mut(next.raw()).addr(), latest);
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    #[must_use]
    pub fn pool_use_lifo(mut self, on: bool) -> Self {
        self.pool_use_lifo = on;
        self
    }

    /// Sets what is undone of a connection that comes back.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, Pool, PoolOptions};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// use aludel_engine::ResetOnReturn;
    /// use aludel_engine::driver::{Batch, Begin, Discard, End, Statement};
    ///
    /// // Nothing is undone: whoever leaves a transaction open loses the connection.
    /// let pool = Pool::new(driver, PoolOptions::new().reset_on_return(ResetOnReturn::None));
    /// let mut conn = pool.acquire().await?;
    /// let statements = [Statement::plain("SELECT 1")];
    /// let batch = Batch { begin: Some(Begin::default()), statements: &statements, end: End::Open };
    /// conn.raw().run(&batch, &mut Discard::default()).await?;
    /// drop(conn);
    /// assert_eq!(pool.status().idle, 0);
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    #[must_use]
    pub fn reset_on_return(mut self, reset: ResetOnReturn) -> Self {
        self.reset_on_return = reset;
        self
    }

    /// Sets how long a connection may be lent without a warning.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aludel_engine::PoolOptions;
    ///
    /// // Longer than any request: who still holds one then has leaked it.
    /// let options = PoolOptions::new().pool_hold_warning(Duration::from_secs(60));
    /// assert_eq!(options.pool_hold_warning, Some(Duration::from_secs(60)));
    /// ```
    #[must_use]
    pub fn pool_hold_warning(mut self, after: impl Into<Option<Duration>>) -> Self {
        self.pool_hold_warning = after.into();
        self
    }

    /// Sets how many connections there are at all.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, Pool, PoolOptions};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// use aludel_engine::PoolMode;
    ///
    /// let pool = Pool::new(driver, PoolOptions::new().mode(PoolMode::Null)); // a pooler stands between here and the server
    /// let conns = [pool.acquire().await?, pool.acquire().await?];
    /// drop(conns);
    /// assert_eq!(pool.status().idle, 0); // nothing is kept
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    #[must_use]
    pub fn mode(mut self, mode: PoolMode) -> Self {
        self.mode = mode;
        self
    }

    /// Checks that the options leave room for a connection.
    ///
    /// ```
    /// use aludel_engine::{ErrorKind, PoolOptions};
    ///
    /// let error = PoolOptions::new().pool_size(0).max_overflow(0).check().unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Config);
    /// assert!(PoolOptions::new().pool_size(0).check().is_ok()); // all of them are overflow, and none is kept
    /// ```
    ///
    /// # Errors
    ///
    /// `Config` when `pool_size` and `max_overflow` are both 0: every borrower would wait for ever.
    pub fn check(&self) -> Result<()> {
        if self.capacity() > 0 {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Config, "pool_size 0 with max_overflow 0 allows no connection at all")
            .help("set pool_size or max_overflow to 1 or more; PoolMode::Null turns pooling off"))
    }

    /// Returns how many connections are kept when nobody waits.
    pub(super) fn kept(&self) -> usize {
        match self.mode {
            PoolMode::Queue => self.pool_size,
            PoolMode::Single => 1,
            PoolMode::Null => 0,
        }
    }

    /// Returns how many connections may be open at once.
    pub(super) fn capacity(&self) -> usize {
        match self.mode {
            PoolMode::Queue => self.pool_size.saturating_add(self.max_overflow),
            PoolMode::Single => 1,
            PoolMode::Null => usize::MAX,
        }
    }
}

impl Default for PoolOptions {
    fn default() -> Self {
        Self {
            pool_size: 5,
            max_overflow: 10,
            pool_timeout: Duration::from_secs(30),
            pool_recycle: None,
            pool_pre_ping: false,
            pool_use_lifo: false,
            reset_on_return: ResetOnReturn::Rollback,
            pool_hold_warning: None,
            mode: PoolMode::Queue,
        }
    }
}
