//! `aludel revision`.

mod answers;

use aludel::migrate::{Comparison, Revision as Written, RevisionId, ScriptDirectory};
use aludel::{Error, ErrorKind, Metadata, Result};
use serde_json::json;

use crate::Exit;
use crate::args::Revision;
use crate::commands::drift::not_compared;
use crate::models;
use crate::output::revision_json;
use crate::project::{Project, state_before};

pub async fn run(project: &Project, args: &Revision) -> Result<Exit> {
    let scripts = project.scripts()?;
    scripts.check_sum()?;
    let mut revision = empty(&scripts, args)?;
    if args.autogenerate {
        let models = models::read(&project.config)?;
        let before = state_before(&scripts, &revision)?;
        if args.from_database {
            see_database(project, &before, &models).await?;
        }
        match answers::operations(project.output, args, &before, &models)? {
            Some(operations) => revision.operations = operations,
            None => return Ok(Exit::AnswerNeeded),
        }
        if revision.operations.is_empty() {
            if project.output.json {
                project.output.value(&json!({ "revision": null }));
            }
            project.output.progress("Nothing to do: the models are what the revisions add up to.");
            return Ok(Exit::Done);
        }
        for operation in &revision.operations {
            project.output.progress(&format!("Detected: {operation}"));
        }
    }
    let folder = project.add(&scripts, &revision)?;
    if project.output.json {
        let scripts = project.scripts()?;
        let revision = revision_json(scripts.map(), &revision);
        project.output.value(&json!({ "folder": folder.display().to_string(), "revision": revision }));
    } else {
        project.output.line(&folder.display().to_string());
    }
    Ok(Exit::Done)
}

/// Refuses a database that is not what the revisions add up to: their operations would not fit it.
async fn see_database(project: &Project, before: &Metadata, models: &Metadata) -> Result<()> {
    let in_models = |what: &str| {
        models.tables().iter().any(|it| what == format!("table {}", aludel::schema::TableName::of(it)))
    };
    let engine = project.engine()?;
    let comparison = Comparison::read_where(&engine, before, in_models).await?;
    let drift: Vec<String> = comparison.drift()?.iter().map(ToString::to_string).collect();
    not_compared(project);
    if drift.is_empty() {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Migration,
        format!("the database is not what the revisions add up to: {}", drift.join(", ")),
    )
    .help("`aludel upgrade heads` runs what is missing; `aludel drift --adopt` makes a revision of what somebody did"))
}

/// Makes the revision that the arguments describe, without operations.
fn empty(scripts: &ScriptDirectory, args: &Revision) -> Result<Written> {
    let map = scripts.map();
    let mut parents = if map.revisions().is_empty() { Vec::new() } else { map.resolve(&args.head, &[])? };
    parents.sort();
    if let Some(parent) = parents.iter().find(|it| map.children(it).next().is_some()).filter(|_| !args.splice)
    {
        return Err(Error::new(
            ErrorKind::Migration,
            format!("revision {parent} is not a head: others follow it"),
        )
        .help("`--splice` allows it, and begins a branch"));
    }
    let id = args.rev_id.as_ref().map_or_else(|| Ok(RevisionId::random()), RevisionId::new)?;
    if map.get(&id).is_some() {
        return Err(Error::new(ErrorKind::Migration, format!("there is a revision {id} already")));
    }
    let mut revision = Written::new(id, parents, &*args.message);
    revision.labels.clone_from(&args.branch_label);
    for text in &args.depends_on {
        revision.depends_on.extend(map.resolve(text, &[])?);
    }
    Ok(revision)
}
