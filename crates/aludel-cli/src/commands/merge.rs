//! `aludel merge`.

use aludel::migrate::{Revision, RevisionId};
use aludel::{Error, ErrorKind, Result};

use crate::Exit;
use crate::args::Merge;
use crate::project::Project;

pub fn run(project: &Project, args: &Merge) -> Result<Exit> {
    let scripts = project.scripts()?;
    let mut parents = Vec::new();
    for text in &args.revisions {
        parents.extend(scripts.map().resolve(text, &[])?);
    }
    parents.dedup();
    if parents.len() < 2 {
        return Err(Error::new(ErrorKind::Migration, "there is nothing to merge")
            .help("name at least two revisions, or `heads` where `aludel heads` lists several"));
    }
    let id = args.rev_id.as_ref().map_or_else(|| Ok(RevisionId::random()), RevisionId::new)?;
    let named: Vec<&str> = parents.iter().map(RevisionId::as_str).collect();
    let message = args.message.clone().unwrap_or_else(|| format!("merge {}", named.join(" and ")));
    let mut revision = Revision::new(id, parents, message);
    revision.labels.clone_from(&args.branch_label);
    project.add(&scripts, &revision)?;
    project.written(&project.scripts()?, &revision)
}
