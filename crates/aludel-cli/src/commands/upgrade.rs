//! `aludel upgrade`.

use aludel::migrate::Direction;
use aludel::{ErrorKind, Result};

use crate::Exit;
use crate::args::Upgrade;
use crate::commands::offline;
use crate::project::Project;

pub async fn run(project: &Project, args: &Upgrade) -> Result<Exit> {
    let scripts = project.scripts()?;
    if args.sql {
        return offline::run(project, &scripts, &args.revision, Direction::Up, args.allow_data_loss);
    }
    let engine = project.engine()?;
    let listener = |progress: aludel::migrate::Progress<'_>| project.tell(progress);
    let migrator =
        project.migrator(&engine, &scripts, &listener, args.waiting).allow_data_loss(args.allow_data_loss);
    let done = match migrator.upgrade(&args.revision).await {
        Err(refused) if refused.kind() == ErrorKind::DataLoss && project.output.can_ask() => {
            project.output.problem(&refused);
            if !project.output.yes("May it go? [y/n]")? {
                return Ok(Exit::AnswerNeeded);
            }
            migrator.allow_data_loss(true).upgrade(&args.revision).await?
        }
        done => done?,
    };
    if done.is_empty() {
        project.output.progress("Nothing to do: the database is there already.");
    }
    Ok(Exit::Done)
}
