//! `aludel resume`.

use aludel::Result;
use aludel::migrate::{Begun, Progress};

use crate::Exit;
use crate::args::{self, Resume};
use crate::progress::Teller;
use crate::project::Project;

pub async fn run(project: &Project, args: &Resume) -> Result<Exit> {
    let scripts = project.scripts()?;
    let engine = project.engine()?;
    let teller = Teller::new(project.output);
    let listener = |progress: Progress<'_>| teller.tell(progress);
    let migrator = project.migrator(&engine, &scripts, &listener, args.waiting);
    let begun = args.step.map(|it| match it {
        args::Begun::Done => Begun::Done,
        args::Begun::NotDone => Begun::NotDone,
    });
    if migrator.resume(begun).await?.is_empty() {
        project.output.progress("Nothing to do: nothing was left half done.");
    }
    Ok(Exit::Done)
}
