//! The driver: one connection of `mysql_async`, its state, and the typed cells of its rows.

mod calendar;
mod connection;
mod decode;
mod encode;
mod form;
mod json_rows;
mod options;
mod rows;
mod setup;
mod statements;
mod tls;

use std::fmt;
use std::sync::{Arc, OnceLock};

use aludel_engine::Url;
use aludel_engine::driver::{BoxFuture, Driver, RawConn};
use aludel_sql::Result;

use connection::Connection;
pub(crate) use json_rows::list as json_list;
use options::Options;

/// Makes the driver for a URL.
///
/// `mysql://user:password@host:port/database?option=value`, or `mariadb://…`, which means the same: what the server is, it says
/// itself. Without a host it is 127.0.0.1, without a port 3306. The options:
///
/// | Option | Meaning |
/// |---|---|
/// | `connect_timeout` | seconds that connecting may take, at least 1; 10 if absent |
/// | `socket` | the path of a Unix socket, used instead of host and port |
/// | `ssl_ca` | the PEM file of the authorities that may have signed the server's certificate; if absent, this machine's |
/// | `ssl_cert`, `ssl_key` | the files of the client's certificate and its private key, both PEM |
/// | `ssl_mode`, `ssl` | `verify_identity`, `verify_ca`, `required`, `preferred`, `disabled`; see below |
/// | `statement_cache` | statements kept prepared by each connection; 200 if absent, 0 keeps none |
///
/// # TLS
///
/// Without `ssl_mode`, a connection to another machine is encrypted and the server's certificate and name are verified
/// (`verify_identity`); one that stays on this machine is not encrypted, unless `ssl_ca` says who may answer. `verify_ca` is content with
/// a certificate of a known authority for any name; where that is not the host of the URL, connecting takes a second handshake, and a
/// certificate without any name is refused. `required` encrypts and does not look at the certificate. `preferred` is `required`, but a server on this machine may have no TLS. Only `disabled` sends anything in
/// clear to another machine. TLS is built in by the feature `tls-ring`.
///
/// ```
/// let url = "mysql://sam:secret@localhost/library".parse()?;
/// let driver = aludel_mysql::driver(&url)?;
/// assert_eq!(format!("{driver:?}"), "MySql(sam at localhost:3306, database library)");
/// # Ok::<(), aludel_engine::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Url` for another database system, or an option that is unknown or has a value it cannot have; kind `Unsupported` where the
/// URL, or a host that is not this machine, asks for TLS and the program was built without. Nothing is sent, looked up or read.
pub fn driver(url: &Url) -> Result<Arc<dyn Driver>> {
    Ok(Arc::new(MySql::new(url)?))
}

/// Opens connections to one MariaDB or MySQL database.
#[derive(Clone)]
pub struct MySql {
    options: Arc<Options>,
    is_mysql: Arc<OnceLock<bool>>,
}

impl MySql {
    /// Reads the URL; what it may say is written at [`driver()`].
    ///
    /// ```
    /// use aludel_mysql::MySql;
    ///
    /// let library = MySql::new(&"mariadb://sam:secret@localhost/library".parse()?)?;
    /// assert_eq!(format!("{library:?}"), "MySql(sam at localhost:3306, database library)"); // without the password
    /// assert!(MySql::new(&"mysql://sam@localhost/library?timeout=5".parse()?).is_err());
    /// # Ok::<(), aludel_engine::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The same as [`driver()`].
    pub fn new(url: &Url) -> Result<Self> {
        Ok(Self { options: Arc::new(Options::from_url(url)?), is_mysql: Arc::default() })
    }

    /// Tells whether the server is MySQL, not MariaDB; `None` until the first connection was opened.
    ///
    /// ```
    /// # fn main() -> aludel_engine::Result<()> {
    /// # let Some(url) = aludel_testing::Database::MariaDb.server() else { return Ok(()) };
    /// # aludel_engine::blocking::run_alone(async {
    /// use aludel_engine::driver::Driver;
    /// use aludel_mysql::MySql;
    ///
    /// let server = MySql::new(&url.parse()?)?;
    /// assert_eq!(server.is_mysql(), None);
    /// let conn = server.connect().await?;
    /// assert_eq!(server.is_mysql(), Some(false)); // it is MariaDB
    /// # conn.close().await;
    /// # Ok(()) }) }
    /// ```
    #[must_use]
    pub fn is_mysql(&self) -> Option<bool> {
        self.is_mysql.get().copied()
    }
}

impl MySql {
    async fn open(&self, options: &Options) -> Result<Box<dyn RawConn>> {
        let connection = Connection::open(options).await?;
        self.is_mysql.get_or_init(|| connection.is_mysql());
        Ok(Box::new(connection))
    }
}

impl Driver for MySql {
    fn connect(&self) -> BoxFuture<'_, Result<Box<dyn RawConn>>> {
        Box::pin(self.open(&self.options))
    }

    fn connect_with_password<'a>(&'a self, password: &'a str) -> BoxFuture<'a, Result<Box<dyn RawConn>>> {
        Box::pin(async move { self.open(&self.options.with_password(password)).await })
    }
}

impl fmt::Debug for MySql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MySql({})", self.options)
    }
}
