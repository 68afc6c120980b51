//! `aludel completions`.

use aludel::Result;
use clap::CommandFactory;

use crate::Exit;
use crate::args::{Args, Completions};
use crate::output::print;

/// Prints a script that completes commands and flags. It needs no project.
pub fn run(args: &Completions) -> Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "aludel", &mut script);
    print(&String::from_utf8_lossy(&script));
    Ok(Exit::Done)
}
