//! Database URLs, in the shapes that SQLAlchemy accepts.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::num::NonZeroU16;

use aludel_sql::{Error, ErrorKind, Result};
use percent_encoding::percent_decode_str;

/// A parsed database URL.
///
/// The password is in no output: `Display` and `Debug` print `***` in its place.
///
/// ```
/// use aludel_engine::Url;
///
/// let url: Url = "postgresql+psycopg://sam:s3cret%21@db.example:5433/library?application_name=books".parse()?;
/// assert_eq!(url.scheme(), "postgresql");
/// assert_eq!((url.host(), url.port(), url.database()), (Some("db.example"), Some(5433), Some("library")));
/// assert_eq!(url.password(), Some("s3cret!"));
/// assert_eq!(url.option("application_name"), Some("books"));
/// assert_eq!(url.to_string(), "postgresql://sam:***@db.example:5433/library?application_name=***");
/// # Ok::<(), aludel_engine::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Url {
    scheme: String,
    user: Option<String>,
    password: Option<String>,
    host: Option<String>,
    port: Option<u16>,
    /// The hosts after the first, where the URL names several.
    other_hosts: Vec<(String, Option<u16>)>,
    database: Option<String>,
    options: Vec<(String, String)>,
}

impl Url {
    /// Returns the name of the database system: `sqlite`, `postgresql`, `mysql`, `mariadb`. A driver part (`+psycopg`) is dropped.
    ///
    /// ```
    /// let url: aludel_engine::Url = "PostgreSQL+psycopg://db.example/library".parse()?;
    /// assert_eq!(url.scheme(), "postgresql"); // by it a backend is chosen
    /// # Ok::<(), aludel_engine::Error>(())
    /// ```
    #[must_use]
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// Returns the user.
    ///
    /// ```
    /// let url: aludel_engine::Url = "postgresql://sam%40example.org:s3cret@db.example/library".parse()?;
    /// assert_eq!(url.user(), Some("sam@example.org"));
    /// # Ok::<(), aludel_engine::Error>(())
    /// ```
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// Returns the password, for drivers only.
    ///
    /// ```
    /// let url: aludel_engine::Url = "postgresql://sam:p@ss%2Fword@db.example/library".parse()?;
    /// assert_eq!(url.password(), Some("p@ss/word")); // the last `@` ends the user
    /// assert_eq!(format!("{url:?}"), "Url(postgresql://sam:***@db.example/library)");
    /// # Ok::<(), aludel_engine::Error>(())
    /// ```
    #[must_use]
    pub fn password(&self) -> Option<&str> {
        self.password.as_deref()
    }

    /// Returns the host, or the first of several; an IPv6 address without its brackets.
    ///
    /// ```
    /// let url: aludel_engine::Url = "postgresql://[::1]:5433/library".parse()?;
    /// assert_eq!(url.host(), Some("::1"));
    /// let file: aludel_engine::Url = "sqlite:///library.db".parse()?;
    /// assert_eq!(file.host(), None);
    /// # Ok::<(), aludel_engine::Error>(())
    /// ```
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// Returns the port, or that of the first of several hosts.
    ///
    /// ```
    /// let url: aludel_engine::Url = "mysql://db.example:3307/library".parse()?;
    /// assert_eq!(url.port(), Some(3307));
    /// let usual: aludel_engine::Url = "mysql://db.example/library".parse()?;
    /// assert_eq!(usual.port(), None); // the driver knows the usual one
    /// # Ok::<(), aludel_engine::Error>(())
    /// ```
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// Returns all hosts, with their ports where the URL gives them.
    ///
    /// ```
    /// let url: aludel_engine::Url = "postgresql://sam@one.example:5433,two.example/library".parse()?;
    /// let hosts: Vec<_> = url.hosts().collect();
    /// assert_eq!(hosts, [("one.example", Some(5433)), ("two.example", None)]);
    /// # Ok::<(), aludel_engine::Error>(())
    /// ```
    pub fn hosts(&self) -> impl Iterator<Item = (&str, Option<u16>)> {
        let others = self.other_hosts.iter().map(|(host, port)| (host.as_str(), *port));
        self.host().map(|host| (host, self.port)).into_iter().chain(others)
    }

    /// Returns the database: its name, or for SQLite its path (`None` or `:memory:` is a database in memory).
    ///
    /// ```
    /// let database = |text: &str| Ok::<_, aludel_engine::Error>(text.parse::<aludel_engine::Url>()?.database().map(str::to_owned));
    /// assert_eq!(database("postgresql://db.example/library")?.as_deref(), Some("library"));
    /// assert_eq!(database("sqlite:///library.db")?.as_deref(), Some("library.db")); // three slashes: relative
    /// assert_eq!(database("sqlite:////var/lib/library.db")?.as_deref(), Some("/var/lib/library.db")); // four: absolute
    /// assert_eq!(database("sqlite::memory:")?, None);
    /// # Ok::<(), aludel_engine::Error>(())
    /// ```
    #[must_use]
    pub fn database(&self) -> Option<&str> {
        self.database.as_deref()
    }

    /// Returns the last value of a query option.
    ///
    /// ```
    /// let url: aludel_engine::Url = "sqlite:///library.db?mode=ro&busy_timeout=100&busy_timeout=200".parse()?;
    /// assert_eq!((url.option("mode"), url.option("busy_timeout"), url.option("synchronous")), (Some("ro"), Some("200"), None));
    /// # Ok::<(), aludel_engine::Error>(())
    /// ```
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&str> {
        self.options.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Returns all values of a query option that may be given several times.
    ///
    /// ```
    /// let url: aludel_engine::Url = "postgresql://db.example/library?options=-c%20a=1&options=-c%20b=2".parse()?;
    /// assert_eq!(url.option_values("options").collect::<Vec<_>>(), ["-c a=1", "-c b=2"]);
    /// # Ok::<(), aludel_engine::Error>(())
    /// ```
    pub fn option_values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.options.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Returns the names of all query options.
    ///
    /// What a driver does with it is to refuse an option that it does not know:
    ///
    /// ```
    /// let url: aludel_engine::Url = "sqlite:///library.db?mode=ro&snychronous=NORMAL".parse()?;
    /// let unknown: Vec<_> = url.option_names().filter(|it| !["mode", "synchronous"].contains(it)).collect();
    /// assert_eq!(unknown, ["snychronous"]);
    /// # Ok::<(), aludel_engine::Error>(())
    /// ```
    pub fn option_names(&self) -> impl Iterator<Item = &str> {
        self.options.iter().map(|(name, _)| name.as_str())
    }

    /// Begins a URL: `Url::new("postgresql")`. What is not a word of letters and digits is refused when the URL is used.
    ///
    /// ```
    /// use aludel_engine::Url;
    ///
    /// let url = Url::new("postgresql")
    ///     .with_user("sam")
    ///     .with_password("s3c:r@t/")
    ///     .with_host("db.example")
    ///     .with_database("library")
    ///     .with_option("application_name", "books & more");
    /// assert_eq!(url.reveal(), "postgresql://sam:s3c%3Ar%40t%2F@db.example/library?application_name=books%20%26%20more");
    /// assert_eq!(url.reveal().parse::<Url>()?, url);
    /// # Ok::<(), aludel_engine::Error>(())
    /// ```
    #[must_use]
    pub fn new(scheme: &str) -> Self {
        let scheme = scheme.to_ascii_lowercase();
        Self {
            scheme: if scheme == "postgres" { "postgresql".to_owned() } else { scheme },
            user: None,
            password: None,
            host: None,
            port: None,
            other_hosts: Vec::new(),
            database: None,
            options: Vec::new(),
        }
    }

    /// Returns the same URL with another user; an empty one is none.
    ///
    /// ```
    /// let url: aludel_engine::Url = "postgresql://app@db.example/library".parse()?;
    /// assert_eq!(url.clone().with_user("owner").to_string(), "postgresql://owner@db.example/library"); // for migrations
    /// assert_eq!(url.with_user("").user(), None);
    /// # Ok::<(), aludel_engine::Error>(())
    /// ```
    #[must_use]
    pub fn with_user(mut self, user: impl Into<String>) -> Self {
        self.user = Some(user.into()).filter(|it| !it.is_empty());
        self
    }

    /// Returns the same URL with another password.
    ///
    /// What is not a letter or a digit needs no escape: the URL writes it.
    ///
    /// ```
    /// let url = aludel_engine::Url::new("postgresql").with_user("sam").with_password("a:b/c@d").with_host("db.example");
    /// assert_eq!(url.to_string(), "postgresql://sam:***@db.example");
    /// assert_eq!(url.reveal(), "postgresql://sam:a%3Ab%2Fc%40d@db.example");
    /// # Ok::<(), aludel_engine::Error>(())
    /// ```
    #[must_use]
    pub fn with_password(mut self, password: impl Into<String>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// Returns the same URL with this host and no other: a name, an address (of IPv6 without brackets), or the folder of a Unix socket.
    ///
    /// ```
    /// let url: aludel_engine::Url = "postgresql://one.example,two.example/library".parse()?;
    /// assert_eq!(url.with_host("/run/postgresql").hosts().collect::<Vec<_>>(), [("/run/postgresql", None)]);
    /// # Ok::<(), aludel_engine::Error>(())
    /// ```
    #[must_use]
    pub fn with_host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into()).filter(|it| !it.is_empty());
        self.other_hosts.clear();
        self
    }

    /// Returns the same URL with one more host to try after those that it has; an empty one is none, and port 0 is the usual one.
    ///
    /// ```
    /// use aludel_engine::Url;
    ///
    /// let url = Url::new("postgresql").with_host("one.example").with_another_host("two.example", 5433);
    /// assert_eq!(url.to_string(), "postgresql://one.example,two.example:5433");
    /// assert_eq!(url.reveal().parse::<Url>()?, url);
    /// # Ok::<(), aludel_engine::Error>(())
    /// ```
    #[must_use]
    pub fn with_another_host(mut self, host: impl Into<String>, port: u16) -> Self {
        let (host, port) = (host.into(), Some(port).filter(|it| *it > 0));
        if host.is_empty() {
            return self;
        }
        if self.host.is_none() {
            (self.host, self.port) = (Some(host), port.or(self.port));
        } else {
            self.other_hosts.push((host, port));
        }
        self
    }

    /// Returns the same URL with another port, that of its first host.
    ///
    /// ```
    /// let url = aludel_engine::Url::new("postgresql").with_host("db.example").with_port(5433);
    /// assert_eq!(url.to_string(), "postgresql://db.example:5433");
    /// assert_eq!(url.with_port(0).port(), None); // the usual one
    /// # Ok::<(), aludel_engine::Error>(())
    /// ```
    #[must_use]
    pub fn with_port(mut self, port: u16) -> Self {
        self.port = Some(port).filter(|it| *it > 0);
        self
    }

    /// Returns the same URL with another database; an empty name is none.
    ///
    /// ```
    /// let server: aludel_engine::Url = "postgresql://sam@db.example/postgres".parse()?;
    /// let test = server.with_database("library_test"); // the same server, another database
    /// assert_eq!(test.to_string(), "postgresql://sam@db.example/library_test");
    /// # Ok::<(), aludel_engine::Error>(())
    /// ```
    #[must_use]
    pub fn with_database(mut self, database: impl Into<String>) -> Self {
        let in_memory = |it: &String| self.scheme == "sqlite" && it == ":memory:";
        self.database = Some(database.into()).filter(|it| !it.is_empty() && !in_memory(it));
        self
    }

    /// Returns the same URL with one more option.
    ///
    /// ```
    /// let url = aludel_engine::Url::new("sqlite").with_database("library.db").with_option("mode", "ro");
    /// assert_eq!(url.reveal(), "sqlite:///library.db?mode=ro");
    /// assert_eq!(url.reveal().parse::<aludel_engine::Url>()?, url);
    /// # Ok::<(), aludel_engine::Error>(())
    /// ```
    #[must_use]
    pub fn with_option(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.options.push((name.into(), value.into()));
        self
    }

    /// Returns the whole URL, **with the password**: what parses as the same URL. For a file of secrets or the environment of a child,
    /// never for output; that is what `Display` is for.
    ///
    /// ```
    /// let url: aludel_engine::Url = "postgresql://sam:s3cret@db.example/library".parse()?;
    /// # let mut child = std::process::Command::new("migrate");
    /// child.env("DATABASE_URL", url.reveal()); // the child can connect
    /// assert!(!url.to_string().contains("s3cret")); // a log never shows it
    /// # Ok::<(), aludel_engine::Error>(())
    /// ```
    #[must_use]
    pub fn reveal(&self) -> String {
        Shown { url: self, secrets: true }.to_string()
    }
}

impl std::str::FromStr for Url {
    type Err = Error;

    /// Parses a URL.
    ///
    /// # Errors
    ///
    /// Kind `Url`, naming the part that is wrong. The text itself is not repeated: it may hold a password.
    fn from_str(text: &str) -> Result<Self> {
        parse(text)
    }
}

fn parse(text: &str) -> Result<Url> {
    // `sqlite::memory:` is the one form without slashes.
    if text == "sqlite::memory:" {
        return Ok(Url::sqlite(None, Vec::new()));
    }
    let (scheme, rest) = text.split_once("://").ok_or_else(|| {
        wrong("it has no `://`")
            .help("write `sqlite:///file.db`, `postgresql://user:password@host/database` or `mysql://…`")
    })?;
    let scheme = scheme.split_once('+').map_or(scheme, |(system, _driver)| system).to_ascii_lowercase();
    if scheme.is_empty() || !scheme.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(wrong("the part before `://` is not the name of a database system")
            .help("begin with `sqlite`, `postgresql`, `mysql` or `mariadb`"));
    }
    let (rest, query) = rest.split_once('?').map_or((rest, ""), |(rest, query)| (rest, query));
    if scheme == "sqlite" {
        return parse_sqlite(rest, parse_options(query)?);
    }
    // It may be the end of a login: a `?` in a password would make the rest of it options, whose names are shown.
    if query.contains('@') {
        return Err(wrong("there is an `@` behind the `?`").help(
            "if the user or password contains `?`, percent-encode it (`%3F`); an `@` in an option is `%40`",
        ));
    }
    let options = parse_options(query)?;

    // The last `@` ends the user: an unescaped `@` in a password is common and unambiguous.
    let (login, rest) = rest.rsplit_once('@').map_or((None, rest), |(login, rest)| (Some(login), rest));
    let (user, password) = match login {
        None => (None, None),
        Some(login) => match login.split_once(':') {
            None => (Some(decode(login, "user")?), None),
            Some((user, password)) => (Some(decode(user, "user")?), Some(decode(password, "password")?)),
        },
    };
    let (authority, database) =
        rest.split_once('/').map_or((rest, None), |(authority, database)| (authority, Some(database)));
    // A comma in a host would be percent-encoded; no host has one.
    let mut authorities = authority.split(',');
    let (host, port) = split_port(authorities.next().unwrap_or_default())?;
    let other_hosts = authorities
        .map(|authority| {
            let (other, port) = split_port(authority)?;
            if host.is_empty() || other.is_empty() {
                return Err(wrong("one of several hosts is empty").help("write `host:port,host:port`"));
            }
            Ok((decode(other, "host")?, port))
        })
        .collect::<Result<_>>()?;
    Ok(Url {
        user: user.filter(|user| !user.is_empty()),
        password,
        host: if host.is_empty() { None } else { Some(decode(host, "host")?) },
        port,
        other_hosts,
        database: match database {
            None | Some("") => None,
            Some(name) => Some(decode(name, "database")?),
        },
        options,
        ..Url::new(&scheme)
    })
}

fn parse_sqlite(rest: &str, options: Vec<(String, String)>) -> Result<Url> {
    let Some(path) = rest.strip_prefix('/') else {
        if rest.is_empty() {
            return Ok(Url::sqlite(None, options));
        }
        return Err(wrong("`sqlite://` with two slashes has a path where a host would stand").help(
            "three slashes begin a relative path (`sqlite:///blog.db`), four an absolute one (`sqlite:////var/lib/blog.db`)",
        ));
    };
    let path = decode(path, "database")?;
    Ok(Url::sqlite(Some(path).filter(|path| !path.is_empty() && path != ":memory:"), options))
}

impl Url {
    fn sqlite(database: Option<String>, options: Vec<(String, String)>) -> Self {
        Self { database, options, ..Self::new("sqlite") }
    }
}

fn parse_options(query: &str) -> Result<Vec<(String, String)>> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').ok_or_else(|| {
                wrong("a query option has no `=`").help("options are written `?name=value&name=value`")
            })?;
            Ok((decode(name, "query")?, decode(value, "query")?))
        })
        .collect()
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>)> {
    let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
        let (host, rest) = rest.split_once(']').ok_or_else(|| {
            wrong("the host begins with `[` but has no `]`").help("write IPv6 addresses as `[::1]:5432`")
        })?;
        (host, rest.strip_prefix(':'))
    } else {
        authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port)))
    };
    let port = port
        .filter(|port| !port.is_empty())
        .map(|port| {
            port.parse().map(NonZeroU16::get).map_err(|_| {
                wrong("the port is not a number between 1 and 65535")
                    .help("if the user or password contains `:`, `/`, `?` or `#`, percent-encode it (`%3A`, `%2F`, `%3F`, `%23`)")
            })
        })
        .transpose()?;
    Ok((host, port))
}

fn decode(text: &str, part: &'static str) -> Result<String> {
    let bad_escape = text.as_bytes().iter().enumerate().any(|(at, byte)| {
        *byte == b'%'
            && !text.as_bytes().get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
    });
    let decoded = percent_decode_str(text).decode_utf8();
    match decoded {
        Ok(text) if !bad_escape && !text.contains('\0') => Ok(match text {
            Cow::Borrowed(it) => it.to_owned(),
            Cow::Owned(it) => it,
        }),
        _ => Err(wrong(format!("the {part} is not properly percent-encoded"))
            .help("write `%` as `%25`; after decoding it must be UTF-8 without NUL")),
    }
}

fn wrong(what: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Url, what)
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Shown { url: self, secrets: false }.fmt(f)
    }
}

/// A URL as text, with its secrets or without. Values of options may be secret too.
struct Shown<'a> {
    url: &'a Url,
    secrets: bool,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, secrets } = self;
        let secret =
            |f: &mut fmt::Formatter<'_>, it| if *secrets { escape(f, it, "") } else { f.write_str("***") };
        write!(f, "{}://", url.scheme)?;
        if url.user.is_some() || url.password.is_some() {
            escape(f, url.user().unwrap_or_default(), "")?;
            if let Some(password) = &url.password {
                f.write_char(':')?;
                secret(f, password)?;
            }
            f.write_char('@')?;
        }
        if let (None, Some(port)) = (url.host(), url.port) {
            write!(f, ":{port}")?;
        }
        for (at, (host, port)) in url.hosts().enumerate() {
            f.write_str(if at == 0 { "" } else { "," })?;
            if host.contains(':') {
                f.write_char('[')?;
                escape(f, host, ":")?;
                f.write_char(']')?;
            } else {
                escape(f, host, "")?;
            }
            if let Some(port) = port {
                write!(f, ":{port}")?;
            }
        }
        if let Some(database) = &url.database {
            f.write_char('/')?;
            escape(f, database, "/:")?;
        }
        for (at, (name, value)) in url.options.iter().enumerate() {
            f.write_char(if at == 0 { '?' } else { '&' })?;
            escape(f, name, "")?;
            f.write_char('=')?;
            secret(f, value)?;
        }
        Ok(())
    }
}

/// Writes a part of a URL, percent-encoding whatever could be read as something else, and what a terminal or a log could take for a
/// command.
fn escape(f: &mut fmt::Formatter<'_>, part: &str, plain: &str) -> fmt::Result {
    for char in part.chars() {
        if char.is_alphanumeric() || "-._~".contains(char) || plain.contains(char) {
            f.write_char(char)?;
        } else {
            let mut bytes = [0; 4];
            for byte in char.encode_utf8(&mut bytes).bytes() {
                write!(f, "%{byte:02X}")?;
            }
        }
    }
    Ok(())
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Url({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    fn error(text: &str) -> String {
        text.parse::<Url>().unwrap_err().to_string()
    }

    #[test]
    fn three_slashes_are_relative_and_four_absolute() {
        assert_eq!(url("sqlite:///./blog.db").database(), Some("./blog.db"));
        assert_eq!(url("sqlite:////var/lib/blog.db").database(), Some("/var/lib/blog.db"));
        assert!(error("sqlite://blog.db").contains("three slashes begin a relative path"));
    }

    #[test]
    fn a_database_in_memory_has_three_spellings() {
        for text in ["sqlite::memory:", "sqlite://", "sqlite:///:memory:"] {
            assert_eq!(url(text).database(), None, "{text}");
        }
    }

    #[test]
    fn the_driver_part_is_accepted_and_ignored() {
        assert_eq!(url("postgresql+psycopg://host/db"), url("postgres://host/db"));
    }

    #[test]
    fn an_at_sign_in_the_password_needs_no_escape() {
        assert_eq!(url("mysql://root:p@ss@localhost/test").password(), Some("p@ss"));
    }

    #[test]
    fn an_ipv6_host_stands_in_brackets() {
        let url = url("postgresql://[::1]:5433/db");
        assert_eq!((url.host(), url.port()), (Some("::1"), Some(5433)));
    }

    #[test]
    fn several_hosts_stand_with_commas_between() {
        let text = "postgresql://sam@one:1,[::1]:2,three/db";
        let several = url(text);
        assert_eq!(
            several.hosts().collect::<Vec<_>>(),
            [("one", Some(1)), ("::1", Some(2)), ("three", None)]
        );
        assert_eq!(
            (several.to_string().as_str(), several.host(), several.port()),
            (text, Some("one"), Some(1))
        );
        assert_eq!(url("postgresql://sam@/db").hosts().count(), 0);
        for text in ["postgresql://one,/db", "postgresql://,two/db"] {
            assert!(error(text).contains("one of several hosts is empty"));
        }
    }

    #[test]
    fn no_error_and_no_output_shows_the_password() {
        let wrong = [
            "postgresql://sam:canary/pw@host/db",
            "canary",
            "postgresql://sam:canary%zz@host/db",
            "mysql://u:canary@h:x/d",
        ];
        for text in wrong {
            let shown = match text.parse::<Url>() {
                Ok(url) => format!("{url} {url:?}"),
                Err(error) => format!("{error} {error:?}"),
            };
            assert!(!shown.contains("canary"), "{shown}");
        }
    }

    #[test]
    fn an_error_names_the_part_that_is_wrong() {
        assert!(error("postgresql://host:port/db").contains("the port is not a number"));
        assert!(error("postgresql://u:%zz@host/db").contains("the password is not properly percent-encoded"));
        assert!(error("blog.db").contains("it has no `://`"));
        assert!(error("mysql://h/d?ssl").contains("a query option has no `=`"));
    }
}
