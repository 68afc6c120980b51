//! The engine: one for each database of a program, cheap to clone and shared by all tasks.

mod config;
mod credentials;
mod on_connect;

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use aludel_sql::{
    Criterion, Dialect, Error, ErrorKind, Mapped, Metadata, Of, Operand, Result, TableMeta, Value,
};

use crate::backend::Backend;
use crate::connection::Connection;
use crate::events::{Echo, Events, Listener, SlowStatements};
use crate::execution_options::ExecutionOptions;
use crate::inspector::Inspector;
use crate::pool::{Pool, PoolMode, PoolOptions, PoolStatus, ResetOnReturn};
use crate::shared::Waves;
use crate::texts::Texts;
use crate::url::Url;

use credentials::{Source, WithPassword};
use on_connect::OnConnect;

/// A source of connections to one database: its URL, its pool, and the texts that were compiled for it.
///
/// Making one does no I/O. Clones are the same engine.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run_engine(async |engine| {
/// let mut conn = engine.connect().await?; // the first I/O
/// let documents = conn.scalar(select(func::count(Document::ID))).await?; // SELECT count(documents.id) FROM documents
/// assert_eq!(documents, 3);
/// # Ok(()) });
/// ```
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
    options: ExecutionOptions,
    scopes: Arc<[Criterion]>,
    waves: Arc<Waves>,
    /// What a layer above has attached.
    attachment: Option<Arc<dyn Any + Send + Sync>>,
}

struct Inner {
    url: Url,
    pool: Pool,
    dialect: Arc<dyn Dialect>,
    texts: Texts,
    events: Events,
    hide_parameters: bool,
    on_connect: Vec<OnConnect>,
}

impl Engine {
    /// Opens a connection, or takes one from the pool.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let mut conn = engine.connect().await?;
    /// // SELECT documents.title FROM documents ORDER BY documents.id
    /// let titles = conn.scalars(select(Document::TITLE).order_by(Document::ID)).all().await?;
    /// assert_eq!(titles, ["Draft", "Plan", "Notes"]);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `PoolTimeout` where all connections are lent and none comes back in time; otherwise what keeps the database from
    /// being reached.
    #[track_caller]
    pub fn connect(&self) -> impl Future<Output = Result<Connection>> + Send + use<> {
        self.connect_at(Location::caller())
    }

    /// As [`connect`](Self::connect), for a layer that borrows in the name of its caller: the place that a timeout of the
    /// pool will name.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// use std::panic::Location;
    ///
    /// /// Borrows a connection for a report.
    /// #[track_caller]
    /// fn for_reports(engine: &Engine) -> impl Future<Output = aludel::Result<Connection>> + use<> {
    ///     engine.with_options(|o| o.read_only(true)).connect_at(Location::caller())
    /// }
    ///
    /// let line = line!() + 1;
    /// let conn = for_reports(engine).await?;
    /// assert_eq!(engine.pool().holders()[0].at.line(), line); // not a line of `for_reports`
    /// # drop(conn);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect).
    pub fn connect_at(
        &self,
        caller: &'static Location<'static>,
    ) -> impl Future<Output = Result<Connection>> + Send + use<> {
        let engine = self.clone();
        async move {
            let conn = engine.inner.pool.acquire_at(caller).await?;
            let mut conn = Connection::new(engine.clone(), conn);
            if !engine.inner.on_connect.is_empty() && conn.conn.is_new() {
                on_connect::prepare(&mut conn, &engine.inner.on_connect).await?;
            }
            Ok(conn)
        }
    }

    /// Tries whether the database can be reached.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// engine.ping().await?; // SELECT 1: fails here, not in the first request
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// What keeps it from being reached.
    #[track_caller]
    pub fn ping(&self) -> impl Future<Output = Result<()>> + Send + use<> {
        let connecting = self.connect();
        async move {
            let mut conn = connecting.await?;
            conn.run_plain(&["SELECT 1"]).await
        }
    }

    /// Creates the tables that are not there yet, parents before children, and returns those that it created.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |_| {
    /// let engine = Engine::builder("sqlite::memory:").build()?;
    /// let tables = Metadata::of((User, Document, Profile));
    /// engine.create_all(&tables).await?; // CREATE TABLE users (…); CREATE TABLE documents (…); CREATE TABLE profiles (…)
    /// engine.create_all(&tables).await?; // nothing: they are there
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Schema` where the metadata does not fit together or the database cannot have such a table.
    pub async fn create_all(&self, metadata: &Metadata) -> Result<Metadata> {
        crate::create_all::create_all(&mut self.connect().await?, metadata).await
    }

    /// Drops the tables that are there, children before parents.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// engine.drop_all(&Metadata::of((User, Document, Profile))).await?; // …; DROP TABLE documents; DROP TABLE users
    /// let mut conn = engine.connect().await?;
    /// assert!(conn.scalars(select(User)).all().await.is_err()); // no such table
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Schema` where the metadata does not fit together.
    pub async fn drop_all(&self, metadata: &Metadata) -> Result<()> {
        crate::create_all::drop_all(&mut self.connect().await?, metadata).await
    }

    /// Reads what the database has in its default schema: tables, views, sequences, enum types.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let inspector = engine.inspect().await?;
    /// assert!(inspector.table_names().contains(&"users"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// What keeps the database from being reached; kind `Unsupported` for a database whose dialect says not how.
    pub async fn inspect(&self) -> Result<Inspector> {
        Inspector::read(&mut self.connect().await?, None).await
    }

    /// Reads what the database has in another schema.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let inspector = engine.inspect_schema("temp").await?; // on PostgreSQL, any of `schema_names`
    /// assert!(inspector.table_names().is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As [`inspect`](Self::inspect).
    pub async fn inspect_schema(&self, schema: &str) -> Result<Inspector> {
        Inspector::read(&mut self.connect().await?, Some(schema)).await
    }

    /// Returns the URL; its password is in no output.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # fn main() -> aludel::Result<()> {
    /// let engine = Engine::builder("sqlite:///library.db").build()?;
    /// assert_eq!(engine.url().to_string(), "sqlite:///library.db");
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.inner.url
    }

    /// Returns the dialect, for `to_sql`.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let (sql, _values) = select(User::EMAIL).filter(User::ID.eq(1)).to_sql(engine.dialect())?;
    /// assert_eq!(sql, "SELECT users.email FROM users WHERE users.id = ?1");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn dialect(&self) -> &dyn Dialect {
        &*self.inner.dialect
    }

    /// Returns how many connections there are and what they do.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let conn = engine.connect().await?;
    /// assert_eq!(engine.status().in_use, 1);
    /// drop(conn);
    /// assert_eq!(engine.status().in_use, 0);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn status(&self) -> PoolStatus {
        self.inner.pool.status()
    }

    /// Returns the pool.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let conn = engine.connect().await?;
    /// for holder in engine.pool().holders() {
    ///     println!("{} has a connection since {:?}", holder.at, holder.age); // who keeps them all?
    /// }
    /// # drop(conn);
    /// engine.pool().invalidate(); // the server was restarted: connections opened before now are not lent again
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn pool(&self) -> &Pool {
        &self.inner.pool
    }

    /// Closes the connections of the pool; those that are lent are closed when they come back. The engine stays usable; see
    /// [`close`](Self::close) for the end.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// engine.dispose().await; // before the program ends, or after a fork
    /// engine.ping().await?; // opens a new connection
    /// # Ok(()) });
    /// ```
    pub async fn dispose(&self) {
        self.inner.pool.dispose().await;
    }

    /// Ends the engine: no connection is lent any more, idle ones are closed, and those who hold one have `grace` to give it back.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |_| {
    /// use std::time::Duration;
    ///
    /// let engine = Engine::builder("sqlite::memory:").build()?;
    /// engine.ping().await?;
    /// engine.close(Duration::from_secs(10)).await?; // the end of a server: requests under way may finish
    /// assert_eq!(engine.ping().await.unwrap_err().kind(), ErrorKind::State);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `PoolTimeout`, naming the holders, where some have not given their connection back in time; those are closed when
    /// they come back. Whoever asks for a connection from now on gets an error of kind `State`.
    pub async fn close(&self, grace: Duration) -> Result<()> {
        self.inner.pool.close(grace).await
    }

    /// Returns the same engine, on the same pool, whose statements and transactions run with other options.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let mut conn = engine.with_options(|o| o.read_only(true)).connect().await?;
    /// let error = conn.execute(delete(User)).await.unwrap_err(); // BEGIN READ ONLY; DELETE FROM users
    /// assert_eq!(error.kind(), ErrorKind::ReadOnly);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn with_options(&self, options: impl FnOnce(ExecutionOptions) -> ExecutionOptions) -> Self {
        Self { options: options(self.options), waves: self.waves.another(), ..self.clone() }
    }

    /// Returns the same engine with something that a layer above has attached.
    #[doc(hidden)]
    #[must_use]
    pub fn with_attachment(&self, attachment: Arc<dyn Any + Send + Sync>) -> Self {
        Self { attachment: Some(attachment), ..self.clone() }
    }

    /// Returns what a layer above has attached.
    #[doc(hidden)]
    #[must_use]
    pub fn attachment(&self) -> Option<&(dyn Any + Send + Sync)> {
        self.attachment.as_deref()
    }

    /// Returns the same engine, on the same pool, whose statements see and write only the rows of an entity for which a condition holds:
    /// those of one tenant.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let of_sam = engine.scope(Document, Document::OWNER_ID.eq(1));
    /// let mut conn = of_sam.connect().await?;
    /// // SELECT documents.title FROM documents WHERE documents.owner_id = ?
    /// assert_eq!(conn.scalars(select(Document::TITLE).order_by(Document::ID)).all().await?, ["Draft", "Plan"]);
    /// let of_ada = Document::builder().title("Mine").body("").owner_id(2);
    /// assert_eq!(conn.execute(insert(Document).values([of_ada])).await.unwrap_err().kind(), ErrorKind::Scope);
    /// # Ok(()) });
    /// ```
    ///
    /// The condition is added wherever the entity is in a statement: FROM, joins, EXISTS, subqueries, loaders, UPDATE and DELETE. It is
    /// about columns of the entity under its own name. Rows that are written must be known to fulfil it: comparisons of columns with values
    /// joined by AND and OR are. An upsert leaves a row that is there outside of the scope as it is. The rows of an INSERT from a query must
    /// give the columns of the condition as values, or as they are in a row of the entity itself. SQL written by hand is sent as it is.
    /// Scopes add up.
    #[must_use]
    pub fn scope<E: Mapped>(&self, entity: Of<E>, condition: impl Operand<bool>) -> Self {
        let more = Criterion::new(entity, condition);
        let scopes = self.scopes.iter().cloned().chain([more]).collect();
        Self { scopes, waves: self.waves.another(), ..self.clone() }
    }

    /// The scopes of statements.
    pub(crate) fn scopes(&self) -> &[Criterion] {
        &self.scopes
    }

    /// The scopes of statements, if there are any, for who needs them longer than the engine is lent.
    pub(crate) fn shared_scopes(&self) -> Option<Arc<[Criterion]>> {
        (!self.scopes.is_empty()).then(|| Arc::clone(&self.scopes))
    }

    /// Checks that a row which is to be written lies within the scopes; `value` gives its columns, as far as they are known.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// use aludel::Mapped;
    ///
    /// let of_sam = engine.scope(Document, Document::OWNER_ID.eq(1));
    /// let owner = Document::OWNER_ID.index();
    /// let belongs_to = |id: i64| of_sam.check_scope(Document::TABLE, &|column| (column == owner).then_some(aludel::Value::Int(id)));
    /// assert!(belongs_to(1).is_ok());
    /// assert_eq!(belongs_to(2).unwrap_err().kind(), ErrorKind::Scope);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Scope`.
    pub fn check_scope(&self, table: &TableMeta, value: &dyn Fn(usize) -> Option<Value>) -> Result<()> {
        self.scopes.iter().filter(|it| it.is_about(table)).try_for_each(|it| it.check(value))
    }

    /// Checks that a row which lies within the scopes does so still when these columns are changed.
    ///
    /// # Errors
    ///
    /// Kind `Scope`.
    #[doc(hidden)]
    pub fn check_scope_of_changes(
        &self,
        table: &TableMeta,
        changes: &dyn Fn(usize) -> bool,
        value: &dyn Fn(usize) -> Option<Value>,
    ) -> Result<()> {
        let mut scopes = self.scopes.iter().filter(|it| it.is_about(table));
        scopes.try_for_each(|it| it.check_changes(changes, value))
    }

    /// Tells whether statements see only some rows of a table.
    #[doc(hidden)]
    #[must_use]
    pub fn is_scoped(&self, table: &TableMeta) -> bool {
        self.scopes.iter().any(|it| it.is_about(table))
    }

    pub(crate) fn options(&self) -> ExecutionOptions {
        self.options
    }

    pub(crate) fn waves(&self) -> &Arc<Waves> {
        &self.waves
    }

    pub(crate) fn texts(&self) -> &Texts {
        &self.inner.texts
    }

    pub(crate) fn events(&self) -> &Events {
        &self.inner.events
    }

    pub(crate) fn hides_parameters(&self) -> bool {
        self.inner.hide_parameters
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("url", &self.inner.url).field("pool", &self.status()).finish()
    }
}

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
    url: Result<Url>,
    backends: Vec<&'static dyn Backend>,
    known: &'static [(&'static str, &'static str)],
    options: PoolOptions,
    events: Events,
    echo: bool,
    echo_pool: bool,
    logging_name: Option<String>,
    hide_parameters: bool,
    shared_connections: usize,
    execution: ExecutionOptions,
    password: Option<Source>,
    on_connect: Vec<OnConnect>,
    /// The first setting that was wrong.
    mistake: Option<Error>,
    marker: PhantomData<fn() -> E>,
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
        let engine = Engine {
            inner: Arc::new(Inner {
                url,
                pool,
                dialect,
                texts: Texts::default(),
                events,
                hide_parameters: self.hide_parameters,
                on_connect: self.on_connect,
            }),
            options: self.execution,
            scopes: Arc::from([]),
            waves: Waves::over(self.shared_connections.max(1)),
            attachment: None,
        };
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
