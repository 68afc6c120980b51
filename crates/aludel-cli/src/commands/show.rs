//! `aludel show`.

use aludel::Result;
use serde_json::Value;

use crate::Exit;
use crate::args::Show;
use crate::output::{out, revision_json, revision_long};
use crate::project::Project;

pub async fn run(project: &Project, args: &Show) -> Result<Exit> {
    let scripts = project.scripts()?;
    let map = scripts.map();
    let ids = project.named(&scripts, &args.revision).await?;
    let revisions: Vec<_> = ids.iter().filter_map(|id| map.get(id)).collect();
    if project.output.json {
        project.output.value(&Value::Array(revisions.iter().map(|it| revision_json(map, it)).collect()));
        return Ok(Exit::Done);
    }
    for revision in revisions {
        let folder = scripts.folder(&revision.id);
        project.output.line(&revision_long(map, revision, folder, out()));
    }
    Ok(Exit::Done)
}
