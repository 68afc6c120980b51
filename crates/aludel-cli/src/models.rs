//! The tables of the models, as the program of the project prints them.

use std::process::{Command, Stdio};

use aludel::migrate::read_metadata;
use aludel::{Error, ErrorKind, Metadata, Result};

use crate::config::Config;

/// Runs the program and reads what it prints. What it says on the side (a build, for instance) goes to the terminal.
pub fn read(config: &Config) -> Result<Metadata> {
    let Some((program, args)) = config.metadata.split_first() else {
        return Err(Error::new(ErrorKind::Config, "nothing says how to get the tables of the models").help(
            "name the program in aludel.toml: `metadata = \"cargo run --quiet --example aludel_metadata\"`; `aludel init` writes both",
        ));
    };
    let shown = config.metadata.join(" ");
    let run = Command::new(program).args(args).stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let out = run.map_err(|cause| {
        Error::new(ErrorKind::Config, format!("`{shown}` cannot be run")).with_source(cause)
    })?;
    if !out.status.success() {
        return Err(Error::new(ErrorKind::Config, format!("`{shown}` failed: {}", out.status))
            .help("it prints the tables of the models; what it says is above"));
    }
    let text = String::from_utf8_lossy(&out.stdout);
    let metadata =
        read_metadata(&text).map_err(|error| error.doing(format!("reading what `{shown}` printed")))?;
    if metadata.tables().is_empty() {
        return Err(Error::new(ErrorKind::Config, format!("`{shown}` knows no tables")).help(
            "an entity counts when it is linked into that program: it must name the crate, or the module, that has the entities",
        ));
    }
    Ok(metadata)
}
