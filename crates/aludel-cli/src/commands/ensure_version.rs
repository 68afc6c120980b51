//! `aludel ensure_version`.

use aludel::Result;
use aludel::migrate::{Migrator, offline_stamp};

use crate::Exit;
use crate::args::EnsureVersion;
use crate::output::print;
use crate::project::Project;

pub async fn run(project: &Project, args: &EnsureVersion) -> Result<Exit> {
    let scripts = project.scripts()?;
    let engine = project.engine()?;
    if args.sql {
        print(&offline_stamp(&scripts, engine.dialect(), &[], false, true)?);
        return Ok(Exit::Done);
    }
    Migrator::new(&engine, &scripts).ensure_version().await?;
    Ok(Exit::Done)
}
