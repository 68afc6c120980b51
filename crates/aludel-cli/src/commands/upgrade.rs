//! `aludel upgrade`.

use aludel::Result;
use aludel::migrate::Direction;

use crate::Exit;
use crate::args::Upgrade;
use crate::commands::migrate;
use crate::project::Project;

pub async fn run(project: &Project, args: &Upgrade) -> Result<Exit> {
    migrate::run(project, &args.revision, Direction::Up, &args.run).await
}
