//! Running the tests with cargo-nextest.

use std::collections::BTreeSet;
use std::process::Stdio;

use super::{Run, does_not_compile, junit, with_variables};
use crate::cargo;
use crate::database::Database;
use crate::failure::{Doing, Failure, Result};
use crate::outcome::{Outcome, Outcomes};

/// Compiles the tests and lists them.
pub fn list() -> Result<Outcomes> {
    let mut outcomes = Outcomes::default();
    for (which, outcome) in [("all", Outcome::Passed), ("only", Outcome::Ignored)] {
        let mut command = cargo::command();
        command.args([
            "nextest",
            "list",
            "--workspace",
            "--message-format",
            "oneline",
            "--run-ignored",
            which,
        ]);
        let listed = command.stderr(Stdio::inherit()).output().doing(|| format!("start {command:?}"))?;
        if !listed.status.success() {
            return Err(does_not_compile());
        }
        let text = String::from_utf8_lossy(&listed.stdout);
        outcomes.tests.extend(text.lines().map(|name| (name.to_owned(), outcome)));
    }
    Ok(outcomes)
}

/// Runs the tests; what exists and was not run is ignored or left out.
pub fn run(run: &Run<'_>, existing: &Outcomes) -> Result<Outcomes> {
    let folder = cargo::scratch_folder()?;
    let (config, report) = (folder.join("nextest.toml"), folder.join("junit.xml"));
    let wanted = format!(
        "# Written anew by every run of `cargo xtask test`.\n\
         [profile.default.junit]\npath = {report:?}\nstore-success-output = true\n"
    );
    std::fs::write(&config, wanted).doing(|| format!("write {}", config.display()))?;
    // An old report must never be taken for the one of this run.
    _ = std::fs::remove_file(&report);

    let mut command = cargo::command();
    command.args(["nextest", "run", "--workspace", "--no-fail-fast"]);
    command.arg("--tool-config-file").arg(format!("xtask:{}", config.display()));
    if run.long {
        command.args(["--profile", "long"]);
    }
    command.args(narrow(run.passed_on, run.without));
    let status =
        with_variables(&mut command, run.variables).status().doing(|| format!("start {command:?}"))?;

    let report = std::fs::read_to_string(&report).map_err(|_| {
        Failure::new(format!("cargo-nextest ended without a report ({status})"))
            .help("its own message is above")
    })?;
    let mut outcomes = junit::read(&report, run.secrets);
    if !status.success() && !outcomes.tests.values().any(|it| *it == Outcome::Failed) {
        return Err(Failure::new(format!("cargo-nextest failed, though no test did ({status})"))
            .help("its own message is above"));
    }
    for (name, outcome) in &existing.tests {
        let outcome = if *outcome == Outcome::Ignored { Outcome::Ignored } else { Outcome::LeftOut };
        outcomes.tests.entry(name.clone()).or_insert(outcome);
    }
    Ok(outcomes)
}

/// Adds the filter that leaves out the tests of databases which are not there.
///
/// Nextest joins several `-E` by "or", so one that the caller wrote is narrowed in place.
fn narrow(args: &[String], without: &BTreeSet<Database>) -> Vec<String> {
    if without.is_empty() {
        return args.to_vec();
    }
    let names: Vec<_> = without.iter().map(|it| it.name()).collect();
    let others = format!("not test(/(^|::)({})$/)", names.join("|"));
    let mut narrowed = Vec::new();
    let mut found = false;
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let written = match arg.split_once('=') {
            Some(("-E" | "--filterset" | "--filter-expr", set)) => Some(set),
            _ if matches!(arg.as_str(), "-E" | "--filterset" | "--filter-expr") => {
                args.next().map(String::as_str)
            }
            _ => arg.strip_prefix("-E"),
        };
        match written {
            Some(set) => {
                found = true;
                narrowed.extend(["-E".to_owned(), format!("({set}) & {others}")]);
            }
            None => narrowed.push(arg.clone()),
        }
    }
    if !found {
        narrowed.splice(0..0, ["-E".to_owned(), others]);
    }
    narrowed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn narrowed(args: &[&str], without: &[Database]) -> Vec<String> {
        let args: Vec<_> = args.iter().map(ToString::to_string).collect();
        narrow(&args, &without.iter().copied().collect())
    }

    #[test]
    fn arguments_stay_as_they_are_when_every_database_is_there() {
        assert_eq!(narrowed(&["session", "-E", "all()"], &[]), ["session", "-E", "all()"]);
    }

    #[test]
    fn absent_databases_are_filtered_out() {
        let others = "not test(/(^|::)(postgres|mariadb)$/)";
        let without = [Database::Postgres, Database::Mariadb];
        assert_eq!(narrowed(&["session"], &without), ["-E", others, "session"]);
        let wanted = format!("(test(a)) & {others}");
        assert_eq!(
            narrowed(&["-E", "test(a)", "--retries", "1"], &without),
            ["-E", wanted.as_str(), "--retries", "1"]
        );
        assert_eq!(narrowed(&["--filterset=test(a)"], &without), ["-E", wanted.as_str()]);
    }
}
