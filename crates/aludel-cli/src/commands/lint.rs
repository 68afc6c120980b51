//! `aludel lint`.

use std::collections::BTreeSet;

use aludel::migrate::{Lint as Found, lint};
use aludel::schema::Severity;
use aludel::{Dialect, Result};
use serde_json::{Value, json};

use crate::Exit;
use crate::args::Lint;
use crate::output::out;
use crate::paint::Style;
use crate::project::Project;

pub fn run(project: &Project, args: &Lint) -> Result<Exit> {
    let scripts = project.scripts()?;
    let mut ids = BTreeSet::new();
    for text in &args.revisions {
        ids.extend(scripts.map().range(text, &[])?.iter().map(|it| it.id.clone()));
    }
    let dialects = project.dialects()?;
    let dialects: Vec<&dyn Dialect> = dialects.iter().map(|it| &**it).collect();
    let mut worst = Severity::Off;
    let mut values = Vec::new();
    for revision in scripts.map().revisions().iter().filter(|it| ids.contains(&it.id)) {
        for found in lint(revision, &dialects, &|rule| project.level(rule)) {
            worst = worst.max(found.finding.severity);
            if project.output.json {
                values.push(value(revision.id.as_str(), &found));
            } else {
                project.output.line(&format!("{} {}", revision.id, told(&found)));
            }
        }
    }
    if project.output.json {
        project.output.value(&Value::Array(values));
    } else if worst == Severity::Off {
        project.output.progress("Nothing to say.");
    } else {
        project.output.progress("\nA revision says `allow = [\"RULE\"]` in its revision.toml; `[lint]` in aludel.toml sets levels.");
    }
    Ok(if worst == Severity::Error { Exit::Lint } else { Exit::Done })
}

/// Describes what was found, over several lines.
pub fn told(found: &Found) -> String {
    let (level, style) = match found.finding.severity {
        Severity::Error => ("error", Style::Bad),
        _ => ("warning", Style::Changed),
    };
    let level = out().paint(style, level);
    let database = found.database.as_deref().map(|it| format!(" on {it}")).unwrap_or_default();
    format!("{}{database}\n    {level} {}", found.operation, found.finding)
}

fn value(revision: &str, found: &Found) -> Value {
    json!({
        "revision": revision,
        "operation": found.operation,
        "database": found.database,
        "rule": found.finding.rule,
        "severity": if found.finding.severity == Severity::Error { "error" } else { "warning" },
        "lock": found.finding.lock,
        "consequence": found.finding.consequence,
        "cure": found.finding.cure,
    })
}
