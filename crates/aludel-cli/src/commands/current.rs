//! `aludel current`.

use aludel::Result;
use aludel::migrate::{Migrator, RevisionId, State};
use serde_json::json;

use crate::Exit;
use crate::args::Current;
use crate::output::{out, revision_long, revision_name};
use crate::project::Project;

pub async fn run(project: &Project, args: &Current) -> Result<Exit> {
    let scripts = project.scripts()?;
    let map = scripts.map();
    let engine = project.engine()?;
    let history = Migrator::new(&engine, &scripts).current().await?;
    let applied: Vec<RevisionId> = history.iter().map(|it| it.id.clone()).collect();
    let heads = map.heads_of(|id| applied.contains(id));
    let unknown: Vec<_> = applied.iter().filter(|id| map.get(id).is_none()).collect();
    let at_heads = unknown.is_empty()
        && history.iter().all(|it| it.state == State::Applied)
        && map.revisions().iter().all(|it| applied.contains(&it.id));
    if project.output.json {
        let rows: Vec<_> = history
            .iter()
            .map(|it| {
                json!({
                    "id": it.id.as_str(),
                    "state": format!("{:?}", it.state).to_lowercase(),
                    "step": it.step,
                    "steps": it.steps,
                    "error": it.error,
                    "started_at": it.started_at,
                    "finished_at": it.finished_at,
                })
            })
            .collect();
        let heads: Vec<_> = heads.iter().map(RevisionId::as_str).collect();
        project.output.value(&json!({ "heads": heads, "at_heads": at_heads, "applied": rows }));
    } else {
        for id in &heads {
            let Some(revision) = map.get(id) else { continue };
            let folder = scripts.folder(id);
            if args.verbose {
                project.output.line(&revision_long(map, revision, folder, out()));
            } else {
                project.output.line(&revision_name(map, revision, out()));
            }
        }
        if history.is_empty() {
            project.output.progress("The database has no revision yet.");
        }
        for id in unknown {
            project.output.line(&format!("{id} (not among the files)"));
        }
        for row in history.iter().filter(|it| it.state != State::Applied) {
            let line = format!("{} stopped after step {} of {}", row.id, row.step, row.steps);
            project.output.line(&line);
        }
    }
    Ok(if args.check_heads && !at_heads { Exit::Different } else { Exit::Done })
}
