//! Compiles an answer together with its check, and runs it.

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use crate::Result;
use crate::answer::{OUTCOME, Outcome};
use crate::catalogue::{Drill, folder, read};
use crate::finding::Finding;

/// The variable that says what cargo builds in the place of `--package drills`: a test of the whole workspace says `--workspace`, so that
/// nothing is built a second time with fewer features.
pub const CARGO_SELECTION: &str = "ALUDEL_DRILLS_CARGO";

/// What came of an answer.
#[derive(Debug)]
pub enum Verdict {
    /// It does what it should.
    Passed,
    /// It does something else.
    Failed(Finding),
    /// It does not compile; the compiler has said why.
    NotCompiled,
    /// It ended before the check did.
    Died(ExitStatus),
}

impl Verdict {
    /// Returns the rule that it does not keep.
    #[must_use]
    pub fn rule(&self) -> Option<&str> {
        match self {
            Self::Passed => None,
            Self::Failed(finding) => Some(&finding.rule),
            Self::NotCompiled => Some("it compiles"),
            Self::Died(_) => Some("it runs to its end"),
        }
    }
}

/// Compiles and runs an answer. What the compiler and the answer print is printed.
///
/// # Errors
///
/// Cargo cannot be started, or the folder of the answer cannot be written.
pub fn check(drill: &Drill, answer: &Path) -> Result<Verdict> {
    let beside = answer.parent().unwrap_or(Path::new("."));
    let outcome = beside.join("outcome.toml");
    let _turn = turn().map_err(|error| format!("the lock of the target folder: {error}"))?;
    // It may be there no more.
    let _ = std::fs::remove_file(&outcome);

    let Some(program) = build(drill, answer)? else { return Ok(Verdict::NotCompiled) };
    let mut command = Command::new(&program);
    command.env(OUTCOME, &outcome);
    let status =
        command.status().map_err(|error| format!("{} cannot be started: {error}", program.display()))?;
    let Ok(text) = read(&outcome) else { return Ok(Verdict::Died(status)) };
    let _ = std::fs::remove_file(&outcome);
    let outcome: Outcome = toml::from_str(&text).map_err(|error| format!("the outcome: {error}"))?;
    Ok(outcome.finding.map_or(Verdict::Passed, Verdict::Failed))
}

/// Waits until no other `drills` compiles or runs an answer: each would run the other's program.
fn turn() -> std::io::Result<File> {
    let lock = File::create(std::env::current_exe()?.with_file_name("drills.lock"))?;
    lock.lock()?;
    Ok(lock)
}

/// Returns the program that cargo makes of an answer; `None` where the compiler refuses it, and has said why.
fn build(drill: &Drill, answer: &Path) -> Result<Option<PathBuf>> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or(OsString::from("cargo")));
    // Whoever has built `drills` has all that is needed.
    cargo.args(["build", "--quiet", "--offline", "--example", "answer", "--features", "drills/answer"]);
    cargo.args(["--message-format", "json-render-diagnostics"]);
    match std::env::var(CARGO_SELECTION) {
        Ok(selection) => cargo.arg(selection),
        Err(_) => cargo.args(["--package", "drills"]),
    };
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    cargo.env("ALUDEL_DRILL_ANSWER", std::path::absolute(answer).map_err(|error| error.to_string())?);
    cargo.env("ALUDEL_DRILL_CHECK", drill.check());
    let built = cargo.current_dir(folder()).stderr(Stdio::inherit()).output();
    let built = built.map_err(|error| format!("cargo cannot be started: {error}"))?;
    if !built.status.success() {
        return Ok(None);
    }
    let messages = String::from_utf8_lossy(&built.stdout);
    let program = messages.lines().find_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let is_answer = message["target"]["name"] == "answer" && message["target"]["kind"][0] == "example";
        message["executable"].as_str().filter(|_| is_answer).map(PathBuf::from)
    });
    program.map(Some).ok_or_else(|| "cargo does not say which program it made".to_owned())
}
