//! Which server of several: their order, and what a session on them must be able to do.

use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use aludel_engine::Url;
use aludel_engine::driver::{Batch, End, Flow, RawConn, RowSink, Statement};
use aludel_sql::{Error, ErrorKind, Result, ValueRef};

use super::connection::Connection;
use super::options::Options;
use super::stream::Peer;

/// One host of the URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Host {
    /// A name, an address, or the folder of a Unix socket.
    pub name: String,
    pub port: u16,
}

/// libpq's `target_session_attrs`: what a session must be able to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Target {
    #[default]
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
    /// A standby; if there is none, any.
    PreferStandby,
}

/// The names of the options.
pub(super) const NAMES: [&str; 4] = ["host", "load_balance_hosts", "port", "target_session_attrs"];

const PORT: u16 = 5432;

impl Host {
    /// Reads the hosts of a URL: those of its options go before those where hosts usually stand.
    ///
    /// The options come in libpq's shape, `host=a,b&port=1,2`, and in SQLAlchemy's, `host=a:1&host=b:2`.
    pub fn from_url(url: &Url) -> Result<Vec<Self>> {
        let mut hosts: Vec<(String, Option<u16>)> = Vec::new();
        for text in url.option_values("host").flat_map(|it| it.split(',')) {
            let (name, port) = match text.rsplit_once(':') {
                // More than one colon is an IPv6 address, and a path has them where it likes.
                Some((name, port)) if !name.contains(':') && !text.starts_with('/') => {
                    (name, Some(read_port(port)?))
                }
                _ => (text, None),
            };
            if name.is_empty() {
                return Err(wrong("a host is empty").help("write `host=one,two`"));
            }
            hosts.push((name.to_owned(), port));
        }
        if hosts.is_empty() {
            hosts.extend(url.hosts().map(|(name, port)| (name.to_owned(), port)));
        }
        if hosts.is_empty() {
            hosts.push(("localhost".to_owned(), url.port()));
        }
        let ports = match url.option("port") {
            None => Vec::new(),
            Some(ports) => ports.split(',').map(read_port).collect::<Result<Vec<_>>>()?,
        };
        if ports.len() > 1 && ports.len() != hosts.len() {
            return Err(wrong(format!("`port` lists {} ports for {} hosts", ports.len(), hosts.len()))
                .help("give one port for all hosts, or one for each"));
        }
        let listed = |at: usize| ports.get(at).or(ports.first()).copied();
        let hosts = hosts.into_iter().enumerate();
        Ok(hosts.map(|(at, (name, port))| Self { name, port: port.or(listed(at)).unwrap_or(PORT) }).collect())
    }

    /// Tells whether the host is the folder of a Unix socket.
    pub fn is_socket(&self) -> bool {
        self.name.starts_with('/')
    }
}

fn read_port(text: &str) -> Result<u16> {
    text.parse().ok().filter(|it| *it > 0).ok_or_else(|| wrong("a port is not a number between 1 and 65535"))
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Escaped, because it goes into errors and from there into logs.
        write!(f, "{}:{}", self.name.escape_debug(), self.port)
    }
}

impl Target {
    pub fn from_url(url: &Url) -> Result<Self> {
        Ok(match url.option("target_session_attrs") {
            None | Some("any") => Self::Any,
            Some("read-write") => Self::ReadWrite,
            Some("read-only") => Self::ReadOnly,
            Some("primary") => Self::Primary,
            Some("standby") => Self::Standby,
            Some("prefer-standby") => Self::PreferStandby,
            Some(_) => {
                return Err(wrong("`target_session_attrs` has a value that is not known").help(
                    "it is one of `any`, `read-write`, `read-only`, `primary`, `standby` and `prefer-standby`",
                ));
            }
        })
    }

    /// Says what keeps a server from being taken, or `None`.
    fn objection(self, role: Role) -> Option<&'static str> {
        match self {
            Self::ReadWrite if role.read_only => {
                Some("it is read-only, and `target_session_attrs=read-write`")
            }
            Self::ReadOnly if !role.read_only => {
                Some("it can be written to, and `target_session_attrs=read-only`")
            }
            Self::Primary if role.standby => Some("it is a standby, and `target_session_attrs=primary`"),
            Self::Standby | Self::PreferStandby if !role.standby => {
                Some("it is no standby, and `target_session_attrs=standby`")
            }
            _ => None,
        }
    }
}

/// Reads `load_balance_hosts`: `true` for a new order at each connection.
pub(super) fn random_order(url: &Url) -> Result<bool> {
    match url.option("load_balance_hosts") {
        None | Some("disable") => Ok(false),
        Some("random") => Ok(true),
        Some(_) => Err(wrong("`load_balance_hosts` is neither `disable` nor `random`")),
    }
}

fn wrong(what: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Url, what)
}

/// Opens a connection to the first server that answers and is what it must be.
///
/// A server that is there and refuses the user ends the search: another would be asked with the same password.
pub(super) async fn open(options: &Arc<Options>) -> Result<Connection> {
    let mut failures = Vec::new();
    if let Some(found) = search(options, options.target, &mut failures).await? {
        return Ok(found);
    }
    if options.target == Target::PreferStandby
        && let Some(found) = search(options, Target::Any, &mut failures).await?
    {
        return Ok(found);
    }
    Err(none_found(failures, options))
}

async fn search(
    options: &Arc<Options>,
    target: Target,
    failures: &mut Vec<(String, Error)>,
) -> Result<Option<Connection>> {
    for host in ordered(&options.hosts, options.random_order) {
        let peers = match Peer::of(host).await {
            Ok(peers) => peers,
            Err(error) => {
                failures.push((host.to_string(), error));
                continue;
            }
        };
        for peer in ordered(&peers, options.random_order) {
            match Connection::establish(options, peer).await {
                Ok(mut conn) => match wanted(&mut conn, target).await {
                    Ok(()) => return Ok(Some(conn)),
                    Err(error) => {
                        failures.push((host.to_string(), error));
                        Box::new(conn).close().await;
                        // The other addresses of a name are the same server, as a rule.
                        break;
                    }
                },
                Err(error) if error.is_disconnect() => failures.push((host.to_string(), error)),
                Err(error) => return Err(error),
            }
        }
    }
    Ok(None)
}

fn ordered<T>(all: &[T], random: bool) -> Vec<&T> {
    let mut all: Vec<&T> = all.iter().collect();
    if random {
        // Not for secrets: each hasher of the standard library has a seed of its own.
        let mut hasher = std::collections::hash_map::RandomState::new().build_hasher();
        for at in (1..all.len()).rev() {
            hasher.write_usize(at);
            all.swap(at, hasher.finish() as usize % (at + 1));
        }
    }
    all
}

/// What a session on a server can do.
#[derive(Clone, Copy, Debug)]
struct Role {
    standby: bool,
    read_only: bool,
}

async fn wanted(conn: &mut Connection, target: Target) -> Result<()> {
    if target == Target::Any {
        return Ok(());
    }
    let role = match (conn.parameter("in_hot_standby"), conn.parameter("default_transaction_read_only")) {
        (Some(standby), Some(read_only)) => {
            Role { standby: standby == "on", read_only: standby == "on" || read_only == "on" }
        }
        // Servers before 14 do not report them.
        _ => asked(conn).await?,
    };
    match target.objection(role) {
        None => Ok(()),
        Some(what) => Err(Error::new(ErrorKind::Disconnected, what)),
    }
}

async fn asked(conn: &mut Connection) -> Result<Role> {
    struct Answer(Option<Role>);

    impl RowSink for Answer {
        fn row(&mut self, _: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
            if let [ValueRef::Bool(standby), ValueRef::Text(read_only)] = cells {
                self.0 = Some(Role { standby: *standby, read_only: *read_only == "on" });
            }
            Ok(Flow::More)
        }
    }

    let mut answer = Answer(None);
    let statements = [Statement::plain(
        "SELECT pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('transaction_read_only')",
    )];
    conn.run(&Batch { begin: None, statements: &statements, end: End::Open }, &mut answer).await?;
    answer.0.ok_or_else(|| super::message::wrong("the server does not say whether it is a standby"))
}

/// Makes one error of those of all servers.
fn none_found(mut failures: Vec<(String, Error)>, options: &Options) -> Error {
    // A host whose name has two addresses says the same twice, and so does one that is asked twice.
    failures.dedup_by(|a, b| a.0 == b.0 && a.1.what() == b.1.what());
    if options.hosts.len() == 1
        && let Some((_, error)) = failures.pop()
    {
        return error;
    }
    let all: Vec<String> = failures.iter().map(|(host, error)| format!("{host}: {}", error.what())).collect();
    let error = Error::new(
        ErrorKind::Disconnected,
        format!("none of the {} servers can be used: {}", options.hosts.len(), all.join("; ")),
    )
    .help("check that one of them runs and is what `target_session_attrs` asks for");
    match failures.pop() {
        Some((_, last)) => error.with_source(last),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(url: &str) -> Result<Vec<String>> {
        Ok(Host::from_url(&url.parse().unwrap())?.iter().map(Host::to_string).collect())
    }

    #[test]
    fn hosts_are_written_in_three_shapes() {
        for url in [
            "postgresql://sam@one:1,two:2/db",
            "postgresql://sam@/db?host=one,two&port=1,2",
            "postgresql+psycopg://sam@/db?host=one:1&host=two:2",
        ] {
            assert_eq!(hosts(url).unwrap(), ["one:1", "two:2"], "{url}");
        }
        assert_eq!(hosts("postgresql://sam@one,two/db?port=7").unwrap(), ["one:7", "two:7"]);
        assert_eq!(hosts("postgresql://sam@/db?host=/run/pg,::1").unwrap(), ["/run/pg:5432", "::1:5432"]);
        assert_eq!(hosts("postgresql://sam@/db").unwrap(), ["localhost:5432"]);
    }

    #[test]
    fn hosts_and_ports_that_do_not_fit_together_are_errors() {
        for url in [
            "postgresql://sam@a,b,c/db?port=1,2",
            "postgresql://sam@a/db?port=0",
            "postgresql://sam@a/db?host=b:many",
            "postgresql://sam@a/db?host=b,",
        ] {
            assert_eq!(hosts(url).unwrap_err().kind(), ErrorKind::Url, "{url}");
        }
    }

    #[test]
    fn a_target_takes_the_servers_that_can_do_what_it_asks() {
        let (primary, standby) =
            (Role { standby: false, read_only: false }, Role { standby: true, read_only: true });
        let read_only = Role { standby: false, read_only: true };
        let takes =
            |target: Target| [primary, standby, read_only].map(|role| target.objection(role).is_none());
        assert_eq!(takes(Target::Any), [true, true, true]);
        assert_eq!(takes(Target::ReadWrite), [true, false, false]);
        assert_eq!(takes(Target::ReadOnly), [false, true, true]);
        assert_eq!(takes(Target::Primary), [true, false, true]);
        assert_eq!(takes(Target::Standby), [false, true, false]);
        assert_eq!(takes(Target::PreferStandby), [false, true, false]);
    }

    #[test]
    fn a_random_order_begins_with_each_host_now_and_then() {
        let all = [0, 1, 2];
        assert_eq!(ordered(&all, false), [&0, &1, &2]);
        let mut first = [0; 3];
        for _ in 0..300 {
            let order = ordered(&all, true);
            assert_eq!(order.len(), 3);
            first[*order[0]] += 1;
        }
        assert!(first.iter().all(|it| *it > 30), "{first:?}");
    }
}
