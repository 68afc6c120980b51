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
    #[must_use]
    pub fn new(driver: Arc<dyn Driver>, options: PoolOptions) -> Self {
        Self::with_events(driver, options, Events::default())
    }

    pub(crate) fn with_events(driver: Arc<dyn Driver>, options: PoolOptions, events: Events) -> Self {
        Self { shared: Arc::new(Shared::new(driver, options, events)) }
    }

    /// Makes a pool that tells a listener what happens to its connections.
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
    #[must_use]
    pub fn options(&self) -> &PoolOptions {
        &self.shared.options
    }

    /// Counts the connections and the waiters of this moment.
    #[must_use]
    pub fn status(&self) -> PoolStatus {
        self.shared.status()
    }

    /// Lists who occupies the pool, the longest first: where each connection was asked for, and how long ago.
    #[must_use]
    pub fn holders(&self) -> Vec<Holder> {
        self.shared.holders()
    }

    /// Retires every connection opened before now: idle ones are closed at once, lent ones when they come back.
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
