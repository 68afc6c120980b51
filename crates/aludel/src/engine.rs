//! The engine of the facade: the engine of `aludel-engine` that knows the backends which are built in, and opens sessions.

use std::fmt;
use std::ops::Deref;

use aludel_engine::{Backend, EngineBuilder, ExecutionOptions};
use aludel_orm::{Hooks, Session, SessionOptions, Transact};
use aludel_sql::{Mapped, Of, Operand, Result, SchemaMap};

/// One database of a program: its URL, its pool, and the sessions and connections that come from it.
///
/// Cheap to clone and shared by all tasks. Making one does no I/O.
///
/// ```
/// use aludel::prelude::*;
///
/// # fn main() -> aludel::Result<()> {
/// let engine = Engine::builder("sqlite::memory:").pool_size(5).build()?;
/// let session = engine.session();
/// # let _ = session;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Engine(aludel_engine::Engine);

/// The schemes of all backends of Aludel, and the features that build them in.
pub(crate) const KNOWN: &[(&str, &str)] =
    &[("sqlite", "sqlite"), ("postgresql", "postgres"), ("mysql", "mysql"), ("mariadb", "mysql")];

impl Engine {
    /// Begins an engine for a URL: `sqlite:///blog.db`, `postgresql://user:password@host/database`, `mysql://…`.
    ///
    /// What is wrong with the URL is said by `build`.
    ///
    /// ```no_run
    /// use aludel::prelude::*;
    ///
    /// # async fn example() -> aludel::Result<()> {
    /// let engine = Engine::builder("sqlite:///blog.db").pool_size(10).build()?;
    /// engine.ping().await?; // is the database there?
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder(url: &str) -> EngineBuilder<Self> {
        EngineBuilder::new(url, backends(), KNOWN)
    }

    /// Begins an engine for the URL that an environment variable holds.
    ///
    /// ```no_run
    /// use aludel::prelude::*;
    ///
    /// # async fn example() -> aludel::Result<()> {
    /// let engine = Engine::from_env("DATABASE_URL").pool_size(10).build()?;
    /// # let _ = engine;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// `build` gives an error of kind `Config` where the variable is not set.
    pub fn from_env(variable: &str) -> EngineBuilder<Self> {
        EngineBuilder::from_env(variable, backends(), KNOWN)
    }

    /// Begins an engine with settings of which each has the name of a method of the builder, after a prefix: SQLAlchemy's
    /// `engine_from_config`. Settings with another prefix are for others; [`EngineBuilder::set`] lists the names.
    ///
    /// ```
    /// use aludel::prelude::*;
    ///
    /// # fn main() -> aludel::Result<()> {
    /// let settings = [("db.url", "sqlite:///blog.db"), ("db.pool_size", "10"), ("db.pool_timeout", "2.5"), ("port", "8080")];
    /// let engine = Engine::from_config("db.", settings).build()?;
    /// assert_eq!(engine.status().size, 10);
    ///
    /// // BLOG_URL, BLOG_POOL_SIZE, …
    /// let from_the_environment = Engine::from_config("BLOG_", std::env::vars());
    /// # let _ = from_the_environment;
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_config<K: AsRef<str>, V: AsRef<str>>(
        prefix: &str,
        settings: impl IntoIterator<Item = (K, V)>,
    ) -> EngineBuilder<Self> {
        EngineBuilder::from_config(prefix, settings, backends(), KNOWN)
    }

    /// Begins an engine with the settings of a TOML file: `url` or `url_env`, and the table `[engine]`, where each setting has the
    /// name of a method of the builder. The rest of the file is for others.
    ///
    /// ```toml
    /// url_env = "DATABASE_URL"      # or: url = "sqlite:///blog.db"
    ///
    /// [engine]
    /// pool_size = 10
    /// pool_timeout = 2.5            # seconds
    /// pool_pre_ping = true
    /// ```
    ///
    /// ```no_run
    /// use aludel::prelude::*;
    ///
    /// # fn main() -> aludel::Result<()> {
    /// let engine = Engine::from_file("aludel.toml").build()?;
    /// # let _ = engine;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "toml")]
    pub fn from_file(path: impl AsRef<std::path::Path>) -> EngineBuilder<Self> {
        EngineBuilder::from_file(path, backends(), KNOWN)
    }

    /// Opens a session. It takes a connection when it needs one.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let mut session = engine.session(); // no I/O
    /// let user = session.get_one::<User>(1).await?; // SELECT … FROM users WHERE users.id = ?
    /// assert_eq!(session[user].name.as_deref(), Some("Sam"));
    /// # Ok(()) });
    /// ```
    #[must_use]
    #[track_caller]
    pub fn session(&self) -> Session {
        Session::open(&self.0)
    }

    /// Returns the same engine, on the same pool, whose statements and transactions run with other options.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let reports = engine.with_options(|o| o.isolation(Isolation::Snapshot).read_only(true));
    /// let mut session = reports.session(); // all it reads is of one moment
    /// assert_eq!(session.scalar(select(func::count(User::ID))).await?, 2); // BEGIN …; SELECT count(users.id) FROM users
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_options(&self, options: impl FnOnce(ExecutionOptions) -> ExecutionOptions) -> Self {
        Self(self.0.with_options(options))
    }

    /// Returns the same engine, on the same pool, whose sessions have hooks, behind those that they have already: see [`Hooks`].
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let engine = engine.with_hooks(aludel::Hooks::new().before_delete(|user: &User| match user.email.as_str() {
    ///     "sam@example.org" => Err(Error::new(ErrorKind::State, "Sam stays")),
    ///     _ => Ok(()),
    /// }));
    /// let mut session = engine.session();
    /// let sam = session.get_one::<User>(1).await?;
    /// session.delete(sam);
    /// assert_eq!(session.commit().await.unwrap_err().what(), "Sam stays"); // nothing was sent
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_hooks(&self, hooks: Hooks) -> Self {
        Self(hooks.on(&self.0))
    }

    /// Returns the same engine, on the same pool, whose statements and sessions see and write only the rows of an entity for which a
    /// condition holds: those of one tenant.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let of_sam = engine.scope(Document, Document::OWNER_ID.eq(1));
    /// let mut session = of_sam.session();
    /// assert!(session.get::<Document>(1).await?.is_some());
    /// assert!(session.get::<Document>(3).await?.is_none()); // … WHERE documents.id = ? AND documents.owner_id = ?
    /// session.add(Document::builder().title("Mine").body("").owner_id(2));
    /// assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::Scope); // nothing is sent
    /// # Ok(()) });
    /// ```
    ///
    /// The condition is added wherever the entity is in a statement: FROM, joins, EXISTS, subqueries, loaders, many-to-many, UPDATE and
    /// DELETE. It is about columns of the entity under its own name. Rows that are written must be known to fulfil it: comparisons of
    /// columns with values joined by AND and OR are; an upsert that may change a row, and an INSERT from a query, are refused. SQL
    /// written by hand (`text!`) is sent as it is. Scopes add up.
    #[must_use]
    pub fn scope<E: Mapped>(&self, entity: Of<E>, condition: impl Operand<bool>) -> Self {
        Self(self.0.scope(entity, condition))
    }

    /// Returns the same engine, on the same pool, whose sessions read and write the tables of other schemas than those that entities declare:
    /// those of one tenant. SQLAlchemy's `schema_translate_map`.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |_| {
    /// use aludel::SchemaMap;
    ///
    /// let engine = Engine::builder("sqlite::memory:")
    ///     .on_connect(|conn| Box::pin(async move { conn.run_plain(&["ATTACH ':memory:' AS tenant_7"]).await }))
    ///     .build()?;
    /// let of_seven = engine.translate_schemas(SchemaMap::new().default_to("tenant_7")); // once per request
    /// of_seven.create_all(&Metadata::of((User, Document, Profile))).await?; // CREATE TABLE tenant_7.users (…); …
    ///
    /// let mut session = of_seven.session();
    /// let user = session.add(User::builder().email("kim@example.org"));
    /// session.commit().await?; // INSERT INTO tenant_7.users (email) VALUES (?) RETURNING id, …
    /// session[user].name = Some("Kim".into());
    /// session.commit().await?; // UPDATE tenant_7.users SET name = ? WHERE id = ?
    /// # Ok(()) });
    /// ```
    ///
    /// Entities, the map and the schemas are told of at [`aludel_engine::Engine::translate_schemas`].
    #[must_use]
    pub fn translate_schemas(&self, map: SchemaMap) -> Self {
        Self(self.0.translate_schemas(map))
    }

    /// Opens a session with options: `engine.session_with(|o| o.autoflush(false))`.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let mut session = engine.session_with(|o| o.autoflush(false));
    /// session.add(User::builder().email("kim@example.org"));
    /// assert_eq!(session.scalar(select(func::count(User::ID))).await?, 2); // the new one is not flushed yet
    /// # Ok(()) });
    /// ```
    #[must_use]
    #[track_caller]
    pub fn session_with(&self, options: impl FnOnce(SessionOptions) -> SessionOptions) -> Session {
        Session::with_options(&self.0, options(SessionOptions::default()))
    }

    /// Runs a unit of work with a session of its own, and runs it again, with another, where the database cannot serialize it with others:
    /// after a serialization failure, a deadlock, or a lock that was not to be had in time on MariaDB.
    ///
    /// Pauses before the next attempt are random and grow; [`Transact::max_attempts`] bounds how many there are (10), and
    /// [`Transact::session_with`] sets the options of the sessions. On SQLite the second attempt takes the writer's turn first. The closure
    /// may run several times: what it does outside of the database happens as often. It borrows what it captures
    /// (`let title = &title;` before it), and the future is `Send`, so that this works in tasks and handlers.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let title = engine.transact(|mut session| async move {
    ///     let doc = session.get_one::<Document>(1).await?;
    ///     session[doc].title.push('!');
    ///     session.commit().await?; // BEGIN; UPDATE documents SET title = ? WHERE id = ?; COMMIT
    ///     Ok(session[doc].title.clone())
    /// }).await?;
    /// assert_eq!(title, "Draft!");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// What the closure returns: at once where another attempt cannot help (`CommitOutcomeUnknown` among them) or the run has committed
    /// something before, otherwise after the last attempt. Kind `NotCommitted` where it returns `Ok` with changes that were not committed.
    #[track_caller]
    pub fn transact<F, R, T>(&self, work: F) -> Transact<'_, F>
    where
        F: FnMut(Session) -> R + Send,
        R: Future<Output = Result<T>> + Send,
    {
        Transact::new(&self.0, work)
    }
}

/// The backends that are built in.
pub(crate) fn backends() -> Vec<&'static dyn Backend> {
    vec![
        #[cfg(feature = "sqlite")]
        &aludel_sqlite::SqliteBackend,
        #[cfg(feature = "postgres")]
        &aludel_postgres::PostgresBackend,
        #[cfg(feature = "mysql")]
        &aludel_mysql::MySqlBackend,
    ]
}

impl From<aludel_engine::Engine> for Engine {
    fn from(engine: aludel_engine::Engine) -> Self {
        Self(engine)
    }
}

impl Deref for Engine {
    type Target = aludel_engine::Engine;

    fn deref(&self) -> &aludel_engine::Engine {
        &self.0
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
