//! What an engine is built of: its URL, its backends, its pool, who looks on.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use aludel_sql::{Error, ErrorKind, Result};

use super::credentials::{Source, WithPassword};
use super::kept::Kept;
use super::on_connect::OnConnect;
use super::translation::Translations;
use super::{Engine, Inner, Variant};
use crate::backend::Backend;
use crate::events::{Echo, Events, Listener, SlowStatements};
use crate::execution_options::ExecutionOptions;
use crate::pool::{Pool, PoolMode, PoolOptions, ResetOnReturn};
use crate::shared::Waves;
use crate::texts::Texts;
use crate::url::Url;

/// Builds an engine: `Engine::builder(url).pool_size(10).build()?`.
///
/// ```
/// # use aludel::doc::*;
/// # fn main() -> aludel::Result<()> {
/// use std::time::Duration;
///
/// let engine = Engine::builder("sqlite:///library.db")
///     .pool_size(10) // connections that stay open
///     .max_overflow(5) // more, while all of them are lent
///     .pool_timeout(Duration::from_secs(3)) // then an error
///     .build()?; // no I/O yet
/// # let _ = engine;
/// # Ok(()) }
/// ```
#[must_use = "call `build`"]
pub struct EngineBuilder<E = Engine> {
    pub(super) url: Result<Url>,
    pub(super) backends: Vec<&'static dyn Backend>,
    pub(super) known: &'static [(&'static str, &'static str)],
    pub(super) options: PoolOptions,
    pub(super) events: Events,
    pub(super) echo: bool,
    pub(super) echo_pool: bool,
    pub(super) logging_name: Option<String>,
    pub(super) hide_parameters: bool,
    pub(super) shared_connections: usize,
    pub(super) execution: ExecutionOptions,
    pub(super) password: Option<Source>,
    pub(super) on_connect: Vec<OnConnect>,
    /// The first setting that was wrong.
    pub(super) mistake: Option<Error>,
    pub(super) marker: PhantomData<fn() -> E>,
}

impl<E: From<Engine>> EngineBuilder<E> {
    /// Begins with a URL and the backends to choose from. `known` names backends that are not built in, for the error
    /// message: scheme and feature.
    ///
    /// ```
    /// use aludel_engine::{Engine, EngineBuilder};
    /// use aludel_sqlite::SqliteBackend;
    ///
    /// // What the facade's `Engine::builder` does with the backends that it was built with.
    /// let engine: Engine = EngineBuilder::new("sqlite::memory:", vec![&SqliteBackend], &[]).build()?;
    /// assert_eq!(engine.dialect().name(), "SQLite");
    ///
    /// let other = EngineBuilder::<Engine>::new("mysql://host/library", vec![&SqliteBackend], &[("mysql", "mysql")]);
    /// let error = other.build().unwrap_err();
    /// assert_eq!(error.advice(), Some("enable the feature `mysql` of `aludel` in Cargo.toml"));
    /// # Ok::<(), aludel_engine::Error>(())
    /// ```
    pub fn new(
        url: &str,
        backends: Vec<&'static dyn Backend>,
        known: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self {
            url: url.parse(),
            backends,
            known,
            options: PoolOptions::new(),
            events: Events::default(),
            echo: false,
            echo_pool: false,
            logging_name: None,
            hide_parameters: true,
            shared_connections: 2,
            execution: ExecutionOptions::default(),
            password: None,
            on_connect: Vec::new(),
            mistake: None,
            marker: PhantomData,
        }
    }

    /// Adds a backend of a third party.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use aludel_engine::driver::Driver;
    /// use aludel_engine::{Backend, Engine, EngineBuilder, Result, Url};
    ///
    /// /// SQLite under another name.
    /// #[derive(Debug)]
    /// struct Library;
    ///
    /// impl Backend for Library {
    ///     fn schemes(&self) -> &'static [&'static str] {
    ///         &["library"]
    ///     }
    ///
    ///     fn open(&self, url: &Url) -> Result<(Arc<dyn Driver>, Arc<dyn aludel_sql::Dialect>)> {
    ///         let file = url.database().unwrap_or(":memory:");
    ///         aludel_sqlite::SqliteBackend.open(&Url::new("sqlite").with_database(file))
    ///     }
    /// }
    ///
    /// let engine: Engine = EngineBuilder::new("library://", vec![], &[]).backend(&Library).build()?;
    /// assert_eq!(engine.dialect().name(), "SQLite");
    /// # Ok::<(), aludel_engine::Error>(())
    /// ```
    pub fn backend(mut self, backend: &'static dyn Backend) -> Self {
        self.backends.push(backend);
        self
    }

    /// The number of connections that stay open (default 5).
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # fn main() -> aludel::Result<()> {
    /// // As many as the server has cores is a good beginning; what waits in the pool does not wait in the database.
    /// let engine = Engine::builder("sqlite:///library.db").pool_size(8).max_overflow(0).build()?;
    /// assert_eq!(engine.status().size, 8);
    /// # Ok(()) }
    /// ```
    pub fn pool_size(mut self, connections: usize) -> Self {
        self.options = self.options.pool_size(connections);
        self
    }

    /// The number of connections that may be opened beyond `pool_size` when all are lent (default 10).
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |_| {
    /// use std::time::Duration;
    ///
    /// let builder = Engine::builder("sqlite::memory:").pool_size(1).max_overflow(1).pool_timeout(Duration::from_millis(1));
    /// let engine = builder.build()?;
    /// let (one, two) = (engine.connect().await?, engine.connect().await?);
    /// assert_eq!(engine.status().overflow, 1); // closed when it comes back, unless somebody waits for it
    /// # drop((one, two));
    /// # Ok(()) });
    /// ```
    pub fn max_overflow(mut self, connections: usize) -> Self {
        self.options = self.options.max_overflow(connections);
        self
    }

    /// The number of connections that [`Engine::shared`] takes of the pool at most (default 2).
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # fn main() -> aludel::Result<()> {
    /// // Ten connections for transactions, and of those one for all the point reads.
    /// let engine = Engine::builder("sqlite:///library.db").pool_size(10).shared_connections(1).build()?;
    /// let shared = engine.shared();
    /// # let _ = shared;
    /// # Ok(()) }
    /// ```
    pub fn shared_connections(mut self, connections: usize) -> Self {
        self.shared_connections = connections;
        self
    }

    /// How long to wait for a connection when all are lent (default 30 s).
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel_engine::blocking::run_alone(async {
    /// use std::time::Duration;
    ///
    /// let builder = Engine::builder("sqlite::memory:").pool_size(1).max_overflow(0);
    /// let engine = builder.pool_timeout(Duration::from_millis(10)).build()?; // a request would rather fail than hang
    /// let held = engine.connect().await?;
    /// let error = engine.connect().await.unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::PoolTimeout); // the message says where `held` was asked for
    /// # drop(held);
    /// # Ok::<(), Error>(()) }).unwrap();
    /// ```
    pub fn pool_timeout(mut self, timeout: Duration) -> Self {
        self.options = self.options.pool_timeout(timeout);
        self
    }

    /// Closes a connection of this age when it comes back, and opens another when one is needed.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # fn main() -> aludel::Result<()> {
    /// use std::time::Duration;
    ///
    /// // A server that ends idle connections after eight hours never gets to.
    /// let engine = Engine::builder("sqlite:///library.db").pool_recycle(Duration::from_secs(3600)).build()?;
    /// # let _ = engine;
    /// # Ok(()) }
    /// ```
    pub fn pool_recycle(mut self, age: Duration) -> Self {
        self.options = self.options.pool_recycle(age);
        self
    }

    /// Looks whether a connection is alive before it is lent, and replaces a dead one.
    ///
    /// A connection used within the last second is not asked.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # fn main() -> aludel::Result<()> {
    /// let engine = Engine::builder("sqlite:///library.db").pool_pre_ping(true).build()?; // a restart of the server goes unnoticed
    /// assert!(engine.pool().options().pool_pre_ping);
    /// # Ok(()) }
    /// ```
    pub fn pool_pre_ping(mut self, on: bool) -> Self {
        self.options = self.options.pool_pre_ping(on);
        self
    }

    /// Lends the connection that came back last, so that others grow old and can be closed (default: the one that waited longest).
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |_| {
    /// let engine = Engine::builder("sqlite::memory:").pool_use_lifo(true).build()?;
    /// let (first, mut second) = (engine.connect().await?, engine.connect().await?);
    /// second.run_plain(&["CREATE TEMPORARY TABLE mine (id INTEGER)"]).await?; // by which it is known again
    /// drop(first);
    /// drop(second);
    /// engine.connect().await?.run_plain(&["SELECT id FROM mine"]).await?; // the one that came back last
    /// # Ok(()) });
    /// ```
    pub fn pool_use_lifo(mut self, on: bool) -> Self {
        self.options = self.options.pool_use_lifo(on);
        self
    }

    /// What is undone of a connection that comes back (default: an open transaction is rolled back).
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |_| {
    /// use aludel::ResetOnReturn;
    ///
    /// let engine = Engine::builder("sqlite::memory:").pool_size(1).pool_reset_on_return(ResetOnReturn::Full).build()?;
    /// engine.connect().await?.run_plain(&["CREATE TEMPORARY TABLE mine (id INTEGER)"]).await?;
    /// assert!(engine.connect().await?.run_plain(&["SELECT * FROM mine"]).await.is_err()); // a session as good as new
    /// # Ok(()) });
    /// ```
    pub fn pool_reset_on_return(mut self, reset: ResetOnReturn) -> Self {
        self.options = self.options.reset_on_return(reset);
        self
    }

    /// Warns of a connection that has been lent for so long, with the place in the program that asked for it (default: never).
    ///
    /// Once for each loan, while it lasts: a connection that leaked never comes back. The warning is a `tracing` event.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # fn main() -> aludel::Result<()> {
    /// use std::time::Duration;
    ///
    /// let engine = Engine::builder("sqlite:///library.db").pool_hold_warning(Duration::from_secs(60)).build()?;
    /// # let _ = engine;
    /// # Ok(()) }
    /// ```
    pub fn pool_hold_warning(mut self, after: Duration) -> Self {
        self.options = self.options.pool_hold_warning(after);
        self
    }

    /// How connections are kept: a pool, a single connection, or none.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |_| {
    /// use aludel::PoolMode;
    ///
    /// let engine = Engine::builder("sqlite::memory:").pool_mode(PoolMode::Null).build()?; // behind a pooler such as PgBouncer
    /// engine.ping().await?;
    /// assert_eq!(engine.status().idle, 0); // closed at once
    /// # Ok(()) });
    /// ```
    pub fn pool_mode(mut self, mode: PoolMode) -> Self {
        self.options = self.options.mode(mode);
        self
    }

    /// Tells a listener what the engine does.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |_| {
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    ///
    /// use aludel::events::{Listener, PoolEvent};
    ///
    /// struct Opened(Arc<AtomicUsize>);
    ///
    /// impl Listener for Opened {
    ///     fn pool(&self, event: &PoolEvent) {
    ///         if let PoolEvent::Connect { .. } = event {
    ///             self.0.fetch_add(1, Ordering::Relaxed);
    ///         }
    ///     }
    /// }
    ///
    /// let opened = Arc::new(AtomicUsize::new(0));
    /// let engine = Engine::builder("sqlite::memory:").listen(Opened(Arc::clone(&opened))).build()?;
    /// engine.ping().await?;
    /// engine.ping().await?;
    /// assert_eq!(opened.load(Ordering::Relaxed), 1);
    /// # Ok(()) });
    /// ```
    pub fn listen(mut self, listener: impl Listener) -> Self {
        self.events.add(Arc::new(listener));
        self
    }

    /// Prints every statement to standard error when it has run: rows, time, and whether its text was in the cache, but not its values.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |_| {
    /// let engine = Engine::builder("sqlite::memory:").echo(true).build()?;
    /// engine.ping().await?; // prints `aludel: SELECT 1 1 row, 0.021 ms`
    /// # Ok(()) });
    /// ```
    ///
    /// [`events::Echo`](crate::events::Echo) hands the lines to a function instead.
    pub fn echo(mut self, on: bool) -> Self {
        self.echo = on;
        self
    }

    /// Prints what happens to the connections of the pool to standard error.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |_| {
    /// let engine = Engine::builder("sqlite::memory:").echo_pool(true).build()?;
    /// engine.ping().await?; // prints `aludel: pool: Connect { connection: 1 }`, `… Checkout { … }` and `… Checkin { … }`
    /// # Ok(()) });
    /// ```
    pub fn echo_pool(mut self, on: bool) -> Self {
        self.echo_pool = on;
        self
    }

    /// Names the engine in the lines of `echo`, where a program has several.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |_| {
    /// let engine = Engine::builder("sqlite::memory:").echo(true).logging_name("reports").build()?;
    /// engine.ping().await?; // prints `aludel reports: SELECT 1 1 row, 0.021 ms`
    /// # Ok(()) });
    /// ```
    pub fn logging_name(mut self, name: impl Into<String>) -> Self {
        self.logging_name = Some(name.into());
        self
    }

    /// Whether the values of statements are kept out of what listeners, `echo` and `tracing` show (default: yes). Shown are the first
    /// ones, cut short; never those of many rows at once.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |_| {
    /// use std::sync::mpsc;
    /// use aludel::events::Echo;
    ///
    /// let (lines, echoed) = mpsc::channel();
    /// let echo = Echo::to(move |line| lines.send(line.to_owned()).unwrap());
    /// let engine = Engine::builder("sqlite::memory:").listen(echo).hide_parameters(false).build()?; // not in production
    /// let secret = engine.connect().await?.execute(text!("SELECT :word AS word", word = "s3cret")).one().await?;
    /// # let _ = secret;
    /// assert!(echoed.recv().unwrap().contains("['s3cret']")); // by default: [1 value]
    /// # Ok(()) });
    /// ```
    pub fn hide_parameters(mut self, on: bool) -> Self {
        self.hide_parameters = on;
        self
    }

    /// Warns of statements that took at least this long: a `tracing` event of target `aludel::slow`.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # fn main() -> aludel::Result<()> {
    /// use std::time::Duration;
    ///
    /// let engine = Engine::builder("sqlite:///library.db").log_slow_statements(Duration::from_millis(100)).build()?;
    /// # let _ = engine;
    /// # Ok(()) }
    /// ```
    pub fn log_slow_statements(mut self, longer_than: Duration) -> Self {
        self.events.add(Arc::new(SlowStatements { longer_than }));
        self
    }

    /// How statements and transactions run on all connections: isolation, read-only, autocommit, the most rows to fetch.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # fn main() -> aludel::Result<()> {
    /// use aludel::Isolation;
    ///
    /// let engine = Engine::builder("sqlite:///library.db")
    ///     .with_options(|o| o.isolation(Isolation::Serializable).max_rows(100_000))
    ///     .build()?;
    /// # let _ = engine;
    /// # Ok(()) }
    /// ```
    pub fn with_options(mut self, options: impl FnOnce(ExecutionOptions) -> ExecutionOptions) -> Self {
        self.execution = options(self.execution);
        self
    }

    /// Makes the engine. No I/O happens: try [`Engine::ping`].
    ///
    /// ```
    /// # use aludel::doc::*;
    /// let error = Engine::builder("oracle://host/database").build().unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Url); // the program learns of it here, not at the first query
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Url` where the URL is wrong or no backend of this program speaks to such a database, `Config` where the options of
    /// the pool contradict each other.
    pub fn build(self) -> Result<E> {
        if let Some(mistake) = self.mistake {
            return Err(mistake);
        }
        let url = self.url?;
        let speaks = |backend: &&&'static dyn Backend| backend.schemes().contains(&url.scheme());
        let Some(backend) = self.backends.iter().find(speaks) else {
            return Err(no_backend(&url, &self.backends, self.known));
        };
        self.options.check()?;
        let (mut driver, dialect) = backend.open(&url)?;
        if let Some(source) = self.password {
            driver = Arc::new(WithPassword { driver, source });
        }
        let mut events = self.events;
        if self.echo || self.echo_pool {
            let name = self.logging_name.map_or_else(|| "aludel".to_owned(), |it| format!("aludel {it}"));
            events.add(Arc::new(Echo::on_stderr(name, self.echo, self.echo_pool)));
        }
        let pool = Pool::with_events(driver, self.options, events.clone());
        let engine = Engine(Arc::new(Variant {
            inner: Arc::new(Inner {
                url,
                pool,
                dialect,
                texts: Texts::default(),
                events,
                hide_parameters: self.hide_parameters,
                on_connect: self.on_connect,
                kept: Kept::default(),
                translations: Translations::default(),
            }),
            options: self.execution,
            scopes: Arc::from([]),
            waves: Waves::over(self.shared_connections.max(1)),
            translation: None,
            attachment: None,
        }));
        Ok(E::from(engine))
    }
}

impl<E> fmt::Debug for EngineBuilder<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineBuilder")
            .field("url", &self.url)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

fn no_backend(url: &Url, backends: &[&'static dyn Backend], known: &[(&str, &str)]) -> Error {
    let scheme = url.scheme();
    let error = Error::new(ErrorKind::Url, format!("no backend of this program speaks to `{scheme}://`"));
    match known.iter().find(|(known, _)| *known == scheme) {
        Some((_, feature)) => error.help(format!("enable the feature `{feature}` of `aludel` in Cargo.toml")),
        None => {
            let schemes: Vec<_> =
                backends.iter().flat_map(|it| it.schemes()).map(|it| format!("`{it}`")).collect();
            error.help(format!("it speaks to {}", schemes.join(", ")))
        }
    }
}
