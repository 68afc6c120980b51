//! `aludel stamp`.

use aludel::migrate::{Migrator, Revision, ScriptDirectory, offline_stamp};
use aludel::{Dialect, Result};

use crate::Exit;
use crate::args::Stamp;
use crate::output::print;
use crate::project::Project;

pub async fn run(project: &Project, args: &Stamp) -> Result<Exit> {
    let scripts = project.scripts()?;
    let engine = project.engine()?;
    if args.sql {
        print(&script(args, &scripts, engine.dialect())?);
        return Ok(Exit::Done);
    }
    let targets: Vec<&str> = args.revisions.iter().map(String::as_str).collect();
    Migrator::new(&engine, &scripts).stamp(&targets, args.purge).await?;
    project.output.progress(&format!("The history says that the database is at {}.", targets.join(", ")));
    Ok(Exit::Done)
}

/// Writes the rows of the history between two revisions; without `from:`, of a database that has none.
fn script(args: &Stamp, scripts: &ScriptDirectory, dialect: &dyn Dialect) -> Result<String> {
    let map = scripts.map();
    let mut path: Vec<&Revision> = Vec::new();
    let mut is_first = true;
    for text in &args.revisions {
        let (from, to) = text.split_once(':').unwrap_or(("base", text));
        let there = map.with_ancestors(&map.resolve(from, &[])?);
        is_first &= there.is_empty();
        for revision in map.upgrade_path(&Vec::from_iter(there.clone()), &map.resolve(to, &[])?) {
            if !path.iter().any(|it| it.id == revision.id) {
                path.push(revision);
            }
        }
    }
    offline_stamp(scripts, dialect, &path, args.purge, is_first)
}
