//! What SQLAlchemy answered, and whether Aludel does the same.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Map, Value};

/// The answers of a group of statements, and what was found out so far.
pub struct Answers {
    group: &'static str,
    expected: Map<String, Value>,
    asked: BTreeSet<&'static str>,
    wrong: Vec<String>,
}

impl Answers {
    /// Reads what SQLAlchemy answered to a group of statements.
    pub fn of(group: &'static str) -> Self {
        let recorded: Value = serde_json::from_str(include_str!("rows.json")).expect("JSON");
        let expected = recorded["rows"][group].as_object().expect("a group").clone();
        Self { group, expected, asked: BTreeSet::new(), wrong: Vec::new() }
    }

    /// Compares the rows of a statement.
    pub fn compare<T: Serialize>(&mut self, name: &'static str, rows: aludel::Result<Vec<T>>) {
        self.asked.insert(name);
        let Some(expected) = self.expected.get(name) else {
            self.wrong.push(format!("{name}: SQLAlchemy was not asked"));
            return;
        };
        match rows {
            Err(error) => self.wrong.push(format!("{name}: {error}")),
            Ok(rows) => {
                let found = serde_json::to_value(rows).expect("rows are JSON");
                if !same(&found, expected) {
                    self.wrong.push(format!("{name}:\n       found {found}\n  SQLAlchemy {expected}"));
                }
            }
        }
    }

    /// Tells what was wrong, if anything.
    ///
    /// # Panics
    ///
    /// Panics if an answer was another one, or a statement was left out.
    pub fn finish(self) {
        let left_out: Vec<_> =
            self.expected.keys().filter(|name| !self.asked.contains(name.as_str())).collect();
        assert!(left_out.is_empty(), "{}: not asked: {left_out:?}", self.group);
        assert!(self.wrong.is_empty(), "{}: {}", self.group, self.wrong.join("\n"));
    }
}

/// Tells whether two values are the same. Averages were written down with ten digits.
fn same(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::Array(found), Value::Array(expected)) => {
            found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| same(a, b))
        }
        (Value::Number(a), Value::Number(b)) if a.is_f64() || b.is_f64() => {
            let (a, b) = (a.as_f64().expect("a number"), b.as_f64().expect("a number"));
            (a - b).abs() <= 1e-9 * a.abs().max(1.0)
        }
        (found, expected) => found == expected,
    }
}

#[test]
fn at_least_150_statements_are_recorded() {
    let recorded: Value = serde_json::from_str(include_str!("rows.json")).expect("JSON");
    let groups = recorded["rows"].as_object().expect("groups");
    let statements: usize = groups.values().map(|it| it.as_object().expect("a group").len()).sum();
    assert!(statements >= 150, "{statements}");
    assert_eq!(recorded["made_by"]["statements"], statements);
    assert_eq!(recorded["made_by"]["sha256"].as_str().map(str::len), Some(64));
}
