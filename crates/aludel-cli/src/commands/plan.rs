//! `aludel plan`.

use aludel::Result;
use aludel::migrate::{Direction, Migrator, lint};
use serde_json::{Value, json};

use super::lint::told;
use crate::Exit;
use crate::args::Plan;
use crate::output::out;
use crate::paint::Style;
use crate::project::Project;

pub async fn run(project: &Project, args: &Plan) -> Result<Exit> {
    let scripts = project.scripts()?;
    scripts.check_sum()?;
    let engine = project.engine()?;
    let dialect = engine.dialect();
    let map = scripts.map();
    let applied = project.applied(&scripts).await?;
    let path = map.upgrade_path(&applied, &map.resolve(&args.revision, &applied)?);
    let losses = Migrator::new(&engine, &scripts).losses_of_upgrade(&args.revision).await?;
    let mut values = Vec::new();
    for revision in &path {
        let steps = scripts.steps(revision, dialect, Direction::Up)?;
        let found = lint(revision, &[dialect], &|rule| project.level(rule));
        let in_one = dialect.features().transactional_ddl && steps.iter().all(|it| it.in_transaction);
        let losses: Vec<String> =
            losses.iter().filter(|it| it.revision == revision.id).map(ToString::to_string).collect();
        let rows = Migrator::new(&engine, &scripts).rows(revision).await?;
        if project.output.json {
            values.push(json!({
                "id": revision.id.as_str(),
                "message": revision.message,
                "in_one_transaction": in_one,
                "steps": steps.iter().map(|it| it.title.as_str()).collect::<Vec<_>>(),
                "rules": found.iter().map(|it| it.finding.rule).collect::<Vec<_>>(),
                "losses": losses,
                "rows": rows.iter().map(|(table, count)| (table.clone(), json!(count))).collect::<serde_json::Map<_, _>>(),
            }));
            continue;
        }
        let id = out().paint(Style::Name, revision.id.as_str());
        let how = if in_one { "one transaction" } else { "each step is noted when it is done" };
        project.output.line(&format!("Upgrade {id}: {} ({how})", revision.message));
        for (at, step) in steps.iter().enumerate() {
            project.output.line(&format!("  {}/{} {}", at + 1, steps.len(), step.title));
        }
        for (table, count) in rows {
            project.output.line(&format!("  {table} has {count} rows"));
        }
        for loss in losses {
            project.output.line(&format!("  {} {loss}", out().paint(Style::Bad, "needs --allow-data-loss:")));
        }
        for found in found {
            project.output.line(&format!("  {}", told(&found)));
        }
    }
    if project.output.json {
        project.output.value(&Value::Array(values));
    } else if path.is_empty() {
        project.output.progress("Nothing to do: the database is there already.");
    }
    Ok(Exit::Done)
}
