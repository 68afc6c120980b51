//! `cargo xtask oracle`: SQLAlchemy's answers, recorded by a Python script for the tests of `crates/aludel/tests/oracle`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::failure::{Doing, Failure, Result};

/// Records the answers; with `check`, somewhere else, to be compared with those that are there.
pub fn run(check: bool) -> Result<ExitCode> {
    let recorded = folder();
    if !check {
        record(&recorded)?;
        return Ok(ExitCode::SUCCESS);
    }
    let anew = std::env::temp_dir().join(format!("aludel-oracle-{}", std::process::id()));
    fs::create_dir_all(&anew).doing(|| format!("make {}", anew.display()))?;
    let same = record(&anew).and_then(|()| compare(&recorded, &anew));
    fs::remove_dir_all(&anew).doing(|| format!("remove {}", anew.display()))?;
    same.map(|()| {
        println!("SQLAlchemy answers as it did when the answers were recorded.");
        ExitCode::SUCCESS
    })
}

fn folder() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    workspace.join("crates/aludel/tests/oracle/queries")
}

/// Runs the script, which writes into a folder.
fn record(into: &Path) -> Result {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = folder().join("record.py");
    let run =
        Command::new(&python).arg("-B").arg(script).arg(into).status().doing(|| format!("run `{python}`"))?;
    if run.success() {
        return Ok(());
    }
    Err(Failure::new("the script that asks SQLAlchemy has failed").help(
        "it needs SQLAlchemy: `python3 -m venv oracle && oracle/bin/pip install sqlalchemy`, then PYTHON=oracle/bin/python cargo xtask oracle",
    ))
}

fn compare(recorded: &Path, anew: &Path) -> Result {
    for name in ["data.json", "rows.json"] {
        let read = |folder: &Path| {
            let path = folder.join(name);
            let text = fs::read_to_string(&path).doing(|| format!("read {}", path.display()))?;
            // The first line of the answers says which versions have given them.
            Ok(if name == "rows.json" { text.lines().skip(1).collect() } else { text })
        };
        if read(recorded)? != read(anew)? {
            return Err(Failure::new(format!("SQLAlchemy gives another {name} than the recorded one")).help(
                "record it with `cargo xtask oracle`, and look at the difference before you commit it",
            ));
        }
    }
    Ok(())
}
