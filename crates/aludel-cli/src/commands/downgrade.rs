//! `aludel downgrade`.

use aludel::Result;
use aludel::migrate::Direction;

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
    let migrator = project.migrator(&engine, &scripts, &listener, args.lock_timeout);
    let done = migrator.downgrade(&args.revision).await?;
    if done.is_empty() {
        project.output.progress("Nothing to do: the database is there already.");
    }
    Ok(Exit::Done)
}
