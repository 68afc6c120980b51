//! `aludel ensure_version`.

use aludel::Result;
use aludel::migrate::Migrator;

use crate::Exit;
use crate::args::EnsureVersion;
use crate::project::Project;

pub async fn run(project: &Project, _: &EnsureVersion) -> Result<Exit> {
    let scripts = project.scripts()?;
    let engine = project.engine()?;
    Migrator::new(&engine, &scripts).ensure_version().await?;
    Ok(Exit::Done)
}
