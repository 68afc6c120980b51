//! What SQLAlchemy did in scenarios, as a `record.py` wrote it down, and what Aludel does in the same.

use std::collections::BTreeMap;

use serde::Deserialize;
use sha2::{Digest, Sha256};

/// Setting, operation, what Aludel does, why.
pub type Difference = (&'static str, &'static str, &'static str, &'static str);

/// What became of each operation of a setting.
pub type Outcomes = BTreeMap<String, String>;

#[derive(Deserialize)]
pub struct Recorded {
    recorded_with: BTreeMap<String, String>,
    sha256: String,
    pub outcomes: BTreeMap<String, Outcomes>,
}

impl Recorded {
    pub fn read(text: &str) -> Self {
        serde_json::from_str(text).expect("outcomes.json is as it was written")
    }

    /// Nobody has changed an outcome by hand.
    pub fn assert_is_as_it_was_written(text: &str) {
        let Self { recorded_with, sha256, outcomes } = Self::read(text);
        assert!(recorded_with.contains_key("sqlalchemy"));
        // In the order of the file.
        let mut lines = Vec::new();
        let mut setting = "";
        for line in text.lines().skip_while(|it| !it.contains("\"outcomes\"")).skip(1) {
            let mut words = line.split('"');
            match (words.nth(1), words.nth(1)) {
                (Some(name), None) => setting = name,
                (Some(operation), Some(outcome)) => lines.push(format!("{setting} {operation} {outcome}")),
                _ => {}
            }
        }
        assert_eq!(lines.len(), outcomes.values().map(Outcomes::len).sum::<usize>());
        let sum: String = Sha256::digest(lines.join("\n")).iter().map(|it| format!("{it:02x}")).collect();
        assert_eq!(sum, sha256);
    }
}

/// Aludel does what SQLAlchemy does, or differs as it is meant to.
pub fn compare(setting: &str, ours: &Outcomes, theirs: &Outcomes, differences: &[Difference]) {
    let mut wrong = Vec::new();
    for (operation, theirs) in theirs {
        let ours = &ours[operation];
        let intended = differences.iter().find(|it| it.0 == setting && it.1 == operation);
        let expected = intended.map_or(theirs.as_str(), |it| it.2);
        if ours != expected {
            let why = intended.map_or("", |it| it.3);
            wrong.push(format!("{setting} {operation}: SQLAlchemy `{theirs}`, Aludel `{ours}` {why}"));
        } else if intended.is_some() && ours == theirs {
            wrong.push(format!("{setting} {operation}: this is no difference any more"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
