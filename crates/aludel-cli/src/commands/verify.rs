//! `aludel verify`.

use aludel::migrate::{Verification, verify_with};
use aludel::schema::Operation;
use aludel::{Engine, Result};
use serde_json::{Value, json};

use crate::Exit;
use crate::output::out;
use crate::paint::Style;
use crate::progress::Teller;
use crate::project::Project;

pub async fn run(project: &Project) -> Result<Exit> {
    let scripts = project.scripts()?;
    scripts.check_sum()?;
    let engine = project.engine()?;
    let scratch = Scratch::create(&engine).await?;
    let teller = Teller::new(project.output);
    let found = verify_with(&scratch.engine, &scripts, &|progress| teller.tell(progress)).await;
    drop(teller);
    scratch.remove().await?;
    let found = found?;
    let count = scripts.map().revisions().len();
    if project.output.json {
        project.output.value(&json(&found, count));
    } else {
        tell(project, &found, count);
    }
    Ok(if found.is_ok() { Exit::Done } else { Exit::Different })
}

fn tell(project: &Project, found: &Verification, count: usize) {
    for it in &found.mismatches {
        for operation in &it.operations {
            let title = out().operation(&operation.to_string());
            project.output.line(&format!("{} of {} does as well: {title}", it.when, it.revision));
        }
    }
    for it in &found.lost {
        let (how, style) = if it.is_declared {
            ("as it says", Style::Changed)
        } else {
            ("and nothing in it says so", Style::Bad)
        };
        project.output.line(&format!("{}, {how}", out().paint(style, &it.to_string())));
    }
    for it in &found.refusals {
        project.output.line(&format!(
            "{} of {} does not run with the rows that were made up, and did without them: {}",
            it.when, it.revision, it.why
        ));
    }
    for (table, why) in &found.empty {
        project.output.progress(&format!("No rows could be made up for {table}: {why}."));
    }
    if found.mismatches.is_empty() {
        let revisions = if count == 1 { "1 revision".to_owned() } else { format!("{count} revisions") };
        project.output.progress(&format!("{revisions}: up, down and up again give the same states."));
    }
    let survived = if found.lost.is_empty() { "all survived" } else { "what did not survive is above" };
    if found.rows > 0 {
        project.output.progress(&format!("{} rows were on the way: {survived}.", found.rows));
    }
}

fn json(found: &Verification, count: usize) -> Value {
    let titles = |operations: &[Operation]| operations.iter().map(ToString::to_string).collect::<Vec<_>>();
    let mismatches = found.mismatches.iter().map(|it| {
        json!({ "revision": it.revision.as_str(), "when": it.when, "operations": titles(&it.operations) })
    });
    let lost = found.lost.iter().map(|it| {
        json!({
            "revision": it.revision.as_str(),
            "when": it.when,
            "table": it.table.to_string(),
            "column": it.column,
            "lost": it.lost,
            "of": it.of,
            "is_declared": it.is_declared,
        })
    });
    let refusals = found
        .refusals
        .iter()
        .map(|it| json!({ "revision": it.revision.as_str(), "when": it.when, "why": it.why }));
    let empty = found.empty.iter().map(|(table, why)| json!({ "table": table, "why": why }));
    json!({
        "revisions": count,
        "mismatches": mismatches.collect::<Value>(),
        "rows": found.rows,
        "lost": lost.collect::<Value>(),
        "refusals": refusals.collect::<Value>(),
        "empty": empty.collect::<Value>(),
    })
}

/// A database that is there for this command only.
struct Scratch<'a> {
    engine: Engine,
    server: &'a Engine,
    name: Option<String>,
}

impl<'a> Scratch<'a> {
    /// Makes it beside the project's own; where the database is in the program itself, in memory.
    async fn create(server: &'a Engine) -> Result<Self> {
        if server.dialect().features().in_process {
            let memory = format!("{}::memory:", server.url().scheme());
            return Ok(Self { engine: Engine::builder(&memory).build()?, server, name: None });
        }
        let name = format!("aludel_verify_{}", std::process::id());
        server.connect().await?.run_plain(&[&format!("CREATE DATABASE {name}")]).await?;
        let url = server.url().clone().with_database(name.as_str());
        Ok(Self { engine: Engine::builder(&url.reveal()).build()?, server, name: Some(name) })
    }

    async fn remove(self) -> Result<()> {
        self.engine.dispose().await;
        let Some(name) = self.name else { return Ok(()) };
        self.server.connect().await?.run_plain(&[&format!("DROP DATABASE {name}")]).await
    }
}
