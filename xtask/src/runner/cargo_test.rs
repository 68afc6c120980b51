//! Running the tests with plain `cargo test`, and giving them the names that cargo-nextest would.

use std::collections::BTreeMap;
use std::process::Stdio;

use super::{Run, does_not_compile, read_lines, with_variables};
use crate::cargo;
use crate::database::Database;
use crate::failure::{Doing, Failure, Result};
use crate::libtest::Reader;
use crate::outcome::{Outcome, Outcomes};
use crate::secrets::Secrets;

/// What cargo-nextest takes too: everything but benchmarks and documentation.
const TEST: [&str; 6] = ["test", "--workspace", "--lib", "--bins", "--tests", "--examples"];

/// Compiles the tests and lists them.
pub fn list() -> Result<Outcomes> {
    let mut outcomes = listed(&[])?;
    let ignored = listed(&["--ignored"])?;
    outcomes.tests.extend(ignored.tests.into_keys().map(|name| (name, Outcome::Ignored)));
    Ok(outcomes)
}

fn listed(which: &[&str]) -> Result<Outcomes> {
    let mut reader = Reader::new(programs()?, Secrets::default());
    let mut command = cargo::command();
    command.args(TEST).args(["--", "--list"]).args(which);
    if !read_lines(&mut command, &mut reader, false)? {
        return Err(Failure::new("`cargo test -- --list` failed"));
    }
    Ok(reader.outcomes)
}

/// Runs the tests. A test of a database that is not there returns at once, and counts as left out.
pub fn run(run: &Run<'_>) -> Result<Outcomes> {
    let mut reader = Reader::new(programs()?, run.secrets.clone());
    let mut command = cargo::command();
    command.args(TEST).args(["--no-fail-fast", "--", "--show-output"]).args(run.passed_on);
    let success = read_lines(with_variables(&mut command, run.variables), &mut reader, true)?;
    let mut outcomes = reader.outcomes;
    if !success && !outcomes.tests.values().any(|it| *it == Outcome::Failed) {
        return Err(Failure::new("`cargo test` failed, though no test did").help("its own message is above"));
    }
    for (name, outcome) in &mut outcomes.tests {
        let absent = Database::split_suffix(name).is_some_and(|(_, it)| run.without.contains(&it));
        if absent && matches!(outcome, Outcome::Passed | Outcome::Skipped) {
            *outcome = Outcome::LeftOut;
        }
    }
    Ok(outcomes)
}

/// Compiles the test programs. From the file name of each to its id, as nextest has it: `aludel` for the unit
/// tests of a library, `aludel::suite` for `tests/suite.rs`, `xtask::bin/xtask` for a program.
fn programs() -> Result<BTreeMap<String, String>> {
    let mut command = cargo::command();
    command.args(TEST).args(["--no-run", "--message-format", "json-render-diagnostics"]);
    let built = command.stderr(Stdio::inherit()).output().doing(|| format!("start {command:?}"))?;
    if !built.status.success() {
        return Err(does_not_compile());
    }
    let text = String::from_utf8_lossy(&built.stdout);
    Ok(text.lines().filter_map(program).collect())
}

/// Reads one of cargo's messages about what it built. The lines are made by a machine and never folded, so that
/// finding a field by its name is enough.
fn program(message: &str) -> Option<(String, String)> {
    let field = |text: &str, name: &str| {
        let (_, value) = text.split_once(&format!("\"{name}\":"))?;
        Some(value.trim_start_matches('[').strip_prefix('"')?.split('"').next()?.to_owned())
    };
    let executable = field(message, "executable")?;
    let id = field(message, "package_id")?;
    let (place, version) = id.split_once('#')?;
    // `…/crates/aludel-sql#0.1.0`, or `…/folder#name@0.1.0` where the folder has another name.
    let package =
        version.split_once('@').map_or_else(|| place.rsplit('/').next().unwrap_or(place), |it| it.0);
    let (_, target) = message.split_once("\"target\":")?;
    let name = field(target, "name")?;
    let id = match field(target, "kind")?.as_str() {
        "test" => format!("{package}::{name}"),
        kind @ ("bin" | "example" | "bench") => format!("{package}::{kind}/{name}"),
        _ => package.to_owned(),
    };
    Some((executable.rsplit('/').next()?.to_owned(), id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_get_the_ids_of_nextest() {
        let message = |id: &str, kind: &str, name: &str| {
            program(&format!(
                r#"{{"reason":"compiler-artifact","package_id":"path+file:///w/{id}","target":{{"kind":["{kind}"],"crate_types":["bin"],"name":"{name}"}},"executable":"/t/debug/deps/{name}-1f"}}"#
            ))
            .unwrap()
        };
        let pair = |file: &str, id: &str| (file.to_owned(), id.to_owned());
        assert_eq!(message("aludel-sql#0.1.0", "lib", "aludel_sql"), pair("aludel_sql-1f", "aludel-sql"));
        assert_eq!(message("a#aludel@0.1.0", "test", "suite"), pair("suite-1f", "aludel::suite"));
        assert_eq!(message("xtask#0.1.0", "bin", "xtask"), pair("xtask-1f", "xtask::bin/xtask"));
    }

    #[test]
    fn a_library_that_is_not_a_test_is_no_program() {
        assert_eq!(program(r#"{"package_id":"x#1","target":{"kind":["lib"]},"executable":null}"#), None);
    }
}
