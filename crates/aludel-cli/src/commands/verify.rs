//! `aludel verify`.

use aludel::migrate::{Mismatch, verify};
use aludel::{Engine, Result};
use serde_json::json;

use crate::Exit;
use crate::output::out;
use crate::project::Project;

pub async fn run(project: &Project) -> Result<Exit> {
    let scripts = project.scripts()?;
    scripts.check_sum()?;
    let engine = project.engine()?;
    let scratch = Scratch::create(&engine).await?;
    let found = verify(&scratch.engine, &scripts).await;
    scratch.remove().await?;
    let found = found?;
    let titles = |it: &Mismatch| it.operations.iter().map(ToString::to_string).collect::<Vec<_>>();
    if project.output.json {
        let found: Vec<_> = found
            .iter()
            .map(|it| json!({ "revision": it.revision.as_str(), "when": it.when, "operations": titles(it) }))
            .collect();
        project.output.value(&json!({ "revisions": scripts.map().revisions().len(), "mismatches": found }));
    } else {
        for it in &found {
            for title in titles(it) {
                let title = out().operation(&title);
                project.output.line(&format!("{} of {} does as well: {title}", it.when, it.revision));
            }
        }
        if found.is_empty() {
            let count = scripts.map().revisions().len();
            project
                .output
                .progress(&format!("{count} revisions: up, down and up again give the same states."));
        }
    }
    Ok(if found.is_empty() { Exit::Done } else { Exit::Different })
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
