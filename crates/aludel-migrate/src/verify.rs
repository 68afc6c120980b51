//! Trying all revisions: up, down, up again, with the same state each time, and with rows that have to survive.

mod rows;
mod seeds;
mod survival;

use std::collections::{BTreeSet, HashMap};

use aludel_engine::Engine;
use aludel_sql::schema::Operation;
use aludel_sql::{Metadata, Result};

use self::rows::Rows;
use self::seeds::Seeds;
pub use self::survival::Survival;
use crate::comparison::Comparison;
use crate::diff::{diff, normalized};
use crate::history::{HISTORY_TABLE, State};
use crate::migrator::{Migrator, Progress};
use crate::revision::{Revision, RevisionId};
use crate::revision_map::RevisionMap;
use crate::script_directory::{Direction, ScriptDirectory};

/// What trying all revisions showed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// The states that are not what they should be.
    pub mismatches: Vec<Mismatch>,
    /// The rows and values that did not survive a revision, whether it says so or not.
    pub lost: Vec<Survival>,
    /// What did not run where there were rows, and was tried without them.
    pub refusals: Vec<Refusal>,
    /// The tables that no rows could be made up for, with what the database said.
    pub empty: Vec<(String, String)>,
    /// How many rows had to survive, counted for each revision.
    pub rows: usize,
}

/// A state that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The revision after whose upgrade or downgrade it was found.
    pub revision: RevisionId,
    /// What was done, in words.
    pub when: &'static str,
    /// What the database has that it should not have, and the other way round.
    pub operations: Vec<Operation>,
}

/// A revision that did not run where there were rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The revision.
    pub revision: RevisionId,
    /// What was done, in words.
    pub when: &'static str,
    /// What was said.
    pub why: String,
}

impl Verification {
    /// Tells whether all states are what they should be, and nothing was lost that no revision takes away.
    ///
    /// ```
    /// # aludel::doc::run_engine(async |_| {
    /// # use aludel::prelude::*;
    /// # let scripts = aludel::doc::scripts();
    /// use aludel_migrate::verify;
    ///
    /// // A test of a project: each of its revisions, there and back, with rows in the tables.
    /// let scratch = Engine::builder("sqlite::memory:").build()?;
    /// let verification = verify(&scratch, &scripts).await?;
    /// assert!(verification.is_ok(), "{verification:?}");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.mismatches.is_empty() && self.lost.iter().all(|it| it.is_declared)
    }
}

/// Runs all revisions on an empty database, each up, down, and up again, and compares the states: the upgrade with what the operations say, the
/// downgrade with what was there before, the second upgrade with the first.
///
/// Before each revision, tables that are empty get three rows, made up by the types of their columns; afterwards they are looked for. Tables, columns
/// and digits that a revision takes away take rows and values along, and a step of SQL may do anything with them: what is lost is told all the same.
/// A revision that cannot be undone is only upgraded.
///
/// ```
/// # aludel::doc::run_engine(async |_| {
/// use aludel::prelude::*;
/// use aludel_migrate::{ScriptDirectory, verify};
///
/// let scripts = ScriptDirectory::from_files([])?; // or `ScriptDirectory::load("migrations".as_ref())?`
/// let scratch = Engine::builder("sqlite::memory:").build()?;
/// assert!(verify(&scratch, &scripts).await?.is_ok());
/// # Ok(()) });
/// ```
///
/// # Errors
///
/// Where a revision fails without rows.
pub async fn verify(engine: &Engine, scripts: &ScriptDirectory) -> Result<Verification> {
    verify_with(engine, scripts, &|_| {}).await
}

/// Does what [`verify`] does, and tells which revision it tries, as [`Progress::Verifying`].
///
/// ```
/// # aludel::doc::run_engine(async |_| {
/// use aludel::prelude::*;
/// use aludel_migrate::{Progress, verify_with};
///
/// # let scripts = aludel::doc::scripts();
/// let scratch = Engine::builder("sqlite::memory:").build()?;
/// let tell = |progress: Progress<'_>| {
///     if let Progress::Verifying(number, of, revision) = progress {
///         println!("{number}/{of} {}", revision.message); // 1/2 create shelves
///     }
/// };
/// assert!(verify_with(&scratch, &scripts, &tell).await?.is_ok());
/// # Ok(()) });
/// ```
///
/// # Errors
///
/// As [`verify`].
pub async fn verify_with(
    engine: &Engine,
    scripts: &ScriptDirectory,
    listener: &(dyn Fn(Progress<'_>) + Send + Sync),
) -> Result<Verification> {
    let run = Run {
        listener,
        engine,
        map: scripts.map(),
        migrator: Migrator::new(engine, scripts).allow_data_loss(true),
        applied: BTreeSet::new(),
        seeds: Seeds::default(),
        found: Verification::default(),
    };
    run.all().await
}

struct Run<'a> {
    listener: &'a (dyn Fn(Progress<'_>) + Send + Sync),
    engine: &'a Engine,
    map: &'a RevisionMap,
    migrator: Migrator<'a>,
    applied: BTreeSet<RevisionId>,
    seeds: Seeds,
    found: Verification,
}

impl Run<'_> {
    async fn all(mut self) -> Result<Verification> {
        let mut states = HashMap::from([(self.applied.clone(), reflect(self.engine).await?)]);
        let revisions = self.map.revisions();
        for (at, revision) in revisions.iter().enumerate() {
            (self.listener)(Progress::Verifying(at + 1, revisions.len(), revision));
            let up = self.revision(revision, &states).await?;
            states.insert(self.applied.clone(), up);
        }
        self.found.empty = self.seeds.take_failures();
        Ok(self.found)
    }

    /// Tries one revision, and returns the state that its upgrade left.
    async fn revision(
        &mut self,
        revision: &Revision,
        states: &HashMap<BTreeSet<RevisionId>, Metadata>,
    ) -> Result<Metadata> {
        let (before, before_ids) = (self.state()?, self.applied.clone());
        self.seeds.sow(self.engine, &before).await?;
        let mut rows = Rows::read(self.engine, &before).await?;
        let upgrade = (revision, "upgrade", Direction::Up, revision.id.as_str());
        let done = self.go(upgrade, &before, &mut rows).await?;
        self.applied.extend(done);
        let up = reflect(self.engine).await?;
        let after = self.state()?;
        let declared = Comparison::read_where(self.engine, &after, |_| true).await?;
        self.note(revision, "upgrade", declared.drift()?);
        self.found.rows += rows.count();
        let upgraded = self.look(revision, "upgrade", &rows, &after, &[]).await?;
        if revision.reversal().is_ok() {
            let target = revision.parents.first().map_or("base", RevisionId::as_str);
            let downgrade = (revision, "downgrade", Direction::Down, target);
            let undone = self.go(downgrade, &after, &mut rows).await?;
            let left: BTreeSet<RevisionId> =
                self.applied.iter().filter(|it| !undone.contains(it)).cloned().collect();
            let down = reflect(self.engine).await?;
            if let Some(state) = states.get(&left) {
                self.note(revision, "downgrade", differences(state, &down)?);
            }
            let is_back = left == before_ids;
            let known = if is_back {
                self.look(revision, "downgrade", &rows, &before, &upgraded).await?
            } else {
                Vec::new()
            };
            let again = Rows::read(self.engine, &self.map.state(&Vec::from_iter(left))?).await?;
            for head in self.map.heads_of(|id| self.applied.contains(id)) {
                self.migrator.upgrade(head.as_str()).await?;
            }
            self.note(revision, "second upgrade", differences(&up, &reflect(self.engine).await?)?);
            if is_back {
                self.look(revision, "second upgrade", &again, &after, &[upgraded, known].concat()).await?;
            }
        }
        self.seeds.follow(&revision.operations);
        Ok(up)
    }

    /// Goes to a target; where rows are in the way, without them.
    async fn go(
        &mut self,
        (revision, when, direction, target): (&Revision, &'static str, Direction, &str),
        state: &Metadata,
        rows: &mut Rows,
    ) -> Result<Vec<RevisionId>> {
        let run = async |migrator: &Migrator<'_>| match direction {
            Direction::Up => migrator.upgrade(target).await,
            Direction::Down => migrator.downgrade(target).await,
        };
        let error = match run(&self.migrator).await {
            Ok(done) => return Ok(done),
            Err(error) if self.seeds.is_empty() || error.is_disconnect() => return Err(error),
            Err(error) => error,
        };
        self.found.refusals.push(Refusal {
            revision: revision.id.clone(),
            when,
            why: error.what().to_owned(),
        });
        self.seeds.clear(self.engine, state).await?;
        *rows = Rows::default();
        let is_half_done = self.migrator.current().await?.iter().any(|it| it.state != State::Applied);
        let mut done = if is_half_done { self.migrator.resume(None).await? } else { Vec::new() };
        done.extend(run(&self.migrator).await?);
        Ok(done)
    }

    /// Looks which rows are there still, and tells of those that are not, unless that was told already.
    async fn look(
        &mut self,
        revision: &Revision,
        when: &'static str,
        rows: &Rows,
        state: &Metadata,
        told: &[Survival],
    ) -> Result<Vec<Survival>> {
        let back = when == "downgrade";
        let now = Rows::read(self.engine, state).await?;
        let operations: &[Operation] = if back { &[] } else { &revision.operations };
        let mut lost = survival::compare(revision, when, rows, &now, operations);
        lost.retain(|it| !told.iter().any(|other| it.is_same(other)));
        self.found.lost.extend(lost.iter().cloned());
        Ok(lost)
    }

    fn note(&mut self, revision: &Revision, when: &'static str, operations: Vec<Operation>) {
        if !operations.is_empty() {
            self.found.mismatches.push(Mismatch { revision: revision.id.clone(), when, operations });
        }
    }

    /// The schema that the revisions so far add up to.
    fn state(&self) -> Result<Metadata> {
        self.map.state(&Vec::from_iter(self.applied.iter().cloned()))
    }
}

async fn reflect(engine: &Engine) -> Result<Metadata> {
    let mut metadata = engine.inspect().await?.reflect();
    metadata.tables_mut().retain(|it| it.name != HISTORY_TABLE);
    Ok(metadata)
}

fn differences(expected: &Metadata, found: &Metadata) -> Result<Vec<Operation>> {
    if normalized(expected) == normalized(found) {
        return Ok(Vec::new());
    }
    diff(expected, found)
}
