//! `aludel show`.

use aludel::Result;
use aludel::migrate::{RevisionId, ScriptDirectory};
use serde_json::Value;

use crate::Exit;
use crate::args::Show;
use crate::output::{revision_json, revision_long};
use crate::project::Project;

pub async fn run(project: &Project, args: &Show) -> Result<Exit> {
    let scripts = project.scripts()?;
    let map = scripts.map();
    let ids = named(project, &scripts, &args.revision).await?;
    let revisions: Vec<_> = ids.iter().filter_map(|id| map.get(id)).collect();
    if project.output.json {
        project.output.value(&Value::Array(revisions.iter().map(|it| revision_json(map, it)).collect()));
        return Ok(Exit::Done);
    }
    for revision in revisions {
        let folder = scripts.script(&revision.id).map_or("", |it| it.folder.as_str());
        project.output.line(&revision_long(map, revision, folder));
    }
    Ok(Exit::Done)
}

/// Returns the revisions that a text means; the database is asked only if it says `current`, or counts from there.
pub async fn named(project: &Project, scripts: &ScriptDirectory, text: &str) -> Result<Vec<RevisionId>> {
    let asks = text.contains("current") || text.starts_with(['+', '-']);
    let applied = if asks { project.applied(scripts).await? } else { Vec::new() };
    scripts.map().resolve(text, &applied)
}
