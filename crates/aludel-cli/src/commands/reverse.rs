//! `aludel reverse`.

use std::fs;

use aludel::migrate::{HISTORY_TABLE, reverse};
use aludel::{Error, ErrorKind, Result};
use serde_json::json;

use crate::Exit;
use crate::args::Reverse;
use crate::output::print;
use crate::project::{Project, cannot_write};

pub async fn run(project: &Project, args: &Reverse) -> Result<Exit> {
    let engine = project.engine()?;
    let inspector = match &args.schema {
        Some(schema) => engine.inspect_schema(schema).await?,
        None => engine.inspect().await?,
    };
    if let Some(missing) = args.tables.iter().find(|it| !inspector.has_table(it)) {
        inspector.table(missing)?;
    }
    let takes = |name: &str| {
        if args.tables.is_empty() { name != HISTORY_TABLE } else { args.tables.iter().any(|it| it == name) }
    };
    let reversed = reverse(&inspector.reflect_only(takes));
    for note in &reversed.notes {
        project.output.progress(note);
    }
    if let Some(file) = &args.output {
        if file.exists() {
            return Err(Error::new(ErrorKind::Config, format!("`{}` is there already", file.display()))
                .help("name another file, or print to the standard output and compare"));
        }
        fs::write(file, &reversed.source).map_err(|cause| cannot_write(file, cause))?;
    }
    if project.output.json {
        project.output.value(&json!({ "source": reversed.source, "notes": reversed.notes }));
    } else if args.output.is_none() {
        print(&reversed.source);
    }
    Ok(Exit::Done)
}
