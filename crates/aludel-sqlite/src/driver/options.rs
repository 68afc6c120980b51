//! What the URL of a SQLite database can say.

use std::path::PathBuf;
use std::time::Duration;

use aludel_engine::Url;
use aludel_sql::{Error, ErrorKind, Result};

const KNOWN: &str = "`busy_timeout` (milliseconds), `mode` (`ro`, `rw`, `rwc`), `statement_cache` (statements kept prepared), \
                     `synchronous` (`FULL`, `NORMAL`)";

/// The options of a URL, checked.
#[derive(Clone, Debug)]
pub(super) struct Options {
    /// The file; `None` is a database in memory.
    pub(super) path: Option<PathBuf>,
    pub(super) mode: Mode,
    pub(super) synchronous: Synchronous,
    /// How long to wait for the writer's turn and for the locks of other programs.
    pub(super) busy_timeout: Duration,
    /// How many statements a connection keeps prepared.
    pub(super) statement_cache: usize,
}

/// What may be done with the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Read only.
    Read,
    /// Read and write a file that exists.
    Write,
    /// Create the file if it does not exist.
    Create,
}

/// When a commit is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Synchronous {
    /// When it returns.
    Full,
    /// At the next checkpoint: after a loss of power the last transactions may be missing, and nothing is damaged.
    Normal,
}

impl Options {
    /// Checks a URL.
    pub(super) fn of(url: &Url) -> Result<Self> {
        if url.scheme() != "sqlite" {
            return Err(
                wrong(format!("`{}` is not SQLite", url.scheme())).help("its URLs begin with `sqlite:`")
            );
        }
        for name in url.option_names() {
            match name {
                "busy_timeout" | "mode" | "statement_cache" | "synchronous" => {}
                "cache" => {
                    return Err(wrong("`cache` is not an option here").help(
                        "SQLite's shared cache locks whole tables and is discouraged by its authors; every connection of an engine \
                         sees one `sqlite::memory:` database without it",
                    ));
                }
                other => {
                    return Err(
                        wrong(format!("unknown option `{other}`")).help(format!("known options: {KNOWN}"))
                    );
                }
            }
        }
        let path = url.database().map(PathBuf::from);
        let mode = match url.option("mode") {
            None | Some("rwc") => Mode::Create,
            Some("rw") => Mode::Write,
            Some("ro") => Mode::Read,
            Some("memory") => {
                return Err(wrong("`mode=memory` is not needed")
                    .help("write `sqlite::memory:` for a database in memory"));
            }
            Some(other) => {
                return Err(wrong(format!("`mode` cannot be `{other}`")).help("it is `ro`, `rw` or `rwc`"));
            }
        };
        if path.is_none() && mode != Mode::Create {
            return Err(wrong("a database in memory is always new, so `mode` makes no sense for it")
                .help("leave `mode` out, or name a file"));
        }
        let synchronous = match url.option("synchronous").map(str::to_ascii_uppercase).as_deref() {
            None | Some("FULL") => Synchronous::Full,
            Some("NORMAL") => Synchronous::Normal,
            Some(_) => {
                return Err(wrong("`synchronous` is `FULL` or `NORMAL`").help(
                    "FULL (the default) waits for the disk at every commit; NORMAL may lose the last commits when the power fails; \
                     OFF can damage the file and is not offered",
                ));
            }
        };
        Ok(Self {
            path,
            mode,
            synchronous,
            busy_timeout: Duration::from_millis(number(url, "busy_timeout", 5_000)?),
            statement_cache: usize::try_from(number(url, "statement_cache", 200)?).unwrap_or(usize::MAX),
        })
    }
}

fn number(url: &Url, name: &'static str, default: u32) -> Result<u64> {
    url.option(name)
        .map_or(Ok(default), |value| {
            value.parse().map_err(|_| {
                wrong(format!("`{name}` is not a number")).help("write digits only, as in `5000`")
            })
        })
        .map(u64::from)
}

fn wrong(what: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Url, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(url: &str) -> String {
        let url: Url = url.parse().unwrap();
        Options::of(&url).unwrap_err().to_string()
    }

    #[test]
    fn a_commit_waits_for_the_disk_unless_the_url_says_otherwise() {
        let of = |url: &str| Options::of(&url.parse().unwrap()).unwrap();
        assert_eq!(of("sqlite:///a.db").synchronous, Synchronous::Full);
        assert_eq!(of("sqlite:///a.db?synchronous=normal").synchronous, Synchronous::Normal);
        assert!(error("sqlite:///a.db?synchronous=off").contains("OFF can damage the file"));
    }

    #[test]
    fn an_unknown_option_is_an_error_that_lists_the_known_ones() {
        let error = error("sqlite:///a.db?busy=1");
        assert!(error.contains("unknown option `busy`") && error.contains("`busy_timeout`"), "{error}");
    }

    #[test]
    fn options_that_cannot_be_meant_are_refused_with_the_reason() {
        assert!(error("sqlite:///a.db?cache=shared").contains("shared cache"));
        assert!(error("sqlite:///a.db?mode=memory").contains("sqlite::memory:"));
        assert!(error("sqlite:///a.db?mode=x").contains("`ro`, `rw` or `rwc`"));
        assert!(error("sqlite://?mode=ro").contains("always new"));
        assert!(error("sqlite:///a.db?busy_timeout=5s").contains("`busy_timeout` is not a number"));
        assert!(error("postgresql://host/db").contains("not SQLite"));
    }
}
