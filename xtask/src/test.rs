//! `cargo xtask test`: every test on every database, in this order:
//!
//! 1. find the databases (and install what is missing, where that is possible), start private servers;
//! 2. while they start, compile the tests;
//! 3. run unit, integration and compile-fail tests;
//! 4. run the documentation tests;
//! 5. end the servers, compare PARITY.md with what passed, and sum up.
//!
//! No output of any of it may show a secret: the passwords of the servers, and the canary in all secrets that tests make up.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::args::TestOptions;
use crate::database::Database;
use crate::failure::{Failure, Result};
use crate::outcome::Counts;
use crate::parity::{self, check::Surroundings};
use crate::runner::{Run, Runner, documentation_tests};
use crate::servers::{self, Servers};

/// Runs the tests. The exit code is a failure if any test, or the PARITY check, failed.
pub fn run(options: &TestOptions) -> Result<ExitCode> {
    let mut steps = Steps::default();
    // A part of the tests shows only a part of the rules.
    let everything = options.passed_on.is_empty();
    let docs = options.doc && everything;

    let runner = Runner::choose(options.plain);
    let here = steps.measure("setup", || Ok(servers::provide(&options.only)))?;
    if options.require_all && here != options.only {
        return Err(Failure::new("a database is missing, and --require-all was given")
            .help("the lines that begin with `skipped:` say which, and how to get it"));
    }
    let without = Database::ALL.into_iter().filter(|it| !here.contains(it)).collect();
    let mut servers = Servers::start(&here)?;
    let existing = steps.measure("compile", || runner.compile())?;
    steps.measure("servers", || servers.wait_until_ready())?;

    let variables = servers.variables(&here, options.long);
    let secrets = servers.secrets();
    let run = Run {
        without: &without,
        variables: &variables,
        long: options.long,
        secrets: &secrets,
        passed_on: &options.passed_on,
    };
    let mut outcomes = steps.measure("tests", || runner.run(&run, &existing))?;
    if docs {
        steps.measure("documentation", || documentation_tests(&mut outcomes, &variables, &secrets, false))?;
    }

    let databases: Vec<_> = here.iter().map(|it| servers.describe(*it)).collect();
    let stopped = steps.measure("end", || Ok(servers.stop()))?;
    println!("\ndatabases: {}", databases.join(", "));
    for database in &without {
        println!("           without {}", database.title());
    }
    println!("steps: {steps}");
    for name in outcomes.failed() {
        println!("failed: {name}");
    }
    for name in &outcomes.indiscreet {
        println!("shows a secret: {name}");
    }
    let shown = if everything {
        let here: Vec<_> = here.into_iter().collect();
        parity::compare(&outcomes, &Surroundings { here: &here, docs, cases_ran: true }).map(|report| {
            report.print();
            report.problems.is_empty()
        })
    } else {
        Ok(true)
    };
    for failure in [stopped.as_ref().err(), shown.as_ref().err()].into_iter().flatten() {
        println!("error: {failure}");
    }
    let Counts { passed, failed, skipped } = outcomes.counts();
    println!("\n{passed} passed, {failed} failed, {skipped} skipped");
    let good = failed == 0 && outcomes.indiscreet.is_empty() && stopped.is_ok() && matches!(shown, Ok(true));
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// How long each step took.
#[derive(Default)]
struct Steps(Vec<(&'static str, Duration)>);

impl Steps {
    fn measure<T>(&mut self, name: &'static str, step: impl FnOnce() -> Result<T>) -> Result<T> {
        let begin = Instant::now();
        let done = step();
        self.0.push((name, begin.elapsed()));
        done
    }
}

impl std::fmt::Display for Steps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let steps: Vec<_> =
            self.0.iter().map(|(name, took)| format!("{name} {:.1} s", took.as_secs_f64())).collect();
        f.write_str(&steps.join(", "))
    }
}
