//! One revision: its steps in transactions where the database has them for DDL, and a journal where it has not.

use std::ops::Range;

use aludel_engine::Connection;
use aludel_sql::schema::{Rebuild, Step, StepKind};
use aludel_sql::{Error, Result, text};

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
            if direction == Direction::Up {
                self.see_that_nothing_is_in_the_way(conn, revision, &steps).await?;
            }
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
                let files = self.scripts.files(&revision.id, self.engine.dialect());
                history::insert(conn, &revision.id, State::Upgrading, (&checksum, &files), (0, steps)).await
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
        let mut tries = 0;
        loop {
            match self.transaction(conn, revision, direction, steps).await {
                Err(error) if self.is_blocked(&error) => {
                    self.try_again(&mut tries, error).await.map_err(nothing_was_kept)?;
                }
                Err(error) => return Err(nothing_was_kept(error)),
                done => return done,
            }
        }
    }

    async fn transaction(
        &self,
        conn: &mut Connection,
        revision: &Revision,
        direction: Direction,
        steps: &[Step],
    ) -> Result<bool> {
        let mut tx = conn.begin().await?;
        // Where nothing but the transaction keeps migrators apart, another one may have been faster.
        let query = text!("SELECT count(*) FROM aludel_revisions WHERE id = :id", id = revision.id.as_str());
        let there: i64 = tx.execute(query).one().await?.at(0)?;
        if (there == 0) != (direction == Direction::Up) {
            return Ok(false);
        }
        self.tell(Progress::Revision(revision, direction));
        self.steps_and_row(&mut tx, revision, direction, steps).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn steps_and_row(
        &self,
        conn: &mut Connection,
        revision: &Revision,
        direction: Direction,
        steps: &[Step],
    ) -> Result<()> {
        if direction == Direction::Up {
            self.see_that_nothing_is_in_the_way(conn, revision, steps).await?;
        }
        for (at, step) in steps.iter().enumerate() {
            self.step(conn, revision, (at, steps.len()), step).await?;
        }
        match direction {
            Direction::Up => {
                let checksum = self.scripts.checksum(&revision.id, self.engine.dialect())?;
                let files = self.scripts.files(&revision.id, self.engine.dialect());
                let all = (steps.len(), steps.len());
                history::insert(conn, &revision.id, State::Applied, (&checksum, &files), all).await
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
            let mut tries = 0;
            let done = loop {
                match self.segment(conn, revision, state, steps, segment.clone(), in_transaction).await {
                    Err(error) if self.is_blocked(&error) => {
                        if let Err(error) = self.try_again(&mut tries, error).await {
                            break Err(error);
                        }
                    }
                    done => break done,
                }
            };
            if let Err(error) = done {
                if direction == Direction::Up && nothing_done(&steps[..=at], in_transaction) {
                    // The history is as it was as well: the revision was not begun.
                    let _ = history::delete(conn, &revision.id).await;
                    return Err(error
                        .help("nothing of the revision was done; mend the cause and run the command again"));
                }
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

fn nothing_was_kept(error: Error) -> Error {
    error.help("nothing of the revision was kept; mend the cause and run the command again")
}

/// Tells whether nothing is left of steps the last of which failed: they only asked, or were undone with their transaction.
fn nothing_done(steps: &[Step], in_transaction: bool) -> bool {
    let asks = |step: &Step| step.kind == StepKind::Check;
    let undone = |step: &Step| asks(step) || in_transaction && !matches!(step.kind, StepKind::Hook(_));
    steps.split_last().is_none_or(|(last, before)| before.iter().all(asks) && undone(last))
}
