//! `aludel stamp`.

use aludel::Result;
use aludel::migrate::Migrator;

use crate::Exit;
use crate::args::Stamp;
use crate::project::Project;

pub async fn run(project: &Project, args: &Stamp) -> Result<Exit> {
    let scripts = project.scripts()?;
    let engine = project.engine()?;
    let targets: Vec<&str> = args.revisions.iter().map(String::as_str).collect();
    Migrator::new(&engine, &scripts).stamp(&targets, args.purge).await?;
    project.output.progress(&format!("The history says that the database is at {}.", targets.join(", ")));
    Ok(Exit::Done)
}
