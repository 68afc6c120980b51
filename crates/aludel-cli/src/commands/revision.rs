//! `aludel revision`.

mod answers;
mod from_database;

use aludel::migrate::{Revision as Written, RevisionId, ScriptDirectory};
use aludel::{Error, ErrorKind, Result};
use serde_json::json;

use self::answers::Answers;
use crate::Exit;
use crate::args::Revision;
use crate::models;
use crate::output::err;
use crate::project::{Project, state_before};

pub async fn run(project: &Project, args: &Revision) -> Result<Exit> {
    let mut scripts = project.scripts()?;
    scripts.check_sum()?;
    let mut revision = empty(&scripts, args)?;
    if args.autogenerate {
        let models = models::read(project)?;
        let mut before = state_before(&scripts, &revision)?;
        let mut found = Vec::new();
        let mut given = Answers::of(args);
        if args.from_database {
            let heads = scripts.map().heads();
            let Some((operations, rest)) = from_database::found(project, &scripts, given, &models).await?
            else {
                return Ok(Exit::AnswerNeeded);
            };
            (found, given) = (operations, rest);
            if !found.is_empty() {
                before = scripts.map().state(&heads)?;
                for operation in &found {
                    operation.apply(&mut before)?;
                }
                revision.parents = heads;
            }
        }
        match answers::operations(project.output, &given, &before, &models)? {
            Some(operations) => revision.operations = operations,
            None => return Ok(Exit::AnswerNeeded),
        }
        if revision.operations.is_empty() && !found.is_empty() {
            // All that is wanted is there; it becomes the revision that was asked for.
            revision.operations = found;
            scripts = from_database::adopt(project, &scripts, &revision).await?;
            return project.written(&scripts, &revision);
        }
        if !found.is_empty() {
            let mut first =
                Written::new(RevisionId::random(), revision.parents, "what the database has already");
            first.operations = found;
            scripts = from_database::adopt(project, &scripts, &first).await?;
            revision.parents = vec![first.id];
        }
        if revision.operations.is_empty() {
            if project.output.json {
                project.output.value(&json!({ "revision": null }));
            }
            project.output.progress("Nothing to do: the models are what the revisions add up to.");
            return Ok(Exit::Done);
        }
        for operation in &revision.operations {
            let title = err().operation(&operation.to_string());
            project.output.progress(&format!("Detected: {title}"));
        }
    }
    project.add(&scripts, &revision)?;
    project.written(&project.scripts()?, &revision)
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
