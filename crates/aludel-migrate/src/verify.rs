//! Trying all revisions: up, down, up again, with the same state each time.

use std::collections::{BTreeSet, HashMap};

use aludel_engine::Engine;
use aludel_sql::schema::Operation;
use aludel_sql::{Metadata, Result};

use crate::comparison::Comparison;
use crate::diff::{diff, normalized};
use crate::history::HISTORY_TABLE;
use crate::migrator::Migrator;
use crate::revision::RevisionId;
use crate::revision_map::RevisionMap;
use crate::script_directory::ScriptDirectory;

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

/// Runs all revisions on an empty database, each up, down, and up again, and returns the states that differ: the upgrade from what the operations say, the
/// downgrade from what was there before, the second upgrade from the first.
///
/// A revision that cannot be undone is only upgraded.
///
/// ```
/// # aludel::doc::run_engine(async |_| {
/// use aludel::prelude::*;
/// use aludel_migrate::{ScriptDirectory, verify};
///
/// let scripts = ScriptDirectory::from_files([])?; // or `ScriptDirectory::load("migrations".as_ref())?`
/// let scratch = Engine::builder("sqlite::memory:").build()?;
/// assert!(verify(&scratch, &scripts).await?.is_empty());
/// # Ok(()) });
/// ```
///
/// # Errors
///
/// Where a revision fails.
pub async fn verify(engine: &Engine, scripts: &ScriptDirectory) -> Result<Vec<Mismatch>> {
    let map = scripts.map();
    let migrator = Migrator::new(engine, scripts).allow_data_loss(true);
    let mut found = Vec::new();
    let mut applied: BTreeSet<RevisionId> = BTreeSet::new();
    let mut states = HashMap::from([(applied.clone(), reflect(engine).await?)]);
    for revision in map.revisions() {
        applied.extend(migrator.upgrade(revision.id.as_str()).await?);
        let up = reflect(engine).await?;
        let mut note = |when, operations: Vec<Operation>| {
            if !operations.is_empty() {
                found.push(Mismatch { revision: revision.id.clone(), when, operations });
            }
        };
        let all: Vec<RevisionId> = applied.iter().cloned().collect();
        let declared = Comparison::read_where(engine, &map.state(&all)?, |_| true).await?;
        note("upgrade", declared.drift()?);
        if revision.reversal().is_ok() {
            let target = revision.parents.first().map_or("base", RevisionId::as_str);
            let undone = migrator.downgrade(target).await?;
            let left: BTreeSet<RevisionId> =
                applied.iter().filter(|it| !undone.contains(it)).cloned().collect();
            let down = reflect(engine).await?;
            if let Some(before) = states.get(&left) {
                note("downgrade", differences(before, &down)?);
            }
            for head in heads(map, &applied) {
                migrator.upgrade(head.as_str()).await?;
            }
            note("second upgrade", differences(&up, &reflect(engine).await?)?);
        }
        states.insert(applied.clone(), up);
    }
    Ok(found)
}

fn heads(map: &RevisionMap, applied: &BTreeSet<RevisionId>) -> Vec<RevisionId> {
    map.heads_of(|id| applied.contains(id))
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
