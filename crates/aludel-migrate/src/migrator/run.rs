//! One revision: its steps in transactions where the database has them for DDL, and a journal where it has not.

use std::ops::Range;

use aludel_engine::Connection;
use aludel_sql::schema::{Rebuild, Step, StepKind};
use aludel_sql::{ErrorKind, Result, text};

use super::step::is_of_rows;
use super::{Migrator, Progress};
use crate::history::{self, State};
use crate::revision::Revision;
use crate::script_directory::Direction;

impl Migrator<'_> {
    /// Runs a revision; tells whether there was something to do.
    pub(super) async fn run(
        &self,
        conn: &mut Connection,
        revision: &Revision,
        direction: Direction,
    ) -> Result<bool> {
        let dialect = self.engine.dialect();
        let steps = self.scripts.steps(revision, dialect, direction)?;
        self.check_hooks(revision, &steps)?;
        // Where nothing but a writing transaction keeps migrators apart, a revision is one, whatever its steps.
        let in_one = dialect.features().transactional_ddl
            && (dialect.migration_lock().is_none() || steps.iter().all(|it| it.in_transaction));
        let around = self.before_rebuilds(conn, &steps).await?;
        let done = if in_one {
            self.run_in_transaction(conn, revision, direction, &steps).await
        } else {
            self.tell(Progress::Revision(revision, direction));
            match self.begin_journal(conn, revision, direction, steps.len()).await {
                Ok(()) => self.run_with_journal(conn, revision, direction, &steps, 0).await.map(|()| true),
                Err(error) => Err(error),
            }
        };
        self.after_rebuilds(conn, around).await?;
        done
    }

    /// Prepares the connection, if tables are rebuilt.
    pub(super) async fn before_rebuilds(
        &self,
        conn: &mut Connection,
        steps: &[Step],
    ) -> Result<Option<Rebuild>> {
        let rebuilds = steps.iter().any(|it| matches!(it.kind, StepKind::Rebuild(_)));
        let around = self.engine.dialect().rebuild().filter(|_| rebuilds);
        if let Some(around) = around {
            // A connection without its usual settings must not be lent to anybody else.
            conn.invalidate();
            conn.run_plain(around.before).await?;
        }
        Ok(around)
    }

    pub(super) async fn after_rebuilds(&self, conn: &mut Connection, around: Option<Rebuild>) -> Result<()> {
        match around {
            Some(around) => conn.run_plain(around.after).await,
            None => Ok(()),
        }
    }

    /// Notes that a revision is on its way.
    async fn begin_journal(
        &self,
        conn: &mut Connection,
        revision: &Revision,
        direction: Direction,
        steps: usize,
    ) -> Result<()> {
        match direction {
            Direction::Up => {
                let checksum = self.scripts.checksum(&revision.id, self.engine.dialect())?;
                history::insert(conn, &revision.id, State::Upgrading, &checksum, (0, steps)).await
            }
            Direction::Down => history::begin_downgrade(conn, &revision.id, steps).await,
        }
    }

    /// All or nothing: the steps and the row of the history are one transaction.
    async fn run_in_transaction(
        &self,
        conn: &mut Connection,
        revision: &Revision,
        direction: Direction,
        steps: &[Step],
    ) -> Result<bool> {
        let deadline = self.deadline();
        loop {
            let mut tx = conn.begin().await?;
            // Where nothing but the transaction keeps migrators apart, another one may have been faster.
            let query =
                text!("SELECT count(*) FROM aludel_revisions WHERE id = :id", id = revision.id.as_str());
            match tx.execute(query).one().await.and_then(|row| row.at::<i64>(0)) {
                Ok(there) if (there == 0) == (direction == Direction::Up) => {
                    self.tell(Progress::Revision(revision, direction));
                    self.steps_and_row(&mut tx, revision, direction, steps).await?;
                    tx.commit().await?;
                    return Ok(true);
                }
                Ok(_) => return Ok(false),
                Err(error) if error.kind() == ErrorKind::Timeout => {}
                Err(error) => return Err(error),
            }
            self.wait(deadline).await?;
        }
    }

    async fn steps_and_row(
        &self,
        conn: &mut Connection,
        revision: &Revision,
        direction: Direction,
        steps: &[Step],
    ) -> Result<()> {
        for (at, step) in steps.iter().enumerate() {
            self.step(conn, revision, (at, steps.len()), step).await.map_err(|error| {
                error.help("nothing of the revision was kept; mend the cause and run the command again")
            })?;
        }
        match direction {
            Direction::Up => {
                let checksum = self.scripts.checksum(&revision.id, self.engine.dialect())?;
                history::insert(conn, &revision.id, State::Applied, &checksum, (steps.len(), steps.len()))
                    .await
            }
            Direction::Down => history::delete(conn, &revision.id).await,
        }
    }

    /// From one step on, each noted when it is done. Steps that may share a transaction do, together with the note.
    pub(super) async fn run_with_journal(
        &self,
        conn: &mut Connection,
        revision: &Revision,
        direction: Direction,
        steps: &[Step],
        first: usize,
    ) -> Result<()> {
        let state = match direction {
            Direction::Up => State::Upgrading,
            Direction::Down => State::Downgrading,
        };
        let transactional = self.engine.dialect().features().transactional_ddl;
        let mut at = first;
        while at < steps.len() {
            let together = if transactional {
                steps[at..].iter().take_while(|it| it.in_transaction).count().max(1)
            } else {
                1
            };
            let in_transaction = (transactional || is_of_rows(&steps[at])) && steps[at].in_transaction;
            let segment = at..at + together;
            let done = self.segment(conn, revision, state, steps, segment.clone(), in_transaction).await;
            if let Err(error) = done {
                // The error that counts is the first one.
                let _ = history::fail(conn, &revision.id, &error).await;
                let left = match self.leftover(conn, &steps[at]).await {
                    Some(left) => format!("{} is left, which goes then; ", left.what),
                    None => String::new(),
                };
                return Err(error.help(format!(
                    "{} of {} steps are done and noted; {left}mend the cause, then go on with `aludel resume`",
                    segment.start,
                    steps.len()
                )));
            }
            at = segment.end;
        }
        match direction {
            Direction::Up => history::note(conn, &revision.id, State::Applied, steps.len(), false).await,
            Direction::Down => history::delete(conn, &revision.id).await,
        }
    }

    async fn segment(
        &self,
        conn: &mut Connection,
        revision: &Revision,
        state: State,
        steps: &[Step],
        segment: Range<usize>,
        in_transaction: bool,
    ) -> Result<()> {
        if in_transaction {
            let mut tx = conn.begin().await?;
            for at in segment.clone() {
                self.step(&mut tx, revision, (at, steps.len()), &steps[at]).await?;
            }
            history::note(&mut tx, &revision.id, state, segment.end, false).await?;
            return tx.commit().await;
        }
        history::note(conn, &revision.id, state, segment.start, true).await?;
        for at in segment.clone() {
            self.step(conn, revision, (at, steps.len()), &steps[at]).await?;
        }
        history::note(conn, &revision.id, state, segment.end, false).await
    }
}
