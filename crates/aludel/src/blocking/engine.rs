//! The engine.

use std::fmt;
use std::ops::Deref;
use std::panic::Location;
use std::time::Duration;

use aludel_engine::blocking::Runner;
use aludel_engine::{Asked, EngineBuilder, ExecutionOptions, Inspector, pause};
use aludel_orm::{Attempt, Attempts, SessionOptions};
use aludel_sql::{Mapped, Metadata, Of, Operand, Result};

use super::{Connection, Session};
use crate::engine::{KNOWN, backends};

/// One database of a program, as [`aludel::Engine`](crate::Engine), with calls that wait. Cheap to clone; threads may share it.
///
/// ```
/// use aludel::blocking::Engine;
///
/// # fn main() -> aludel::Result<()> {
/// let engine = Engine::builder("sqlite::memory:").pool_size(5).build()?;
/// engine.ping()?; // SELECT 1
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Engine {
    engine: crate::Engine,
    runner: Runner,
}

impl Engine {
    /// Begins an engine for a URL, as [`aludel::Engine::builder`](crate::Engine::builder).
    pub fn builder(url: &str) -> EngineBuilder<Self> {
        EngineBuilder::new(url, backends(), KNOWN)
    }

    /// Begins an engine for the URL that an environment variable holds.
    pub fn from_env(variable: &str) -> EngineBuilder<Self> {
        EngineBuilder::from_env(variable, backends(), KNOWN)
    }

    /// Begins an engine with settings of which each has the name of a method of the builder, after a prefix.
    pub fn from_config<K: AsRef<str>, V: AsRef<str>>(
        prefix: &str,
        settings: impl IntoIterator<Item = (K, V)>,
    ) -> EngineBuilder<Self> {
        EngineBuilder::from_config(prefix, settings, backends(), KNOWN)
    }

    /// Begins an engine with the settings of a TOML file.
    #[cfg(feature = "toml")]
    pub fn from_file(path: impl AsRef<std::path::Path>) -> EngineBuilder<Self> {
        EngineBuilder::from_file(path, backends(), KNOWN)
    }

    /// Opens a session. It takes a connection when it needs one.
    #[must_use]
    #[track_caller]
    pub fn session(&self) -> Session {
        Session::new(self.engine.session(), self.runner.clone())
    }

    /// Opens a session with options.
    #[must_use]
    #[track_caller]
    pub fn session_with(&self, options: impl FnOnce(SessionOptions) -> SessionOptions) -> Session {
        Session::new(self.engine.session_with(options), self.runner.clone())
    }

    /// Returns the same engine, whose statements and sessions see and write only the rows of an entity for which a condition holds; see
    /// [`aludel::Engine::scope`](crate::Engine::scope).
    #[must_use]
    pub fn scope<E: Mapped>(&self, entity: Of<E>, condition: impl Operand<bool>) -> Self {
        Self { engine: self.engine.scope(entity, condition), ..self.clone() }
    }

    /// Runs a unit of work with a session of its own, and runs it again, with another, where the database cannot serialize it with others.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let title = engine.transact(|mut session| {
    ///     let doc = session.get_one::<Document>(1)?;
    ///     session[doc].title.push('!');
    ///     session.commit()?;
    ///     Ok(session[doc].title.clone())
    /// })?;
    /// assert_eq!(title, "Draft!");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As [`aludel::Engine::transact`](crate::Engine::transact).
    #[track_caller]
    pub fn transact<T>(&self, work: impl FnMut(Session) -> Result<T>) -> Result<T> {
        self.transact_with(10, |options| options, work)
    }

    /// As `transact`, with the most attempts and the options of the sessions.
    ///
    /// # Errors
    ///
    /// As `transact`.
    #[track_caller]
    pub fn transact_with<T>(
        &self,
        max_attempts: u32,
        options: impl FnOnce(SessionOptions) -> SessionOptions,
        mut work: impl FnMut(Session) -> Result<T>,
    ) -> Result<T> {
        let mut attempts = Attempts::at_most(max_attempts);
        let (options, opened_at) = (options(SessionOptions::default()), Location::caller());
        loop {
            let (session, report) = attempts.begin(&self.engine, options, opened_at);
            let outcome = work(Session::new(session, self.runner.clone()));
            match attempts.end(outcome, &report) {
                Attempt::Done(outcome) => return outcome,
                Attempt::Again(longest) => self.runner.run(async {
                    pause(longest).await;
                    Ok(())
                })?,
            }
        }
    }

    /// Opens a connection, or takes one from the pool.
    ///
    /// # Errors
    ///
    /// Kind `PoolTimeout` where all connections are lent and none comes back in time; otherwise what keeps the database from being
    /// reached.
    #[track_caller]
    pub fn connect(&self) -> Result<Connection> {
        let conn = self.runner.run(self.engine.connect_at(Location::caller()))?;
        Ok(Connection::new(conn, self.runner.clone()))
    }

    /// Tries whether the database can be reached.
    ///
    /// # Errors
    ///
    /// What keeps it from being reached.
    #[track_caller]
    pub fn ping(&self) -> Result<()> {
        self.runner.run(self.engine.ping())
    }

    /// Creates the tables that are not there yet, parents before children, and returns those that it created.
    ///
    /// # Errors
    ///
    /// Kind `Schema` where the metadata does not fit together or the database cannot have such a table.
    pub fn create_all(&self, metadata: &Metadata) -> Result<Metadata> {
        self.runner.run(self.engine.create_all(metadata))
    }

    /// Drops the tables that are there, children before parents.
    ///
    /// # Errors
    ///
    /// Kind `Schema` where the metadata does not fit together.
    pub fn drop_all(&self, metadata: &Metadata) -> Result<()> {
        self.runner.run(self.engine.drop_all(metadata))
    }

    /// Reads what the database has in its default schema: tables, views, sequences, enum types.
    ///
    /// # Errors
    ///
    /// What keeps the database from being reached.
    pub fn inspect(&self) -> Result<Inspector> {
        self.runner.run(self.engine.inspect())
    }

    /// Reads what the database has in another schema.
    ///
    /// # Errors
    ///
    /// What keeps the database from being reached.
    pub fn inspect_schema(&self, schema: &str) -> Result<Inspector> {
        self.runner.run(self.engine.inspect_schema(schema))
    }

    /// Closes the connections of the pool; those that are lent are closed when they come back.
    pub fn dispose(&self) {
        // Nothing in it fails.
        let _ = self.runner.run(async {
            self.engine.dispose().await;
            Ok(())
        });
    }

    /// Ends the engine: no connection is lent any more, idle ones are closed, and those who hold one have `grace` to give it back.
    ///
    /// # Errors
    ///
    /// Kind `PoolTimeout`, naming the holders, where some have not given their connection back in time.
    pub fn close(&self, grace: Duration) -> Result<()> {
        self.runner.run(self.engine.close(grace))
    }

    /// Returns what answers statements of many threads over few connections.
    #[must_use]
    pub fn shared(&self) -> Shared {
        Shared { shared: self.engine.shared(), runner: self.runner.clone() }
    }

    /// Returns the same engine, on the same pool, whose sessions have hooks.
    #[must_use]
    pub fn with_hooks(&self, hooks: crate::Hooks) -> Self {
        Self { engine: self.engine.with_hooks(hooks), runner: self.runner.clone() }
    }

    /// Returns the same engine, on the same pool, whose statements and transactions run with other options.
    #[must_use]
    pub fn with_options(&self, options: impl FnOnce(ExecutionOptions) -> ExecutionOptions) -> Self {
        Self { engine: self.engine.with_options(options), runner: self.runner.clone() }
    }
}

/// Answers statements that only read, of many threads, over few connections: see [`aludel::Shared`](crate::Shared).
#[derive(Clone, Debug)]
pub struct Shared {
    shared: crate::Shared,
    runner: Runner,
}

impl Shared {
    /// Asks a statement that only reads.
    ///
    /// # Errors
    ///
    /// As those of a connection. Kind `ReadOnly` where the statement writes.
    #[track_caller]
    pub fn ask<A: Asked>(&self, statement: A) -> Result<A::Answer> {
        self.runner.run(self.shared.ask(statement))
    }
}

impl From<aludel_engine::Engine> for Engine {
    fn from(engine: aludel_engine::Engine) -> Self {
        let runner = Runner::of(&engine);
        Self { engine: crate::Engine::from(engine), runner }
    }
}

/// What needs no waiting: URL, dialect, status, pool.
impl Deref for Engine {
    type Target = aludel_engine::Engine;

    fn deref(&self) -> &aludel_engine::Engine {
        &self.engine
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.engine.fmt(f)
    }
}
