//! Running futures on the calling thread: for `aludel::blocking`, and for drivers that can wait there.
//!
//! A database in the program itself needs no runtime: its futures are polled where they are called, and what has to wait waits there.
//! Everything with a socket gets a runtime of its own, which runs while somebody calls.

use std::cell::Cell;
use std::fmt;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use aludel_sql::{Error, ErrorKind, Result};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::Notify;

use crate::engine::Engine;

thread_local! {
    /// This thread waits by itself, whatever runtime it belongs to.
    static WAITS_HERE: Cell<bool> = const { Cell::new(false) };
}

/// Returns the Tokio runtime that the current task may wait on; `None` on a thread that waits by itself.
///
/// A driver asks before it spawns or sets a timer:
///
/// ```
/// use aludel_engine::blocking::{block_on, run_alone, runtime};
///
/// assert!(run_alone(async { runtime().is_some() }));
/// assert!(block_on(async { runtime().is_none() })); // nobody minds timers here
/// ```
#[must_use]
pub fn runtime() -> Option<Handle> {
    if waits_here() { None } else { Handle::try_current().ok() }
}

/// Tells whether this thread runs a future of the blocking API, so that waiting holds up nobody else.
pub(crate) fn waits_here() -> bool {
    WAITS_HERE.get()
}

/// Runs a future to its end on this thread.
///
/// The thread sleeps while the future waits. There is no runtime: what needs one, as sockets and timers do, does not work in it.
///
/// ```
/// use aludel::prelude::*;
/// use aludel_engine::blocking::block_on;
///
/// let engine = Engine::builder("sqlite::memory:").build()?;
/// block_on(engine.ping())?; // SQLite needs no runtime
/// # Ok::<(), aludel::Error>(())
/// ```
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

/// Runs a future to its end on a runtime of its own.
///
/// ```
/// use std::time::Duration;
/// use aludel_engine::blocking::run_alone;
///
/// let answer = run_alone(async {
///     tokio::time::sleep(Duration::from_millis(1)).await; // timers and sockets work
///     42
/// });
/// assert_eq!(answer, 42);
/// ```
///
/// # Panics
///
/// Panics where the system gives no runtime, or within another one.
#[track_caller]
pub fn run_alone<T>(future: impl Future<Output = T>) -> T {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.unwrap_or_else(|error| panic!("no runtime: {error}")).block_on(future)
}

/// Waits for a future on this thread; `None` when the time is up.
///
/// The future is dropped then. The time is looked at between two polls.
///
/// ```
/// use std::future::{pending, ready};
/// use std::time::Duration;
/// use aludel_engine::blocking::block_on_within;
///
/// assert_eq!(block_on_within(Duration::from_secs(5), ready("there")), Some("there"));
/// assert_eq!(block_on_within(Duration::from_millis(1), pending::<&str>()), None);
/// ```
pub fn block_on_within<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    let since = Instant::now();
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Some(output);
        }
        let left = limit.saturating_sub(since.elapsed());
        if left.is_zero() {
            return None;
        }
        thread::park_timeout(left);
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs the futures of one engine for callers that are not async.
#[derive(Clone)]
pub struct Runner(Arc<Inner>);

enum Inner {
    /// The database is in the program: the calling thread does all.
    Here,
    Private(OnceLock<Private>),
}

/// A runtime of an engine's own. It runs on the thread that calls; where that belongs to another runtime, on a thread of its own.
struct Private {
    /// There until it is dropped.
    runtime: Option<Arc<Runtime>>,
    driver: OnceLock<Arc<Notify>>,
}

impl Runner {
    /// Makes what runs the futures of an engine. Nothing runs before the first call.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// use aludel_engine::blocking::Runner;
    ///
    /// let here = Runner::of(engine); // SQLite is in the program
    /// assert_eq!(format!("{here:?}"), "on the calling thread");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn of(engine: &Engine) -> Self {
        let in_process = engine.dialect().features().in_process;
        Self(Arc::new(if in_process { Inner::Here } else { Inner::Private(OnceLock::new()) }))
    }

    /// Runs a future to its end.
    ///
    /// ```
    /// use aludel::prelude::*;
    /// use aludel_engine::blocking::Runner;
    ///
    /// let engine = Engine::builder("sqlite::memory:").build()?;
    /// let runner = Runner::of(&engine);
    /// let mut conn = runner.run(engine.connect())?;
    /// let row = runner.run(conn.execute(text!("SELECT 1 AS one")).one())?;
    /// assert_eq!(row.get::<i64>("one")?, 1);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of the future; kind `Config` where the system gives no runtime.
    pub fn run<T>(&self, future: impl Future<Output = Result<T>>) -> Result<T> {
        match &*self.0 {
            Inner::Here => {
                let _here = Here::enter();
                block_on(future)
            }
            Inner::Private(private) => {
                let runtime = private_runtime(private)?;
                if Handle::try_current().is_err() {
                    return runtime.handle().block_on(future);
                }
                // A runtime cannot run within another one; but a future may be polled anywhere, if somebody minds the sockets.
                runtime.keep_running();
                let _entered = runtime.handle().enter();
                block_on(future)
            }
        }
    }

    /// Does something that may leave work to the runtime, such as dropping a connection.
    ///
    /// ```
    /// use aludel::prelude::*;
    /// use aludel_engine::blocking::Runner;
    ///
    /// let engine = Engine::builder("sqlite::memory:").build()?;
    /// let runner = Runner::of(&engine);
    /// let conn = runner.run(engine.connect())?;
    /// runner.within(|| drop(conn)); // its rollback, if it needs one, is left to the engine's own runtime
    /// assert_eq!(engine.status().in_use, 0);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    pub fn within<T>(&self, work: impl FnOnce() -> T) -> T {
        match &*self.0 {
            Inner::Here => {
                let _here = Here::enter();
                work()
            }
            Inner::Private(private) => {
                let _entered = private.get().map(|it| it.handle().enter());
                work()
            }
        }
    }
}

impl fmt::Debug for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self.0 {
            Inner::Here => "on the calling thread",
            Inner::Private(_) => "on a private runtime",
        })
    }
}

fn private_runtime(private: &OnceLock<Private>) -> Result<&Private> {
    if let Some(runtime) = private.get() {
        return Ok(runtime);
    }
    let runtime = Builder::new_current_thread().enable_all().build().map_err(|cause| {
        Error::new(ErrorKind::Config, "the system gives no runtime for the blocking API").with_source(cause)
    })?;
    Ok(private.get_or_init(|| Private { runtime: Some(Arc::new(runtime)), driver: OnceLock::new() }))
}

impl Private {
    fn handle(&self) -> &Runtime {
        self.runtime.as_ref().expect("it is there until it is dropped")
    }

    /// Sees to it that sockets and timers are minded while nobody calls `block_on`.
    fn keep_running(&self) {
        self.driver.get_or_init(|| {
            let over = Arc::new(Notify::new());
            let (runtime, stop) = (self.runtime.clone(), Arc::clone(&over));
            let driving = move || {
                if let Some(runtime) = runtime {
                    runtime.block_on(stop.notified());
                }
            };
            // Without a thread the first call that waits says so by not coming back; there is no system without threads.
            let _ = thread::Builder::new().name("aludel-blocking".to_owned()).spawn(driving);
            over
        });
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        if let Some(over) = self.driver.get() {
            over.notify_one();
        }
        // A runtime must not be dropped where another one runs, unless it need not wait for its tasks.
        if let Some(runtime) = self.runtime.take().and_then(Arc::into_inner) {
            runtime.shutdown_background();
        }
    }
}

/// The calling thread waits by itself as long as this is there.
struct Here(bool);

impl Here {
    fn enter() -> Self {
        Self(WAITS_HERE.replace(true))
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        WAITS_HERE.set(self.0);
    }
}
