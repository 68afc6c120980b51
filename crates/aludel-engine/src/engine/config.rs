//! The settings of an engine from elsewhere: the environment, a map, a file.
//!
//! A setting has the name of the builder's method. What is wrong is said by `build`, as with a wrong URL.

use std::borrow::Cow;
use std::env;
use std::time::Duration;

use aludel_sql::{Error, ErrorKind, Result};

use super::{Engine, EngineBuilder};
use crate::backend::Backend;
use crate::events::SlowStatements;
use crate::pool::{PoolMode, ResetOnReturn};

/// Takes the text of a setting.
type Set<E> = fn(&mut EngineBuilder<E>, &str) -> std::result::Result<(), &'static str>;

impl<E: From<Engine>> EngineBuilder<E> {
    /// Begins with the URL that an environment variable holds; the facade's `Engine::from_env` calls this.
    ///
    /// ```
    /// use aludel_engine::{Engine, EngineBuilder, ErrorKind};
    /// use aludel_sqlite::SqliteBackend;
    ///
    /// let engine: Result<Engine, _> = EngineBuilder::from_env("NO_SUCH_VARIABLE", vec![&SqliteBackend], &[]).build();
    /// assert_eq!(engine.unwrap_err().kind(), ErrorKind::Config);
    /// ```
    pub fn from_env(
        variable: &str,
        backends: Vec<&'static dyn Backend>,
        known: &'static [(&'static str, &'static str)],
    ) -> Self {
        let url = url_from_env(variable).and_then(|url| url.parse());
        Self { url, ..Self::new("", backends, known) }
    }

    /// Begins with settings, those whose name begins with `prefix`; the facade's `Engine::from_config` calls this.
    ///
    /// ```
    /// use aludel_engine::{Engine, EngineBuilder};
    /// use aludel_sqlite::SqliteBackend;
    ///
    /// let settings = [("db.url", "sqlite::memory:"), ("db.pool_size", "2"), ("log.level", "debug")];
    /// let engine: Engine = EngineBuilder::from_config("db.", settings, vec![&SqliteBackend], &[]).build()?;
    /// assert_eq!(engine.status().size, 2);
    /// # Ok::<(), aludel_engine::Error>(())
    /// ```
    pub fn from_config<K: AsRef<str>, V: AsRef<str>>(
        prefix: &str,
        settings: impl IntoIterator<Item = (K, V)>,
        backends: Vec<&'static dyn Backend>,
        known: &'static [(&'static str, &'static str)],
    ) -> Self {
        let missing = no_url(format!("no setting `{prefix}url` is there"));
        let mut builder = Self { url: Err(missing), ..Self::new("", backends, known) };
        for (name, value) in settings {
            let name = name.as_ref();
            if let Some(head) = name.get(..prefix.len())
                && head.eq_ignore_ascii_case(prefix)
            {
                builder = builder.set(&name[prefix.len()..], value.as_ref());
            }
        }
        builder
    }

    /// Sets what a setting of this name means, read from text: the same as the method of this name.
    ///
    /// | setting | value |
    /// |---|---|
    /// | `url` | the URL |
    /// | `url_env` | the environment variable that holds the URL |
    /// | `pool_size`, `max_overflow` | a number |
    /// | `shared_connections` | a number |
    /// | `logging_name` | a name |
    /// | `pool_timeout`, `pool_recycle`, `pool_hold_warning`, `log_slow_statements` | seconds: `30`, `0.5` |
    /// | `pool_pre_ping`, `pool_use_lifo`, `echo`, `echo_pool`, `hide_parameters` | `true` or `false`, `on` or `off`, `yes` or `no`, `1` or `0` |
    /// | `pool_reset_on_return` | `rollback`, `none` or `full` |
    /// | `pool_mode` | `queue`, `single` or `null` |
    ///
    /// Capital letters make no difference. What is wrong is said by [`build`](Self::build): kind `Config`, with the names that are
    /// known, and never with the value, which may be secret.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// let error = Engine::builder("sqlite::memory:").set("pool_size", "many").build().unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Config);
    /// ```
    pub fn set(mut self, name: &str, value: &str) -> Self {
        let settings = Self::settings();
        let found = settings.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        let outcome = match found {
            None => {
                let known: Vec<_> = settings.iter().map(|(known, _)| format!("`{known}`")).collect();
                Err(wrong(format!("there is no setting `{}`", name.escape_debug()))
                    .help(format!("the settings of an engine are {}", known.join(", "))))
            }
            Some((known, set)) => set(&mut self, value.trim())
                .map_err(|expected| wrong(format!("the setting `{known}` is not {expected}"))),
        };
        if let Err(error) = outcome {
            self.mistake.get_or_insert(error);
        }
        self
    }

    fn settings() -> [(&'static str, Set<E>); 17] {
        [
            ("url", |it, value| {
                it.url = value.parse();
                Ok(())
            }),
            ("url_env", |it, value| {
                it.url = url_from_env(value).and_then(|url| url.parse());
                Ok(())
            }),
            ("pool_size", |it, value| number(value).map(|n| it.options.pool_size = n)),
            ("max_overflow", |it, value| number(value).map(|n| it.options.max_overflow = n)),
            ("shared_connections", |it, value| number(value).map(|n| it.shared_connections = n)),
            ("pool_timeout", |it, value| seconds(value).map(|time| it.options.pool_timeout = time)),
            ("pool_recycle", |it, value| seconds(value).map(|time| it.options.pool_recycle = Some(time))),
            ("pool_hold_warning", |it, value| {
                seconds(value).map(|time| it.options.pool_hold_warning = Some(time))
            }),
            ("pool_pre_ping", |it, value| switch(value).map(|on| it.options.pool_pre_ping = on)),
            ("pool_use_lifo", |it, value| switch(value).map(|on| it.options.pool_use_lifo = on)),
            ("pool_reset_on_return", |it, value| {
                it.options.reset_on_return = match value.to_ascii_lowercase().as_str() {
                    "rollback" => ResetOnReturn::Rollback,
                    "none" => ResetOnReturn::None,
                    "full" => ResetOnReturn::Full,
                    _ => return Err("`rollback`, `none` or `full`"),
                };
                Ok(())
            }),
            ("pool_mode", |it, value| {
                it.options.mode = match value.to_ascii_lowercase().as_str() {
                    "queue" => PoolMode::Queue,
                    "single" => PoolMode::Single,
                    "null" => PoolMode::Null,
                    _ => return Err("`queue`, `single` or `null`"),
                };
                Ok(())
            }),
            ("echo", |it, value| switch(value).map(|on| it.echo = on)),
            ("echo_pool", |it, value| switch(value).map(|on| it.echo_pool = on)),
            ("hide_parameters", |it, value| switch(value).map(|on| it.hide_parameters = on)),
            ("log_slow_statements", |it, value| {
                let slow = seconds(value).map(|longer_than| SlowStatements { longer_than })?;
                it.events.add(std::sync::Arc::new(slow));
                Ok(())
            }),
            ("logging_name", |it, value| {
                it.logging_name = Some(value.to_owned());
                Ok(())
            }),
        ]
    }
}

/// Reads a URL from the environment. What is wrong with it is not repeated: it may hold a password.
fn url_from_env(variable: &str) -> Result<String> {
    let shown = variable.escape_debug();
    match env::var(variable) {
        Ok(url) if !url.trim().is_empty() => Ok(url.trim().to_owned()),
        Ok(_) | Err(env::VarError::NotPresent) => {
            Err(no_url(format!("the environment variable `{shown}` is not set")))
        }
        Err(env::VarError::NotUnicode(_)) => {
            Err(wrong(format!("the environment variable `{shown}` is not text")))
        }
    }
}

fn no_url(what: String) -> Error {
    wrong(what).help(
        "it holds the URL of the database: `sqlite:///file.db`, `postgresql://user:password@host/database`",
    )
}

fn number(value: &str) -> std::result::Result<usize, &'static str> {
    value.parse().map_err(|_| "a number")
}

fn seconds(value: &str) -> std::result::Result<Duration, &'static str> {
    let seconds: std::result::Result<f64, _> = value.parse();
    seconds.ok().and_then(|it| Duration::try_from_secs_f64(it).ok()).ok_or("a number of seconds")
}

fn switch(value: &str) -> std::result::Result<bool, &'static str> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "on" | "yes" | "1" => Ok(true),
        "false" | "off" | "no" | "0" => Ok(false),
        _ => Err("`true` or `false`"),
    }
}

fn wrong(what: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Config, what)
}

#[cfg(feature = "toml")]
mod file {
    //! Settings in a TOML file.

    use std::path::Path;

    use toml::de::{DeTable, DeValue};

    use super::*;

    /// The table of an engine's settings.
    const TABLE: &str = "engine";

    impl<E: From<Engine>> EngineBuilder<E> {
        /// Begins with the settings of a TOML file; the facade's `Engine::from_file` calls this.
        ///
        /// ```
        /// use aludel_engine::{Engine, EngineBuilder, ErrorKind};
        /// use aludel_sqlite::SqliteBackend;
        ///
        /// let engine: Result<Engine, _> = EngineBuilder::from_file("no-such-file.toml", vec![&SqliteBackend], &[]).build();
        /// assert_eq!(engine.unwrap_err().kind(), ErrorKind::Config);
        /// ```
        pub fn from_file(
            path: impl AsRef<Path>,
            backends: Vec<&'static dyn Backend>,
            known: &'static [(&'static str, &'static str)],
        ) -> Self {
            let path = path.as_ref();
            let shown = path.display().to_string();
            let reading = || format!("reading `{}`", shown.escape_debug());
            let read = std::fs::read_to_string(path).map_err(|cause| {
                wrong(format!("the file `{}` cannot be read", shown.escape_debug())).with_source(cause)
            });
            match read.and_then(|text| settings(&text)) {
                Ok(settings) => {
                    let builder = Self::from_config("", settings, backends, known);
                    let url = builder.url.map_err(|error| error.doing(reading()));
                    let mistake = builder.mistake.map(|error| error.doing(reading()));
                    Self { url, mistake, ..builder }
                }
                Err(error) => Self { url: Err(error.doing(reading())), ..Self::new("", backends, known) },
            }
        }
    }

    /// Takes `url` or `url_env` and the table `[engine]`; the rest of the file is for others.
    fn settings(text: &str) -> Result<Vec<(String, String)>> {
        // The parser's message shows the line, which may hold a password.
        let file = DeTable::parse(text).map_err(|error| {
            let line = error.span().map_or(0, |span| text[..span.start].matches('\n').count() + 1);
            wrong(format!("line {line} is not TOML"))
        })?;
        let file = file.into_inner();
        let mut settings = Vec::new();
        for (name, value) in &file {
            match (name.get_ref().as_ref(), value.get_ref()) {
                (TABLE, DeValue::Table(table)) => {
                    for (name, value) in table {
                        settings.push(setting(name.get_ref(), value.get_ref())?);
                    }
                }
                (TABLE, _) => return Err(wrong(format!("`{TABLE}` is not a table")).help("write `[engine]`")),
                (name @ ("url" | "url_env"), value) => settings.push(setting(name, value)?),
                _ => {}
            }
        }
        Ok(settings)
    }

    fn setting(name: &str, value: &DeValue<'_>) -> Result<(String, String)> {
        let value = match value {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => number.to_string(),
            DeValue::Float(number) => number.to_string(),
            DeValue::Boolean(on) => on.to_string(),
            _ => {
                return Err(wrong(format!(
                    "the setting `{}` is a list, a table or a date",
                    name.escape_debug()
                )));
            }
        };
        Ok((name.to_owned(), value))
    }
}
