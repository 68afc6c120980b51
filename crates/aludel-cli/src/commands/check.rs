//! `aludel check`.

use aludel::Result;
use aludel::migrate::{Comparison, NOT_COMPARED, diff, render_files};
use serde_json::json;

use crate::Exit;
use crate::args::Check;
use crate::models;
use crate::output::out;
use crate::project::{Project, state_before};

pub async fn run(project: &Project, args: &Check) -> Result<Exit> {
    if args.from_database {
        return from_database(project).await;
    }
    let scripts = project.scripts()?;
    scripts.check_sum()?;
    let map = scripts.map();
    let operations = diff(&map.state(&map.heads())?, &models::read(project)?)?;
    let operations: Vec<String> = operations.iter().map(ToString::to_string).collect();
    let stale = stale(project)?;
    if project.output.json {
        project.output.value(&json!({ "operations": operations, "stale": stale }));
    } else {
        for operation in &operations {
            project.output.line(&format!("no revision does: {}", out().operation(operation)));
        }
        // `aludel.sum` says that nobody has edited it, so it is a matter of the version that wrote it; what runs is the file.
        for file in &stale {
            project
                .output
                .progress(&format!("{file} was written by another version, which renders it differently."));
        }
        if operations.is_empty() {
            project.output.progress("The models are what the revisions add up to.");
        }
    }
    Ok(if operations.is_empty() { Exit::Done } else { Exit::Different })
}

/// Compares the models with the database, whatever the revisions say.
async fn from_database(project: &Project) -> Result<Exit> {
    let models = models::read(project)?;
    let engine = project.engine()?;
    let comparison = Comparison::read(&engine, &models).await?;
    let operations: Vec<String> = comparison.missing()?.iter().map(ToString::to_string).collect();
    if project.output.json {
        project.output.value(&json!({
            "operations": operations,
            "unmanaged": comparison.unmanaged(),
            "not_compared": NOT_COMPARED,
        }));
    } else {
        for operation in &operations {
            project.output.line(&format!("the database needs: {}", out().operation(operation)));
        }
        if operations.is_empty() {
            project.output.progress("The database is what the models say.");
        }
        project.output.not_compared();
    }
    Ok(if operations.is_empty() { Exit::Done } else { Exit::Different })
}

/// Names the SQL files that this version would write differently.
fn stale(project: &Project) -> Result<Vec<String>> {
    let scripts = project.scripts()?;
    let dialects = project.dialects()?;
    let dialects: Vec<_> = dialects.iter().map(|it| &**it).collect();
    let mut stale = Vec::new();
    for revision in scripts.map().revisions() {
        let Some(script) = scripts.script(&revision.id) else { continue };
        for (name, text) in render_files(revision, &state_before(&scripts, revision)?, &dialects)? {
            let same = script.sql.get(&name).is_some_and(|it| {
                aludel::migrate::canonical_sql(it) == aludel::migrate::canonical_sql(&text)
            });
            if !same {
                stale.push(format!("{}/{name}", script.folder));
            }
        }
    }
    Ok(stale)
}
