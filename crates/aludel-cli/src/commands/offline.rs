//! `--sql`: the script that does what an upgrade or a downgrade does.

use aludel::migrate::{Direction, ScriptDirectory, offline_script};
use aludel::{Error, ErrorKind, Result};

use crate::Exit;
use crate::output::print;
use crate::project::Project;

/// Prints the script from one revision to another, `from:to`. An upgrade without `from` begins with an empty database.
pub fn run(
    project: &Project,
    scripts: &ScriptDirectory,
    range: &str,
    direction: Direction,
    allow_data_loss: bool,
) -> Result<Exit> {
    let engine = project.engine()?;
    let map = scripts.map();
    let (from, to) = match (range.split_once(':'), direction) {
        (Some((from, to)), _) => (from, to),
        (None, Direction::Up) => ("base", range),
        (None, Direction::Down) => {
            return Err(Error::new(
                ErrorKind::Migration,
                "without a database, nothing says where a downgrade begins",
            )
            .help(format!("write where it begins and ends: `aludel downgrade head:{range} --sql`")));
        }
    };
    let from = map.resolve(from, &[])?;
    let applied: Vec<_> = map.with_ancestors(&from).into_iter().collect();
    let path = match direction {
        Direction::Up => map.upgrade_path(&applied, &map.resolve(to, &applied)?),
        Direction::Down => map.downgrade_path(&applied, to)?,
    };
    if direction == Direction::Down && !allow_data_loss {
        // Nobody can count rows here; what a revision says of itself is known.
        for revision in &path {
            revision.reversal()?;
        }
    }
    print(&offline_script(scripts, engine.dialect(), &path, direction, applied.is_empty())?);
    Ok(Exit::Done)
}
