//! PARITY.md: which rule is shown by which test on which database, and the check that this is true.
//!
//! [`table`] reads the rows, [`check`] compares them with the outcomes of a run, [`cases`] finds the compile-fail
//! programs on disk.

pub mod cases;
pub mod check;
pub mod table;

use std::process::ExitCode;

use check::{Report, Surroundings};

use crate::cargo;
use crate::database::Database;
use crate::failure::{Doing, Failure, Result};
use crate::outcome::Outcomes;
use crate::runner::{Runner, documentation_tests};
use crate::secrets::Secrets;

/// `cargo xtask parity`: checks that each named test exists, and runs nothing.
pub fn run(plain: bool) -> Result<ExitCode> {
    let runner = Runner::choose(plain);
    let mut existing = runner.compile()?;
    documentation_tests(&mut existing, &[], &Secrets::default(), true)?;
    let report = compare(&existing, &Surroundings { here: &Database::ALL, docs: true, cases_ran: false })?;
    println!("nothing was run: here a row counts as shown when what it names exists");
    report.print();
    Ok(if report.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Compares PARITY.md with the outcomes of a run.
pub fn compare(outcomes: &Outcomes, surroundings: &Surroundings<'_>) -> Result<Report> {
    let root = cargo::root();
    let text = std::fs::read_to_string(root.join("PARITY.md")).doing(|| "read PARITY.md".into())?;
    let rows = table::read(&text).map_err(|mistakes| {
        Failure::new(format!("PARITY.md cannot be read\n  {}", mistakes.join("\n  ")))
            .help("its first section describes the columns")
    })?;
    Ok(check::check(&rows, outcomes, &cases::find(&root)?, surroundings))
}
