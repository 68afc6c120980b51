//! What the URL says about a connection.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use aludel_engine::Url;
use aludel_sql::{Error, ErrorKind, Result};
use mysql_async::OptsBuilder;
use tokio::sync::OnceCell;

use super::tls::{self, TlsOptions};

/// Everything that opening a connection needs to know. Its `Display` holds no password.
#[derive(Clone)]
pub(super) struct Options {
    pub host: String,
    pub port: u16,
    pub socket: Option<String>,
    pub user: Option<String>,
    pub database: Option<String>,
    pub connect_timeout: Duration,
    pub statement_cache: usize,
    pub tls: TlsOptions,
    /// The same for `mysql_async`, without TLS; it holds the password.
    pub wire: mysql_async::Opts,
    /// With TLS, made of the files at the first connection.
    pub secured: Arc<OnceCell<mysql_async::Opts>>,
}

/// One array answers "which options are there" for people and for the check, beside the options of TLS.
const KNOWN: [&str; 3] = ["connect_timeout", "socket", "statement_cache"];

impl Options {
    pub fn from_url(url: &Url) -> Result<Self> {
        if !matches!(url.scheme(), "mysql" | "mariadb") {
            return Err(wrong(format!("`{}` is neither MariaDB nor MySQL", url.scheme()))
                .help("begin the URL with `mysql://` or `mariadb://`"));
        }
        let is_known = |name: &str| KNOWN.contains(&name) || tls::NAMES.contains(&&*name.replace('-', "_"));
        if let Some(name) = url.option_names().find(|name| !is_known(name)) {
            let known: Vec<_> = KNOWN.iter().chain(&tls::NAMES).map(|it| format!("`{it}`")).collect();
            return Err(wrong(format!("the option `{}` is not known", name.escape_debug()))
                .help(format!("the options of MariaDB and MySQL are {}", known.join(", "))));
        }
        if url.hosts().count() > 1 {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "several hosts: only one is connected to on MariaDB and MySQL",
            )
            .help("name one host; a proxy such as MaxScale chooses among several"));
        }
        let host = url.host().unwrap_or("127.0.0.1").to_owned();
        let socket = url.option("socket").map(str::to_owned);
        let tls = TlsOptions::from_url(url, socket.is_some() || is_this_machine(&host))?;
        if let Some(path) = &socket {
            if !path.starts_with('/') {
                return Err(
                    wrong("`socket` is not an absolute path").help("write `?socket=/run/mysqld/mysqld.sock`")
                );
            }
            if cfg!(not(unix)) {
                return Err(Error::new(ErrorKind::Unsupported, "this system has no Unix sockets"));
            }
        }
        let mut it = Self {
            host,
            port: url.port().unwrap_or(3306),
            socket,
            user: url.user().map(str::to_owned),
            database: url.database().map(str::to_owned),
            connect_timeout: match url.option("connect_timeout") {
                None => Duration::from_secs(10),
                Some(text) => match text.parse::<u32>() {
                    Ok(seconds @ 1..) => Duration::from_secs(u64::from(seconds)),
                    _ => return Err(wrong("`connect_timeout` is not a number of seconds of at least 1")),
                },
            },
            statement_cache: match url.option("statement_cache") {
                None => 200,
                Some(text) => match text.parse::<u16>() {
                    Ok(size) => usize::from(size),
                    Err(_) => return Err(wrong("`statement_cache` is not a number from 0 to 65535")),
                },
            },
            tls,
            wire: mysql_async::Opts::default(),
            secured: Arc::default(),
        };
        it.wire = it.wire(url.password());
        Ok(it)
    }

    /// Returns the same options with another password.
    pub fn with_password(&self, password: &str) -> Self {
        Self { wire: self.wire(Some(password)), secured: Arc::default(), ..self.clone() }
    }

    fn wire(&self, password: Option<&str>) -> mysql_async::Opts {
        OptsBuilder::default()
            .ip_or_hostname(self.host.as_str())
            .tcp_port(self.port)
            .socket(self.socket.as_deref())
            .user(self.user.as_deref())
            .pass(password)
            .db_name(self.database.as_deref())
            // An UPDATE counts the rows it matched: unchanged values are not a lost row.
            .client_found_rows(true)
            // It would leave the address of the URL for the socket that the server names.
            .prefer_socket(false)
            // Both would be asked for in a round trip of their own. How much the server accepts is asked for in the one
            // round trip of `setup`, and checked before sending; this is only the most that any server can accept.
            .max_allowed_packet(Some(1 << 30))
            .wait_timeout(Some(28_800))
            // Its cache parses and hashes the whole text at each call; ours is asked by the shape's number.
            .stmt_cache_size(0)
            // A peer that vanished without a word is found out within minutes and not after two hours.
            .tcp_keepalive(Some(Duration::from_secs(60)))
            .into()
    }
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn wrong(what: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Url, what)
}

impl fmt::Display for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at ", self.user.as_deref().unwrap_or("nobody"))?;
        match &self.socket {
            Some(path) => f.write_str(path)?,
            None => write!(f, "{}:{}", self.host, self.port)?,
        }
        match &self.database {
            Some(name) => write!(f, ", database {name}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(url: &str) -> Result<Options> {
        Options::from_url(&url.parse().unwrap())
    }

    fn error(url: &str) -> Error {
        options(url).err().unwrap()
    }

    #[test]
    fn what_the_url_leaves_out_has_a_default() {
        let it = options("mysql://sam@/").unwrap();
        assert_eq!(
            (it.host.as_str(), it.port, it.database, it.statement_cache),
            ("127.0.0.1", 3306, None, 200)
        );
        assert_eq!(it.connect_timeout, Duration::from_secs(10));
    }

    #[test]
    fn mysql_and_mariadb_are_the_same_scheme() {
        assert_eq!(options("mariadb+pymysql://sam@localhost/x").unwrap().database.as_deref(), Some("x"));
        assert!(error("postgresql://sam@db/x").to_string().contains("neither MariaDB nor MySQL"));
    }

    #[test]
    fn an_unknown_option_is_an_error_that_lists_the_known_ones() {
        let error = error("mysql://sam@localhost/x?charset=latin1");
        assert_eq!(error.kind(), ErrorKind::Url);
        assert!(error.to_string().contains("`charset` is not known"), "{error}");
        assert!(KNOWN.iter().all(|name| error.to_string().contains(name)), "{error}");
    }

    #[test]
    fn a_host_is_this_machine_by_its_name_or_address() {
        for url in
            ["mysql://sam@LocalHost/x", "mysql://sam@[::1]/x", "mysql://sam@db/x?socket=/run/mysqld.sock"]
        {
            assert!(options(url).unwrap().tls.local, "{url}");
        }
        assert!(!options("mysql://sam@db.example/x?ssl=disabled").unwrap().tls.local);
    }

    #[test]
    fn values_that_an_option_cannot_have_are_errors() {
        for option in
            ["connect_timeout=0", "connect_timeout=soon", "statement_cache=-1", "socket=mysqld.sock"]
        {
            assert_eq!(
                error(&format!("mysql://sam@localhost/x?{option}")).kind(),
                ErrorKind::Url,
                "{option}"
            );
        }
    }

    #[test]
    fn no_output_shows_the_password() {
        let it = options("mysql://sam:canary@localhost/x").unwrap();
        assert_eq!(it.to_string(), "sam at localhost:3306, database x");
        assert_eq!(it.wire.pass(), Some("canary"));
    }
}
