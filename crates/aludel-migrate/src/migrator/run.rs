//! One revision: its steps in transactions where the database has them for DDL, and a journal where it has not.

use std::ops::Range;

use aludel_engine::Connection;
use aludel_sql::schema::{Step, StepKind, TableName};
use aludel_sql::{Error, ErrorKind, Result, text, text_unchecked};

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
        self.tell(Progress::Revision(revision, direction));
        let in_one = dialect.features().transactional_ddl && steps.iter().all(|it| it.in_transaction);
        let rebuilds = steps.iter().any(|it| matches!(it.kind, StepKind::Rebuild(_)));
        let around = dialect.rebuild().filter(|_| rebuilds);
        if let Some(around) = around {
            // A connection without its usual settings must not be lent to anybody else.
            conn.invalidate();
            conn.run_plain(around.before).await?;
        }
        let done = if in_one {
            self.run_in_transaction(conn, revision, direction, &steps).await
        } else {
            self.run_with_journal(conn, revision, direction, &steps, 0).await.map(|()| true)
        };
        if let Some(around) = around {
            conn.run_plain(around.after).await?;
        }
        done
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

    /// Step by step, each noted when it is done. Steps that may share a transaction do, together with the note.
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
        if first == 0 {
            match direction {
                Direction::Up => {
                    let checksum = self.scripts.checksum(&revision.id, self.engine.dialect())?;
                    history::insert(conn, &revision.id, state, &checksum, (0, steps.len())).await?;
                }
                Direction::Down => history::begin_downgrade(conn, &revision.id, steps.len()).await?,
            }
        }
        let transactional = self.engine.dialect().features().transactional_ddl;
        let mut at = first;
        while at < steps.len() {
            let together = if transactional {
                steps[at..].iter().take_while(|it| it.in_transaction).count().max(1)
            } else {
                1
            };
            let in_transaction = transactional && steps[at].in_transaction;
            let segment = at..at + together;
            let done = self.segment(conn, revision, state, steps, segment.clone(), in_transaction).await;
            if let Err(error) = done {
                // The error that counts is the first one.
                let _ = history::fail(conn, &revision.id, &error).await;
                return Err(error.help(format!(
                    "{} of {} steps are done; mend the cause, run by hand those that are left, then say where the database is with `aludel stamp`",
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

    async fn step(
        &self,
        conn: &mut Connection,
        revision: &Revision,
        (at, of): (usize, usize),
        step: &Step,
    ) -> Result<()> {
        self.tell(Progress::Step(at + 1, of, &step.title));
        let done = match &step.kind {
            StepKind::Rebuild(table) => self.rebuild(conn, table, step).await,
            _ => {
                let statements: Vec<&str> = step.statements.iter().map(String::as_str).collect();
                conn.run_plain(&statements).await
            }
        };
        done.map_err(|error| {
            error.doing(format!(
                "revision {} ({}), step {} of {of}: {}",
                revision.id,
                revision.message,
                at + 1,
                step.title
            ))
        })
    }

    /// Makes a table again. What hangs on it and is not in the revision (triggers) is carried over, and its references are checked.
    async fn rebuild(&self, conn: &mut Connection, table: &TableName, step: &Step) -> Result<()> {
        let dialect = self.engine.dialect();
        let Some(around) = dialect.rebuild() else {
            return Err(Error::new(ErrorKind::Unsupported, format!("{} rebuilds no tables", dialect.name())));
        };
        let carried = (around.carried)(table)?;
        let carried = conn.execute(text_unchecked(carried)).all().await?;
        let carried: Vec<String> = carried.iter().map(|row| row.at(0)).collect::<Result<_>>()?;
        let statements: Vec<&str> = step.statements.iter().chain(&carried).map(String::as_str).collect();
        conn.run_plain(&statements).await?;
        let broken = conn.execute(text_unchecked(around.check)).all().await?;
        if let Some(row) = broken.first() {
            let (child, parent): (String, String) = (row.at(0)?, row.at(2)?);
            return Err(Error::new(
                ErrorKind::ForeignKeyViolation,
                format!("{} rows of `{child}` refer to rows of `{parent}` that do not exist", broken.len()),
            )
            .with_table(child));
        }
        Ok(())
    }
}
