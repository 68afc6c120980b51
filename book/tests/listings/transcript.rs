//! What a listing sent and printed.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::{env, fs};

use aludel::events::{Listener, StatementEvent, TransactionEvent};
use aludel::prelude::*;

/// The lines of a listing so far.
#[derive(Clone, Default)]
struct Transcript(Arc<Mutex<String>>);

tokio::task_local! {
    static CURRENT: Transcript;
}

impl Transcript {
    fn line(&self, line: &str) {
        let mut lines = self.0.lock().expect("nobody panics while it is locked");
        lines.push_str(line);
        lines.push('\n');
    }
}

/// Statements without their values, as the engine sent them.
impl Listener for Transcript {
    fn statement(&self, event: &StatementEvent<'_>) {
        self.line(event.sql);
    }

    fn transaction(&self, event: &TransactionEvent<'_>) {
        self.line(&event.step.to_string());
    }
}

/// Adds a printed line, with a mark before it.
pub fn print(text: &str) {
    CURRENT.with(|transcript| text.lines().for_each(|line| transcript.line(&format!("» {line}"))));
}

/// Runs a listing and compares its transcript with the file beside it.
pub async fn check<F: Future<Output = aludel::Result<()>>>(name: &str, run: impl FnOnce(Engine) -> F) {
    let transcript = Transcript::default();
    let engine = Engine::builder("sqlite::memory:").listen(transcript.clone()).build().expect("it is a URL");
    let outcome = CURRENT.scope(transcript.clone(), run(engine)).await;
    outcome.unwrap_or_else(|error| panic!("{name}: {error:?}"));

    let printed = std::mem::take(&mut *transcript.0.lock().expect("nobody panics while it is locked"));
    // What stands above the last mark only prepares.
    let printed = printed.rsplit_once("» ---\n").map_or(printed.as_str(), |(_, shown)| shown);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("listings").join(format!("{name}.txt"));
    if env::var("ALUDEL_BOOK").is_ok_and(|it| it == "overwrite") {
        fs::write(&file, printed).expect("the file can be written");
        return;
    }
    let recorded = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(
        printed, recorded,
        "{name}: run with ALUDEL_BOOK=overwrite if this is what the page should show"
    );
}
