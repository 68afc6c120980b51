//! The engine: one for each database of a program, cheap to clone and shared by all tasks.

mod builder;
mod config;
mod credentials;
mod kept;
mod on_connect;
mod translation;

use std::any::{Any, TypeId};
use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use aludel_sql::{Criterion, Dialect, Mapped, Metadata, Of, Operand, Result, SchemaMap, TableMeta, Value};

use crate::connection::Connection;
use crate::events::Events;
use crate::execution_options::ExecutionOptions;
use crate::inspector::Inspector;
use crate::pool::{Pool, PoolStatus};
use crate::shared::Waves;
use crate::statement_options::StatementOptions;
use crate::texts::Texts;
use crate::url::Url;

use kept::Kept;
use on_connect::OnConnect;
use translation::{Translation, Translations};

pub use builder::EngineBuilder;

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
pub struct Engine(Arc<Variant>);

/// An engine as `with_options`, `scope` and `translate_schemas` have made it. In one block: each session and each connection has a clone.
#[derive(Clone)]
struct Variant {
    inner: Arc<Inner>,
    options: ExecutionOptions,
    scopes: Arc<[Criterion]>,
    waves: Arc<Waves>,
    /// What it has instead of `texts` and `kept`, where tables are in other schemas than they are declared in.
    translation: Option<Arc<Translation>>,
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
    kept: Kept,
    translations: Translations,
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
            let conn = engine.0.inner.pool.acquire_at(caller).await?;
            if !engine.0.inner.on_connect.is_empty() && conn.is_new() {
                return Box::pin(on_connect::prepared(engine, conn)).await;
            }
            Ok(Connection::new(engine, conn))
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

    /// Creates the tables that are not there yet, parents before children, and returns what it created.
    ///
    /// What is declared beside them comes with them: enum types, sequences, [functions, triggers and other DDL](aludel_sql::schema::Ddl).
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

    /// Drops the tables that are there, children before parents, and what is declared beside them.
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
        &self.0.inner.url
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
        &*self.0.inner.dialect
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
        self.0.inner.pool.status()
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
        &self.0.inner.pool
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
        self.0.inner.pool.dispose().await;
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
        self.0.inner.pool.close(grace).await
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
        self.varied(|it| it.options = options(it.options))
    }

    /// Returns the same engine with something that a layer above has attached.
    #[doc(hidden)]
    #[must_use]
    pub fn with_attachment(&self, attachment: Arc<dyn Any + Send + Sync>) -> Self {
        let mut variant = Variant::clone(&self.0);
        variant.attachment = Some(attachment);
        Self(Arc::new(variant))
    }

    /// Returns what a layer above has attached.
    #[doc(hidden)]
    #[must_use]
    pub fn attachment(&self) -> Option<&(dyn Any + Send + Sync)> {
        self.0.attachment.as_deref()
    }

    /// Shows what a layer above keeps about a type, made by `make` the first time. It lives as long as the texts of the engine; each type is one
    /// layer's.
    #[doc(hidden)]
    pub fn kept<T: Any + Send + Sync, R>(
        &self,
        subject: TypeId,
        make: impl FnOnce() -> T,
        read: impl FnOnce(&T) -> R,
    ) -> R {
        let kept = self.0.translation.as_ref().map_or(&self.0.inner.kept, |it| &it.kept);
        kept.of(subject, make, read)
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
        self.varied(|it| it.scopes = it.scopes.iter().cloned().chain([more]).collect())
    }

    /// Returns the same engine, on the same pool, whose statements read and write the tables of other schemas than those that entities
    /// declare: those of one tenant. SQLAlchemy's `schema_translate_map`.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |_| {
    /// use aludel::SchemaMap;
    ///
    /// let engine = Engine::builder("sqlite::memory:")
    ///     .on_connect(|conn| Box::pin(async move { conn.run_plain(&["ATTACH ':memory:' AS tenant_7"]).await }))
    ///     .build()?;
    /// let of_seven = engine.translate_schemas(SchemaMap::new().default_to("tenant_7"));
    /// of_seven.create_all(&Metadata::of((User, Document, Profile))).await?; // CREATE TABLE tenant_7.users (…); …
    ///
    /// let mut conn = of_seven.connect().await?;
    /// conn.execute(insert(User).values([User::builder().email("kim@example.org")])).await?; // INSERT INTO tenant_7.users (email) VALUES (?)
    /// // SELECT users.email FROM tenant_7.users
    /// assert_eq!(conn.scalars(select(User::EMAIL)).all().await?, ["kim@example.org"]);
    /// # Ok(()) });
    /// ```
    ///
    /// A schema is what the database has under this name: a schema of PostgreSQL, a database of MariaDB and MySQL, an attached file of
    /// SQLite. It is written before the name of each table, and no setting of a connection is changed: connections of one pool serve all
    /// tenants. Everything that is done with entities goes there, in sessions, prepared queries, COPY, and by [`create_all`](Self::create_all)
    /// and [`drop_all`](Self::drop_all).
    ///
    /// SQL written by hand is sent as it is: [`text!`](aludel_sql::text!), conditions and defaults of tables, the texts of a
    /// [`Ddl`](aludel_sql::schema::Ddl), which name their tables themselves. [`schema_map`](Self::schema_map) tells what to write there.
    /// Inspectors are asked for a schema by its own name. Migrations run where a connection looks by itself, so that each tenant has a
    /// migrator over an engine of its own: with `SET search_path` in [`on_connect`](EngineBuilder::on_connect) on PostgreSQL, with the database
    /// or file of the tenant in the URL elsewhere.
    ///
    /// The map is for what entities declare: of an engine that has one it takes the place, and an empty one ends it. With
    /// [`scope`](Self::scope) and [`with_options`](Self::with_options) it goes in any order.
    ///
    /// It costs a look into a table, so that each request may ask for its own. Only those who ask one engine travel together in
    /// [`shared`](Self::shared) reads. The texts of a map are kept with the engine, for the hundred maps that were asked for last; the
    /// names of its schemas as long as the program runs. So take them from a list of tenants, and never from a request as they come.
    #[must_use]
    pub fn translate_schemas(&self, map: SchemaMap) -> Self {
        self.varied(|it| it.translation = it.inner.translations.of(map))
    }

    /// Returns where tables are, if not where they are declared.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// use aludel::SchemaMap;
    ///
    /// let of_seven = engine.translate_schemas(SchemaMap::new().default_to("tenant_7"));
    /// assert_eq!(of_seven.schema_map().and_then(|it| it.translate(None)), Some("tenant_7"));
    /// assert!(engine.schema_map().is_none());
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn schema_map(&self) -> Option<&SchemaMap> {
        self.texts().schemas()
    }

    /// Returns an engine on the same pool whose statements run in another way.
    fn varied(&self, change: impl FnOnce(&mut Variant)) -> Self {
        let mut variant = Variant::clone(&self.0);
        variant.waves = variant.waves.another();
        change(&mut variant);
        Self(Arc::new(variant))
    }

    /// The scopes of statements.
    pub(crate) fn scopes(&self) -> &[Criterion] {
        &self.0.scopes
    }

    /// The scopes of statements, if there are any, for who needs them longer than the engine is lent.
    pub(crate) fn shared_scopes(&self) -> Option<Arc<[Criterion]>> {
        (!self.0.scopes.is_empty()).then(|| Arc::clone(&self.0.scopes))
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
        self.0.scopes.iter().filter(|it| it.is_about(table)).try_for_each(|it| it.check(value))
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
        let mut scopes = self.0.scopes.iter().filter(|it| it.is_about(table));
        scopes.try_for_each(|it| it.check_changes(changes, value))
    }

    /// Tells whether statements see only some rows of a table.
    #[doc(hidden)]
    #[must_use]
    pub fn is_scoped(&self, table: &TableMeta) -> bool {
        self.0.scopes.iter().any(|it| it.is_about(table))
    }

    /// Returns how statements run. For the session.
    #[doc(hidden)]
    pub fn statement_options(&self) -> StatementOptions {
        *self.0.options.for_statements()
    }

    /// Returns how its statements and transactions run.
    #[doc(hidden)]
    pub fn options(&self) -> ExecutionOptions {
        self.0.options
    }

    pub(crate) fn waves(&self) -> &Arc<Waves> {
        &self.0.waves
    }

    pub(crate) fn texts(&self) -> &Texts {
        match &self.0.translation {
            Some(it) => &it.texts,
            None => &self.0.inner.texts,
        }
    }

    /// Tells whether tables are in other schemas than they are declared in.
    pub(crate) fn translates(&self) -> bool {
        self.0.translation.is_some()
    }

    pub(crate) fn events(&self) -> &Events {
        &self.0.inner.events
    }

    pub(crate) fn hides_parameters(&self) -> bool {
        self.0.inner.hide_parameters
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("url", &self.0.inner.url).field("pool", &self.status()).finish()
    }
}
