//! The two ways to run the tests: cargo-nextest where it is installed, plain `cargo test` where it is not.
//!
//! Both give the same [`Outcomes`] under the same names.

mod cargo_test;
mod junit;
mod nextest;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::cargo;
use crate::database::Database;
use crate::failure::{Doing, Failure, Result};
use crate::libtest::Reader;
use crate::outcome::Outcomes;
use crate::secrets::Secrets;

/// A program that runs tests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Runner {
    Nextest,
    CargoTest,
}

/// What to run, and with what.
pub struct Run<'a> {
    /// Databases whose tests are left out.
    pub without: &'a BTreeSet<Database>,
    /// Variables for the tests; `None` takes one away.
    pub variables: &'a [(&'static str, Option<String>)],
    pub long: bool,
    /// What no output may show.
    pub secrets: &'a Secrets,
    /// Arguments that the caller of xtask wrote after `--`.
    pub passed_on: &'a [String],
}

impl Runner {
    /// Takes cargo-nextest if it is there and not refused, and says which is taken.
    pub fn choose(plain: bool) -> Runner {
        let there = || {
            let version = cargo::command().args(["nextest", "--version"]).output().ok()?;
            let text = String::from_utf8_lossy(&version.stdout);
            version.status.success().then(|| text.lines().next().unwrap_or_default().to_owned())
        };
        if plain {
            println!("runner: cargo test (asked for)");
            Runner::CargoTest
        } else if let Some(version) = there() {
            println!("runner: {version}");
            Runner::Nextest
        } else {
            println!(
                "runner: cargo test (slower; `cargo install cargo-nextest --locked` gets the faster one)"
            );
            Runner::CargoTest
        }
    }

    /// Compiles every test. What exists is returned as passed, or as ignored.
    pub fn compile(self) -> Result<Outcomes> {
        match self {
            Runner::Nextest => nextest::list(),
            Runner::CargoTest => cargo_test::list(),
        }
    }

    /// Runs the tests. `existing` is what [`compile`](Self::compile) returned.
    pub fn run(self, run: &Run<'_>, existing: &Outcomes) -> Result<Outcomes> {
        match self {
            Runner::Nextest => nextest::run(run, existing),
            Runner::CargoTest => cargo_test::run(run),
        }
    }
}

/// Runs the documentation tests into `outcomes`, or with `list` only takes them down.
pub fn documentation_tests(
    outcomes: &mut Outcomes,
    variables: &[(&'static str, Option<String>)],
    secrets: &Secrets,
    list: bool,
) -> Result {
    let mut command = cargo::command();
    command.args(["test", "--workspace", "--doc", "--no-fail-fast"]);
    if list {
        command.args(["--", "--list"]);
    }
    let mut reader = Reader::new(BTreeMap::new(), secrets.clone());
    let success = read_lines(with_variables(&mut command, variables), &mut reader, !list)?;
    outcomes.indiscreet.extend(reader.outcomes.indiscreet);
    let docs = reader.outcomes.docs;
    if !success && !docs.values().flatten().any(|it| *it == crate::outcome::Outcome::Failed) {
        return Err(Failure::new("`cargo test --doc` ended before it ran the documentation tests")
            .help("its own message is above"));
    }
    outcomes.docs = docs;
    Ok(())
}

fn with_variables<'a>(
    command: &'a mut Command,
    variables: &[(&'static str, Option<String>)],
) -> &'a mut Command {
    for (name, value) in variables {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

/// Runs a command with both its outputs in one pipe, shows each line and hands it to the reader. Returns whether
/// the command succeeded.
fn read_lines(command: &mut Command, reader: &mut Reader, show: bool) -> Result<bool> {
    let (output, input) = std::io::pipe().doing(|| "open a pipe".into())?;
    let both = input.try_clone().doing(|| "open a pipe".into())?;
    command.stdin(Stdio::null()).stdout(input).stderr(both);
    let mut child = command.spawn().doing(|| format!("start {command:?}"))?;
    // The command holds the writing end: as long as it lives here too, the pipe would never end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut output = BufReader::new(output);
    let mut line = Vec::new();
    while output.read_until(b'\n', &mut line).doing(|| "read the output of cargo".into())? > 0 {
        let text = String::from_utf8_lossy(&line);
        if show {
            print!("{text}");
        }
        reader.line(text.trim_end_matches('\n'));
        line.clear();
    }
    Ok(child.wait().doing(|| "wait for cargo".into())?.success())
}

fn does_not_compile() -> Failure {
    Failure::new("the tests do not compile").help("the compiler's message is above")
}
