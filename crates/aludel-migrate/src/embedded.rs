//! Revisions that are part of a program.

use aludel_engine::driver::BoxFuture;
use aludel_engine::{Connection, Engine};
use aludel_sql::schema::Operation;
use aludel_sql::{Metadata, Result};

use crate::diff::diff;
use crate::migrator::{Begun, Hooks, Migrator, Waits};
use crate::revision::RevisionId;
use crate::script_directory::ScriptDirectory;

/// The revisions of a program, made by `embed_migrations!`.
#[derive(Clone, Debug)]
#[must_use]
pub struct Migrations {
    files: &'static [(&'static str, &'static str)],
    hooks: Hooks,
    waits: Option<Waits>,
    allow_data_loss: bool,
}

impl Migrations {
    /// These files: names with `/`, and texts.
    ///
    /// `embed_migrations!("migrations")` writes this, with the files of the folder as they are when the program is compiled.
    ///
    /// ```
    /// use aludel_migrate::Migrations;
    ///
    /// const FILES: &[(&str, &str)] = &[("ae10/revision.toml", "id = 'ae10'\nparents = []\nmessage = 'nothing yet'\n")];
    /// static MIGRATIONS: Migrations = Migrations::of(FILES);
    /// assert_eq!(MIGRATIONS.scripts()?.map().revisions().len(), 1);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    pub const fn of(files: &'static [(&'static str, &'static str)]) -> Self {
        Self { files, hooks: Hooks::new(), waits: None, allow_data_loss: false }
    }

    /// Reads the revisions.
    ///
    /// ```
    /// # use aludel_migrate::Migrations;
    /// # const FILES: &[(&str, &str)] = &[("ae10/revision.toml", "id = 'ae10'\nparents = []\nmessage = 'nothing yet'\n")];
    /// # let migrations = Migrations::of(FILES);
    /// // What a health check of a program may ask: which revision it was built for.
    /// assert_eq!(migrations.scripts()?.map().heads()[0].as_str(), "ae10");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`ScriptDirectory::load`].
    pub fn scripts(&self) -> Result<ScriptDirectory> {
        ScriptDirectory::from_files(self.files.iter().copied())
    }

    /// Returns what no revision does yet, to make the tables what the models are: nothing, if `aludel check` is content.
    ///
    /// A test of the program can say that nobody changes a model and forgets the revision:
    ///
    /// ```
    /// use aludel::prelude::*;
    /// use aludel::migrate::Migrations;
    ///
    /// #[derive(Entity)]
    /// #[entity(table = "users")]
    /// pub struct User {
    ///     #[column(primary_key)]
    ///     pub id: i64,
    /// }
    ///
    /// # let migrations = Migrations::of(&[]); // aludel::embed_migrations!("migrations")
    /// let missing = migrations.check(&Metadata::of((User,)))?;
    /// assert_eq!(missing[0].to_string(), "create table users");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`ScriptDirectory::load`]; kind `Migration` for revisions that do not fit each other.
    pub fn check(&self, models: &Metadata) -> Result<Vec<Operation>> {
        let scripts = self.scripts()?;
        diff(&scripts.map().state(&scripts.map().heads())?, models)
    }

    /// Gives the code that revisions name: `hook = "split names"`. It runs in the transaction of its revision, where there is one.
    ///
    /// ```
    /// # use aludel_migrate::Migrations;
    /// # const FILES: &[(&str, &str)] = &[];
    /// let migrations = Migrations::of(FILES).hook("split names", |conn| {
    ///     Box::pin(async move { conn.run_plain(&["UPDATE users SET first = name"]).await })
    /// });
    /// ```
    pub fn hook<F>(mut self, name: impl Into<String>, hook: F) -> Self
    where
        F: for<'c> Fn(&'c mut Connection) -> BoxFuture<'c, Result<()>> + Send + Sync + 'static,
    {
        self.hooks.insert(name, hook);
        self
    }

    /// Says how long to wait for what others use: [`Waits`].
    ///
    /// ```
    /// # use aludel_migrate::{Migrations, Waits};
    /// # const FILES: &[(&str, &str)] = &[];
    /// let migrations = Migrations::of(FILES).waits(Waits { lock_retries: 30, ..Waits::default() });
    /// ```
    pub const fn waits(mut self, waits: Waits) -> Self {
        self.waits = Some(waits);
        self
    }

    /// Lets rows and values go that a revision takes away: [`Migrator::allow_data_loss`].
    ///
    /// ```
    /// # aludel::doc::run_engine(async |engine| {
    /// # use aludel_migrate::Migrations;
    /// # let migrations = Migrations::of(&[]);
    /// migrations.allow_data_loss(true).downgrade(&engine, "base").await?; // a test that begins anew
    /// # Ok(()) });
    /// ```
    pub const fn allow_data_loss(mut self, allow: bool) -> Self {
        self.allow_data_loss = allow;
        self
    }

    /// Runs what is missing up to a target: [`Migrator::upgrade`].
    ///
    /// Several programs may do it at once when they start: one does the work, the others wait. Where nothing is missing, nothing is
    /// written.
    ///
    /// ```
    /// # aludel::doc::run_engine(async |engine| {
    /// # use aludel_migrate::Migrations;
    /// # let files = aludel::doc::files_of(&aludel::doc::revisions());
    /// # let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&*name.to_owned().leak(), &*text.to_owned().leak())).collect();
    /// # let migrations = Migrations::of(files.leak());
    /// // In `main`, before the program serves anybody: `aludel::embed_migrations!("migrations").upgrade(&engine, "heads")`
    /// assert_eq!(migrations.upgrade(&engine, "heads").await?.len(), 2);
    /// assert!(migrations.upgrade(&engine, "heads").await?.is_empty()); // the next time
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Migrator::upgrade`].
    pub async fn upgrade(&self, engine: &Engine, target: &str) -> Result<Vec<RevisionId>> {
        self.migrator(engine, &self.scripts()?).upgrade(target).await
    }

    /// Undoes what is built on a target: [`Migrator::downgrade`].
    ///
    /// ```
    /// # aludel::doc::run_engine(async |engine| {
    /// # use aludel_migrate::Migrations;
    /// # let files = aludel::doc::files_of(&aludel::doc::revisions());
    /// # let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&*name.to_owned().leak(), &*text.to_owned().leak())).collect();
    /// # let migrations = Migrations::of(files.leak());
    /// migrations.upgrade(&engine, "heads").await?;
    /// assert_eq!(migrations.downgrade(&engine, "-1").await?[0].as_str(), "1975");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Migrator::downgrade`].
    pub async fn downgrade(&self, engine: &Engine, target: &str) -> Result<Vec<RevisionId>> {
        self.migrator(engine, &self.scripts()?).downgrade(target).await
    }

    /// Finishes what was left half done: [`Migrator::resume`].
    ///
    /// ```
    /// # aludel::doc::run_engine(async |engine| {
    /// # use aludel_migrate::Migrations;
    /// # let files = aludel::doc::files_of(&aludel::doc::revisions());
    /// # let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&*name.to_owned().leak(), &*text.to_owned().leak())).collect();
    /// # let migrations = Migrations::of(files.leak());
    /// migrations.upgrade(&engine, "heads").await?;
    /// assert!(migrations.resume(&engine, None).await?.is_empty()); // nothing was half done
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Migrator::resume`].
    pub async fn resume(&self, engine: &Engine, begun: Option<Begun>) -> Result<Vec<RevisionId>> {
        self.migrator(engine, &self.scripts()?).resume(begun).await
    }

    fn migrator<'a>(&'a self, engine: &'a Engine, scripts: &'a ScriptDirectory) -> Migrator<'a> {
        Migrator::new(engine, scripts)
            .hooks(&self.hooks)
            .waits(self.waits.unwrap_or_default())
            .allow_data_loss(self.allow_data_loss)
    }
}
