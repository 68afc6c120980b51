//! A project: its settings, its revisions, its database.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use aludel::migrate::{
    Migrator, Progress, Revision, RevisionId, SUM_FILE, ScriptDirectory, Waits, dialects, folder_name,
    render_files, write_revision,
};
use aludel::schema::Severity;
use aludel::{Dialect, Engine, Error, ErrorKind, Metadata, Result};
use serde_json::json;

use crate::Exit;
use crate::args::Waiting;
use crate::config::Config;
use crate::output::{Output, revision_json};

/// What all commands but `init` work with.
#[derive(Debug)]
pub struct Project {
    pub config: Config,
    pub output: Output,
    url: Option<String>,
}

impl Project {
    /// Reads the settings, and goes to the folder that they are in: all paths are relative to it.
    pub fn open(config: Option<&Path>, url: Option<&str>, output: Output) -> Result<Self> {
        let mut config = Config::find(config)?;
        if config.shows_a_password() {
            output.progress(&format!(
                "`{}` has a password in it, and others on this machine may read it: `chmod 600` it, or write `url_env`.",
                config.file.display()
            ));
        }
        if let Some(root) = config.file.parent().filter(|it| !it.as_os_str().is_empty()) {
            let cannot = |cause| {
                Error::new(ErrorKind::Config, format!("`{}` cannot be entered", root.display()))
                    .with_source(cause)
            };
            std::env::set_current_dir(root).map_err(cannot)?;
            config.file = config.file.file_name().map(PathBuf::from).unwrap_or_default();
        }
        Ok(Self { config, output, url: url.map(str::to_owned) })
    }

    /// Makes the engine. Nothing is connected yet.
    pub fn engine(&self) -> Result<Engine> {
        match &self.url {
            Some(url) => Engine::builder(url).build(),
            None => Engine::from_file(&self.config.file).build(),
        }
    }

    /// Reads the revisions.
    pub fn scripts(&self) -> Result<ScriptDirectory> {
        ScriptDirectory::load(&self.config.script_location)
    }

    /// Makes the migrator of a command.
    pub fn migrator<'a>(
        &'a self,
        engine: &'a Engine,
        scripts: &'a ScriptDirectory,
        listener: &'a (dyn Fn(Progress<'_>) + Send + Sync),
        waiting: Waiting,
    ) -> Migrator<'a> {
        let settings = self.config.waits;
        let waits = Waits {
            lock_timeout: waiting.lock_timeout.unwrap_or(settings.lock_timeout),
            lock_retries: waiting.lock_retries.unwrap_or(settings.lock_retries),
            statement_timeout: waiting.statement_timeout.unwrap_or(settings.statement_timeout),
            migrator: waiting.wait.unwrap_or(settings.migrator),
        };
        Migrator::new(engine, scripts).listener(listener).program(self.config.program.as_deref()).waits(waits)
    }

    /// Returns how bad a rule of `lint` is, if the settings say it.
    pub fn level(&self, rule: &str) -> Option<Severity> {
        self.config.lint.iter().find(|(name, _)| name == rule).map(|(_, level)| *level)
    }

    /// Returns the dialects that revisions are rendered for.
    pub fn dialects(&self) -> Result<Vec<Box<dyn Dialect>>> {
        let mut known = dialects();
        self.config
            .dialects
            .iter()
            .map(|key| {
                let Some(at) = known.iter().position(|it| it.key() == key) else {
                    return Err(Error::new(ErrorKind::Config, format!("there is no dialect `{key}`"))
                        .help("`dialects` in aludel.toml may name `sqlite`, `postgres`, `mariadb` and `mysql`, each once"));
                };
                Ok(known.remove(at))
            })
            .collect()
    }

    /// Returns the revisions that the database has; none where there is no history yet.
    pub async fn applied(&self, scripts: &ScriptDirectory) -> Result<Vec<RevisionId>> {
        let engine = self.engine()?;
        let current = Migrator::new(&engine, scripts).current().await?;
        Ok(current.into_iter().map(|it| it.id).collect())
    }

    /// Returns the revisions that a text means; the database is asked only where the text counts from where it is.
    pub async fn named(&self, scripts: &ScriptDirectory, text: &str) -> Result<Vec<RevisionId>> {
        let applied = if counts_from_database(text) { self.applied(scripts).await? } else { Vec::new() };
        scripts.map().resolve(text, &applied)
    }

    /// Writes the folder of a new revision, with its SQL, and `aludel.sum`. Nothing is written where it cannot be rendered.
    pub fn add(&self, scripts: &ScriptDirectory, revision: &Revision) -> Result<PathBuf> {
        let folder = self.config.script_location.join(folder_name(revision, SystemTime::now()));
        let before = state_before(scripts, revision)?;
        if let Err(error) = self.write(&folder, revision, &before) {
            // Half a revision would be in everybody's way.
            let _ = fs::remove_dir_all(&folder);
            return Err(error);
        }
        Ok(folder)
    }

    /// Prints where a revision is that was written.
    pub fn written(&self, scripts: &ScriptDirectory, revision: &Revision) -> Result<Exit> {
        let folder = self.config.script_location.join(scripts.folder(&revision.id)).display().to_string();
        if self.output.json {
            let revision = revision_json(scripts.map(), revision);
            self.output.value(&json!({ "folder": folder, "revision": revision }));
        } else {
            self.output.line(&folder);
        }
        Ok(Exit::Done)
    }

    /// Writes the files of a revision that may be there already, and `aludel.sum`.
    pub fn write(&self, folder: &Path, revision: &Revision, before: &Metadata) -> Result<()> {
        self.write_files(folder, revision, before)?;
        self.write_sum()
    }

    /// Writes the files of a revision that may be there already.
    pub fn write_files(&self, folder: &Path, revision: &Revision, before: &Metadata) -> Result<()> {
        let dialects = self.dialects()?;
        let dialects: Vec<&dyn Dialect> = dialects.iter().map(|it| &**it).collect();
        let sql = render_files(revision, before, &dialects)?;
        let toml = folder.join("revision.toml");
        fs::create_dir_all(folder).map_err(|cause| cannot_write(folder, cause))?;
        if !toml.exists() {
            fs::write(&toml, write_revision(revision)).map_err(|cause| cannot_write(&toml, cause))?;
        }
        for (name, text) in sql {
            let file = folder.join(name);
            fs::write(&file, text).map_err(|cause| cannot_write(&file, cause))?;
        }
        Ok(())
    }

    /// Writes `aludel.sum`.
    pub fn write_sum(&self) -> Result<()> {
        let file = self.config.script_location.join(SUM_FILE);
        fs::write(&file, self.scripts()?.sum()?).map_err(|cause| cannot_write(&file, cause))
    }
}

/// Tells whether a text that names revisions counts from where the database is: `current`, `+1`.
pub fn counts_from_database(text: &str) -> bool {
    text.contains("current") || text.starts_with(['+', '-'])
}

/// Returns the schema that a revision begins with.
pub fn state_before(scripts: &ScriptDirectory, revision: &Revision) -> Result<Metadata> {
    let above: Vec<RevisionId> = revision.parents.iter().chain(&revision.depends_on).cloned().collect();
    scripts.map().state(&above)
}

pub fn cannot_write(path: &Path, cause: std::io::Error) -> Error {
    Error::new(ErrorKind::Config, format!("`{}` cannot be written", path.display())).with_source(cause)
}
