//! The chores of this repository: `cargo xtask test`, `servers`, `parity`, `book`, `oracle`.
//!
//! Only the standard library is used, so that this program is built in a second and never waits for the crates
//! it tests. It runs on Linux and macOS. Read [`mod@test`] first: it is the list of steps.

mod args;
mod cargo;
mod database;
mod failure;
mod install;
mod libtest;
mod oracle;
mod outcome;
mod parity;
mod runner;
mod secrets;
mod servers;
mod step_down;
mod test;

use std::process::ExitCode;

use args::Command;
use failure::{Doing, Result};

fn main() -> ExitCode {
    let done = args::parse(std::env::args().skip(1)).and_then(|command| match command {
        Command::Help => {
            print!("{}", args::HELP);
            Ok(ExitCode::SUCCESS)
        }
        Command::Test(options) => test::run(&options),
        Command::Servers { only } => servers::keep_for_developer(&only),
        Command::Parity { plain } => parity::run(plain),
        Command::Book => book(),
        Command::Oracle { check } => oracle::run(check),
        Command::Keep { database, durable } => Ok(servers::keeper::run(database, durable)),
    });
    done.unwrap_or_else(|failure| {
        eprintln!("error: {failure}");
        ExitCode::FAILURE
    })
}

/// The program that builds the book needs mdBook; this one does not wait for it.
fn book() -> Result<ExitCode> {
    let mut command = cargo::command();
    command.args(["run", "--quiet", "--package", "aludel-book"]);
    let status = command.status().doing(|| format!("start {command:?}"))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
