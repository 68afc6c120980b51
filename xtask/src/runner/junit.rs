//! Reads the JUnit report of cargo-nextest: the parts that say which test ended how, and what it printed.

use crate::outcome::{Outcome, Outcomes, read_output};
use crate::secrets::Secrets;

/// Reads a report, and looks for secrets in it.
pub fn read(report: &str, secrets: &Secrets) -> Outcomes {
    let mut outcomes = Outcomes::default();
    let mut program = String::new();
    let mut test: Option<Test> = None;
    let mut rest = report;
    while let Some(tag) = Tag::next(&mut rest) {
        match (tag.name, &mut test) {
            ("testsuite", _) => program = tag.attribute("name"),
            ("testcase", _) => test = Some(Test { name: tag.attribute("name"), outcome: Outcome::Passed }),
            ("failure" | "error", Some(test)) => {
                test.outcome = Outcome::Failed;
                if secrets.are_in(&unescape(rest.split('<').next().unwrap_or(""))) {
                    outcomes.indiscreet.insert(format!("{program} {}", test.name));
                }
            }
            ("skipped", Some(test)) => test.outcome = Outcome::LeftOut,
            ("system-out" | "system-err", Some(test)) => {
                let output = unescape(rest.split('<').next().unwrap_or(""));
                let package = program.split("::").next().unwrap_or(&program);
                let skipped = read_output(&output, |path, outcome| {
                    outcomes.cases.insert((package.to_owned(), path), outcome);
                });
                if secrets.are_in(&output) {
                    outcomes.indiscreet.insert(format!("{program} {}", test.name));
                }
                if skipped && test.outcome == Outcome::Passed {
                    test.outcome = Outcome::Skipped;
                }
            }
            _ => {}
        }
        if (tag.name == "/testcase" || (tag.name == "testcase" && tag.empty))
            && let Some(test) = test.take()
        {
            outcomes.tests.insert(format!("{program} {}", test.name), test.outcome);
        }
    }
    outcomes
}

struct Test {
    name: String,
    outcome: Outcome,
}

struct Tag<'a> {
    name: &'a str,
    attributes: &'a str,
    empty: bool,
}

impl<'a> Tag<'a> {
    /// Takes the next tag off the text. A `>` inside quotes does not end it.
    fn next(rest: &mut &'a str) -> Option<Tag<'a>> {
        let start = rest.find('<')? + 1;
        let mut quoted = false;
        let length = rest[start..].find(|c| {
            quoted ^= c == '"';
            c == '>' && !quoted
        })?;
        let inside = &rest[start..start + length];
        *rest = &rest[start + length + 1..];
        let (inside, empty) = inside.strip_suffix('/').map_or((inside, false), |it| (it, true));
        let (name, attributes) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
        Some(Tag { name, attributes, empty })
    }

    fn attribute(&self, name: &str) -> String {
        let start = format!("{name}=\"");
        let value = match self.attributes.strip_prefix(&start) {
            Some(value) => value,
            None => self.attributes.split_once(&format!(" {start}")).map_or("", |(_, value)| value),
        };
        unescape(value.split('"').next().unwrap_or(""))
    }
}

fn unescape(text: &str) -> String {
    // `&amp;` last, or `&amp;lt;` would become `<`.
    let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    pairs.iter().fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report() {
        let outcomes = read(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="nextest-run" tests="5">
    <testsuite name="aludel::suite" tests="4">
        <testcase name="a::passes" classname="aludel::suite" time="0.1">
            <system-out>
running 1 test
</system-out>
            <system-err></system-err>
        </testcase>
        <testcase name="a::fails" classname="aludel::suite">
            <failure message="left > right &lt;testcase name=" type="x">skipped: not this</failure>
        </testcase>
        <testcase name="a::skips" classname="aludel::suite">
            <system-out>skipped: no server</system-out><system-err>of a &lt;canary&gt;</system-err>
        </testcase>
        <testcase name="a::flaky" classname="aludel::suite"><flakyFailure message="x"/></testcase>
        <testcase name="a::short" classname="aludel::suite"/>
    </testsuite>
    <testsuite name="aludel::compile_fail">
        <testcase name="ui">
            <system-err>test tests/ui/a.rs ... ok
test tests/ui/b.rs ... mismatch
</system-err>
        </testcase>
    </testsuite>
</testsuites>"#,
            &Secrets::default(),
        );
        let outcome = |name: &str| outcomes.tests[&format!("aludel::suite {name}")];
        assert_eq!(outcome("a::passes"), Outcome::Passed);
        assert_eq!(outcome("a::fails"), Outcome::Failed);
        assert_eq!(outcome("a::skips"), Outcome::Skipped);
        assert_eq!(outcome("a::flaky"), Outcome::Passed);
        assert_eq!(outcome("a::short"), Outcome::Passed);
        assert_eq!(outcomes.cases[&("aludel".into(), "tests/ui/a.rs".into())], Outcome::Passed);
        assert_eq!(outcomes.cases[&("aludel".into(), "tests/ui/b.rs".into())], Outcome::Failed);
        assert_eq!(outcomes.tests.len(), 6);
        assert_eq!(outcomes.indiscreet, ["aludel::suite a::skips".to_owned()].into());
    }
}
