//! `aludel downgrade`.

use aludel::Result;
use aludel::migrate::Direction;

use crate::Exit;
use crate::args::Downgrade;
use crate::commands::migrate;
use crate::project::Project;

pub async fn run(project: &Project, args: &Downgrade) -> Result<Exit> {
    migrate::run(project, &args.revision, Direction::Down, &args.run).await
}
