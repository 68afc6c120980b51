//! `aludel branches`.

use aludel::Result;
use serde_json::Value;

use crate::Exit;
use crate::args::Verbose;
use crate::output::{out, revision_json, revision_line, revision_long};
use crate::project::Project;

pub fn run(project: &Project, args: &Verbose) -> Result<Exit> {
    let scripts = project.scripts()?;
    let map = scripts.map();
    if project.output.json {
        project.output.value(&Value::Array(map.branch_points().map(|it| revision_json(map, it)).collect()));
        return Ok(Exit::Done);
    }
    for revision in map.branch_points() {
        if args.verbose {
            let folder = scripts.folder(&revision.id);
            project.output.line(&revision_long(map, revision, folder, out()));
        } else {
            project.output.line(&revision_line(map, revision, out()));
        }
        for child in map.children(&revision.id) {
            project.output.line(&format!("    -> {}, {}", child.id, child.message));
        }
    }
    Ok(Exit::Done)
}
