//! Reads what `cargo test` prints: of integration tests when cargo-nextest is not there, and of documentation
//! tests always.
//!
//! Standard output and standard error come through one pipe, so that cargo's `Running` and `Doc-tests` lines stand
//! before the tests they announce.

use std::collections::BTreeMap;

use crate::outcome::{Outcome, Outcomes, trybuild_case};
use crate::secrets::Secrets;

/// Reads the output line by line.
#[derive(Debug, Default)]
pub struct Reader {
    /// From the file name of a test program to its id as nextest has it.
    programs: BTreeMap<String, String>,
    section: Section,
    /// A test whose result comes on a later line, as when tests run one at a time and print.
    pending: Option<String>,
    /// The test whose captured output is being shown.
    shown: Option<String>,
    secrets: Secrets,
    pub outcomes: Outcomes,
}

#[derive(Debug, Default, Clone, PartialEq)]
enum Section {
    /// Before the first program, or in one that is none of ours.
    #[default]
    Before,
    Program(String),
    Docs(String),
}

impl Reader {
    pub fn new(programs: BTreeMap<String, String>, secrets: Secrets) -> Self {
        Reader { programs, secrets, ..Reader::default() }
    }

    /// Reads one line.
    pub fn line(&mut self, line: &str) {
        let line = &strip_ansi(line);
        if self.secrets.are_in(line)
            && let Some(who) = self.who_prints()
        {
            self.outcomes.indiscreet.insert(who);
        }
        if let Some(section) = self.announced(line) {
            (self.section, self.pending, self.shown) = (section, None, None);
        } else if let Some(name) = line
            .strip_prefix("---- ")
            .and_then(|it| it.strip_suffix(" stdout ----").or(it.strip_suffix(" ----")))
        {
            self.shown = Some(name.to_owned());
        } else if matches!(line.as_str(), "successes:" | "failures:") {
            self.shown = None;
        } else if let Some((path, outcome)) = trybuild_case(line) {
            if let Section::Program(id) = &self.section {
                let package = id.split("::").next().unwrap_or(id);
                self.outcomes.cases.insert((package.to_owned(), path), outcome);
            }
        } else if self.shown.is_some() {
            if line.starts_with("skipped: ") {
                self.mark_skipped();
            }
        } else if let Some((name, rest)) = line.strip_prefix("test ").and_then(|it| it.split_once(" ...")) {
            match result(rest.trim_start()) {
                Some(outcome) => self.record(name, outcome),
                None => self.pending = Some(name.to_owned()),
            }
        } else if let Some(outcome) = result(line)
            && let Some(name) = self.pending.take()
        {
            self.record(&name, outcome);
        } else if let Some(name) = line.strip_suffix(": test") {
            // With `--list` nothing is run; what is listed counts as passed.
            self.record(name, Outcome::Passed);
        }
    }

    /// Names the test whose output is being shown, else what runs. The compiler may show what it likes.
    fn who_prints(&self) -> Option<String> {
        let what = match &self.section {
            Section::Before => return None,
            Section::Program(id) | Section::Docs(id) => id,
        };
        Some(match self.shown.as_ref().or(self.pending.as_ref()) {
            Some(test) => format!("{what} {test}"),
            None => what.to_owned(),
        })
    }

    fn announced(&self, line: &str) -> Option<Section> {
        let line = line.trim_start();
        if let Some(name) = line.strip_prefix("Doc-tests ") {
            return Some(Section::Docs(name.to_owned()));
        }
        let path = line.strip_prefix("Running ")?.strip_suffix(')')?.rsplit_once('(')?.1;
        let file = path.rsplit('/').next()?;
        Some(self.programs.get(file).map_or(Section::Before, |id| Section::Program(id.clone())))
    }

    fn record(&mut self, name: &str, outcome: Outcome) {
        let modes = [" - should panic", " - compile fail", " - compile"];
        let name = modes.iter().find_map(|mode| name.strip_suffix(mode)).unwrap_or(name);
        match &self.section {
            Section::Before => {}
            Section::Program(id) => _ = self.outcomes.tests.insert(format!("{id} {name}"), outcome),
            Section::Docs(name_of_crate) => {
                let item = documented_item(name_of_crate, name);
                self.outcomes.docs.entry(item).or_default().push(outcome);
            }
        }
    }

    fn mark_skipped(&mut self) {
        if let (Section::Program(id), Some(test)) = (&self.section, &self.shown)
            && let Some(outcome) = self.outcomes.tests.get_mut(&format!("{id} {test}"))
            && *outcome == Outcome::Passed
        {
            *outcome = Outcome::Skipped;
        }
    }
}

/// `("aludel_orm", "src/session.rs - session::Session::get (line 45)")` is `aludel_orm::session::Session::get`.
fn documented_item(name_of_crate: &str, test: &str) -> String {
    let item = test.split_once(" - ").map_or(test, |(_, item)| item);
    match item.split("(line ").next().unwrap_or(item).trim() {
        "" => name_of_crate.to_owned(),
        item => format!("{name_of_crate}::{item}"),
    }
}

fn result(text: &str) -> Option<Outcome> {
    match text.split([',', ' ']).next() {
        Some("ok") => Some(Outcome::Passed),
        Some("FAILED") => Some(Outcome::Failed),
        Some("ignored") => Some(Outcome::Ignored),
        _ => None,
    }
}

/// Takes colours away: trybuild writes them even into a pipe.
fn strip_ansi(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            chars.by_ref().find(char::is_ascii_alphabetic);
        } else {
            plain.push(c);
        }
    }
    plain.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Outcomes {
        let mut reader =
            Reader::new([("suite-12ab".into(), "aludel::suite".into())].into(), Secrets::default());
        text.lines().for_each(|line| reader.line(line));
        reader.outcomes
    }

    #[test]
    fn tests_of_a_program() {
        let outcomes = read(
            "
     Running tests/suite.rs (target/debug/deps/suite-12ab)

running 4 tests
test a::one ... ok
test a::two - should panic ... FAILED
test a::three ... ignored, slow
test a::four ... ok

successes:

---- a::four stdout ----
skipped: no server
login of sam:canary

failures:

---- a::two stdout ----
note: test did not panic as expected
",
        );
        let outcome = |name: &str| outcomes.tests[&format!("aludel::suite {name}")];
        assert_eq!(outcome("a::one"), Outcome::Passed);
        assert_eq!(outcome("a::two"), Outcome::Failed);
        assert_eq!(outcome("a::three"), Outcome::Ignored);
        assert_eq!(outcome("a::four"), Outcome::Skipped);
        assert_eq!(outcomes.indiscreet, ["aludel::suite a::four".to_owned()].into());
    }

    #[test]
    fn a_result_on_a_later_line() {
        let outcomes = read(
            "
     Running tests/suite.rs (target/debug/deps/suite-12ab)
test ui ... \u{1b}[0m
test \u{1b}[0m\u{1b}[1mtests/ui/wrong_type.rs\u{1b}[0m ... \u{1b}[0m\u{1b}[32mok
\u{1b}[0m
ok
",
        );
        assert_eq!(outcomes.tests["aludel::suite ui"], Outcome::Passed);
        assert_eq!(outcomes.cases[&("aludel".into(), "tests/ui/wrong_type.rs".into())], Outcome::Passed);
    }

    #[test]
    fn documentation_tests_are_gathered_by_item() {
        let outcomes = read(
            "
   Doc-tests aludel_orm
test crates/aludel-orm/src/lib.rs - (line 3) ... ok
test crates/aludel-orm/src/session.rs - session::Session::get (line 45) ... ok
test crates/aludel-orm/src/session.rs - session::Session::get (line 60) - compile fail ... FAILED
",
        );
        assert_eq!(outcomes.docs["aludel_orm"], [Outcome::Passed]);
        assert_eq!(outcomes.docs["aludel_orm::session::Session::get"], [Outcome::Passed, Outcome::Failed]);
    }
}
