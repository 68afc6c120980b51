//! `aludel history`.

use aludel::Result;
use aludel::migrate::Revision;
use serde_json::Value;

use crate::Exit;
use crate::args::History;
use crate::output::{out, revision_json, revision_line, revision_long};
use crate::project::{Project, counts_from_database};

pub async fn run(project: &Project, args: &History) -> Result<Exit> {
    let scripts = project.scripts()?;
    let map = scripts.map();
    let range = args.rev_range.as_deref();
    // The database is asked only where the answer depends on it.
    let asks = args.indicate_current || range.is_some_and(counts_from_database);
    let applied = if asks { project.applied(&scripts).await? } else { Vec::new() };
    let mut revisions: Vec<&Revision> = match range {
        Some(range) => map.range(range, &applied)?,
        None => map.revisions().iter().collect(),
    };
    revisions.reverse();
    if project.output.json {
        project.output.value(&Value::Array(revisions.iter().map(|it| revision_json(map, it)).collect()));
        return Ok(Exit::Done);
    }
    let current = map.heads_of(|id| applied.contains(id));
    for revision in revisions {
        let mark = if args.indicate_current && current.contains(&revision.id) { " (current)" } else { "" };
        if args.verbose {
            let folder = scripts.folder(&revision.id);
            project.output.line(&format!("{}{mark}", revision_long(map, revision, folder, out())));
        } else {
            project.output.line(&format!("{}{mark}", revision_line(map, revision, out())));
        }
    }
    Ok(Exit::Done)
}
