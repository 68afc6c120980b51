//! `aludel.toml`: where the database, the revisions and the models are.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use aludel::migrate::Waits;
use aludel::schema::Severity;
use aludel::{Error, ErrorKind, Result, Url};
use toml::de::{DeTable, DeValue};

/// The name of the file.
pub const FILE: &str = "aludel.toml";

/// The settings of a project. `url`, `url_env` and `[engine]` are read by the engine itself.
#[derive(Debug)]
pub struct Config {
    /// The file.
    pub file: PathBuf,
    /// The folder of the revisions.
    pub script_location: PathBuf,
    /// The dialects that revisions are rendered for.
    pub dialects: Vec<String>,
    /// The command that prints the tables of the models.
    pub metadata: Vec<String>,
    /// How the program is run that has the code which revisions name.
    pub program: Option<String>,
    /// How long to wait for others.
    pub waits: Waits,
    /// How bad rules of `lint` are, where that is said.
    pub lint: Vec<(String, Severity)>,
    /// The URL has a password in it.
    has_password: bool,
}

impl Config {
    /// Finds and reads the file: the one named, or that of this folder or one above it.
    pub fn find(named: Option<&Path>) -> Result<Self> {
        let file = match named {
            Some(file) => file.to_owned(),
            None => {
                let here = std::env::current_dir().unwrap_or_default();
                here.ancestors().map(|it| it.join(FILE)).find(|it| it.exists()).ok_or_else(|| {
                    wrong(format!("there is no `{FILE}` here, nor in a folder above"))
                        .help("`aludel init` in the folder of Cargo.toml makes one; or say where it is: `--config FILE`")
                })?
            }
        };
        let text = fs::read_to_string(&file)
            .map_err(|cause| wrong(format!("`{}` cannot be read", file.display())).with_source(cause))?;
        Self::parse(file.clone(), &text).map_err(|error| error.doing(format!("reading `{}`", file.display())))
    }

    fn parse(file: PathBuf, text: &str) -> Result<Self> {
        // The parser's message shows the line, which may hold a password.
        let table = DeTable::parse(text).map_err(|error| {
            let line = error.span().map_or(0, |span| text[..span.start].matches('\n').count() + 1);
            wrong(format!("line {line} is not TOML"))
        })?;
        let mut config = Self {
            file,
            script_location: "migrations".into(),
            dialects: vec!["sqlite".to_owned()],
            metadata: Vec::new(),
            program: None,
            waits: Waits::default(),
            lint: Vec::new(),
            has_password: false,
        };
        for (name, value) in table.get_ref() {
            match (name.get_ref().as_ref(), value.get_ref()) {
                ("script_location", DeValue::String(path)) => config.script_location = PathBuf::from(&**path),
                ("dialects", value) => config.dialects = strings("dialects", value)?,
                ("metadata", DeValue::String(command)) => {
                    config.metadata = command.split_whitespace().map(str::to_owned).collect();
                }
                ("program", DeValue::String(command)) => config.program = Some(command.to_string()),
                ("lint", DeValue::Table(rules)) => config.lint = levels(rules)?,
                ("metadata", value) => config.metadata = strings("metadata", value)?,
                ("lock_timeout", value) => config.waits.lock_timeout = seconds("lock_timeout", value)?,
                ("statement_timeout", value) => {
                    config.waits.statement_timeout = seconds("statement_timeout", value)?;
                }
                ("lock_retries", DeValue::Integer(number)) => {
                    let number = u32::from_str_radix(number.as_str(), number.radix());
                    config.waits.lock_retries =
                        number.map_err(|_| wrong("`lock_retries` is no count".to_owned()))?;
                }
                ("wait", value) => config.waits.migrator = seconds("wait", value)?,
                ("url", DeValue::String(url)) => {
                    config.has_password = url.parse().is_ok_and(|it: Url| it.password().is_some());
                }
                ("url" | "url_env" | "engine", _) => {}
                (other, _) => {
                    return Err(wrong(format!("there is no setting `{other}`, or its value is of another kind"))
                        .help("settings are `url`, `url_env`, `script_location`, `dialects`, `metadata`, `program`, `lock_timeout`, `lock_retries`, `statement_timeout`, `wait` and the tables `[lint]` and `[engine]`"));
                }
            }
        }
        Ok(config)
    }

    /// Tells whether there is a password in the file that others on this machine may read.
    pub fn shows_a_password(&self) -> bool {
        self.has_password && is_readable_by_others(&self.file)
    }
}

#[cfg(unix)]
fn is_readable_by_others(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;

    fs::metadata(file).is_ok_and(|it| it.permissions().mode() & 0o077 != 0)
}

/// Who may read a file is said in other ways elsewhere.
#[cfg(not(unix))]
fn is_readable_by_others(_: &Path) -> bool {
    false
}

/// Reads `PG301 = "off"`.
fn levels(rules: &DeTable<'_>) -> Result<Vec<(String, Severity)>> {
    let level = |rule: &str, value: &DeValue<'_>| {
        let level = match value {
            DeValue::String(word) if *word == "off" => Severity::Off,
            DeValue::String(word) if *word == "warn" => Severity::Warn,
            DeValue::String(word) if *word == "error" => Severity::Error,
            _ => {
                return Err(wrong(format!("`[lint]` has no such level for `{rule}`"))
                    .help("a rule is `\"off\"`, `\"warn\"` or `\"error\"`"));
            }
        };
        Ok((rule.to_owned(), level))
    };
    rules.iter().map(|(rule, value)| level(rule.get_ref(), value.get_ref())).collect()
}

/// Reads `lock_timeout = 2`, or `0.5`.
fn seconds(name: &str, value: &DeValue<'_>) -> Result<Duration> {
    let seconds = match value {
        DeValue::Integer(number) => number.as_str().parse::<f64>().ok(),
        DeValue::Float(number) => number.as_str().parse().ok(),
        _ => None,
    };
    seconds
        .and_then(|it| Duration::try_from_secs_f64(it).ok())
        .ok_or_else(|| wrong(format!("`{name}` must be a number of seconds: `{name} = 2`, or `0.5`")))
}

fn strings(name: &str, value: &DeValue<'_>) -> Result<Vec<String>> {
    let items = match value {
        DeValue::Array(items) => items
            .iter()
            .map(|it| match it.get_ref() {
                DeValue::String(text) => Some(text.to_string()),
                _ => None,
            })
            .collect(),
        _ => None,
    };
    items.ok_or_else(|| wrong(format!("`{name}` must be a list of texts: `[\"…\", \"…\"]`")))
}

fn wrong(what: String) -> Error {
    Error::new(ErrorKind::Config, what)
}
