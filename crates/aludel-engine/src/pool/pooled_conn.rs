//! A connection on loan.

use std::fmt;
use std::time::Duration;

use aludel_sql::Error;

use crate::driver::{RawConn, Status};
use crate::pool::checkin::Lease;

/// A connection on loan from a pool; dropped, it goes back.
///
/// What happens at return depends on [`PooledConn::status`]. `Idle` goes back to the pool, or is closed if the pool has enough,
/// it has grown too old or was invalidated. `InTx` and `Failed` are rolled back first. `InFlight` and `Broken` are closed: nobody
/// knows what the server still sends on them.
///
/// [`PooledConn::release`] does the same and waits for the rollback; prefer it where one can await. A drop cannot wait: it
/// leaves a rollback that takes time to a task of the current Tokio runtime, for 5 s at most, and without a runtime it closes the
/// connection.
pub struct PooledConn {
    /// There until the connection is given back, which consumes `self`.
    lease: Option<Lease>,
}

impl PooledConn {
    pub(super) fn new(lease: Lease) -> Self {
        Self { lease: Some(lease) }
    }

    /// Returns the driver's connection, to run batches on. Errors that it gives should be shown to [`PooledConn::failed`].
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, Pool, PoolOptions};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// use aludel_engine::driver::{Batch, Discard, End, Statement};
    ///
    /// let pool = Pool::new(driver, PoolOptions::new());
    /// let mut conn = pool.acquire().await?;
    /// let statements = [Statement::plain("CREATE TABLE shelves (id INTEGER)"), Statement::plain("INSERT INTO shelves VALUES (1), (2)")];
    /// let mut sink = Discard::default();
    /// let ran = conn.raw().run(&Batch { begin: None, statements: &statements, end: End::Open }, &mut sink).await;
    /// if let Err(error) = &ran {
    ///     conn.failed(error);
    /// }
    /// ran?;
    /// assert_eq!(sink.rows_affected, 2);
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    pub fn raw(&mut self) -> &mut dyn RawConn {
        let lease = self.lease_mut();
        lease.open.loan.used = true;
        &mut *lease.open.raw
    }

    /// Returns the state of the connection, as the protocol last told it.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, Pool, PoolOptions};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// use aludel_engine::driver::{Batch, Begin, Discard, End, Statement, Status};
    ///
    /// let pool = Pool::new(driver, PoolOptions::new());
    /// let mut conn = pool.acquire().await?;
    /// assert_eq!(conn.status(), Status::Idle);
    /// let statements = [Statement::plain("SELECT 1")];
    /// let batch = Batch { begin: Some(Begin::default()), statements: &statements, end: End::Open };
    /// conn.raw().run(&batch, &mut Discard::default()).await?;
    /// assert_eq!(conn.status(), Status::InTx); // dropped now, it is rolled back before anyone else gets it
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    #[must_use]
    pub fn status(&self) -> Status {
        self.lease().open.raw.status()
    }

    /// Tells the pool about an error of this connection. If the connection was lost, it and all others opened before this moment
    /// are not lent again.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, Pool, PoolOptions};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// use aludel_engine::{Error, ErrorKind};
    ///
    /// let pool = Pool::new(driver, PoolOptions::new());
    /// let (mut one, two) = (pool.acquire().await?, pool.acquire().await?);
    /// one.failed(&Error::new(ErrorKind::UniqueViolation, "the statement failed")); // nothing is wrong with the connection
    /// one.failed(&Error::new(ErrorKind::Disconnected, "the server hung up"));
    /// drop((one, two));
    /// assert_eq!(pool.status().idle, 0); // the second one is as old, and likely as dead
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    pub fn failed(&mut self, error: &Error) {
        if error.is_disconnect() {
            let lease = self.lease_mut();
            lease.open.loan.condemned = Some("lost");
            lease.slot.shared().found_dead(lease.open.generation);
        }
    }

    /// Says what an error of this connection really comes from, where the pool knows better than the driver.
    pub(crate) fn explain(&self, error: Error) -> Error {
        if !error.is_disconnect() || !self.lease().open.is_of_another_runtime() {
            return error;
        }
        let what = "the connection was opened on another Tokio runtime, without which it cannot work";
        let moved = Error::new(error.kind(), what).help(
            "keep one runtime for the whole program, or open the connection on the runtime that uses it",
        );
        match error.sql().map(str::to_owned) {
            Some(sql) => moved.with_sql(sql).with_source(error),
            None => moved.with_source(error),
        }
    }

    /// Returns the number of the connection among those of its pool.
    pub(crate) fn number(&self) -> u64 {
        self.lease().open.number
    }

    /// Tells whether nothing was done with the connection yet, or its session was reset since.
    pub(crate) fn is_new(&self) -> bool {
        self.lease().open.is_new
    }

    /// Says that what is to be done with a new connection was done.
    pub(crate) fn is_prepared(&mut self) {
        self.lease_mut().open.is_new = false;
    }

    /// Says that this connection must not be lent again; it is closed at return. Others are not concerned.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, Pool, PoolOptions};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// let pool = Pool::new(driver, PoolOptions::new());
    /// let (mut odd, other) = (pool.acquire().await?, pool.acquire().await?);
    /// odd.invalidate(); // its session has settings that the next borrower must not find
    /// drop((odd, other));
    /// assert_eq!(pool.status().idle, 1);
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    pub fn invalidate(&mut self) {
        self.lease_mut().open.loan.condemned = Some("invalidated by its borrower");
    }

    /// Takes the connection out of the pool for good, in whatever state it is; the pool may open another in its place.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, Pool, PoolOptions};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// let pool = Pool::new(driver, PoolOptions::new().pool_size(1).max_overflow(0));
    /// let own = pool.acquire().await?.detach(); // for a task that keeps it as long as the program runs
    /// assert_eq!((pool.status().in_use, pool.status().idle), (0, 0));
    /// let another = pool.acquire().await?; // its place is free
    /// # drop(another);
    /// own.close().await;
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    #[must_use]
    pub fn detach(mut self) -> Box<dyn RawConn> {
        let Lease { open, slot } = self.take();
        slot.shared().detached(&open);
        open.raw
    }

    /// Gives the connection back and waits until it is clean, or closed. After that nothing of it runs any more.
    ///
    /// The rollback of an open transaction may take 5 s, then the connection is closed instead. Errors of the rollback are not
    /// reported: the database rolls back when a connection closes. Dropping the future closes the connection.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, Pool, PoolOptions};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// let pool = Pool::new(driver, PoolOptions::new().pool_size(1).max_overflow(0));
    /// let conn = pool.acquire().await?;
    /// conn.release().await; // clean, and back
    /// assert_eq!((pool.status().in_use, pool.status().idle), (0, 1));
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    pub async fn release(mut self) {
        if let Some(rest) = self.take().begin_check_in() {
            rest.await;
        }
    }

    /// Returns how long ago the connection was opened.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, Pool, PoolOptions};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// use std::time::Duration;
    ///
    /// let pool = Pool::new(driver, PoolOptions::new().pool_recycle(Duration::from_secs(3600)));
    /// let conn = pool.acquire().await?;
    /// assert!(conn.age() < Duration::from_secs(3600)); // an older one would have been replaced
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    #[must_use]
    pub fn age(&self) -> Duration {
        self.lease().open.opened.elapsed()
    }

    /// Returns the generation that the connection belongs to; it grows by one at each invalidation of the pool.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, Pool, PoolOptions};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// let pool = Pool::new(driver, PoolOptions::new());
    /// let before = pool.acquire().await?;
    /// pool.invalidate();
    /// let after = pool.acquire().await?;
    /// assert_eq!(after.generation(), before.generation() + 1);
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.lease().open.generation
    }

    fn take(&mut self) -> Lease {
        self.lease.take().expect(GIVEN_BACK)
    }

    fn lease(&self) -> &Lease {
        self.lease.as_ref().expect(GIVEN_BACK)
    }

    fn lease_mut(&mut self) -> &mut Lease {
        self.lease.as_mut().expect(GIVEN_BACK)
    }
}

/// Only methods that consume the connection take the lease.
const GIVEN_BACK: &str = "a connection that was given back cannot be reached";

impl Drop for PooledConn {
    fn drop(&mut self) {
        if let Some(lease) = self.lease.take() {
            lease.check_in();
        }
    }
}

impl fmt::Debug for PooledConn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PooledConn")
            .field("status", &self.status())
            .field("age", &self.age())
            .field("generation", &self.generation())
            .finish()
    }
}
