//! What became of each test of a run.

use std::collections::{BTreeMap, BTreeSet};

/// What became of one test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Passed,
    Failed,
    /// Marked `#[ignore]`.
    Ignored,
    /// It passed, but printed a line that begins with `skipped: `, so it showed nothing.
    Skipped,
    /// It exists and was left out of this run.
    LeftOut,
}

/// The outcomes of a run.
#[derive(Debug, Default, PartialEq)]
pub struct Outcomes {
    /// By full name as nextest prints it, `aludel::suite session::name::postgres`.
    pub tests: BTreeMap<String, Outcome>,
    /// The programs that trybuild compiled, by package and path: `("aludel", "tests/ui/wrong_type.rs")`.
    pub cases: BTreeMap<(String, String), Outcome>,
    /// The examples of each documented item, by path: `aludel_orm::session::Session::get`.
    pub docs: BTreeMap<String, Vec<Outcome>>,
    /// What printed a secret: a test, or a program between two of its tests.
    pub indiscreet: BTreeSet<String>,
}

/// The numbers of the closing line.
#[derive(Debug, Default, PartialEq)]
pub struct Counts {
    pub passed: usize,
    pub failed: usize,
    pub skipped: usize,
}

impl Outcomes {
    /// Counts tests and documentation tests. A compile-fail case is part of the test that compiles it.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for outcome in self.tests.values().chain(self.docs.values().flatten()) {
            match outcome {
                Outcome::Passed => counts.passed += 1,
                Outcome::Failed => counts.failed += 1,
                Outcome::Ignored | Outcome::Skipped | Outcome::LeftOut => counts.skipped += 1,
            }
        }
        counts
    }

    /// The full names of what failed.
    pub fn failed(&self) -> impl Iterator<Item = String> {
        let tests = self.tests.iter().filter(|(_, it)| **it == Outcome::Failed);
        let docs = self.docs.iter().filter(|(_, them)| them.contains(&Outcome::Failed));
        tests.map(|(name, _)| name.clone()).chain(docs.map(|(item, _)| format!("{item} (documentation)")))
    }
}

/// Reads what a test printed: the compile-fail cases in it, and whether it said that it skipped itself.
///
/// `record` is called with the path and outcome of each trybuild case.
pub fn read_output(output: &str, mut record: impl FnMut(String, Outcome)) -> bool {
    let mut skipped = false;
    for line in output.lines() {
        skipped |= line.starts_with("skipped: ");
        if let Some((path, outcome)) = trybuild_case(line) {
            record(path, outcome);
        }
    }
    skipped
}

/// Reads trybuild's `test tests/ui/wrong_type.rs ... ok`.
pub fn trybuild_case(line: &str) -> Option<(String, Outcome)> {
    let (path, result) = line.strip_prefix("test ")?.split_once(" ... ")?;
    let path = path.split(" [should ").next()?;
    let outcome = if result.trim() == "ok" { Outcome::Passed } else { Outcome::Failed };
    (path.contains('/') && path.ends_with(".rs")).then(|| (path.to_owned(), outcome))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trybuild_lines_are_told_from_test_lines() {
        let case = trybuild_case("test tests/ui/a.rs [should fail to compile] ... ok");
        assert_eq!(case, Some(("tests/ui/a.rs".into(), Outcome::Passed)));
        let case = trybuild_case("test tests/ui/a.rs ... mismatch");
        assert_eq!(case, Some(("tests/ui/a.rs".into(), Outcome::Failed)));
        assert_eq!(trybuild_case("test session::a ... ok"), None);
        assert_eq!(trybuild_case("test crates/aludel/src/lib.rs - a (line 3) ... ok"), None);
    }
}
