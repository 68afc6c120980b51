//! A database of its own for every test, on each database system.
//!
//! A rule is written once and becomes three tests, `rule::sqlite`, `rule::postgres` and `rule::mariadb`:
//!
//! ```text
//! on_each_database! {
//!     async fn nothing_is_sent_before_the_flush(db: Db) { … }
//!
//!     #[except(mariadb, "it has no RETURNING for UPDATE")]
//!     async fn an_update_gives_back_columns(db: Db) { … }
//! }
//! ```

mod between;
#[cfg(feature = "openapi")]
pub mod example;
mod interrupted;
#[cfg(feature = "openapi")]
pub mod openapi;
mod random;

use std::fmt;
use std::panic::{Location, resume_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use aludel::prelude::*;
pub use aludel_testing::{Database, long};
pub use between::Between;
pub use interrupted::interrupted;
pub use random::random_cases;

/// What a rule returns: `?` works on any error, and tells its line.
pub type Outcome = Result<(), Failure>;

/// An error, and where it met a `?`.
pub struct Failure(String);

impl<E: std::error::Error> From<E> for Failure {
    #[track_caller]
    fn from(error: E) -> Self {
        Self(format!("{}: {error:?}", Location::caller()))
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Makes a test for each database of each rule. `#[except(database, "why")]` leaves one out, `#[only(database, "why")]` two.
#[macro_export]
macro_rules! on_each_database {
    () => {};
    ($(#[doc = $doc:literal])* async fn $name:ident($db:ident: Db) $body:block $($rest:tt)*) => {
        $crate::on_each_database!(@rule [Sqlite Postgres MariaDb] $name $db $body);
        $crate::on_each_database!($($rest)*);
    };
    ($(#[doc = $doc:literal])* #[except($without:ident, $why:literal)] async fn $name:ident($db:ident: Db) $body:block $($rest:tt)*) => {
        $crate::on_each_database!(@except $without $name $db $body);
        $crate::on_each_database!($($rest)*);
    };
    ($(#[doc = $doc:literal])* #[only($with:ident, $why:literal)] async fn $name:ident($db:ident: Db) $body:block $($rest:tt)*) => {
        $crate::on_each_database!(@only $with $name $db $body);
        $crate::on_each_database!($($rest)*);
    };
    (@except sqlite $($rule:tt)*) => { $crate::on_each_database!(@rule [Postgres MariaDb] $($rule)*); };
    (@except postgres $($rule:tt)*) => { $crate::on_each_database!(@rule [Sqlite MariaDb] $($rule)*); };
    (@except mariadb $($rule:tt)*) => { $crate::on_each_database!(@rule [Sqlite Postgres] $($rule)*); };
    (@only sqlite $($rule:tt)*) => { $crate::on_each_database!(@rule [Sqlite] $($rule)*); };
    (@only postgres $($rule:tt)*) => { $crate::on_each_database!(@rule [Postgres] $($rule)*); };
    (@only mariadb $($rule:tt)*) => { $crate::on_each_database!(@rule [MariaDb] $($rule)*); };
    (@rule [$($database:ident)*] $name:ident $db:ident $body:block) => {
        mod $name {
            use super::*;

            async fn rule($db: Db) -> $crate::Outcome {
                $body
                #[allow(unreachable_code)]
                Ok(())
            }

            $($crate::on_each_database!(@test $database);)*
        }
    };
    (@test Sqlite) => {
        #[test]
        fn sqlite() {
            $crate::run($crate::Database::Sqlite, rule);
        }
    };
    (@test Postgres) => {
        #[test]
        fn postgres() {
            $crate::run($crate::Database::Postgres, rule);
        }
    };
    (@test MariaDb) => {
        #[test]
        fn mariadb() {
            $crate::run($crate::Database::MariaDb, rule);
        }
    };
}

/// Runs a rule on a task of a runtime with several threads, in a database of its own, which is dropped whatever happens.
pub fn run<F>(database: Database, rule: fn(Db) -> F)
where
    F: Future<Output = Outcome> + Send + 'static,
{
    let Some(server) = database.server() else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime can be built");
    runtime.block_on(async {
        let place = Place::create(database, &server).await.expect("a database can be created");
        let db = Db::new(database, place.url.clone());
        let outcome = tokio::spawn(rule(db)).await;
        place.remove().await.expect("the database can be dropped");
        match outcome {
            Ok(Ok(())) => {}
            Ok(Err(failure)) => panic!("{failure:?}"),
            Err(panicked) => resume_unwind(panicked.into_panic()),
        }
    });
}

/// Where the database of a test is.
pub struct Place {
    /// The URL of the database.
    pub url: String,
    what: What,
}

enum What {
    Folder(PathBuf),
    Database {
        server: String,
        sql: String,
    },
    /// On the server of MariaDB, by name.
    MariaDb {
        server: String,
        name: String,
    },
}

impl Place {
    /// Makes an empty database.
    pub async fn create(database: Database, server: &str) -> aludel::Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("aludel_suite_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let (create, what) = match database {
            Database::Sqlite => {
                let folder = std::env::temp_dir().join(&name);
                std::fs::create_dir_all(&folder).expect("the folder for temporary files can be written");
                let url = format!("sqlite:///{}", folder.join("suite.db").display());
                return Ok(Self { url, what: What::Folder(folder) });
            }
            Database::Postgres => (
                // Nobody is ever connected to template0, which would make the creation fail.
                format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"),
                What::Database {
                    server: server.to_owned(),
                    sql: format!("DROP DATABASE {name} WITH (FORCE)"),
                },
            ),
            Database::MariaDb => (
                format!("CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"),
                What::MariaDb { server: server.to_owned(), name: name.clone() },
            ),
        };
        administrate(server, &create).await?;
        let (server_only, options) = server.split_once('?').unwrap_or((server, ""));
        let (server_only, _) = server_only.rsplit_once('/').expect("the URL of a server names a database");
        let mark = if options.is_empty() { "" } else { "?" };
        let url = format!("{server_only}/{name}{mark}{options}");
        Ok(Self { url, what })
    }

    /// Removes the database.
    pub async fn remove(self) -> aludel::Result<()> {
        match self.what {
            What::Folder(folder) => {
                // A task of the pool may still close a file: what is left is in the folder for temporary files.
                let _ = std::fs::remove_dir_all(folder);
                Ok(())
            }
            What::Database { server, sql } => administrate(&server, &sql).await,
            What::MariaDb { server, name } => remove_with_schemas(&server, &name).await,
        }
    }
}

/// A schema of MariaDB is a database of the server, and does not go with another one: those whose names begin with the name of the database and
/// `_` are the test's.
async fn remove_with_schemas(server: &str, name: &str) -> aludel::Result<()> {
    let engine = Engine::builder(server).build()?;
    let mut conn = engine.connect().await?;
    let names = text!(
        "SELECT schema_name AS name FROM information_schema.schemata \
         WHERE schema_name = :name OR left(schema_name, char_length(:beside)) = :beside",
        name = name,
        beside = format!("{name}_"),
    );
    for row in conn.execute(names).all().await? {
        let name = row.get::<String>("name")?.replace('`', "``");
        conn.run_plain(&[&format!("DROP DATABASE `{name}`")]).await?;
    }
    drop(conn);
    engine.dispose().await;
    Ok(())
}

async fn administrate(server: &str, sql: &str) -> aludel::Result<()> {
    let engine = Engine::builder(server).build()?;
    engine.connect().await?.run_plain(&[sql]).await?;
    engine.dispose().await;
    Ok(())
}

/// The database of a test.
pub struct Db {
    /// Which database system it is.
    pub database: Database,
    /// The engine that the test works with.
    pub engine: Engine,
    /// Where it is.
    pub url: String,
}

impl Db {
    fn new(database: Database, url: String) -> Self {
        let engine = Engine::builder(&url).build().expect("the URL of a test database is right");
        Self { database, engine, url }
    }

    /// Makes an engine of its own for the same database: what another program sees.
    pub fn other(&self) -> Engine {
        self.builder().build().expect("the URL of a test database is right")
    }

    /// Begins an engine for the same database.
    pub fn builder(&self) -> aludel::EngineBuilder<Engine> {
        Engine::builder(&self.url)
    }

    /// Opens a session.
    pub fn session(&self) -> Session {
        self.engine.session()
    }

    /// Creates tables.
    pub async fn create(&self, tables: &Metadata) -> aludel::Result<()> {
        self.engine.create_all(tables).await.map(|_| ())
    }

    /// Runs SQL as another program.
    pub async fn run(&self, sql: &str) -> aludel::Result<()> {
        self.other().connect().await?.run_plain(&[sql]).await
    }

    /// Reads rows as another program.
    pub async fn rows(&self, sql: &str) -> aludel::Result<Vec<Row>> {
        self.other().connect().await?.execute(text_unchecked(sql)).all().await
    }

    /// Reads one value as another program.
    pub async fn value<T: ColumnType>(&self, sql: &str) -> aludel::Result<T> {
        self.other().connect().await?.execute(text_unchecked(sql)).one().await?.at(0)
    }

    /// Counts the rows of a table as another program.
    pub async fn count(&self, table: &str) -> aludel::Result<i64> {
        self.value(&format!("SELECT count(*) FROM {table}")).await
    }

    /// Picks what is expected on this database.
    pub fn pick<T>(&self, sqlite: T, postgres: T, mariadb: T) -> T {
        match self.database {
            Database::Sqlite => sqlite,
            Database::Postgres => postgres,
            Database::MariaDb => mariadb,
        }
    }
}

/// Unwraps the error of something that must not succeed.
#[track_caller]
pub fn refused<T>(result: aludel::Result<T>, kind: ErrorKind) -> Error {
    match result {
        Ok(_) => panic!("expected an error: {}", kind.describe()),
        Err(error) => {
            assert_eq!(error.kind(), kind, "{error}");
            error
        }
    }
}
