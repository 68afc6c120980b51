//! Running revisions, up or down.

use aludel::migrate::{Direction, Migrator, Progress, RevisionId};
use aludel::{ErrorKind, Result};

use crate::Exit;
use crate::args::Run;
use crate::commands::offline;
use crate::output::problem;
use crate::progress::Teller;
use crate::project::Project;

/// Goes to a target, or prints the script that would. What would be lost is asked at a terminal.
pub async fn run(project: &Project, target: &str, direction: Direction, args: &Run) -> Result<Exit> {
    let scripts = project.scripts()?;
    if args.sql {
        return offline::run(project, &scripts, target, direction, args.allow_data_loss);
    }
    let engine = project.engine()?;
    let teller = Teller::new(project.output);
    let listener = |progress: Progress<'_>| teller.tell(progress);
    let migrator =
        project.migrator(&engine, &scripts, &listener, args.waiting).allow_data_loss(args.allow_data_loss);
    let done = match go(&migrator, target, direction).await {
        Err(refused) if refused.kind() == ErrorKind::DataLoss && project.output.can_ask() => {
            problem(&refused);
            if !project.output.yes("May it go? [y/n]")? {
                return Ok(Exit::AnswerNeeded);
            }
            go(&migrator.allow_data_loss(true), target, direction).await?
        }
        done => done?,
    };
    if done.is_empty() {
        project.output.progress("Nothing to do: the database is there already.");
    }
    Ok(Exit::Done)
}

async fn go(migrator: &Migrator<'_>, target: &str, direction: Direction) -> Result<Vec<RevisionId>> {
    match direction {
        Direction::Up => migrator.upgrade(target).await,
        Direction::Down => migrator.downgrade(target).await,
    }
}
