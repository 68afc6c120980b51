//! The program that an answer becomes: it calls the check, and leaves what came of it in a file.

use std::any::Any;
use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::finding::{Checked, Finding, IN_TIME, NO_PANIC};

/// The variable that names the file.
pub const OUTCOME: &str = "ALUDEL_DRILL_OUTCOME";

/// How long an answer may take.
const TIME: Duration = Duration::from_secs(30);

/// What is in the file.
#[derive(Debug, Default, Deserialize, Serialize)]
pub struct Outcome {
    /// What is not as it should be.
    pub finding: Option<Finding>,
}

/// Runs the check, and writes the outcome.
pub fn main<F: Future<Output = Checked> + 'static>(check: fn() -> F) -> ExitCode {
    let finding = run(check, TIME).err();
    let written = match std::env::var_os(OUTCOME) {
        Some(file) => {
            let text = toml::to_string(&Outcome { finding: finding.clone() }).expect("texts are TOML");
            std::fs::write(Path::new(&file), text).is_ok()
        }
        None => {
            // Started by hand.
            println!("{}", finding.as_ref().map_or("passed".to_owned(), Finding::to_string));
            true
        }
    };
    if written && finding.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs a check to its end; a panic and a loop without end are findings.
///
/// # Errors
///
/// The finding.
///
/// # Panics
///
/// Panics where the system gives no thread.
pub fn run<F: Future<Output = Checked> + 'static>(check: fn() -> F, time: Duration) -> Checked {
    let (sender, outcome) = channel();
    let running = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime can be built");
        let checked = runtime.block_on(check());
        runtime.shutdown_background();
        // Nobody may wait any more.
        let _ = sender.send(checked);
    });
    match outcome.recv_timeout(time) {
        Ok(checked) => checked,
        Err(RecvTimeoutError::Timeout) => Err(Finding::new(
            IN_TIME,
            format_args!("an end after {} seconds at most", time.as_secs()),
            "it is still running",
        )),
        Err(RecvTimeoutError::Disconnected) => {
            let panic = running.join().expect_err("it ended without an outcome");
            Err(Finding::new(NO_PANIC, "no panic", message(&*panic)))
        }
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("a panic without a message")
}
