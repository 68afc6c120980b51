//! Setting the history right where somebody knows better.

use aludel_sql::{Error, ErrorKind, Result};

use super::Migrator;
use crate::history::{self, State};
use crate::revision::RevisionId;

impl Migrator<'_> {
    /// Says that revisions which were edited after they were applied are right as they are now. Nothing is run.
    ///
    /// ```
    /// # aludel::doc::run_engine(async |engine| {
    /// # use aludel_migrate::{Migrator, ScriptDirectory};
    /// # let scripts = aludel::doc::scripts();
    /// # let mut files = aludel::doc::files_of(&aludel::doc::revisions());
    /// # Migrator::new(&engine, &scripts).upgrade("head").await?;
    /// # for (_, text) in files.iter_mut().filter(|(name, _)| name.ends_with("001_1975/revision.toml")) {
    /// #     *text = text.replace("null = true", "null = true\ncomment = 'hall or attic'");
    /// # }
    /// # let read = |files: &[(String, String)]| {
    /// #     let files: Vec<_> = files.iter().filter(|(name, _)| name != "aludel.sum").collect();
    /// #     let files = || files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    /// #     let sum = ScriptDirectory::from_files(files()).unwrap().sum().unwrap();
    /// #     ScriptDirectory::from_files(files().chain([("aludel.sum", sum.as_str())])).unwrap()
    /// # };
    /// # let scripts = read(&files);
    /// // Somebody has edited the files of `1975` after it was run, and what they say now means the same.
    /// let migrator = Migrator::new(&engine, &scripts);
    /// assert!(migrator.upgrade("head").await.is_err());
    /// assert_eq!(migrator.accept(&["1975"]).await?.len(), 1);
    /// assert!(migrator.upgrade("head").await?.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Migration` where the database does not have such a revision.
    pub async fn accept(&self, revisions: &[&str]) -> Result<Vec<RevisionId>> {
        self.scripts.check_sum()?;
        let lock = self.lock().await?;
        let done = self.accept_locked(revisions).await;
        lock.release().await;
        done
    }

    async fn accept_locked(&self, revisions: &[&str]) -> Result<Vec<RevisionId>> {
        let mut conn = self.engine.connect().await?;
        let there = history::read(&mut conn).await?.unwrap_or_default();
        let applied: Vec<RevisionId> = there.iter().map(|it| it.id.clone()).collect();
        let mut ids = Vec::new();
        for text in revisions {
            ids.extend(self.scripts.map().resolve(text, &applied)?);
        }
        let mut tx = conn.begin().await?;
        for id in &ids {
            if !applied.contains(id) {
                let what = format!("the database does not have revision {id}, so there is nothing to accept");
                return Err(Error::new(ErrorKind::Migration, what));
            }
            let checksum = self.scripts.checksum(id, self.engine.dialect())?;
            history::accept(&mut tx, id, &checksum, &self.scripts.files(id, self.engine.dialect())).await?;
        }
        tx.commit().await?;
        Ok(ids)
    }

    /// Returns what is wrong between the history and the files, a line each; empty where all is well. Writes nothing.
    ///
    /// ```
    /// # aludel::doc::run_engine(async |engine| {
    /// # use aludel_migrate::{Migrator, ScriptDirectory};
    /// # let scripts = aludel::doc::scripts();
    /// # let mut files = aludel::doc::files_of(&aludel::doc::revisions());
    /// # Migrator::new(&engine, &scripts).upgrade("head").await?;
    /// # for (_, text) in files.iter_mut().filter(|(name, _)| name.ends_with("001_1975/revision.toml")) {
    /// #     *text = text.replace("null = true", "null = true\ncomment = 'hall or attic'");
    /// # }
    /// # let read = |files: &[(String, String)]| {
    /// #     let files: Vec<_> = files.iter().filter(|(name, _)| name != "aludel.sum").collect();
    /// #     let files = || files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    /// #     let sum = ScriptDirectory::from_files(files()).unwrap().sum().unwrap();
    /// #     ScriptDirectory::from_files(files().chain([("aludel.sum", sum.as_str())])).unwrap()
    /// # };
    /// # let scripts = read(&files);
    /// // Somebody has edited the files of `1975` after it was run.
    /// let complaints = Migrator::new(&engine, &scripts).complaints().await?;
    /// assert!(complaints[0].starts_with("1975: edited after it was applied"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Where the database cannot be reached.
    pub async fn complaints(&self) -> Result<Vec<String>> {
        let mut found = Vec::new();
        let mut conn = self.engine.connect().await?;
        for row in history::read(&mut conn).await?.unwrap_or_default() {
            if self.scripts.map().get(&row.id).is_none() {
                found.push(format!("{}: the database has it, and it is not among the files: bring its folder back, or `aludel stamp`", row.id));
            } else if row.state != State::Applied {
                found.push(format!(
                    "{}: half done, after step {} of {}: `aludel resume`",
                    row.id, row.step, row.steps
                ));
            } else if !self.is_edited(&row).is_ok_and(|it| !it) {
                let edits = self.edits(&mut conn, &row).await;
                found.push(format!(
                    "{}: edited after it was applied: bring its files back, or `aludel repair --accept {}`{edits}",
                    row.id, row.id
                ));
            }
        }
        Ok(found)
    }
}
