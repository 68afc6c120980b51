//! `aludel repair`.

use aludel::Result;
use aludel::migrate::Migrator;
use serde_json::json;

use crate::Exit;
use crate::args::Repair;
use crate::project::Project;

pub async fn run(project: &Project, args: &Repair) -> Result<Exit> {
    let scripts = project.scripts()?;
    let engine = project.engine()?;
    let migrator = Migrator::new(&engine, &scripts);
    if args.accept.is_empty() {
        let complaints = migrator.complaints().await?;
        if project.output.json {
            project.output.value(&json!(complaints));
        } else {
            complaints.iter().for_each(|it| project.output.line(it));
        }
        if complaints.is_empty() {
            project.output.progress("Nothing is wrong.");
        }
        return Ok(if complaints.is_empty() { Exit::Done } else { Exit::Different });
    }
    let revisions: Vec<&str> = args.accept.iter().map(String::as_str).collect();
    for id in migrator.accept(&revisions).await? {
        project.output.progress(&format!("{id}: accepted as it is now."));
    }
    Ok(Exit::Done)
}
