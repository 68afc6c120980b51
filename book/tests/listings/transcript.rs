//! What a listing sent and printed.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::{env, fs};

use aludel::events::{Listener, StatementEvent, TransactionEvent};
use aludel::prelude::*;
use aludel_suite::{Database, Place};

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
    CURRENT.with(|transcript| text.lines().for_each(|line| transcript.line(&format!("» {}", lasting(line)))));
}

/// Leaves out what another run would print otherwise: how long something took, which port was free, and the folder of the listing.
fn lasting(line: &str) -> String {
    let words: Vec<&str> = line.split(' ').collect();
    let number = |word: &str| word.parse::<f64>().is_ok();
    let last = |(place, word): (usize, &&str)| {
        let bare = word.trim_end_matches([';', ',']);
        let rest = &word[bare.len()..];
        let seconds =
            number(bare) && words.get(place + 1).is_some_and(|next| next.trim_end_matches(',') == "s");
        let unit = ["ms", "µs", "s"].into_iter().find(|unit| bare.strip_suffix(unit).is_some_and(number));
        let port = |it: &str| it.len() > 4 && it.bytes().all(|it| it.is_ascii_digit());
        if let Some((host, _)) = bare.rsplit_once(':').filter(|(host, it)| *host == "127.0.0.1" && port(it)) {
            return format!("{host}:…{rest}");
        }
        match (unit, bare.rsplit_once("../listings/")) {
            (Some(unit), _) => format!("…{unit}{rest}"),
            (None, Some((_, file))) => format!("{file}{rest}"),
            (None, None) if seconds => format!("…{rest}"),
            (None, None) => (*word).to_owned(),
        }
    };
    words.iter().enumerate().map(last).collect::<Vec<_>>().join(" ")
}

/// Where a listing runs.
#[derive(Clone, Copy, Debug)]
pub enum On {
    /// SQLite in memory.
    Memory,
    /// SQLite in a file, which a reader does not keep from being written.
    File,
    /// PostgreSQL, a database of its own.
    Postgres,
}

impl On {
    fn database(self) -> Database {
        match self {
            Self::Memory | Self::File => Database::Sqlite,
            Self::Postgres => Database::Postgres,
        }
    }
}

/// Runs a listing and compares its transcript with the file beside it.
pub async fn check<F: Future<Output = aludel::Result<()>>>(
    name: &str,
    on: On,
    run: impl FnOnce(Engine) -> F,
) {
    let transcript = Transcript::default();
    let Some(server) = on.database().server() else { return };
    let place = match on {
        On::Memory => None,
        On::File | On::Postgres => {
            Some(Place::create(on.database(), &server).await.expect("it can be created"))
        }
    };
    let url = place.as_ref().map_or("sqlite::memory:", |place| &place.url);
    let engine = Engine::builder(url).listen(transcript.clone()).build().expect("it is a URL");
    let outcome = CURRENT.scope(transcript.clone(), run(engine)).await;
    if let Some(place) = place {
        place.remove().await.expect("it can be removed");
    }
    outcome.unwrap_or_else(|error| panic!("{name}: {error:?}"));

    let printed = std::mem::take(&mut *transcript.0.lock().expect("nobody panics while it is locked"));
    // What stands above the last mark only prepares.
    let printed = printed.rsplit_once("» ---\n").map_or(printed.as_str(), |(_, shown)| shown);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("listings").join(format!("{name}.txt"));
    compare(&file, printed);
}

/// Compares what was printed with the file that the page shows, or writes it there.
pub fn compare(file: &Path, printed: &str) {
    if env::var("ALUDEL_BOOK").is_ok_and(|it| it == "overwrite") {
        fs::write(file, printed).expect("the file can be written");
        return;
    }
    let recorded = fs::read_to_string(file).unwrap_or_default();
    assert_eq!(
        printed,
        recorded,
        "{}: run with ALUDEL_BOOK=overwrite if this is what the page should show",
        file.display()
    );
}
