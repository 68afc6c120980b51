//! The folder `migrations/`: revisions, their SQL, and `aludel.sum`.

mod folder;
mod sum;

use std::collections::BTreeMap;
use std::path::Path;

use aludel_sql::schema::{DdlKind, Step};
use aludel_sql::{Dialect, Error, ErrorKind, Metadata, Result};

pub use self::folder::{folder_name, now};
pub use self::sum::SUM_FILE;
use crate::checksum::checksum;
use crate::document::read_revision;
use crate::revision::{Revision, RevisionId};
use crate::revision_map::RevisionMap;
use crate::script::read_script;

/// All revisions of a project, with their files.
#[derive(Clone, Debug, Default)]
pub struct ScriptDirectory {
    scripts: BTreeMap<RevisionId, Script>,
    map: RevisionMap,
    sum: Option<String>,
}

/// The files of one revision.
#[derive(Clone, Debug)]
pub struct Script {
    /// The name of its folder.
    pub folder: String,
    /// The text of `revision.toml`.
    pub toml: String,
    /// Its SQL, by the name of the file: `up.sqlite.sql`.
    pub sql: BTreeMap<String, String>,
}

/// Which way a revision is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To what it makes.
    Up,
    /// Back to what was before.
    Down,
}

impl Direction {
    /// Returns the first part of the name of its files: `up`.
    ///
    /// ```
    /// use aludel_migrate::Direction;
    ///
    /// assert_eq!(format!("{}.sqlite.sql", Direction::Down.word()), "down.sqlite.sql");
    /// ```
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }

    /// Returns what it is called: `Upgrade`.
    ///
    /// ```
    /// use aludel_migrate::Direction;
    ///
    /// assert_eq!(Direction::Up.title(), "Upgrade");
    /// ```
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Up => "Upgrade",
            Self::Down => "Downgrade",
        }
    }
}

impl ScriptDirectory {
    /// Reads a folder.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use aludel_migrate::ScriptDirectory;
    ///
    /// # let folder = std::env::temp_dir().join(format!("aludel-migrations-{}", std::process::id()));
    /// # for (name, text) in aludel::doc::files_of(&aludel::doc::revisions()) {
    /// #     let path = folder.join(name);
    /// #     std::fs::create_dir_all(path.parent().unwrap())?;
    /// #     std::fs::write(path, text)?;
    /// # }
    /// let scripts = ScriptDirectory::load(&folder)?; // `migrations/` of a project
    /// assert_eq!(scripts.map().revisions().len(), 2);
    /// scripts.check_sum()?;
    /// # std::fs::remove_dir_all(folder)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Migration` where a file cannot be read, or is not what it should be; it is named. Kind `Config` where there is no such
    /// folder.
    pub fn load(path: &Path) -> Result<Self> {
        let files = folder::files(path)?;
        Self::from_files(files.iter().map(|(name, text)| (name.as_str(), text.as_str())))
    }

    /// Takes files that were read before: `("20261121T1030_3f2a9c1b7d04_create_users/revision.toml", "id = …")`.
    ///
    /// ```
    /// use aludel_migrate::ScriptDirectory;
    ///
    /// let toml = "id = \"ae10\"\nparents = []\nmessage = \"create users\"\n";
    /// let scripts = ScriptDirectory::from_files([("20261121T1030_ae10_create_users/revision.toml", toml)])?;
    /// assert_eq!(scripts.map().heads()[0].as_str(), "ae10");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`ScriptDirectory::load`].
    pub fn from_files<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self> {
        let mut folders: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
        let mut sum = None;
        for (path, text) in files {
            match path.split_once('/') {
                Some((folder, file)) => {
                    folders.entry(folder).or_default().insert(file, text);
                }
                None if path == SUM_FILE => sum = Some(text.to_owned()),
                None => {}
            }
        }
        let mut scripts = BTreeMap::new();
        let mut revisions = Vec::new();
        for (folder, files) in folders {
            let Some(toml) = files.get("revision.toml") else { continue };
            let revision = read_revision(toml)
                .map_err(|error| error.doing(format!("reading `{folder}/revision.toml`")))?;
            let sql = files.iter().filter(|(name, _)| name.ends_with(".sql"));
            let script = Script {
                folder: folder.to_owned(),
                toml: (*toml).to_owned(),
                sql: sql.map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect(),
            };
            if let Some(other) = scripts.insert(revision.id.clone(), script) {
                return Err(Error::new(
                    ErrorKind::Migration,
                    format!("`{}` and `{folder}` have the same id, {}", other.folder, revision.id),
                )
                .help("was a folder copied? give one of them another id, in its `revision.toml`"));
            }
            revisions.push(revision);
        }
        Ok(Self { scripts, map: RevisionMap::new(revisions)?, sum })
    }

    /// Returns the graph.
    ///
    /// ```
    /// # let scripts = aludel::doc::scripts();
    /// // `ae10` creates the shelves, `1975` adds their room.
    /// assert_eq!(scripts.map().resolve_one("head", &[])?.unwrap().as_str(), "1975");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn map(&self) -> &RevisionMap {
        &self.map
    }

    /// Names the indexes and triggers that a revision and those before it know: what else a table has was made by hand.
    pub(crate) fn known_objects(&self, revision: &Revision) -> Result<Vec<String>> {
        let above: Vec<RevisionId> = revision.parents.iter().chain(&revision.depends_on).cloned().collect();
        let mut state = self.map.state(&above)?;
        let names = |state: &Metadata| {
            let indexes = state.tables().iter().flat_map(|it| &it.indexes);
            let triggers = state.ddls().iter().filter(|it| it.kind == DdlKind::Trigger);
            indexes.map(|it| it.name.clone()).chain(triggers.map(|it| it.name.clone())).collect::<Vec<_>>()
        };
        let mut known = names(&state);
        for operation in &revision.operations {
            operation.apply(&mut state)?;
            known.extend(names(&state));
        }
        known.sort();
        known.dedup();
        Ok(known)
    }

    /// Returns the files of a revision.
    ///
    /// ```
    /// # use aludel_migrate::RevisionId;
    /// # let scripts = aludel::doc::scripts();
    /// let script = scripts.script(&RevisionId::new("ae10")?).unwrap();
    /// assert_eq!(script.folder, "000_ae10");
    /// assert_eq!(script.sql.keys().collect::<Vec<_>>(), ["down.sqlite.sql", "up.sqlite.sql"]);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn script(&self, id: &RevisionId) -> Option<&Script> {
        self.scripts.get(id)
    }

    /// Returns the steps of a revision on a database, one way.
    ///
    /// ```
    /// use aludel::{PostgresDialect, SqliteDialect};
    /// use aludel_migrate::Direction;
    ///
    /// # let scripts = aludel::doc::scripts();
    /// // `ae10` creates the shelves, `1975` adds their room.
    /// let last = scripts.map().revisions().last().unwrap();
    /// let steps = scripts.steps(last, &SqliteDialect, Direction::Up)?;
    /// assert_eq!(steps[0].title, "add column shelves.room");
    ///
    /// let error = scripts.steps(last, &PostgresDialect, Direction::Up).unwrap_err();
    /// assert_eq!(error.what(), "revision 1975 has no SQL for PostgreSQL: `001_1975/up.postgres.sql` is missing");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Migration` where it was not rendered for the database, or cannot be undone.
    pub fn steps(
        &self,
        revision: &Revision,
        dialect: &dyn Dialect,
        direction: Direction,
    ) -> Result<Vec<Step>> {
        if direction == Direction::Down {
            // Revisions of earlier versions have no SQL for what they call irreversible.
            revision.inverse()?;
        }
        let script = &self.scripts[&revision.id];
        let name = format!("{}.{}.sql", direction.word(), dialect.key());
        let Some(text) = script.sql.get(&name) else {
            return Err(Error::new(
                ErrorKind::Migration,
                format!(
                    "revision {} has no SQL for {}: `{}/{name}` is missing",
                    revision.id,
                    dialect.name(),
                    script.folder
                ),
            )
            .help(format!(
                "add \"{}\" to `dialects` in aludel.toml, and run `aludel render`",
                dialect.key()
            )));
        };
        read_script(text).map_err(|error| error.doing(format!("reading `{}/{name}`", script.folder)))
    }

    /// Returns the name of the folder of a revision; empty where it is not here.
    ///
    /// ```
    /// # use aludel_migrate::RevisionId;
    /// # let scripts = aludel::doc::scripts();
    /// assert_eq!(scripts.folder(&RevisionId::new("1975")?), "001_1975");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn folder(&self, id: &RevisionId) -> &str {
        self.script(id).map_or("", |it| &it.folder)
    }

    /// Returns the files that the checksum of a revision is taken of, one after the other.
    pub(crate) fn files(&self, id: &RevisionId, dialect: &dyn Dialect) -> String {
        let Some(script) = self.scripts.get(id) else { return String::new() };
        let ending = format!(".{}.sql", dialect.key());
        let mut out = script.toml.clone();
        for (_, text) in script.sql.iter().filter(|(name, _)| name.ends_with(&ending)) {
            out.push('\n');
            out.push_str(text);
        }
        out
    }

    /// Returns the checksum of a revision as one database runs it.
    ///
    /// ```
    /// use aludel::{PostgresDialect, SqliteDialect};
    ///
    /// # let scripts = aludel::doc::scripts();
    /// // What the history has of a revision that was run: another database runs other SQL.
    /// let id = &scripts.map().heads()[0];
    /// assert_ne!(scripts.checksum(id, &SqliteDialect)?, scripts.checksum(id, &PostgresDialect)?);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Migration` where its `revision.toml` is not TOML, which it was when it was read.
    pub fn checksum(&self, id: &RevisionId, dialect: &dyn Dialect) -> Result<String> {
        let script = &self.scripts[id];
        let ending = format!(".{}.sql", dialect.key());
        let sql = script.sql.iter().filter(|(name, _)| name.ends_with(&ending));
        checksum(&script.toml, sql.map(|(name, text)| (name.as_str(), text.as_str())))
    }
}
