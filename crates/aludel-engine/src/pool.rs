//! The connection pool: what SQLAlchemy's `QueuePool` does, for futures that may be dropped at any await point.
//!
//! A [`Pool`] lends the connections of a [`Driver`] as [`PooledConn`]s. Of the `pool_size + max_overflow` connections that may be
//! open at once, `pool_size` are kept when they come back; whoever asks for one more waits in a fair queue.
//!
//! The rules that the rest of the engine builds on:
//!
//! - **Never a dirty connection.** Only [`Status::Idle`](crate::driver::Status::Idle) goes back to the pool. An open transaction
//!   is rolled back first; a connection whose state is not known is closed.
//! - **Never one too many.** Whoever has a connection, opens one or rolls one back occupies a slot; a connection is closed before
//!   its slot is free.
//! - **One dead connection condemns its generation.** When the server went away, every connection opened before that moment is
//!   closed, and each borrower sees at most one error.
//! - **No runtime is needed** where nothing waits: SQLite's futures run wherever they are polled, and so does the pool.
//!
//! - **A failed connect is told at once**, and is not retried in secret. While a server cannot be reached, only one borrower at a
//!   time tries it, after growing pauses (`outage.rs`).
//!
//! Read `checkout.rs` and `checkin.rs` first. What is not here: URLs, transactions.

mod checkin;
mod checkout;
mod holder;
mod limit;
mod open;
mod options;
mod outage;
mod pooled_conn;
mod shared;
mod slot;
mod status;
mod timeout;
mod turn;
mod watch;

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use aludel_sql::Result;

use crate::driver::Driver;
use crate::events::{Events, Listener};

pub use holder::{Holder, HolderStage};
pub use options::{PoolMode, PoolOptions, ResetOnReturn};
pub use pooled_conn::PooledConn;
pub use status::PoolStatus;

use shared::Shared;

/// Lends the connections of a driver and keeps them open between borrowers.
///
/// Cheap to clone; the clones are one pool.
///
/// ```no_run
/// # use std::sync::Arc;
/// # use aludel_engine::{Pool, PoolOptions, Result, driver::Driver};
/// # async fn example(driver: Arc<dyn Driver>) -> Result<()> {
/// let pool = Pool::new(driver, PoolOptions::new().pool_size(5).max_overflow(10));
/// let mut conn = pool.acquire().await?;
/// conn.raw(); // a `RawConn`, to run batches on
/// println!("{}", pool.status()); // Pool size: 5  Connections in pool: 0  Current overflow: 0  …
/// conn.release().await;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Pool {
    shared: Arc<Shared>,
}

impl Pool {
    /// Makes a pool; nothing is opened before the first [`Pool::acquire`].
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, Pool, PoolOptions};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// let pool = Pool::new(driver, PoolOptions::new().pool_size(5).max_overflow(0));
    /// assert_eq!(pool.status().idle, 0); // no I/O yet
    /// let conn = pool.acquire().await?;
    /// let clone = pool.clone(); // the same pool
    /// assert_eq!(clone.status().in_use, 1);
    /// # drop(conn);
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    #[must_use]
    pub fn new(driver: Arc<dyn Driver>, options: PoolOptions) -> Self {
        Self::with_events(driver, options, Events::default())
    }

    pub(crate) fn with_events(driver: Arc<dyn Driver>, options: PoolOptions, events: Events) -> Self {
        Self { shared: Arc::new(Shared::new(driver, options, events)) }
    }

    /// Makes a pool that tells a listener what happens to its connections.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, Pool, PoolOptions};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// use std::sync::{Arc, Mutex};
    /// use aludel_engine::events::{Listener, PoolEvent};
    ///
    /// #[derive(Clone, Default)]
    /// struct Closed(Arc<Mutex<Vec<&'static str>>>);
    ///
    /// impl Listener for Closed {
    ///     fn pool(&self, event: &PoolEvent) {
    ///         if let PoolEvent::Close { why, .. } = event {
    ///             self.0.lock().unwrap().push(why);
    ///         }
    ///     }
    /// }
    ///
    /// let closed = Closed::default();
    /// let pool = Pool::with_listener(driver, PoolOptions::new().pool_size(0), closed.clone());
    /// drop(pool.acquire().await?);
    /// assert_eq!(*closed.0.lock().unwrap(), ["overflow"]);
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    #[must_use]
    pub fn with_listener(driver: Arc<dyn Driver>, options: PoolOptions, listener: impl Listener) -> Self {
        let mut events = Events::default();
        events.add(Arc::new(listener));
        Self::with_events(driver, options, events)
    }

    /// Borrows a connection: an idle one, else a new one, else the next that somebody gives back.
    ///
    /// The place that calls this is remembered and named when others wait in vain. Waiters are served in the order in which they
    /// came. Dropping the future at any point loses nothing: the turn passes to the next waiter.
    ///
    /// Without a Tokio runtime the wait for a turn has no time limit, because there is no timer; nothing else depends on one. A
    /// runtime must have its timer enabled (`enable_all` or `enable_time`).
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, Pool, PoolOptions};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// let pool = Pool::new(driver, PoolOptions::new());
    /// let conn = pool.acquire().await?; // opened
    /// drop(conn);
    /// let conn = pool.acquire().await?; // the same one
    /// assert_eq!((pool.status().in_use, pool.status().idle), (1, 0));
    /// # drop(conn);
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// - `PoolTimeout` when no connection became free within `pool_timeout`; the error names the holders.
    /// - `Config` when the options leave no room for a single connection.
    /// - What the driver says when a connection cannot be opened.
    #[track_caller]
    pub fn acquire(&self) -> impl Future<Output = Result<PooledConn>> + Send + use<> {
        self.acquire_at(Location::caller())
    }

    /// Borrows a connection as [`Pool::acquire`] does, for a call site noted earlier: a session borrows at its first statement
    /// and names the line of the program, not a line of ours.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, Pool, PoolOptions};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// use std::panic::Location;
    ///
    /// let pool = Pool::new(driver, PoolOptions::new());
    ///
    /// #[track_caller]
    /// fn borrow(pool: &Pool) -> impl Future<Output = aludel_engine::Result<aludel_engine::PooledConn>> + use<> {
    ///     pool.acquire_at(Location::caller())
    /// }
    ///
    /// let line = line!() + 1;
    /// let conn = borrow(&pool).await?;
    /// assert_eq!(pool.holders()[0].at.line(), line); // the caller of `borrow`, not a line of it
    /// # drop(conn);
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Pool::acquire`].
    pub fn acquire_at(
        &self,
        at: &'static Location<'static>,
    ) -> impl Future<Output = Result<PooledConn>> + Send + use<> {
        checkout::checkout(Arc::clone(&self.shared), at)
    }

    /// Returns the options that the pool was made with.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, Pool, PoolOptions};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// let pool = Pool::new(driver, PoolOptions::new().pool_size(3));
    /// let another = pool.options().clone().pool_timeout(std::time::Duration::from_secs(2)); // as this one, but for that
    /// assert_eq!(another.pool_size, 3);
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    #[must_use]
    pub fn options(&self) -> &PoolOptions {
        &self.shared.options
    }

    /// Counts the connections and the waiters of this moment.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, Pool, PoolOptions};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// let pool = Pool::new(driver, PoolOptions::new().pool_size(1).max_overflow(1));
    /// let (one, two) = (pool.acquire().await?, pool.acquire().await?);
    /// let line = "Pool size: 1  Connections in pool: 0  Current overflow: 1  Checked out connections: 2  Waiting: 0";
    /// assert_eq!(pool.status().to_string(), line);
    /// # drop((one, two));
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    #[must_use]
    pub fn status(&self) -> PoolStatus {
        self.shared.status()
    }

    /// Lists who occupies the pool, the longest first: where each connection was asked for, and how long ago.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, Pool, PoolOptions};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// use aludel_engine::pool::HolderStage;
    ///
    /// let pool = Pool::new(driver, PoolOptions::new());
    /// let conn = pool.acquire().await?;
    /// let [holder] = pool.holders()[..] else { panic!("one connection is lent") };
    /// println!("{:?} at {} for {:?}", holder.stage, holder.at, holder.age);
    /// assert_eq!(holder.stage, HolderStage::Lent);
    /// # drop(conn);
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    #[must_use]
    pub fn holders(&self) -> Vec<Holder> {
        self.shared.holders()
    }

    /// Retires every connection opened before now: idle ones are closed at once, lent ones when they come back.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, Pool, PoolOptions};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// let pool = Pool::new(driver, PoolOptions::new());
    /// let lent = pool.acquire().await?;
    /// drop(pool.acquire().await?);
    /// pool.invalidate(); // the server was restarted: none of them is good any more
    /// assert_eq!(pool.status().idle, 0);
    /// drop(lent); // closed
    /// assert_eq!(pool.status().idle, 0);
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    pub fn invalidate(&self) {
        self.shared.new_generation();
        while let Some((open, _permit)) = self.shared.evict() {
            open.farewell();
        }
    }

    /// Does what [`Pool::invalidate`] does and waits until the idle connections have said good-bye to the server, 5 s at most.
    ///
    /// The pool can be used again and then opens new connections, as after SQLAlchemy's `dispose()`. To end it for good, see
    /// [`Pool::close`].
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, Pool, PoolOptions};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// let pool = Pool::new(driver, PoolOptions::new());
    /// drop(pool.acquire().await?);
    /// pool.dispose().await;
    /// assert_eq!(pool.status().idle, 0);
    /// pool.acquire().await?; // opens a new one
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    pub async fn dispose(&self) {
        self.shared.new_generation();
        // All at once, so that a drop of this future closes them all.
        let evicted: Vec<_> = std::iter::from_fn(|| self.shared.evict()).collect();
        // One limit for all: a server that does not answer the first good-bye will not answer the others.
        limit::within(limit::CLOSE, async {
            for (open, _permit) in evicted {
                open.raw.close().await;
            }
        })
        .await;
    }

    /// Ends the pool: nothing is lent any more, idle connections are closed, and those who hold one have `grace` to give it back.
    ///
    /// What is still lent after that is closed when it comes back.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, Pool, PoolOptions};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// use std::time::Duration;
    /// use aludel_engine::ErrorKind;
    ///
    /// let pool = Pool::new(driver, PoolOptions::new());
    /// let late = pool.acquire().await?;
    /// assert_eq!(pool.close(Duration::ZERO).await.unwrap_err().kind(), ErrorKind::PoolTimeout); // it names this line
    /// assert_eq!(pool.acquire().await.unwrap_err().kind(), ErrorKind::State);
    /// drop(late); // closed when it comes back
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `PoolTimeout`, naming the holders, where some have not given their connection back in time; whoever waits for a
    /// connection, or asks for one from now on, gets an error of kind `State`.
    pub async fn close(&self, grace: Duration) -> Result<()> {
        let idle = self.shared.shut();
        limit::within(limit::CLOSE, async {
            for open in idle {
                open.raw.close().await;
            }
        })
        .await;
        match limit::within(grace, self.shared.until_deserted()).await {
            Some(()) => Ok(()),
            None => Err(timeout::not_given_back(&self.shared, grace)),
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("options", self.options()).field("status", &self.status()).finish()
    }
}
