//! `aludel heads`.

use aludel::Result;
use serde_json::Value;

use crate::Exit;
use crate::args::Heads;
use crate::output::{out, revision_json, revision_long, revision_name};
use crate::project::Project;

pub fn run(project: &Project, args: &Heads) -> Result<Exit> {
    let scripts = project.scripts()?;
    let map = scripts.map();
    let mut heads: Vec<_> = map.heads().iter().filter_map(|id| map.get(id)).collect();
    if args.resolve_dependencies {
        heads.retain(|head| !map.revisions().iter().any(|it| it.depends_on.contains(&head.id)));
    }
    if project.output.json {
        project.output.value(&Value::Array(heads.iter().map(|it| revision_json(map, it)).collect()));
        return Ok(Exit::Done);
    }
    for revision in heads {
        if args.verbose {
            let folder = scripts.folder(&revision.id);
            project.output.line(&revision_long(map, revision, folder, out()));
        } else {
            project.output.line(&revision_name(map, revision, out()));
        }
    }
    Ok(Exit::Done)
}
