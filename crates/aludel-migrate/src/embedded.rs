//! Revisions that are part of a program.

use aludel_engine::Engine;
use aludel_sql::Result;

use crate::migrator::Migrator;
use crate::revision::RevisionId;
use crate::script_directory::ScriptDirectory;

/// The revisions of a program, made by `embed_migrations!`.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Migrations {
    files: &'static [(&'static str, &'static str)],
}

impl Migrations {
    /// These files: names with `/`, and texts.
    pub const fn of(files: &'static [(&'static str, &'static str)]) -> Self {
        Self { files }
    }

    /// Reads the revisions.
    ///
    /// # Errors
    ///
    /// As [`ScriptDirectory::load`].
    pub fn scripts(&self) -> Result<ScriptDirectory> {
        ScriptDirectory::from_files(self.files.iter().copied())
    }

    /// Runs what is missing up to a target: [`Migrator::upgrade`].
    ///
    /// Several programs may do it at once when they start: one does the work, the others wait. Where nothing is missing, nothing is
    /// written.
    ///
    /// # Errors
    ///
    /// As [`Migrator::upgrade`].
    pub async fn upgrade(&self, engine: &Engine, target: &str) -> Result<Vec<RevisionId>> {
        Migrator::new(engine, &self.scripts()?).upgrade(target).await
    }

    /// Undoes what is built on a target: [`Migrator::downgrade`].
    ///
    /// # Errors
    ///
    /// As [`Migrator::downgrade`].
    pub async fn downgrade(&self, engine: &Engine, target: &str) -> Result<Vec<RevisionId>> {
        Migrator::new(engine, &self.scripts()?).downgrade(target).await
    }
}
