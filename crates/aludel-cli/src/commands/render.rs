//! `aludel render`.

use aludel::Result;
use aludel::migrate::RevisionId;

use crate::Exit;
use crate::args::Render;
use crate::project::{Project, state_before};

pub fn run(project: &Project, args: &Render) -> Result<Exit> {
    let scripts = project.scripts()?;
    let mut ids = Vec::new();
    // Without any revision the sum is all that there is to write.
    for text in args.revisions.iter().filter(|_| !scripts.map().revisions().is_empty()) {
        ids.extend(scripts.map().range(text, &[])?.iter().map(|it| it.id.clone()));
    }
    again(project, &ids)?;
    Ok(Exit::Done)
}

/// Writes the SQL of revisions from their `revision.toml`, and `aludel.sum`.
pub fn again(project: &Project, ids: &[RevisionId]) -> Result<()> {
    let scripts = project.scripts()?;
    for id in ids {
        let (Some(revision), Some(script)) = (scripts.map().get(id), scripts.script(id)) else { continue };
        let folder = project.config.script_location.join(&script.folder);
        project.write(&folder, revision, &state_before(&scripts, revision)?)?;
        project.output.progress(&format!("Rendered {}.", folder.display()));
    }
    project.write_sum()
}
