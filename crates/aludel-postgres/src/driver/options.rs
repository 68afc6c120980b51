//! What the URL says about a connection.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aludel_engine::Url;
use aludel_sql::{Error, ErrorKind, Result};

use super::hosts::{self, Host, Target};
use super::keepalive::{self, Keepalive};
use super::tls::{self, TlsOptions};

/// Everything that opening a connection needs to know. Its `Display` holds no password.
#[derive(Clone)]
pub(super) struct Options {
    /// At least one.
    pub hosts: Vec<Host>,
    pub target: Target,
    /// The hosts and their addresses are tried in another order each time.
    pub random_order: bool,
    pub user: String,
    pub password: Option<String>,
    /// `None`: the server takes the one named like the user.
    pub database: Option<String>,
    pub application_name: Option<String>,
    pub server_options: Option<String>,
    pub connect_timeout: Duration,
    pub statement_cache: usize,
    pub tls: Arc<TlsOptions>,
    pub keepalive: Keepalive,
    /// `require_auth`: the only ways to prove who we are that the person allows; `None` leaves it to what is safe.
    pub authentication: Option<Vec<Method>>,
}

/// A way for the client to prove who it is, by libpq's word for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// The server does not ask.
    None,
    /// The password in clear.
    Password,
    Md5,
    Scram,
}

/// One read answers "which options are there" for people and for the check.
const KNOWN: [&str; 5] =
    ["application_name", "connect_timeout", "options", "require_auth", "statement_cache"];

impl Options {
    pub fn from_url(url: &Url) -> Result<Self> {
        if url.scheme() != "postgresql" {
            return Err(wrong(format!("`{}` is not PostgreSQL", url.scheme()))
                .help("begin the URL with `postgresql://`"));
        }
        for name in url.option_names() {
            if !known().any(|it| it == name) {
                let known: Vec<_> = known().map(|it| format!("`{it}`")).collect();
                return Err(wrong(format!("the option `{}` is not known", name.escape_debug()))
                    .help(format!("the options of PostgreSQL are {}", known.join(", "))));
            }
        }
        let user = url
            .user()
            .ok_or_else(|| wrong("it names no user").help("write `postgresql://user@host/database`"))?;
        Ok(Self {
            hosts: Host::from_url(url)?,
            target: Target::from_url(url)?,
            random_order: hosts::random_order(url)?,
            user: user.to_owned(),
            password: url.password().map(str::to_owned),
            database: url.database().map(str::to_owned),
            application_name: url.option("application_name").map(str::to_owned),
            server_options: url.option("options").map(str::to_owned),
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
            tls: Arc::new(TlsOptions::from_url(url)?),
            keepalive: Keepalive::from_url(url)?,
            authentication: url.option("require_auth").map(Method::read_list).transpose()?,
        })
    }
}

fn known() -> impl Iterator<Item = &'static str> {
    KNOWN.into_iter().chain(hosts::NAMES).chain(keepalive::NAMES).chain(tls::NAMES)
}

impl Method {
    fn read_list(words: &str) -> Result<Vec<Self>> {
        words
            .split(',')
            .map(|word| match word.trim() {
                "none" => Ok(Self::None),
                "password" => Ok(Self::Password),
                "md5" => Ok(Self::Md5),
                "scram-sha-256" => Ok(Self::Scram),
                _ => Err(wrong("`require_auth` names a way of authentication that is not known here")
                    .help("it lists, with commas, some of `scram-sha-256`, `md5`, `password` and `none`")),
            })
            .collect()
    }

    /// Returns the word.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Password => "password",
            Self::Md5 => "md5",
            Self::Scram => "scram-sha-256",
        }
    }
}

fn wrong(what: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Url, what)
}

impl fmt::Display for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Escaped, because it goes into errors and from there into logs.
        let hosts: Vec<String> = self.hosts.iter().map(Host::to_string).collect();
        let database = self.database.as_ref().unwrap_or(&self.user).escape_debug();
        write!(f, "{} at {}, database {database}", self.user.escape_debug(), hosts.join(","))
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
        let it = options("postgresql://sam@/").unwrap();
        assert_eq!(
            (it.hosts[0].to_string().as_str(), it.database, it.statement_cache),
            ("localhost:5432", None, 200)
        );
        assert_eq!(it.connect_timeout, Duration::from_secs(10));
    }

    #[test]
    fn an_unknown_option_is_an_error_that_lists_the_known_ones() {
        let error = error("postgresql://sam@db/x?aplication_name=y");
        assert_eq!(error.kind(), ErrorKind::Url);
        assert!(error.to_string().contains("`aplication_name` is not known"), "{error}");
        assert!(known().all(|name| error.to_string().contains(name)), "{error}");
    }

    #[test]
    fn values_that_an_option_cannot_have_are_errors() {
        for option in [
            "connect_timeout=0",
            "connect_timeout=soon",
            "statement_cache=-1",
            "statement_cache=many",
            "require_auth=gss",
        ] {
            assert_eq!(error(&format!("postgresql://sam@db/x?{option}")).kind(), ErrorKind::Url, "{option}");
        }
    }

    #[test]
    fn a_socket_folder_is_a_host() {
        for url in ["postgresql://sam@%2Frun%2Fpostgresql/x", "postgresql://sam@/x?host=/run/postgresql"] {
            let it = options(url).unwrap();
            assert!(it.hosts[0].is_socket());
            assert_eq!(it.hosts[0].name, "/run/postgresql");
        }
    }

    #[test]
    fn another_system_and_a_missing_user_are_refused() {
        assert!(error("mysql://sam@db/x").to_string().contains("`mysql` is not PostgreSQL"));
        assert!(error("postgresql://db/x").to_string().contains("it names no user"));
    }
}
