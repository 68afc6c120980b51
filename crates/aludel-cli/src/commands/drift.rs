//! `aludel drift`.

use aludel::migrate::{Comparison, Migrator, NOT_COMPARED, Revision, RevisionId, ScriptDirectory};
use aludel::schema::Operation;
use aludel::{Engine, Error, ErrorKind, Result};
use serde_json::json;

use crate::Exit;
use crate::args::Drift;
use crate::output::out;
use crate::project::Project;

pub async fn run(project: &Project, args: &Drift) -> Result<Exit> {
    let scripts = project.scripts()?;
    scripts.check_sum()?;
    let engine = project.engine()?;
    let applied = project.applied(&scripts).await?;
    let state = scripts.map().state(&applied)?;
    let comparison = Comparison::read_where(&engine, &state, |_| args.all).await?;
    let operations = comparison.drift()?;
    tell(project, &comparison, &operations);
    if operations.is_empty() {
        return Ok(Exit::Done);
    }
    if !args.adopt {
        return Ok(Exit::Different);
    }
    adopt(project, args, &scripts, &engine, &applied, operations).await
}

fn tell(project: &Project, comparison: &Comparison, operations: &[Operation]) {
    let titles: Vec<String> = operations.iter().map(ToString::to_string).collect();
    if project.output.json {
        project.output.value(&json!({
            "operations": titles,
            "unmanaged": comparison.unmanaged(),
            "not_compared": NOT_COMPARED,
        }));
        return;
    }
    for title in &titles {
        project.output.line(&format!("somebody did: {}", out().operation(title)));
    }
    if titles.is_empty() {
        project.output.progress("The database is what its revisions add up to.");
    }
    if !comparison.unmanaged().is_empty() {
        let list = comparison.unmanaged().join(", ");
        project.output.progress(&format!("In no revision, and left alone (see --all): {list}."));
    }
    project.output.not_compared();
}

/// Writes a revision for what somebody did, and says that this database has it.
async fn adopt(
    project: &Project,
    args: &Drift,
    scripts: &ScriptDirectory,
    engine: &Engine,
    applied: &[RevisionId],
    operations: Vec<Operation>,
) -> Result<Exit> {
    let map = scripts.map();
    if let Some(pending) = map.revisions().iter().find(|it| !applied.contains(&it.id)) {
        return Err(Error::new(
            ErrorKind::Migration,
            format!("revision {} is not in the database yet", pending.id),
        )
        .help("`aludel upgrade heads` first: what somebody did comes after all revisions"));
    }
    let id = args.rev_id.as_ref().map_or_else(|| Ok(RevisionId::random()), RevisionId::new)?;
    let mut revision = Revision::new(id.clone(), map.heads(), args.message.as_str());
    revision.operations = operations;
    let folder = project.add(scripts, &revision)?;
    let scripts = project.scripts()?;
    Migrator::new(engine, &scripts).stamp(&[id.as_str()], false).await?;
    if !project.output.json {
        project.output.line(&folder.display().to_string());
    }
    Ok(Exit::Done)
}
