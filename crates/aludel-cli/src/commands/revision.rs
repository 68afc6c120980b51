//! `aludel revision`.

mod answers;

use aludel::migrate::{Revision as Written, RevisionId, ScriptDirectory};
use aludel::{Error, ErrorKind, Result};
use serde_json::json;

use crate::Exit;
use crate::args::Revision;
use crate::models;
use crate::output::revision_json;
use crate::project::{Project, state_before};

pub fn run(project: &Project, args: &Revision) -> Result<Exit> {
    let scripts = project.scripts()?;
    scripts.check_sum()?;
    let mut revision = empty(&scripts, args)?;
    if args.autogenerate {
        let models = models::read(&project.config)?;
        let before = state_before(&scripts, &revision)?;
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
