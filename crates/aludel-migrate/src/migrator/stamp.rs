//! Changing the history without running anything.

use std::collections::BTreeSet;

use aludel_sql::Result;

use super::Migrator;
use crate::history::{self, State};
use crate::revision::RevisionId;

impl Migrator<'_> {
    /// Says that the database is at these revisions, without running anything: for one that was made in another way. `purge` forgets
    /// everything that the history said before.
    ///
    /// ```
    /// # aludel::doc::run_engine(async |engine| {
    /// # let scripts = aludel::doc::scripts();
    /// use aludel_migrate::Migrator;
    ///
    /// // A database that somebody has made with SQL by hand, before there were revisions.
    /// let by_hand = "CREATE TABLE shelves (id INTEGER NOT NULL PRIMARY KEY, label VARCHAR(50) NOT NULL)";
    /// engine.connect().await?.run_plain(&[by_hand]).await?;
    /// let migrator = Migrator::new(&engine, &scripts);
    /// migrator.stamp(&["ae10"], false).await?;
    /// assert_eq!(migrator.upgrade("head").await?[0].as_str(), "1975"); // the next one is run
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Migration` where a target means nothing.
    pub async fn stamp(&self, targets: &[&str], purge: bool) -> Result<()> {
        self.scripts.check_sum()?;
        let lock = self.lock().await?;
        let done = self.stamp_locked(targets, purge).await;
        lock.release().await;
        done
    }

    async fn stamp_locked(&self, targets: &[&str], purge: bool) -> Result<()> {
        let map = self.scripts.map();
        let mut conn = self.engine.connect().await?;
        let there = self.history(&mut conn).await?;
        let before: Vec<RevisionId> = there.iter().map(|it| it.id.clone()).collect();
        let known: Vec<RevisionId> = before.iter().filter(|it| map.get(it).is_some()).cloned().collect();
        let mut ids = Vec::new();
        for target in targets {
            ids.extend(map.resolve(target, &known)?);
        }
        let mut after: BTreeSet<RevisionId> =
            if ids.is_empty() || purge { BTreeSet::new() } else { before.iter().cloned().collect() };
        // What is built on a target is not there; what it is built on is.
        let above = map.with_descendants(&ids);
        after.retain(|it| !above.contains(it));
        after.extend(map.with_ancestors(&ids));
        let mut tx = conn.begin().await?;
        for row in there.iter().filter(|it| !after.contains(&it.id) || it.state != State::Applied) {
            history::delete(&mut tx, &row.id).await?;
        }
        for revision in map.revisions().iter().filter(|it| after.contains(&it.id)) {
            if there.iter().any(|it| it.id == revision.id && it.state == State::Applied) {
                continue;
            }
            let checksum = self.scripts.checksum(&revision.id, self.engine.dialect())?;
            let files = self.scripts.files(&revision.id, self.engine.dialect());
            history::insert(&mut tx, &revision.id, State::Applied, (&checksum, &files), (0, 0)).await?;
        }
        tx.commit().await
    }

    /// Creates the table of the history, if it is not there.
    ///
    /// ```
    /// # aludel::doc::run_engine(async |engine| {
    /// # let scripts = aludel::doc::scripts();
    /// use aludel_migrate::Migrator;
    /// use aludel_migrate::HISTORY_TABLE;
    ///
    /// Migrator::new(&engine, &scripts).ensure_version().await?;
    /// assert!(engine.inspect().await?.has_table(HISTORY_TABLE));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Where the database refuses.
    pub async fn ensure_version(&self) -> Result<()> {
        let mut conn = self.engine.connect().await?;
        if history::read(&mut conn).await?.is_some() {
            return Ok(());
        }
        let lock = self.lock().await?;
        let done = self.history(&mut conn).await;
        lock.release().await;
        done.map(drop)
    }
}
