//! The engine.

use std::fmt;
use std::ops::Deref;
use std::panic::Location;
use std::time::Duration;

use aludel_engine::blocking::Runner;
use aludel_engine::{Asked, EngineBuilder, ExecutionOptions, Inspector, pause};
use aludel_orm::{Attempt, Attempts, SessionOptions};
use aludel_sql::{Mapped, Metadata, Of, Operand, Result, SchemaMap};

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
    ///
    /// ```
    /// use aludel::blocking::Engine;
    ///
    /// # fn main() -> aludel::Result<()> {
    /// let engine = Engine::builder("sqlite::memory:").pool_size(2).build()?; // no I/O yet
    /// std::thread::scope(|threads| {
    ///     for _ in 0..4 {
    ///         threads.spawn(|| engine.ping().unwrap()); // who finds both connections lent waits for one
    ///     }
    /// });
    /// # Ok(()) }
    /// ```
    pub fn builder(url: &str) -> EngineBuilder<Self> {
        EngineBuilder::new(url, backends(), KNOWN)
    }

    /// Begins an engine for the URL that an environment variable holds.
    ///
    /// ```no_run
    /// use aludel::blocking::Engine;
    ///
    /// # fn main() -> aludel::Result<()> {
    /// let engine = Engine::from_env("DATABASE_URL").build()?; // kind `Config` where it is not set
    /// engine.ping()?;
    /// # Ok(()) }
    /// ```
    pub fn from_env(variable: &str) -> EngineBuilder<Self> {
        EngineBuilder::from_env(variable, backends(), KNOWN)
    }

    /// Begins an engine with settings of which each has the name of a method of the builder, after a prefix.
    ///
    /// [`EngineBuilder::set`] lists the names.
    ///
    /// ```
    /// use aludel::blocking::Engine;
    ///
    /// # fn main() -> aludel::Result<()> {
    /// let settings = [("db.url", "sqlite::memory:"), ("db.pool_size", "2"), ("port", "8080")];
    /// let engine = Engine::from_config("db.", settings).build()?;
    /// assert_eq!(engine.status().size, 2);
    /// # Ok(()) }
    /// ```
    pub fn from_config<K: AsRef<str>, V: AsRef<str>>(
        prefix: &str,
        settings: impl IntoIterator<Item = (K, V)>,
    ) -> EngineBuilder<Self> {
        EngineBuilder::from_config(prefix, settings, backends(), KNOWN)
    }

    /// Begins an engine with the settings of a TOML file.
    ///
    /// What is in it, [`aludel::Engine::from_file`](crate::Engine::from_file) says.
    ///
    /// ```
    /// use aludel::blocking::Engine;
    ///
    /// # fn main() -> aludel::Result<()> {
    /// let path = std::env::temp_dir().join(format!("aludel-{}.toml", std::process::id()));
    /// std::fs::write(&path, "url = 'sqlite::memory:'\n[engine]\npool_size = 2\n").unwrap();
    /// let engine = Engine::from_file(&path).build()?;
    /// assert_eq!(engine.status().size, 2);
    /// # std::fs::remove_file(path).unwrap();
    /// # Ok(()) }
    /// ```
    #[cfg(feature = "toml")]
    pub fn from_file(path: impl AsRef<std::path::Path>) -> EngineBuilder<Self> {
        EngineBuilder::from_file(path, backends(), KNOWN)
    }

    /// Opens a session. It takes a connection when it needs one.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let mut session = engine.session(); // no I/O
    /// let user = session.get_one::<User>(1)?; // SELECT … FROM users WHERE users.id = ?
    /// assert_eq!(session[user].name.as_deref(), Some("Sam"));
    /// # Ok(()) });
    /// ```
    #[must_use]
    #[track_caller]
    pub fn session(&self) -> Session {
        Session::new(self.engine.session(), self.runner.clone())
    }

    /// Opens a session with options.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let mut session = engine.session_with(|o| o.autoflush(false));
    /// session.add(User::builder().email("kim@example.org"));
    /// assert_eq!(session.scalar(select(func::count(User::ID)))?, 2); // the new one is not flushed yet
    /// # Ok(()) });
    /// ```
    #[must_use]
    #[track_caller]
    pub fn session_with(&self, options: impl FnOnce(SessionOptions) -> SessionOptions) -> Session {
        Session::new(self.engine.session_with(options), self.runner.clone())
    }

    /// Returns the same engine, whose statements and sessions see and write only the rows of an entity for which a condition holds; see
    /// [`aludel::Engine::scope`](crate::Engine::scope).
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let of_sam = engine.scope(Document, Document::OWNER_ID.eq(1));
    /// let mut session = of_sam.session();
    /// assert!(session.get::<Document>(3)?.is_none()); // … WHERE documents.id = ? AND documents.owner_id = ?
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn scope<E: Mapped>(&self, entity: Of<E>, condition: impl Operand<bool>) -> Self {
        Self { engine: self.engine.scope(entity, condition), ..self.clone() }
    }

    /// Returns the same engine, whose statements and sessions read and write the tables of other schemas than those that entities declare; see
    /// [`aludel::Engine::translate_schemas`](crate::Engine::translate_schemas).
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// use aludel::SchemaMap;
    ///
    /// let mut conn = engine.translate_schemas(SchemaMap::new().default_to("main")).connect()?;
    /// // SELECT count(users.id) FROM main.users
    /// assert_eq!(conn.scalar(select(func::count(User::ID)))?, 2);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn translate_schemas(&self, map: SchemaMap) -> Self {
        Self { engine: self.engine.translate_schemas(map), ..self.clone() }
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
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let users = engine.transact_with(
    ///     3,
    ///     |o| o.isolation(Isolation::Serializable),
    ///     |mut session| {
    ///         let users = session.scalar(select(func::count(User::ID)))?; // BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT …
    ///         session.commit()?;
    ///         Ok(users)
    ///     },
    /// )?;
    /// assert_eq!(users, 2);
    /// # Ok(()) });
    /// ```
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
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let mut conn = engine.connect()?;
    /// let titles = conn.scalars(select(Document::TITLE).order_by(Document::ID)).all()?; // SELECT documents.title FROM documents …
    /// assert_eq!(titles, ["Draft", "Plan", "Notes"]);
    /// drop(conn); // back in the pool, and clean, when this is over
    /// assert_eq!(engine.status().idle, 1);
    /// # Ok(()) });
    /// ```
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
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// engine.ping()?; // SELECT 1: fails here, not with the first work
    /// # Ok(()) });
    /// ```
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
    /// ```
    /// # use aludel::doc::{Document, Profile, User};
    /// use aludel::Metadata;
    /// use aludel::blocking::Engine;
    ///
    /// # fn main() -> aludel::Result<()> {
    /// let engine = Engine::builder("sqlite::memory:").build()?;
    /// let created = engine.create_all(&Metadata::of((User, Document, Profile)))?; // CREATE TABLE users (…); …
    /// assert_eq!(created.tables().len(), 3);
    /// assert!(engine.create_all(&Metadata::of((User, Document, Profile)))?.tables().is_empty()); // they are there
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Schema` where the metadata does not fit together or the database cannot have such a table.
    pub fn create_all(&self, metadata: &Metadata) -> Result<Metadata> {
        self.runner.run(self.engine.create_all(metadata))
    }

    /// Drops the tables that are there, children before parents.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// engine.drop_all(&Metadata::of((User, Document, Profile)))?; // …; DROP TABLE documents; DROP TABLE users
    /// assert!(!engine.inspect()?.has_table("users"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Schema` where the metadata does not fit together.
    pub fn drop_all(&self, metadata: &Metadata) -> Result<()> {
        self.runner.run(self.engine.drop_all(metadata))
    }

    /// Reads what the database has in its default schema: tables, views, sequences, enum types.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let inspector = engine.inspect()?;
    /// assert_eq!(inspector.foreign_keys("documents")?[0].parent, "users");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// What keeps the database from being reached.
    pub fn inspect(&self) -> Result<Inspector> {
        self.runner.run(self.engine.inspect())
    }

    /// Reads what the database has in another schema.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// assert!(engine.inspect_schema("temp")?.table_names().is_empty()); // on PostgreSQL, any of `schema_names`
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// What keeps the database from being reached.
    pub fn inspect_schema(&self, schema: &str) -> Result<Inspector> {
        self.runner.run(self.engine.inspect_schema(schema))
    }

    /// Closes the connections of the pool; those that are lent are closed when they come back.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// engine.ping()?;
    /// engine.dispose(); // before a fork, or when the server was restarted
    /// assert_eq!(engine.status().idle, 0);
    /// engine.ping()?; // opens a new one
    /// # Ok(()) });
    /// ```
    pub fn dispose(&self) {
        // Nothing in it fails.
        let _ = self.runner.run(async {
            self.engine.dispose().await;
            Ok(())
        });
    }

    /// Ends the engine: no connection is lent any more, idle ones are closed, and those who hold one have `grace` to give it back.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// use std::time::Duration;
    ///
    /// engine.close(Duration::from_secs(10))?; // the end of a program: threads under way may finish
    /// assert_eq!(engine.ping().unwrap_err().kind(), ErrorKind::State);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `PoolTimeout`, naming the holders, where some have not given their connection back in time.
    pub fn close(&self, grace: Duration) -> Result<()> {
        self.runner.run(self.engine.close(grace))
    }

    /// Returns what answers statements of many threads over few connections.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let shared = engine.shared();
    /// std::thread::scope(|threads| {
    ///     for id in [1, 2, 3] {
    ///         let shared = &shared;
    ///         let title = select(Document::TITLE).filter(Document::ID.eq(id)).scalar();
    ///         threads.spawn(move || println!("{}", shared.ask(title).unwrap())); // on PostgreSQL they travel together
    ///     }
    /// });
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn shared(&self) -> Shared {
        Shared { shared: self.engine.shared(), runner: self.runner.clone() }
    }

    /// Returns the same engine, on the same pool, whose sessions have hooks.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let engine = engine.with_hooks(aludel::Hooks::new().before_insert(|user: &mut User| {
    ///     user.email.make_ascii_lowercase();
    ///     Ok(())
    /// }));
    /// let mut session = engine.session();
    /// let kim = session.insert(User::builder().email("Kim@Example.org"))?;
    /// assert_eq!(session[kim].email, "kim@example.org");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_hooks(&self, hooks: crate::Hooks) -> Self {
        Self { engine: self.engine.with_hooks(hooks), runner: self.runner.clone() }
    }

    /// Returns the same engine, on the same pool, whose statements and transactions run with other options.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let mut session = engine.with_options(|o| o.read_only(true)).session();
    /// session.add(User::builder().email("kim@example.org"));
    /// assert_eq!(session.commit().unwrap_err().kind(), ErrorKind::ReadOnly);
    /// # Ok(()) });
    /// ```
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
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let shared = engine.shared();
    /// let user: Option<User> = shared.ask(select(User).filter(User::ID.eq(1)).scalars().one_or_none())?;
    /// assert!(user.is_some());
    /// assert_eq!(shared.ask(delete(Document)).unwrap_err().kind(), ErrorKind::ReadOnly);
    /// # Ok(()) });
    /// ```
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
