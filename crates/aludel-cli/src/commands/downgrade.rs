//! `aludel downgrade`.

use aludel::migrate::Direction;
use aludel::{ErrorKind, Result};

use crate::Exit;
use crate::args::Downgrade;
use crate::commands::offline;
use crate::project::Project;

pub async fn run(project: &Project, args: &Downgrade) -> Result<Exit> {
    let scripts = project.scripts()?;
    if args.sql {
        return offline::run(project, &scripts, &args.revision, Direction::Down, args.allow_data_loss);
    }
    let engine = project.engine()?;
    let listener = |progress: aludel::migrate::Progress<'_>| project.tell(progress);
    let migrator =
        project.migrator(&engine, &scripts, &listener, args.waiting).allow_data_loss(args.allow_data_loss);
    let done = match migrator.downgrade(&args.revision).await {
        Err(refused) if refused.kind() == ErrorKind::DataLoss && project.output.can_ask() => {
            project.output.problem(&refused);
            if !project.output.yes("May it go? [y/n]")? {
                return Ok(Exit::AnswerNeeded);
            }
            migrator.allow_data_loss(true).downgrade(&args.revision).await?
        }
        done => done?,
    };
    if done.is_empty() {
        project.output.progress("Nothing to do: the database is there already.");
    }
    Ok(Exit::Done)
}
