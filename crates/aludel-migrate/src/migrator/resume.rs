//! Going on where a migrator died, or a step failed.

use aludel_engine::Connection;
use aludel_sql::schema::{Leftover, Probe, Step, StepKind};
use aludel_sql::{Error, ErrorKind, Result, text_unchecked};

use super::Migrator;
use crate::history::{self, Applied, State};
use crate::revision::RevisionId;
use crate::script_directory::Direction;

/// What somebody found out about a step that had begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It was done.
    Done,
    /// It was not done.
    NotDone,
}

impl Migrator<'_> {
    /// Finishes the revisions that were left half done, and returns them. Where nothing was, nothing is done.
    ///
    /// Only databases without transactions for DDL leave something half done, and revisions with steps that run outside of one. What is
    /// noted as done is not done again; a step that had begun is asked for in the database. Where that is no use, `begun` says what
    /// somebody saw.
    ///
    /// ```
    /// # aludel::doc::run_engine(async |engine| {
    /// # let scripts = aludel::doc::scripts();
    /// use aludel_migrate::Migrator;
    ///
    /// // MariaDB ends the transaction at each change of a schema; SQLite keeps a revision as a whole or not at all, and has nothing to finish.
    /// let migrator = Migrator::new(&engine, &scripts);
    /// migrator.upgrade("head").await?;
    /// assert!(migrator.resume(None).await?.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Migration` where the revision was edited meanwhile, and where nothing tells whether a step was done; the database's own
    /// error where a step fails.
    pub async fn resume(&self, begun: Option<Begun>) -> Result<Vec<RevisionId>> {
        self.scripts.check_sum()?;
        let deadline = self.deadline();
        loop {
            let lock = self.lock().await?;
            let done = match self.is_still_running().await {
                Ok(true) => None,
                Ok(false) => Some(self.resume_locked(begun).await),
                Err(error) => Some(Err(error)),
            };
            // The statement of a migrator that is no more may itself wait for the end of the transaction that holds the lock.
            lock.release().await;
            match done {
                Some(done) => return done,
                None => self.wait(deadline).await?,
            }
        }
    }

    /// Tells whether the server goes on with a step for a migrator that is no more.
    async fn is_still_running(&self) -> Result<bool> {
        let mut conn = self.engine.connect().await?;
        for row in history::read(&mut conn).await?.unwrap_or_default() {
            let Some(revision) = self.scripts.map().get(&row.id).filter(|_| row.state != State::Applied)
            else {
                continue;
            };
            let direction = if row.state == State::Upgrading { Direction::Up } else { Direction::Down };
            let steps = self.scripts.steps(revision, self.engine.dialect(), direction)?;
            let step = usize::try_from(row.step).ok().and_then(|at| steps.get(at));
            for statement in step.iter().flat_map(|it| &it.statements) {
                if let Some(query) = self.engine.dialect().still_running(statement)
                    && is_there(&mut conn, query).await?
                {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    async fn resume_locked(&self, mut begun: Option<Begun>) -> Result<Vec<RevisionId>> {
        let mut conn = self.engine.connect().await?;
        let mut done = Vec::new();
        for row in history::read(&mut conn).await?.unwrap_or_default() {
            if row.state != State::Applied {
                self.resume_revision(&mut conn, &row, begun.take()).await?;
                done.push(row.id);
            }
        }
        Ok(done)
    }

    async fn resume_revision(
        &self,
        conn: &mut Connection,
        row: &Applied,
        begun: Option<Begun>,
    ) -> Result<()> {
        let Some(revision) = self.scripts.map().get(&row.id) else {
            let what = format!("revision {} is half done, and is not among the files", row.id);
            return Err(Error::new(ErrorKind::Migration, what).help("bring its folder back"));
        };
        self.check_checksum(conn, row).await?;
        let direction = if row.state == State::Upgrading { Direction::Up } else { Direction::Down };
        let steps = self.scripts.steps(revision, self.engine.dialect(), direction)?;
        self.check_hooks(revision, &steps)?;
        self.tell(super::Progress::Revision(revision, direction));
        let mut first = usize::try_from(row.step).unwrap_or_default();
        if let Some(step) = steps.get(first) {
            let was_done = match begun {
                Some(begun) => begun == Begun::Done,
                None => row.begun && self.was_done(conn, row, step).await?,
            };
            if was_done {
                first += 1;
                history::note(conn, &row.id, row.state, first, false).await?;
            } else if let Some(leftover) = self.leftover(conn, step).await {
                conn.run_plain(&[&leftover.remove]).await?;
            }
        }
        let around = self.before_rebuilds(conn, &steps).await?;
        let done = self.run_with_journal(conn, revision, direction, &steps, first).await;
        self.after_rebuilds(conn, around).await?;
        done
    }

    /// Tells whether a step that had begun was done.
    async fn was_done(&self, conn: &mut Connection, row: &Applied, step: &Step) -> Result<bool> {
        match self.probe(step) {
            Probe::Repeatable => Ok(false),
            Probe::Ask { is_done, .. } => is_there(conn, is_done).await,
            _ => {
                let what = format!(
                    "step {} of revision {} ({}) had begun, and nothing tells whether it was done",
                    row.step + 1,
                    row.id,
                    step.title
                );
                Err(Error::new(ErrorKind::Migration, what)
                    .with_sql(step.statements.join(";\n"))
                    .help("look at the database, then say it: `aludel resume --step done` or `aludel resume --step not-done`"))
            }
        }
    }

    fn probe(&self, step: &Step) -> Probe {
        match (&step.kind, step.statements.as_slice()) {
            (StepKind::Check | StepKind::Backfill { .. }, _) => Probe::Repeatable,
            (StepKind::Statement, [one]) => self.engine.dialect().probe(one),
            _ => Probe::Unknown,
        }
    }

    /// Returns what a failed attempt at a step has left behind, if there is something.
    pub(super) async fn leftover(&self, conn: &mut Connection, step: &Step) -> Option<Leftover> {
        let Probe::Ask { leftover: Some(leftover), .. } = self.probe(step) else { return None };
        is_there(conn, leftover.is_there.clone()).await.ok()?.then_some(leftover)
    }
}

async fn is_there(conn: &mut Connection, query: String) -> Result<bool> {
    Ok(conn.execute(text_unchecked(query)).one().await?.at::<i64>(0)? != 0)
}
