//! `aludel downgrade`.

use std::time::Duration;

use aludel::Result;
use aludel::migrate::{Direction, Migrator};

use crate::Exit;
use crate::args::Downgrade;
use crate::commands::offline;
use crate::project::Project;

pub async fn run(project: &Project, args: &Downgrade) -> Result<Exit> {
    let scripts = project.scripts()?;
    if args.sql {
        return offline::run(project, &scripts, &args.revision, Direction::Down);
    }
    let engine = project.engine()?;
    let listener = |progress: aludel::migrate::Progress<'_>| project.tell(progress);
    let mut migrator = Migrator::new(&engine, &scripts).listener(&listener);
    if let Some(seconds) = args.lock_timeout {
        migrator = migrator.lock_timeout(Duration::from_secs(seconds));
    }
    let done = migrator.downgrade(&args.revision).await?;
    if done.is_empty() {
        project.output.progress("Nothing to do: the database is there already.");
    }
    Ok(Exit::Done)
}
