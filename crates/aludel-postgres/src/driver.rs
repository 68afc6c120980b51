//! The driver: our own PostgreSQL client.
//!
//! `core` is the conversation, as values; `connection` is the thin loop that moves its bytes.

mod array;
mod batch;
mod buffer;
mod busy_poll;
mod cancel;
mod connection;
mod copy;
mod core;
mod decode;
mod encode;
mod hosts;
mod keepalive;
mod message;
mod numeric;
mod oid;
mod options;
mod startup;
mod statements;
mod stream;
mod tls;

use std::sync::Arc;

use aludel_engine::Url;
use aludel_engine::driver::{BoxFuture, Driver, RawConn};
use aludel_sql::Result;

pub use connection::Connection;
pub(crate) use message::Body;
use options::Options;

/// Makes the driver for a URL.
///
/// `postgresql://user:password@host:port/database?option=value`. Without a host it is `localhost`, without a port 5432, without
/// a database the one named like the user. A host that begins with `/` (in a URL `%2F`) is the folder of a Unix socket. The
/// options:
///
/// | Option | Meaning |
/// |---|---|
/// | `application_name` | the name that `pg_stat_activity` shows |
/// | `channel_binding` | `prefer` (if absent): SCRAM is bound to the server's certificate where the server can; `require`, `disable` |
/// | `connect_timeout` | seconds that connecting to one address may take, at least 1; 10 if absent |
/// | `host`, `port` | the hosts and ports, where they are easier to write here: `?host=/var/run/postgresql`, `?host=a,b&port=1,2` |
/// | `keepalives`, `keepalives_idle`, `keepalives_interval`, `keepalives_count` | probes of a silent peer: 1, 60 s, 10 s, 6 if absent |
/// | `load_balance_hosts` | `random`: hosts and their addresses in another order each time; `disable` if absent |
/// | `options` | command-line options for the server, such as `-c statement_timeout=5s` |
/// | `require_auth` | the ways to prove who we are that are allowed, with commas: `scram-sha-256`, `md5`, `password`, `none`; if absent, those that are safe |
/// | `sslcert`, `sslkey` | the files of the client's certificate and its private key, both PEM |
/// | `sslmode` | `verify-full`, `verify-ca`, `require`, `prefer`, `disable`; see below |
/// | `sslrootcert` | the PEM file of the authorities that may have signed the server's certificate; if absent, or `system`, this machine's |
/// | `statement_cache` | statements kept prepared by each connection; 200 if absent, 0 prepares none (for PgBouncer) |
/// | `target_session_attrs` | `any` (if absent), `read-write`, `read-only`, `primary`, `standby`, `prefer-standby` |
/// | `tcp_user_timeout` | milliseconds that bytes may stay unacknowledged; 120,000 if absent, 0 leaves it to the system |
///
/// # Several hosts
///
/// `postgresql://sam@one,two:5433/library` tries the hosts in order, and all addresses of each, until one answers and is what
/// `target_session_attrs` asks for. A server that refuses the user ends the search.
///
/// # TLS
///
/// Without `sslmode`, a connection to another machine is encrypted and the server's certificate and name are verified
/// (`verify-full`); one that stays on this machine is not encrypted, unless `sslrootcert` says who may answer. `verify-ca`
/// verifies all but the name. `require` encrypts and does not look at the certificate, unless there is `sslrootcert`. `prefer`
/// (and `allow`) is `require`, but a server on this machine may have no TLS. Only `disable` sends anything in clear to
/// another machine. TLS is built in by the feature `tls-ring`.
///
/// A password in clear is sent only through TLS to a server that was verified, its MD5 hash also on this machine; SCRAM
/// needs neither.
///
/// ```
/// let url = "postgresql://sam:secret@localhost/library?application_name=books".parse()?;
/// let driver = aludel_postgres::driver(&url)?;
/// assert_eq!(format!("{driver:?}"), "Postgres(sam at localhost:5432, database library)");
/// # Ok::<(), aludel_engine::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Url` for another database system, a missing user or an option that is unknown or has a value it cannot have; kind
/// `Unsupported` where the URL asks for TLS and the program was built without. Nothing is sent, looked up or read.
pub fn driver(url: &Url) -> Result<Arc<dyn Driver>> {
    Ok(Arc::new(Postgres::new(url)?))
}

/// Opens connections to one PostgreSQL database.
#[derive(Clone)]
pub struct Postgres {
    options: Arc<Options>,
}

impl Postgres {
    /// Reads the URL; what it may say is written at [`driver()`].
    ///
    /// ```
    /// use aludel_postgres::Postgres;
    ///
    /// let library = Postgres::new(&"postgresql://sam:secret@localhost/library".parse()?)?;
    /// assert_eq!(format!("{library:?}"), "Postgres(sam at localhost:5432, database library)"); // without the password
    ///
    /// let error = Postgres::new(&"postgresql://sam@localhost/library?ssl=true".parse()?).unwrap_err();
    /// assert_eq!(error.kind(), aludel_engine::ErrorKind::Url);
    /// # Ok::<(), aludel_engine::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The same as [`driver()`].
    pub fn new(url: &Url) -> Result<Self> {
        Ok(Self { options: Arc::new(Options::from_url(url)?) })
    }

    /// Opens a connection.
    ///
    /// An engine opens them by itself; this is for who wants the server's parameters or its notifications without one.
    ///
    /// ```
    /// # fn main() -> aludel_engine::Result<()> {
    /// # let Some(url) = aludel_testing::Database::Postgres.server() else { return Ok(()) };
    /// # aludel_engine::blocking::run_alone(async {
    /// use aludel_postgres::Postgres;
    ///
    /// let conn = Postgres::new(&url.parse()?)?.open().await?;
    /// assert!(conn.parameter("server_version").is_some());
    /// # Ok(()) }) }
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Disconnected` where no server answers (in time), `Authentication` where the user or password is refused or asked
    /// for in a way that would give it away, or the server's certificate is not what it must be, `Unsupported` where the
    /// connection would cross a network in clear unasked, `Config` where a file of certificates cannot be used.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime with I/O and time enabled.
    pub async fn open(&self) -> Result<Connection> {
        open(&self.options).await
    }
}

async fn open(options: &Arc<Options>) -> Result<Connection> {
    let opened = hosts::open(options).await;
    opened.map_err(|error| error.doing(format!("connecting to PostgreSQL as {options}")))
}

impl Driver for Postgres {
    fn connect(&self) -> BoxFuture<'_, Result<Box<dyn RawConn>>> {
        Box::pin(async move { Ok(Box::new(self.open().await?) as Box<dyn RawConn>) })
    }

    fn connect_with_password<'a>(&'a self, password: &'a str) -> BoxFuture<'a, Result<Box<dyn RawConn>>> {
        Box::pin(async move {
            let options = Options { password: Some(password.to_owned()), ..(*self.options).clone() };
            Ok(Box::new(open(&Arc::new(options)).await?) as Box<dyn RawConn>)
        })
    }
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Postgres({})", self.options)
    }
}
