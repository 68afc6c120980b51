//! `aludel edit`.

use std::process::Command;

use aludel::{Error, ErrorKind, Result};

use crate::Exit;
use crate::args::Show;
use crate::commands::render;
use crate::project::Project;

pub async fn run(project: &Project, args: &Show) -> Result<Exit> {
    let scripts = project.scripts()?;
    let editor = std::env::var("VISUAL").or_else(|_| std::env::var("EDITOR")).map_err(|_| {
        Error::new(ErrorKind::Config, "neither VISUAL nor EDITOR names an editor")
            .help("`EDITOR=nano aludel edit …`, for instance")
    })?;
    for id in project.named(&scripts, &args.revision).await? {
        let Some(script) = scripts.script(&id) else { continue };
        let file = project.config.script_location.join(&script.folder).join("revision.toml");
        let mut words = editor.split_whitespace();
        let run = Command::new(words.next().unwrap_or_default()).args(words).arg(&file).status();
        let status = run.map_err(|cause| {
            Error::new(ErrorKind::Config, format!("`{editor}` cannot be run")).with_source(cause)
        })?;
        if !status.success() {
            return Err(Error::new(ErrorKind::Config, format!("`{editor}` failed: {status}")));
        }
        if std::fs::read_to_string(&file).is_ok_and(|text| text != script.toml) {
            render::again(project, &[id])?;
        }
    }
    Ok(Exit::Done)
}
